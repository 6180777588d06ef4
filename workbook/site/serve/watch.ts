import path from 'node:path'
import { watch as watchFiles } from 'chokidar'
import { FOLDER } from '../assets.ts'
import type { Site } from '../site.ts'

/** Hears of every change to what pages are made of. */
export interface Watching {
  close(): Promise<void>
}

/**
 * Calls `onChange` after files have changed; while it runs, further changes are collected, and then it
 * runs once more.
 */
export async function watch(
  site: Site,
  onChange: (files: readonly string[]) => Promise<void>,
): Promise<Watching> {
  const { root } = site.files
  const watcher = watchFiles(['docs', 'labs'].map((folder) => path.join(root, folder)).concat(FOLDER), {
    ignoreInitial: true,
    ignored: isNoise,
  })
  const heard = new Set<string>()
  let running: Promise<void> | null = null
  const run = async (): Promise<void> => {
    while (heard.size > 0) {
      // Whoever writes a file empties it first: most of the time the rest has come one turn later.
      await new Promise((resolve) => void setImmediate(resolve))
      const files = [...heard].filter((file) => site.files.hasChanged(file))
      heard.clear()
      if (files.length > 0) await onChange(files)
    }
    running = null
  }
  const hear = (place: string): void => {
    if (isNoise(place)) return
    if (place.startsWith(FOLDER)) site.forgetAssets()
    heard.add(path.relative(root, place).split(path.sep).join('/'))
    running ??= run()
  }
  // `change` of chokidar is not for us: it drops a second change within 50 ms, and so perhaps the last one.
  for (const event of ['add', 'unlink', 'addDir', 'unlinkDir'] as const) watcher.on(event, hear)
  watcher.on('raw', (_event, name, details) => {
    const { watchedPath = '' } = details as { watchedPath?: string }
    hear(path.basename(watchedPath) === name ? watchedPath : path.join(watchedPath, name))
  })
  await new Promise<void>((resolve) => void watcher.once('ready', () => resolve()))
  return {
    async close() {
      await watcher.close()
      await running
    },
  }
}

// --- internal ---

/** What editors leave for a moment, and what `npm run reset` keeps. */
function isNoise(place: string): boolean {
  return /(?:~|\.swp|\.swx|\.tmp)$|\/(?:4913|\.#[^/]*|\.backup)(?:\/|$)/.test(place)
}
