import { inspect } from 'node:util'
import { LearnerEnded } from '../learner/end.ts'
import type { Order, Packed, PackedError } from '../learner/messages.ts'
import type { LearnerProcess } from '../learner/process.ts'
import { NO_EXPORT_CODE, TODO_CODE } from '../learner/messages.ts'
import {
  clockMark,
  errorMark,
  instanceMark,
  pack,
  unpack,
  type Inbound,
  type Outbound,
} from '../learner/pack.ts'
import type { Call, LearnerError, Outcome } from './check.ts'
import { Conviction, convict } from './conviction.ts'
import { spoken } from './spoken.ts'

/** Calls into the learner process, call-backs out of it, and what crosses on the way. */

/** What calls need of whom they belong to. */
export interface Caller {
  readonly process: Pick<LearnerProcess, 'on'>
  order(order: Order): Promise<Packed>
  /** Waits until `met`. @returns Whether it holds; if not, nothing will ever change. */
  until(met: () => boolean): Promise<boolean>
  idle(): Promise<unknown>
  breakOff(reason: unknown): void
  step(sentence: string): void
  changed(): void
}

/** Stands for the program's virtual clock as an argument. */
export const CLOCK = Object.freeze({ clock: 'virtual' })

/** The number under which the learner process keeps an instance, hidden from the suite. */
const REFERENCE = Symbol('reference')

type Settled<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: PackedError }

export class Remote {
  readonly #session: Caller
  readonly #functions: Array<(...args: unknown[]) => unknown> = []
  /** Calls that were rejected while nobody awaited them: they explain a wait in vain. */
  readonly rejected = new Map<RemoteCall<unknown>, PackedError>()

