import type { PoolOptions } from './state.ts'

/** What callers, origins and the clock do, as plain data. */

export interface Wish {
  /** What the conversation calls it, and by which its answer is named. */
  readonly as: string
  /** Number of the origin; the third has the port of the first, and another name. */
  readonly of?: number
  readonly method?: string
  readonly headers?: ReadonlyArray<readonly [string, string]>
  readonly body?: 'some'
  /** In the request that is given, as by a proxy that passes on what it has got; on the wire it means nothing. */
  readonly version?: '1.0' | '1.1'
  /** Name of a signal; two may share it. */
  readonly signal?: string
  readonly aborted?: 'before' | 'at once'
}

export interface Answer {
  readonly version?: '1.0' | '1.1'
  readonly status?: number
  readonly says?: ReadonlyArray<readonly [string, string]>
  readonly end?: 'length' | 'chunks' | 'nothing'
  readonly size?: number
  /** Status codes of interim answers before it. */
  readonly interim?: readonly number[]
  /** In the same write: the head of an answer that nobody has asked for, an empty line, or FIN. */
  readonly behind?: 'bytes' | 'line' | 'fin'
  /** Bytes that are no HTTP, instead of it. */
  readonly noise?: string
}

export type Step =
  | { readonly pool: Partial<PoolOptions> }
  /** In one turn. */
  | { readonly asks: readonly Wish[] }
  /** An answer, or its first bytes; what is left of it comes with the next one to the same caller. */
  | { readonly reply: string; readonly with: Answer; readonly upTo?: number | 'half' }
  | { readonly server: 'fin' | 'reset' | 'stray'; readonly on: string; readonly bytes?: string }
  | { readonly abort: string }
  | { readonly milliseconds: number }
  /** The third origin has a name: while it is looked up, its connections are being opened. */
  | { readonly origin: number; readonly now: 'refuses' | 'accepts' | 'is looked up' | 'is found' }
  | { readonly counted: true }
  | { readonly close: true }
  /** Without close(): no connection is left, so no timer is. */
  | { readonly leaves: 'nothing' }

export type Script = readonly Step[]

/** What servers send on an idle connection before they end it. */
export const UNASKED = 'HTTP/1.1 408 Request Timeout\r\n\r\n'

const NAMES = 'abcdefghijklmnopqrstuvwxyz'

export const pool = (options: Partial<PoolOptions> = {}): Step => ({ pool: options })
/** `ask('a')`, `ask('abc')`: several in one turn, named by their letters. */
export const ask = (names: string, wish: Omit<Wish, 'as'> = {}): Step => ({
  asks: [...names].map((as) => ({ as, ...wish })),
})
export const reply = (name: string, answer: Answer = {}): Step => ({ reply: name, with: { ...answer } })
export const replies = (names: string): Step[] => [...names].map((name) => reply(name))
export const fin = (on: string): Step => ({ server: 'fin', on })
export const reset = (on: string): Step => ({ server: 'reset', on })
export const stray = (on: string, bytes = UNASKED): Step => ({ server: 'stray', on, bytes })
export const after = (milliseconds: number): Step => ({ milliseconds })
export const says = (...values: string[]): Answer => ({
  says: values.map((value) => ['Connection', value] as const),
})
/** A hint beside its token. */
export const hint = (value: string): Answer => ({
  says: [
    ['Connection', 'keep-alive'],
    ['Keep-Alive', value],
  ],
})
export const CLOSE: Step = { close: true }
export const COUNT: Step = { counted: true }
export const refuses = (origin = 0): Step => ({ origin, now: 'refuses' })
/** The answer to every lookup comes with FOUND. */
export const LOOKED_UP: Step = { origin: 2, now: 'is looked up' }
export const FOUND: Step = { origin: 2, now: 'is found' }
export const accepts = (origin = 0): Step => ({ origin, now: 'accepts' })
/** One request and its whole answer. */
export const exchange = (name: string, answer: Answer = {}, wish: Omit<Wish, 'as'> = {}): Script => [
  { asks: [{ as: name, ...wish }] },
  reply(name, answer),
]

/** Each of these in a row, with a name of its own. */
export const inARow = <T>(all: readonly T[], script: (one: T, name: string) => Script): Script =>
  all.flatMap((one, index) => script(one, NAMES[index] ?? `n${index}`))

/** Each of these in a script of its own. */
export const each = <T>(
  name: string,
  all: readonly T[],
  script: (one: T) => Script,
): Record<string, Script> =>
  Object.fromEntries(
    all.map((one) => [`${name}: ${typeof one === 'string' ? one : JSON.stringify(one)}`, script(one)]),
  )

export const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']
/** Methods have case, and no method that begins with X is known to anybody. */
export const NOT_IDEMPOTENT = ['POST', 'PATCH', 'XBUY', 'get', 'Put']

export const ONE = pool({ maxPerOrigin: 1 })
export const THREE = pool({ maxPerOrigin: 3 })

export const PART: Answer = {}
export const CHUNKS: Answer = { end: 'chunks' }
export const INTERIM: Answer = { interim: [103] }
