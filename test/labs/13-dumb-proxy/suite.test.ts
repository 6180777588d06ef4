import type { Check } from '../../../workbook/grading/check.ts'
import { lab } from '../../../workbook/grading/lab.ts'
import { WHY } from './predictions.ts'
import { awkwardBody, chunked, drawNames, get, hopFields, KEEP_ALIVE } from './scenes.ts'
import { message, optionsOf, travelTwice, outcome, dumb, smart, exchange } from './scenes.ts'
import { answerWith, answerWithTarget, expectOwnAnswer, pass, cameUnchanged } from './scenes.ts'
import { reachOrigin, answeredToTheEnd, nothingForwarded, hangs, place } from './scenes.ts'
import { absent, endToEnd, expectVia, clientStays, allLeave } from './scenes.ts'
import type { Hop, Kind } from './scenes.ts'

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

lab('13-dumb-proxy', ({ check }) => {
  check('R1', 'a request and its answer pass unchanged, then the FIN', async (c) => {
    const { client, listener } = await dumb(c)
    const request = message(`POST /${c.random.word()} HTTP/1.0`, hopFields(c), awkwardBody(c))
    const origin = await reachOrigin(c, client, listener, c.random.split(request, 3))
    const answer = message('HTTP/1.0 200 OK', hopFields(c), awkwardBody(c))
    await origin.sendInParts(c.random.split(answer, 3))
    await cameUnchanged(c, client, answer, 'client')
    await origin.fin()
    await client.sees('FIN')
  })

  check('R1', 'without keep-alive the proxy works, for one client after the other', async (c) => {
    const { server, listener } = await dumb(c)
    await c.learner.staysOnLoopback()
    for (const name of ['first client', 'second client']) {
      const client = await c.connect(server.port, { name })
      const origin = await reachOrigin(c, client, listener, [get(c, [], '1.0')])
      const answer = Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\n\r\n'), awkwardBody(c)])
      await origin.send(answer)
      await client.staysOpen()
      await origin.fin()
      c.expectBytes(await client.takeToFin(), answer, 'the bytes at the client')
      await client.fin()
    }
  })

  check('R1', 'close() stops listening, ends who is idle, and lets the others finish', async (c) => {
    const { server, listener, client } = await dumb(c)
    const idle = await c.connect(server.port, { name: 'idle client' })
    const origin = await reachOrigin(c, client, listener, [get(c, [], '1.0')])
    const closed = server.close()
    await idle.sees('FIN')
    await idle.fin()
    await closed.staysPending()
    await c.refused(server.port)
    await answeredToTheEnd(c, client, origin)
    await closed
  })

  check('R2', 'after keep-alive the second request is never answered', (c) => hangs(c, [KEEP_ALIVE], '1.0'))

  check('R2', 'the version HTTP/1.1, relayed, is as good as a field', (c) => hangs(c, [], '1.1'))

  check('R2', 'what stands behind the request in the same piece goes nowhere either', async (c) => {
    const { client, listener } = await dumb(c)
    const [first, second] = [get(c, [], '1.1'), get(c, [], '1.1')]
    await client.send(Buffer.concat([first, second]))
    const origin = await listener.connection()
    await cameUnchanged(c, origin, first, 'origin')
    await nothingForwarded(c, origin, listener)
  })

  check(
    'R2',
    "the client's FIN is not heard either: the origin sees none, and the answer comes",
    async (c) => {
      const { client, listener } = await dumb(c)
      const origin = await reachOrigin(c, client, listener, [get(c, [], '1.0')])
      await client.fin()
      await origin.staysOpen()
      c.expect(
        client.ended === 'open',
        'the answer, and then FIN',
        `${client.ended} from you before the answer`,
      )
      await answeredToTheEnd(c, client, origin)
    },
  )

  check('R3', 'it closes both sides as soon as the answer is whole, and not before', async (c) => {
    const { client, listener } = await dumb(c, { after: 'close' })
    const origin = await reachOrigin(c, client, listener, [get(c, [KEEP_ALIVE], '1.0')])
    const answer = message('HTTP/1.0 200 OK', [KEEP_ALIVE], awkwardBody(c))
    await origin.sendInParts(c.random.split(answer.subarray(0, -1), 3))
    c.step('all of the answer has been sent but its last byte')
    await client.staysOpen()
    await origin.send(answer.subarray(-1))
    await cameUnchanged(c, client, answer, 'client')
    const saw = 'silence, the connection open: this one hangs'
    c.expect(client.ended !== 'open', 'FIN behind the answer', saw)
    await client.sees('FIN')
    await origin.sees('FIN')
  })

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

  check('R4', 'requests in one piece are all answered, in their order', async (c) => {
    const { client, origin } = await smart(c)
    const requests = [1, 2, 3].map(() => get(c, [], '1.1'))
    await client.send(Buffer.concat(requests))
    // Whether they come one by one or side by side is up to the proxy: of those that wait, the last goes first.
    for (const _ of requests) await answerWithTarget(await origin.request())
    for (const request of requests) await expectOwnAnswer(c, client, request)
    await client.silent()
  })

  check('R4', 'the version is its own on both sides', async (c) => {
    const { server, client, origin } = await smart(c)
    const { startLine } = (await exchange(c, client, origin, { answerVersion: '1.0' })).response
    c.expect(startLine.startsWith('HTTP/1.1 '), 'HTTP/1.1 in the status line at the client', startLine)
    const old = await c.connect(server.port, { name: 'old client' })
    const { request } = await exchange(c, old, origin, { version: '1.0' })
    c.expectEqual(request.words[2], 'HTTP/1.1', 'the version in the request line at the origin')
  })

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
        `CONNECTION: , ${e}`,
      ]
      const passed = await pass(c, ends, direction, lines)
      for (const name of named) absent(c, passed, direction, name, 'Connection names it')
      const relayed = optionsOf(passed).find((option) => option.startsWith('x-'))
      const expected = `none of the sender's connection options ${place(direction)}`
      c.expect(relayed === undefined, expected, `Connection: ${relayed}`)
    }
  })

  check('R5', 'the fields of the hop end here, though nobody names them', async (c) => {
    const ends = await smart(c)
    for (const direction of ['request', 'response'] as const) {
      const mark = c.random.word()
      const fields = [`Keep-Alive: timeout=5, ${mark}`, `TE: ${mark};q=0.5`, `Upgrade: ${mark}/1`]
      const passed = await pass(c, ends, direction, ['Proxy-Connection: keep-alive', ...fields])
      absent(c, passed, direction, 'Proxy-Connection', 'it belongs to the hop')
      for (const [name = ''] of fields.map((line) => line.split(':'))) {
        // A field of this name that does not hold the mark is the proxy's own.
        const value = passed.header(name) ?? ''
        const expected = `nothing of the sender's ${name} ${place(direction)}: it belongs to the hop`
        c.expect(!value.includes(mark), expected, `${name}: ${value}`)
      }
    }
  })

  check('R6', 'all other fields go on, in order, each line as it came', async (c) => {
    const ends = await smart(c)
    const [x = '', y = ''] = drawNames(c, 2)
    const lines = [
      `${x}: 1`,
      'Cache-Control: no-transform, max-age=60',
      `Set-Cookie: ${y}=1, a`,
      'Trailer: X-Checksum',
      'Upgrade-Insecure-Requests: 1',
      `Set-Cookie: ${x}=2`,
      `${y}: "keep-alive, close"`,
      `${x}: 2`,
    ]
    for (const direction of ['request', 'response'] as const) {
      const passed = await pass(c, ends, direction, [KEEP_ALIVE, ...lines])
      endToEnd(c, passed, direction, lines)
    }
  })

  check('R6', 'Via gets one more member, with the version that came in', async (c) => {
    const { server, client, origin } = await smart(c)
    const before = ['Via: 1.0 fred', 'via: 1.1 p.example:81']
    for (const fields of [before, []]) {
      const parts = { fields, answerFields: fields, answerVersion: '1.0' } as const
      const { request, response } = await exchange(c, client, origin, parts)
      const earlier = fields.length > 0 ? '1.0 fred, 1.1 p.example:81, ' : ''
      expectVia(c, request, 'request', `${earlier}1.1`)
      expectVia(c, response, 'response', `${earlier}1.0`)
    }
    const old = await c.connect(server.port, { name: 'old client' })
    expectVia(c, (await exchange(c, old, origin, { version: '1.0' })).request, 'request', '1.0')
  })

  check('R7', 'chunked messages arrive whole, and so do the next ones behind them', async (c) => {
    const { client, origin } = await smart(c)
    for (let round = 0; round < 2; round++) {
      const [sent, answer] = [awkwardBody(c), awkwardBody(c)]
      await client.sendInParts(c.random.split(chunked(c, 'POST /a HTTP/1.1', sent)))
      const { connection, request } = await origin.request()
      c.expectBytes(request.body, sent, 'the body at the origin')
      await connection.sendInParts(c.random.split(chunked(c, 'HTTP/1.1 200 OK', answer)))
      c.expectBytes((await client.response()).body, answer, 'the body at the client')
    }
    await client.silent()
  })

  check('R7', 'an HTTP/1.0 client never sees chunks', async (c) => {
    const { client, origin } = await smart(c)
    await client.send(get(c, [], '1.0'))
    const body = awkwardBody(c)
    await (await origin.request()).connection.send(chunked(c, 'HTTP/1.1 200 OK', body))
    const response = await client.response()
    absent(c, response, 'response', 'Transfer-Encoding', 'HTTP/1.0 does not know it')
    c.expectBytes(response.body, body, 'the body at the client')
  })

  check('R7', 'an answer that ends with the FIN of the origin gets a length', async (c) => {
    const { client, origin } = await smart(c)
    await client.send(get(c, [], '1.1'))
    const { connection } = await origin.request()
    const body = awkwardBody(c)
    await connection.send('HTTP/1.1 200 OK\r\n\r\n')
    await connection.sendInParts(c.random.split(body))
    await connection.fin()
    await clientStays(c, client)
    c.expectBytes((await client.response()).body, body, 'the body at the client')
    await exchange(c, client, origin)
  })

  check('R8', 'the connection to the origin outlives the client, however the client goes', async (c) => {
    const { server, listener, client, origin } = await smart(c)
    await exchange(c, client, origin, { fields: ['Connection: close'] })
    await client.sees('FIN')
    for (const name of ['second client', 'third client']) {
      const next = await c.connect(server.port, { name })
      await exchange(c, next, origin)
      await next.fin()
    }
    const saw = `${listener.accepted} connections: it was not kept`
    c.expect(listener.accepted === 1, 'one connection to the origin for three clients', saw)
  })

  check('R8', 'the connection to the client outlives the one to the origin', async (c) => {
    for (const [how, parts] of [
      ['says close', { answerFields: ['Connection: close'] }],
      ['answers in HTTP/1.0', { answerVersion: '1.0' }],
      ['closes while idle', {}],
    ] as const) {
      const { client, origin } = await smart(c)
      const { connection } = await exchange(c, client, origin, parts)
      if (how === 'closes while idle') await connection.fin()
      c.step(`an origin that ${how}`)
      await clientStays(c, client)
      const { ended } = connection
      const next = await exchange(c, client, origin)
      const saw = 'the next request on a connection that was at its end'
      c.expect(next.connection !== connection, 'a new connection to the origin', saw)
      // Whoever has read an answer with close closes, and waits for nobody (RFC 9112 §9.6).
      const waits = 'the connection open: your proxy waits for the origin to end it'
      const expected = 'the end of the connection as soon as its answer has said close'
      c.expect(how !== 'says close' || ended !== 'open', expected, waits)
    }
  })

  check('R8', 'two clients at once get each its own answer', async (c) => {
    const { server, client, origin } = await smart(c)
    const other = await c.connect(server.port, { name: 'other client' })
    const [request, otherRequest] = [get(c, [], '1.1'), get(c, [], '1.1')]
    await client.send(request)
    const first = await origin.request()
    await other.send(otherRequest)
    await c.learner.idle()
    c.step("the other client has asked while the first one's request was unanswered")
    // A second connection to the origin is right, and so is to let the other client wait.
    const second = origin.hasRequest() ? await origin.request() : null
    const sideBySide = second !== null && second.connection !== first.connection
    if (sideBySide) {
      await answerWithTarget(second)
      await expectOwnAnswer(c, other, otherRequest)
      await client.silent()
    }
    await answerWithTarget(first)
    await c.learner.idle()
    const saw = `${other.unread.length} bytes`
    const expected = 'nothing for the other client: its request has no answer yet'
    c.expect(other.unread.length === 0, expected, saw)
    await expectOwnAnswer(c, client, request)
    if (sideBySide) return
    await answerWithTarget(second ?? (await origin.request()))
    await expectOwnAnswer(c, other, otherRequest)
    await client.silent()
  })

  check('R9', 'an HTTP/1.0 client gets its answer, then FIN, whatever it asks for', async (c) => {
    const { server, origin } = await smart(c)
    for (const fields of [[KEEP_ALIVE], []]) {
      const client = await c.connect(server.port, { name: 'old client' })
      const { response } = await exchange(c, client, origin, { fields, version: '1.0' })
      c.expect(!optionsOf(response).includes('keep-alive'), 'no promise to keep the connection', KEEP_ALIVE)
      await c.learner.idle()
      c.expect(client.ended !== 'open', 'FIN behind the answer', 'an HTTP/1.0 client that is kept')
      await client.sees('FIN')
    }
  })

  check('R10', 'close() sends FIN on idle connections of both sides', async (c) => {
    const { server, client, origin } = await smart(c)
    const { connection } = await exchange(c, client, origin)
    await allLeave(c, client, connection, server.close())
  })

  check('R10', 'close() lets a request in progress be answered first', async (c) => {
    const { server, client, origin } = await smart(c)
    await client.send(get(c, [], '1.1'))
    const { connection } = await origin.request()
    const closed = server.close()
    await closed.staysPending()
    await clientStays(c, client)
    await connection.staysOpen()
    await c.refused(server.port)
    await answerWith(c, client, connection)
    await allLeave(c, client, connection, closed)
  })

  check('R11', 'the culprit is the proxy that relayed the promise, and owes the answer', async (c) => {
    const [proxy = '', option = ''] = drawNames(c, 2, '')
    const cases = [
      [KEEP_ALIVE, 'Connection'],
      [`connection: ${option}, Keep-Alive`, 'Connection'],
      ['PROXY-CONNECTION: Keep-Alive', 'Proxy-Connection'],
      [null, 'HTTP-version'],
    ] as const
    for (const [asked, header] of cases) {
      const path = ['client', proxy, 'origin']
      const hops = [...there(path, asked), ...back(path, asked), ...there(['client', proxy], asked)]
      await explains(c, [...hops, silence(proxy, 'client')], { culprit: proxy, header })
    }
  })

  check('R11', 'a proxy that waits for another one is not the culprit', async (c) => {
    const [near = '', dumbOne = '', far = ''] = drawNames(c, 3, '')
    const path = ['client', near, dumbOne, far, 'origin']
    const silences = [silence(near, 'client'), silence(dumbOne, near)]
    for (const order of [silences, [...silences].reverse()]) {
      const hops = [
        ...there(path, KEEP_ALIVE),
        ...back(path, KEEP_ALIVE),
        ...there(path.slice(0, 3), KEEP_ALIVE),
        ...order,
      ]
      await explains(c, hops, { culprit: dumbOne, header: 'Connection' })
    }
  })

  check('R11', 'where nothing hangs, there is nothing to explain', async (c) => {
    const [proxy = ''] = drawNames(c, 1, '')
    const path = ['client', proxy, 'origin']
    const kept = [...there(path, KEEP_ALIVE), ...back(path, KEEP_ALIVE)]
    const [second, waits] = [there(['client', proxy], KEEP_ALIVE), silence(proxy, 'client')]
    const closed = { from: proxy, to: 'client', kind: 'close' }
    await explains(c, [...kept, waits, silence('origin', proxy)], null)
    await explains(c, [...kept, closed, waits], null)
    await explains(c, [...kept, ...second, closed, waits], null)
    await explains(c, [...kept, ...second], null)
    await explains(c, [...kept, waits, ...second], null)
    await explains(c, [...kept, ...second, waits, ...back(path, KEEP_ALIVE).slice(-1)], null)
    await explains(c, [...kept, ...there(path, KEEP_ALIVE), silence('origin', proxy), waits], null)
  })

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

