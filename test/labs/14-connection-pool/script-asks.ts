import {
  after,
  ask,
  exchange,
  fin,
  hint,
  IDEMPOTENT,
  inARow,
  NOT_IDEMPOTENT,
  ONE,
  PART,
  pool,
  replies,
  reply,
  THREE,
  type Answer,
  type Script,
} from './steps.ts'

/** What is asked and answered, and on which connection: R1 and R2. */

export const R1 = {
  'methods, fields and bodies': [
    pool(),
    ...inARow([...IDEMPOTENT, ...NOT_IDEMPOTENT], (method, name) => exchange(name, {}, { method })),
    ...['PUT', 'POST', 'XBUY'].flatMap((method) =>
      exchange(
        `body ${method}`,
        {},
        {
          method,
          body: 'some',
          headers: [
            ['x-Two', '1'],
            ['X-Two', '2'],
          ],
        },
      ),
    ),
    ...exchange('own host', {}, { headers: [['hOST', 'shop.example']] }),
  ],
  'a request with a version of its own': [
    ONE,
    ...inARow(['1.0', '1.1'] as const, (version, name) => exchange(name, {}, { version })),
    ...exchange('old post', {}, { version: '1.0', method: 'POST', body: 'some' }),
    ...exchange('next'),
  ],
  'an origin with a name, and one with an address': [
    pool(),
    ...inARow([2, 0, 1, 2], (of, name) => exchange(name, {}, { of })),
  ],
  'answers of every length and in pieces': [
    pool(),
    ...exchange('a', { size: 0 }),
    ...exchange('b', { size: 0, end: 'chunks' }),
    ...exchange('c', { size: 100_000 }),
    ...exchange('d', { size: 70_000, end: 'chunks' }),
    ...(['length', 'chunks'] as const).flatMap((end, index): Script => {
      const answer: Answer = { end }
      const name = `piece ${index}`
      return [
        { asks: [{ as: name }] },
        ...[1, 30, 'half' as const, -3, -1].map((upTo) => ({ reply: name, with: answer, upTo })),
        { reply: name, with: answer },
      ]
    }),
    ...exchange('e'),
  ],
  'answers without a body, whatever they say': [
    ONE,
    ...inARow([200, 404, 204, 304], (status, name) => exchange(name, { status }, { method: 'HEAD' })),
    ...exchange('chunked head', { end: 'chunks' }, { method: 'HEAD' }),
    ...exchange('bare head', { end: 'nothing' }, { method: 'HEAD' }),
    ...exchange('none', { status: 204 }),
    ...exchange('not modified', { status: 304 }),
    ...exchange('chunked 304', { status: 304, end: 'chunks' }),
    ...exchange('bare 304', { status: 304, end: 'nothing' }),
    ...exchange('after'),
  ],
  'interim answers': [
    ONE,
    ...exchange('a', { interim: [103] }),
    ...exchange('b', { interim: [100, 102, 199], end: 'chunks' }),
    ...exchange('c', { interim: [100], status: 204 }),
    ask('d'),
    ...((answer: Answer): Script => [
      { reply: 'd', with: answer, upTo: 40 },
      { reply: 'd', with: answer, upTo: 'half' },
      { reply: 'd', with: answer },
    ])({ interim: [103], size: 300 }),
    ...exchange('e'),
  ],
  'any status is an answer': [
    ONE,
    ...inARow([201, 301, 400, 404, 408, 429, 500, 503], (status, name) => exchange(name, { status })),
  ],
  'an answer to the FIN': [
    ONE,
    ...[0, 1, 5_000].flatMap((size, index): Script => {
      const name = `f${index}`
      return [{ asks: [{ as: name }] }, reply(name, { end: 'nothing', size }), fin(name)]
    }),
    ...exchange('z'),
  ],
} satisfies Record<string, Script>

export const R2 = {
  'one connection serves one caller after the other': [
    pool(),
    ...'abcdef'.split('').flatMap((name) => exchange(name)),
    after(9_999),
    ...exchange('g'),
  ],
  'the one that was used last comes first': [
    THREE,
    ask('abc'),
    ...replies('bac'),
    ...exchange('d'),
    ...exchange('e'),
    ask('f'),
    ask('g'),
    reply('f'),
    reply('g'),
    ask('hij'),
    ...replies('jih'),
    ask('kl'),
    ...replies('lk'),
    ...exchange('m'),
  ],
  'those that nobody needs end, though requests go on': [
    THREE,
    ask('abc'),
    ...replies('abc'),
    after(6_000),
    ...exchange('d'),
    after(4_000),
    ...exchange('e'),
    after(6_000),
    ...exchange('f'),
    ask('gh'),
    ...replies('gh'),
  ],
  'one of them ends in its time, and the others keep their order': [
    pool({ maxPerOrigin: 4 }),
    ask('abcd'),
    reply('a', hint('timeout=3')),
    ...replies('bcd'),
    after(2_000),
    ask('e'),
    ask('f'),
    ...replies('ef'),
  ],
  'a second one only while the first is in use': [
    pool(),
    ...exchange('a'),
    ask('bc'),
    ...replies('bc'),
    ...exchange('d'),
    ask('e'),
    { reply: 'e', with: PART, upTo: 'half' },
    ...exchange('f'),
    { reply: 'e', with: PART },
    ...exchange('g'),
  ],
} satisfies Record<string, Script>
