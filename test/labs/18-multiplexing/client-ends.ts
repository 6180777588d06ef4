import type { Headers } from '../../../labs/kit/http.ts'
import { ask, reply, type Answer, type ClientScript, type Step } from './client-steps.ts'

/** Conversations about limits and ends: R17 and R18. */

const bad = (section: Headers, more: Answer = {}): Answer => ({ section, isMalformed: true, ...more })

export const LIMITS: Readonly<Record<string, ClientScript>> = {
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
  'a limit that a later SETTINGS says nothing of': [
    { settings: { max: 1 } },
    ask(),
    { settings: { window: 70_000 } },
    ask(),
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
  'GOAWAY twice, the second with a lower number': [
    ask(),
    ask(),
    ask(),
    { goaway: 2 },
    { goaway: 1 },
    reply(1),
  ],
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

export const ENDS: Readonly<Record<string, ClientScript>> = {
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
  FIN: [ask(), ask(), reply(1), reply(2, { body: 20, send: 5 }), ask({ body: 4 }), { server: 'fin' }, ask()],
  'FIN, and some wait': [{ settings: { max: 1 } }, ask(), ask(), { server: 'fin' }, ask()],
  'FIN when nothing is open': [ask(), reply(1), { server: 'fin' }, ask({ body: 4 }), ask()],
  RST: [ask(), ask(), reply(2, { body: 20, send: 5 }), { server: 'rst' }, ask(), ask({ body: 4 })],
  'RST when nothing is open': [ask(), reply(1), { server: 'rst' }, ask(), ask()],
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
