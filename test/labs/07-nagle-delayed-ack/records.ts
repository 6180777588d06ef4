import type { Call, Check } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'

/** The records of connections: what happened at both ends. A model keeps the books, and says who waits. */

export type End = 'client' | 'server'

export type WireEvent = { readonly at: number; readonly end: End } & Act

type Act =
  | { readonly does: 'opens'; readonly mss: number; readonly noDelay: boolean }
  | { readonly does: 'setNoDelay'; readonly on: boolean }
  | { readonly does: 'write'; readonly bytes: number }
  | { readonly does: 'send' | 'receive'; readonly bytes: number; readonly acks: number }

/** What a step does; the time, and what the other end then receives, follow from it. */
type Step =
  | { readonly end: End; readonly does: 'writes'; readonly size: 'small' | 'full' | 'long' }
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

type Waits = 'nagle' | 'delayed-ack' | 'both' | 'nobody'

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

const MSS = { client: 1_460, server: 1_000 }
const other = (end: End): End => (end === 'client' ? 'server' : 'client')

const writes = (end: End, size: 'small' | 'full' | 'long' = 'small'): Step => ({ end, does: 'writes', size })
const sends = (end: End, part: 'small' | 'full' = 'small'): Step => ({ end, does: 'sends', part })
const acks = (end: End, part: 'all' | 'some' = 'all', how: 'data' | 'nothing' = 'nothing'): Step => ({
  end,
  does: 'acknowledges',
  part,
  with: how,
})
const receives = (end: End): Step => ({ end, does: 'receives' })
const sets = (end: End, on: boolean): Step => ({ end, does: 'sets', on })

/** The same with the ends exchanged. */
function mirrored(steps: readonly Step[]): Step[] {
  return steps.map((step) => ({ ...step, end: other(step.end) }))
}

function bothWays(scripts: Readonly<Record<string, readonly Step[]>>): Record<string, readonly Step[]> {
  const turned = Object.entries(scripts).map(
    ([name, steps]) => [`${name}, from the server`, mirrored(steps)] as const,
  )
  return { ...scripts, ...Object.fromEntries(turned) }
}

const [ME, YOU] = ['client', 'server'] as const
/** Write, write: the first one has left. */
const START = [writes(ME), sends(ME), writes(ME)]
/** One exchange that is over, with nothing left. */
const BEFORE = [writes(ME), sends(ME), receives(YOU), acks(YOU, 'all'), receives(ME)]

const WAITING = bothWays({
  'the first segment is under way': START,
  'it has come': [...START, receives(YOU)],
  'its ACK is under way': [...START, receives(YOU), acks(YOU)],
  'an earlier exchange, and the same': [...BEFORE, ...START, receives(YOU)],
  'half of it is acknowledged': [...START, receives(YOU), acks(YOU, 'some')],
  'half of it is acknowledged, and that ACK has come': [
    ...START,
    receives(YOU),
    acks(YOU, 'some'),
    receives(ME),
  ],
  'two are out, and one of them has come': [
    writes(ME, 'long'),
    sends(ME, 'full'),
    sends(ME, 'full'),
    receives(YOU),
    writes(ME),
  ],
  'two are out, one is acknowledged, and one is under way': [
    writes(ME, 'long'),
    sends(ME, 'full'),
    receives(YOU),
    acks(YOU),
    receives(ME),
    sends(ME, 'full'),
  ],
  'full segments wait': [writes(ME, 'long'), sends(ME, 'full'), receives(YOU)],
  'exactly a segment waits': [writes(ME), sends(ME), receives(YOU), writes(ME, 'full')],
  'TCP_NODELAY is set': [sets(ME, true), ...START, receives(YOU)],
  'it is set at the other end': [sets(YOU, true), ...START, receives(YOU)],
  'it was set, and is taken back': [sets(ME, true), sets(ME, false), ...START, receives(YOU)],
  'it is set behind the write': [...START, receives(YOU), sets(ME, true)],
  'the answer carries the ACK, and is under way': [
    writes(YOU),
    ...START,
    receives(YOU),
    acks(YOU, 'all', 'data'),
  ],
  'the other end answers, and owes the rest': [
    writes(YOU),
    ...START,
    receives(YOU),
    acks(YOU, 'some', 'data'),
    receives(ME),
  ],
})

const BLAMELESS = bothWays({
  'nothing has happened': [],
  'everything has left': [writes(ME), sends(ME)],
  'everything has left, and its ACK is delayed': [writes(ME), sends(ME), receives(YOU)],
  'everything is over': BEFORE,
  'bytes wait, and nothing was ever sent': [writes(ME)],
  'bytes wait, and everything is acknowledged': [...BEFORE, writes(ME)],
  'a segment waits, and nothing is unacknowledged': [...BEFORE, writes(ME, 'full')],
  'bytes wait though TCP_NODELAY is set, and what is out is under way': [sets(ME, true), ...START],
  'a full segment waits, and the ACK is under way': [
    writes(ME),
    sends(ME),
    receives(YOU),
    writes(ME, 'full'),
    acks(YOU),
  ],
  'bytes wait, and this end owes an ACK itself': [writes(YOU), sends(YOU), receives(ME), writes(ME)],
  'the peer owes nothing, this end does, and nothing is unacknowledged': [
    ...BEFORE,
    writes(YOU),
    sends(YOU),
    receives(ME),
    writes(ME),
  ],
})

