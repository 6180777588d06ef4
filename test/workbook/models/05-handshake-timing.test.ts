import { describe, expect, test } from 'vitest'
import { OK, persists, placeOf, turnsOf, type Get } from '../../labs/05-handshake-timing/model.ts'
import { timelineOf } from '../../labs/05-handshake-timing/timelines.ts'

/** What the model of lab 05 says of single states, without a client. */

describe('a connection', () => {
  test.each([
    [OK, true],
    [`${OK}\r\nConnection: keep-alive\r\nConnection: x\t,\tClose`, false],
    [`${OK}\r\nConnection: Close-Notify\r\nProxy-Connection: close`, true],
    ['HTTP/1.1 503 Later', true],
    ['HTTP/1.0 200 OK\r\nConnection: keep-alive', false],
  ])('behind %j persists: %s', (head, kept) => {
    expect(persists(head)).toBe(kept)
  })

  test.each([
    ['http://a.example/', 'http://u@A.example:80/b', false],
    ['http://a.example/', 'http://a.example:8080/', true],
    ['http://[2001:db8::1]/', 'http://[2001:DB8:0::1]/', false],
    ['http://localhost/', 'http://127.0.0.1/', true],
  ])('from %s to %s is new: %s', (first, second, opens) => {
    expect(turnsOf([{ get: first }, { get: second }])[1]?.opens).toBe(opens)
  })
})

test('Host may name the port 80 or leave it out, and has no user', () => {
  const { hosts, target, address } = placeOf('http://u:p@[2001:db8::7]?a#b')
  expect({ hosts: new Set(hosts), target, address }).toEqual({
    hosts: new Set(['[2001:db8::7]', '[2001:db8::7]:80']),
    target: '/?a',
    address: '2001:db8::7',
  })
})

describe('phases', () => {
  const get = { get: 'http://a.example/', looks: 10, thinks: 20, body: 'abc', pauses: 5, cuts: [4, 30, 40] }
  const phasesOf = (...gets: readonly Get[]): unknown => turnsOf(gets).at(-1)?.phases

  test('count the cuts of the answer', () => {
    expect(phasesOf(get)).toEqual({
      dns: 10,
      connect: 0,
      request: 20,
      response: 15,
      total: 45,
      reused: false,
    })
  })

  test('are null where the connection is there', () => {
    expect(phasesOf(get, { ...get, cuts: [] })).toMatchObject({
      dns: null,
      connect: null,
      total: 20,
      reused: true,
    })
  })

  test('end with the one that failed', () => {
    expect(phasesOf({ ...get, fails: 'lookup' })).toEqual({ dns: 10, total: 10, reused: false })
    const cut = { after: 5, by: 'RST' } as const
    expect(phasesOf({ ...get, fails: cut }, get)).toMatchObject({ response: 5, total: 35, reused: false })
    const unheard = { after: 0, by: 'FIN' } as const
    expect(phasesOf(get, { ...get, fails: unheard })).not.toHaveProperty('response')
  })
})

test('a timeline waits for the lost SYNs, and then for TLS', () => {
  const options = { rtt: 100, tls: '0-rtt', reused: false, synLost: 2 } as const
  expect(timelineOf({ ...options, method: 'get' }).slice(-2)).toEqual([
    'request from the client at 3200 ms',
    'response from the server at 3250 ms',
  ])
  expect(timelineOf({ ...options, method: 'GET' })).toHaveLength(6)
})
