import { LearnerEnded, type End } from '../learner/end.ts'
import type { Compiled } from '../learner/compile.ts'
import { BY_HAND } from '../learner/limits.ts'
import type { Order, Packed, Permit } from '../learner/messages.ts'
import { LearnerProcess } from '../learner/process.ts'
import type { RemoteServer } from './check.ts'
import { CLOCK, Remote, type Caller, type RemoteCall } from './remote.ts'
import type { TryProgram } from './try-it.ts'

/**
 * The learner's program for somebody who tries it by hand: the same process as in a check, with the
 * same walls around it, but in real time. Nothing is proven idle, and nothing is judged.
 */
export class ProgramByHand implements TryProgram, Caller {
  readonly clock = CLOCK
  readonly process: LearnerProcess
  /** Rejects when the program has ended by itself, with LearnerEnded or what broke it off. */
  readonly over: Promise<never>
  readonly #remote: Remote
  readonly #listeners = new Set<() => void>()
  #broken: unknown = null
  #end: (reason: unknown) => void = () => undefined

  private constructor(process: LearnerProcess) {
    this.process = process
    this.over = new Promise((_, reject) => void (this.#end = reject))
    this.over.catch(() => undefined)
    this.#remote = new Remote(this)
    process.on('activity', () => this.changed())
    process.on('ended', (end: End) => this.breakOff(new LearnerEnded(end)))
  }

  /** @throws LearnerEnded, or the mark of what the program threw while it was loaded. */
  static async load(
    { program, modules }: Compiled,
    fixture: Compiled | null,
    fit: (loading: ProgramByHand) => void,
  ): Promise<ProgramByHand> {
    const process = new LearnerProcess(null, 'real')
    const loaded = new ProgramByHand(process)
    fit(loaded)
    await process.begin(BY_HAND)
    const beside = fixture?.program ?? null
    const order = { op: 'load', program, fixture: beside, modules, debug: false } as const
    await Promise.race([process.order(order), loaded.over])
    return loaded
  }

  call<T = unknown>(name: string, ...args: readonly unknown[]): RemoteCall<T> {
    return this.#call(`${name}()`, name, args, false)
  }

  make<T = unknown>(name: string, ...args: readonly unknown[]): RemoteCall<T> {
    return this.#call(`the lab's own ${name}()`, name, args, false, 'fixture')
  }

  construct<T = unknown>(name: string, ...args: readonly unknown[]): RemoteCall<T> {
    return this.#call(`new ${name}()`, name, args, true)
  }

  /** @throws Conviction where the export names no port. */
  async serve(name: string, ...args: readonly unknown[]): Promise<number> {
    const { port } = await this.call<RemoteServer>(name, ...args)
    return port
  }

  permit(permits: readonly Permit[], answers: Readonly<Record<string, string>>): void {
    for (const order of [{ op: 'permit', permits } as const, { op: 'names', answers } as const])
      this.order(order).catch(() => undefined)
  }

  /** What the program did before has reached our ends when this resolves. */
  async caughtUp(): Promise<void> {
    // A closed socket takes a turn or two of the program's loop; then the kernel has told us.
    for (let turn = 0; turn < 3; turn++) {
      await this.order({ op: 'handle-calls' })
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async close(): Promise<void> {
    this.process.kill()
    await this.process.gone
  }

  // What calls need.

  order(order: Order): Promise<Packed> {
    return this.process.order(order)
  }

  async until(met: () => boolean): Promise<boolean> {
    while (!met()) {
      if (this.#broken) throw this.#broken
      await new Promise<void>((resolve) => this.#listeners.add(resolve))
    }
    return true
  }

  /** In real time nobody can tell. */
  idle(): Promise<void> {
    return Promise.resolve()
  }

  /** Whoever pokes it sees the wire, and knows what they call. */
  step(): void {}

  breakOff(reason: unknown): void {
    this.#broken ??= reason
    this.#end(this.#broken)
    this.changed()
  }

  changed(): void {
    const listeners = [...this.#listeners]
    this.#listeners.clear()
    for (const listener of listeners) listener()
  }

  // --- internal ---

  #call<T>(
    what: string,
    name: string,
    args: readonly unknown[],
    construct: boolean,
    of: 'program' | 'fixture' = 'program',
  ): RemoteCall<T> {
    const order = (packed: Packed[]): Order => ({ op: 'call', of, name, args: packed, construct })
    return this.#remote.call<T>(what, order, args)
  }
}
