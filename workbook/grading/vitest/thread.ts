import { EventEmitter } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { PoolWorker, WorkerRequest } from 'vitest/node'
import type { GradedCheck, PlannedCheck } from './provided.ts'

/** What the thread says to us; everything else that it says is for Vitest. */
export type News = { readonly graded: GradedCheck } | { readonly planned: readonly PlannedCheck[] }

/** What we say to the thread; everything else is Vitest's. */
export type Order =
  /** The number of the run that is to end. */
  | { readonly cancel: number }
  /** How many learner processes to start ahead, now that nothing runs. */
  | { readonly stock: number }

type Listener = (news: unknown) => void

/**
 * The thread in which the suites run. Vitest would start one for each run and end it afterwards. This
 * one starts while Vitest itself is still loading, and stays: the next run finds all of the grading
 * loaded, and a learner process that is ready.
 */
export class SuiteThread implements PoolWorker {
  readonly name = 'suites'
  onNews: (news: News) => void = () => undefined
  readonly #thread: Worker
  /** Where Vitest listens, for the time of a run. */
  readonly #vitest = new EventEmitter()
  #failure: Error | null = null
  #rest: () => void = () => undefined
  /** Resolves when the thread has ended its last run and can begin another. */
  atRest: Promise<void> = Promise.resolve()

  /** @param program - Absolute path of the bundle of worker.ts. */
  constructor(program: string) {
    this.#thread = new Worker(program)
    this.#thread.on('message', (message: unknown) => this.#hear(message))
    this.#thread.on('error', (error) => this.#fail(error))
    this.#thread.on('exit', (code) =>
      this.#fail(new Error(`the thread of the suites ended with code ${code}`)),
    )
  }

  on(event: string, listener: Listener): void {
    this.#vitest.on(event, listener)
  }

  off(event: string, listener: Listener): void {
    this.#vitest.off(event, listener)
  }

  send(request: WorkerRequest): void {
    this.#thread.postMessage(request)
  }

  /** The check under way ends at once, and the ones behind it are left out. */
  cancel(run: number): void {
    this.#thread.postMessage({ cancel: run } satisfies Order)
  }

  /** Nothing runs: learner processes may be started for the next run. */
  stockUp(checks: number): void {
    this.#thread.postMessage({ stock: checks } satisfies Order)
  }

  deserialize(message: unknown): unknown {
    return message
  }

  /** Called before a run. */
  start(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    this.atRest = new Promise((resolve) => (this.#rest = resolve))
    return Promise.resolve()
  }

  /** Called after a run. */
  stop(): Promise<void> {
    this.#vitest.removeAllListeners()
    this.#rest()
    return Promise.resolve()
  }

  /** The learner process that was started ahead loses its line to us, and goes too. */
  async close(): Promise<void> {
    await this.#thread.terminate()
  }

  // --- internal ---

  #hear(message: unknown): void {
    if (isNews(message)) this.onNews(message)
    else this.#vitest.emit('message', message)
  }

  /** What fails between two runs is told at the next one. */
  #fail(error: Error): void {
    this.#failure ??= error
    if (this.#vitest.listenerCount('error') > 0) this.#vitest.emit('error', error)
  }
}

function isNews(message: unknown): message is News {
  return typeof message === 'object' && message !== null && ('graded' in message || 'planned' in message)
}
