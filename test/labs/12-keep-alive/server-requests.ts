import type { Wish } from './server-asks.ts'
import { firstHalf, theRest, type Row } from './server-steps.ts'
import {
  WAITS,
  OLD,
  KEPT,
  LAST,
  writingsOf,
  nearly,
  eachBehind,
  eachFirst,
  inARow,
  asksOf,
} from './server-wishes.ts'

/** Conversations about requests, answers and what they say of the connection: R1 to R5. */
export const REQUESTS = {
  R1: [
    [
      'a request behind one that takes its time, in a write of its own',
      (t) => {
        const [slow, quick] = asksOf(t, WAITS, {}) as [Wish, Wish]
        const client = t.sent(slow)
        t.send(client, quick)
        t.returns(slow)
        t.send(client, t.ask())
      },
    ],
    [
      'handlers that return in the opposite order',
      (t) => {
        const [first, second, third] = asksOf(t, WAITS, WAITS, WAITS) as [Wish, Wish, Wish]
        const client = t.sent(first, second)
        t.send(client, third)
        t.returns(third, second, first)
      },
    ],
    [
      'one connection does not wait for another',
      (t) => {
        const slow = t.ask(WAITS)
        const first = t.sent(slow)
        const second = t.sent(t.ask())
        t.send(second, t.ask())
        t.returns(slow)
        t.send(first, t.ask())
      },
    ],
    [
      'halves of requests on two connections, by turns',
      (t) => {
        const asks = asksOf(t, {}, {})
        const clients = asks.map((one) => t.sent(firstHalf(one)))
        t.send(clients[1] as number, theRest(asks[1] as Wish))
        t.send(clients[0] as number, theRest(asks[0] as Wish), t.ask())
      },
    ],
    [
      'a request and half of the next in one write',
      (t) => {
        const [first, second, third] = asksOf(t, {}, {}, {}) as [Wish, Wish, Wish]
        const client = t.sent(first, firstHalf(second))
        t.send(client, theRest(second), firstHalf(third))
        t.send(client, theRest(third))
      },
    ],
    [
      'a request in three parts, while the one before it is with the handler',
      (t) => {
        const [slow, next] = asksOf(t, WAITS, {}) as [Wish, Wish]
        const client = t.sent(slow)
        t.sendCut(client, next, [1, -1])
        t.returns(slow)
      },
    ],
    [
      'any method, any status',
      inARow(
        ...[200, 201, 301, 404, 500, 503].map((status, index) => {
          return { status, method: ['GET', 'PUT', 'DELETE', 'OPTIONS', 'BREW', 'PATCH'][index] as string }
        }),
      ),
    ],
    [
      'other tokens than close, and none',
      inARow(
        { says: ['Connection: keep-alive'] },
        { says: ['Connection: other'] },
        { says: ['Connection:'] },
        { says: ['Keep-Alive: timeout=1, max=1'] },
        {},
      ),
    ],
  ],
  R2: [
    [
      'close, in any writing',
      eachBehind(
        {},
        writingsOf('close').map((says) => ({ says })),
      ),
    ],
    [
      'close in the first request of a connection',
      eachFirst([LAST, { ...LAST, framing: 'length' }, { ...LAST, framing: 'chunks' }]),
    ],
    ['words that only look like close', inARow(...nearly('close').map((says) => ({ says })), {})],
    [
      'requests behind close: at once, before the answer, and behind it',
      (t) => {
        const slow = t.ask({ ...LAST, ...WAITS })
        const client = t.sent(slow, t.ask())
        t.send(client, t.ask())
        t.returns(slow)
        t.send(client, t.ask(), t.ask())
        t.send(client, t.ask(LAST))
      },
    ],
    [
      'half a request behind close',
      (t) => {
        const next = t.ask()
        const client = t.sent(t.ask(), t.ask(LAST), firstHalf(next))
        t.send(client, theRest(next))
      },
    ],
  ],
  R3: [
    [
      'one request a connection',
      (t) => {
        eachFirst([{}, KEPT, { says: ['Connection: keep-alive'] }])(t)
        const client = t.sent(t.ask(), t.ask())
        t.send(client, t.ask())
      },
      { maxRequests: 1 },
    ],
    ['versions that take turns', inARow(KEPT, {}, KEPT, {}), { maxRequests: 4 }],
    [
      'each connection has its own count',
      (t) => {
        const clients = [t.connect(), t.connect()]
        for (let number = 0; number < 3; number++) for (const client of clients) t.send(client, t.ask())
      },
      { maxRequests: 3 },
    ],
    [
      'requests behind the last one: at once, and when it has been answered',
      (t) => {
        const slow = t.ask(WAITS)
        const client = t.sent(t.ask(), slow, t.ask())
        t.send(client, t.ask())
        t.returns(slow)
        t.send(client, t.ask())
      },
      { maxRequests: 2 },
    ],
    [
      'an answer for a handler that has failed counts: the last one, and one before it',
      (t) => {
        const fails: Wish = { handler: 'rejects' }
        inARow({}, fails)(t)
        inARow(fails, {}, {})(t)
        t.sent(t.ask(KEPT), t.ask(fails), t.ask())
      },
      { maxRequests: 2 },
    ],
    [
      'bodies are no requests that count',
      inARow({ framing: 'length' }, { framing: 'chunks' }, {}),
      { maxRequests: 3 },
    ],
  ],
  R4: [
    [
      'HTTP/1.0 that does not ask',
      eachFirst([
        OLD,
        { ...OLD, says: ['Keep-Alive: timeout=9'] },
        { ...OLD, framing: 'length' },
        ...nearly('keep-alive').map((says) => ({ ...OLD, says })),
      ]),
    ],
    [
      'keep-alive, in any writing',
      inARow(...writingsOf('keep-alive').map((says) => ({ ...OLD, says })), OLD),
    ],
    [
      'every request anew, whatever came before',
      (t) => {
        eachBehind({}, [OLD, KEPT])(t)
        eachBehind(KEPT, [
          OLD,
          { ...OLD, says: ['Connection: close, keep-alive'] },
          { ...OLD, says: ['Connection: Keep-Alive', 'Connection: Close'] },
        ])(t)
        inARow(KEPT, {}, KEPT, KEPT, OLD)(t)
        inARow({ says: ['Connection: keep-alive'] }, OLD)(t)
      },
    ],
    [
      'requests behind one that does not ask',
      (t) => {
        const slow = t.ask({ ...OLD, ...WAITS })
        const client = t.sent(t.ask(KEPT), slow, t.ask(KEPT))
        t.returns(slow)
        t.send(client, t.ask())
      },
    ],
    [
      'kept, with a body',
      inARow({ ...KEPT, framing: 'length' }, KEPT, { ...KEPT, method: 'PUT', status: 404 }, KEPT),
    ],
  ],
  R5: [
    ...[999, 1_000, 1_999, 60_500].map((idleMs): Row => [
      `an idle time of ${idleMs} ms`,
      inARow(KEPT, {}, KEPT, { says: ['Connection: keep-alive'] }, KEPT, KEPT),
      { idleMs, maxRequests: 6 },
    ]),
    [
      'requests that come together',
      (t) => void t.sent(t.ask(KEPT), t.ask(KEPT), t.ask({}), t.ask(KEPT)),
      { maxRequests: 5 },
    ],
    [
      'two connections',
      (t) => {
        const clients = [t.connect(), t.connect()]
        for (let number = 0; number < 3; number++) for (const client of clients) t.send(client, t.ask(KEPT))
      },
      { maxRequests: 4 },
    ],
  ],
} satisfies Readonly<Record<string, readonly Row[]>>
