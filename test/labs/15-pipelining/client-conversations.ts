import type { Conversations } from '../../../workbook/grading/conversation.ts'
import { draw, ENDS, INTERIM, NO_HTTP, NOT_IDEMPOTENT, PERSISTS, STATUSES } from './client-drawn.ts'
import { playClient, type ClientStep } from './client-play.ts'
import { gets, type Says } from './scenes.ts'

/** What an origin may do to a client, by the requirement that it tries. */

type Scripts = Readonly<Record<string, readonly ClientStep[]>>

const ANSWER: ClientStep = { answer: 1 }
const HOUR: ClientStep = { wait: 3_600_000 }
const INTERIM_103: ClientStep = { interim: 103 }
const LOSSES = [{ lose: 'fin' }, { lose: 'reset' }] as const

const told = ({ says, version }: Says): string =>
  `HTTP/${version ?? '1.1'}${says ? `, Connection: ${says.join(' and ')}` : ''}`

function table<T>(rows: readonly T[], called: (row: T) => string, steps: (row: T) => ClientStep[]): Scripts {
  return Object.fromEntries(rows.map((row) => [called(row), steps(row)]))
}

const R1: Scripts = {
  'an origin that takes an hour for each answer': [
    { ask: ['GET', 'GET', 'PUT', 'POST', 'GET'], depth: 2 },
    ...[ANSWER, ANSWER, INTERIM_103, ANSWER, ANSWER, LOSSES[0]].flatMap((step) => [HOUR, step]),
  ],
  'an answer is one, whatever its status': [
    { ask: STATUSES.map((status) => `GET =${status}`) },
    ANSWER,
    { answer: STATUSES.length },
  ],
}

const R2: Scripts = {
  ...table(
    PERSISTS,
    (row) => `${told(row)}: it persists`,
    (row) => [{ ask: gets(3) }, { ...ANSWER, ...row }],
  ),
  'a later answer shows that it persists still': [
    { ask: gets(PERSISTS.length + 3), depth: 2 },
    ANSWER,
    ...PERSISTS.map((row): ClientStep => ({ ...ANSWER, ...row })),
  ],
  'PUT and DELETE are idempotent, and followed': [
    { ask: ['PUT', 'PUT', 'DELETE', 'GET', 'OPTIONS', 'TRACE', 'PUT', 'GET'] },
    ANSWER,
    { answer: 3 },
    { answer: 4 },
  ],
  'a connection after a close goes alone first, too': [
    { ask: gets(6) },
    { ...ANSWER, says: ['close'] },
    ANSWER,
    { answer: 2, says: ['close'] },
    ANSWER,
  ],
}

const R3: Scripts = {
  ...table(
    INTERIM,
    (status) => `${status} is no answer`,
    (status) => [
      { ask: gets(4), depth: 2 },
      { interim: status },
      ANSWER,
      { interim: status },
      { answer: 1, before: status },
      { answer: 1, behind: status },
    ],
  ),
  'a 1xx behind an answer holds nothing back': [
    { ask: gets(6), depth: 2 },
    ANSWER,
    { answer: 1, behind: 103 },
    { answer: 1, behind: 100 },
    { answer: 2 },
  ],
  'answers and 1xx in one piece, and cut everywhere': [
    { ask: ['GET', 'PUT', 'GET', 'GET', 'DELETE', 'GET', 'GET'] },
    { answer: 1, cut: true },
    { answer: 3, before: 103 },
    { answer: 2, before: 100, behind: 103, cut: true },
  ],
}

const R4: Scripts = {
  ...table(
    [1, 2, 3],
    (depth) => `depth ${depth}, on three connections`,
    (depth) => [
      { ask: gets(depth + 7), depth },
      ANSWER,
      ANSWER,
      { lose: 'fin' },
      ANSWER,
      ANSWER,
      { ...ANSWER, says: ['close'] },
      ANSWER,
      ANSWER,
    ],
  ),
  'two answers in one piece make room for two': [
    { ask: gets(8), depth: 3 },
    ANSWER,
    { answer: 2 },
    { answer: 3 },
    ANSWER,
  ],
}

const R5: Scripts = {
  ...table(
    NOT_IDEMPOTENT,
    (method) => `nothing follows ${method}`,
    (method) => [
      { ask: [method, 'GET', method, method, 'PUT', 'GET'] },
      { interim: 103 },
      ANSWER,
      ANSWER,
      { interim: 100 },
      ANSWER,
      { interim: 102 },
      ANSWER,
    ],
  ),
  'a POST behind GETs that wait': [
    { ask: ['GET', 'GET', 'GET', 'POST', 'GET', 'DELETE'] },
    ANSWER,
    ANSWER,
    { answer: 1, behind: 103 },
    { interim: 103 },
    ANSWER,
  ],
}

