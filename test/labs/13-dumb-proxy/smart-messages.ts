import type { Check } from '../../../workbook/grading/check.ts'
import * as f from './fields.ts'
import * as m from './messages.ts'
import { awkwardBody, chunked, drawNames, get, longBody, message, post } from './messages.ts'
import * as s from './scenes.ts'
import {
  answerWith,
  answerWithTarget,
  endsAt,
  exchange,
  expectOwnAnswer,
  finAt,
  smart,
  staysAt,
} from './scenes.ts'

/** What a smart proxy does to messages: all kinds of them, whole and cut. */

export async function startLines(c: Check): Promise<void> {
  const { client, origin } = await smart(c)
  const word = c.random.word()
  for (const [method, target, status, withBody] of [
    ['GET', '/', '200 OK', false],
    ['POST', `/${word}?a=b&c=%2F..`, '201 Created', true],
    ['PUT', `//${word}/../x;y=1`, '301 Moved', true],
    ['DELETE', `/${word.toUpperCase()}/%e2%82%ac`, '404 Not Found', true],
    ['OPTIONS', '/HTTP/1.0', '503 Unavailable', false],
    ['GET', `/${'long/'.repeat(400)}`, '418 x', true],
    ['brew', `/${word}`, '299 HTTP/1.0 200 OK', true],
    [`X${word}`, `/?`, '599 ', false],
    // Once more the same: it is asked and answered once more.
    ['POST', `/${word}`, '200 OK', true],
    ['POST', `/${word}`, '404 Not Found', true],
  ] as const) {
    const [sent, answer] = withBody ? [awkwardBody(c), awkwardBody(c)] : ['', '']
    await client.send(message(`${method} ${target} HTTP/1.1`, ['Host: a.example'], sent))
    const { connection, request } = await origin.request()
    c.expectEqual(request.startLine, `${method} ${target} HTTP/1.1`, 'the request line at the origin')
    c.expectBytes(request.body, sent, `the body of ${method} at the origin`)
    await connection.send(message(`HTTP/1.1 ${status}`, [], answer))
    const response = await client.response({ as: `the answer to ${method}` })
    c.expectEqual(response.words[1], status.split(' ')[0], 'the status at the client')
    c.expectBytes(response.body, answer, `the body of the answer to ${method} at the client`)
  }
  await client.silent()
}

export async function longBodies(c: Check): Promise<void> {
  const { client, origin } = await smart(c)
  const bodies = [longBody(c), longBody(c)] as const
  for (const inChunks of [false, true]) {
    const frame = (startLine: string, body: Buffer): Buffer =>
      inChunks ? chunked(c, startLine, body) : message(startLine, ['Host: a.example'], body)
    await client.send(frame('POST /long HTTP/1.1', bodies[0]))
    await c.blame(inChunks ? 'R7' : 'R4', async () => {
      const { connection, request } = await origin.request()
      c.expectBytes(request.body, bodies[0], 'the body at the origin')
      await connection.send(frame('HTTP/1.1 200 OK', bodies[1]))
      c.expectBytes((await client.response()).body, bodies[1], 'the body at the client')
    })
  }
}

/** The FIN comes behind the request that is in progress, or in the same piece with two of them. */
export async function halfClosed(c: Check): Promise<void> {
  for (const count of [1, 2]) {
    const { client, origin } = await smart(c)
    const requests = Array.from({ length: count }, () => get(c, [], '1.1'))
    await client.send(Buffer.concat(requests))
    if (count === 1) await c.learner.idle()
    await client.fin()
    c.step('the client has sent FIN')
    for (const _ of requests) {
      const asked = await origin.request()
      await staysAt(c, 'client', client, 'its answer is due')
      await answerWithTarget(asked)
    }
    for (const request of requests) await expectOwnAnswer(c, client, request)
    await finAt(c, 'client', client, 'behind the last answer')
  }
}

export async function noHttp(c: Check): Promise<void> {
  const { server, listener, origin, client } = await smart(c)
  await exchange(c, client, origin)
  for (const text of [
    'how do you do\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'GET /\r\nHost: a.example\r\n\r\n',
  ]) {
    const stranger = await c.connect(server.port, { name: 'stranger' })
    await stranger.send(text)
    await endsAt(
      c,
      'stranger',
      stranger,
      `behind ${JSON.stringify(text.slice(0, 14))} the end of the connection`,
    )
    const { unread } = stranger
    const isRefusal = unread.length === 0 || /^HTTP\/1\.1 [45]/.test(unread.toString('latin1'))
    c.expect(isRefusal, 'an error status, or nothing', JSON.stringify(unread.toString('latin1', 0, 40)))
    await stranger.fin()
  }
  c.expect(!origin.hasRequest(), 'nothing of it at the origin', 'a request at the origin')
  const saw = `${listener.accepted} connections to the origin`
  c.expect(listener.accepted === 1, 'no connection to the origin for what is no request', saw)
  await exchange(c, client, origin)
}

