import { watch } from 'chokidar'
import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Live } from '../report/live.ts'

/**
 * Calls `onRun` with what `grade` or `watch` has written of a run (live.ts): once for what is there, and
 * then as each verdict comes. What cannot be read is left out; the next verdict replaces it.
 *
 * @returns Stops following.
 */
export async function followLive(root: string, onRun: (live: Live) => void): Promise<() => Promise<void>> {
  const folder = path.join(root, '.workbook')
  const file = path.join(folder, 'live.json')
  mkdirSync(folder, { recursive: true })
  const read = (): void => {
    const live = readLive(file)
    if (live) onRun(live)
  }
  // The folder: the file is replaced whole each time, and a replaced one is no longer followed.
  const watcher = watch(folder, { ignoreInitial: true, depth: 0 })
  watcher.on('raw', (_event, name) => {
    if (path.basename(name) === path.basename(file)) read()
  })
  await new Promise<void>((resolve) => void watcher.once('ready', () => resolve()))
  read()
  return () => watcher.close()
}

// --- internal ---

function readLive(file: string): Live | null {
  try {
    const live = JSON.parse(readFileSync(file, 'utf8')) as Live
    return live.format === 1 ? live : null
  } catch {
    return null
  }
}