// --- records for explainHang ---

type Explanation = { readonly culprit: string; readonly header: string } | null

async function explains(c: Check, hops: readonly Hop[], explanation: Explanation): Promise<void> {
  const told = await c.learner.call<Explanation>('explainHang', hops)
  c.step(recordOf(hops))
  const shown = told ? { culprit: told.culprit, header: told.header } : null
  c.expectEqual(shown, explanation, 'what explainHang says of this record')
}

const recordOf = (hops: readonly Hop[]): string =>
  `the record: ${hops.map(({ from, to, kind }) => `${kind} ${from} → ${to}`).join(', ')}`

/** A request on its way through all of these; without a field, in HTTP/1.1. */
function there(path: readonly string[], line: string | null): Hop[] {
  const head = [`GET /tides HTTP/1.${line === null ? 1 : 0}`, line ?? 'Host: a.example'].join('\r\n')
  return path.slice(1).map((to, at) => ({ from: path[at] ?? '', to, kind: 'request', head }))
}

/** Its answer on the way back. */
function back(path: readonly string[], line: string | null): Hop[] {
  const head = [`HTTP/1.${line === null ? 1 : 0} 200 OK`, line ?? 'Content-Length: 5'].join('\r\n')
  const hops = path.slice(1).map((from, at) => ({ from, to: path[at] ?? '', kind: 'response', head }))
  return hops.reverse()
}

function silence(from: string, to: string): Hop {
  return { from, to, kind: 'silence' }
}
