import type { Check, Connection, HttpMessage } from '../../../workbook/grading/check.ts'
import { startWorld, type World } from './hop-ends.ts'
import { awkwardBody, chunked, message } from './messages.ts'
import { optionsOf, type Version } from './model.ts'

/** What the hop does with whole messages: scenes of lab 10 with two real ends. */

export interface Ends extends World {
  /** The next request, on whatever connection to the next hop it comes. */
  request(as?: string): Promise<{ connection: Connection; request: HttpMessage }>
}

export async function ends(c: Check): Promise<Ends> {
  const world = await startWorld(c)
  const connections: Connection[] = []
  const asking = () => connections.findLast(({ unread }) => unread.length > 0)
  return {
    ...world,
    async request(as = 'the request at the next hop') {
      if (world.listener.accepted === 0) connections.push(await world.listener.connection({ as }))
      await c.learner.idle()
      while (world.listener.accepted > connections.length) connections.push(await world.listener.connection())
      const connection = asking() ?? c.fail(as, 'nothing: your hop is idle')
      return { connection, request: await connection.request({ as }) }
    },
  }
}

// --- bodies ---

const LENGTHS = ['none', 'short', 'long'] as const
/** It stays, however the body was packed: a hint of what may be lost. */
const TRAILER = ['Trailer: X-Checksum']

/** In each framing on each side, and the next message behind it. */
export async function bodiesPass(c: Check): Promise<void> {
  const both = await ends(c)
  const client = await c.connect(both.server.port)
  const expectTrailer = (seen: HttpMessage, where: string): void =>
    c.expectEqual(seen.header('trailer') ?? 'no Trailer', 'X-Checksum', `Trailer ${where}`)
  for (const length of LENGTHS) {
    for (const [asks, answers] of [
      ['length', 'chunks'],
      ['chunks', 'length'],
      ['chunks', 'FIN'],
    ] as const) {
      const [sent, answer] = [bodyOf(c, length), bodyOf(c, length)]
      await client.sendInParts(c.random.split(packed(c, 'POST /a HTTP/1.1', asks, sent, TRAILER)))
      const { connection, request } = await both.request()
      c.expectBytes(request.body, sent, 'the body at the next hop')
      expectTrailer(request, `at the next hop (${asks})`)
      await connection.sendInParts(c.random.split(packed(c, 'HTTP/1.1 404 No', answers, answer, TRAILER)))
      if (answers === 'FIN') await connection.fin()
      const response = await client.response()
      c.expectEqual(response.words[1], '404', 'the status at the client')
      c.expectBytes(response.body, answer, 'the body at the client')
      expectTrailer(response, `at the client (${answers})`)
      await client.staysOpen()
    }
  }
  await client.silent()
}

/** What says how a body is packed, named in Connection. */
export async function framesNamed(c: Check): Promise<void> {
  const both = await ends(c)
  const client = await c.connect(both.server.port)
  const fields = ['Connection: Content-Length, Transfer-Encoding, Host']
  for (const how of ['length', 'chunks', 'length'] as const) {
    const [sent, answer] = [awkwardBody(c), awkwardBody(c)]
    await client.send(packed(c, 'POST /a HTTP/1.1', how, sent, fields))
    const { connection, request } = await both.request()
    c.expectBytes(request.body, sent, 'the body at the next hop, though Connection names its length')
    c.expectEqual(request.header('host'), 'a.example', 'Host at the next hop, though Connection names it')
    await connection.send(packed(c, 'HTTP/1.1 200 OK', how, answer, fields))
    c.expectBytes((await client.response()).body, answer, 'the body at the client')
  }
  await client.silent()
}

export async function oldClients(c: Check): Promise<void> {
  const both = await ends(c)
  for (const how of ['length', 'chunks', 'FIN'] as const) {
    const client = await c.connect(both.server.port, { name: 'old client' })
    const answer = awkwardBody(c)
    await client.send(`GET /${c.random.word()} HTTP/1.0\r\n\r\n`)
    const { connection, request } = await both.request()
    c.expectEqual(request.words[2], 'HTTP/1.1', 'the version in the request line at the next hop')
    const hosts = request.headers.filter(([name]) => name.toLowerCase() === 'host')
    c.expectEqual(hosts.length, 1, 'the number of Host fields at the next hop')
    await connection.send(packed(c, 'HTTP/1.1 200 OK', how, answer))
    if (how === 'FIN') await connection.fin()
    const response = await client.response()
    const coding = response.header('transfer-encoding')
    c.expect(coding === null, 'no Transfer-Encoding at an HTTP/1.0 client', `Transfer-Encoding: ${coding}`)
    c.expectBytes(response.body, answer, 'the body at the client')
    await client.fin()
  }
}

