import { lab } from '../../../workbook/grading/lab.ts'
import { outcome, travelTwice, type Kind } from './chains.ts'
import * as dumbOnes from './dumb-scenes.ts'
import { hangs } from './dumb-scenes.ts'
import * as f from './fields.ts'
import * as m from './messages.ts'
import { awkwardBody, chunked, drawNames, get, hopFields, KEEP_ALIVE, message, post } from './messages.ts'
import { isClosing, isEnding, isRelaying, throughDumb } from './dumb-conversations.ts'
import { WHY } from './predictions.ts'
import {
  CULPRITS,
  DEBTS,
  explains,
  explainsAll,
  NO_PROMISES,
  PROMISES,
  recordOf,
  SILENCES,
} from './records.ts'
import * as s from './scenes.ts'
import { answerWith, answerWithTarget, cameUnchanged, dumb, exchange, reachOrigin, smart } from './scenes.ts'
import { ASKING, CLOSING, LEAVING, ORIGINS } from './smart-conversations.ts'
import * as connections from './smart-connections.ts'
import * as messages from './smart-messages.ts'

/** The chain; whether the client is kept; what the dumb one relayed so that the second request hangs. */
const CHAINS: ReadonlyArray<readonly [title: string, chain: string, kept: boolean, hung: string | null]> = [
  ['T1: a dumb proxy', 'dumb', false, null],
  ['T2: a historical one', 'old', true, null],
  ['T3: dumb, historical', 'dumb old', true, 'Proxy-Connection'],
  ['T4: historical, dumb', 'old dumb', true, 'Connection'],
  ['historical, dumb, historical', 'old dumb old', true, 'Connection'],
  ['T2 with your smart proxy', 'yours', false, null],
  ['T3: dumb, your smart proxy', 'dumb yours', false, null],
  ['T4: your smart proxy, dumb', 'yours dumb', false, 'HTTP-version'],
  ['historical, dumb, yours', 'old dumb yours', false, null],
  ['yours, dumb, historical', 'yours dumb old', false, null],
  ['yours, dumb, yours', 'yours dumb yours', false, 'HTTP-version'],
]

const BOTH = ['wait-for-origin', 'close'] as const

