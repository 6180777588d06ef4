import type { Answer } from './client-play.ts'
import {
  says,
  ECHO,
  asks,
  asksOld,
  exchange,
  again,
  fin,
  reset,
  HOUR,
  each,
  METHODS,
  NOT_IDEMPOTENT,
  writingsOf,
  nearly,
  type Script,
} from './client-steps.ts'

/** Conversations about what is kept and what is not: R9 to R11. */
export const KEEPS = {
  R9: {
    'any status keeps a connection': asks(
      ...[200, 201, 301, 404, 500, 503].flatMap((status) => exchange({ status })),
      ...again(),
    ),
    'any method, with a body and without': asks(
      ...[...METHODS, ...NOT_IDEMPOTENT].flatMap((method) => exchange({}, { method })),
      ...METHODS.slice(1).flatMap((method) => exchange({ end: 'chunks' }, { method, body: 'some' })),
      ...exchange({}, { method: 'POST', body: 'some' }),
    ),
    'answers that are empty, long, or come in pieces': asks(
      ...exchange({ size: 0 }),
      ...exchange({ size: 0, end: 'chunks' }),
      ...exchange({ size: 100_000 }),
      ...exchange({ size: 100_000, end: 'chunks' }),
      ...(['length', 'chunks'] as const).flatMap((end): Script => {
        const answer: Answer = { end }
        return [
          { request: {} },
          ...[1, 30, 'half' as const, -3, -1].map((upTo) => ({ reply: answer, upTo })),
          { reply: answer },
        ]
      }),
      ...again(),
    ),
    'words that only look like close': asks(
      ...nearly('close').flatMap((near) => exchange(says(near))),
      ...again(),
    ),
    'Keep-Alive without its token means nothing': asks(
      ...exchange({ says: [['Keep-Alive', 'timeout=0, max=0']] }),
      ...exchange({ says: [['Keep-Alive', 'timeout=5, max=1']] }),
      HOUR,
      ...again(),
    ),
    'a client of HTTP/1.0, and servers of both versions': asksOld(
      ...exchange(ECHO),
      ...exchange({}),
      ...exchange(says('keep-alive')),
      ...exchange(ECHO, { method: 'PUT', body: 'some' }),
      ...exchange(ECHO, { headers: [['Connection', 'other']] }),
      ...exchange(ECHO, { headers: [['connection', 'other, more']] }),
      ...writingsOf('keep-alive').flatMap((writing) => exchange({ version: '1.0', ...says(...writing) })),
      ...again(),
    ),
    'a client of HTTP/1.1, and a server of HTTP/1.0 that keeps': asks(
      ...exchange(ECHO),
      ...exchange(ECHO),
      ...again(),
    ),
    'an answer that takes an hour, and an idle hour': asks(
      ...again(),
      HOUR,
      { request: {} },
      HOUR,
      { reply: {} },
      HOUR,
      ...again(),
    ),
    'an answer that stops for an hour': asks(
      ...again(),
      ...((): Script => {
        const answer: Answer = {}
        return [{ request: {} }, { reply: answer, upTo: 'half' }, HOUR, { reply: answer }, ...again()]
      })(),
    ),
  },
  R10: {
    ...each('the answer says close', writingsOf('close'), (writing) =>
      asks(...exchange(says(...writing)), ...again()),
    ),
    ...each('the caller says close', writingsOf('close'), (writing) =>
      asks(
        ...again(),
        ...exchange({}, { headers: writing.map((value) => ['Connection', value]) }),
        ...again(),
      ),
    ),
    'the caller says close, in a field of any case': asks(
      ...exchange({}, { headers: [['connection', 'close']] }),
      ...exchange({}, { headers: [['CONNECTION', 'Close']] }),
      ...again(),
    ),
    'HTTP/1.0 without the echo': asksOld(
      ...exchange({ version: '1.0' }),
      ...exchange(ECHO),
      ...exchange({ version: '1.0', says: [['Keep-Alive', 'timeout=5, max=9']] }),
      ...nearly('keep-alive').flatMap((near) => exchange({ version: '1.0', ...says(near) })),
      ...exchange({ version: '1.0', ...says('keep-alive, close') }),
      ...exchange({ version: '1.0', end: 'length' }, { method: 'POST', body: 'some' }),
      ...again(),
    ),
    'HTTP/1.0 without the echo, towards a client of HTTP/1.1': asks(
      ...again(),
      ...exchange({ version: '1.0' }),
      ...again(),
    ),
    'close in an answer in chunks, in one that is empty, and in an error': asks(
      ...exchange({ end: 'chunks', ...says('close') }),
      ...exchange({ size: 0, ...says('close') }),
      ...exchange({ status: 503, ...says('close') }),
      ...again(),
    ),
    'the server closes too': asks(
      ...exchange(says('close')),
      fin,
      ...again(),
      ...exchange(says('close')),
      reset,
      ...again(),
    ),
    'bytes behind an answer, at once': asks(
      ...exchange({ more: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong' }),
      ...again(),
    ),
    'bytes behind an answer in chunks, at once': asks(...exchange({ end: 'chunks', more: 'X' }), ...again()),
    'bytes behind an answer, later': asks(
      ...again(),
      { stray: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong' },
      ...again(),
      { stray: 'X' },
      ...exchange({}, { method: 'POST', body: 'some' }),
      ...again(),
    ),
  },
  R11: {
    ...each(
      'no length',
      [{}, says('keep-alive'), ECHO, { version: '1.0' }, { size: 0 }, { size: 100_000 }] as Answer[],
      (answer) => {
        const reply: Answer = { ...answer, end: 'nothing' }
        return asks(...again(), { request: {} }, { reply, upTo: 'half' }, HOUR, { reply }, fin, ...again())
      },
    ),
    'no length, towards HTTP/1.0': asksOld(
      { request: {} },
      { reply: { ...ECHO, end: 'nothing' } },
      HOUR,
      fin,
      ...again(),
    ),
    'no length, and cut by a reset': asks({ request: {} }, { reply: { end: 'nothing' } }, reset, ...again()),
    'no length, and cut within the head': asks(
      { request: {} },
      { reply: { end: 'nothing', size: 0 }, upTo: -1 },
      fin,
      ...again(),
    ),
  },
} satisfies Readonly<Record<string, Readonly<Record<string, Script>>>>
