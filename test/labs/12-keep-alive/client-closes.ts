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
  LEAVES,
  type Script,
} from './client-steps.ts'

/** Conversations that end with close(): R13. */
export const CLOSES = {
  R13: {
    'close() of a client that has never asked': asks(LEAVES),
    'close() of a kept connection': asks(...again(), LEAVES),
    'close() of a kept connection, idle for an hour': asks(...again(), ...again(), HOUR, LEAVES),
    'close() when the last answer said close': asks(...exchange(says('close')), LEAVES),
    'close() when the caller said close': asks(
      ...exchange({}, { headers: [['Connection', 'close']] }),
      LEAVES,
    ),
    'close() behind an answer without a length': asks(
      { request: {} },
      { reply: { end: 'nothing' } },
      fin,
      LEAVES,
    ),
    'close() behind an idle FIN': asks(...again(), fin, LEAVES),
    'close() behind an idle reset': asks(...again(), reset, LEAVES),
    'close() behind bytes that nobody asked for': asks(...again(), { stray: 'X' }, LEAVES),
    'close() behind a rejection': asks({ request: {} }, fin, LEAVES),
    'close() behind a rejection on a kept connection': asks(
      ...again(),
      { request: { method: 'POST' } },
      reset,
      LEAVES,
    ),
    'close() behind an answer cut short': asks(
      ...again(),
      { request: {} },
      { reply: {}, upTo: 'half' },
      fin,
      LEAVES,
    ),
    'close() behind a second attempt': asks(...again(), { request: {} }, fin, { reply: {} }, LEAVES),
    'close() behind no HTTP': asks({ request: {} }, { reply: { noise: 'HELLO\r\n\r\n' } }, LEAVES),
    'close() in HTTP/1.0': asksOld(...exchange(ECHO), LEAVES),
    'close() in HTTP/1.0, not kept': asksOld(...exchange({ version: '1.0' }), LEAVES),
  },
} satisfies Readonly<Record<string, Readonly<Record<string, Script>>>>