lab('13-dumb-proxy', ({ check, converse }) => {
  check('R1', 'a request and its answer pass unchanged, then the FIN', async (c) => {
    const { client, listener } = await dumb(c)
    const request = message(`POST /${c.random.word()} HTTP/1.0`, hopFields(c), awkwardBody(c))
    const origin = await reachOrigin(c, client, listener, c.random.split(request, 3))
    const answer = message('HTTP/1.0 200 OK', hopFields(c), awkwardBody(c))
    await origin.sendInParts(c.random.split(answer, 3))
    await cameUnchanged(c, client, answer, 'client')
    await origin.fin()
    await s.finAt(c, 'client', client, "behind the origin's")
    await s.endsAt(c, 'origin', origin)
  })

  check('R1', 'without keep-alive the proxy works, for one client after the other', async (c) => {
    const { server, listener } = await dumb(c)
    await c.learner.staysOnLoopback()
    const sent = Buffer.concat([
      Buffer.from('POST / HTTP/1.0\r\ncontent-length:4 \r\n\r\n'),
      c.random.bytes(4),
    ])
    for (const [name, parts, body] of [
      ['first client', [get(c, [], '1.0')], awkwardBody(c)],
      ['second client', [sent.subarray(0, -3), sent.subarray(-3)], m.longBody(c)],
      ['third client', [message('PUT /long HTTP/1.0', [], m.longBody(c))], ''],
    ] as const) {
      const client = await c.connect(server.port, { name })
      const origin = await reachOrigin(c, client, listener, parts)
      const answer = m.untilFin(body, '1.0')
      await origin.send(answer)
      await client.staysOpen()
      await origin.fin()
      c.expectBytes(await client.takeToFin(), answer, 'the bytes at the client')
      await client.fin()
    }
  })

  check('R1', 'an origin that cannot be reached harms nobody else', (c) => s.unreachable(c, 'startDumbProxy'))

  for (const after of BOTH) {
    check('R1', `what comes passes as it comes, and an early FIN ends it (after: ${after})`, async (c) => {
      const { client, listener } = await dumb(c, { after })
      const origin = await reachOrigin(c, client, listener, [get(c, [], '1.1')])
      const answer = message('HTTP/1.1 200 OK', ['Server: a'], awkwardBody(c))
      const places = [0, 1, 9, 20, answer.indexOf('\r\n\r\n') + 2, answer.length - 3]
      const parts = places.slice(1).map((end, at) => answer.subarray(places[at], end))
      await s.passAsTheyCome(c, origin, client, parts)
      await origin.fin()
      await s.finAt(c, 'client', client, "behind the origin's")
      await s.endsAt(c, 'origin', origin)
    })
  }

  check('R1', 'a client that ends before its request is whole is let go', dumbOnes.leavesEarly)

  check('R1', 'close() stops listening, ends who is idle, and lets the others finish', async (c) => {
    const { server, listener, client } = await dumb(c)
    const idle = await c.connect(server.port, { name: 'idle client' })
    const origin = await reachOrigin(c, client, listener, [get(c, [], '1.0')])
    const closed = server.close()
    await s.finAt(c, 'idle client', idle, 'behind close()')
    await idle.fin()
    await closed.staysPending('the other client is connected to the origin')
    await c.refused(server.port)
    await s.answeredToTheEnd(c, client, origin)
    await closed
    await c.learner.leavesNothing()
  })

  check('R1', 'close() waits for a request that has begun, and for an answer that hangs', dumbOnes.closesLate)

  converse('R1', 'whoever ends or resets', throughDumb('wait-for-origin', isEnding, 0))

  converse('R1', 'close() in any state', throughDumb('wait-for-origin', isClosing, 0))

  check('R2', 'after keep-alive the second request is never answered', (c) => hangs(c, [KEEP_ALIVE], '1.0'))

  check('R2', 'the version HTTP/1.1, relayed, is as good as a field', (c) => hangs(c, [], '1.1'))

  check('R2', 'what stands behind the request in the same piece goes nowhere either', async (c) => {
    for (const first of [get(c, [], '1.1'), post(c, [], '1.1')]) {
      const { client, listener } = await dumb(c)
      await client.send(Buffer.concat([first, get(c, [], '1.1')]))
      const origin = await listener.connection()
      await cameUnchanged(c, origin, first, 'origin')
      await s.nothingForwarded(c, origin, listener)
    }
  })

  check(
    'R2',
    "the client's FIN is not heard either: the origin sees none, and the answer comes",
    async (c) => {
      for (const last of ['behind the request', 'with the request'] as const) {
        const { client, listener } = await dumb(c)
        const request = get(c, [], '1.0')
        await client.send(request)
        if (last === 'behind the request') await c.learner.idle()
        await client.fin()
        const origin = await listener.connection()
        await cameUnchanged(c, origin, request, 'origin')
        await s.staysAt(c, 'origin', origin, "the client's FIN is not for it")
        await s.staysAt(c, 'client', client, 'FIN before the answer')
        await s.answeredToTheEnd(c, client, origin)
      }
    },
  )

  converse('R2', 'whoever speaks while it relays', throughDumb('wait-for-origin', isRelaying, 2))

  check('R3', 'it closes both sides as soon as the answer is whole, and not before', async (c) => {
    const { client, listener } = await dumb(c, { after: 'close' })
    const origin = await reachOrigin(c, client, listener, [get(c, [KEEP_ALIVE], '1.0')])
    const answer = message('HTTP/1.0 200 OK', [KEEP_ALIVE], awkwardBody(c))
    await origin.sendInParts(c.random.split(answer.subarray(0, -1), 3))
    c.step('all of the answer has been sent but its last byte')
    await s.staysAt(c, 'client', client, 'the answer is not whole')
    await s.staysAt(c, 'origin', origin, 'the answer is not whole')
    await origin.send(answer.subarray(-1))
    await cameUnchanged(c, client, answer, 'client')
    const saw = 'silence, the connection open: this one hangs'
    c.expect(client.ended !== 'open', 'FIN behind the answer', saw)
    await client.sees('FIN')
    await s.finAt(c, 'origin', origin, 'behind the answer')
  })

  check('R3', 'whatever its length, and wherever it is told', dumbOnes.closesBehind)

  check('R3', 'what waits for a client that reads late is no exception', dumbOnes.closesBehindSlowReader)

  check('R3', 'an answer without a length ends with the origin', async (c) => {
    const { client, listener } = await dumb(c, { after: 'close' })
    const origin = await reachOrigin(c, client, listener, [get(c, [], '1.0')])
    await s.passAsTheyCome(c, origin, client, c.random.split(m.untilFin(awkwardBody(c)), 3))
    await origin.fin()
    await s.finAt(c, 'client', client, "behind the origin's")
  })

  converse('R3', 'whoever speaks while it relays', throughDumb('close', isRelaying, 2))

  converse('R3', 'whoever ends or resets', throughDumb('close', isEnding, 0))

  check('R4', 'every request of a kept connection is answered', async (c) => {
    const { client, origin } = await smart(c)
    await c.learner.staysOnLoopback()
    for (let round = 0; round < 3; round++) {
      const [target, sent, answer] = [`/${c.random.word()}`, awkwardBody(c), awkwardBody(c)]
      await client.sendInParts(c.random.split(message(`POST ${target} HTTP/1.1`, ['Host: a.example'], sent)))
      const { connection, request } = await origin.request()
      c.expectEqual(request.startLine, `POST ${target} HTTP/1.1`, 'the request line at the origin')
      c.expectBytes(request.body, sent, 'the body of the request at the origin')
      await connection.sendInParts(c.random.split(message('HTTP/1.1 404 Not Found', [], answer)))
      const response = await client.response()
      c.expectEqual(response.words[1], '404', 'the status at the client')
      c.expectBytes(response.body, answer, 'the body of the answer at the client')
      await client.staysOpen()
    }
  })

  check('R4', 'every method, target and status passes as it is', messages.startLines)

  check('R4', 'bodies of any length pass', messages.longBodies)

  check('R4', 'requests in one piece are all answered, in their order', async (c) => {
    const { client, origin } = await smart(c)
    const requests = [get(c, [], '1.1'), post(c, [], '1.1'), get(c, [], '1.1')]
    await client.send(Buffer.concat(requests))
    // Whether they come one by one or side by side is up to the proxy: of those that wait, the last goes first.
    for (const _ of requests) await answerWithTarget(await origin.request())
    for (const request of requests) await s.expectOwnAnswer(c, client, request)
    await client.silent()
  })

  check('R4', 'a request that comes while another one waits is answered behind it', async (c) => {
    const { client, origin } = await smart(c)
    const requests = [get(c, [], '1.1'), get(c, [], '1.1')]
    await client.sendInParts(requests)
    for (const _ of requests) await answerWithTarget(await origin.request())
    for (const request of requests) await s.expectOwnAnswer(c, client, request)
    await client.silent()
  })

  check('R4', "the client's FIN behind its requests takes no answer away", messages.halfClosed)

  check('R4', 'the version is its own on both sides', async (c) => {
    const { server, client, origin } = await smart(c)
    const { startLine } = (await exchange(c, client, origin, { answerVersion: '1.0' })).response
    c.expect(startLine.startsWith('HTTP/1.1 '), 'HTTP/1.1 in the status line at the client', startLine)
    const old = await c.connect(server.port, { name: 'old client' })
    const { request, response } = await exchange(c, old, origin, { version: '1.0' })
    c.expectEqual(request.words[2], 'HTTP/1.1', 'the version in the request line at the origin')
    const line = response.startLine
    c.expect(line.startsWith('HTTP/1.1 '), 'HTTP/1.1 in the status line at the old client', line)
  })

  check('R4', 'an answer that was cut short passes for no whole one', (c) => messages.cutShort(c, 'length'))

  check('R4', 'what is no request of HTTP/1 goes nowhere, and its connection ends', messages.noHttp)

  check('R5', 'no field that Connection names goes on, in any case and on any line', async (c) => {
    const ends = await smart(c)
    for (const direction of ['request', 'response'] as const) {
      const named = drawNames(c, 4)
      const [a = '', b = '', d = '', e = ''] = named
      const lines = [
        `${a}: 1`,
        `Connection: ${a},${b.toUpperCase()} , keep-alive`,
        ...[b, d, e].map((name) => `${name}: ${c.random.word()}`),
        `connection: ${d.toLowerCase()}`,
        `${a}: 2`,
        `CONNECTION: , ${e}\t`,
      ]
      const passed = await s.pass(c, ends, direction, lines)
      for (const name of named) f.absent(c, passed, direction, name, 'Connection names it')
      const relayed = m.optionsOf(passed).find((option) => option.startsWith('x-'))
      const expected = `none of the sender's connection options ${f.place(direction)}`
      c.expect(relayed === undefined, expected, `Connection: ${relayed}`)
      // In the next message nobody names them.
      const next = await s.pass(c, ends, direction, [`${a}: 1`])
      await c.blame('R6', () => f.endToEnd(c, next, direction, [`${a}: 1`]))
    }
  })

  check('R5', 'what Connection names goes, and be it meant for everybody', messages.namesEverybodys)

  check('R5', 'the fields of the hop end here, though nobody names them', messages.hopEndsHere)

  check('R6', 'all other fields go on, in order, each line as it came', messages.othersGoOn)

  check('R6', 'Via gets one more member, with the version that came in', async (c) => {
    const { server, client, origin } = await smart(c)
    const before = ['Via: 1.0 fred', 'via: 1.1 p.example:81']
    for (const fields of [before, []]) {
      for (const answerVersion of ['1.0', '1.1'] as const) {
        const { request, response } = await exchange(c, client, origin, {
          fields,
          answerFields: fields,
          answerVersion,
        })
        const earlier = fields.length > 0 ? '1.0 fred, 1.1 p.example:81, ' : ''
        f.expectVia(c, request, 'request', `${earlier}1.1`)
        f.expectVia(c, response, 'response', `${earlier}${answerVersion}`)
      }
    }
    const old = await c.connect(server.port, { name: 'old client' })
    const passed = await exchange(c, old, origin, { version: '1.0' })
    f.expectVia(c, passed.request, 'request', '1.0')
    f.expectVia(c, passed.response, 'response', '1.1')
  })

  check('R7', 'chunked messages arrive whole, and so do the next ones behind them', async (c) => {
    const { client, origin } = await smart(c)
    // Where a body looks like the last chunk, nobody sees whether that one was known: others are sent as well.
    const bodies = [awkwardBody, m.plainBody, () => Buffer.alloc(0)]
    for (const [last, draw] of m.LAST_CHUNKS.flatMap((each) => bodies.map((one) => [each, one] as const))) {
      const [sent, answer] = [draw(c), draw(c)]
      c.step(`a body of ${sent.length} bytes, and one of ${answer.length}, with ${last} as the last chunk`)
      await client.sendInParts(c.random.split(chunked(c, 'POST /a HTTP/1.1', sent, { last })))
      const { connection, request } = await origin.request()
      c.expectBytes(request.body, sent, 'the body at the origin')
      await connection.sendInParts(c.random.split(chunked(c, 'HTTP/1.1 200 OK', answer, { last })))
      c.expectBytes((await client.response()).body, answer, 'the body at the client')
    }
    await client.silent()
  })

  check(
    'R7',
    'wherever it is cut, however the coding is spelled, and whatever Connection names',
    messages.frames,
  )

  check('R7', 'an HTTP/1.0 client never sees chunks', async (c) => {
    const { server, origin } = await smart(c)
    const body = awkwardBody(c)
    for (const answer of [chunked(c, 'HTTP/1.1 200 OK', body), message('HTTP/1.1 200 OK', [], body), null]) {
      const client = await c.connect(server.port, { name: 'old client' })
      await client.send(get(c, [], '1.0'))
      const { connection } = await origin.request()
      await connection.send(answer ?? m.untilFin(body))
      if (!answer) await connection.fin()
      const response = await client.response()
      f.absent(c, response, 'response', 'Transfer-Encoding', 'HTTP/1.0 does not know it')
      c.expectBytes(response.body, body, 'the body at the client')
      await client.fin()
    }
  })

  check('R7', 'an answer that ends with the FIN of the origin gets a length', async (c) => {
    const { client, origin } = await smart(c)
    for (const [version, body] of [
      ['1.1', awkwardBody(c)],
      ['1.0', m.longBody(c)],
      ['1.1', ''],
    ] as const) {
      await client.send(get(c, [], '1.1'))
      const { connection } = await origin.request()
      await connection.sendInParts(c.random.split(m.untilFin(body, version)))
      await connection.fin()
      await s.staysAt(c, 'client', client, 'the origin has ended its own')
      c.expectBytes((await client.response()).body, body, 'the body at the client')
      await s.endsAt(c, 'origin', connection)
    }
    await exchange(c, client, origin)
  })

  check('R7', 'an answer that was cut short passes for no whole one', (c) => messages.cutShort(c, 'frame'))

  check('R8', 'the connection to the origin outlives the client, however the client goes', async (c) => {
    const { server, listener, client, origin } = await smart(c)
    await exchange(c, client, origin, { fields: ['Connection: close'] })
    await client.sees('FIN')
    for (const name of ['second client', 'third client', 'fourth client']) {
      const next = await c.connect(server.port, { name })
      await exchange(c, next, origin)
      if (name === 'second client') await next.reset()
      else await next.fin()
    }
    const saw = `${listener.accepted} connections: it was not kept`
    c.expect(listener.accepted === 1, 'one connection to the origin for four clients', saw)
  })

  check('R8', 'the connection to the client outlives the one to the origin', connections.originEnds)

  check('R8', 'a connection to the origin is used again, or ended', connections.usedOrEnded)

  check('R8', 'close is an option, whoever says it, and nothing else is', connections.closeIsAnOption)

  check('R8', 'two clients at once get each its own answer', connections.twoAtOnce)

  check('R8', 'nothing behind a request with close is forwarded', (c) => connections.nothingBehind(c, '1.1'))

  converse('R8', 'clients that ask in any order', ASKING)

  converse('R8', 'clients that leave in any state', LEAVING)

  converse('R8', 'origins that end or reset in any state', ORIGINS)

  check('R8', 'an origin that cannot be reached harms nobody else', (c) =>
    s.unreachable(c, 'startSmartProxy'),
  )

  check('R9', 'an HTTP/1.0 client gets its answer, then FIN, whatever it asks for', connections.oldClients)

  check('R9', 'nothing behind its request is forwarded', (c) => connections.nothingBehind(c, '1.0'))

  check('R10', 'close() sends FIN on idle connections of both sides', async (c) => {
    const { server, client, origin } = await smart(c)
    const silent = await c.connect(server.port, { name: 'silent client' })
    const { connection } = await exchange(c, client, origin)
    const closed = server.close()
    await s.finAt(c, 'client', client, 'behind close()')
    await s.finAt(c, 'silent client', silent, 'behind close()')
    await closed.staysPending('neither client has ended')
    await s.allLeave(c, [client, silent, connection], closed)
  })

  check('R10', 'close() lets a request in progress be answered first', async (c) => {
    const { server, client, origin } = await smart(c)
    await client.send(get(c, [], '1.1'))
    const { connection } = await origin.request()
    const closed = server.close()
    await closed.staysPending('a request is in progress')
    await s.staysAt(c, 'client', client, 'its request is in progress')
    await s.staysAt(c, 'origin', connection, 'a request is in progress')
    await c.refused(server.port)
    await answerWith(c, client, connection)
    await s.finAt(c, 'client', client, 'behind its answer')
    await s.allLeave(c, [client, connection], closed)
  })

  check('R10', 'a request in progress is one whose first byte has come', connections.closesBetweenBytes)

  converse('R10', 'close() in any state', CLOSING)

  check('R11', 'the culprit has relayed a promise to keep the connection', (c) => explainsAll(c, PROMISES))
  check('R11', 'what was not relayed explains nothing', (c) => explainsAll(c, NO_PROMISES))
  check('R11', 'a proxy that waits for another one is not the culprit', (c) => explainsAll(c, CULPRITS))
  check('R11', 'a request is a debt, an answer pays it, a close cancels all', (c) => explainsAll(c, DEBTS))
  check('R11', 'a silence holds until something else follows between the two', (c) =>
    explainsAll(c, SILENCES),
  )

  for (const [title, chain, kept, hung] of CHAINS) {
    check('R12', title, async (c) => {
      const travel = await travelTwice(c, chain.split(' ') as Kind[])
      const behindDumb = travel.hops.find(({ from }) => from === 'dumb')?.head ?? ''
      const saw = 'none: a proxy that knows Proxy-Connection is not dumb'
      const asks = !chain.startsWith('dumb') || /^proxy-connection: keep-alive/im.test(behindDumb)
      c.expect(asks, 'Proxy-Connection behind the dumb proxy', saw)
      if (chain === 'yours dumb') c.observe('P2', travel.hung ? 'b' : 'a', WHY.P2)
      if (chain === 'yours') c.observe('P3', travel.kept ? 'a' : 'b', WHY.P3)
      c.step(recordOf(travel.hops))
      const [expected, seen] = [outcome(kept, hung !== null), outcome(travel.kept, travel.hung)]
      c.expect(seen === expected, expected, seen)
      // A smart proxy that asks the next one with a field of its own has the dumb one relay that.
      const header = /^connection:.*keep-alive/im.test(behindDumb) ? 'Connection' : (hung ?? '')
      await explains(c, travel.hops, hung === null ? null : { culprit: 'dumb', header })
    })
  }
})
