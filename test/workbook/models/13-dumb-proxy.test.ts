import { describe, expect, test } from 'vitest'
import {
  answersDue,
  clientEnd,
  inProgress,
  lineEnd,
  shownByDumb,
  waiting,
  type Asked,
  type Client,
  type Line,
  type Relay,
  type Smart,
} from '../../labs/13-dumb-proxy/model.ts'

/** What the model of lab 13 says of single states, without a proxy. */

describe('a dumb proxy', () => {
  const start: Relay = {
    asked: 'nothing',
    answered: 'nothing',
    client: 'open',
    origin: 'open',
    wasIdle: false,
  }
  const asked = { ...start, asked: 'a request' } as const
  const answered = { ...asked, answered: 'an answer' } as const

  test.each([
    ['waits for a request', 'close', start, 'open', 'open'],
    ['ends who was idle at close()', 'close', { ...start, wasIdle: true }, 'FIN', 'FIN'],
    ['lets go of who leaves early', 'close', { ...start, asked: 'a part', client: 'FIN' }, 'ended', 'ended'],
    ['is deaf to a FIN behind the request', 'wait-for-origin', { ...asked, client: 'FIN' }, 'open', 'open'],
    ['hangs behind the answer', 'wait-for-origin', answered, 'open', 'open'],
    ['closes behind the answer, if told to', 'close', answered, 'FIN', 'FIN'],
    ['ends with the origin', 'close', { ...asked, origin: 'FIN' }, 'FIN', 'FIN'],
    ['ends when the origin resets', 'wait-for-origin', { ...answered, origin: 'RST' }, 'ended', 'either'],
    ['ends when the client resets', 'wait-for-origin', { ...answered, client: 'RST' }, 'either', 'ended'],
  ] as const)('%s', (_what, after, did, client, origin) => {
    const shown = shownByDumb(after, did)
    expect([shown.client.value, shown.origin.value]).toEqual([client, origin])
  })
})

describe('a smart proxy', () => {
  const ask = (state: Asked['state'], how: Asked['how'] = 'new'): Asked => ({
    target: '/',
    method: 'GET',
    how,
    state,
  })
  const client = (...requests: Asked[]): Client => ({ requests, begun: false, end: 'open' })
  const line = (asked: Asked | null): Line => ({ asked, over: false, gone: 'open', orphaned: false })
  const world = (clients: Client[], lines: Line[] = []): Smart => ({ clients, lines, closing: null })

  test('owes the answers up to the first that the origin owes', () => {
    const asker = client(ask('answered'), ask('at the origin'), ask('answered'))
    expect(answersDue(world([asker]), asker).value).toEqual(asker.requests.slice(0, 1))
  })

  test('forwards the first request of each client, and nothing behind the last', () => {
    const clients = [client(ask('waits'), ask('waits')), client(ask('answered', 'close'), ask('waits'))]
    expect(waiting(world(clients))).toEqual([clients[0]?.requests[0]])
  })

  test.each([
    ['keeps who has its answers', client(ask('answered')), 'open', 'R4'],
    ['ends who said close', client(ask('answered', 'close')), 'FIN', 'R8'],
    ['ends an HTTP/1.0 client', client(ask('answered', 'old')), 'FIN', 'R9'],
    ['answers before it ends', { ...client(ask('at the origin', 'old')), end: 'FIN' as const }, 'open', 'R9'],
    ['ends behind the FIN of a client', { ...client(ask('answered')), end: 'FIN' as const }, 'FIN', 'R4'],
  ] as const)('%s', (_what, asker, value, requirement) => {
    expect(clientEnd(world([asker]), asker)).toMatchObject({ value, requirement })
  })

  test.each([
    ['an idle client', client(), 'FIN'],
    ['half a request', { ...client(), begun: true }, 'open'],
    ['a request in progress', client(ask('at the origin')), 'open'],
    ['a request behind one that was answered since', client(ask('answered'), ask('waits')), 'either'],
  ] as const)('close() finds %s', (_what, asker, value) => {
    const closing = new Map([[asker, asker.requests.length > 1 ? 1 : inProgress(asker)]])
    expect(clientEnd({ ...world([asker]), closing }, asker).value).toBe(value)
  })

  test.each([
    ['a connection that is kept', line(null), 'open'],
    ['one that will not be used again', { ...line(null), over: true }, 'ended'],
    ['one whose asker is gone', { ...line(ask('at the origin')), orphaned: true }, 'either'],
  ] as const)('leaves %s as it must', (_what, each, value) => {
    expect(lineEnd(world([]), each).value).toBe(value)
  })
})
