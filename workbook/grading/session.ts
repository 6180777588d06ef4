import { LearnerEnded } from '../learner/end.ts'
import type { Calm, Order, Packed } from '../learner/messages.ts'
import type { LearnerProcess } from '../learner/process.ts'
import type { DatagramEnd } from '../wire/datagram-end.ts'
import type { TcpEnd } from '../wire/tcp-end.ts'
import { Transcript } from '../wire/transcript.ts'
import { fingerprint, ledgersAgree, stalledTuples } from './idle.ts'

/** How much virtual time passes by itself while a check waits for something, before it is given up. */
const PATIENCE_MILLISECONDS = 120_000
const PATIENCE_TIMERS = 2_000

/** Something that goes on when the learner is idle: logical time on a path, for instance. */
export type Mover = () => Promise<boolean>

/**
 * One check in progress: the learner process, the grader's ends, what has happened, and the one way
 * to wait. Every wait ends with the event, or with the proof that the learner is idle.
 */
export class Session {
  readonly transcript = new Transcript()
  readonly steps: string[] = []
  readonly observed: Record<string, string> = {}
  readonly ends: TcpEnd[] = []
  readonly datagrams: DatagramEnd[] = []
  readonly ports = new Set<number>()
  readonly movers: Mover[] = []
  readonly process: LearnerProcess
  /** Undone in reverse order when the check is over. */
  readonly #closers: Array<() => void> = []
  readonly #listeners = new Set<() => void>()
  #held = false
  #now = 0
  #activity = 0
  #broken: unknown = null

  constructor(process: LearnerProcess) {
    this.process = process
    process.on('activity', this.changed)
    process.on('lookup', (host, answer) => this.transcript.add({ kind: 'lookup', host, answer }))
    process.on('printed', (stream, text) => this.#print(stream, text))
  }

  /** Called after anything has happened; whoever waits looks again. */
  readonly changed = (): void => {
    this.#activity++
    for (const listener of this.#listeners) listener()
  }

  step(sentence: string): void {
    this.steps.push(sentence)
    this.transcript.add({ kind: 'note', from: 'peer', text: sentence })
  }

  onClose(close: () => void): void {
    this.#closers.push(close)
  }

  /** A call-back of the suite's threw, or a call found the part not started: the check ends at the next wait. */
  breakOff(reason: unknown): void {
    this.#broken ??= reason
    this.changed()
  }

  holdClock(): void {
    this.#held = true
  }

  order(order: Order): Promise<Packed> {
    return this.process.order(order)
  }

  /**
   * Waits until `met`, or until the learner is proven idle and nothing else can move.
   *
   * @returns Whether `met` holds.
   * @throws LearnerEnded, or what broke the check off.
   */
  async until(met: () => boolean): Promise<boolean> {
    const patience = { milliseconds: PATIENCE_MILLISECONDS, timers: PATIENCE_TIMERS }
    for (;;) {
      const calm = await this.#proveIdle(met)
      this.#mayGoOn()
      if (!calm || met()) return true
      if (await this.#move(calm, patience)) continue
      this.transcript.add({ kind: 'idle', note: '' })
      return false
    }
  }

  /** Proves idleness without letting time pass: for everything that must not have happened. */
  async idle(): Promise<Calm> {
    for (;;) {
      const calm = await this.#proveIdle(() => false)
      if (!calm) continue
      if (calm.timers.nextIn !== 0) {
        this.transcript.add({ kind: 'idle', note: '' })
        return calm
      }
      // Due now, as after setTimeout(f, 0): running it takes no time.
      await this.#advance(0)
    }
  }

  /** Lets virtual time pass, one timer after the other, with the idle proof between. */
  async tick(milliseconds: number): Promise<void> {
    this.holdClock()
    const target = this.#now + milliseconds
    while (this.#now < target) {
      await this.#proveIdle(() => false)
      await this.#advance(target - this.#now)
    }
    this.transcript.add({ kind: 'tick', by: milliseconds, now: this.#now })
    await this.idle()
  }

  /** Ends everything that belongs to the check. */
  async close(): Promise<void> {
    this.process.off('activity', this.changed)
    this.process.kill()
    await this.process.gone
    for (const close of this.#closers.reverse()) close()
  }

  // --- internal ---

  async #proveIdle(met: () => boolean): Promise<Calm | null> {
    for (let last = ''; ; ) {
      this.#mayGoOn()
      if (met()) return null
      const before = this.#activity
      const calm = await this.#barrierOr(met)
      if (!calm) return null
      await nextTurn()
      // The answer itself is the one thing that may have happened meanwhile.
      const quiet = this.#activity - before <= 1 && ledgersAgree(calm, this)
      const now = quiet ? fingerprint(calm) : ''
      if (quiet && now === last) return calm
      last = now
    }
  }

  /** The barrier's answer, or null as soon as `met`. */
  #barrierOr(met: () => boolean): Promise<Calm | null> {
    return new Promise((resolve, reject) => {
      const listener = (): void => {
        if (met() || this.#broken) done(() => resolve(null))
      }
      const done = (settle: () => void): void => {
        this.#listeners.delete(listener)
        settle()
      }
      this.#listeners.add(listener)
      this.order({ op: 'barrier', stalled: stalledTuples(this.ends) }).then(
        (calm) => done(() => resolve(calm as Calm)),
        (error: unknown) => done(() => reject(error)),
      )
    })
  }

  #mayGoOn(): void {
    if (this.#broken) throw this.#broken
    if (this.process.end) throw new LearnerEnded(this.process.end)
  }

  async #move(calm: Calm, patience: { milliseconds: number; timers: number }): Promise<boolean> {
    for (const mover of this.movers) if (await mover()) return true
    const { nextIn } = calm.timers
    if (nextIn === null || (this.#held && nextIn > 0)) return false
    patience.milliseconds -= nextIn
    if (patience.milliseconds < 0 || --patience.timers < 0) return false
    await this.#advance(nextIn)
    return true
  }

  async #advance(by: number): Promise<number> {
    const moved = (await this.order({ op: 'advance', by })) as number
    this.#now += moved
    return moved
  }

  #print(stream: 'stdout' | 'stderr', text: string): void {
    for (const line of text.replace(/\n$/, '').split('\n')) this.transcript.add({ kind: 'printed', stream, text: line })
  }
}

/** The poll phase of our own event loop lies between: what has arrived has been read after it. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