const R6: Scripts = {
  ...Object.fromEntries(
    LOSSES.flatMap((loss) =>
      ([undefined, 'half a head', 'half a body'] as const).map((behind) => [
        `${loss.lose === 'fin' ? 'FIN' : 'RST'} behind ${behind ?? 'whole answers'}`,
        [{ ask: gets(6) }, ANSWER, ANSWER, { ...loss, ...(behind && { behind }) }, ANSWER, { answer: 2 }],
      ]),
    ),
  ),
  ...table(
    LOSSES,
    ({ lose }) => `${lose} before any answer`,
    (loss) => [{ ask: ['PUT', 'GET', 'DELETE'] }, loss, ANSWER],
  ),
  ...table(
    NO_HTTP,
    (bytes) => `no HTTP: ${bytes.split('\r\n')[1] ?? ''}`,
    (garbage) => [{ ask: gets(4) }, ANSWER, { garbage }, ANSWER],
  ),
  'no HTTP behind whole answers': [{ ask: gets(4) }, ANSWER, { garbage: NO_HTTP[0], after: 2 }],
  'no HTTP behind an answered POST': [{ ask: ['GET', 'POST'] }, ANSWER, { garbage: NO_HTTP[1], after: 1 }],
  'a 1xx is no answer, and the request goes again': [
    { ask: ['GET', 'PUT', 'GET'] },
    { interim: 103 },
    { lose: 'fin' },
    ANSWER,
    { interim: 100 },
    { lose: 'reset' },
    ANSWER,
  ],
  'what was sent goes first, and what was not follows': [
    { ask: ['GET', 'DELETE', 'PUT', 'GET', 'GET', 'GET'], depth: 2 },
    ANSWER,
    { lose: 'reset' },
    ANSWER,
    ANSWER,
    { lose: 'fin' },
    ANSWER,
  ],
}

const R7: Scripts = {
  ...table(
    NOT_IDEMPOTENT,
    (method) => `${method} is not sent again`,
    (method) => [
      { ask: [method, 'GET', method, 'GET', method] },
      { lose: 'fin' },
      ANSWER,
      { lose: 'reset', behind: 'half a body' },
      ANSWER,
    ],
  ),
  'a POST alone, and nothing after it': [{ ask: ['POST'] }, { lose: 'fin' }],
  'a POST with a 1xx': [{ ask: ['GET', 'POST', 'GET'] }, ANSWER, { interim: 100 }, { lose: 'reset' }, ANSWER],
  'a POST with half an answer': [{ ask: ['GET', 'POST'] }, ANSWER, { lose: 'fin', behind: 'half a head' }],
  'a POST behind GETs that wait': [
    { ask: ['GET', 'GET', 'GET', 'POST', 'GET'] },
    ANSWER,
    { lose: 'fin' },
    ANSWER,
  ],
  'a POST that was not sent': [
    { ask: ['GET', 'GET', 'POST', 'PATCH', 'GET'], depth: 1 },
    ANSWER,
    { lose: 'reset' },
    ANSWER,
    { lose: 'fin' },
    ANSWER,
  ],
  'twice in vain, the first of three': [
    { ask: ['GET', 'PUT', 'GET', 'GET'] },
    ANSWER,
    { lose: 'fin' },
    { lose: 'reset' },
    ANSWER,
  ],
  'twice in vain, all of them': [
    { ask: gets(3) },
    { lose: 'fin' },
    { lose: 'fin' },
    { lose: 'fin' },
    { lose: 'fin' },
    { lose: 'fin' },
    { lose: 'fin' },
  ],
  'no further connection': [
    { ask: ['GET', 'GET', 'GET', 'POST'], depth: 2 },
    ANSWER,
    { refuse: true },
    { lose: 'fin' },
  ],
  'no third connection, and a POST lost before': [
    { ask: ['POST', 'GET', 'GET', 'POST'] },
    { lose: 'fin' },
    ANSWER,
    { refuse: true },
    { lose: 'reset' },
  ],
  'no second connection, and nothing answered on the first': [
    { ask: ['GET', 'POST', 'GET'] },
    { refuse: true },
    { lose: 'fin' },
  ],
  'no connection after a close': [
    { ask: ['GET', 'GET', 'GET', 'PUT'] },
    ANSWER,
    { refuse: true },
    { ...ANSWER, says: ['close'] },
  ],
}

const R8: Scripts = {
  'each answer ends its connection': [
    { ask: gets(ENDS.length + 1) },
    ...ENDS.map((row): ClientStep => ({ ...ANSWER, ...row })),
  ],
  'a later answer ends it, with another request behind': [
    { ask: gets(2 * ENDS.length + 2), depth: 2 },
    ...ENDS.flatMap((row): ClientStep[] => [ANSWER, { ...ANSWER, ...row }]),
  ],
  'what comes behind the end is no answer': [
    { ask: gets(6) },
    ANSWER,
    { answer: 1, version: '1.0', stray: true },
    ANSWER,
    { answer: 1, says: ['close'], stray: true },
  ],
  'a POST behind a GET that is answered with close': [
    { ask: ['GET', 'GET', 'POST', 'GET'] },
    ANSWER,
    { ...ANSWER, says: ['close'] },
    ANSWER,
  ],
  'what was sent twice behind a close is given up': [
    { ask: gets(4) },
    ANSWER,
    { ...ANSWER, says: ['close'] },
    { lose: 'fin' },
    ANSWER,
  ],
}

const conversations = (scripts: Scripts): Conversations<ClientStep> => ({
  scripts,
  draw,
  drawn: 1,
  play: playClient,
})

export const CLIENT = {
  R1: conversations(R1),
  R2: conversations(R2),
  R3: conversations(R3),
  R4: conversations(R4),
  R5: conversations(R5),
  R6: conversations(R6),
  R7: conversations(R7),
  R8: conversations(R8),
}
