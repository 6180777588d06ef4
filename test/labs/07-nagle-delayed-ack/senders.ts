import type { Check } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import { afterSender, newSender, type Sender, type SenderEvent } from './model.ts'

/** Conversations with a NagleSender: the grader is the program that writes, and the peer that acknowledges. */

/** Sizes are parts of the MSS, and ACKs are for parts of what is unacknowledged. */
type Size = 'one' | 'all but one' | 'full' | 'full and one' | 'two and a half' | 'none'
type Step =
  | { readonly write: Size }
  | { readonly ack: 'one' | 'half' | 'all' }
  | { readonly noDelay: boolean }

const write = (size: Size): Step => ({ write: size })
const ack = (part: 'one' | 'half' | 'all'): Step => ({ ack: part })
const noDelay = (on: boolean): Step => ({ noDelay: on })

const ONE = write('one')
const MOST = write('all but one')
const FULL = write('full')
const LONG = write('two and a half')

type Start = 'Nagle' | 'noDelay' | 'eager'

export const SENDERS = {
  R1: conversations('Nagle', {
    'small writes, each acknowledged before the next': [
      ONE,
      ack('all'),
      MOST,
      ack('all'),
      ONE,
      ack('all'),
      FULL,
    ],
    'full segments, and nobody acknowledges': [FULL, FULL, FULL, write('full and one'), FULL],
    'a long write': [LONG, ack('all'), LONG, LONG, ack('all')],
    'no bytes': [write('none'), ONE, write('none'), ack('all'), write('none')],
  }),
  R2: conversations('Nagle', {
    'small writes gather': [ONE, ONE, ONE, ack('all'), ack('all')],
    'they gather until they fill a segment': [ONE, ONE, MOST, ONE, MOST, ack('all')],
    'part of what is out is acknowledged': [LONG, ack('one'), ack('half'), ack('all'), ack('all')],
    'what was set free is unacknowledged, too': [
      ONE,
      MOST,
      ack('all'),
      ONE,
      ONE,
      ack('all'),
      ONE,
      ack('all'),
    ],
    'a full write after a small one that waits': [ONE, ONE, FULL, ack('half'), FULL, ack('all')],
  }),
  R3: conversations('noDelay', {
    'every write leaves': [ONE, ONE, FULL, MOST, LONG, ONE],
    'it is taken back': [ONE, noDelay(false), ONE, ONE, ack('all'), ONE],
    'what left before it is taken back is acknowledged before, too': [
      ONE,
      LONG,
      ack('all'),
      noDelay(false),
      ONE,
      MOST,
      ack('all'),
    ],
    'and in part': [LONG, ack('half'), noDelay(false), ONE, ack('all'), ONE],
    'it is set again, and again': [noDelay(true), ONE, noDelay(true), ONE],
    'taken back and set': [ONE, noDelay(false), ONE, MOST, noDelay(true), ONE, ack('half'), ONE],
    'set while something waits': [
      noDelay(false),
      ONE,
      ONE,
      ONE,
      noDelay(true),
      ONE,
      noDelay(false),
      ONE,
      ack('all'),
    ],
    'nothing waits': [noDelay(false), ack('all'), noDelay(true), noDelay(false), ONE, noDelay(true)],
  }),
  eager: conversations('eager', {
    'every segment is acknowledged while it is sent': [ONE, ONE, LONG, MOST, FULL, ONE, noDelay(true), ONE],
  }),
}

/** Every sequence of four events, on a sender of its own, and what it has sent in the end. */
export async function everySequence(c: Check): Promise<void> {
  const mss = c.random.integer(3, 9)
  const plans = [
    ...sequences([ONE, MOST, FULL, LONG, ack('half'), ack('all')], 4),
    ...sequences([ONE, LONG, ack('all'), noDelay(true), noDelay(false)], 4),
  ].map((sequence) => planOf(newSender(mss), sequence))
  const like = await c.learner.construct<object>('NagleSender', { mss, send: await c.learner.make('ignore') })
  const seen = await c.learner.make<string[]>(
    'sendAll',
    like,
    plans.map(({ events }) => ({ mss, events: events.map(inShort).join(' ') })),
  )
  for (const [at, { events, ends }] of plans.entries())
    await expectSent(c, seen[at], ends.at(-1) ?? newSender(mss), events)
  c.measure(`${plans.length} sequences of writes and ACKs, each on a sender of its own`)
}

/** One sender, and what it has sent after each step, in sizes. */
export async function passes(
  c: Check,
  mss: number,
  events: ReadonlyArray<readonly [event: SenderEvent, sent: string]>,
  options: { readonly noDelay?: boolean } = {},
): Promise<void> {
  const all = events.map(([event]) => event)
  const like = await c.learner.construct<object>('NagleSender', {
    mss,
    send: await c.learner.make('ignore'),
  })
  const [seen = []] = await c.learner.make<string[][]>('sendInTurns', like, [
    { mss, ...options, events: all.map(inShort).join(' ') },
  ])
  for (const [at, [, sent]] of events.entries())
    await blameOn(c, seen[at], null, () =>
      c.expectEqual(inWords(seen[at]), inWords(sent), told(mss, all.slice(0, at + 1))),
    )
}

// --- internal ---

