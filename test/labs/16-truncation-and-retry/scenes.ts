import type { Response } from '../../../labs/kit/http.ts'
import type { Call, Check, Connection, Listener, RemoteServer } from '../../../workbook/grading/check.ts'
import { WHY } from './predictions.ts'

/** What the examples do: one or two scenes a requirement. */

interface Text {
  readonly status: number
  readonly fields: Readonly<Record<string, string>>
  readonly body: string
}

/** The result of a call, with its body as text. */
const textOf = ({ status, headers, body }: Response): Text => ({
  status,
  fields: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
  body: Buffer.from(body).toString(),
})

export async function killedInTheMiddle(c: Check): Promise<void> {
  const server = await c.listen({ name: 'server' })
  const call = c.learner.call<Response>('fetchWhole', server.port, {}, { retries: 0 })
  const wire = await server.connection()
  await wire.request()
  const half = c.random.word()
  await wire.send(`HTTP/1.1 200 OK\r\n\r\n${half}`)
  await call.staysPending('the server has sent no FIN')
  c.step('the server is killed, and its system sends FIN')
  await wire.fin()
  await c.learner.idle()
  c.observe('P1', call.outcome?.ok ? 'b' : 'a', WHY.P1)
  c.expectEqual(textOf(await call).body, half, 'the body, which counts as whole')
}

export async function cutInTheMiddle(c: Check): Promise<void> {
  const server = await c.listen({ name: 'server' })
  const call = c.learner.call('fetchWhole', server.port, { target: '/map' }, { retries: 0 })
  const wire = await server.connection()
  await wire.request()
  const [have, missing] = [c.random.word(), c.random.integer(1, 9000)]
  await wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${have.length + missing}\r\nX-A: 1\r\n\r\n${have}`)
  await wire.fin()
  const { name, code, received, expected, partial } = await call.rejects()
  c.expectEqual([name, code], ['TruncatedError', 'ETRUNCATED'], 'name and code of the error')
  c.expectEqual([received, expected], [have.length, have.length + missing], 'received and expected')
  const { status, fields, body } = textOf(partial as Response)
  c.expectEqual([status, fields['x-a'], body], [200, '1', have], 'status, X-A and body of partial')
}

export async function refused(c: Check): Promise<void> {
  const server = await c.listen({ name: 'server' })
  c.learner.permit('127.0.0.1', server.port, 'refused')
  let asked = 0
  const mayRepeat = (): Promise<boolean> => {
    asked++
    return Promise.resolve(true)
  }
  for (const method of ['GET', 'POST']) {
    const options = { retries: 3, mayRepeat }
    const { code } = await c.learner.call('fetchWhole', server.port, { method }, options).rejects()
    c.expectEqual(code, 'ECONNREFUSED', `the code of a refused ${method}`)
  }
  const connects = (await c.learner.handleCalls()).filter((call) => call.startsWith('connect('))
  c.expectEqual(connects.length, 2, 'the connects of two refused calls')
  c.expectEqual(asked, 0, 'how often mayRepeat was asked')
}

export async function theRest(c: Check): Promise<void> {
  const server = await c.listen({ name: 'server' })
  const call = c.learner.call<Response>('fetchWhole', server.port, { target: '/map' }, { retries: 2 })
  const [a, b, tag] = [c.random.word(), c.random.word(), `"${c.random.word()}"`]
  const first = await server.connection()
  await first.request()
  await first.send(`HTTP/1.1 200 OK\r\nETag: ${tag}\r\nContent-Length: ${a.length + b.length}\r\n\r\n${a}`)
  await first.fin()
  const second = await server.connection()
  const { header } = await second.request()
  const asked = [header('range'), header('if-range')]
  c.expectEqual(asked, [`bytes=${a.length}-`, tag], 'Range and If-Range of the second request')
  const last = a.length + b.length - 1
  const range = `Content-Range: bytes ${a.length}-${last}/${last + 1}`
  const head = `HTTP/1.1 206 Partial Content\r\nETag: ${tag}\r\n${range}\r\nContent-Length: ${b.length}`
  await second.send(`${head}\r\n\r\n${b}`)
  const { status, body } = textOf(await call)
  c.expectEqual([status, body], [200, a + b], 'status and body')
}

/** What If-Range is answered with, by a server that has a new version. */
export async function aNewVersion(c: Check): Promise<void> {
  const server = await c.listen({ name: 'server' })
  const call = c.learner.call<Response>('fetchWhole', server.port, {})
  const first = await server.connection()
  await first.request()
  await first.send('HTTP/1.1 200 OK\r\nETag: "v1"\r\nContent-Length: 90\r\n\r\nold')
  await first.fin()
  const second = await server.connection()
  const ifRange = (await second.request()).header('if-range')
  c.expectEqual(ifRange, '"v1"', 'If-Range of the second request')
  const body = c.random.word()
  await second.send(`HTTP/1.1 200 OK\r\nETag: "v2"\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  c.observe('P2', 'b', WHY.P2)
  c.expectEqual(textOf(await call).body, body, 'the body, of the new version alone')
}

