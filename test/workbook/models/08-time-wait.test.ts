import { describe, expect, test } from 'vitest'
import {
  after,
  BEGINNING,
  blamed,
  later,
  release,
  STATES,
  take,
  unused,
  WAYS,
  type End,
  type Event,
} from '../../labs/08-time-wait/model.ts'
import { textOf } from '../../labs/08-time-wait/kernel-text.ts'

/** What the models of lab 08 say of single states, without a program. */

const MSL = 100
const endOf = (...events: readonly Event[]): End =>
  events.reduce((end, event) => after(end, event, MSL), BEGINNING)

describe('an end of a connection', () => {
  test.each(STATES)('gets to %s by the shortest way', (state) => {
    expect(endOf(...WAYS[state]).state).toBe(state)
  })

  test.each<[Event[], string, string]>([
    [['close()', 'ACK', 'FIN'], 'TIME-WAIT', 'FIN ACK'],
    [['close()', 'FIN+ACK'], 'TIME-WAIT', 'FIN ACK'],
    [['close()', 'FIN', 'ACK'], 'TIME-WAIT', 'FIN ACK'],
    [['close()', 'FIN', 'FIN+ACK'], 'CLOSING', 'FIN ACK ACK'],
    [['FIN', 'close()', 'ACK'], 'CLOSED', 'ACK FIN'],
    [['FIN', 'close()', 'FIN+ACK'], 'LAST-ACK', 'ACK FIN ACK'],
    [['close()', 'close()', 'RST', 'RST', 'ACK'], 'CLOSED', 'FIN RST'],
  ])('behind %j is in %s and has sent %s', (events, state, sent) => {
    const end = endOf(...events)
    expect([end.state, end.sent.join(' ')]).toEqual([state, sent])
  })

  test('waits for twice the MSL, from the last FIN on', () => {
    const almost = later(endOf('close()', 'FIN+ACK'), 2 * MSL - 1)
    expect([almost.state, later(almost, 1).state]).toEqual(['TIME-WAIT', 'CLOSED'])
    expect(later(after(almost, 'FIN', MSL), 2 * MSL - 1).state).toBe('TIME-WAIT')
    expect(later(after(almost, 'ACK', MSL), 1).state).toBe('CLOSED')
  })

  test.each(STATES.filter((state) => state !== 'TIME-WAIT'))('waits in %s for ever', (state) => {
    expect(later(endOf(...WAYS[state]), 3_600_000).state).toBe(state)
  })
})

describe('the ports to one destination', () => {
  const [, one] = take(unused(10, 12), 0)
  const [, two] = take(one, 0)
  const [, all] = take(two, 0)

  test('are given from the lowest on, until none is left', () => {
    expect([take(one, 0)[0], take(two, 0)[0]]).toEqual([{ port: 11 }, { port: 12 }])
    expect(take(all, 0)[0]).toEqual({ port: null, waiting: 0, freeInMs: null })
  })

  test('come back in the order in which they became free', () => {
    const uses = release(release(all, 10, 200), 12, 50)
    expect(take(uses, 49)[0]).toEqual({ port: null, waiting: 2, freeInMs: 1 })
    expect(take(uses, 50)[0]).toEqual({ port: 12 })
    expect(take(uses, 200)[0]).toEqual({ port: 12 })
    expect(take(release(all, 13, 0), 0)[0]).toMatchObject({ port: null })
    expect(take(release(release(all, 10, 200), 10, 0), 0)[0]).toMatchObject({ waiting: 1 })
  })

  test.each<[number | null, number, string]>([
    [11, 0, 'R7'],
    [9, 0, 'R7'],
    [10, 199, 'R8'],
    [10, 200, 'R9'],
    [null, 200, 'R8'],
    [null, 10, 'R10'],
  ])('%s at %s breaks %s', (port, now, requirement) => {
    const uses = release(release(all, 10, 200), 12, 100)
    expect(blamed(uses, take(uses, now)[0], port, now)).toBe(requirement)
  })
})

test('a port that is in use elsewhere is as good as another', () => {
  expect(blamed(unused(10, 12), { port: 10 }, 11, 0, [10])).toBe('R7')
  expect(blamed(unused(10, 12), { port: 10 }, 11, 0, [10, 11])).toBe('R9')
  expect(blamed(unused(10, 12), { port: 10 }, 11, 0)).toBe('R9')
})

test('a table is as the kernel prints it', () => {
  const row = {
    local: { host: '127.0.0.1', port: 51_174 },
    remote: { host: '127.0.0.1', port: 8_080 },
    state: 'TIME-WAIT',
    timeWaitMs: 60_000,
    timer: [3, 6_000],
  } as const
  const [names = '', line = '', end] = textOf([row]).split('\n')
  expect([names.length, line.length, end]).toEqual([149, 149, ''])
  const start = '   0: 0100007F:C7E6 0100007F:1F90 06 00000000:00000000 03:00001770 00000000'
  expect(line.slice(0, start.length)).toBe(start)
  const six = {
    ...row,
    local: { host: '2001:db8::1', port: 80 },
    remote: { host: '::ffff:192.0.2.1', port: 1 },
  }
  expect(textOf([six])).toContain(
    ' B80D0120000000000000000001000000:0050 0000000000000000FFFF0000010200C0:0001 06 ',
  )
})