interface Plan {
  readonly events: readonly SenderEvent[]
  /** What a right sender has come to after each event. */
  readonly ends: readonly Sender[]
}

function conversations(
  start: Start,
  scripts: Readonly<Record<string, readonly Step[]>>,
): Conversations<Step> {
  return {
    scripts,
    drawn: 2,
    draw: (random) =>
      Array.from({ length: 14 }, () =>
        random.pick([
          write(random.pick(['one', 'all but one', 'full', 'full and one', 'two and a half'])),
          write(random.pick(['one', 'all but one'])),
          ack(random.pick(['one', 'half', 'all'])),
          ...(start === 'noDelay' ? [noDelay(random.integer(0, 1) === 0)] : []),
        ]),
      ),
    play: (c, steps) => play(c, start, steps),
  }
}

/** Two senders take turns: the second one is a step late, and has another MSS. */
async function play(c: Check, start: Start, steps: readonly Step[]): Promise<void> {
  const mss = c.random.integer(3, 40)
  const isOn = start === 'noDelay'
  const plans = [
    { mss, steps },
    { mss: mss + 1, steps: [ONE, ...steps] },
  ].map((each) => ({ mss: each.mss, ...planOf(newSender(each.mss, isOn, start === 'eager'), each.steps) }))
  const options = { ...(isOn ? { noDelay: true } : {}), eager: start === 'eager' }
  const like = await c.learner.construct<object>('NagleSender', { mss, send: await c.learner.make('ignore') })
  const seen = await c.learner.make<string[][]>(
    'sendInTurns',
    like,
    plans.map(({ events, mss: own }) => ({ mss: own, events: events.map(inShort).join(' '), ...options })),
  )
  for (const [index, { events, ends }] of plans.entries())
    for (const [at, end] of ends.entries())
      await expectSent(c, seen[index]?.[at], end, events.slice(0, at + 1), plans[1 - index]?.mss)
}

async function expectSent(
  c: Check,
  seen: string | undefined,
  end: Sender,
  events: readonly SenderEvent[],
  beside?: number,
): Promise<void> {
  const [what, wanted] = [told(end.mss, events, beside), inWords(end.sent.join(' '))]
  await blameOn(c, seen, end.requirement, () =>
    isOther(seen) ? c.fail(`${what}: ${wanted}`, inWords(seen)) : c.expectEqual(inWords(seen), wanted, what),
  )
}

/** Other bytes than those that were written: what waits was no copy, or out of order. */
function isOther(seen: string | undefined): boolean {
  return seen?.includes(';') === true
}

async function blameOn(
  c: Check,
  seen: string | undefined,
  requirement: string | null,
  compare: () => void,
): Promise<void> {
  const whose = isOther(seen) ? 'R2' : requirement
  await (whose === null ? compare() : c.blame(whose, compare))
}

/** @param beside - The MSS of another sender that is used in turns with this one: each has its own bytes. */
function told(mss: number, events: readonly SenderEvent[], beside?: number): string {
  const other = beside === undefined ? '' : `, in turns with another one with an MSS of ${beside},`
  return `what a sender with an MSS of ${mss}${other} has sent after ${events.map(nameOf).join(', ')}`
}

function inWords(sent: string | undefined): string {
  return sent === undefined || sent === '' ? 'nothing' : `segments of ${sent}`
}

/** As it crosses to the fixture: thousands of them go in one call. */
function inShort(event: SenderEvent): string {
  if ('write' in event) return `w${event.write}`
  return 'acked' in event ? `a${event.acked}` : `n${Number(event.noDelay)}`
}

function nameOf(event: SenderEvent): string {
  if ('write' in event) return `write ${event.write}`
  return 'acked' in event ? `acked ${event.acked}` : `setNoDelay(${event.noDelay})`
}

/** An ACK where nothing is unacknowledged means nothing, and is passed over. */
function planOf(start: Sender, steps: readonly Step[]): Plan {
  const events: SenderEvent[] = []
  const ends: Sender[] = []
  for (const step of steps) {
    const sender = ends.at(-1) ?? start
    const event = eventOf(step, sender)
    if (event === null) continue
    events.push(event)
    ends.push(afterSender(sender, event))
  }
  return { events, ends }
}

function eventOf(step: Step, { mss, unacknowledged }: Sender): SenderEvent | null {
  if ('noDelay' in step) return step
  if ('write' in step) return { write: bytesOf(step.write, mss) }
  if (unacknowledged === 0) return null
  return { acked: { one: 1, half: Math.ceil(unacknowledged / 2), all: unacknowledged }[step.ack] }
}

function bytesOf(size: Size, mss: number): number {
  return {
    none: 0,
    one: 1,
    'all but one': mss - 1,
    full: mss,
    'full and one': mss + 1,
    'two and a half': 2 * mss + Math.ceil(mss / 2),
  }[size]
}

/** All sequences of so many of these at most, the shorter ones first. */
function sequences(steps: readonly Step[], most: number): Step[][] {
  const all: Step[][] = [[]]
  for (let from = 0, length = 1; length <= most; length++) {
    const shorter = all.slice(from)
    from = all.length
    for (const start of shorter) for (const step of steps) all.push([...start, step])
  }
  return all.slice(1)
}
