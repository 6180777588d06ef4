import { describe, expect, test } from 'vitest'
import { createRandom } from '../../../workbook/grading/random.ts'
import { isHeldBack, timelineOf, type Row } from '../../labs/07-nagle-delayed-ack/exchange-model.ts'
import {
  afterReceiver,
  afterSender,
  laterReceiver,
  newReceiver,
  newSender,
  windowOf,
  type ReceiverEvent,
  type SenderEvent,
} from '../../labs/07-nagle-delayed-ack/model.ts'
import { recordOf, type Step } from '../../labs/07-nagle-delayed-ack/record-model.ts'

/** What the models of lab 07 say of single states, without a program. */

describe('a sender with an MSS of 10', () => {
  test.each<[SenderEvent[], string]>([
    [[{ write: 3 }], '3'],
    [[{ write: 3 }, { write: 3 }], '3'],
    [[{ write: 3 }, { write: 3 }, { acked: 2 }], '3'],
    [[{ write: 3 }, { write: 3 }, { acked: 3 }], '3 3'],
    [[{ write: 3 }, { write: 3 }, { write: 8 }, { acked: 13 }], '3 10 1'],
    [[{ write: 25 }], '10 10'],
    [[{ write: 25 }, { noDelay: true }, { write: 1 }, { noDelay: false }, { write: 1 }], '10 10 5 1'],
    [[{ write: 0 }, { write: 10 }], '10'],
  ])('behind %j has sent %s', (events, sent) => {
    expect(events.reduce(afterSender, newSender(10)).sent.join(' ')).toBe(sent)
  })

  test('holds nothing back where each ACK comes at once', () => {
    const events = [{ write: 3 }, { write: 25 }, { write: 1 }]
    expect(events.reduce(afterSender, newSender(10, false, true)).sent).toEqual([3, 10, 10, 5, 1])
  })
})

describe('a receiver with an MSS of 10 and a delay of 40 ms', () => {
  const received = (bytes: number): ReceiverEvent => ({ received: bytes })

  test.each<[Array<ReceiverEvent | number>, string]>([
    [[received(10), received(10)], 'ack 20'],
    [[received(9), received(9), received(9)], 'ack 27'],
    [[received(1), 39], ''],
    [[received(1), 39, received(1), 1], 'ack 2'],
    [[received(1), 'replying', 100, 'replying'], 'reply 1, reply 0'],
    [[received(0), 100], ''],
    [[received(10), received(10), received(1), 40], 'ack 20, ack 1'],
  ])('behind %j has said %j', (events, said) => {
    let receiver = newReceiver(10, 40)
    for (const event of events)
      receiver = typeof event === 'number' ? laterReceiver(receiver, event) : afterReceiver(receiver, event)
    expect(receiver.said.join(', ')).toBe(said)
  })
})

test.each([
  [{ free: 3_000, lastAdvertised: 2_000 }, 2_000],
  [{ free: 3_460, lastAdvertised: 2_000 }, 3_460],
  [{ free: 3_459, lastAdvertised: 2_000 }, 2_000],
  [{ free: 500, lastAdvertised: 0, buffer: 1_000 }, 500],
  [{ free: 499, lastAdvertised: 0, buffer: 1_000 }, 0],
  [{ free: 100, lastAdvertised: 900 }, 900],
])('the window for %j is %s', (given, window) => {
  expect(windowOf({ buffer: 65_536, mss: 1_460, ...given })).toBe(window)
})

describe('an exchange', () => {
  const row = (given: Partial<Row>): Row => ({
    writes: [10, 10],
    answer: 5,
    mss: 100,
    rttMs: 10,
    delayMs: 40,
    thinkMs: 0,
    ...given,
  })
  const told = (given: Partial<Row>): string =>
    timelineOf(row(given))
      .map(({ at, from, bytes, acks }) => `${at} ${from} ${bytes}/${acks}`)
      .join(', ')

  test.each<[Partial<Row>, string]>([
    [{}, '0 client 10/0, 45 server 0/10, 50 client 10/0, 55 server 5/10'],
    [{ noDelay: true }, '0 client 10/0, 0 client 10/0, 5 server 5/20'],
    [{ writes: [20] }, '0 client 20/0, 5 server 5/20'],
    [{ writes: [20], thinkMs: 41 }, '0 client 20/0, 45 server 0/20, 46 server 5/0'],
    [{ writes: [201] }, '0 client 100/0, 0 client 100/0, 5 server 0/200, 10 client 1/0, 15 server 5/1'],
    [{ writes: [100, 100] }, '0 client 100/0, 0 client 100/0, 5 server 0/200, 5 server 5/0'],
  ])('of %j is %s', (given, timeline) => {
    expect(told(given)).toBe(timeline)
  })

  test('has a rest that waits, or none', () => {
    expect(
      [{}, { writes: [100, 100] }, { noDelay: true }, { writes: [101] }].map((given) =>
        isHeldBack(row(given)),
      ),
    ).toEqual([true, false, false, true])
  })
})

describe('a record', () => {
  const start: Step[] = [
    { end: 'client', does: 'writes', size: 'small' },
    { end: 'client', does: 'sends', part: 'small' },
    { end: 'client', does: 'writes', size: 'small' },
  ]
  const arrived: Step = { end: 'server', does: 'receives' }
  const acked: Step = { end: 'server', does: 'acknowledges', part: 'all', with: 'nothing' }

  test.each<[Step[], string]>([
    [[], 'nobody'],
    [start.slice(0, 2), 'nobody'],
    [[...start.slice(0, 2), arrived], 'nobody'],
    [start, 'nagle'],
    [[...start, arrived], 'both'],
    [[...start, arrived, acked], 'nagle'],
    [[...start, arrived, acked, { end: 'client', does: 'receives' }], 'nobody'],
    [[...start, arrived, { end: 'client', does: 'sets', on: true }], 'delayed-ack'],
    [[{ end: 'client', does: 'opened so' }, ...start], 'nobody'],
  ])('of %j: %s', (steps, waits) => {
    expect(recordOf(steps, createRandom('a record')).waits).toBe(waits)
  })
})
