import type { Headers } from '../../../labs/kit/http.ts'
import type { Answer, Step, Wish } from './client-play.ts'

/** Conversations with a client that every run plays, by requirement. */

export type ClientScript = readonly Step[]

const ask = (of: Wish = {}): Step => ({ ask: of })
const reply = (index: number, answer?: Answer): Step =>
  answer ? { reply: index, with: answer } : { reply: index }
const grant = (index: number, bytes: number): Step => ({ grant: index, bytes })
const MORE = 2 ** 20

const REQUESTS: Readonly<Record<string, ClientScript>> = {
  'methods and fields': [
    ask(),
    ask({ method: 'HEAD' }),
    ask({
      method: 'DELETE',
      fields: [
        ['X-A', '1'],
        ['Cookie', 'a=1'],
        ['X-a', '2'],
        ['X-Empty', ''],
      ],
      sent: [
        ['x-a', '1'],
        ['cookie', 'a=1'],
        ['x-a', '2'],
        ['x-empty', ''],
      ],
    }),
    ask({ host: 'shop.example:81' }),
    ask({
      fields: [
        ['Connection', 'close, X-Ticket'],
        ['X-Ticket', '1'],
        ['Keep-Alive', 'timeout=5'],
        ['TE', 'gzip'],
        ['Upgrade', 'h2c'],
        ['Transfer-Encoding', 'chunked'],
        ['Proxy-Connection', 'a'],
        ['X-Stays', '1'],
      ],
      sent: [['x-stays', '1']],
    }),
    ask({ fields: [['TE', 'trailers']], sent: [['te', 'trailers']] }),
    ask({ fields: [['X-Long', 'l'.repeat(40_000)]], sent: [['x-long', 'l'.repeat(40_000)]] }),
    ask(),
    reply(7),
    reply(1),
  ],
  'bodies, as the windows allow': [
    ask({ body: 10 }),
    ask({ method: 'PUT', body: 100_000 }),
    grant(0, 10_000),
    grant(2, 10_000),
    grant(0, MORE),
    { settings: { window: 70_000 } },
    grant(2, MORE),
    reply(2),
    reply(1),
  ],
  'two bodies take turns': [
    { settings: { window: MORE } },
    ask({ body: 70_000 }),
    ask({ body: 40_000 }),
    ask({ body: 40_000 }),
    grant(0, MORE),
    reply(1),
    reply(2),
    reply(3),
  ],
  'a window of nothing': [
    { settings: { window: 0 } },
    ask({ body: 5 }),
    ask(),
    reply(2),
    grant(1, 4),
    { says: 'PING' },
    grant(1, 1),
    reply(1),
  ],
}

const ANSWERS: Readonly<Record<string, ClientScript>> = {
  'in any order': [ask(), ask(), ask(), reply(3), reply(1), { says: 'PING' }, reply(2), ask(), reply(4)],
  'in turns': [
    ask(),
    ask(),
    reply(1, { body: 30, send: 10 }),
    reply(2, { body: 30, send: 10 }),
    { more: 2, bytes: 5 },
    { more: 1, bytes: 5, padding: 9 },
    { says: 'unknown' },
    { more: 2 },
    { more: 1 },
  ],
  'interim ones before them': [
    ask(),
    reply(1, { interim: [103] }),
    ask({ body: 4 }),
    reply(2, { interim: [100, 103, 103], body: 0 }),
    ask(),
    reply(3, { interim: [103], fields: [['x-a', 'b']], ends: 'with trailers' }),
  ],
  'sections in every form': [
    ask(),
    ask(),
    ask(),
    ask(),
    reply(1, {
      form: { cuts: [1, 2, 2] },
      fields: [
        ['x-a', 'b'],
        ['x-long', 'l'.repeat(300)],
      ],
    }),
    reply(2, { form: { padding: 9 } }),
    reply(3, { form: { priority: true, padding: 0, cuts: [1] } }),
    reply(4, { drip: 1, body: 3 }),
  ],
  'ends in every form': [
    ask(),
    ask(),
    ask(),
    ask(),
    reply(1, { body: 0 }),
    reply(2, { body: 0, ends: 'with empty DATA' }),
    reply(3, { body: 9, ends: 'with trailers' }),
    reply(4, { body: 9, ends: 'with empty DATA', padding: 200 }),
  ],
  'no body, whatever the length says': [
    ask({ method: 'HEAD' }),
    reply(1, { fields: [['content-length', '100']] }),
    ask(),
    reply(2, {
      status: 304,
      fields: [
        ['content-length', '100'],
        ['etag', '"a"'],
      ],
    }),
    ask(),
    reply(3, { status: 204 }),
    ask({ method: 'HEAD' }),
    reply(4, { ends: 'with empty DATA', fields: [['content-length', '100']] }),
  ],
  'any status, and fields that come twice': [
    ...[201, 301, 404, 500, 599].flatMap((status, index): Step[] => [
      ask(),
      reply(index + 1, {
        status,
        fields: [
          ['set-cookie', 'a'],
          ['x-b', 'é'],
          ['set-cookie', 'b'],
        ],
      }),
    ]),
  ],
  'a body of three windows': [
    ask(),
    reply(1, { body: 200_000 }),
    ask(),
    reply(2, { body: 70_000, padding: 100 }),
  ],
  'two bodies of two windows, in turns': [
    ask(),
    ask(),
    reply(1, { body: 130_000, send: 60_000 }),
    reply(2, { body: 130_000, send: 60_000 }),
    { more: 1 },
    { more: 2 },
  ],
  'before the body was sent': [
    { settings: { window: 10 } },
    ask({ body: 50 }),
    reply(1, { status: 413 }),
    grant(1, 100),
    ask(),
    reply(2),
  ],
  'an hour later': [
    ask(),
    { milliseconds: 3_600_000 },
    reply(1, { body: 9, send: 3 }),
    { milliseconds: 3_600_000 },
    { more: 1 },
  ],
}