// --- the cache ---

interface Place {
  readonly origin: Listener
  readonly cache: RemoteServer
  /** A request of a new client. */
  ask(fields?: string, startLine?: string): Promise<Connection>
  /** The next request at the origin is answered. */
  answer(fields: string, body: string, as?: string): Promise<void>
}

async function place(c: Check, maxBytes = 10_000): Promise<Place> {
  c.learner.holdClock()
  const origin = await c.listen({ name: 'origin' })
  const now = await c.learner.make('clockAt', Date.UTC(1997, 5, 1))
  const cache = await c.learner.serve(
    'startCache',
    { host: '127.0.0.1', port: origin.port },
    { now, maxBytes },
  )
  return {
    origin,
    cache,
    async ask(fields = '', startLine = 'GET /a HTTP/1.1') {
      const client = await c.connect(cache.port)
      await client.send(`${startLine}\r\nHost: a.example\r\n${fields}\r\n`)
      return client
    },
    async answer(fields, body, as) {
      const wire = await origin.connection(as === undefined ? {} : { as })
      await wire.request()
      await wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`)
    },
  }
}

export async function keptForAMinute(c: Check): Promise<void> {
  const { ask, answer, origin } = await place(c)
  const body = c.random.word()
  const first = await ask()
  await answer('Cache-Control: max-age=60\r\nAge: 45\r\n', body)
  c.expectEqual((await first.response()).body.toString(), body, 'the body at the first client')
  await c.learner.tick(14_999)
  const second = await (await ask()).response()
  c.expectEqual(
    [second.body.toString(), second.header('age')],
    [body, '59'],
    'body and Age at the second client',
  )
  await c.learner.tick(1)
  const third = await ask()
  await c.learner.idle()
  c.observe('P3', origin.accepted > 1 ? 'a' : 'b', WHY.P3)
  await answer('', body)
  await third.response()
}

const BAD: Readonly<Record<string, string>> = {
  'no HTTP': 'HELO a.example\r\n\r\n',
  'two lengths':
    'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'a length that is no number': 'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3x\r\n\r\nabc',
  'a length below 0': 'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n',
  'a field without a colon': 'GET /a HTTP/1.1\r\nHost: a\r\nwhat\r\n\r\n',
}

export async function badRequests(c: Check): Promise<void> {
  const { origin, cache, ask, answer } = await place(c)
  for (const [what, bytes] of Object.entries(BAD)) {
    const client = await c.connect(cache.port)
    await client.send(bytes)
    await c.learner.idle()
    const said = client.unread.toString('latin1', 0, 12)
    c.expect(said === '' || / 4\d\d$/.test(said), `a status of 4xx, or nothing, for ${what}`, said)
    c.expect(client.ended !== 'open', `the end of the connection, for ${what}`, 'nothing: your cache is idle')
    c.expect(origin.accepted === 0, `nothing at the origin, for ${what}`, 'a connection')
  }
  const good = await ask()
  await answer('', 'good')
  c.expectEqual((await good.response()).body.toString(), 'good', 'the body for somebody else')
}

export async function closesWithCare(c: Check): Promise<void> {
  const { cache, ask, answer, origin } = await place(c)
  const [idle, half] = [await c.connect(cache.port), await c.connect(cache.port)]
  await half.send('GET /half HTTP/1.1\r\nHo')
  const [asks, waits] = [await ask(), await ask()]
  await c.learner.idle()
  const closed = cache.close()
  await idle.sees('FIN')
  await c.refused(cache.port)
  await closed.staysPending()
  for (const client of [half, asks, waits]) await client.staysOpen()
  await answer('Cache-Control: max-age=60\r\n', 'one')
  for (const client of [asks, waits])
    c.expectEqual(
      (await client.response()).body.toString(),
      'one',
      'the answer that was under way at close()',
    )
  await half.send('st: a\r\n\r\n')
  await answer('', 'two')
  c.expectEqual((await half.response()).body.toString(), 'two', 'the answer to a request that had begun')
  await closed.staysPending()
  for (const client of [idle, half, asks, waits]) await client.fin()
  await closed
  await c.learner.leavesNothing()
  c.expectEqual(origin.accepted, 2, 'the connections to the origin')
}

/** What nobody waits for any more is a connection too. */
export async function closesBehindTheOrigin(c: Check): Promise<void> {
  const { cache, ask, origin } = await place(c)
  const client = await ask()
  const wire = await origin.connection()
  await wire.request()
  await client.reset()
  await c.learner.idle()
  await expectOriginAwaited(c, cache.close(), wire)
}

/** A question that comes after close(), as the rest of its request does; and once more, as its first attempt is cut. */
export async function closesBehindALateQuestion(c: Check): Promise<void> {
  const { cache, origin } = await place(c)
  const client = await c.connect(cache.port)
  await client.send('GET /a HTTP/1.1\r\nHo')
  await c.learner.idle()
  const closed = cache.close()
  await client.staysOpen()
  await client.send('st: a.example\r\n\r\n')
  const first = await origin.connection()
  await first.request()
  await first.fin()
  const second = await c.blame('R15', () => origin.connection())
  await second.request()
  await client.reset()
  await expectOriginAwaited(c, closed, second)
}

async function expectOriginAwaited(c: Check, closed: Call<void>, wire: Connection): Promise<void> {
  await c.learner.idle()
  if (wire.ended === 'open') {
    c.expect(!closed.settled, 'close() pending while a connection to the origin is open', 'it has resolved')
    await wire.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    await wire.fin()
  }
  await closed
  await c.learner.leavesNothing()
}

export async function refusedOrigin(c: Check): Promise<void> {
  const { ask, origin, answer } = await place(c)
  c.learner.permit('127.0.0.1', origin.port, 'refused')
  const startLines = ['GET /a HTTP/1.1', 'POST /a HTTP/1.1', 'HEAD /a HTTP/1.1']
  for (const startLine of startLines) {
    const client = await ask('', startLine)
    const { words } = await client.response({
      head: startLine.startsWith('HEAD'),
      as: `the answer to ${startLine}`,
    })
    c.expect(['502', '504'].includes(words[1]), `status 502 or 504 for ${startLine}`, words[1])
    await client.sees('FIN')
  }
  c.learner.permit('127.0.0.1', origin.port, origin)
  const client = await ask()
  c.step('the origin listens again, and a client asks once more')
  await answer(
    '',
    'back',
    'a new connection from you to the origin: a refusal answers nobody who comes later',
  )
  c.expectEqual((await client.response()).body.toString(), 'back', 'the body when the origin is back')
}

/** An answer in many pieces, and a request in many, and one behind another. */
export async function inPieces(c: Check): Promise<void> {
  const { cache, origin } = await place(c)
  const client = await c.connect(cache.port)
  const body = c.random.bytes(200)
  const head = `POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${body.length}\r\n\r\n`
  const next = 'GET /b HTTP/1.1\r\nHost: a.example\r\n\r\n'
  const bytes = Buffer.concat([Buffer.from(head), body])
  await client.sendInParts(c.random.split(bytes.subarray(0, -1), 5))
  await client.send(Buffer.concat([bytes.subarray(-1), Buffer.from(next)]))
  const wire = await origin.connection()
  c.expectBytes((await wire.request()).body, body, 'the body at the origin')
  await wire.sendInParts(
    c.random.split(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n'), body]), 4),
  )
  c.expectBytes((await client.response()).body, body, 'the body at the client')
  await client.sees('FIN')
  c.expectEqual(client.unread.length, 0, 'the bytes behind the answer')
  c.expectEqual(origin.accepted, 1, 'the connections to the origin: nothing behind a request is looked at')
}
