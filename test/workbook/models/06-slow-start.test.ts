import { describe, expect, test } from 'vitest'
import {
  after,
  beginning,
  blamed,
  flightsOf,
  roundTripsOf,
  sendable,
  type Happening,
  type Sizes,
} from '../../labs/06-slow-start/model.ts'
import { answerOf } from '../../labs/06-slow-start/paths.ts'

/** What the models of lab 06 say of single states, without a program. */

const SIZES: Sizes = { mss: 1_000, receiveWindow: 50_000, initialWindow: 4_000 }
const ETHERNET: Sizes = { mss: 1_460, receiveWindow: 1_000_000 }

const acks = (count: number, acked = 1_000): Happening[] => Array.from({ length: count }, () => ({ acked }))
const duplicates = (count: number, inFlight: number): Happening[] =>
  Array.from({ length: count }, () => ({ duplicate: inFlight }))
const behind = (...happenings: readonly Happening[]) =>
  happenings.reduce((sender, happening) => after(sender, happening, SIZES), beginning(SIZES))

describe('a congestion window', () => {
  test.each([
    [536, 5_360],
    [1_460, 14_600],
    [1_461, 14_600],
    [7_301, 14_602],
    [8_960, 17_920],
  ])('begins, with an MSS of %i, at %i (RFC 6928 §2)', (mss, window) => {
    expect(beginning({ mss, receiveWindow: 1 }).window).toBe(window)
  })

  test.each<[string, number, Happening[]]>([
    ['each segment that is acknowledged', 9_000, acks(5)],
    ['two at once count as one', 5_000, acks(1, 2_000)],
    ['a byte', 4_001, acks(1, 1)],
    ['a timeout', 1_000, [...acks(6), { timeout: 10_000 }]],
    ['slow start up to the threshold', 5_000, [...acks(6), { timeout: 10_000 }, ...acks(4)]],
    ['four segments of five at the threshold', 5_000, [...acks(6), { timeout: 10_000 }, ...acks(8)]],
    ['and the fifth', 6_000, [...acks(6), { timeout: 10_000 }, ...acks(9)]],
    ['two duplicates', 10_000, [...acks(6), ...duplicates(2, 10_000)]],
    ['the third', 8_000, [...acks(6), ...duplicates(3, 10_000)]],
    ['the fourth', 9_000, [...acks(6), ...duplicates(4, 10_000)]],
    ['what ends it', 5_000, [...acks(6), ...duplicates(4, 10_000), ...acks(1, 9_000)]],
    ['the least threshold', 5_000, [...acks(6), ...duplicates(3, 1_000)]],
    ['a silence', 4_000, [...acks(6), { idle: [301, 300] }]],
    ['a silence that is not longer', 10_000, [...acks(6), { idle: [300, 300] }]],
    ['a silence with a small window', 1_000, [{ timeout: 4_000 }, { idle: [900, 300] }]],
  ])('%s: %i', (_, window, happenings) => {
    expect(behind(...happenings).window).toBe(window)
  })

  test('holds its threshold at a second timeout, and not behind an acknowledgement', () => {
    const [lost, again]: [Happening, Happening] = [{ timeout: 20_000 }, { timeout: 1_000 }]
    expect(behind(lost, again).threshold).toBe(10_000)
    expect(behind(lost, ...acks(1), again).threshold).toBe(2_000)
  })

  test('lets no more be sent than the smaller of both, less what is in flight', () => {
    const sender = beginning(SIZES)
    expect([0, 3_999, 4_000, 9_000].map((each) => sendable(sender, each, SIZES))).toEqual([4_000, 1, 0, 0])
    expect(sendable(sender, 100, { ...SIZES, receiveWindow: 300 })).toBe(200)
  })

  test('blames the loss whose threshold it is', () => {
    const [lost, duplicated]: [Happening, Happening] = [{ timeout: 10_000 }, { duplicate: 10_000 }]
    expect(blamed(beginning(SIZES), { acked: 1_000 }, beginning(SIZES), 1)).toBe('R2')
    expect(blamed(behind(lost), { acked: 1_000 }, behind(lost, ...acks(1)), 1_000)).toBe('R5')
    const above = behind(lost, ...acks(4))
    expect(blamed(above, { acked: 1_000 }, after(above, { acked: 1_000 }, SIZES), 6_000)).toBe('R5')
    expect(blamed(above, { acked: 1_000 }, after(above, { acked: 1_000 }, SIZES), 5_200)).toBe('R4')
    expect(blamed(above, duplicated, above, 0)).toBe('R6')
  })
})

describe('flights and round trips', () => {
  test('100,000 bytes leave in three flights', () => {
    expect(flightsOf(100_000, 14_600, ETHERNET)).toEqual([14_600, 29_200, 56_200])
    expect(flightsOf(100_000, 14_600, { ...ETHERNET, receiveWindow: 40_000 })).toEqual([
      14_600, 29_200, 40_000, 16_200,
    ])
  })

  const images = { first: 500, others: [500, 500, 500] }
  const museum = { first: 60_000, others: [80_000, 80_000] }

  test.each([
    ['serial', 8],
    ['parallel', 4],
    ['persistent', 5],
    ['pipelined', 3],
  ] as const)('a page with three small images, %s: %i', (way, count) => {
    expect(roundTripsOf(images, way, ETHERNET)).toBe(count)
  })

  test('large pictures are quicker over one kept connection than over two', () => {
    const over = (connections: number) => roundTripsOf(museum, 'persistent', { ...ETHERNET, connections })
    expect([over(1), over(2)]).toEqual([7, 8])
  })

  test('small pictures are quicker over six', () => {
    const page = { first: 60_000, others: Array.from({ length: 6 }, () => 4_000) }
    const over = (connections: number) => roundTripsOf(page, 'persistent', { ...ETHERNET, connections })
    expect([1, 2, 3, 6].map(over)).toEqual([10, 8, 7, 6])
  })

  test('a pause longer than the timeout closes the window of a kept connection', () => {
    const twice = { first: 60_000, others: [60_000] }
    const resting = (pauseMs: number) =>
      roundTripsOf(twice, 'persistent', { ...ETHERNET, pauseMs, rtoMs: 300 })
    expect([resting(300), resting(301)]).toEqual([5, 7])
  })

  test.each([100, 101, 141, 142, 143, 1_041, 1_042, 1_043, 100_043])(
    'an answer of %i bytes has that many',
    (bytes) => {
      const answer = answerOf(bytes).toString()
      const [head = '', body = ''] = answer.split('\r\n\r\n')
      expect([answer.length, Number(/\d+$/.exec(head)?.[0])]).toEqual([bytes, body.length])
    },
  )
})
