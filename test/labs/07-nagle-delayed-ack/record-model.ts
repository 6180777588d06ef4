import type { Random } from '../../../workbook/grading/random.ts'

/** A record of what happened at both ends of a connection. The books of each end say who waits. */

export type End = 'client' | 'server'

export type WireEvent = { readonly at: number; readonly end: End } & Act

type Act =
  | { readonly does: 'opens'; readonly mss: number; readonly noDelay: boolean }
  | { readonly does: 'setNoDelay'; readonly on: boolean }
  | { readonly does: 'write'; readonly bytes: number }
  | { readonly does: 'send' | 'receive'; readonly bytes: number; readonly acks: number }

/** What a step does; the time, and what the other end then receives, follow from it. */
export type Step =
  | { readonly end: End; readonly does: 'writes'; readonly size: 'small' | 'almost' | 'full' | 'long' }
  /** Sends so much of what waits, and no ACK. */
  | { readonly end: End; readonly does: 'sends'; readonly part: 'small' | 'full' }
  | {
      readonly end: End
      readonly does: 'acknowledges'
      readonly part: 'all' | 'some'
      readonly with: 'data' | 'nothing'
    }
  /** The next segment that is under way to this end arrives. */
  | { readonly end: End; readonly does: 'receives' }
  | { readonly end: End; readonly does: 'sets'; readonly on: boolean }
  /** It has opened with TCP_NODELAY set. */
  | { readonly end: End; readonly does: 'opened so' }

export type Waits = 'nagle' | 'delayed-ack' | 'both' | 'nobody'

const MSS = { client: 1_460, server: 1_000 }
export const other = (end: End): End => (end === 'client' ? 'server' : 'client')

interface Side {
  noDelay: boolean
  /** Totals of this end's bytes. */
  written: number
  sent: number
  acknowledged: number
  /** Totals of the other end's bytes. */
  received: number
  hasAcked: number
  /** Segments that are on their way here. */
  readonly underWay: Array<{ bytes: number; acks: number }>
}

/** What a step means where it stands; a step that means nothing is passed over. */
export function recordOf(
  steps: readonly Step[],
  random: Random,
): { events: WireEvent[]; waits: Waits; why: string } {
  const sides = { client: newSide(), server: newSide() }
  const events: WireEvent[] = []
  let at = 0
  const note = (end: End, act: Act): void =>
    void events.push({ at: (at += random.integer(0, 40)), end, ...act })
  const openers = steps.some((step) => step.does === 'opened so' && step.end === 'server')
    ? (['server', 'client'] as const)
    : (['client', 'server'] as const)
  for (const end of openers) {
    const noDelay = steps.some((step) => step.does === 'opened so' && step.end === end)
    sides[end].noDelay = noDelay
    note(end, { does: 'opens', mss: MSS[end], noDelay })
  }
  for (const step of steps) {
    const act = actOf(step, sides, random)
    if (act === null) continue
    apply(step.end, act, sides)
    note(step.end, act)
  }
  return { events, ...verdictOf(sides) }
}

function newSide(): Side {
  return { noDelay: false, written: 0, sent: 0, acknowledged: 0, received: 0, hasAcked: 0, underWay: [] }
}

function actOf(step: Step, sides: Readonly<Record<End, Side>>, random: Random): Act | null {
  const [side, peer] = [sides[step.end], sides[other(step.end)]]
  const waiting = side.written - side.sent
  const mss = MSS[step.end]
  switch (step.does) {
    case 'opened so':
      return null
    case 'sets':
      return { does: 'setNoDelay', on: step.on }
    case 'writes': {
      // Bytes wait at one end at most.
      if (peer.written > peer.sent) return null
      const bytes = {
        small: random.integer(1, 300),
        almost: mss - 1,
        full: mss,
        long: 2 * mss + random.integer(1, 300),
      }[step.size]
      return { does: 'write', bytes }
    }
    case 'sends':
      return sendOf(waiting, step.part, mss)
    case 'acknowledges': {
      const owed = side.received - side.hasAcked
      if (owed === 0) return null
      const some = step.part === 'all' || owed === 1 ? owed : random.integer(1, owed - 1)
      return { does: 'send', bytes: step.with === 'data' ? Math.min(waiting, mss) : 0, acks: some }
    }
    case 'receives': {
      const segment = side.underWay[0]
      return segment ? { does: 'receive', ...segment } : null
    }
  }
}

function sendOf(waiting: number, part: 'small' | 'full', mss: number): Act | null {
  const bytes = part === 'full' ? mss : Math.min(waiting, mss)
  return waiting === 0 || bytes > waiting ? null : { does: 'send', bytes, acks: 0 }
}

function apply(end: End, act: Act, sides: Readonly<Record<End, Side>>): void {
  const [side, peer] = [sides[end], sides[other(end)]]
  if (act.does === 'setNoDelay') side.noDelay = act.on
  if (act.does === 'write') side.written += act.bytes
  if (act.does === 'send') {
    side.sent += act.bytes
    side.hasAcked += act.acks
    peer.underWay.push({ bytes: act.bytes, acks: act.acks })
  }
  if (act.does === 'receive') {
    side.underWay.shift()
    side.received += act.bytes
    side.acknowledged += act.acks
  }
}

/** The verdict, and what stands in the books of both ends. */
function verdictOf(sides: Readonly<Record<End, Side>>): { readonly waits: Waits; readonly why: string } {
  const end = (['client', 'server'] as const).find((each) => sides[each].written > sides[each].sent)
  if (!end) return { waits: 'nobody', why: 'no bytes wait at either end' }
  const [side, peer] = [sides[end], sides[other(end)]]
  const isSmall = side.written - side.sent < MSS[end]
  const byNagle = isSmall && !side.noDelay && side.acknowledged < side.sent
  const owed = peer.received - peer.hasAcked
  const why =
    `${side.written - side.sent} bytes wait at the ${end}, whose full segment is ${MSS[end]} and noDelay ${side.noDelay}; ` +
    `${side.sent - side.acknowledged} that it has sent are unacknowledged as far as it knows; the ${other(end)} owes an ACK for ${owed}`
  if (byNagle) return { waits: owed > 0 ? 'both' : 'nagle', why }
  return { waits: owed > 0 ? 'delayed-ack' : 'nobody', why }
}

export function inWords(event: WireEvent): string {
  const { end } = event
  switch (event.does) {
    case 'opens':
      return `${end} opens, MSS ${event.mss}, noDelay ${event.noDelay}`
    case 'setNoDelay':
      return `${end} setNoDelay ${event.on}`
    case 'write':
      return `${end} write ${event.bytes}`
    case 'send':
    case 'receive':
      return `${end} ${event.does} ${event.bytes}, acks ${event.acks}`
  }
}
