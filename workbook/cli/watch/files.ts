import { watch as watchTree, type FSWatcher } from 'chokidar'
import { statSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from '../../course/lab.ts'
import { graderFilesOf } from '../../course/suite-files.ts'
import { fingerprintOf } from '../fingerprint.ts'

export interface FileWatch {
  /** The files as they are now were seen: only what comes after is news. */
  seen(): void
  close(): Promise<void>
}

export interface WatchOptions {
  /** Look at the files again and again, and ask for no events. */
  readonly poll: boolean
  /** Something that a verdict depends on has another text than before. */
  readonly onChange: () => void
  /** Events do not arrive here, for this reason: from now on the files are looked at. */
  readonly onPolling: (why: string) => void
}

/** How often the files are looked at: where events come, only to find out whether they still do. */
const LOOK_MILLISECONDS = { beside: 1_000, alone: 250 } as const

/**
 * Watches what the verdicts on a lab depend on. It tells of a change of text, not of a save: an editor
 * that writes aside and renames, or writes twice, says the same thing once.
 */
export function watchFiles(root: string, lab: Lab, options: WatchOptions): FileWatch {
  const folders = [`labs/${lab.id}`, 'labs/kit'].map((folder) => path.join(root, folder))
  const files = [...graderFilesOf(root, lab.id), `labs/${lab.id}/predictions.md`].map((file) =>
    path.join(root, file),
  )
  let polling = options.poll
  let known = textOf(root, lab)
  /** What a look found and no event has told. */
  let untold: string | null = null
  let timer: NodeJS.Timeout | undefined
  let watcher: FSWatcher | null = null

  const look = (told: boolean): void => {
    const now = textOf(root, lab)
    if (told) untold = null
    if (now === known) return
    known = now
    if (!told && !polling) untold = now
    options.onChange()
  }
  const goOnPolling = (why: string): void => {
    if (polling) return
    polling = true
    void watcher?.close()
    start()
    options.onPolling(why)
  }
  const start = (): void => {
    clearInterval(timer)
    timer = setInterval(
      () => {
        if (untold !== null) goOnPolling('no event came for your last save')
        look(false)
      },
      polling ? LOOK_MILLISECONDS.alone : LOOK_MILLISECONDS.beside,
    )
  }

  if (!polling) {
    watcher = watchTree([...folders, ...files], { ignoreInitial: true, depth: 0, ignored: isHidden })
    watcher.on('all', () => look(true))
    watcher.on('error', (error) => goOnPolling((error as Error).message))
  }
  start()
  return {
    seen: () => void (known = textOf(root, lab)),
    close: async () => {
      clearInterval(timer)
      await watcher?.close()
    },
  }
}

// --- internal ---

/** What stands for the texts, the ticks of the predictions among them. */
function textOf(root: string, lab: Lab): string {
  const predictions = statSync(path.join(root, 'labs', lab.id, 'predictions.md'), { throwIfNoEntry: false })
  return `${fingerprintOf(root, lab)} ${predictions?.mtimeMs ?? 0} ${predictions?.size ?? 0}`
}

function isHidden(file: string): boolean {
  return path.basename(file).startsWith('.')
}
