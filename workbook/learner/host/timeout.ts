import timers from 'node:timers'
import timersPromises from 'node:timers/promises'
import { promisify } from 'node:util'
import { restartTimer, startTimer, stopTimer, type Timer } from './clock.ts'

/** The timers of Node, on virtual time: `setTimeout` and all that stands on it. */

type Callback = (...args: unknown[]) => void
type Options = { readonly signal?: AbortSignal }

const behind = new WeakMap<Timeout, Timer>()
const numbered = new Map<number, Timeout>()
let numbers = 0

/** What setTimeout returns: Node's Timeout, as far as it is documented. */
class Timeout {
  readonly #number = ++numbers

  refresh(): this {
    const timer = behind.get(this)
    if (timer) restartTimer(timer)
    return this
  }

  close(): this {
    clear(this)
    return this
  }

  /** Without effect on the proof of idleness: who waits for a timer waits, whether it is ref'd or not. */
  ref(): this {
    refer(this, true)
    return this
  }

  unref(): this {
    refer(this, false)
    return this
  }

  hasRef(): boolean {
    return behind.get(this)?.referenced === true
  }

  [Symbol.toPrimitive](): number {
    numbered.set(this.#number, this)
    return this.#number
  }
}

export function virtualizeTimers(): void {
  const faked = { setTimeout: after, clearTimeout: clear, setInterval: every, clearInterval: clear }
  Object.assign(globalThis, faked)
  Object.assign(timers, faked)
  Object.assign(timersPromises, { setTimeout: sleep, setInterval: beats })
  timersPromises.scheduler.wait = (milliseconds, options) => sleep(milliseconds, undefined, options)
  Object.defineProperty(after, promisify.custom, { value: sleep })
  if (Symbol.dispose)
    Object.defineProperty(Timeout.prototype, Symbol.dispose, { value: Timeout.prototype.close })
  AbortSignal.timeout = (milliseconds) => {
    const controller = new AbortController()
    const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError')
    // As in Node it keeps no program running, and nobody can clear it.
    startTimer(() => controller.abort(reason), milliseconds).referenced = false
    return controller.signal
  }
}

/** The next program counts its timers from the first. */
export function forgetTimers(): void {
  numbers = 0
  numbered.clear()
}

// --- internal ---

function after(callback: Callback, delay?: unknown, ...args: unknown[]): Timeout {
  return start(callback, delay, args, false)
}

function every(callback: Callback, delay?: unknown, ...args: unknown[]): Timeout {
  return start(callback, delay, args, true)
}

function start(callback: Callback, delay: unknown, args: readonly unknown[], repeats: boolean): Timeout {
  mustBeFunction(callback)
  const timeout = new Timeout()
  const run = (): void => Reflect.apply(callback, timeout, args)
  behind.set(timeout, startTimer(run, delay, repeats))
  return timeout
}

function refer(timeout: Timeout, referenced: boolean): void {
  const timer = behind.get(timeout)
  if (timer) timer.referenced = referenced
}

/** Takes the object, or the number that the object turns into. */
function clear(timeout: unknown): void {
  const found = timeout instanceof Timeout ? timeout : numbered.get(Number(timeout))
  if (found) stopTimer(behind.get(found))
}

function sleep<T>(delay?: number, value?: T, { signal }: Options = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted(signal))
    const stop = (): void => {
      stopTimer(timer)
      reject(aborted(signal))
    }
    const timer = startTimer(() => {
      signal?.removeEventListener('abort', stop)
      resolve(value as T)
    }, delay)
    signal?.addEventListener('abort', stop, { once: true })
  })
}

/** Beats that nobody has taken yet are kept, as Node keeps them. */
async function* beats<T>(delay?: number, value?: T, { signal }: Options = {}): AsyncGenerator<T> {
  let [beaten, wake] = [0, (): void => undefined]
  const listener = (): void => wake()
  const beat = (): void => {
    beaten++
    wake()
  }
  const timer = startTimer(beat, delay, true)
  signal?.addEventListener('abort', listener, { once: true })
  try {
    for (;;) {
      if (signal?.aborted) throw aborted(signal)
      if (beaten === 0) await new Promise<void>((resolve) => void (wake = resolve))
      else yield ((beaten--, value as T))
    }
  } finally {
    stopTimer(timer)
    signal?.removeEventListener('abort', listener)
  }
}

function aborted(signal: AbortSignal | undefined): Error {
  const error = new Error('The operation was aborted', { cause: signal?.reason as unknown })
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' })
}

function mustBeFunction(callback: unknown): void {
  if (typeof callback === 'function') return
  const message = `The "callback" argument must be of type function. Received ${typeof callback}`
  throw Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' })
}
