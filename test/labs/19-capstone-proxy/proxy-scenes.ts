import type { Check, Connection, HttpMessage } from '../../../workbook/grading/check.ts'
import { goesOn, type Fields } from './model.ts'
import { get, ok, place, statusOf, type Place } from './place.ts'
import { WHY } from './predictions.ts'

/** What passes through the proxy, and what becomes of it there. */

// --- R9: forwarding ---

const TARGETS: ReadonlyArray<
  readonly [method: string, target: string, host: string, onward: string, onHost: string]
> = [
  ['GET', '/a?b=c', 'a.example', '/a?b=c', 'a.example'],
  ['GET', 'http://a.example/a?b=c', 'a.example', '/a?b=c', 'a.example'],
  ['GET', 'http://a.example', 'nowhere.example', '/', 'a.example'],
  ['GET', 'http://a.example?x', 'a.example', '/?x', 'a.example'],
  ['GET', 'HTTP://A.Example:80/A', 'a.example', '/A', 'a.example'],
  ['GET', 'http://a.example:8080/a', 'b.example', '/a', 'a.example:8080'],
  ['OPTIONS', 'http://a.example', 'a.example', '*', 'a.example'],
  ['OPTIONS', '*', 'a.example', '*', 'a.example'],
  ['DELETE', '/%2e%2E/a//b', 'A.EXAMPLE', '/%2e%2E/a//b', 'a.example'],
]

