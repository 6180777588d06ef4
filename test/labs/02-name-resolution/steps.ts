import type { Rec, Reply, Type } from './model.ts'

/** What callers, servers, forgers and clocks do, as plain data. */

/** How a message fails to be the answer. */
export const OVER_BOTH = [
  'another id',
  'another name',
  'a longer name',
  'another type',
  'another class',
  'no question',
  'two questions',
  'a query',
  'no bytes',
  'a single byte',
] as const
export const OVER_UDP = [...OVER_BOTH, 'another port', 'another address', 'too late'] as const

export type Fault = (typeof OVER_UDP)[number]

export interface Style {
  /** Names in the answer in another case. */
  readonly upper?: true
  /** The message in so many pieces, over TCP. */
  readonly pieces?: number
  /** The message filled up to so many bytes, in the additional section. */
  readonly size?: number
  /** Each byte by itself. */
  readonly bytes?: true
  /** In one piece with a message that is not the answer, and in front of the answer. */
  readonly behind?: Fault
  /** How the connection ends: the answer is begun, or not. */
  readonly end?: 'FIN' | 'RST' | 'half, then FIN' | 'half, then RST'
}

/** Lookups under way are numbered by their age; 0 if not given. */
interface To {
  readonly to?: number
}

export type Step =
  | { readonly servers: number; readonly attempts: number }
  | { readonly ask: string; readonly type?: Type; readonly as?: 'plain' | 'upper' | 'dot' }
  | ({ readonly reply: Reply } & Style & To)
  /** What it would say if it were the answer. */
  | ({ readonly forged: Fault; readonly says?: Reply } & To)
  /** Of what the oldest one still has to wait: all, all but a millisecond, or half. */
  | { readonly wait: 'all' | 'almost' | 'half' | 'a millisecond' }
  | { readonly later: number }
  | { readonly close: true }

export const ask = (name: string, type?: Type, as?: 'plain' | 'upper' | 'dot'): Step => ({
  ask: name,
  ...(type && { type }),
  ...(as && { as }),
})
export const reply = (said: Reply, style: Style & To = {}): Step => ({ reply: said, ...style })
export const forged = (fault: Fault, says?: Reply): Step => ({ forged: fault, ...(says && { says }) })
export const wait = (how: 'all' | 'almost' | 'half' | 'a millisecond' = 'all'): Step => ({ wait: how })
export const seconds = (count: number): Step => ({ later: count * 1_000 })
export const CLOSE: Step = { close: true }
export const setup = (servers: number, attempts: number): Step => ({ servers, attempts })

/** Addresses of one name. */
export const found = (of: string, ttl = 300, count = 1): Exclude<Reply, string> => ({
  records: Array.from({ length: count }, (_, address) => ({ of, ttl, address })),
})

export const alias = (of: string, to: string, ttl = 300) => ({ of, alias: to, ttl })
export const absent = (code: 0 | 3, soa?: readonly [number, number]): Exclude<Reply, string> => ({
  code,
  ...(soa && { soa }),
})
export const TRUNCATED: Reply = { tc: true }

export type Scripts = Readonly<Record<string, readonly Step[]>>

export const rec = (of: string, address: number, ttl = 300): Rec => ({ of, address, ttl })
/** An address of the kind that was not asked for. */
export const otherKind = (of: string, address: number): Rec => ({ of, address, ttl: 5, other: true })
export const records = (...list: readonly Rec[]): Exclude<Reply, string> => ({ records: list })
export const code = (number: number): Reply => ({ code: number })
export const SOA = [900, 600] as const
export const NAMES = ['a', 'b', 'c', 'd', 'e', 'f']
