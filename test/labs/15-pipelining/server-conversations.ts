import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { gets } from './scenes.ts'
import { playServer, type ServerStep } from './server-play.ts'

/** What clients, a handler and the owner may do to a server, by the requirement that it tries. */

type Scripts = Readonly<Record<string, readonly ServerStep[]>>

/** Every other method than the four safe ones; a method's name has its case. */
const UNSAFE = ['PUT', 'POST', 'DELETE', 'PATCH', 'PURGE', 'get', 'Options']
const CLOSES = [
  'GET close',
  'GET (X-Shop, Close)',
  'GET (,CLOSE \t,X-Shop)',
  'GET (X-Shop) (close)',
  'GET (close) (X-Shop)',
  'GET (keep-alive,\tclose)',
  'POST close',
]
const KEEPS = [
  'GET (Close-Notify, not-close, closed, enclosed)',
  'GET (keep-alive)',
  'GET (X-Shop) (Close-Notify)',
]
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
]

const serve = (maxWaiting: number): ServerStep => ({ serve: maxWaiting })
const send = (...words: string[]): ServerStep => ({ send: words })
const ready = (...indexes: number[]): ServerStep[] => indexes.map((index) => ({ ready: index }))
const CLOSE: ServerStep = { close: true }
const FIN: ServerStep = { end: 'fin' }

function table<T>(rows: readonly T[], called: (row: T) => string, steps: (row: T) => ServerStep[]): Scripts {
  return Object.fromEntries(rows.map((row) => [called(row), steps(row)]))
}

const R9: Scripts = {
  ...table(
    ORDERS,
    (order) => `ready in the order ${order.map((each) => each + 1).join(', ')}`,
    (order) => [serve(10), send('GET', 'TRACE', 'OPTIONS'), ...ready(...order)],
  ),
  ...table(
    UNSAFE,
    (method) => `${method} is handled alone`,
    (method) => [
      serve(10),
      send('GET', 'GET', method, method, 'GET', method, 'GET'),
      ...ready(1, 0, 2, 3, 4, 5),
    ],
  ),
  'a POST in a write of its own waits for all before it': [
    serve(10),
    { send: ['GET', 'GET', 'POST', 'GET', 'GET'], in: 'writes' },
    ...ready(0, 1, 2, 4, 3),
    send('PUT', 'PUT'),
    ...ready(5, 6),
  ],
  'cut in every head and body': [
    serve(3),
    { send: ['PUT', 'GET', 'POST', 'PUT', 'GET'], in: 'cuts' },
    ...ready(0, 1, 2, 3, 4),
  ],
  'what comes later waits for what came before': [
    serve(10),
    send('GET'),
    send('GET'),
    ...ready(1),
    send('GET'),
    ...ready(2, 0),
  ],
  'whatever the status': [serve(10), send('GET =404', 'GET =500', 'GET =201', 'GET =302'), { ready: 'all' }],
  'each connection has its own order': [
    serve(2),
    { send: ['GET', 'GET', 'GET'], on: 'slow' },
    { send: ['POST', 'GET', 'PUT'], on: 'quick' },
    { ready: 0, on: 'quick' },
    { ready: 1, on: 'quick' },
    { ready: 1, on: 'slow' },
    { ready: 2, on: 'quick' },
    { ready: 0, on: 'slow' },
  ],
  'half a request behind one in progress': [
    serve(10),
    send('GET'),
    { half: 'PUT', upTo: 'head' },
    ...ready(0),
    { rest: true },
    { half: 'POST', upTo: 'body' },
    ...ready(1),
    { rest: true },
    ...ready(2),
  ],
}

const R10: Scripts = {
  ...table(
    [1, 2, 3, 4],
    (max) => `maxWaiting ${max}, in one piece`,
    (max) => [serve(max), send(...gets(max + 3)), ...ready(max - 1, 0, 1, 2), { ready: 'all' }],
  ),
  ...table(
    [1, 2, 3],
    (max) => `maxWaiting ${max}, in writes of their own`,
    (max) => [
      serve(max),
      { send: gets(max + 2), in: 'writes' },
      send('GET'),
      ...ready(0, 1, 2, 3),
      send('GET', 'GET'),
      ...ready(4, 5, 6),
    ],
  ),
  'each connection has its own': [
    serve(2),
    { send: gets(4), on: 'busy' },
    { send: gets(3), on: 'other' },
    { send: ['GET'], on: 'third' },
    { ready: 0, on: 'other' },
    { ready: 0, on: 'busy' },
  ],
  'room behind a POST': [
    serve(2),
    send('POST', 'GET', 'GET', 'GET', 'POST', 'GET'),
    ...ready(0, 1, 2, 3, 4, 5),
  ],
}

