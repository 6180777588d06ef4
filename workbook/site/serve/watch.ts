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
  let changed = new Set<string>()
  let running: Promise<void> | null = null
  const run = async (): Promise<void> => {
    while (changed.size > 0) {
      const files = [...changed]
      changed = new Set()
      await onChange(files)
    }
    running = null
  }
  watcher.on('all', (_event, place) => {
    const file = path.relative(root, place).split(path.sep).join('/')
    site.files.forget(file)
    if (place.startsWith(FOLDER)) site.forgetAssets()
    changed.add(file)
    running ??= run()
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
