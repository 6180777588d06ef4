import type { Check } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Meanwhile } from './fixture.ts'
import { afterReceiver, laterReceiver, newReceiver, type Receiver, type ReceiverEvent } from './model.ts'

/** Conversations with a DelayedAck: the grader is the peer that sends, the program that replies, and the clock. */

type Size = 'one' | 'all but one' | 'full' | 'none'
type Wait = 'all but a millisecond' | 'a millisecond' | 'half of it' | 'an hour'
type Step = { readonly receive: Size } | 'replying' | { readonly wait: Wait }

const receive = (size: Size): Step => ({ receive: size })
const wait = (how: Wait): Step => ({ wait: how })
const [ONE, MOST, FULL, NONE] = [receive('one'), receive('all but one'), receive('full'), receive('none')]
const [ALMOST, MOMENT, HALF] = [wait('all but a millisecond'), wait('a millisecond'), wait('half of it')]

export const RECEIVERS = {
  R4: conversations({
    'full segments': [FULL, FULL, FULL, FULL, FULL, ALMOST, FULL, ALMOST],
    'small segments that are many': [ONE, ONE, ONE, ONE, ALMOST, MOMENT],
    'small ones and a full one': [ONE, FULL, ONE, MOST, FULL, ONE],
    'small ones that are enough': [MOST, MOST, ONE, ONE, MOST, MOST],
  }),
  R5: conversations({
    'one segment, and its delay': [ONE, ALMOST, MOMENT, wait('an hour')],
    'a later segment moves nothing': [ONE, HALF, ONE, ALMOST],
    'one in the last millisecond': [FULL, ALMOST, ONE, MOMENT, ALMOST, MOMENT],
    'no data, and then some': [NONE, HALF, ONE, ALMOST, MOMENT],
    'no data': [NONE, wait('an hour'), ONE, ALMOST, NONE, MOMENT, NONE, wait('an hour')],
    'one delay after the other': [ONE, ALMOST, MOMENT, FULL, ALMOST, MOMENT, ONE, ALMOST, MOMENT],
  }),
  R6: conversations({
    'a reply in time': [ONE, ALMOST, 'replying', MOMENT, wait('an hour')],
    'nothing to acknowledge': ['replying', 'replying', ONE, 'replying', 'replying', NONE, 'replying'],
    'what comes after a reply': [FULL, HALF, 'replying', FULL, ALMOST, MOMENT, 'replying'],
    'after an ACK at once': [FULL, HALF, FULL, 'replying', ONE, ALMOST, MOMENT],
    'replies and full segments': [FULL, 'replying', FULL, 'replying', FULL, FULL, 'replying'],
    'a reply after the delay': [ONE, wait('an hour'), 'replying', ONE, 'replying'],
  }),
}

/** Every sequence of four events, at one moment. */
export async function everySequence(c: Check): Promise<void> {
  const o = drawOptions(c)
  const plans = sequences([...segmentsOf([o.mss, o.mss - 1, 1, 0]), 'replying'], 4)
  await begin(c, o, plans.length)
  const ends = plans.map((plan) => plan.reduce(afterReceiver, newReceiver(o.mss, o.delayMs)))
  await compareAll(c, await c.learner.make('happen', plans), ends, (at) => told(o, plans[at] ?? []))
  await c.learner.make(
    'happen',
    plans.map(() => ['replying']),
  )
  await c.blame('R6', () => c.learner.leavesNothing())
  c.measure(`${plans.length} sequences of segments and replies, each on a receiver of its own`)
}

/** Every sequence of two; then time on both sides of the deadline, with one event more in the last millisecond. */
export async function everySequenceInTime(c: Check): Promise<void> {
  const o = drawOptions(c)
  const events: ReceiverEvent[] = [...segmentsOf([o.mss, 1]), 'replying']
  const lasts: ReceiverEvent[] = [...events, { received: 0 }]
  const plans = sequences(events, 2).flatMap((start) => lasts.map((last) => ({ start, last })))
  await begin(c, o, plans.length)
  let ends = plans.map(({ start }) => start.reduce(afterReceiver, newReceiver(o.mss, o.delayMs)))
  const starts = plans.map(({ start }) => start)
  await compareAll(c, await c.learner.make('happen', starts), ends, (at) => told(o, starts[at] ?? []))
  for (const [by, more] of stages(o.delayMs)) {
    if (by > 0) await c.learner.tick(by)
    ends = ends.map((end, at) =>
      by > 0 ? laterReceiver(end, by) : afterReceiver(end, plans[at]?.last ?? 'replying'),
    )
    const seen = await (by > 0
      ? c.learner.make<string[]>('said')
      : c.learner.make<string[]>(
          'happen',
          plans.map(({ last }) => [last]),
        ))
    const name = (at: number): string => more.replace('EVENT', nameOf(plans[at]?.last ?? 'replying'))
    await compareAll(c, seen, ends, (at) => `${told(o, starts[at] ?? [])}, then ${name(at)}`)
  }
  await c.blame('R6', () => c.learner.leavesNothing())
}

type Passage = readonly [event: ReceiverEvent | { readonly ms: number }, said: string]

/** One receiver, and all that it has said after each step. */
export async function passes(
  c: Check,
  o: Options,
  passages: readonly Passage[],
  meanwhile: Meanwhile = 'nothing',
): Promise<void> {
  await begin(c, o, 1, meanwhile)
  const done: string[] = []
  for (const [event, said] of passages) {
    const [seen] = await act(c, event)
    done.push(nameOf(event))
    const compare = (): void =>
      c.expectEqual(inWords(seen), inWords(said), `what it has said ${after(o, done)}${MEANWHILE[meanwhile]}`)
    await (event === 'replying' ? c.blame('R6', compare) : compare())
  }
  await c.blame('R6', () => c.learner.leavesNothing())
}

