import type { Cut } from './cuts.ts'
import type { Step } from './fetch-play.ts'
import { type RESTS, type Reply } from './replies.ts'

/** What callers and servers do, in the conversations with a client. */

export type Scripts = Readonly<Record<string, readonly Step[]>>

export type Call = Extract<Step, { call: string }>
export const call = (method = 'GET', more: Omit<Call, 'call'> = {}): Step => ({ call: method, ...more })
export const ONCE = { retries: 0 } as const
export const whole = (reply: Reply = {}, end: 'FIN' | 'RST' | 'open' = 'open'): Step => ({
  reply,
  end,
  inParts: true,
})
export const cut = (upTo: Cut, reply: Reply = {}, end: 'FIN' | 'RST' = 'FIN'): Step => ({ reply, upTo, end })
export const TAG: Reply = { says: ['ETag: "v1"'] }
export const rest = (kind: (typeof RESTS)[number]): Step => ({ reply: { rest: kind }, inParts: true })
export const hour: Step = { hours: 1 }

/** Each in a script of its own. */
export function each<T>(name: string, all: readonly T[], script: (one: T) => readonly Step[]): Scripts {
  return Object.fromEntries(
    all.map((one) => [`${name}: ${typeof one === 'string' ? one : JSON.stringify(one)}`, script(one)]),
  )
}
