import type { Check } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { flightsOf, initialOf, roundTripsOf, type Journey, type Page, type Sizes, type Way } from './model.ts'

/** Conversations about what is computed: each step is one call, and says nothing to the next. */

interface Plan {
  readonly bytes: number
  readonly sizes: Sizes
  readonly window?: number
}

interface Trip {
  readonly page: Page
  readonly way: Way
  readonly o: Journey
}

const MSS = 1_460
const WIDE = { mss: MSS, receiveWindow: 1_000_000 }
const TEN: Sizes = { ...WIDE, initialWindow: 10 * MSS }

const plan = (bytes: number, sizes: Sizes = TEN, window?: number): Plan => ({
  bytes,
  sizes,
  ...(window !== undefined && { window }),
})
const trip = (way: Way, page: Page, o: Journey = TEN): Trip => ({ way, page, o })
const page = (first: number, ...others: readonly number[]): Page => ({ first, others })

/** One byte on both sides of the end of each of the first flights. */
const edges = (sizes: Sizes, window?: number): Plan[] =>
  [1, 2, 4].flatMap((flights) => {
    const begin = window ?? initialOf(sizes)
    const whole = sum(flightsOf(1e9, begin, sizes).slice(0, flights))
    return [-1, 0, 1].map((more) => plan(whole + more, sizes, window))
  })

const PAGES = {
  'three small images': page(500, 500, 500, 500),
  'one file, and nothing with it': page(30_000),
  'a large one first': page(60_000, 9_000, 9_000, 9_000, 9_000, 9_000),
  'a large one among them': page(2_000, 3_000, 200_000, 1_000, 60_000),
  'just over a flight each': page(14_601, 14_601, 14_601),
  'large ones': page(100_000, 100_000, 100_000, 100_000),
  'seven, growing': page(900, 5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000),
}

const SOME = [PAGES['a large one among them'], PAGES['seven, growing']]

const JOURNEYS = {
  'a window of two segments': { ...WIDE, initialWindow: 2 * MSS },
  'no initial window given': WIDE,
  'a narrow receiver': { ...TEN, receiveWindow: 20_000 },
  'a receiver narrower than the first flight': { ...TEN, receiveWindow: 5_000 },
} satisfies Record<string, Journey>

/** Every page on a wide path, and two of them on every other one. */
function every(ways: readonly Way[], more: Partial<Journey> = {}): Record<string, Trip[]> {
  const trips = (o: Journey, pages: readonly Page[]): Trip[] =>
    ways.flatMap((way) => pages.map((sizes) => trip(way, sizes, { ...o, ...more })))
  const wide = Object.entries(PAGES).map(([name, sizes]) => [name, trips(TEN, [sizes])])
  const narrow = Object.entries(JOURNEYS).map(([name, o]) => [name, trips(o, SOME)])
  return Object.fromEntries([...wide, ...narrow]) as Record<string, Trip[]>
}

const times = (
  numbers: readonly number[],
  of: (number: number) => Record<string, Trip[]>,
): Record<string, Trip[]> =>
  Object.fromEntries(
    numbers.flatMap((number) =>
      Object.entries(of(number)).map(([name, trips]) => [`${number}: ${name}`, trips]),
    ),
  )

const PAUSES = [
  { pauseMs: 300, rtoMs: 300 },
  { pauseMs: 301, rtoMs: 300 },
  { pauseMs: 60_000, rtoMs: 1_000 },
  { pauseMs: 0, rtoMs: 200 },
  { pauseMs: 60_000 },
  { rtoMs: 200 },
] as const

