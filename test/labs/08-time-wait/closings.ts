import type { Check } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import { after, BEGINNING, EVENTS, later, STATES, WAYS, type End, type Event, type State } from './model.ts'

/** Conversations about one end of a connection that closes: the grader is program, peer and clock. */

/** The waits are parts of TIME-WAIT, which lasts for twice the MSL. */
type Wait = 'all but a millisecond' | 'a millisecond' | 'half of it' | 'an hour'
type Step = Event | { readonly wait: Wait }

/** The remote object that `new Closing()` gives. */
interface Closing {
  close(): PromiseLike<unknown>
  receive(flags: readonly string[]): PromiseLike<unknown>
}

const wait = (how: Wait): Step => ({ wait: how })
const ALMOST = wait('all but a millisecond')
const ONE_MORE = wait('a millisecond')

/** Every state meets every event, twice. */
function scriptsOf(states: readonly State[]): Record<string, readonly Step[]> {
  const pairs = states.flatMap((state) => EVENTS.map((event) => [state, event] as const))
  const scripts = pairs.map(([state, event]): [string, Step[]] => [
    `${event} in ${state}`,
    [...WAYS[state], event, event, 'ACK'],
  ])
  const patient = states.map((state): [string, Step[]] => [
    `an hour in ${state}`,
    [...WAYS[state], wait('an hour'), 'close()', 'FIN', 'ACK'],
  ])
  return Object.fromEntries([...scripts, ...patient])
}

const conversations = (scripts: Readonly<Record<string, readonly Step[]>>): Conversations<Step> => ({
  scripts,
  drawn: 2,
  draw: (random) =>
    Array.from({ length: 12 }, () =>
      random.integer(0, 3) === 0
        ? wait(random.pick(['all but a millisecond', 'a millisecond', 'half of it'] as const))
        : // RST would end most of them early.
          random.pick([...EVENTS.slice(0, 4), ...EVENTS.slice(0, 4), 'RST' as const]),
    ),
  play,
})

const intoTimeWait = ['ACK FIN', 'FIN ACK', 'FIN+ACK'].map((way) => ['close()', ...way.split(' ')] as Event[])

export const CLOSINGS = {
  active: conversations(scriptsOf(['ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2'])),
  passive: conversations(scriptsOf(['CLOSE-WAIT', 'LAST-ACK'])),
  simultaneous: conversations(scriptsOf(['CLOSING'])),
  waiting: conversations({
    ...scriptsOf(['TIME-WAIT']),
    ...Object.fromEntries(
      intoTimeWait.flatMap((way) => [
        [`${way.join(', ')}: the whole wait`, [...way, ALMOST, ONE_MORE, ALMOST]],
        [
          `${way.join(', ')}: a FIN again in the last millisecond`,
          [...way, ALMOST, 'FIN', ALMOST, ONE_MORE, 'FIN'],
        ],
        [`${way.join(', ')}: FIN and ACK again`, [...way, ALMOST, 'FIN+ACK', ONE_MORE, ALMOST, ONE_MORE]],
        [
          `${way.join(', ')}: what prolongs nothing`,
          [...way, wait('half of it'), 'ACK', 'close()', wait('half of it')],
        ],
        [
          `${way.join(', ')}: three FINs`,
          [...way, 'FIN', wait('half of it'), 'FIN', wait('half of it'), 'FIN', ALMOST, ONE_MORE],
        ],
      ]),
    ),
  }),
  reset: conversations({
    ...scriptsOf(['CLOSED']),
    ...Object.fromEntries(
      STATES.flatMap((state) => [
        [`RST in ${state}, and an hour`, [...WAYS[state], 'RST', wait('an hour'), 'FIN']],
      ]),
    ),
    'a FIN again, and RST': ['close()', 'FIN+ACK', 'FIN', 'RST'],
  }),
} as const

/** An end in the hands of a check. */
export async function closingOf(c: Check, mslMs: number) {
  c.learner.holdClock()
  const send = await c.learner.make<object>('recorder')
  const closing = await c.learner.construct<Closing>('Closing', { mslMs, send })
  return { closing, look: () => c.learner.make<Pick<End, 'state' | 'sent'>>('look', closing, send) }
}

/** Plays what happens and compares after each step. */
async function play(c: Check, steps: readonly Step[]): Promise<void> {
  const mslMs = c.random.integer(3, 150)
  const { closing, look } = await closingOf(c, mslMs)
  let end = BEGINNING
  const done: string[] = []
  for (const step of steps) {
    if (typeof step === 'string') {
      end = after(end, step, mslMs)
      await c.blame(
        end.requirement,
        async () => await (step === 'close()' ? closing.close() : receive(c, closing, step)),
      )
      done.push(step)
    } else {
      const by = millisecondsOf(step.wait, mslMs)
      end = later(end, by)
      await c.learner.tick(by)
      done.push(`${by} ms`)
    }
    const seen = await look()
    await c.blame(end.requirement, () =>
      expectEnd(c, seen, end, `behind ${done.join(', ')}; the MSL is ${mslMs} ms`),
    )
  }
  // What the next conversation meets has no timer left.
  await receive(c, closing, 'RST')
  await c.blame('R6', () => c.learner.leavesNothing())
}

