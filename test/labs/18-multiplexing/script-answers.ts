import { answer, ask, type Script } from './server-steps.ts'

/** Conversations about answers: R4. */

/** Fields that are as long as that, so that a section takes several frames. */
const long = (bytes: number) => [['x-long', 'l'.repeat(bytes)] as const]

export const ANSWERS: Readonly<Record<string, Script>> = {
  'fields of every kind': [
    ask(),
    answer(1, {
      fields: [
        ['Content-Type', 'text/plain'],
        ['X-Twice', '1'],
        ['X-Other', ''],
        ['X-Twice', '2'],
        ['Set-Cookie', 'a'],
        ['Set-Cookie', 'b'],
        ['X-Latin', 'é'],
      ],
    }),
    ask(),
    answer(2, {
      fields: [
        ['Content-Type', 'text/plain'],
        ['X-Twice', '1'],
        ['Authorization', 'secret'],
      ],
    }),
  ],
  'fields of one hop': [
    ask(),
    answer(1, {
      fields: [
        ['Connection', 'Close, X-Ticket'],
        ['x-ticket', '1'],
        ['Keep-Alive', 'timeout=5'],
        ['Proxy-Connection', 'a'],
        ['Transfer-Encoding', 'chunked'],
        ['Upgrade', 'h2c'],
        ['X-Stays', '1'],
      ],
    }),
    ask(),
    answer(2, {
      fields: [
        ['X-Ticket', '2'],
        ['connection', 'keep-alive'],
      ],
    }),
  ],
  'answers without a body': [
    ask({ method: 'HEAD' }),
    answer(1, { body: 50, fields: [['Content-Length', '50']] }),
    ask(),
    answer(2, { status: 204, body: 0 }),
    ask(),
    answer(3, { status: 304, body: 20 }),
    ask(),
    answer(4, { body: 0 }),
    ask({ method: 'POST', body: 4 }),
    answer(5, { status: 404, body: 0 }),
    ask({ method: 'HEAD' }),
    answer(6, { body: 0, status: 500 }),
  ],
  'a Content-Length that is wrong': [
    ask(),
    answer(1, { body: 50, fields: [['Content-Length', '7']] }),
    ask(),
    answer(2, {
      body: 0,
      fields: [
        ['content-length', '7'],
        ['X-A', 'b'],
      ],
    }),
  ],
  'a handler that fails': [ask(), answer(1, { fails: true }), ask(), answer(2)],
  'a handler that fails, between others': [
    ask(),
    ask(),
    ask(),
    answer(2, { fails: true }),
    answer(1),
    answer(3),
    ask(),
    answer(4),
  ],
  'sections longer than a frame': [
    ask(),
    ask(),
    answer(1, { fields: long(40_000), body: 10 }),
    answer(2, { fields: long(30_000), body: 0 }),
    ask(),
    answer(3),
  ],
  'bodies around the length of a frame': [
    ask(),
    answer(1, { body: 16_384 }),
    ask(),
    answer(2, { body: 16_385 }),
    ask(),
    answer(3, { body: 16_383 }),
  ],
}
