import type { Wish } from './server-asks.ts'
import { firstHalf, theRest, type Row } from './server-steps.ts'
import { WAITS, OLD, KEPT, LAST, HUGE, spoken, asksOf } from './server-wishes.ts'

/** Conversations in which something ends in the middle: R13 to R15. */
export const ENDS = {
  R13: [
    [
      'close() without a connection, and twice',
      (t) => {
        t.close()
        t.close()
      },
    ],
    [
      'connections that are idle: silent, used, with HTTP/1.0',
      (t) => {
        const clients = [t.connect(), t.sent(t.ask()), t.sent(t.ask(KEPT))]
        t.close()
        for (const client of clients) t.client('fin', client)
      },
    ],
    [
      'a client that does not send its FIN',
      (t) => {
        t.sent(t.ask())
        t.close()
        t.pass(1)
      },
    ],
    [
      'close() behind our FIN, and bytes of the client: the wait for its FIN goes on',
      (t) => {
        const client = t.sent(t.ask(LAST))
        t.pass(0.5)
        t.send(client, t.ask())
        t.pass(0.25)
        t.close()
        t.pass(0.25)
      },
    ],
    [
      'close() behind a FIN for idleness',
      (t) => {
        t.sent(t.ask())
        t.pass(1)
        t.pass(0.5)
        t.close()
        t.pass(0.5)
      },
    ],
    ...([{}, KEPT, { framing: 'length' }, LAST] as Wish[]).map((wish): Row => [
      `a request in progress, ${spoken(wish)}`,
      (t) => {
        const slow = t.ask({ ...wish, ...WAITS })
        const client = t.sent(slow)
        t.close()
        t.pass(1)
        t.returns(slow)
        t.close()
        t.client('fin', client)
      },
    ]),
    ...([{}, { framing: 'length' }, { framing: 'chunks' }] as Wish[]).map((wish): Row => [
      `half a request, the first one or a later one, ${spoken(wish)}`,
      (t) => {
        const [first, later] = asksOf(t, wish, wish) as [Wish, Wish]
        const clients = [t.sent(firstHalf(first)), t.sent(t.ask(), firstHalf(later))]
        t.close()
        t.pass(1)
        for (const [index, each] of [first, later].entries()) t.send(clients[index] as number, theRest(each))
        for (const client of clients) t.client('fin', client)
      },
    ]),
    [
      'requests behind the one in progress, and half of one',
      (t) => {
        const [slow, other, third] = asksOf(t, WAITS, WAITS, {}) as [Wish, Wish, Wish]
        const clients = [t.sent(slow, t.ask(), t.ask()), t.sent(other, firstHalf(third))]
        t.close()
        t.returns(slow, other)
        t.send(clients[1] as number, theRest(third))
        for (const client of clients) t.client('fin', client)
      },
    ],
    [
      'one connection in progress, another idle',
      (t) => {
        const slow = t.ask(WAITS)
        const [busy, idle] = [t.sent(t.ask(), slow), t.sent(t.ask())]
        t.close()
        t.client('fin', idle)
        t.returns(slow)
        t.client('fin', busy)
      },
    ],
    [
      'an answer that leaves slowly',
      (t) => {
        const client = t.connect('paused')
        t.send(client, t.ask(HUGE))
        t.close()
        t.pass(1)
        t.client('read', client)
        t.client('fin', client)
      },
    ],
    [
      'clients that are gone already, or go in the middle',
      (t) => {
        const [slow, slow2] = asksOf(t, WAITS, WAITS) as [Wish, Wish]
        const clients = [t.sent(slow), t.sent(slow2), t.connect(), t.connect()]
        t.client('fin', clients[2] as number)
        t.client('reset', clients[3] as number)
        t.client('fin', clients[0] as number)
        t.close()
        t.client('reset', clients[1] as number)
        t.returns(slow, slow2)
      },
    ],
    [
      'close() again when all is over',
      (t) => {
        const client = t.sent(t.ask(LAST))
        t.client('fin', client)
        t.close()
        t.close()
      },
    ],
    [
      'a handler that fails while the server closes',
      (t) => {
        const slow = t.ask(WAITS)
        const client = t.sent(slow)
        t.close()
        t.rejects(slow)
        t.client('fin', client)
      },
    ],
  ],
  R14: [
    ...([{}, KEPT, OLD, { framing: 'length' }, LAST] as Wish[]).map((wish): Row => [
      `FIN behind a request that waits, ${spoken(wish)}`,
      (t) => {
        const slow = t.ask({ ...wish, ...WAITS })
        const client = t.sent(slow)
        t.client('fin', client)
        t.pass(1)
        t.returns(slow)
      },
    ]),
    [
      'FIN behind several requests',
      (t) => {
        const [first, second] = asksOf(t, WAITS, WAITS) as [Wish, Wish]
        const client = t.sent(t.ask(), first, t.ask(), second)
        t.client('fin', client)
        t.returns(first)
        t.pass(1)
        t.returns(second)
      },
    ],
    [
      'FIN with nothing left to answer: silent, used, behind close',
      (t) => {
        for (const client of [t.connect(), t.sent(t.ask()), t.sent(t.ask(KEPT)), t.sent(t.ask(LAST))])
          t.client('fin', client)
      },
    ],
    [
      'FIN behind half a request',
      (t) => {
        const [half, slow, body] = asksOf(t, {}, WAITS, { framing: 'length' }) as [Wish, Wish, Wish]
        t.client('fin', t.sent(firstHalf(half)))
        t.client('fin', t.sent(t.ask(), firstHalf(body)))
        t.client('fin', t.sent(slow, firstHalf(half)))
        t.returns(slow)
      },
    ],
    [
      'FIN while the answer leaves slowly',
      (t) => {
        const client = t.connect('paused')
        t.send(client, t.ask(HUGE))
        t.client('fin', client)
        t.pass(1)
        t.client('read', client)
      },
    ],
  ],
  R15: [
    [
      'a handler that fails: at once, later, in a row',
      (t) => {
        const slow = t.ask(WAITS)
        const client = t.sent(t.ask({ handler: 'rejects' }))
        const other = t.sent(t.ask(), slow, t.ask())
        t.rejects(slow)
        t.send(client, t.ask())
        t.sent(t.ask({ handler: 'rejects', ...OLD }))
        t.sent(t.ask({ handler: 'rejects', framing: 'chunks' }), t.ask())
        t.send(other, t.ask())
        t.sent(t.ask())
        t.close()
      },
    ],
    [
      'resets: idle, in the middle of a request, during the handler',
      (t) => {
        const [slow, half] = asksOf(t, WAITS, {}) as [Wish, Wish]
        const kept = t.sent(t.ask())
        for (const client of [
          t.connect(),
          t.sent(t.ask()),
          t.sent(firstHalf(half)),
          t.sent(t.ask(), slow, t.ask()),
        ])
          t.client('reset', client)
        t.send(kept, t.ask())
        t.returns(slow)
        t.sent(t.ask())
        t.close()
      },
    ],
    [
      'a reset while the answer leaves slowly',
      (t) => {
        const client = t.connect('paused')
        t.send(client, t.ask(HUGE))
        t.client('reset', client)
        t.sent(t.ask())
        t.close()
      },
    ],
    ...[
      'HELLO\r\n\r\n',
      'GET /a HTTP/1.1\r\nno colon\r\n\r\n',
      'POST /a HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      `${'\0'.repeat(20)}\r\n\r\n`,
    ].map((noise): Row => [
      `bytes that are no HTTP: ${JSON.stringify(noise.slice(0, 16))}`,
      (t) => {
        const slow = t.ask(WAITS)
        const kept = t.sent(t.ask())
        const client = t.sent(t.ask({ noise }))
        const busy = t.sent(t.ask(), slow, t.ask({ noise }))
        t.returns(slow)
        t.send(kept, t.ask())
        for (const each of [client, busy]) t.client('fin', each)
        t.close()
        t.client('fin', kept)
      },
    ]),
  ],
} satisfies Readonly<Record<string, readonly Row[]>>