export async function aims(c: Check): Promise<void> {
  const p = await place(c, { cacheBytes: 0 })
  const client = await p.client()
  for (const [method, target, host, onward, onHost] of TARGETS) {
    await client.send(`${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    const { wire, request } = await p.asked(`${method} ${target}`)
    const seen = [...request.words, request.header('host')?.toLowerCase().replace(/:80$/, '')]
    c.expectEqual(
      seen,
      [method, onward, 'HTTP/1.1', onHost],
      `method, target, version and Host at the origin, of ${method} ${target}`,
    )
    await wire.send(ok('x'))
    await client.response()
  }
  await client.send('GET /old HTTP/1.0\r\nHost: a.example\r\n\r\n')
  const { wire, request } = await p.asked('a request of HTTP/1.0')
  c.expectEqual(request.words[2], 'HTTP/1.1', 'the version at the origin, of a request of HTTP/1.0')
  c.expect(
    /(^|, )1\.0 \S+$/.test(request.header('via') ?? ''),
    'Via with the version received, 1.0',
    String(request.header('via')),
  )
  await wire.send(ok('x'))
  await client.response()
  for (const [target, status] of [
    ['http://nowhere.example/', '502'],
    ['https://a.example/', '501'],
  ] as const) {
    const other = await p.client()
    await other.send(`GET ${target} HTTP/1.1\r\nHost: a.example\r\n\r\n`)
    c.expectEqual(statusOf(await other.response()), status, `the status for ${target}`)
    await other.fin()
  }
}

/** Fields of a message that pass, end, or are named. */
const FIELDS: ReadonlyArray<Fields> = [
  [
    ['X-A', '1'],
    ['x-b', '2'],
    ['X-A', '3'],
  ],
  [
    ['Connection', 'X-A, close-not'],
    ['X-A', '1'],
    ['X-B', '2'],
  ],
  [
    ['CONNECTION', 'x-a'],
    ['X-B', '2'],
    ['connection', ' X-C ,,x-d'],
    ['x-A', '1'],
    ['X-C', '3'],
    ['X-D', '4'],
  ],
  [
    ['Keep-Alive', 'timeout=5'],
    ['Proxy-Connection', 'keep-alive'],
    ['TE', 'trailers'],
    ['Upgrade', 'h2c'],
    ['Trailer', 'X-T'],
  ],
  [
    ['Connection', 'Host, Via, Content-Length'],
    ['Via', '1.0 fred'],
    ['X-A', ''],
  ],
  [
    ['Via', '1.0 fred, 1.1 p.example'],
    ['X-Umlaut', '\xfc\xff'],
  ],
]
const ANSWER_FIELDS: ReadonlyArray<Fields> = [
  ...FIELDS,
  [
    ['Set-Cookie', 'a=1'],
    ['Set-Cookie', 'b=2'],
    ['Proxy-Authenticate', 'Basic'],
    ['Proxy-Authentication-Info', 'x'],
  ],
]

const linesOf = (fields: Fields): string => fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')

export async function passesFields(c: Check): Promise<void> {
  const p = await place(c, { cacheBytes: 0 })
  const client = await p.client()
  for (const fields of FIELDS) {
    await client.send(
      Buffer.from(
        `PUT /a HTTP/1.1\r\nHost: a.example\r\n${linesOf(fields)}Content-Length: 3\r\n\r\nabc`,
        'latin1',
      ),
    )
    const { wire, request } = await p.asked()
    expectFields(c, request, fields, 'at the origin')
    await wire.send(ok('x'))
    await client.response()
  }
  for (const fields of ANSWER_FIELDS) {
    await client.send(get('/a'))
    const { wire } = await p.asked()
    const head = `HTTP/1.1 200 OK\r\n${linesOf(fields)}Content-Length: 3\r\n\r\nabc`
    await wire.send(Buffer.from(head, 'latin1'))
    expectFields(c, await client.response(), fields, 'at the client')
  }
}

function expectFields(c: Check, message: HttpMessage, fields: Fields, where: string): void {
  const ours = new Set(['via', 'host', 'content-length', 'date'])
  const own = ({ 0: name }: readonly [string, string]): boolean => !ours.has(name.toLowerCase())
  const seen = message.headers
    .filter(own)
    .filter(
      ([name, value]) => !(name.toLowerCase() === 'connection' && /^(?:keep-alive|close)$/i.test(value)),
    )
  c.expectEqual(seen, goesOn(fields).filter(own), `the fields ${where}, of ${JSON.stringify(fields)}`)
  const before = fields.filter(([name]) => name.toLowerCase() === 'via').map(([, value]) => value)
  const via = (message.header('via') ?? '').split(', ')
  c.expectEqual(
    via.slice(0, -1).join(', '),
    before.join(', '),
    `what stands in Via before your own, ${where}`,
  )
  c.expect(
    /^1\.1 \S+$/.test(via.at(-1) ?? ''),
    `Via with 1.1 and a name, ${where}`,
    String(message.header('via')),
  )
  c.expectEqual(
    message.header('content-length'),
    '3',
    `Content-Length ${where}, of ${JSON.stringify(fields)}`,
  )
}

const HOPS: ReadonlyArray<readonly [method: string, given: string, onward: string | null]> = [
  ['OPTIONS', '5', '4'],
  ['TRACE', '1', '0'],
  ['OPTIONS', '0', null],
  ['TRACE', '0', null],
  ['GET', '0', '0'],
  ['OPTIONS', 'many', 'many'],
]

export async function countsHops(c: Check): Promise<void> {
  const p = await place(c, { cacheBytes: 0 })
  const client = await p.client()
  for (const [method, given, onward] of HOPS) {
    const fields = `Max-Forwards: ${given}\r\nCookie: secret\r\nAuthorization: secret\r\nX-A: b\r\n`
    await client.send(`${method} /a HTTP/1.1\r\nHost: a.example\r\n${fields}\r\n`)
    if (onward === null) {
      const answer = await client.response({ as: `the proxy's own answer to ${method} with Max-Forwards: 0` })
      c.expectEqual(statusOf(answer), '200', `the status to ${method} with Max-Forwards: 0`)
      const shown = answer.body.toString()
      if (method === 'TRACE')
        c.expect(
          shown.includes('X-A: b') && !shown.includes('secret'),
          'the request, without its secrets, in the answer to TRACE',
          shown,
        )
      continue
    }
    const { wire, request } = await p.asked()
    c.expectEqual(
      request.header('max-forwards'),
      onward,
      `Max-Forwards at the origin, of ${method} with ${given}`,
    )
    await wire.send(ok('x'))
    await client.response()
  }
}

// --- R10: framing ---

const chunksOf = (parts: readonly Buffer[]): Buffer =>
  Buffer.concat([
    ...parts.flatMap((part) => [
      Buffer.from(`${part.length.toString(16)};x=y\r\n`),
      part,
      Buffer.from('\r\n'),
    ]),
    Buffer.from('0\r\nX-T: t\r\n\r\n'),
  ])