// --- fields ---

const EVERYBODYS = {
  request: [
    'Cache-Control',
    'Authorization',
    'Cookie',
    'Accept',
    'Content-Type',
    'Date',
    'Trailer',
    'User-Agent',
  ],
  response: ['Cache-Control', 'Set-Cookie', 'ETag', 'Vary', 'Content-Type', 'Date', 'Trailer', 'Age'],
}

export async function namesEverybodys(c: Check): Promise<void> {
  const ends = await smart(c)
  for (const direction of ['request', 'response'] as const) {
    const names = EVERYBODYS[direction]
    const lines = names.map((name) => `${name}: ${c.random.word()}`)
    const passed = await s.pass(c, ends, direction, [...lines, `Connection: ${names.join(', ')}`])
    for (const name of names) f.absent(c, passed, direction, name, 'Connection names it')
    const next = await s.pass(c, ends, direction, lines)
    await c.blame('R6', () => f.endToEnd(c, next, direction, lines))
  }
}

export async function hopEndsHere(c: Check): Promise<void> {
  const ends = await smart(c)
  for (const direction of ['request', 'response'] as const) {
    const mark = c.random.word()
    const fields = [`Keep-Alive: timeout=5, ${mark}`, `TE: ${mark};q=0.5`, `Upgrade: ${mark}/1`]
    const shouted = fields.map((line) => line.replace(/^[^:]+/, (name) => name.toUpperCase()))
    for (const lines of [fields, shouted, [...shouted, ...fields]]) {
      const own = ['Proxy-Connection: keep-alive', 'proxy-connection: close']
      const passed = await s.pass(c, ends, direction, [...own, ...lines])
      f.absent(c, passed, direction, 'Proxy-Connection', 'it belongs to the hop')
      for (const [name = ''] of fields.map((line) => line.split(':'))) {
        // A field of this name that does not hold the mark is the proxy's own.
        const value = passed.header(name) ?? ''
        const expected = `nothing of the sender's ${name} ${f.place(direction)}: it belongs to the hop`
        c.expect(!value.includes(mark), expected, `${name}: ${value}`)
      }
    }
  }
}

export async function othersGoOn(c: Check): Promise<void> {
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
    `${x}: 1`,
    `${x}: 2`,
    `${y}-More: the longer name is another one`,
    'Connection-Id: 1',
    'Keep-Alive-For: 5',
    'Test: begins as TE does',
    'Accept-TE: ends so',
    'X-Content-Length: 7',
    'X-Transfer-Encoding: chunked',
    'X-Connection: close',
    'Proxy-Connection-Id: 2',
    'Content-Encoding: identity',
    `${x}_!#: a:b  c\t"d" \xe9\xff`,
    'X-Empty: ',
    `X-Long: ${'x'.repeat(9_000)}`,
  ]
  const request = [
    'Proxy-Authorization: Basic dTpw',
    'Authorization: Basic dTpw',
    'Max-Forwards: 5',
    ...lines,
  ]
  const option = `Connection: ${y}-Mor, keep-alive`
  for (const [direction, sent] of [
    ['request', request],
    ['response', ['Server: a', 'Date: now', ...lines]],
  ] as const) {
    f.endToEnd(c, await s.pass(c, ends, direction, [option, ...sent]), direction, sent)
  }
  // Named in one direction, it goes on in the other.
  const parts = { fields: [`Connection: ${x}`, `${x}: 1`], answerFields: [`${x}: 1`] }
  f.endToEnd(c, (await exchange(c, ends.client, ends.origin, parts)).response, 'response', [`${x}: 1`])
  const { client, origin } = ends
  for (const host of ['b.example:8080', '']) {
    await client.send(message('GET / HTTP/1.1', [`Host: ${host}`]))
    const asked = await origin.request()
    f.endToEnd(c, asked.request, 'request', [`Host: ${host}`])
    await answerWith(c, client, asked.connection)
  }
}

// --- frames ---