  constructor(session: Caller) {
    this.#session = session
    session.process.on('callback', ({ callback, fn, args }) => void this.#answer(callback, fn, args))
  }

  call<T>(what: string, order: (args: Packed[]) => Order, args: readonly unknown[]): RemoteCall<T> {
    const reply = this.#session.order(order(args.map((argument) => pack(argument, this.#outbound))))
    return new RemoteCall<T>(this.#session, this, what, reply, (value) => unpack(value, this.#inbound) as T)
  }

  /** A rejected call's error as the suite sees it. */
  unpackError({ name, message, code, cause, properties }: PackedError): LearnerError {
    const further = unpack(properties, this.#inbound) as Record<string, unknown>
    return {
      ...further,
      name,
      message,
      ...(code === undefined ? {} : { code }),
      ...(cause === undefined ? {} : { cause: unpack(cause, this.#inbound) }),
    }
  }

  // --- internal ---

  readonly #outbound: Outbound = {
    keepFunction: (fn) => this.#functions.push(fn) - 1,
    keepInstance: () => {
      throw new TypeError('a suite passes plain data, functions and remote objects')
    },
    asMark: (value) => {
      if (value === CLOCK) return clockMark()
      const reference = (value as { [REFERENCE]?: number })[REFERENCE]
      return reference === undefined ? null : instanceMark(reference)
    },
  }

  readonly #inbound: Inbound = {
    function: (id, name) => this.#method(id, null, name === undefined ? 'a returned function' : `${name}()`),
    instance: (id, methods, data) => this.#instance(id, methods, data),
    error: (error) => this.unpackError(error),
    clock: () => CLOCK,
  }

  #instance(id: number, methods: readonly string[], data: unknown): object {
    const named = methods.filter((name) => name !== 'then')
    const remote = Object.fromEntries(named.map((name) => [name, this.#method(id, name, `${name}()`)]))
    return hidden({ ...remote, ...(data as object) }, id)
  }

  #method(ref: number, method: string | null, what: string) {
    let calls = 0
    const call = (...args: unknown[]): RemoteCall<unknown> => {
      this.#session.step(`called ${spoken(what, args)}`)
      const which = ++calls === 1 ? what : `${what}, call ${calls},`
      return this.call(which, (packed) => ({ op: 'invoke', ref, method, args: packed }), args)
    }
    // Handed back as an argument, a function of the program's side is itself there, and answers at once.
    return method === null ? hidden(call, ref) : call
  }

  async #answer(callback: number, fn: number, args: readonly Packed[]): Promise<void> {
    const settle = (ok: boolean, value: Packed): void => {
      this.#session.order({ op: 'settle', callback, ok, value }).catch(() => undefined)
    }
    try {
      const value = await this.#functions[fn]?.(...args.map((argument) => unpack(argument, this.#inbound)))
      settle(true, pack(value, this.#outbound))
    } catch (error) {
      // An expectation inside a call-back ends the check, and is no error that the program should see, and might die of;
      // any other error is meant for the learner.
      if (error instanceof Conviction) return this.#session.breakOff(error)
      const thrown = error instanceof Error ? error : new Error(String(error))
      settle(false, errorMark(thrown, this.#outbound))
    }
    this.#session.changed()
  }
}

export class RemoteCall<T> implements Call<T> {
  readonly #session: Caller
  readonly #remote: Remote
  readonly #what: string
  #result: Settled<T> | null = null

  constructor(
    session: Caller,
    remote: Remote,
    what: string,
    reply: Promise<Packed>,
    open: (value: Packed) => T,
  ) {
    this.#session = session
    this.#remote = remote
    this.#what = what
    reply.then(
      (value) => this.#settle({ ok: true, value: open(value) }),
      (reason: unknown) => this.#fail(reason),
    )
  }

  get settled(): boolean {
    return this.#result !== null
  }

  get outcome(): Outcome<T> | null {
    if (!this.#result || this.#result.ok) return this.#result
    this.#remote.rejected.delete(this)
    return { ok: false, error: this.#remote.unpackError(this.#result.error) }
  }

  // oxlint-disable-next-line unicorn/no-thenable -- awaiting a call is the point of it
  then<A = T, B = never>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#value().then(onValue, onError)
  }

  async rejects(): Promise<LearnerError> {
    const result = await this.#wait('to reject')
    if (result.ok) convict('failed', `${this.#what} to reject`, `it resolved with ${brief(result.value)}`)
    return this.#remote.unpackError(result.error)
  }

  async staysPending(because?: string): Promise<void> {
    await this.#session.idle()
    if (!this.#result) return
    const { ok } = this.#result
    const saw = ok
      ? `it resolved with ${brief(this.#result.value)}`
      : `it rejected: ${describe(this.#result.error)}`
    convict('failed', `${this.#what} still pending${because ? `: ${because}` : ''}`, saw)
  }

  // --- internal ---

  async #value(): Promise<T> {
    const result = await this.#wait('to resolve')
    if (result.ok) return result.value
    return rejected(this.#what, result.error)
  }

  async #wait(how: string): Promise<Settled<T>> {
    await this.#session.until(() => this.#result !== null)
    this.#remote.rejected.delete(this)
    if (this.#result) return this.#result
    return convict(
      'hung',
      `${this.#what} ${how}`,
      'nothing: your program is idle and the promise still pending',
    )
  }

  #settle(result: Settled<T>): void {
    this.#result = result
    this.#session.changed()
  }

  #fail(reason: unknown): void {
    if (reason instanceof LearnerEnded) return this.#session.changed()
    const { error } = reason as { error: PackedError }
    if (error.code === TODO_CODE) this.#session.breakOff(notStarted(error))
    if (error.code === NO_EXPORT_CODE) this.#session.breakOff(noExport(error))
    this.#remote.rejected.set(this, error)
    this.#settle({ ok: false, error })
  }
}

/** Whoever prints it sees nothing of the number. */
function hidden<T extends object>(remote: T, reference: number): T {
  return Object.defineProperty(remote, REFERENCE, { value: reference })
}

function rejected(what: string, error: PackedError): never {
  return convict('failed', `${what} to resolve`, `it rejected: ${describe(error)}`, { stack: error.stack })
}

/** `ECONNREFUSED connect ECONNREFUSED 127.0.0.1:80`: the code, and the message if it says more. */
export function describe({ name, message, code }: PackedError): string {
  return code === undefined || message.includes(code) ? `${name}: ${message}` : `${name} ${code}: ${message}`
}

/** The program called `todo()`. */
export function notStarted({ message, stack }: PackedError): Conviction {
  return new Conviction({ kind: 'not-started', expected: 'code of yours', saw: message, stack })
}

// --- internal ---

function noExport({ message, cause }: PackedError): Conviction {
  return new Conviction({ kind: 'failed', expected: message, saw: String(cause) })
}

function brief(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Buffer.isBuffer(value)) return `${value.length} bytes`
  const limits = { depth: 3, breakLength: Infinity, maxArrayLength: 20, maxStringLength: 100 }
  const text = inspect(value, limits)
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}
