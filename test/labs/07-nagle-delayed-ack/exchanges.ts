import type { Call, Check } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { isHeldBack, timelineOf, type Leaves, type Row } from './exchange-model.ts'

/** The timelines of requests in several writes: a table of all short ones, and others drawn. */

/** Everything that is asked, all at once: a call that uses what another one has left behind is found. */
export async function expectTimelines(c: Check, rows: readonly Row[]): Promise<void> {
  const calls = rows.map((each) => c.learner.call<Leaves[]>('exchange', each))
  for (const [at, each] of rows.entries()) await expectTimeline(c, each, calls[at] as Call<Leaves[]>)
}

const MSS = 4
const SIZES = [1, 3, 4, 9]
const WRITES = [
  ...SIZES.map((one) => [one]),
  ...SIZES.flatMap((one) => SIZES.map((two) => [one, two])),
  ...SIZES.flatMap((one) => SIZES.flatMap((two) => SIZES.map((three) => [one, two, three]))),
]

/** A server that answers at once, in time, and late. */
const THINKS = [0, 7, 90]

function table(noDelay: boolean | undefined): Row[] {
  return WRITES.flatMap((writes, at) =>
    THINKS.filter((_, index) => writes.length < 3 || index === at % 3).map((thinkMs) => ({
      writes,
      answer: (at % MSS) + 1,
      mss: MSS,
      rttMs: 2 + 2 * (at % 5),
      delayMs: 40,
      thinkMs,
      ...(noDelay === undefined ? {} : { noDelay }),
    })),
  )
}

const [WITH, WITHOUT] = [table(undefined), table(true)]

export const EXCHANGES = {
  R8: conversations(
    {
      'every short request whose rest waits': WITH.filter(isHeldBack),
      'half of an odd number': [row({ rttMs: 7 }), row({ rttMs: 1, writes: [1_460, 3] })],
      'a stall of most of a second': [row({ delayMs: 499, rttMs: 300 }), row({ delayMs: 1, rttMs: 2 })],
      'a rest that waits for no delayed ACK': [
        row({ writes: [2 * 1_460 + 1] }),
        row({ writes: [4 * 1_460, 7], thinkMs: 41 }),
        row({ writes: [1_460, 1_460, 7] }),
      ],
      'noDelay is false': table(false).filter(isHeldBack).slice(0, 30),
    },
    false,
  ),
  R9: conversations(
    {
      'every short request without Nagle': WITHOUT,
      'every short request whose bytes leave at once': WITH.filter((each) => !isHeldBack(each)),
      'a millisecond on both sides of the delay': [39, 41].flatMap((thinkMs) => [
        row({ writes: [20], thinkMs }),
        row({ noDelay: true, thinkMs }),
        row({ noDelay: true, writes: [1_460, 1_460], thinkMs }),
      ]),
    },
    true,
  ),
}

/** Two small writes, unless it says otherwise. */
export function row(given: Partial<Row> = {}): Row {
  return { writes: [10, 10], answer: 5, mss: 1_460, rttMs: 10, delayMs: 40, thinkMs: 0, ...given }
}

// --- internal ---

function conversations(
  scripts: Readonly<Record<string, readonly Row[]>>,
  mayNot: boolean,
): Conversations<Row> {
  return {
    scripts,
    drawn: 1,
    draw: (random) => Array.from({ length: 10 }, () => drawRow(random, mayNot)),
    play: expectTimelines,
  }
}

function drawRow(random: Random, mayNot: boolean): Row {
  const mss = random.integer(2, 1_460)
  const delayMs = random.integer(1, 499)
  const thinkMs = random.pick([0, random.integer(0, 600), delayMs - 1, delayMs + 1])
  return {
    writes: Array.from({ length: random.integer(1, 6) }, () =>
      random.pick([1, mss - 1, mss, random.integer(1, 3 * mss)]),
    ),
    answer: random.integer(1, mss),
    mss,
    rttMs: 2 * random.integer(1, 200),
    delayMs,
    thinkMs: thinkMs === delayMs ? 0 : thinkMs,
    noDelay: mayNot && random.integer(0, 2) > 0,
  }
}

async function expectTimeline(c: Check, asked: Row, call: Call<Leaves[]>): Promise<void> {
  const seen: unknown = await call
  const requirement = isHeldBack(asked) ? 'R8' : 'R9'
  const told = `for ${JSON.stringify(asked)}`
  await c.blame(requirement, () => {
    if (!Array.isArray(seen)) c.fail(`a list of segments, ${told}`, JSON.stringify(seen) ?? 'nothing')
    const [wanted, got] = [
      timelineOf(asked).map(inWords),
      (seen as Array<Partial<Leaves> | null>).map(inWords),
    ]
    const first = Array.from({ length: Math.max(wanted.length, got.length) }, (_, at) => at).find(
      (at) => wanted[at] !== got[at],
    )
    if (first === undefined) return
    const [expected = 'no further segment', saw = 'no further segment'] = [wanted[first], got[first]]
    c.fail(`segment ${first + 1}: ${expected}, ${told}`, saw)
  })
}

function inWords(segment: Partial<Leaves> | null): string {
  const { at, from, bytes, acks } = segment ?? {}
  return `${String(bytes)} bytes from the ${String(from)} at ${String(at)} ms, acknowledging ${String(acks)}`
}
