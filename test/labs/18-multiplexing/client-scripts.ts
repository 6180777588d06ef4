import { ENDS, LIMITS } from './client-ends.ts'
import { ask, grant, reply, MORE, type ClientScript, type Step } from './client-steps.ts'

/** Conversations with a client that every run plays, by requirement. */

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
  'any status, and fields that come twice': [201, 301, 404, 500, 599].flatMap((status, index): Step[] => [
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

export const CLIENT_SCRIPTS = { R15: REQUESTS, R16: ANSWERS, R17: LIMITS, R18: ENDS } as const