export async function framesAnswers(c: Check): Promise<void> {
  const p = await place(c, { cacheBytes: 0 })
  for (const framing of ['length', 'chunks', 'FIN'] as const)
    for (const version of ['1.1', '1.0']) {
      const body = c.random.bytes(400)
      const client = await p.client()
      await client.send(get('/a', '', version))
      const { wire } = await p.asked()
      const field = { length: `Content-Length: 400\r\n`, chunks: 'Transfer-Encoding: chunked\r\n', FIN: '' }[
        framing
      ]
      await wire.send(`HTTP/1.1 200 OK\r\n${field}\r\n`)
      const parts = c.random.split(body, 3)
      const sent = framing === 'chunks' ? chunksOf(parts) : body
      await wire.sendInParts(c.random.split(sent, 5))
      if (framing === 'FIN') await wire.fin()
      const what = `an answer with ${framing === 'FIN' ? 'no length' : framing}, to HTTP/${version}`
      const answer = await client.response({ as: what })
      c.expectBytes(answer.body, body, `the body of ${what}`)
      const isChunked = answer.header('transfer-encoding')?.toLowerCase() ?? null
      c.expectEqual(
        isChunked,
        framing === 'length' || version === '1.0' ? null : 'chunked',
        `Transfer-Encoding of ${what}`,
      )
      c.expectEqual(
        answer.header('content-length'),
        framing === 'length' ? '400' : null,
        `Content-Length of ${what}`,
      )
      if (version === '1.0') await client.sees('FIN')
      else await client.staysOpen()
      await client.fin()
    }
}

export async function framesWithoutBodies(c: Check): Promise<void> {
  const p = await place(c, { cacheBytes: 0 })
  const client = await p.client()
  const rows = [
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', '5'],
    ['HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', null],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n', null],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', '5'],
    ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', '0'],
    ['GET', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', null],
  ] as const
  for (const [method, bytes, length] of rows) {
    await client.send(`${method} /a HTTP/1.1\r\nHost: a.example\r\n\r\n`)
    await (await p.asked()).wire.send(bytes)
    const answer = await client.response({
      head: method === 'HEAD',
      as: `the answer to ${method}: ${bytes.slice(0, 40)}`,
    })
    c.expectEqual(
      [answer.header('content-length'), answer.body.length],
      [length, 0],
      `Content-Length and body to ${method}: ${bytes.slice(0, 70)}`,
    )
    await client.silent()
  }
  c.expectEqual(p.origin.accepted, 1, 'the connections to the origin, for six answers that show their end')
}