/** A Host that is empty is there: a second one would make a request that is none (RFC 9112 §3.2). */
export async function emptyHost(c: Check): Promise<void> {
  const both = await ends(c)
  for (const version of ['1.0', '1.1'] as const) {
    const client = await c.connect(both.server.port)
    await client.send(`GET /${c.random.word()} HTTP/${version}\r\nHost:\r\n\r\n`)
    const { connection, request } = await both.request()
    const hosts = request.headers.filter(([name]) => name.toLowerCase() === 'host')
    const values = hosts.map(([, value]) => value)
    c.expectEqual(
      values,
      [''],
      `the Host fields at the next hop, of an HTTP/${version} request with an empty one`,
    )
    await connection.send(message('HTTP/1.1 200 OK', [], version))
    c.expectBytes((await client.response()).body, version, 'the body at the client')
    await client.fin()
  }
}

function bodyOf(c: Check, length: (typeof LENGTHS)[number]): Buffer {
  if (length === 'none') return Buffer.alloc(0)
  return length === 'short'
    ? awkwardBody(c)
    : Buffer.alloc(c.random.integer(150_000, 200_000), c.random.bytes(997))
}

export function packed(
  c: Check,
  startLine: string,
  how: 'length' | 'chunks' | 'FIN',
  body: Buffer,
  more: readonly string[] = [],
): Buffer {
  const fields = ['Host: a.example', ...more]
  if (how === 'chunks') return chunked(c, startLine, body, fields)
  if (how === 'length') return message(startLine, fields, body)
  return Buffer.concat([Buffer.from(`${startLine}\r\n${fields.join('\r\n')}\r\n\r\n`), body])
}

// --- one request at a time ---

export async function oneAtATime(c: Check): Promise<void> {
  const both = await ends(c)
  const client = await c.connect(both.server.port)
  const targets = Array.from({ length: 3 }, () => `/${c.random.word()}`)
  await client.send(targets.map((target) => `GET ${target} HTTP/1.1\r\nHost: a.example\r\n\r\n`).join(''))
  for (const target of targets) {
    const { connection, request } = await both.request(`GET ${target} at the next hop`)
    c.expectEqual(request.words[1], target, 'the request whose turn it is')
    const saw = 'a further request at the next hop'
    const isAlone = connection.unread.length === 0 && both.listener.accepted === 1
    c.expect(isAlone, 'one request at a time: no answer has come yet', saw)
    await connection.send(message('HTTP/1.1 200 OK', [], target))
    c.expectBytes((await client.response()).body, target, `the body of the answer to ${target}`)
  }
}

// --- what the hop answers itself ---

export async function answersTrace(c: Check, versions: readonly Version[]): Promise<void> {
  const both = await ends(c)
  for (const version of versions) {
    const [target, a, b, secret] = [`/${c.random.word()}`, c.random.word(), c.random.word(), c.random.word()]
    const named = ['Connection: x-ticket, Cache-Control', `X-Ticket: ${b}`, 'Cache-Control: max-age=60']
    const hops = ['TE: trailers', 'Keep-Alive: timeout=5', 'Upgrade: h2c', 'Via: 1.1 fred', 'max-forwards: 0']
    const fields = [`X-${a}: ${b}`, 'Host: a.example', `x-${b}: ${a}`, ...named, ...hops]
    const secrets = [
      `Authorization: Basic ${secret}`,
      `proxy-authorization: ${secret}`,
      `COOKIE: a=${secret}`,
    ]
    const client = await c.connect(both.server.port)
    const lines = [`TRACE ${target} HTTP/${version}`, ...fields, ...secrets]
    await client.send(`${lines.join('\r\n')}\r\n\r\n`)
    const response = await client.response({ as: 'the answer to TRACE with no hop left' })
    c.expectEqual(response.words[1], '200', 'the status')
    const type = response.header('content-type') ?? 'no Content-Type'
    c.expect(/^message\/http\b/i.test(type), 'Content-Type: message/http', type)
    const shownLines = response.body.toString('latin1').split('\r\n')
    for (const line of [lines[0] ?? '', ...fields]) {
      const is = shownLines.some((each) => normal(each) === normal(line))
      c.expect(is, `${line} in the content, as it came`, JSON.stringify(response.body.toString('latin1')))
    }
    const saw = shownLines.find((line) => line.includes(secret)) ?? ''
    c.expect(saw === '', 'no credentials and no cookie in the content', saw)
    c.expect(both.listener.accepted === 0, 'no connection to the next hop', `${both.listener.accepted}`)
    await client.fin()
  }
}

const normal = (line: string): string =>
  line.replace(/^[^:]+:[ \t]*/, (name) => `${name.toLowerCase().trim()} `)

