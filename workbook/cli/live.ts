import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { root } from '../bundle/root.ts'
import { liveOf } from '../report/live.ts'
import type { RunSoFar } from '../report/so-far.ts'
import { writeWhole } from './atomic-write.ts'

/** Where the docs server looks for it; git ignores the folder. */
const LIVE_FILE = path.join(root, '.workbook/live.json')

/**
 * Writes how far a run has come, for a page that follows it (report/live.ts). Several verdicts of one
 * moment are written once. A page that cannot be told costs nobody a verdict.
 */
export class LiveFile {
  #id = ''
  #pending: RunSoFar | null = null

  /** From here on it is another run. */
  begin(): void {
    this.#id = randomBytes(6).toString('hex')
  }

  write(run: RunSoFar): void {
    if (this.#pending === null) setImmediate(() => this.flush())
    this.#pending = run
  }

  /** Writes what is still to be written, before the process ends. */
  flush(): void {
    if (this.#pending === null) return
    writeWhole(LIVE_FILE, `${JSON.stringify(liveOf(this.#pending, this.#id))}\n`)
    this.#pending = null
  }
}