const R11: Scripts = {
  ...table(
    CLOSES,
    (words) => `a request says close: ${words}`,
    (words) => [
      serve(4),
      send('GET', words, 'GET', 'POST'),
      send('GET'),
      ...ready(1, 0),
      ...(words.startsWith('POST') ? ready(1) : []),
      send('GET', 'GET'),
    ],
  ),
  ...table(
    KEEPS,
    (words) => `no close: ${words}`,
    (words) => [serve(4), send(words, 'GET'), { ready: 'all' }, send('GET')],
  ),
  'the handler says close, with more in progress': [
    serve(4),
    send('GET', 'GET last', 'GET', 'GET', 'GET', 'POST'),
    ...ready(3, 2, 1, 0),
    send('GET'),
  ],
  'the handler says close, before one that asks for it': [
    serve(4),
    send('GET last', 'GET close', 'GET'),
    ...ready(1, 0),
  ],
  'the handler says close, with nothing behind': [serve(4), send('PUT last'), ...ready(0), send('GET')],
  'the handler says keep-alive to one that says close': [
    serve(4),
    send('GET', 'GET close kept', 'GET'),
    ...ready(0, 1),
  ],
  'both say close': [serve(2), send('GET close last', 'GET'), ...ready(0)],
  'the close comes with half a request behind it': [
    serve(2),
    send('GET close'),
    { half: 'GET', upTo: 'head' },
    ...ready(0),
  ],
  'the body of the one that says close comes later': [
    serve(2),
    send('GET'),
    { half: 'POST close', upTo: 'body' },
    ...ready(0),
    { rest: true },
    ...ready(1),
    send('GET'),
  ],
  'a close on one connection is none on another': [
    serve(2),
    { send: ['GET close', 'GET'], on: 'leaving' },
    { send: ['GET', 'GET', 'GET'], on: 'staying' },
    { ready: 0, on: 'leaving' },
    { ready: 'all', on: 'staying' },
    { send: ['GET'], on: 'staying' },
  ],
  'a FIN behind the close': [serve(4), send('GET', 'GET close', 'GET'), FIN, ...ready(0, 1)],
}

/** What a connection may be in the middle of. */
const STATES: Readonly<Record<string, readonly ServerStep[]>> = {
  'silent so far': [{ connect: 'client' }],
  'with half a head': [{ half: 'GET', upTo: 'head' }],
  'with half a body': [{ half: 'PUT', upTo: 'body' }],
  'with a request in progress': [send('GET')],
  'with two in progress, one of them ready': [send('GET', 'GET'), ...ready(1)],
  'with one in progress and half a request': [send('GET'), { half: 'POST', upTo: 'body' }],
  'with maxWaiting full and more behind': [send(...gets(5))],
  'with a POST in progress and more behind': [send('POST', 'GET', 'POST')],
  'idle again': [send('GET', 'GET'), { ready: 'all' }],
  'idle again, with half a request': [send('GET'), { ready: 'all' }, { half: 'GET', upTo: 'head' }],
  'behind a close, with its answer due': [send('GET', 'GET close', 'GET')],
  'behind a close that is answered': [send('GET last', 'GET'), { ready: 'all' }],
}

const R12: Scripts = {
  ...table(
    Object.entries(STATES),
    ([state]) => `FIN ${state}`,
    ([, steps]) => [serve(2), ...steps, FIN, ...ready(0, 1)],
  ),
  ...table(
    Object.entries(STATES),
    ([state]) => `close() ${state}`,
    ([, steps]) => [serve(2), ...steps, CLOSE, ...ready(0, 1)],
  ),
  'close() after a FIN, and again': [
    serve(2),
    send('GET', 'GET', 'GET'),
    FIN,
    CLOSE,
    ...ready(0),
    CLOSE,
    { ready: 'all' },
    CLOSE,
  ],
  'close() of a connection that was reset': [serve(2), send('GET', 'GET', 'GET'), { end: 'reset' }, CLOSE],
  'close() of one connection busy, and of others': [
    serve(2),
    { connect: 'silent' },
    { send: ['GET', 'GET', 'GET'], on: 'busy' },
    { half: 'GET', upTo: 'head', on: 'half' },
    { send: ['GET'], on: 'idle' },
    { ready: 0, on: 'idle' },
    { send: ['POST'], on: 'gone' },
    { end: 'reset', on: 'gone' },
    CLOSE,
    { end: 'fin', on: 'silent' },
    { ready: 1, on: 'busy' },
    CLOSE,
    { ready: 0, on: 'busy' },
  ],
  'close() without a connection': [serve(1), CLOSE, CLOSE],
}

const WORDS = ['GET', 'GET', 'GET', 'OPTIONS', 'PUT', 'POST', 'get', 'GET close', 'GET last']
const CLIENTS = ['client', 'client', 'other']

function draw(random: Random): ServerStep[] {
  const steps = Array.from({ length: random.integer(4, 9) }, () => drawStep(random))
  return [
    serve(random.integer(1, 4)),
    ...steps,
    ...random.pick([[], [CLOSE], [CLOSE, ...ready(0, 1), CLOSE]]),
  ]
}

function drawStep(random: Random): ServerStep {
  const on = random.pick(CLIENTS)
  const sends = (): ServerStep => ({
    send: Array.from({ length: random.integer(1, 4) }, () => random.pick(WORDS)),
    on,
    ...random.pick([{}, {}, { in: 'writes' as const }, { in: 'cuts' as const }]),
  })
  const answers = (): ServerStep => ({ ready: random.pick([0, 1, 2, 3, 4, 'all' as const]), on })
  return random.pick<() => ServerStep>([
    sends,
    sends,
    sends,
    answers,
    answers,
    answers,
    () => ({ half: random.pick(WORDS), upTo: random.pick(['head', 'body'] as const), on }),
    () => ({ rest: true, on }),
    () => ({ end: random.pick(['fin', 'fin', 'reset'] as const), on }),
  ])()
}

const conversations = (scripts: Scripts): Conversations<ServerStep> => ({
  scripts,
  draw,
  drawn: 1,
  play: playServer,
})

export const SERVER = {
  R9: conversations(R9),
  R10: conversations(R10),
  R11: conversations(R11),
  R12: conversations(R12),
}
