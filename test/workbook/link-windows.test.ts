import { describe, expect, test } from 'vitest'
import type { LinkOptions } from '../../workbook/grading/check.ts'
import { restartedWindow, type Sender } from '../../workbook/wire/idle-restart.ts'
import type { PathFlight } from '../../workbook/wire/round-trips.ts'
import { gradeFile, told, useEngine } from './engine.ts'

/** What bounds a flight on a link besides the congestion window: the receiver, and a silence of the sender. */

useEngine()

const PROGRAM = 'test/workbook/programs/fetchers.ts'
const SEGMENT = 1_000
/** Ten segments in all, as the head and what it says are part of them. */
const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 9959\r\n\r\n'.padEnd(10 * SEGMENT, 'x'))
const OPTIONS = { respond: () => ANSWER, initialWindow: 2, segmentSize: SEGMENT } satisfies LinkOptions

/** The segments of each flight, connection by connection, of a page fetched in this way. */
async function flightsOf(way: string, more: Partial<LinkOptions>): Promise<number[][]> {
  const flights: PathFlight[] = []
  const verdict = await gradeFile(PROGRAM, async ({ learner, link }) => {
    const path = await link({ ...OPTIONS, ...more, onFlight: (flight) => void flights.push(flight) })
    await learner.call(way, path.port)
  })
  expect(told(verdict)).toBe('passed')
  const data = flights.filter(({ from, kind }) => from === 'origin' && kind === 'data')
  const numbers = [...new Set(data.map(({ connection }) => connection))]
  return numbers.map((number) =>
    data.filter(({ connection }) => connection === number).map(({ bytes }) => bytes.length / SEGMENT),
  )
}

describe('the receive window', () => {
  test('without one the congestion window alone decides', async () => {
    expect(await flightsOf('persistent', {})).toEqual([[2, 4, 4, 10, 10, 10]])
  })

  test('bounds what is in flight, though the congestion window goes on growing', async () => {
    expect(await flightsOf('persistent', { receiveWindow: 3 * SEGMENT })).toEqual([
      [2, 3, 3, 2, 3, 3, 3, 1, 3, 3, 3, 1, 3, 3, 3, 1],
    ])
  })

  test('may be smaller than the initial window', async () => {
    const [, ...images] = await flightsOf('parallel', { receiveWindow: SEGMENT })
    expect(images).toEqual(Array.from({ length: 3 }, () => Array.from({ length: 10 }, () => 1)))
  })

  test('bounds several answers in a row as one', async () => {
    expect(await flightsOf('pipelined', { receiveWindow: 12 * SEGMENT })).toEqual([[2, 4, 4, 12, 12, 6]])
  })
})

describe('the restart behind a silence', () => {
  const idleRestart = { rtoMs: 300, roundTripMs: 50 }

  test('closes the window of a program that has waited for longer than the timeout', async () => {
    expect(await flightsOf('restsBetween', { idleRestart })).toEqual([[2, 4, 4, 2, 4, 4, 10, 10]])
  })

  test('leaves it open where the timeout is longer, or there is none', async () => {
    const open = [[2, 4, 4, 10, 10, 10]]
    expect(await flightsOf('restsBetween', { idleRestart: { ...idleRestart, rtoMs: 600 } })).toEqual(open)
    expect(await flightsOf('restsBetween', {})).toEqual(open)
  })

  test('does not take the round trips of a busy connection for a silence', async () => {
    expect(await flightsOf('persistent', { idleRestart: { rtoMs: 60, roundTripMs: 50 } })).toEqual([
      [2, 4, 4, 10, 10, 10],
    ])
  })
})

describe('the window behind a silence', () => {
  const opened: Sender = { window: 90, inFlight: 0, sentAt: { halfTrips: 4, milliseconds: 100 } }
  const restart = (now: number, roundTripMs = 10) => ({ rtoMs: 50, roundTripMs, now: () => now })

  test.each([
    ['exactly the timeout', opened, 4, 150, 90],
    ['a millisecond more', opened, 4, 151, 20],
    ['round trips and milliseconds together', opened, 8, 131, 20],
    ['both together, not longer', opened, 8, 130, 90],
    ['something in flight', { ...opened, inFlight: 1 }, 4, 900, 90],
    ['nothing sent yet', { ...opened, sentAt: null }, 4, 900, 90],
    ['a window below the initial one', { ...opened, window: 7 }, 4, 900, 7],
  ])('%s', (_, sender, halfTrips, now, window) => {
    expect(restartedWindow(sender, halfTrips, 20, restart(now))).toBe(window)
  })

  test('stays without a timeout', () => {
    expect(restartedWindow(opened, 1_000, 20, undefined)).toBe(90)
  })
})
