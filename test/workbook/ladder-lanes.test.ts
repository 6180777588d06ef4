import { expect, test } from 'vitest'
import { drawLadder } from '../../workbook/wire/ladder.ts'
import type { WireEvent } from '../../workbook/wire/transcript.ts'
import { data, segment } from './report-fixtures.ts'

/** Where the lanes of a ladder stand, and what crosses them. */

const draw = (events: readonly WireEvent[], width: number): string =>
  `\n${drawLadder(events, { width }).join('\n')}\n`

const REQUEST = 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n'

/** A proxy between a client and an origin with two connections. */
const PROXY: readonly WireEvent[] = [
  segment('connect', 'peer', 'client', 1),
  data('peer', 'client', 1, REQUEST),
  { kind: 'lookup', host: 'origin.test', answer: '127.0.0.1' },
  segment('connect', 'you', 'origin', 2),
  segment('connect', 'you', 'origin', 3),
  data('you', 'origin', 2, REQUEST),
  data('peer', 'origin', 3, 'HTTP/1.1 204 No Content\r\n\r\n'),
  segment('rst', 'peer', 'origin', 2),
  segment('rst', 'you', 'client', 1),
]

test('a proxy stands in the middle, between who came to it and where it goes', () => {
  expect(draw(PROXY, 74)).toBe(String.raw`
client                             you                              origin
 │─── SYN ─────────────────────────▶│                                  │
 │─── GET /a HTTP/1.1\r… (28 B) ───▶│                                  │
 │    lookup origin.test → 127.0.0.1                                   │
 │                                  │─── #1 SYN ──────────────────────▶│
 │                                  │─── #2 SYN ──────────────────────▶│
 │                                  │─── #1 GET /a HTTP/1.1… (28 B) ──▶│
 │                                  │◀── #2 HTTP/1.1 204 No… (27 B) ───│
 │                                  │✗── #1 RST ───────────────────────│
 │✗── RST ──────────────────────────│                                  │
`)
})

test('three lanes: an arrow to the far peer crosses the near one, and its label stands beside its peer', () => {
  const wire = [
    segment('connect', 'you', 'near', 1),
    segment('connect', 'you', 'far', 2),
    data('you', 'far', 2, REQUEST),
    data('peer', 'far', 2, REQUEST),
    segment('rst', 'you', 'far', 2),
  ]
  expect(draw(wire, 74)).toBe(String.raw`
you                                near                                far
 │─── SYN ──────────────────────────▶│                                  │
 │───────────────────────────────────┼─── SYN ─────────────────────────▶│
 │───────────────────────────────────┼─── GET /a HTTP/1.1\r… (28 B) ───▶│
 │◀──────────────────────────────────┼─── GET /a HTTP/1.1\r… (28 B) ────│
 │───────────────────────────────────┼─── RST ─────────────────────────✗│
`)
})

test('who came to a proxy shares the outer lane at its left', () => {
  const clients = [1, 2, 3].map((number) => segment('connect', 'peer', `client ${number}`, number))
  expect(draw([...clients, segment('connect', 'you', 'origin', 4)], 74)).toBe(`
client 1, client 2, clien…         you                              origin
 │─── client 1 SYN ────────────────▶│                                  │
 │─── client 2 SYN ────────────────▶│                                  │
 │─── client 3 SYN ────────────────▶│                                  │
 │                                  │─── SYN ─────────────────────────▶│
`)
})

test('peers that find no room share a lane, and each arrow names its own', () => {
  expect(draw(PROXY, 60)).toBe(String.raw`
you                                           client, origin
 │◀── client SYN ───────────────────────────────────────│
 │◀── client GET /a HTTP/1.1\r\nHost: a\r\n… (28 B) ────│
 │    lookup origin.test → 127.0.0.1                    │
 │─── origin #1 SYN ───────────────────────────────────▶│
 │─── origin #2 SYN ───────────────────────────────────▶│
 │─── origin #1 GET /a HTTP/1.1\r\nHost: a\r… (28 B) ──▶│
 │◀── origin #2 HTTP/1.1 204 No Content\r\n… (27 B) ────│
 │✗── origin #1 RST ────────────────────────────────────│
 │─── client RST ──────────────────────────────────────✗│
`)
})
