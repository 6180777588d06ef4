import { LearnerEnded, tooManyTimers, type End } from '../learner/end.ts'
import type { Calm, Order, Packed } from '../learner/messages.ts'
import type { LearnerProcess } from '../learner/process.ts'
import type { DatagramEnd } from '../wire/datagram-end.ts'
import type { TcpEnd } from '../wire/tcp-end.ts'
import { Transcript } from '../wire/transcript.ts'
import { recordWords } from './record-words.ts'
import { floodOf } from './flood.ts'
import { stillThere } from './idle.ts'
import { IdleProof } from './idle-proof.ts'

/** How much virtual time passes by itself while a check waits for something, before it is given up. */
const PATIENCE_MILLISECONDS = 120_000
const PATIENCE_TIMERS = 2_000
/** After so many timers of no time in a row the program polls, and waits for time to pass. */
const POLLS = 100

/** For what of a suite goes on when its check has ended. */
const OVER: End = { kind: 'crashed', saw: 'the check is over', error: null, stack: '' }

interface Patience {
  milliseconds: number
  timers: number
}

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
  readonly explained: Record<string, string> = {}
  readonly measured: string[] = []
  readonly ends: TcpEnd[] = []
  readonly datagrams: DatagramEnd[] = []
  /** Ports on which the grader listens, with the lane of who connects there. */
  readonly ports = new Map<number, string>()
  readonly movers: Mover[] = []
  readonly process: LearnerProcess
  /** Which of the check's conversations is played, from 0; null in a scene. */
  conversation: number | null = null
  /** Undone in reverse order when the check is over. */
  readonly #closers: Array<() => void> = []
  readonly #listeners = new Set<() => void>()
  #held = false
  #now = 0
  /** Timers in a row that asked for no time. */
  #polls = 0
  /** Steps of time in this check: each ends with a timer that runs out, or with the time that was asked for. */
  #timers = 0
  /** Waits under way that end whatever the program does, and how many have ended. */
  #resting = 0
  #rests = 0
  /** What is waited for, until whoever waits has gone on. */
  readonly #awaited = new Set<() => boolean>()
  #activity = 0
  #acts = 0
  readonly #proof: IdleProof = new IdleProof(this)
  #broken: unknown = null
  #brokenAt: number | null = null
  #moving: Promise<boolean> | null = null
  #closed = false
  #endNow: (reason: unknown) => void = () => undefined
  /** Rejects when the check cannot go on: what broke it off, or LearnerEnded. */
  readonly over: Promise<never>

  constructor(process: LearnerProcess) {
    this.process = process
    this.over = new Promise((_, reject) => void (this.#endNow = reject))
    // Who waits for something else learns it at the next wait.
    this.over.catch(() => undefined)
    process.on('ended', (end) => this.#endNow(this.#broken ?? new LearnerEnded(end)))
    process.on('activity', this.#heard)
    recordWords(process, this)
  }

  /** Called after anything has happened; whoever waits looks again. */
  readonly changed = (by: 'you' | 'peer' = 'you'): void => {
    this.#activity++
    if (by === 'peer') this.#acts++
    const flood = this.#broken ? null : floodOf(this.ends)
    if (flood) this.breakOff(flood)
    for (const listener of this.#listeners) listener()
  }

  /** Virtual time in this check, in milliseconds. */
  get now(): number {
    return this.#now
  }

  readonly #heard = (): void => this.changed()
  /** Grows with whatever happens: what has been heard from the program, and what has been done. */
  get activity(): number {
    return this.#activity
  }

  /** Grows with all that the program may feel: each order but those that only look, and whatever the grader's ends do. */
  get acts(): number {
    return this.#acts
  }

  get isAwaited(): boolean {
    return [...this.#awaited].some((met) => met())
  }

  get isOver(): boolean {
    return Boolean(this.#broken) || this.#closed || this.process.end !== null
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Where the check went wrong, asked when it has: behind so many events of the wire. */
  get wrongAt(): number {
    return this.#brokenAt ?? this.transcript.events.length
  }

  step(sentence: string): void {
    this.steps.push(sentence)
    this.transcript.add({ kind: 'note', from: 'peer', text: sentence })
  }

  /** Of several facts for one prediction the last one counts. */
  observe(prediction: string, choice: string, why: Readonly<Record<string, string>> = {}): void {
    this.observed[prediction] = choice
    delete this.explained[prediction]
    if (why[choice] !== undefined) this.explained[prediction] = why[choice]
  }

  /** `close` is called when the check is over; at once if it is over already. */
  onClose(close: () => void): void {
    if (this.#closed) close()
    else this.#closers.push(close)
  }

  /** A call-back of the suite's threw, or a call found the part not started: the check ends at the next wait. */
  breakOff(reason: unknown): void {
    this.#broken ??= reason
    this.#brokenAt ??= this.transcript.events.length
    this.#endNow(this.#broken)
    this.changed()
  }

  /** @throws LearnerEnded, or what broke the check off. */
  mayGoOn(): void {
    if (this.#broken) throw this.#broken
    const end = this.#closed ? OVER : this.process.end
    if (end) throw new LearnerEnded(end)
  }

  holdClock(): void {
    this.#held = true
  }

  /** Time goes by itself again, and what is over on both sides is no part of the next conversation. */
  async nextConversation(index: number): Promise<void> {
    this.conversation = index
    this.#held = false
    const calm = await this.idle()
    // The program feels nothing of it, and a process that has ended is told by the next wait.
    this.order({ op: 'forget-gone' }).catch(() => undefined)
    this.ends.splice(0, this.ends.length, ...stillThere(this.ends, calm))
    this.datagrams.splice(0)
  }

  /** @throws LearnerEnded when the check is over: the process may serve another one by then. */
  order(order: Order): Promise<Packed> {
    if (order.op !== 'barrier' && order.op !== 'forget-gone') this.#acts++
    return this.#closed ? Promise.reject(new LearnerEnded(OVER)) : this.process.order(order)
  }

  /**
   * Waits until `met`, or until the learner is proven idle and nothing else can move.
   *
   * @returns Whether `met` holds.
   * @throws LearnerEnded, or what broke the check off.
   */
  async until(met: () => boolean): Promise<boolean> {
    this.#awaited.add(met)
    try {
      return await this.#until(met)
    } finally {
      this.#awaited.delete(met)
    }
  }

  /** Proves idleness without letting time pass: for everything that must not have happened. */
  idle(): Promise<Calm> {
    return this.#rest(() => this.#idle())
  }

  /** Lets virtual time pass, one timer after the other, with the idle proof between. */
  tick(milliseconds: number): Promise<void> {
    return this.#rest(() => this.#tick(milliseconds))
  }

  /**
   * Ends everything that belongs to the check.
   *
   * @param letGo - Ends the process, or makes it as good as new, before its peers go.
   */
  async close(letGo: (process: LearnerProcess) => Promise<void>): Promise<void> {
    this.#closed = true
    this.transcript.seal()
    this.process.off('activity', this.#heard)
    await letGo(this.process)
    for (const close of this.#closers.reverse()) close()
  }

  // --- internal ---

  async #until(met: () => boolean): Promise<boolean> {
    const patience = { milliseconds: PATIENCE_MILLISECONDS, timers: PATIENCE_TIMERS }
    await this.#proof.aMoment(met)
    for (;;) {
      const rests = this.#rests
      const calm = await this.#proof.prove(met)
      this.mayGoOn()
      if (!calm || met()) return true
      // A call-back of the suite's that waits as well goes first: it may go on and change everything.
      if (this.#resting > 0 || this.#rests !== rests) continue
      if (await this.#move(calm, patience)) continue
      this.transcript.add({ kind: 'idle', note: '' })
      return false
    }
  }

  async #rest<T>(wait: () => Promise<T>): Promise<T> {
    this.#resting++
    try {
      return await wait()
    } finally {
      this.#resting--
      this.#rests++
    }
  }

  async #idle(): Promise<Calm> {
    for (let polls = 0; ;) {
      const calm = await this.#proof.prove(() => false)
      if (!calm) continue
      const { nextIn, atOnce } = calm.timers
      if (nextIn !== 0 && (!atOnce || polls++ === POLLS)) {
        this.transcript.add({ kind: 'idle', note: '' })
        return calm
      }
      await this.#advance(0)
    }
  }

  async #tick(milliseconds: number): Promise<void> {
    this.holdClock()
    const target = this.#now + milliseconds
    while (this.#now < target) {
      await this.#proof.prove(() => false)
      const before = this.transcript.events.length
      const by = await this.#advance(target - this.#now)
      // What a timer did stands behind the time at which it ran out, and may have been heard of first.
      if (by > 0) this.transcript.passed(before, by, this.#now)
    }
    await this.#idle()
  }

  /** Two waits may find the program idle at once; what moves on is moved once, with a proof between. */
  async #move(calm: Calm, patience: Patience): Promise<boolean> {
    if (this.#moving) return await this.#moving.then(() => true)
    this.#moving = this.#moveOnce(calm, patience)
    try {
      return await this.#moving
    } finally {
      this.#moving = null
    }
  }

  async #moveOnce({ timers }: Calm, patience: Patience): Promise<boolean> {
    for (const mover of this.movers) if (await mover()) return true
    if (timers.nextIn === null || --patience.timers < 0) return false
    this.#polls = timers.atOnce ? this.#polls + 1 : 0
    const by = timers.atOnce && this.#polls <= POLLS ? 0 : timers.nextIn
    patience.milliseconds -= by
    if (by > 0 && (this.#held || patience.milliseconds < 0)) return false
    await this.#advance(by)
    return true
  }

  async #advance(by: number): Promise<number> {
    const moved = (await this.order({ op: 'advance', by })) as number
    this.#now += moved
    if (++this.#timers > this.process.limits.timers) this.process.convict(tooManyTimers(this.#timers - 1))
    return moved
  }
}