export const RECORDS = {
  R14: conversations(WAITING),
  R15: conversations(BLAMELESS),
}

/** Asks about all records at once. */
export async function expectVerdicts(c: Check, all: ReadonlyArray<readonly Step[]>): Promise<void> {
  const records = all.map((steps) => recordOf(steps, c.random))
  const calls = records.map(({ events }) => c.learner.call<Waits>('whoWaits', events))
  for (const [at, { events, waits }] of records.entries())
    await expectVerdict(c, events, waits, calls[at] as Call<Waits>)
}

/** Every beginning of so many drawn connections. */
export async function everyBeginning(c: Check): Promise<void> {
  const drawn = Array.from({ length: 6 }, () => drawSteps(c.random, 18))
  await expectVerdicts(
    c,
    drawn.flatMap((steps) => steps.map((_, at) => steps.slice(0, at + 1))),
  )
}

// --- internal ---

function conversations(scripts: Readonly<Record<string, readonly Step[]>>): Conversations<Step> {
  return {
    scripts,
    drawn: 3,
    draw: (random) => drawSteps(random, 16),
    play: (c, steps) => expectVerdicts(c, [steps]),
  }
}

function drawSteps(random: Random, count: number): Step[] {
  return Array.from({ length: count }, (): Step => {
    const end = random.pick(['client', 'client', 'client', 'server'] as const)
    return random.pick<Step>([
      writes(end, random.pick(['small', 'full', 'long'])),
      sends(end, 'full'),
      sends(end, 'small'),
      receives(other(end)),
      receives(end),
      acks(other(end), random.pick(['all', 'some']), random.pick(['data', 'nothing'])),
      sets(end, random.integer(0, 1) === 0),
    ])
  })
}

async function expectVerdict(
  c: Check,
  events: readonly WireEvent[],
  waits: Waits,
  call: Call<Waits>,
): Promise<void> {
  const seen: unknown = await call
  await c.blame(waits === 'nobody' ? 'R15' : 'R14', () =>
    c.expectEqual(seen, waits, `who waits behind: ${events.map(inWords).join('; ')}`),
  )
}

/** What a step means where it stands; a step that means nothing is passed over. */
function recordOf(steps: readonly Step[], random: Random): { events: WireEvent[]; waits: Waits } {
  const sides = { client: newSide(), server: newSide() }
  const events: WireEvent[] = []
  let at = 0
  const note = (end: End, act: Act): void =>
    void events.push({ at: (at += random.integer(0, 40)), end, ...act })
  for (const end of ['client', 'server'] as const) note(end, { does: 'opens', mss: MSS[end], noDelay: false })
  for (const step of steps) {
    const act = actOf(step, sides, random)
    if (act === null) continue
    apply(step.end, act, sides)
    note(step.end, act)
  }
  return { events, waits: verdictOf(sides) }
}

function newSide(): Side {
  return { noDelay: false, written: 0, sent: 0, acknowledged: 0, received: 0, hasAcked: 0, underWay: [] }
}

function actOf(step: Step, sides: Readonly<Record<End, Side>>, random: Random): Act | null {
  const [side, peer] = [sides[step.end], sides[other(step.end)]]
  const waiting = side.written - side.sent
  const mss = MSS[step.end]
  switch (step.does) {
    case 'sets':
      return { does: 'setNoDelay', on: step.on }
    case 'writes': {
      // Bytes wait at one end at most.
      if (peer.written > peer.sent) return null
      const bytes = { small: random.integer(1, 300), full: mss, long: 2 * mss + random.integer(1, 300) }[
        step.size
      ]
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

function verdictOf(sides: Readonly<Record<End, Side>>): Waits {
  const end = (['client', 'server'] as const).find((each) => sides[each].written > sides[each].sent)
  if (!end) return 'nobody'
  const [side, peer] = [sides[end], sides[other(end)]]
  const isSmall = side.written - side.sent < MSS[end]
  const byNagle = isSmall && !side.noDelay && side.acknowledged < side.sent
  const byDelay = peer.hasAcked < peer.received
  if (byNagle && byDelay) return 'both'
  if (byNagle) return 'nagle'
  return byDelay ? 'delayed-ack' : 'nobody'
}

function inWords(event: WireEvent): string {
  const { end } = event
  switch (event.does) {
    case 'opens':
      return `${end} opens, MSS ${event.mss}`
    case 'setNoDelay':
      return `${end} setNoDelay ${event.on}`
    case 'write':
      return `${end} write ${event.bytes}`
    case 'send':
    case 'receive':
      return `${end} ${event.does} ${event.bytes}, acks ${event.acks}`
  }
}
