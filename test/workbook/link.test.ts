import { expect, test } from 'vitest'
import type { LinkOptions } from '../../workbook/grading/check.ts'
import { gradeFile, told, times, useEngine } from './engine.ts'

/** Round trips on a link are counted, not measured: the same in every run on every machine. */

useEngine()

const PROGRAM = 'test/workbook/programs/fetchers.ts'
/** Checks, and fetches in each: 500 in all, half of them small. */
const CHECKS = times(5)
const FETCHES = 10

const answering = (length: number): NonNullable<LinkOptions['respond']> => {
  const body = Buffer.alloc(length, 'x')
  return () => Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`), body])
}

const SMALL: LinkOptions = { respond: answering(500) }
const LARGE: LinkOptions = { respond: answering(100_000), initialWindow: 2 }

/** Round trips, connections, and the most connections open at once. */
const STRATEGIES = [
  { way: 'serial', counts: [8, 4, 1], large: 28 },
  { way: 'parallel', counts: [4, 4, 3], large: 14 },
  { way: 'persistent', counts: [5, 1, 1], large: 10 },
  { way: 'pipelined', counts: [3, 1, 1], large: 9 },
  { way: 'persistentAndTwo', counts: [4, 3, 3], large: 14 },
] as const

test.each(STRATEGIES)('$way: $counts, each time', async ({ way, counts }) => {
  for (let check = 0; check < CHECKS; check++) {
    const verdict = await gradeFile(PROGRAM, async ({ learner, link, expectEqual }) => {
      for (let fetch = 0; fetch < FETCHES; fetch++) {
        const path = await link(SMALL)
        await learner.call(way, path.port)
        expectEqual(
          [path.roundTrips, path.connections, path.mostOpen],
          counts,
          `the counts of fetch ${fetch}`,
        )
      }
    })
    expect(told(verdict)).toBe('passed')
  }
})

test.each(STRATEGIES)(
  '$way with 100 KB each and a window of 2 segments: $large, each time',
  async ({ way, large, counts }) => {
    for (let check = 0; check < CHECKS; check++) {
      const verdict = await gradeFile(PROGRAM, async ({ learner, link, expectEqual }) => {
        for (let fetch = 0; fetch < FETCHES; fetch++) {
          const path = await link(LARGE)
          await learner.call(way, path.port)
          expectEqual([path.roundTrips, path.connections], [large, counts[1]], `the counts of fetch ${fetch}`)
        }
      })
      expect(told(verdict)).toBe('passed')
    }
  },
)

test('virtual and logical time go side by side: a wait of 100 ms costs no round trip', async () => {
  const verdict = await gradeFile(PROGRAM, async ({ learner, link, expectEqual }) => {
    const path = await link(SMALL)
    await learner.call('waitsBeforehand', path.port)
    expectEqual([path.roundTrips, path.connections, path.mostOpen], [8, 4, 1], 'the counts')
  })
  expect(told(verdict)).toBe('passed')
})

test('a client that never ends its request waits in vain: proven, not timed', async () => {
  for (let round = 0; round < 5; round++) {
    const verdict = await gradeFile(PROGRAM, async ({ learner, link }) => {
      await learner.call('neverEndsItsRequest', (await link(SMALL)).port)
    })
    expect(told(verdict)).toBe(
      'hung: expected neverEndsItsRequest() to resolve; saw nothing: your program is idle and the promise still pending',
    )
  }
})

test('flights are bursts of at most a window, which doubles: 69 segments from a window of 2 in 6', async () => {
  const verdict = await gradeFile(PROGRAM, async ({ learner, link, expectEqual }) => {
    // The head is part of the first flight, so the body is cut to fill 69 segments with it.
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n'
    const path = await link({
      respond: answering(100_000),
      initialWindow: 2,
      segmentSize: Math.ceil((100_000 + head.length) / 69),
    })
    await learner.call('persistent', path.port)
    expectEqual(path.flights, 6 + 3, 'flights: six for the page, one for each image')
  })
  expect(told(verdict)).toBe('passed')
})

/** Each answer takes two round trips on the line, whoever else is on it. */
const NARROW: LinkOptions = { respond: answering(2_048 - 41), initialWindow: 10, bytesPerRoundTrip: 1_024 }

test.each([
  ['serial', 8 + 8],
  ['parallel', 4 + 8],
  ['persistent', 5 + 8],
  ['pipelined', 3 + 8],
] as const)('a narrow path carries no more bytes for %s: %i round trips', async (way, roundTrips) => {
  const verdict = await gradeFile(PROGRAM, async ({ learner, link, expectEqual }) => {
    const path = await link(NARROW)
    await learner.call(way, path.port)
    expectEqual(path.roundTrips, roundTrips, 'the round trips')
  })
  expect(told(verdict)).toBe('passed')
})

test('a path that is wide enough counts as one without a bound', async () => {
  const verdict = await gradeFile(PROGRAM, async ({ learner, link, expectEqual }) => {
    const path = await link({ ...LARGE, bytesPerRoundTrip: 2 ** 60 })
    await learner.call('parallel', path.port)
    expectEqual(Math.round(path.roundTrips), 14, 'the round trips')
  })
  expect(told(verdict)).toBe('passed')
})
