import { inspect } from 'node:util'
import type { Call, Check } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import {
  after,
  beginning,
  blamed,
  mayBeIdle,
  sendable,
  type Happening,
  type Sender,
  type Sizes,
} from './model.ts'
import {
  acks,
  duplicates,
  FLIGHTS,
  idle,
  SCRIPTS,
  timeout,
  type Flight,
  type Step,
} from './history-scripts.ts'
import { storyOf, wordsOf, type History } from './history-words.ts'

/** Histories of a sender: the grader is the network, which acknowledges, repeats itself, and falls silent. */

export const HISTORIES = {
  R2: conversations('R2'),
  R4: conversations('R4'),
  R5: conversations('R5'),
  R6: conversations('R6'),
  R7: conversations('R7'),
}

/** A window in the hands of a check. */
export interface Window {
  acked(bytes: number): Call<void>
  timedOut(inFlight: number): Call<void>
}

export function drawSizes(random: Random): Sizes {
  const mss = random.integer(500, 1_460)
  // More than the least threshold is: a window can be in congestion avoidance and below the initial one.
  const initialWindow = mss * random.integer(3, 10)
  return { mss, receiveWindow: random.integer(20, 60) * mss + random.integer(0, 400), initialWindow }
}

export function windowOf(c: Check, sizes: Sizes): Call<Window> {
  return c.learner.construct<Window>('CongestionWindow', { ...sizes })
}

/** In flight: nothing, and whatever lies on both sides of one of the two limits. */
export function inFlightAround({ window }: Sender, { receiveWindow }: Sizes): number[] {
  const sides = [window, receiveWindow].flatMap((limit) => [limit - 1, limit, limit + 1])
  return [0, 1, ...sides, window + receiveWindow].filter((each) => each >= 0)
}

/** The window has this size now, and lets this much be sent. */
export async function compare(c: Check, seen: readonly unknown[], sender: Sender, told: Told): Promise<void> {
  const { sizes, inFlight, when, requirement } = told
  const [window, ...allowed] = seen
  await c.blame(requirement, () => {
    if (window === sender.window) return
    const expected = `\`window\` ${when}, ${inWords(sizes)}: ${sender.window}`
    c.fail(expected, inspect(window), told.history ? storyOf(sizes, told.history) : [])
  })
  const expected = inFlight.map((each) => sendable(sender, each, sizes))
  const at = expected.findIndex((each, index) => each !== allowed[index])
  await c.blame('R3', () =>
    c.expectEqual(allowed[at], expected[at], `sendable(${inFlight[at]}) ${when}, ${inWords(sizes)}`),
  )
}

/** Every sequence of so many of what happens, and then acknowledgements that show what it left behind. */
export async function everySequence(c: Check): Promise<void> {
  const sizes = { ...drawSizes(c.random), initialWindow: 4_000, mss: 1_000 }
  const { mss } = sizes
  const events: readonly Happening[] = [
    { acked: mss },
    { acked: 2 * mss },
    { duplicate: 7 * mss },
    { timeout: 9 * mss },
    { idle: [11, 10] },
  ]
  const rest = Array.from({ length: 8 }, () => ({ acked: mss }))
  const histories = sequences(events, 4).map((start) => possible([...start, ...rest], sizes))
  const first = await windowOf(c, sizes)
  const seen = await c.learner.make<number[][]>('walk', first, sizes, histories)
  for (const [index, history] of histories.entries())
    await compareHistory(c, sizes, history, seen[index] ?? [])
  c.measure(`${histories.length} histories of twelve steps, each by itself`)
}

// --- internal ---

interface Told {
  readonly sizes: Sizes
  readonly inFlight: readonly number[]
  readonly when: string
  readonly requirement: string
  /** Where the way there is to be told. */
  readonly history?: History
}

type Home = keyof typeof SCRIPTS

function conversations(home: Home): Conversations<Step> {
  return { scripts: SCRIPTS[home], drawn: 2, draw, play: (c, steps) => play(c, home, steps) }
}

function draw(random: Random): Step[] {
  return Array.from({ length: random.integer(6, 14) }, (): Step => {
    const flight = random.pick(FLIGHTS)
    const kind = random.integer(0, 9)
    if (kind < 5)
      return acks(
        random.integer(1, 20),
        random.pick(['a segment', 'half a segment', 'two segments', 'a byte', 'the window'] as const),
      )
    if (kind < 7) return duplicates(random.integer(1, 5), flight)
    if (kind < 8) return timeout(flight)
    return idle(random.pick(['just the timeout', 'a millisecond longer', 'for an hour', 'shorter'] as const))
  })
}