const LIMITS: Readonly<Record<string, ClientScript>> = {
  'two at a time': [
    { settings: { max: 2 } },
    ask(),
    ask(),
    ask(),
    ask(),
    reply(2),
    reply(1),
    reply(3),
    ask(),
    reply(4),
    reply(5),
  ],
  'none, and then one': [
    { settings: { max: 0 } },
    ask(),
    ask(),
    { settings: { max: 1 } },
    reply(1),
    reply(2),
  ],
  'a limit that comes late': [
    ask(),
    ask(),
    ask(),
    { settings: { max: 1 } },
    ask(),
    reply(1),
    reply(2),
    reply(3),
    reply(4),
  ],
  'one is reset, and the next begins': [
    { settings: { max: 1 } },
    ask(),
    ask(),
    { reset: 1, code: 'CANCEL' },
    reply(2),
  ],
  'refused, and sent once more': [
    ask({ method: 'POST', body: 20 }),
    { reset: 1, code: 'REFUSED_STREAM' },
    reply(1),
  ],
  'refused among others, and no room': [
    ask(),
    ask({ body: 5 }),
    ask(),
    { settings: { max: 2 } },
    { reset: 3, code: 'REFUSED_STREAM' },
    { reset: 2, code: 'REFUSED_STREAM' },
    reply(1),
    reply(2),
    reply(3),
  ],
  'refused twice': [
    ask(),
    ask(),
    { reset: 1, code: 'REFUSED_STREAM' },
    { reset: 1, code: 'REFUSED_STREAM' },
    reply(2),
    ask(),
    reply(3),
  ],
  'reset for other reasons': [
    ask(),
    ask(),
    ask({ body: 9 }),
    ask(),
    { reset: 1, code: 'CANCEL' },
    { reset: 2, code: 'INTERNAL_ERROR' },
    { reset: 3, code: 'ENHANCE_YOUR_CALM' },
    reply(4),
  ],
  'reset in the middle of an answer': [
    ask(),
    ask(),
    reply(1, { body: 20, send: 5 }),
    { reset: 1, code: 'INTERNAL_ERROR' },
    reply(2),
  ],
  GOAWAY: [ask(), ask(), ask(), { goaway: 2 }, ask(), reply(2), reply(1)],
  'GOAWAY, and some wait': [
    { settings: { max: 1 } },
    ask(),
    ask(),
    { goaway: 1 },
    reply(1, { body: 20, send: 5 }),
    { more: 1 },
  ],
  'GOAWAY of everything': [ask(), ask({ body: 9 }), { goaway: 0, code: 'ENHANCE_YOUR_CALM' }, ask()],
  'GOAWAY when nothing is open': [ask(), reply(1), { goaway: 1 }, ask()],
  'refused behind GOAWAY': [ask(), { goaway: 1 }, { reset: 1, code: 'REFUSED_STREAM' }],
}

const bad = (section: Headers, more: Answer = {}): Answer => ({ section, isMalformed: true, ...more })

const ENDS: Readonly<Record<string, ClientScript>> = {
  'malformed answers, between others': [
    ask(),
    ...(
      [
        bad([['x-a', 'b']]),
        bad([[':status', 'abc']]),
        bad([
          [':status', '200'],
          ['X-A', 'b'],
        ]),
        bad([
          [':status', '200'],
          ['connection', 'close'],
        ]),
        bad([
          [':status', '200'],
          ['transfer-encoding', 'chunked'],
        ]),
        bad([
          ['x-a', 'b'],
          [':status', '200'],
        ]),
        bad([
          [':status', '200'],
          [':status', '200'],
        ]),
        bad([
          [':status', '200'],
          [':path', '/'],
        ]),
        bad([
          [':status', '200'],
          ['x-a', 'a\nb'],
        ]),
        bad(
          [
            [':status', '200'],
            ['content-length', '5'],
          ],
          { body: 4 },
        ),
        bad(
          [
            [':status', '200'],
            ['content-length', '5'],
          ],
          { body: 6 },
        ),
        bad(
          [
            [':status', '200'],
            ['content-length', '5'],
          ],
          { body: 0 },
        ),
        bad([[':status', '103']], { body: 0 }),
      ] as const
    ).flatMap((answer, index): Step[] => [ask(), reply(index + 2, answer)]),
    reply(1),
  ],
  FIN: [ask(), ask(), reply(1), reply(2, { body: 20, send: 5 }), ask({ body: 4 }), { server: 'fin' }],
  'FIN, and some wait': [{ settings: { max: 1 } }, ask(), ask(), { server: 'fin' }],
  RST: [ask(), ask(), reply(2, { body: 20, send: 5 }), { server: 'rst' }],
  'RST when nothing is open': [ask(), reply(1), { server: 'rst' }],
  'close() when nothing was asked': [{ close: true }],
  'close() behind an answer': [ask(), reply(1), { close: true }, ask()],
  'close() while answers are awaited': [
    ask(),
    ask(),
    { close: true },
    ask(),
    reply(2),
    reply(1, { body: 20, send: 5 }),
    { more: 1 },
  ],
  'close() while some wait': [
    { settings: { max: 1 } },
    ask(),
    ask({ body: 3 }),
    { close: true },
    reply(1),
    reply(2),
  ],
  'close() and a reset': [ask(), { close: true }, { reset: 1, code: 'CANCEL' }],
  'close() and FIN': [ask(), { close: true }, { server: 'fin' }],
}

export const CLIENT_SCRIPTS = { R15: REQUESTS, R16: ANSWERS, R17: LIMITS, R18: ENDS } as const
