import type { Wish } from './server-asks.ts'
import { firstHalf, theRest, type Row } from './server-steps.ts'
import { WAITS, OLD, KEPT, LAST, HUGE, asksOf } from './server-wishes.ts'

/** Conversations about the idle time and about bodies: R6 to R8. */
export const CLOCK_AND_BODIES = {
  R6: [
    [
      'a silent connection, and one that is used',
      (t) => {
        t.connect()
        const used = t.sent(t.ask())
        t.pass(1, -1)
        t.send(used, t.ask(KEPT))
        t.pass(0, 1)
        t.pass(1, -2)
        t.pass(0, 1)
      },
    ],
    [
      'what comes behind the FIN is no request',
      (t) => {
        const client = t.sent(t.ask())
        t.idle()
        t.send(client, t.ask())
      },
    ],
    [
      'requests that came together, and later ones',
      (t) => {
        const client = t.sent(t.ask(), t.ask())
        t.pass(1, -1)
        t.send(client, t.ask({ framing: 'chunks' }))
        t.idle()
      },
    ],
    [
      'connections that began at different times',
      (t) => {
        const first = t.connect()
        t.pass(0, 1)
        t.connect()
        t.pass(1, -2)
        t.send(first, t.ask({ status: 404 }))
        t.idle()
      },
    ],
  ],
  R7: [
    [
      'the first request of a connection, in parts',
      (t) => {
        const [first, second] = asksOf(t, {}, { framing: 'length' }) as [Wish, Wish]
        const [one, two] = [t.connect(), t.connect()]
        for (const [client, each] of [
          [one, first],
          [two, second],
        ] as const)
          t.send(client, { wish: each, upTo: 1 })
        t.pass(1)
        t.send(one, theRest(first))
        t.send(two, { wish: second, upTo: -1 })
        t.pass(1, -1)
        t.pass(0, 1)
        t.pass(0, 60_000)
        t.send(two, theRest(second))
        t.idle()
      },
    ],
    [
      'a later request, in parts',
      (t) => {
        const [second, third] = asksOf(t, { framing: 'chunks' }, KEPT) as [Wish, Wish]
        const client = t.sent(t.ask(), firstHalf(second))
        t.pass(1)
        t.send(client, theRest(second))
        t.pass(1, -1)
        t.send(client, { wish: third, upTo: 1 })
        t.pass(1)
        t.send(client, { wish: third, upTo: 20 })
        t.pass(0, 600_000)
        t.send(client, theRest(third))
        t.idle()
      },
    ],
    [
      'a handler at work: on a first request, and on one that came together with another',
      (t) => {
        for (const wish of [WAITS, { ...KEPT, ...WAITS }]) {
          const [slow, next] = asksOf(t, wish, wish) as [Wish, Wish]
          const client = t.sent(slow, next)
          t.pass(1)
          t.returns(slow)
          t.pass(1)
          t.returns(next)
          t.pass(1, -1)
          t.send(client, t.ask())
          t.idle()
        }
      },
    ],
    [
      'a handler at work for an hour',
      (t) => {
        const slow = t.ask(WAITS)
        const client = t.sent(t.ask())
        t.pass(1, -1)
        t.send(client, slow)
        t.pass(0, 1)
        t.pass(0, 3_600_000)
        t.returns(slow)
        t.idle()
      },
    ],
    [
      'a request that begins while another one is with the handler',
      (t) => {
        const [slow, next] = asksOf(t, WAITS, {}) as [Wish, Wish]
        const client = t.sent(slow)
        t.send(client, firstHalf(next))
        t.pass(1)
        t.returns(slow)
        t.pass(1)
        t.send(client, theRest(next))
        t.idle()
      },
    ],
    [
      'answers that leave slowly, to HTTP/1.1 and to HTTP/1.0',
      (t) => {
        const clients = [HUGE, { ...HUGE, ...KEPT }].map((wish) => {
          const client = t.connect('paused')
          t.send(client, t.ask(wish))
          return client
        })
        t.pass(1)
        for (const client of clients) t.client('read', client)
        t.idle()
      },
    ],
  ],
  R8: [
    ...(['length', 'chunks'] as const).map((framing): Row => [
      `a body with ${framing}, cut and uncut`,
      (t) => {
        const client = t.sent(t.ask({ framing }), t.ask())
        const cut = t.ask({ framing, method: 'PUT' })
        t.sendCut(client, cut, [{ head: -2 }, { head: 0 }, { head: 1 }, -3, -1])
        t.send(client, t.ask({ framing, method: 'GET' }), t.ask({ framing }))
        t.send(client, t.ask({ framing, ...LAST }), t.ask())
      },
    ]),
    [
      'both lengths: the first request, a later one, one that waits',
      (t) => {
        t.sent(t.ask({ framing: 'both' }), t.ask())
        const client = t.sent(t.ask(), t.ask({ framing: 'both' }))
        t.send(client, t.ask())
      },
    ],
    [
      'both lengths, and they agree; and one that says there is no body',
      (t) => {
        for (const length of ['of the body', 'of nothing'] as const) {
          const client = t.sent(t.ask(), t.ask({ framing: 'both', length }), t.ask())
          t.send(client, t.ask())
        }
      },
    ],
    [
      'chunks in HTTP/1.0',
      (t) => {
        t.sent(t.ask({ ...OLD, framing: 'chunks' }), t.ask(KEPT))
      },
    ],
    [
      'a body while another request is with the handler',
      (t) => {
        const slow = t.ask(WAITS)
        const body = t.ask({ framing: 'length' })
        const client = t.sent(slow, firstHalf(body))
        t.returns(slow)
        t.send(client, theRest(body), t.ask())
      },
    ],
  ],
} satisfies Readonly<Record<string, readonly Row[]>>