async function play(c: Check, home: Home, steps: readonly Step[]): Promise<void> {
  const sizes = drawSizes(c.random)
  const rtoMs = c.random.integer(200, 3_000)
  const looks: Array<{ readonly happening: Happening; readonly inFlight: number[] }> = []
  const senders = [beginning(sizes)]
  for (const step of steps)
    for (const happening of happeningsOf(step, () => senders.at(-1) as Sender, sizes, rtoMs)) {
      const sender = after(senders.at(-1) as Sender, happening, sizes)
      senders.push(sender)
      looks.push({ happening, inFlight: inFlightAround(sender, sizes) })
    }
  const window = await windowOf(c, sizes)
  const seen = await c.learner.make<number[][]>('play', window, looks)
  const [happenings, windows] = [looks.map(({ happening }) => happening), seen.map(([each]) => each)]
  for (const [index, { happening, inFlight }] of looks.entries()) {
    const [before, sender] = senders.slice(index, index + 2) as [Sender, Sender]
    const when = `after ${wordsOf(happenings.slice(0, index + 1))}`
    const requirement = blamedAt(home, before, happening, sender, seen[index]?.[0])
    const history = { happenings, windows, at: index }
    await compare(c, seen[index] ?? [], sender, { sizes, inFlight, when, requirement, history })
  }
}

/** In the scripts of R4 the flight is the whole window, so that there is one threshold, whatever it is half of. */
export function blamedAt(
  home: string,
  before: Sender,
  happening: Happening,
  sender: Sender,
  seen: unknown,
): string {
  const isAbove = 'acked' in happening && before.duplicates < 3 && before.window >= before.threshold
  return home === 'R4' && isAbove ? 'R4' : blamed(before, happening, sender, seen)
}

/** What a step is in bytes and milliseconds, where it can be. */
function* happeningsOf(
  step: Step,
  now: () => Sender,
  { mss }: Sizes,
  rtoMs: number,
): Generator<Happening, void, void> {
  const inFlight = (flight: Flight): number => flightOf(flight, now(), mss)
  if ('acks' in step)
    for (let each = 0; each < step.acks; each++)
      yield {
        acked: {
          'a segment': mss,
          'half a segment': Math.ceil(mss / 2),
          'two segments': 2 * mss,
          'a byte': 1,
          'the window': now().window,
        }[step.of],
      }
  else if ('duplicates' in step) {
    const duplicate = inFlight(step.flight)
    for (let each = 0; each < step.duplicates; each++) yield { duplicate }
  } else if ('timeout' in step) yield { timeout: inFlight(step.timeout) }
  else if (mayBeIdle(now())) yield { idle: [silenceOf(step.idle, rtoMs), rtoMs] }
}

function flightOf(flight: Flight, { window }: Sender, mss: number): number {
  return {
    'the window': window,
    'half of it': Math.ceil(window / 2),
    'an odd part': Math.floor(window * 0.7) | 1,
    'one segment': mss,
    'nothing but a byte': 1,
    'ten segments': 10 * mss,
  }[flight]
}

function silenceOf(how: Extract<Step, { idle: string }>['idle'], rtoMs: number): number {
  return {
    'just the timeout': rtoMs,
    'a millisecond longer': rtoMs + 1,
    'for an hour': 3_600_000,
    shorter: rtoMs - 1,
    'not at all': 0,
  }[how]
}

async function compareHistory(
  c: Check,
  sizes: Sizes,
  history: readonly Happening[],
  seen: readonly number[],
): Promise<void> {
  let before = beginning(sizes)
  for (const [at, happening] of history.entries()) {
    const sender = after(before, happening, sizes)
    if (seen[at] !== sender.window) {
      const when = `after ${wordsOf(history.slice(0, at + 1))}`
      const requirement = blamed(before, happening, sender, seen[at])
      const told = { happenings: history, windows: seen, at }
      await compare(c, [seen[at]], sender, { sizes, inFlight: [], when, requirement, history: told })
    }
    before = sender
  }
}

/** Without what cannot happen where it stands. */
function possible(history: readonly Happening[], sizes: Sizes): Happening[] {
  let sender = beginning(sizes)
  return history.filter((happening) => {
    if ('idle' in happening && !mayBeIdle(sender)) return false
    sender = after(sender, happening, sizes)
    return true
  })
}

function sequences(events: readonly Happening[], length: number): Happening[][] {
  if (length === 0) return [[]]
  const shorter = sequences(events, length - 1)
  return events.flatMap((event) => shorter.map((rest) => [event, ...rest]))
}

function inWords({ mss, initialWindow, receiveWindow }: Sizes): string {
  const initial = initialWindow === undefined ? '' : `, initial window ${initialWindow}`
  return `MSS ${mss}${initial}, receive window ${receiveWindow}`
}
