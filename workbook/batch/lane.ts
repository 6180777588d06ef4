import { spawn, type ChildProcess } from 'node:child_process'
import path from 'node:path'
import type { Job, News, WorkerPlan } from './protocol.ts'
import type { Row } from './row.ts'

/** The worker ended, or said nothing for too long: a fault of ours, however the submission brought it about. */
export class WorkerLost extends Error {
  readonly code = 'E_GRADER'
}

/** The suites cannot be loaded: no submission can be graded. */
export class CourseBroken extends Error {
  readonly code = 'E_SUITE'
}

/** Nothing of a right grader takes as long: the watchdog ends each check within 45 s. */
const SILENCE_MILLISECONDS = 300_000
const LOOK_EVERY_MILLISECONDS = 5_000

/** A worker process and its turn: one submission at a time. A worker that is lost is replaced by the next job. */
export class Lane {
  readonly #plan: WorkerPlan
  readonly #onCheck: () => void
  #child: ChildProcess | null = null
  #ready: Promise<void> = Promise.resolve()
  #hear: (news: News) => void = () => undefined
  #fail: (error: Error) => void = () => undefined
  #looks = 0

  constructor(plan: WorkerPlan, onCheck: () => void) {
    this.#plan = plan
    this.#onCheck = onCheck
  }

  /** @throws WorkerLost, CourseBroken */
  async grade(job: Job): Promise<Row> {
    await this.#open()
    const row = this.#next((news) => (news.event === 'row' ? news.row : null))
    this.#child?.send(job)
    return await row
  }

  /** Ends the worker, in whatever it is. */
  async close(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }

  // --- internal ---

  async #open(): Promise<void> {
    if (!this.#child) {
      this.#start()
      this.#ready = this.#next((news) => (news.event === 'ready' ? true : null)).then(() => undefined)
    }
    await this.#ready
  }

  #start(): void {
    const program = path.join(this.#plan.root, 'workbook/batch/worker.ts')
    const child = spawn(process.execPath, ['--import', 'tsx', program, JSON.stringify(this.#plan)], {
      cwd: this.#plan.root,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    let words = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-2_000)))
    child.on('message', (news: News) => {
      this.#looks = 0
      if (news.event === 'check') this.#onCheck()
      else this.#hear(news)
    })
    child.once('error', (error) => this.#lose(child, error.message))
    child.once('close', (code, signal) => {
      const why = signal ?? `code ${String(code)}`
      this.#lose(child, `the grader ended with ${why} ${words.trim().split('\n').at(-1) ?? ''}`.trim())
    })
    this.#child = child
  }

  #lose(child: ChildProcess, why: string): void {
    if (this.#child !== child) return
    this.#child = null
    child.kill('SIGKILL')
    this.#fail(new WorkerLost(why))
  }

  /** The next news that `pick` takes; silence is a loss too. */
  async #next<T>(pick: (news: News) => T | null): Promise<T> {
    this.#looks = 0
    const watch = setInterval(() => {
      // Counted in looks, not by the clock: a laptop that slept has not been silent.
      if (++this.#looks * LOOK_EVERY_MILLISECONDS <= SILENCE_MILLISECONDS || !this.#child) return
      this.#lose(this.#child, `the grader said nothing for ${SILENCE_MILLISECONDS / 60_000} minutes`)
    }, LOOK_EVERY_MILLISECONDS)
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#fail = reject
        this.#hear = (news) => {
          if (news.event === 'broken') return reject(new CourseBroken(news.message))
          const picked = pick(news)
          if (picked !== null) resolve(picked)
        }
      })
    } finally {
      clearInterval(watch)
    }
  }
}