/** Cut where a frame has its joints; in another spelling; with the frame's own field named as an option. */
export async function frames(c: Check): Promise<void> {
  const { client, origin } = await smart(c)
  const body = Buffer.from(`${c.random.word()}\r\n0\r\n\r\n`)
  for (const [coding, fields] of [
    ['chunked', []],
    ['Chunked', ['Connection: Transfer-Encoding']],
    ['CHUNKED ', ['Connection: Content-Length, Trailer']],
  ] as const) {
    const frame = (startLine: string): Buffer[] => {
      const text = chunked(c, startLine, body, { fields }).toString('latin1').replace('chunked', coding)
      const headEnd = text.indexOf('\r\n\r\n')
      const joints = [0, headEnd + 1, headEnd + 4, headEnd + 6, headEnd + 7, text.length - 3, text.length - 1]
      return joints.map((from, at) => Buffer.from(text.slice(from, joints[at + 1]), 'latin1'))
    }
    await client.sendInParts(frame('POST /a HTTP/1.1'))
    const { connection, request } = await origin.request()
    c.expectBytes(request.body, body, `the body at the origin, sent with Transfer-Encoding: ${coding}`)
    await connection.sendInParts(frame('HTTP/1.1 200 OK'))
    const response = await client.response()
    c.expectBytes(response.body, body, `the body at the client, sent with Transfer-Encoding: ${coding}`)
    await client.silent()
  }
  await emptyBodies(c)
}

/** A body of no bytes is framed like any other. */
async function emptyBodies(c: Check): Promise<void> {
  const { client, origin } = await smart(c)
  const none = Buffer.alloc(0)
  await client.send(chunked(c, 'POST /a HTTP/1.1', none))
  const { connection, request } = await origin.request()
  c.expectBytes(request.body, none, 'the body at the origin')
  await connection.send(chunked(c, 'HTTP/1.1 200 OK', none))
  c.expectBytes((await client.response()).body, none, 'the body at the client')
  await exchange(c, client, origin)
}

/** How an answer may be cut: what has come of it, and how it ended. */
function cuts(c: Check, told: 'length' | 'frame'): ReadonlyArray<readonly [string, Buffer, 'fin' | 'reset']> {
  const whole = message('HTTP/1.1 200 OK', [], awkwardBody(c))
  const inChunks = chunked(c, 'HTTP/1.1 200 OK', awkwardBody(c))
  const [bodyAt, chunksAt] = [whole, inChunks].map((bytes) => bytes.indexOf('\r\n\r\n') + 4) as [
    number,
    number,
  ]
  // The size of the last chunk may be spelled with several zeros: none of them has come.
  const lastAt = inChunks.lastIndexOf('\n', inChunks.lastIndexOf('\r\nX-Checksum')) + 1
  if (told === 'length') {
    return [
      ['ended before it began', whole.subarray(0, 0), 'fin'],
      ['was reset before it began', whole.subarray(0, 0), 'reset'],
      ['ended within its head', whole.subarray(0, 20), 'fin'],
      ['ended behind its head', whole.subarray(0, bodyAt), 'fin'],
      ['ended before its Content-Length', whole.subarray(0, -1), 'fin'],
      ['was reset before its Content-Length', whole.subarray(0, bodyAt + 60), 'reset'],
    ]
  }
  return [
    ['ended before its first chunk', inChunks.subarray(0, chunksAt), 'fin'],
    // Behind the first byte of its data: in a line of its size, a cut could make another size of it.
    ['ended within a chunk', inChunks.subarray(0, inChunks.indexOf('\r\n', chunksAt) + 3), 'fin'],
    ['ended before its last chunk', inChunks.subarray(0, lastAt), 'fin'],
    ['ended before its trailer section did', inChunks.subarray(0, -3), 'fin'],
    ['was reset before its last chunk', inChunks.subarray(0, lastAt), 'reset'],
    ['had no length and was reset', m.untilFin(awkwardBody(c)), 'reset'],
  ]
}

export async function cutShort(c: Check, told: 'length' | 'frame'): Promise<void> {
  const { server, origin } = await smart(c)
  for (const [how, bytes, end] of cuts(c, told)) {
    const client = await c.connect(server.port)
    // A request that may not be sent again: nothing but this answer can come.
    await client.send(post(c, [], '1.1'))
    const { connection } = await origin.request()
    await connection.send(bytes)
    await connection[end]()
    await s.notTakenForWhole(c, client, how)
    await client.fin()
    const next = await c.connect(server.port, { name: 'next client' })
    await exchange(c, next, origin)
    await next.fin()
  }
}
