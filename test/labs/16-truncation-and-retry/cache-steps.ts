import type { Step } from './cache-play.ts'
import type { Cut } from './cuts.ts'
import type { Reply } from './replies.ts'

/** Steps of the conversations through the cache, in short words. */

export type Scripts = Readonly<Record<string, readonly Step[]>>
type Get = Extract<Step, { get: string }>

export const get = (letter = 'a', more: Omit<Get, 'get'> = {}): Step => ({ get: letter, ...more })
export const brings = (...lines: string[]): Step => get('a', { brings: lines })
export const send = (method: string, letter = 'a', more: Omit<Get, 'get'> = {}): Step =>
  get(letter, { method, ...more })
export const answer = (reply: Reply = {}): Step => ({ answers: reply })
export const last = (reply: Reply = {}): Step => ({ answers: reply, at: 'last' })
export const says = (...lines: string[]): Step => answer({ says: lines })
export const cut = (upTo: Cut, cuts: Reply = {}, end: 'FIN' | 'RST' = 'FIN'): Step => ({ cuts, upTo, end })
export const wait = (seconds: number): Step => ({ seconds })
export const slow = (seconds: number): Step => ({ seconds, whileAsked: true })

export const FRESH = 'Cache-Control: max-age=60'
export const TAG = 'ETag: "v1"'
export const DATE = 'Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT'

/** Each in a script of its own. */
export function each<T>(name: string, all: readonly T[], script: (one: T) => readonly Step[]): Scripts {
  return Object.fromEntries(
    all.map((one) => [`${name}: ${typeof one === 'string' ? one : JSON.stringify(one)}`, script(one)]),
  )
}

export const SHORT = 'Cache-Control: max-age=10'
export const good = (...lines: string[]): Step => answer({ status: 304, says: lines })
export const stale = (...lines: string[]): readonly Step[] => [get(), says(SHORT, ...lines), wait(10)]

export const VARY = 'Vary: Accept-Language'
export const EN = 'Accept-Language: en'
export const DE = 'Accept-Language: de'