export const PLANS: Conversations<Plan> = {
  scripts: {
    'each side of the end of a flight': edges(TEN),
    'a window of one segment': edges({ ...WIDE, initialWindow: MSS }),
    'a window that is no whole number of segments': edges({ ...WIDE, initialWindow: 10_001 }),
    'a receive window that stops the growth': edges({ ...TEN, receiveWindow: 40_000 }),
    'a receive window below the initial one': edges({ ...TEN, receiveWindow: 3_000 }),
    'a receive window that is the initial one': edges({ ...TEN, receiveWindow: 14_600 }),
    'no initial window given': edges(WIDE),
    'none given, and small segments': edges({ ...WIDE, mss: 536 }),
    'none given, and large segments': edges({ ...WIDE, mss: 8_960 }),
    'none given, and segments between': edges({ ...WIDE, mss: 2_000 }),
    'a window that is open': edges(TEN, 100_000),
    'a window that is smaller than the initial one': edges(TEN, MSS),
    'an open window and a narrow receiver': edges({ ...TEN, receiveWindow: 16_000 }, 100_000),
    'a byte, and none': [plan(1), plan(0), plan(0, TEN, 99_000)],
    'a great many': [plan(900_000), plan(90_000, { ...TEN, receiveWindow: 1_000 })],
  },
  drawn: 2,
  draw: (random) =>
    Array.from({ length: 10 }, () => {
      const sizes = drawJourney(random)
      const window = random.integer(0, 1) === 0 ? undefined : random.integer(500, 90_000)
      return plan(random.integer(1, 300_000), sizes, window)
    }),
  async play(c, steps) {
    for (const { bytes, sizes, window } of steps) {
      const o = { ...sizes, bytes, ...(window !== undefined && { window }) }
      const expected = flightsOf(bytes, window ?? initialOf(sizes), sizes)
      c.expectEqual(await c.learner.call('planFlights', o), expected, `planFlights(${inWords(o)})`)
    }
  },
}

export const TRIPS = {
  R9: conversations(every(['serial', 'parallel']), ['serial', 'parallel']),
  R10: conversations(every(['persistent', 'pipelined']), ['persistent', 'pipelined']),
  R11: conversations(
    {
      ...times([1, 2, 3, 6], (connections) => every(['persistent'], { connections })),
      'more connections than there are others': [50, 8, 7].map((connections) =>
        trip('persistent', PAGES['seven, growing'], { ...TEN, connections }),
      ),
      'a number of connections means nothing elsewhere': (['serial', 'parallel', 'pipelined'] as const).map(
        (way) => trip(way, PAGES['a large one among them'], { ...TEN, connections: 2 }),
      ),
    },
    ['persistent'],
  ),
  R12: conversations(
    Object.fromEntries(
      PAUSES.map((pause) => {
        const o = { ...TEN, ...pause }
        const alike = (['serial', 'parallel', 'persistent', 'pipelined'] as const).map((way) =>
          trip(way, PAGES['large ones'], o),
        )
        const others = [{ connections: 2 }, { receiveWindow: 15_000 }, { initialWindow: MSS }].map((more) =>
          trip('persistent', PAGES['seven, growing'], { ...o, ...more }),
        )
        return [inWords(pause), [...alike, ...others]]
      }),
    ),
    ['persistent', 'pipelined'],
  ),
}

export function drawJourney(random: Random): Sizes {
  const mss = random.integer(400, 1_460)
  return {
    mss,
    receiveWindow: random.pick([1_000_000, random.integer(mss, 60 * mss)]),
    initialWindow: mss * random.integer(1, 12),
  }
}

export function drawPage(random: Random, most = 60_000): Page {
  const others = Array.from({ length: random.integer(1, 5) }, () => random.integer(200, most))
  return { first: random.integer(200, most), others }
}

export async function expectTrips(c: Check, { page: sizes, way, o }: Trip): Promise<void> {
  const seen = await c.learner.call('roundTrips', { ...sizes, others: [...sizes.others] }, way, { ...o })
  const told = `roundTrips({ first: ${sizes.first}, others: [${sizes.others.join(', ')}] }, '${way}', ${inWords(o)})`
  c.expectEqual(seen, roundTripsOf(sizes, way, o), told)
}

// --- internal ---

function conversations(
  scripts: Readonly<Record<string, readonly Trip[]>>,
  ways: readonly Way[],
): Conversations<Trip> {
  return {
    scripts,
    drawn: 2,
    draw: (random) =>
      Array.from({ length: 10 }, () => {
        const o = { ...drawJourney(random), connections: random.integer(1, 7) }
        const pause = random.pick([{}, { pauseMs: random.integer(0, 900), rtoMs: 450 }])
        return trip(random.pick(ways), drawPage(random, 200_000), { ...o, ...pause })
      }),
    async play(c, trips) {
      for (const each of trips) await expectTrips(c, each)
    },
  }
}

function inWords(o: object): string {
  const parts = Object.entries(o).map(([name, value]) => `${name}: ${String(value)}`)
  return `{ ${parts.join(', ')} }`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0)
}
