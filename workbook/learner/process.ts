import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { letRest, startChild } from './child.ts'
import { LearnerEnded, wayOut, type End } from './end.ts'
import { failsInside, faultOf } from './hear.ts'
import { KernelWitness } from './kernel.ts'
import { LIMITS, NO_LIMITS, type Limits } from './limits.ts'
import type { Act, Answer, Happening, Order, Packed, PackedError, Reply } from './messages.ts'
import { announce, killGroup, signalTo } from './pids.ts'
import { watch } from './watchdog.ts'

export interface ProcessEvents {
  /** A call-back of the suite's is called. */
  callback: [call: { readonly callback: number; readonly fn: number; readonly args: readonly Packed[] }]
  lookup: [host: string, answer: string]
  act: [act: Act]
  printed: [stream: 'stdout' | 'stderr', text: string]
  /** Anything at all: whoever waits for something looks again. */
  activity: []
  ended: [end: End]
}

/** Characters of stderr: enough for what V8 says when it runs out of memory. */
const KEPT_WORDS = 20_000

interface Waiting {
  resolve(value: Packed): void
  reject(reason: unknown): void
  readonly op: Order['op']
}

/** A learner's program in a process of its own: orders go in, replies and happenings come out. */
export class LearnerProcess extends EventEmitter<ProcessEvents> {
  readonly pid: number
  /** Resolves when the child is gone and everything it printed has arrived. */
  readonly gone: Promise<void>
  readonly #child: ChildProcess
  /** Resolves once the child can take orders. */
  readonly #ready: Promise<void>
  readonly #key = randomBytes(16).toString('hex')
  readonly #waiting = new Map<number, Waiting>()
  #settleReady: { resolve(): void; reject(reason: unknown): void } = {
    resolve: () => undefined,
    reject: () => undefined,
  }
  #orders = 0
  #messages = 0
  #printedBytes = 0
  #lastExit: (Happening & { event: 'exit' }) | null = null
  #end: End | null = null
  #limits: Limits
  #lastWords = ''
  #lastRest = 0
  #isReady = false
  #uses = 0
  #witness: KernelWitness | null = null
  #stopWatching: () => void = () => undefined

  /**
   * @param debugPort - Port for the inspector; limits and permissions are off then.
   * @param clock - `real` for a program that is tried by hand; no check may run on it.
   */
  constructor(debugPort: number | null = null, clock: 'virtual' | 'real' = 'virtual') {
    super()
    this.#limits = debugPort === null ? LIMITS : NO_LIMITS
    this.#child = startChild(debugPort, clock)
    this.pid = this.#child.pid ?? 0
    this.#ready = new Promise((resolve, reject) => void (this.#settleReady = { resolve, reject }))
    // Whoever takes the process learns it in begin().
    this.#ready.catch(() => undefined)
    this.gone = new Promise((resolve) =>
      this.#child.once(this.pid === 0 ? 'error' : 'close', () => resolve()),
    )
    if (this.pid > 0) announce(this.pid, this.gone)
    this.#listen()
    void this.order({ op: 'hello', key: this.#key }).catch(() => undefined)
  }

  get limits(): Limits {
    return this.#limits
  }

  /** Resolves once the child can take orders, or never will. */
  get ready(): Promise<void> {
    return this.#ready.catch(() => undefined)
  }

  /** When the program was last proven idle, by performance.now(). */
  get lastRest(): number {
    return this.#lastRest
  }

  /** Checks that it has served, the one under way included. */
  get uses(): number {
    return this.#uses
  }

  /** Who else knows its sockets; null where nobody does. */
  get witness(): KernelWitness | null {
    return this.#witness
  }

  get end(): End | null {
    return this.#end
  }

  /** The oldest order without an answer, calls aside: a program may take its time with those. */
  get unanswered(): number | null {
    for (const [id, { op }] of this.#waiting) if (op !== 'call' && op !== 'invoke') return id
    return null
  }

  /** The process belongs to a check from here on; the limits count as soon as it is ready. */
  async begin(limits?: Partial<Limits>): Promise<void> {
    this.#uses++
    if (limits) this.#limits = { ...this.#limits, ...limits }
    this.#child.ref()
    this.#child.channel?.ref()
    await this.#ready
    if (!this.#end) this.#stopWatching = watch(this)
    if (this.#limits !== NO_LIMITS) this.#witness ??= KernelWitness.of(this.pid)
  }

  /**
   * Ends the check that it serves, and makes it as good as new for another one.
   *
   * @returns Whether it is; if not, it is of no use any more.
   */
  async renew(): Promise<boolean> {
    // What it has printed may still be on its way, and belongs to the check; nothing else does.
    for (const event of this.eventNames()) if (event !== 'printed') this.removeAllListeners(event)
    const quiet = this.#printedBytes === 0 && this.#limits === LIMITS
    const renewed = quiet && (await this.order({ op: 'renew' }).catch(() => false)) === true
    if (renewed) this.removeAllListeners()
    this.#stopWatching()
    this.#waiting.clear()
    this.#messages = 0
    letRest(this.#child)
    return renewed && !this.#end
  }

  /** The program has just been proven idle. */
  rested(): void {
    this.#lastRest = performance.now()
  }

  /** @throws LearnerEnded when the process ends before it answers. */
  order(order: Order): Promise<Packed> {
    if (this.#end) return Promise.reject(new LearnerEnded(this.#end))
    const id = ++this.#orders
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, op: order.op })
      this.#child.send({ ...order, id }, (error) => void (error && this.#lost()))
    })
  }

  /** Convicts the program and ends the process. The first conviction stands. */
  convict(end: End): void {
    if (this.#end) return
    this.#end = end
    this.kill()
    for (const { reject } of this.#waiting.values()) reject(new LearnerEnded(end))
    this.#waiting.clear()
    this.#settleReady.reject(new LearnerEnded(end))
    this.emit('ended', end)
    this.emit('activity')
  }

  /** Stops the process while `body` runs. */
  async asleep<T>(body: () => Promise<T>): Promise<T> {
    signalTo(this.pid, 'SIGSTOP')
    try {
      return await body()
    } finally {
      signalTo(this.pid, 'SIGCONT')
    }
  }

  /** Ends the process, and resolves when it is gone. */
  async close(): Promise<void> {
    this.kill()
    await this.gone
  }

  /** Kills the whole process group: whatever the program started goes with it. */
  kill(): void {
    this.#stopWatching()
    killGroup(this.pid)
  }

  // --- internal ---

  #listen(): void {
    this.#child.on('message', (message: Reply) => this.#hear(message))
    this.#child.on('error', (error) => {
      this.convict({
        kind: 'crashed',
        saw: `the process could not start: ${error.message}`,
        error: null,
        stack: '',
      })
    })
    // What it has started holds its pipes, and would keep `close` from coming.
    this.#child.once('exit', () => killGroup(this.pid))
    this.#child.once('close', (code, signal) => this.#exited(code, signal))
    for (const stream of ['stdout', 'stderr'] as const) {
      this.#child[stream]?.setEncoding('utf8').on('data', (text: string) => this.#print(stream, text))
    }
  }

  #hear(message: Reply): void {
    if (typeof message !== 'object' || message === null) return
    // Ready is said before the key has arrived; nothing depends on who said it.
    if ('event' in message && message.event === 'ready') return this.#readyNow()
    if (message.key !== this.#key) {
      return this.convict({
        kind: 'forbidden',
        saw: 'a message to the grader that the grader did not ask for',
        stack: '',
      })
    }
    const fault = faultOf(message, (id) => this.#waiting.get(id)?.op)
    if (fault) return this.convict(fault)
    if ('re' in message) return this.#settle(message)
    if (++this.#messages > this.limits.messages) {
      const saw = `more than ${this.limits.messages} messages in one check: a call-back called in a loop?`
      return this.convict({ kind: 'crashed', saw, error: null, stack: '' })
    }
    if ('callback' in message) this.emit('callback', message)
    else this.#happened(message)
    this.emit('activity')
  }

  #readyNow(): void {
    this.#isReady = true
    this.#settleReady.resolve()
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.re)
    const end = answer.ok ? null : failsInside(answer, waiting?.op)
    if (end) return this.convict(end)
    this.#waiting.delete(answer.re)
    if (answer.ok) waiting?.resolve(answer.value)
    else waiting?.reject(answer.value)
  }

  #happened(happening: Happening): void {
    switch (happening.event) {
      case 'ready':
        return
      case 'lookup':
        return void this.emit('lookup', happening.host, happening.answer)
      case 'refused':
      case 'socket':
        return void this.emit('act', happening)
      case 'exit':
        this.#lastExit = happening
        return
      case 'forbidden':
        return this.convict({ kind: 'forbidden', saw: happening.what, stack: happening.stack })
      case 'crash': {
        const { error } = happening.error as { error: PackedError }
        const saw = `${happening.origin} ${error.name}: ${error.message}`
        return this.convict({ kind: 'crashed', saw, error, stack: error.stack })
      }
    }
  }

  #print(stream: 'stdout' | 'stderr', text: string): void {
    this.#printedBytes += Buffer.byteLength(text)
    if (this.#printedBytes > this.limits.outputBytes) {
      const saw = `more than ${this.limits.outputBytes} bytes printed in one check`
      return this.convict({ kind: 'crashed', saw, error: null, stack: '' })
    }
    if (stream === 'stderr') this.#lastWords = (this.#lastWords + text).slice(-KEPT_WORDS)
    this.emit('printed', stream, text)
    this.emit('activity')
  }

  /** Sending failed: the channel is closed. The exit that follows says why; a mere disconnect has none. */
  #lost(): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.kill()
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    const byCall = this.#lastExit
    const way = wayOut(code, signal, this.#lastWords)
    const saw = byCall
      ? `the program ended itself: ${byCall.how}`
      : this.#isReady
        ? way
        : `${way}\n${this.#lastWords}`
    this.convict({ kind: 'crashed', saw, error: null, stack: byCall?.stack ?? '' })
  }
}
