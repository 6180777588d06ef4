import dns from 'node:dns'
import { getEventListeners } from 'node:events'
import { isIP } from 'node:net'
import { promisify } from 'node:util'
import type { Address, Request, Response } from '../../../labs/kit/http.ts'

/** Callers of a pool, with their signals. They live where the pool lives, in the learner's process. */

interface Pool {
  request(origin: Address, request: Partial<Request>, options?: { signal?: AbortSignal }): Promise<Response>
  readonly counts: { readonly open: number; readonly idle: number; readonly waiting: number }
}

export interface Asking {
  readonly origin: Address
  readonly request: Partial<Request>
  readonly controller: AbortController | null
  /** Aborted before it is asked, or in the same turn. */
  readonly aborted: 'before' | 'at once' | null
}

/** What has been asked in one turn. */
class Calls {
  readonly #promises: ReadonlyArray<Promise<Response>>

  constructor(promises: ReadonlyArray<Promise<Response>>) {
    this.#promises = promises
    for (const promise of promises) promise.catch(() => undefined)
  }

  at(index: number): Promise<Response> | undefined {
    return this.#promises[index]
  }
}

export function newController(): AbortController {
  return new AbortController()
}

/** All of them in one turn of the event loop. */
export function start(pool: Pool, all: readonly Asking[], code: string): Calls {
  for (const { controller, aborted } of all) if (aborted === 'before') controller?.abort(reason(code))
  const promises = all.map(({ origin, request, controller }) => ask(pool, origin, request, controller))
  for (const { controller, aborted } of all) if (aborted === 'at once') controller?.abort(reason(code))
  return new Calls(promises)
}

export function answer(calls: Calls, index: number): Promise<Response> | undefined {
  return calls.at(index)
}

/** Asks in the turn in which another caller gets its answer. */
export async function askAgain(
  calls: Calls,
  index: number,
  pool: Pool,
  asking: Asking,
): Promise<Response | undefined> {
  // Nothing stands between the pool's own promise and this: it is the next thing that is done.
  return await calls.at(index)?.then(() => ask(pool, asking.origin, asking.request, asking.controller))
}

export function abort(controller: AbortController, code: string): void {
  controller.abort(reason(code))
}

/** Lookups of names get no answer, and whoever asked for one is opening a connection until they do. */
export function holdLookups(): void {
  for (const system of [dns, dns.promises] as unknown as Lookups[]) holdIn(system)
}

export function answerLookups(): void {
  for (const answers of held.splice(0)) answers()
}

/** How many listen to the signal still. */
export function listenersOf({ signal }: AbortController): number {
  return getEventListeners(signal, 'abort').length
}

/** Null where they are no three numbers. */
export function countsOf(pool: Pool): { open: number; idle: number; waiting: number } | null {
  const { open, idle, waiting } = pool.counts
  return [open, idle, waiting].every((each) => typeof each === 'number') ? { open, idle, waiting } : null
}

/** The counts as they are in the turn in which close() is called, and calls that come behind it there. */
export function closeAndAsk(pool: Pool & { close(): Promise<void> }, origin: Address): Promise<Response> {
  pool.close().catch(() => undefined)
  return ask(pool, origin, {}, null)
}

// --- internal ---

type Lookup = (host: string, ...rest: unknown[]) => unknown
interface Lookups {
  lookup: Lookup
}

/** What is to be done when lookups are answered again. */
const held: Array<() => void> = []

/** node:net asks the same module. */
function holdIn(system: Lookups): void {
  const { lookup } = system
  held.push(() => void (system.lookup = lookup))
  system.lookup = Object.defineProperty(later(lookup), promisify.custom, {
    value: later(promisify(lookup) as Lookup),
  })
}

/** The promise is for those who ask for one: whoever gave a call-back is called. An address is no name. */
function later(lookup: Lookup): Lookup {
  return (host, ...rest) =>
    isIP(host) > 0
      ? lookup(host, ...rest)
      : new Promise((resolve) => held.push(() => resolve(lookup(host, ...rest))))
}

function ask(
  pool: Pool,
  origin: Address,
  request: Partial<Request>,
  controller: AbortController | null,
): Promise<Response> {
  const options = controller ? [{ signal: controller.signal }] : []
  try {
    return Promise.resolve(pool.request(origin, request, ...options))
  } catch (error) {
    // A throw is a rejection here: only what comes of it counts.
    return Promise.reject(error)
  }
}

function reason(code: string): Error {
  return Object.assign(new Error('the caller wants it no more'), { code })
}
