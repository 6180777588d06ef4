import {
  type Scripts,
  get,
  brings,
  send,
  answer,
  says,
  cut,
  FRESH,
  TAG,
  DATE,
  each,
  good,
  stale,
} from './cache-steps.ts'
import { RESTS, type Reply } from './replies.ts'
import type { Step } from './cache-play.ts'

/** Answers that are cut. */

const LOST: ReadonlyArray<readonly [string, Step]> = [
  ['no answer', cut('nothing')],
  ['a reset before it', cut('nothing', {}, 'RST')],
  ['half a head', cut('within the head', { says: [FRESH] })],
  ['a head', cut('the head', { says: [FRESH, TAG] })],
  ['half of it', cut('half', { says: [FRESH] })],
  ['half of it, and a reset', cut('half', { says: [FRESH] }, 'RST')],
  ['half of the chunks', cut('half', { framing: 'chunks', says: [FRESH] })],
  ['all but the last chunk', cut('all content', { framing: 'chunks', says: [FRESH] })],
  ['half, to a reset', cut('half', { framing: 'FIN', says: [FRESH] }, 'RST')],
]
const HALF: Step = cut('half', { says: [FRESH, TAG] })
const NOISE = 'HELO a.example\r\n\r\n'
const rest = (kind: (typeof RESTS)[number], more: Reply = {}): Step => answer({ rest: kind, ...more })

export const HALVES: Scripts = {
  ...Object.fromEntries(
    LOST.map(([name, step]) => [`${name}, and then all`, [get(), step, says(FRESH), get()]]),
  ),
  ...Object.fromEntries(
    LOST.map(([name, step]) => [`${name}, twice`, [get(), step, step, get(), says(FRESH), get()]]),
  ),
  ...each('the rest', RESTS, (kind) => [get(), HALF, rest(kind), get(), says(FRESH), get()]),
  'the rest, with fields of its own': [
    get(),
    HALF,
    rest('fits', { says: ['Cache-Control: no-store', 'X-A: 1'] }),
    get(),
  ],
  'no such range': [get(), HALF, answer({ status: 416, says: [FRESH] }), get(), says(FRESH), get()],
  'a new version for the rest': [get(), HALF, says(FRESH, 'ETag: "v2"'), get()],
  'killed, and nobody can know': [get(), cut('half', { framing: 'FIN', says: [FRESH] }), get()],
  ...each('not again', ['POST', 'PATCH', 'XBUY'], (method) => [
    send(method, 'a', { body: 'length' }),
    cut('half'),
    send(method),
    cut('nothing'),
  ]),
  ...each('once more', ['PUT', 'DELETE', 'HEAD', 'OPTIONS'], (method) => [
    send(method),
    cut('nothing'),
    answer(),
    send(method),
    cut('nothing'),
    cut('nothing'),
  ]),
  'a range of the client, cut': [
    brings('Range: bytes=0-9'),
    cut('half', { status: 206, says: [TAG] }),
    answer({ status: 206 }),
    get(),
    answer(),
  ],
  'no HTTP': [
    get(),
    answer({ noise: NOISE }),
    send('POST', 'b'),
    answer({ noise: NOISE }),
    get(),
    says(FRESH),
    get(),
  ],
  'two lengths': [
    get(),
    answer({
      noise: `HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n${FRESH}\r\n\r\n1\r\na\r\n0\r\n\r\n`,
    }),
    get(),
    says(FRESH),
    get(),
  ],
  'stale, and nobody there': [
    ...stale(TAG),
    get(),
    cut('nothing'),
    cut('nothing', {}, 'RST'),
    get(),
    good(),
    get(),
  ],
  'stale, and half a new one': [
    ...stale(DATE),
    get(),
    cut('half', { says: [FRESH, TAG] }),
    cut('half', { says: [FRESH] }),
    get(),
    good(),
    get(),
  ],
  'stale, lost once, and still good': [...stale(TAG), get(), cut('nothing'), good(), get()],
  'stale, and cut, and all of it': [
    ...stale(TAG),
    get(),
    cut('half', { says: [FRESH, 'ETag: "v2"'] }),
    says(FRESH, 'ETag: "v2"'),
    get(),
  ],
  'stale, and no HTTP': [
    ...stale(TAG, 'Cache-Control: stale-if-error=600'),
    get(),
    answer({ noise: NOISE }),
    get(),
    good(),
  ],
  'fresh ones are given out all the same': [
    get('b'),
    says(FRESH),
    get('a'),
    cut('half'),
    cut('half'),
    get('b'),
  ],
}
