import type { Grant } from './model.ts'

/** What servers, the caller and the clock do, as plain data. */

/** All but one thing is as it should be. */
export const FAULTS = [
  'another xid',
  'an earlier xid',
  'another mac',
  'from a client',
  'another type',
  'no type',
  'no address',
  'no time',
  'a short time',
  'no server',
  'a short server',
  'an option that is cut',
  'no cookie',
  'half a message',
  'no bytes',
] as const
export type Fault = (typeof FAULTS)[number]

export type Step =
  | { readonly does: 'begin' | 'release' }
  | {
      readonly says: 'offer' | 'ack' | 'nak'
      readonly from: number
      readonly grant: Grant
      readonly fault?: Fault
    }
  /** Who has the address; how the next question about it is answered. */
  | { readonly inUse: boolean }
  | {
      readonly wait:
        | number
        | 'all'
        | 'almost'
        | 'a millisecond'
        | 'half'
        | 'T2'
        | 'almost T2'
        | 'end'
        | 'almost the end'
    }
  | { readonly dice: number }

export type Said = Extract<Step, { says: string }>
export type Script = readonly Step[]
export type Scripts = Readonly<Record<string, Script>>

/** The halves of what is left stay whole milliseconds. */
const GRANT: Grant = { address: 3, seconds: 4_096 }

export const BEGIN: Step = { does: 'begin' }
export const RELEASE: Step = { does: 'release' }
export const offer = (grant: Partial<Grant> = {}, from = 0): Said => ({
  says: 'offer',
  from,
  grant: { ...GRANT, ...grant },
})
export const ack = (grant: Partial<Grant> = {}, from = 0): Said => ({
  says: 'ack',
  from,
  grant: { ...GRANT, ...grant },
})
/** Behind it somebody has to say whether the address is in use. */
export const ackThen = (inUse: boolean, grant: Partial<Grant> = {}): Step[] => [ack(grant), { inUse }]
export const nak = (from = 0): Said => ({ says: 'nak', from, grant: GRANT })
export const forged = (says: 'offer' | 'ack' | 'nak', fault: Fault): Step => ({
  says,
  from: 0,
  grant: { ...GRANT, address: 9 },
  fault,
})
export const wait = (how: Extract<Step, { wait: unknown }>['wait'] = 'all'): Step => ({ wait: how })
export const dice = (value: number): Step => ({ dice: value })
/** On both sides of a moment. */
export const DUE: Script = [wait('almost'), wait('a millisecond')]
/** From nothing to a lease. */
export const leased = (grant: Partial<Grant> = {}): Script => [BEGIN, offer(grant), ...ackThen(false, grant)]
