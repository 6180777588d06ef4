import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Checkout } from './checkout.ts'
import { processesOf, until } from './processes.ts'

const ENDED = /ended with (\d+)/

export interface WindowOptions {
  readonly columns?: number
  readonly rows?: number
  readonly env?: Readonly<Record<string, string>>
}

/** A command of the workbook in a real terminal, with a tmux of its own that tells us when it writes. */
export class Window {
  readonly #tmux: readonly string[]
  readonly #control: ChildProcess
  readonly #root: string
  /** Answers to our commands come in order. */
  readonly #asked: Array<(answer: string) => void> = []
  readonly #listeners = new Set<() => void>()
  #writes = 0

  constructor(checkout: Checkout, args: string, { columns = 100, rows = 40, env = {} }: WindowOptions = {}) {
    this.#root = checkout.root
    const config = path.join(checkout.root, '.tmux.conf')
    writeFileSync(config, 'set -g remain-on-exit on\nset -g status off\n')
    this.#tmux = ['-S', path.join(checkout.root, '.tmux'), '-f', config]
    const { PATH = '', HOME = '' } = process.env
    const given = Object.entries({ PATH, HOME, LANG: 'C.UTF-8', ...env })
    const variables = given.flatMap(([name, value]) => ['-e', `${name}=${value}`])
    const size = ['-x', String(columns), '-y', String(rows)]
    // tmux throws away what it has not yet told us of a pane whose program is gone; so one stays, elsewhere.
    const command = `"${process.execPath}" workbook/cli/start.mjs ${args}; echo "ended with $?"; cd /; exec cat`
    // In the configuration file it would end tmux 3.3 before it has begun.
    const ownSize = [';', 'set', '-g', 'window-size', 'manual']
    execFileSync('tmux', [...this.#tmux, 'new-session', '-d', ...size, ...variables, command, ...ownSize], {
      cwd: checkout.root,
      env: { PATH, HOME, LANG: 'C.UTF-8' },
    })
    this.#control = spawn('tmux', [...this.#tmux, '-C', 'attach'], { stdio: ['pipe', 'pipe', 'ignore'] })
    this.#control.stdin?.on('error', () => undefined)
    this.#hear()
  }

  press(key: string): Promise<string> {
    return this.#ask(`send-keys ${key}`)
  }

  resize(columns: number, rows: number): Promise<string> {
    return this.#ask(`resize-window -x ${columns} -y ${rows}`)
  }

  /** What stands on the screen now. @param codes - Colours too. */
  screen(codes = false): Promise<string> {
    return this.#ask(`capture-pane -p${codes ? ' -e' : ''}`)
  }

  /** Waits until a text stands on the screen; the test's own time is the only bound. */
  async shows(...texts: ReadonlyArray<string | RegExp>): Promise<string> {
    for (;;) {
      const before = this.#writes
      const screen = await this.screen()
      if (texts.every((text) => (typeof text === 'string' ? screen.includes(text) : text.test(screen))))
        return screen
      if (before === this.#writes) await new Promise<void>((resolve) => void this.#listeners.add(resolve))
    }
  }

  /** How the command ended, once it has. */
  async ended(): Promise<number> {
    const screen = await this.shows(ENDED)
    return Number(ENDED.exec(screen)?.[1])
  }

  /** As when somebody closes the terminal's window. */
  async close(): Promise<void> {
    spawnSync('tmux', [...this.#tmux, 'kill-server'])
    if (this.#control.exitCode === null) await once(this.#control, 'exit')
    // Only then may its checkout be removed: it may still be writing its last file.
    await until(() => processesOf(this.#root).length === 0)
  }

  // --- internal ---

  #ask(command: string): Promise<string> {
    return new Promise((resolve) => {
      this.#asked.push(resolve)
      this.#control.stdin?.write(`${command}\n`)
    })
  }

  /** Control mode: `%begin` and `%end` around each answer, and a word for whatever happens. */
  #hear(): void {
    let answer: string[] | null = null
    const lines = createInterface({ input: this.#control.stdout as NodeJS.ReadableStream })
    lines.on('line', (line) => {
      const [word, , , flags] = line.split(' ')
      if (word === '%begin') answer = []
      else if (word === '%end' || word === '%error') {
        // The last figure tells our own commands from the one by which we came.
        if (flags === '1') this.#asked.shift()?.((answer ?? []).join('\n'))
        answer = null
      } else if (answer) answer.push(line)
      else this.#changed()
    })
  }

  #changed(): void {
    this.#writes++
    const listeners = [...this.#listeners]
    this.#listeners.clear()
    for (const listener of listeners) listener()
  }
}