export async function answersOptions(c: Check): Promise<void> {
  const both = await ends(c)
  for (const [fields, isOurs] of [
    [['Max-Forwards: 0'], true],
    [['MAX-FORWARDS:0', 'Connection: Max-Forwards'], true],
    [['Max-Forwards: 1'], false],
    [['Max-Forwards: 10'], false],
    [['X-Max-Forwards: 0'], false],
    [[], false],
  ] as const) {
    const client = await c.connect(both.server.port)
    const lines = [`OPTIONS /${c.random.word()} HTTP/1.1`, 'Host: a.example', ...fields]
    const accepted = both.listener.accepted
    await client.send(`${lines.join('\r\n')}\r\n\r\n`)
    if (!isOurs) {
      const { connection } = await both.request(
        `OPTIONS at the next hop, with ${fields.join(', ') || 'no limit'}`,
      )
      await connection.send(message('HTTP/1.1 405 No', []))
    }
    const [, status] = (await client.response({ as: 'the answer to OPTIONS' })).words
    if (isOurs) {
      c.expect(/^2\d\d$/.test(status), 'a status of 2xx: the hop is the last recipient', status)
      c.expect(both.listener.accepted === accepted, 'nothing of it at the next hop', 'a connection there')
    } else c.expectEqual(status, '405', `the status of the next hop, with ${fields.join(', ') || 'no limit'}`)
    await client.fin()
  }
}

/** What the hop answers itself may have a body, and that is no request. */
export async function bodyOfOurs(c: Check): Promise<void> {
  const both = await ends(c)
  for (const how of ['length', 'chunks'] as const) {
    const client = await c.connect(both.server.port)
    const [hidden, target] = [`/${c.random.word()}`, `/${c.random.word()}`]
    const body = Buffer.from(`GET ${hidden} HTTP/1.1\r\nHost: a.example\r\n\r\n`)
    await client.send(packed(c, 'OPTIONS /a HTTP/1.1', how, body, ['Max-Forwards: 0']))
    const [, status] = (await client.response({ as: 'the answer to OPTIONS' })).words
    c.expect(/^2\d\d$/.test(status), 'a status of 2xx: the hop is the last recipient', status)
    await client.send(`GET ${target} HTTP/1.1\r\nHost: a.example\r\n\r\n`)
    const { connection, request } = await both.request('the request after an OPTIONS that had a body')
    const what = `the next request there: the body of OPTIONS (${how}) is none`
    c.expectEqual(request.words[1], target, what)
    await connection.send(message('HTTP/1.1 200 OK', [], target))
    c.expectBytes((await client.response()).body, target, 'the body of the answer to it')
    await client.fin()
  }
}

/** Only these two count: any other request with no hop left goes on. */
export async function othersAreForwarded(c: Check): Promise<void> {
  const both = await ends(c)
  const client = await c.connect(both.server.port)
  for (const method of ['GET', 'DELETE', 'trace', 'Options']) {
    const line = `${method} /${c.random.word()} HTTP/1.1`
    await client.send(message(line, ['Host: a.example', 'Max-Forwards: 0']))
    const { connection, request } = await both.request(`${line} at the next hop`)
    c.expectEqual(request.startLine, line, 'the request line at the next hop')
    c.expectEqual(request.header('max-forwards'), '0', `Max-Forwards of ${method}`)
    await connection.send(message('HTTP/1.1 200 OK', [], line))
    c.expectBytes((await client.response()).body, line, 'the body at the client')
  }
}

// --- close() ---

export async function closesWithCare(c: Check): Promise<void> {
  const both = await ends(c)
  const { server } = both
  const [idle, begun, client] = [
    await c.connect(server.port, { name: 'idle client' }),
    await c.connect(server.port, { name: 'slow client' }),
    await c.connect(server.port),
  ]
  await begun.send('GET /')
  await client.send(`GET /${c.random.word()} HTTP/1.1\r\nHost: a.example\r\n\r\n`)
  const { connection } = await both.request()
  const closed = server.close()
  await closed.staysPending()
  await c.refused(server.port)
  await idle.sees('FIN')
  await begun.staysOpen()
  await client.staysOpen()
  const body = c.random.word()
  await connection.send(message('HTTP/1.1 200 OK', [], body))
  const response = await client.response()
  c.expectBytes(response.body, body, 'the body of the answer in progress')
  const options = optionsOf(response.headers)
  c.expect(options.includes('close'), 'Connection: close in the answer in progress', 'no close there')
  await client.sees('FIN')
  for (const each of [idle, client, begun]) await each.fin()
  await connection.seesEnd()
  await c.learner.idle()
  // Whoever has closed it fully need not wait for the FIN of the next hop.
  if (closed.settled) await c.learner.leavesNothing()
  await connection.fin()
  await closed
  await c.learner.leavesNothing()
}