/** All sequences of so many of these, in the order of their length. */
function sequences(events: readonly Event[], most: number): Event[][] {
  const all: Event[][] = [[]]
  for (let from = 0, length = 1; length <= most; length++) {
    const shorter = all.slice(from)
    from = all.length
    for (const start of shorter) for (const event of events) all.push([...start, event])
  }
  return all.slice(1)
}

/** Every sequence of five events. */
export async function everySequence(c: Check): Promise<void> {
  const mslMs = c.random.integer(3, 150)
  const all = sequences(EVENTS.slice(0, 5), 5)
  const { closing } = await closingOf(c, mslMs)
  const ends = all.map((events) => endOf(events, mslMs))
  await compareAll(
    c,
    await c.learner.make('walk', closing, mslMs, all),
    ends,
    (at) => all[at]?.join(', ') ?? '',
  )
  const reset = ends.map((end) => after(end, 'RST', mslMs))
  const seen = await c.learner.make<string[]>(
    'walkOn',
    all.map(() => 'RST'),
  )
  await compareAll(c, seen, reset, (at) => `${all[at]?.join(', ')}, RST`)
  await c.blame('R6', () => c.learner.leavesNothing())
  c.measure(`${all.length} sequences of events, each by itself`)
}

/** Every sequence of three, and then time on both sides of the deadline, with one event more in the last millisecond. */
export async function everySequenceInTime(c: Check): Promise<void> {
  const mslMs = c.random.integer(3, 150)
  const events = EVENTS.slice(0, 4)
  const pairs = sequences(events, 3).flatMap((start) => events.map((last) => ({ start, last })))
  const { closing } = await closingOf(c, mslMs)
  let ends = pairs.map(({ start }) => endOf(start, mslMs))
  const starts = pairs.map(({ start }) => start)
  const told = (more: string) => (at: number) => {
    const { start = [], last = '' } = pairs[at] ?? {}
    return `${start.join(', ')}, then ${more.replace('EVENT', last)}; the MSL is ${mslMs} ms`
  }
  await compareAll(c, await c.learner.make('walk', closing, mslMs, starts), ends, told('nothing'))
  for (const [by, more] of [
    [2 * mslMs - 1, `${2 * mslMs - 1} ms`],
    [0, `${2 * mslMs - 1} ms and EVENT`],
    [1, `${2 * mslMs - 1} ms, EVENT and 1 ms`],
    [2 * mslMs - 2, `${2 * mslMs - 1} ms, EVENT and ${2 * mslMs - 1} ms`],
    [1, `${2 * mslMs - 1} ms, EVENT and ${2 * mslMs} ms`],
  ] as const) {
    if (by > 0) await c.learner.tick(by)
    ends = ends.map((end, at) => (by > 0 ? later(end, by) : after(end, pairs[at]?.last ?? 'RST', mslMs)))
    const seen =
      by > 0
        ? await c.learner.make<string[]>('lookAtAll')
        : await c.learner.make<string[]>(
            'walkOn',
            pairs.map(({ last }) => last),
          )
    await compareAll(c, seen, ends, told(more))
  }
}

export async function expectEnd(
  c: Check,
  seen: Pick<End, 'state' | 'sent'>,
  { state, sent }: Pick<End, 'state' | 'sent'>,
  told: string,
): Promise<void> {
  c.expectEqual(inWords(seen), inWords({ state, sent }), `the end ${told}`)
}

export async function receive(c: Check, closing: Closing, segment: string): Promise<void> {
  const flags = segment.split('+')
  await closing.receive(c.random.integer(0, 1) === 0 ? flags : flags.reverse())
}

// --- internal ---

function inWords({ state, sent }: Pick<End, 'state' | 'sent'>): string {
  return sent.length > 0 ? `${state}, has sent ${sent.join(', ')}` : `${state}, has sent nothing`
}

function endOf(events: readonly Event[], mslMs: number): End {
  let end = BEGINNING
  for (const event of events) end = after(end, event, mslMs)
  return end
}

async function compareAll(
  c: Check,
  seen: readonly string[],
  ends: readonly End[],
  told: (at: number) => string,
): Promise<void> {
  for (const [at, { state, sent, requirement }] of ends.entries()) {
    const [saw = '', ...flags] = (seen[at] ?? '').split(' ')
    const end = { state: saw as State, sent: flags }
    await c.blame(requirement, () => expectEnd(c, end, { state, sent }, `behind ${told(at)}`))
  }
}

function millisecondsOf(how: Wait, mslMs: number): number {
  return {
    'all but a millisecond': 2 * mslMs - 1,
    'a millisecond': 1,
    'half of it': mslMs,
    'an hour': 3_600_000,
  }[how]
}