export interface Options {
  readonly mss: number
  readonly delayMs: number
}

/** What Linux may choose, unless the delay itself is what is tried. */
export function drawOptions(c: Check, longestMs = 200): Options {
  return { mss: c.random.integer(3, 1_460), delayMs: c.random.integer(4, longestMs) }
}

// --- internal ---

const MEANWHILE: Readonly<Record<Meanwhile, string>> = {
  nothing: '',
  replies: '; a reply leaves while acknowledge() runs',
  sends: '; a segment of 1 comes while acknowledge() runs',
}

function segmentsOf(sizes: readonly number[]): ReceiverEvent[] {
  return sizes.map((received) => ({ received }))
}

function conversations(scripts: Readonly<Record<string, readonly Step[]>>): Conversations<Step> {
  return {
    scripts,
    drawn: 1,
    draw: (random) =>
      Array.from({ length: 12 }, () =>
        random.pick([
          receive(random.pick(['one', 'all but one', 'full', 'none'])),
          receive(random.pick(['one', 'full'])),
          'replying' as const,
          wait(random.pick(['all but a millisecond', 'a millisecond', 'half of it'])),
        ]),
      ),
    play,
  }
}

/** Two receivers: the second one gets a byte first, and then the same. */
async function play(c: Check, steps: readonly Step[]): Promise<void> {
  const o = drawOptions(c)
  await begin(c, o, 2)
  const start = newReceiver(o.mss, o.delayMs)
  let ends = [start, afterReceiver(start, { received: 1 })]
  await c.learner.make('happen', [[], [{ received: 1 }]])
  const done: string[] = []
  for (const step of steps) {
    const event = eventOf(step, o)
    ends = ends.map((end) =>
      typeof event === 'object' && 'ms' in event ? laterReceiver(end, event.ms) : afterReceiver(end, event),
    )
    const seen = await act(c, event, 2)
    done.push(nameOf(event))
    await compareAll(
      c,
      seen,
      ends,
      (at) =>
        `${after(o, [...(at === 0 ? [] : [nameOf({ received: 1 })]), ...done])}, in turns with another receiver`,
    )
  }
  // What the next conversation meets has no timer left.
  await c.learner.make('happen', [['replying'], ['replying']])
  await c.blame('R6', () => c.learner.leavesNothing())
}

async function begin(c: Check, o: Options, count: number, meanwhile: Meanwhile = 'nothing'): Promise<void> {
  c.learner.holdClock()
  const acknowledge = await c.learner.make('ignore')
  const like = await c.learner.construct<object>('DelayedAck', { ...o, acknowledge })
  await c.learner.make('receivers', like, o, count, meanwhile)
}

async function act(
  c: Check,
  event: ReceiverEvent | { readonly ms: number },
  count = 1,
): Promise<readonly string[]> {
  if (typeof event === 'object' && 'ms' in event) {
    await c.learner.tick(event.ms)
    return await c.learner.make<string[]>('said')
  }
  return await c.learner.make<string[]>(
    'happen',
    Array.from({ length: count }, () => [event]),
  )
}

async function compareAll(
  c: Check,
  seen: readonly string[],
  ends: readonly Receiver[],
  where: (at: number) => string,
): Promise<void> {
  for (const [at, end] of ends.entries())
    await c.blame(end.requirement, () =>
      c.expectEqual(inWords(seen[at]), inWords(end.said.join(', ')), `what it has said ${where(at)}`),
    )
}

function stages(delayMs: number): ReadonlyArray<readonly [by: number, more: string]> {
  return [
    [delayMs - 1, `${delayMs - 1} ms`],
    [0, `${delayMs - 1} ms and EVENT`],
    [1, `${delayMs - 1} ms, EVENT and 1 ms`],
    [delayMs - 2, `${delayMs - 1} ms, EVENT and ${delayMs - 1} ms`],
    [1, `${delayMs - 1} ms, EVENT and ${delayMs} ms`],
  ]
}

function eventOf(step: Step, { mss, delayMs }: Options): ReceiverEvent | { readonly ms: number } {
  if (step === 'replying') return step
  if ('receive' in step)
    return { received: { none: 0, one: 1, 'all but one': mss - 1, full: mss }[step.receive] }
  return {
    ms: {
      'all but a millisecond': delayMs - 1,
      'a millisecond': 1,
      'half of it': Math.floor(delayMs / 2),
      'an hour': 3_600_000,
    }[step.wait],
  }
}

function after({ mss, delayMs }: Options, done: readonly string[]): string {
  return `after ${done.join(', ')}; the MSS is ${mss}, the delay ${delayMs} ms`
}

function told(o: Options, events: readonly ReceiverEvent[]): string {
  return after(o, events.map(nameOf))
}

function inWords(said: string | undefined): string {
  return said === undefined || said === '' ? 'nothing' : said
}

function nameOf(event: ReceiverEvent | { readonly ms: number }): string {
  if (event === 'replying') return 'a reply'
  return 'ms' in event ? `${event.ms} ms` : `a segment of ${event.received}`
}

function sequences(events: readonly ReceiverEvent[], most: number): ReceiverEvent[][] {
  const all: ReceiverEvent[][] = [[]]
  for (let from = 0, length = 1; length <= most; length++) {
    const shorter = all.slice(from)
    from = all.length
    for (const start of shorter) for (const event of events) all.push([...start, event])
  }
  return all.slice(1)
}
