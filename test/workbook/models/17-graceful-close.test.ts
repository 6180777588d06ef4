import { describe, expect, test } from 'vitest'
import {
  clientShows,
  socketShows,
  uploadShows,
  type ClientEvent,
  type SocketEvent,
} from '../../labs/17-graceful-close/model.ts'

/** What the model of lab 17 says of single states, without a socket. */

describe('a socket that is closed gracefully', () => {
  const call: SocketEvent = { at: 0, is: 'closeGracefully()' }
  const end: SocketEvent = { at: 0, is: 'end()' }
  const destroy: SocketEvent = { at: 0, is: 'destroy()' }
  const events = (...list: ReadonlyArray<readonly [number, SocketEvent['is']]>): SocketEvent[] =>
    list.map(([at, is]) => ({ at, is }))

  test.each([
    ['waits for the FIN of the peer', [call], 9, 0, 'pending'],
    ['waits timeoutMs, and not longer', [call], 10, 0, 'forced'],
    [
      'counts from the call where the FIN was out',
      [end, ...events([5, 'closeGracefully()'])],
      14,
      0,
      'pending',
    ],
    ['is clean with both FINs', [call, ...events([9, 'FIN of the peer'])], 50, 0, 'clean'],
    ['is forced by a FIN that comes too late', [call, ...events([11, 'FIN of the peer'])], 50, 0, 'forced'],
    ['does not count while its queue is stuck', [...events([0, 'queue stuck']), call], 50, null, 'pending'],
    [
      'counts from the moment when the queue is free',
      [...events([0, 'queue stuck']), call, ...events([40, 'queue free'])],
      50,
      40,
      'forced',
    ],
    ['is forced by a reset', [call, ...events([1, 'RST of the peer'])], 1, 0, 'forced'],
    ['was given up before the call', [destroy, call], 0, 0, 'forced'],
    [
      'stays clean, whatever comes behind it',
      [call, ...events([1, 'FIN of the peer'], [2, 'destroy()'])],
      2,
      0,
      'clean',
    ],
  ] as const)('%s', (_what, list, now, finAt, ending) => {
    expect(socketShows(list, 10, now)).toEqual({ finAt, ending })
  })
})

describe('a connection to serveThenClose', () => {
  const options = { maxRequests: 2, timeoutMs: 10 }
  const did = (...list: ReadonlyArray<ClientEvent['is'] | number>): ClientEvent[] =>
    list.map((each, at) =>
      typeof each === 'number' ? { at, is: 'answer', request: each } : { at, is: each },
    )

  test.each([
    ['answers in order', did('request', 'request', 1), { taken: 2, answers: 0, finAt: null, because: 'R6' }],
    [
      'ends behind the last',
      did('request', 'request', 1, 0),
      { taken: 2, answers: 2, finAt: 3, because: 'R6' },
    ],
    [
      'takes no third',
      did('request', 'request', 'request'),
      { taken: 2, answers: 0, finAt: null, because: 'R6' },
    ],
    [
      'owes a client that has ended',
      did('request', 'FIN'),
      { taken: 1, answers: 0, finAt: null, because: 'R7' },
    ],
    ['ends for one that asked nothing', did('FIN'), { taken: 0, answers: 0, finAt: 0, because: 'R7' }],
    [
      'takes none behind close()',
      did('close()', 'request'),
      { taken: 0, answers: 0, finAt: 0, because: 'R8' },
    ],
    ['is over after a reset', did('request', 'RST', 0), { taken: 1, answers: 0, finAt: null, because: 'R6' }],
  ] as const)('%s', (_what, events, shown) => {
    expect(clientShows(events, options, 4)).toMatchObject(shown)
  })

  test('is gone with both FINs, or timeoutMs after ours', () => {
    expect(clientShows(did('FIN'), options, 0).gone).toBe(true)
    expect(clientShows(did('close()'), options, 9).gone).toBe(false)
    expect(clientShows(did('close()'), options, 10).gone).toBe(true)
  })
})

describe('an upload', () => {
  const [open, ended, silent] = [
    { hasEnded: false, wasSilent: false },
    { hasEnded: true, wasSilent: false },
    { hasEnded: false, wasSilent: true },
  ]
  const put = (length: string, body = ''): Buffer =>
    Buffer.from(`PUT / HTTP/1.1\r\nContent-Length: ${length}\r\n\r\n${body}`)

  test.each([
    ['waits for its head', put('5').subarray(0, 30), open, { is: 'none', end: 'open' }],
    ['waits for its body', put('5', 'abcd'), open, { is: 'none', end: 'open' }],
    ['is answered by its length', put('005', 'abcdef'), open, { is: 'answer', status: 200, body: '5' }],
    ['is refused by its head', put('6'), open, { is: 'answer', status: 413 }],
    ['has no length', put('5x', 'abcdef'), open, { is: 'no 200' }],
    ['ends too early', put('5', 'abcd'), ended, { is: 'none', end: 'FIN' }],
    ['had not begun at close()', Buffer.alloc(0), silent, { is: 'none', end: 'FIN' }],
  ])('%s', (_what, bytes, client, shown) => {
    expect(uploadShows(bytes, 5, client)).toMatchObject(shown)
  })
})