export async function framesRequests(c: Check): Promise<void> {
  const p = await place(c)
  const client = await p.client()
  const body = c.random.bytes(500)
  const head = 'POST /a HTTP/1.1\r\nHost: a.example\r\n'
  await client.send(`${head}Content-Length: 500\r\n\r\n`)
  await client.send(body.subarray(0, 200))
  await c.learner.idle()
  const wire = await p.origin.connection({ as: 'a connection to the origin, while the body still comes' })
  p.wires.push(wire)
  c.expect(
    wire.unread.includes(body.subarray(0, 200)),
    'the first 200 bytes of the body at the origin, before the rest has come',
    `${wire.unread.length} bytes`,
  )
  await client.send(body.subarray(200))
  const first = await p.asked()
  c.expectBytes(first.request.body, body, 'the body with a length, at the origin')
  c.expectEqual(
    [first.request.header('content-length'), first.request.header('transfer-encoding')],
    ['500', null],
    'its framing',
  )
  await wire.send(ok('x'))
  await client.response()
  await client.sendInParts(
    c.random.split(
      Buffer.concat([
        Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n`),
        chunksOf(c.random.split(body, 4)),
      ]),
      6,
    ),
  )
  const second = await p.asked()
  c.expectBytes(second.request.body, body, 'the body in chunks, at the origin')
  c.expectEqual(
    [second.request.header('content-length'), second.request.header('transfer-encoding')],
    [null, 'chunked'],
    'its framing',
  )
  c.expect(second.wire === first.wire, 'the second request on the connection of the first', 'another one')
  await second.wire.send(ok('y'))
  await client.response()
}

// --- R11: connections to origins ---

export async function staleConnections(c: Check): Promise<void> {
  const p = await place(c, { cacheBytes: 0 })
  const client = await p.client()
  const keepOne = async (): Promise<Connection> => {
    await client.send(get('/keep'))
    const { wire } = await p.asked()
    await wire.send(ok('x'))
    await client.response()
    return wire
  }
  for (const end of ['FIN', 'RST'] as const) {
    const kept = await keepOne()
    await client.send(get('/again'))
    const { wire } = await p.asked()
    c.expect(wire === kept, 'the second request on the kept connection', 'another one')
    await (end === 'FIN' ? wire.fin() : wire.reset())
    const again = await p.asked(`GET once more, behind ${end} on a kept connection`)
    c.expectEqual(again.request.words[1], '/again', 'the target of the request that is sent again')
    await (end === 'FIN' ? again.wire.fin() : again.wire.reset())
    c.expectEqual(statusOf(await client.response()), '502', 'the status when the new connection ends as well')
    await c.learner.idle()
    const { accepted } = p.origin
    c.expectEqual(accepted, p.wires.length, 'the connections to the origin: nothing is sent a third time')
  }
  await keepOne()
  await client.send('POST /once HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\nabc')
  const { wire } = await p.asked()
  await wire.fin()
  c.expectEqual(
    statusOf(await client.response()),
    '502',
    'the status of a POST whose connection ends unanswered',
  )
  await c.learner.idle()
  c.expectEqual(p.origin.accepted, p.wires.length, 'the connections to the origin: a POST is not sent again')
}

export async function notUsedAgain(c: Check): Promise<void> {
  const p = await place(c, { cacheBytes: 0 })
  const client = await p.client()
  const rows: ReadonlyArray<readonly [what: string, bytes: string]> = [
    ['close', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: x, CLOSE\r\n\r\nx'],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx'],
    [
      'more bytes than it said',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison',
    ],
  ]
  for (const [what, bytes] of rows) {
    await client.send(get('/a'))
    const { wire } = await p.asked()
    await wire.send(bytes)
    c.expectEqual(
      (await client.response()).body.toString(),
      'x',
      `the body, from an origin that says ${what}`,
    )
    await client.silent()
    await client.send(get('/b'))
    const next = await p.asked(`the next request, behind ${what}`)
    c.expect(next.wire !== wire, `a new connection behind ${what}`, 'the old one')
    await next.wire.send(ok('y', 'Connection: close\r\n'))
    c.expectEqual((await client.response()).body.toString(), 'y', `the next body, behind ${what}`)
    await wire.seesEnd()
  }
  await client.send(get('/a'))
  const { wire } = await p.asked()
  await wire.send(ok('x'))
  await client.response()
  await wire.send('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison')
  await wire.seesEnd()
  await client.send(get('/b'))
  const next = await p.asked('the next request, behind bytes that nobody asked for')
  c.expect(next.wire !== wire, 'a new connection behind bytes that nobody asked for', 'the old one')
  await next.wire.send(ok('y'))
  c.expectEqual(
    (await client.response()).body.toString(),
    'y',
    'the next body, behind bytes that nobody asked for',
  )
  await next.wire.fin()
  await next.wire.seesEnd()
}

// --- R12: 1xx ---

export async function passesInterim(c: Check): Promise<void> {
  const p = await place(c)
  const head = 'POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n'
  const client = await p.client()
  await client.send(head)
  await c.learner.idle()
  const wire = await p.origin.connection({
    as: 'a connection to the origin, while the client keeps its body back',
  })
  p.wires.push(wire)
  const onward = wire.unread.toString('latin1').toLowerCase()
  c.expect(
    onward.includes('expect: 100-continue') && onward.endsWith('\r\n\r\n'),
    'the head with its Expect at the origin',
    onward,
  )
  await client.silent()
  await wire.send('HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n')
  const hints = await client.takeThrough('\r\n\r\n')
  c.expect(
    / 103 [^]*link: <\/a.css>/i.test(hints.toString()),
    '103 with its Link at the client',
    hints.toString(),
  )
  c.expect(
    /^HTTP\/1.1 100 /.test((await client.takeThrough('\r\n\r\n')).toString()),
    '100 at the client',
    'another status',
  )
  await client.send('hello')
  const { request } = await p.asked('the body behind 100')
  c.expectEqual(request.body.toString(), 'hello', 'the body at the origin')
  await wire.send(ok('thanks'))
  c.expectEqual((await client.response()).body.toString(), 'thanks', 'the final answer')
  await client.staysOpen()
  await client.send(head)
  await wire.takeThrough('\r\n\r\n')
  await wire.send('HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno')
  const refused = await client.response()
  c.expectEqual(
    [statusOf(refused), refused.header('connection')],
    ['417', 'close'],
    'status and Connection where nobody wants the body',
  )
  await client.sees('FIN')
  await client.fin()
  await wire.seesEnd()
  const old = await p.client('old')
  await old.send(get('/b', '', '1.0'))
  const next = await p.asked()
  await next.wire.send(
    `HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n${ok('x').toString()}`,
  )
  c.expectEqual(statusOf(await old.response()), '200', 'the first status that HTTP/1.0 sees')
}

// --- R13: failures ---

export async function tellsTheHop(c: Check): Promise<void> {
  const p = await place(c)
  const expectTold = async (client: Connection, status: string, what: string, hop = p.hop): Promise<void> => {
    const answer = await client.response({ as: `${status} for ${what}` })
    c.expectEqual(statusOf(answer), status, `the status for ${what}`)
    const text = answer.body.toString()
    if (hop !== '') c.expect(text.includes(hop), `${hop} in the body for ${what}`, text)
  }
  const client = await p.client()
  await client.send('GET http://refused.example/ HTTP/1.1\r\nHost: x\r\n\r\n')
  await expectTold(client, '502', 'a refused connection', '127.0.0.1:')
  const broken = [
    ['FIN before an answer', ''],
    ['FIN within the head', 'HTTP/1.1 200 OK\r\nConte'],
    ['what is no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['both lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'],
    ['a head too large', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(2_000)}\r\n\r\n`],
    ['a switch that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
  ] as const
  for (const [what, bytes] of broken) {
    await client.send(get('/a'))
    const { wire } = await p.asked()
    if (bytes !== '') await wire.send(bytes)
    if (what.startsWith('FIN')) await wire.fin()
    await expectTold(client, '502', what)
    await wire.seesEnd()
  }
  await client.send(get('/late'))
  const { wire } = await p.asked()
  await c.learner.tick(2_999)
  await client.silent()
  await wire.send('HTTP/1.1 2')
  await c.learner.tick(1)
  await expectTold(client, '504', 'a head that takes longer than headMs')
  await wire.seesEnd()
  await client.staysOpen()
}

/** Half an answer, in each framing, to each version. */
export async function neverLooksWhole(c: Check): Promise<void> {
  const p = await place(c)
  for (const framing of ['Content-Length: 100', 'Transfer-Encoding: chunked', 'X-No: length'])
    for (const version of ['1.1', '1.0'])
      for (const end of ['stops', 'FIN', 'RST'] as const) {
        // To the FIN is to the end.
        if (framing === 'X-No: length' && end === 'FIN') continue
        const client = await p.client()
        await client.send(get('/half', '', version))
        const { wire } = await p.asked()
        await wire.send(`HTTP/1.1 200 OK\r\n${framing}\r\nCache-Control: max-age=60\r\n\r\n4\r\nhalf\r\n`)
        await c.learner.idle()
        if (end === 'stops') await c.learner.tick(2_000)
        if (end === 'FIN') await wire.fin()
        if (end === 'RST') await wire.reset()
        const what = `half an answer with ${framing}, of an origin that ${end === 'stops' ? 'stops for bodyMs' : `sends ${end}`}, to HTTP/${version}`
        const how = await client.seesEnd()
        const said = client.unread.toString()
        const isLengthOnly = /^content-length: 100\r$/im.test(said)
        const isChunked = /^transfer-encoding: chunked\r$/im.test(said)
        const looksWhole = how === 'FIN' && (isChunked ? said.endsWith('\r\n0\r\n\r\n') : !isLengthOnly)
        c.expect(!looksWhole, `an end that nobody takes for the end of ${what}`, how)
        if (end === 'stops') await wire.seesEnd()
        if (how === 'FIN') await client.fin()
      }
}

export async function clientsThatLeave(c: Check): Promise<void> {
  const p = await place(c)
  for (const when of ['before the answer', 'within the answer', 'within its own body'] as const) {
    const client = await p.client()
    const isUpload = when === 'within its own body'
    await client.send(
      isUpload ? 'POST /x HTTP/1.1\r\nHost: a.example\r\nContent-Length: 9\r\n\r\nabc' : get('/x'),
    )
    await c.learner.idle()
    const wire = await p.origin.connection({ as: `a request at the origin, of a client that leaves ${when}` })
    p.wires.push(wire)
    await wire.take(wire.unread.length)
    if (when === 'within the answer') {
      await wire.send('HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 9\r\n\r\nabc')
      await client.takeThrough('abc')
    }
    await client.reset()
    c.step(`the client has left ${when}`)
    await wire.seesEnd()
  }
  const next = await p.client('next')
  await next.send(get('/x'))
  const { wire } = await p.asked('a request for what nobody has whole')
  await wire.send(ok('whole'))
  c.expectEqual((await next.response()).body.toString(), 'whole', 'the body for the next client')
}

// --- R14: back-pressure ---

const MIB = 1_048_576

export const holdsLittleDown = (c: Check): Promise<void> => holdsLittle(c, 'down')
export const holdsLittleUp = (c: Check): Promise<void> => holdsLittle(c, 'up')

async function holdsLittle(c: Check, direction: 'down' | 'up'): Promise<void> {
  const p = await place(c, { maxBodyBytes: 2 ** 40 })
  const slow =
    direction === 'down' ? await c.connect(p.proxy.port, { paused: true, name: 'slow' }) : await p.client()
  const size = 24 * MIB
  await slow.send(
    direction === 'down'
      ? get('/big')
      : `POST /big HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${size}\r\n\r\n`,
  )
  await c.learner.idle()
  const wire = await p.origin.connection()
  p.wires.push(wire)
  await wire.takeThrough('\r\n\r\n')
  if (direction === 'up') wire.pause()
  else
    await wire.send(
      `HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n`,
    )
  const [from, to] = direction === 'down' ? [wire, slow] : [slow, wire]
  const block = Buffer.alloc(size / 3, c.random.bytes(1000))
  for (let sent = 1; sent <= 3; sent++) {
    await from.send(block)
    const held = await c.learner.held()
    const expected = `at most 1 MiB that your proxy has read and the system has not taken back, ${direction === 'down' ? 'for a client' : 'for an origin'} that does not read`
    c.expect(held <= MIB, expected, `${(held / MIB).toFixed(1)} MiB, after ${(sent * size) / 3 / MIB} MiB`)
  }
  const other = await p.client('other')
  await other.send(get('/small'))
  const next = await p.asked()
  await next.wire.send(ok('small'))
  c.expectEqual((await other.response()).body.toString(), 'small', 'the body for another client meanwhile')
  if (direction === 'down') await slow.reset({ now: true })
  else {
    await c.learner.tick(2_000)
    c.expectEqual(
      statusOf(await slow.response()),
      '504',
      'the status when an origin takes nothing for bodyMs',
    )
    await slow.reset({ now: true })
  }
  await other.fin()
  to.read()
}

/** The clock of an origin stands still while its client does not read. */
export async function everythingArrives(c: Check): Promise<void> {
  const p = await place(c, { bodyMs: 2_000 })
  const slow = await c.connect(p.proxy.port, { paused: true, name: 'slow' })
  await slow.send(get('/big'))
  const { wire } = await p.asked()
  const body = Buffer.alloc(9 * MIB, c.random.bytes(4099))
  await wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`)
  await wire.send(body)
  await c.learner.tick(1_500)
  slow.read()
  const answer = await slow.response()
  c.expect(
    answer.body.equals(body),
    'every byte, when the client reads after all',
    `${answer.body.length} bytes`,
  )
  await slow.send(get('/next'))
  const next = await p.asked()
  await next.wire.send(ok('next'))
  c.expectEqual((await slow.response()).body.toString(), 'next', 'the next body on the same connection')
}

// --- R15: tunnels ---

const CONNECT = 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n'

async function tunnelOf(c: Check, p: Place, early = ''): Promise<readonly [Connection, Connection]> {
  const client = await p.client()
  await client.send(`${CONNECT}${early}`)
  const wire = await p.origin.connection({ as: 'a connection to the origin, for CONNECT' })
  p.wires.push(wire)
  const head = (await client.takeThrough('\r\n\r\n')).toString()
  c.expect(/^HTTP\/1\.[01] 2\d\d /.test(head), 'a status of 2xx for CONNECT', head)
  c.expect(!/^(?:content-length|transfer-encoding):/im.test(head), 'no length in the answer to CONNECT', head)
  return [client, wire]
}

export async function tunnels(c: Check): Promise<void> {
  const p = await place(c)
  const [client, wire] = await tunnelOf(c, p, 'early')
  c.expectBytes(await wire.take(5), 'early', 'what came behind the CONNECT')
  const [up, down] = [c.random.bytes(3_000), c.random.bytes(3_000)]
  await client.sendInParts(c.random.split(up, 3))
  await wire.sendInParts(c.random.split(down, 3))
  c.expectBytes(await wire.take(up.length), up, 'what the client sends through the tunnel')
  c.expectBytes(await client.take(down.length), down, 'what the origin sends through the tunnel')
  await c.learner.tick(50_000)
  await c.learner.idle()
  c.observe('P3', client.ended === 'open' ? 'b' : 'a', WHY.P3)
  await client.staysOpen()
  await wire.staysOpen()
  await client.send(get('/looks-like-a-request'))
  c.expectBytes(
    await wire.takeThrough('\r\n\r\n'),
    get('/looks-like-a-request'),
    'a request within the tunnel, untouched',
  )
  await client.fin()
  await wire.sees('FIN')
  await client.staysOpen()
  await wire.send('late')
  c.expectBytes(await client.take(4), 'late', 'what the origin says behind the FIN of the client')
  await wire.fin()
  await client.sees('FIN')
  const [other, back] = await tunnelOf(c, p)
  await back.fin()
  await other.sees('FIN')
  await other.send('still')
  c.expectBytes(await back.take(5), 'still', 'what the client says behind the FIN of the origin')
  await other.fin()
  await back.sees('FIN')
}

export async function tunnelsEnd(c: Check): Promise<void> {
  const p = await place(c)
  const [client, wire] = await tunnelOf(c, p)
  await client.reset()
  c.expectEqual(await wire.seesEnd(), 'RST', 'the end at the origin, when the client resets its tunnel')
  const [other, back] = await tunnelOf(c, p)
  await back.reset()
  c.expectEqual(await other.seesEnd(), 'RST', 'the end at the client, when the origin resets its tunnel')
  for (const host of ['refused.example:443', 'nowhere.example:443']) {
    const lost = await p.client()
    await lost.send(`CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    c.expectEqual(statusOf(await lost.response()), '502', `the status for CONNECT ${host}`)
    await lost.fin()
  }
  const [inside, outside] = await tunnelOf(c, p)
  const closed = p.proxy.close()
  await inside.send('on')
  c.expectBytes(await outside.take(2), 'on', 'what passes through a tunnel while the proxy closes')
  await c.learner.tick(4_000)
  await inside.seesEnd()
  await outside.seesEnd()
  await closed
  await c.learner.leavesNothing()
}

export async function tunnelsHoldLittle(c: Check): Promise<void> {
  const p = await place(c)
  const client = await c.connect(p.proxy.port, { paused: true })
  await client.send(CONNECT)
  const wire = await p.origin.connection()
  for (let sent = 1; sent <= 2; sent++) {
    await wire.send(Buffer.alloc(8 * MIB))
    const held = await c.learner.held()
    c.expect(
      held <= MIB,
      'at most 1 MiB in a tunnel whose client does not read',
      `${(held / MIB).toFixed(1)} MiB`,
    )
  }
  await client.reset({ now: true })
  await wire.seesEnd()
}
