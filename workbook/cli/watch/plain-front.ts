import { endLines, newsLines } from '../../report/watch-lines.ts'
import { terminal } from '../terminal.ts'
import type { Front } from './front.ts'
import type { WatchState } from './state.ts'

/** Lines, one after the other, for a pipe, a log or a terminal that knows no screens. */
export class PlainFront implements Front {
  #lab = ''
  #told = new Set<string>()
  #runs = 0

  show({ lab, run, before, result }: WatchState): void {
    if (lab.id !== this.#lab) this.#begin(lab.id, `${lab.number}, ${lab.title}`, run.file)
    if (run.running && run.checks.length === 0 && run.planned.length === 0) return this.#beginRun()
    const lines = newsLines(run, before, this.#told, terminal())
    if (result) lines.push(...endLines(run, terminal()))
    this.#print(lines)
  }

  say(text: string): void {
    this.#print([text])
  }

  close(): void {
    // Nothing to give back.
  }

  // --- internal ---

  #begin(id: string, name: string, file: string): void {
    this.#lab = id
    this.#print([
      `Watching lab ${name}: save ${file}, and it is graded. Ctrl-C ends this.`,
      `read      labs/${id}/README.md`,
      '',
    ])
  }

  #beginRun(): void {
    this.#told = new Set()
    if (this.#runs++ > 0) this.#print(['', 'Saved.'])
  }

  #print(lines: readonly string[]): void {
    if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`)
  }
}
