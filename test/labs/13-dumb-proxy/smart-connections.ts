import type { Check, Connection } from '../../../workbook/grading/check.ts'
import * as m from './messages.ts'
import { get, KEEP_ALIVE, post } from './messages.ts'
import * as s from './scenes.ts'
import { answerWith, answerWithTarget, exchange } from './scenes.ts'
import { expectOwnAnswer, finAt, smart, staysAt } from './scenes.ts'

/** The connections of the smart proxy, in the states in which its promises break. */

/** How an origin ends its connection: what its answer says, what it does, and whether that is for us to end. */
const ENDINGS = [
  ...m.SAYS_CLOSE.map(
    (fields) => [`says ${fields.join(', ')}`, { answerFields: fields }, null, true] as const,
  ),
  ['answers in HTTP/1.0', { answerVersion: '1.0' }, null, true],
  ['answers in HTTP/1.0 with keep-alive', { answerVersion: '1.0', answerFields: [KEEP_ALIVE] }, null, true],
  ['says close and ends', { answerFields: ['Connection: close'] }, 'fin', true],
  ['closes while idle', {}, 'fin', true],
  ['resets while idle', {}, 'reset', false],
] as const

export async function originEnds(c: Check): Promise<void> {
  const { client, origin } = await smart(c)
  for (const [how, parts, end, weEnd] of ENDINGS) {
    const { connection, response } = await exchange(c, client, origin, parts)
    const isRelayed = m.optionsOf(response).includes('close')
    c.expect(!isRelayed, 'no close to the client: its connection is kept', 'Connection: close')
    if (end) await connection[end]()
    c.step(`an origin that ${how}`)
    await staysAt(c, 'client', client, `the origin ${how}`)
    // Whoever has read an answer with close closes, and waits for nobody (RFC 9112 §9.6).
    const waits = 'the connection open: your proxy waits for the origin to end it'
    const expected = `the end of a connection that is not used again: the origin ${how}`
    c.expect(!weEnd || connection.ended !== 'open', expected, waits)
    const next = await exchange(c, client, origin)
    const saw = 'the next request on a connection that was at its end'
    c.expect(next.connection !== connection, 'a new connection to the origin', saw)
  }
}

/** What a proxy makes of bytes for which nobody has asked is its own affair; what it does not use again, it ends. */
export async function usedOrEnded(c: Check): Promise<void> {
  const whole = m.message('HTTP/1.1 200 OK', [], 'asked for by nobody')
  for (const [what, bytes] of [
    ['a whole answer', whole],
    ['a part of an answer', whole.subarray(0, -3)],
    ['a byte', whole.subarray(0, 1)],
  ] as const) {
    const { client, origin } = await smart(c)
    const { connection } = await exchange(c, client, origin)
    await connection.send(bytes)
    await staysAt(c, 'client', client, `the origin has sent ${what} for which nobody had asked`)
    await client.send(get(c, [], '1.1'))
    const next = await origin.request()
    const expected = 'the next request on the connection to the origin that is kept, or the end of that one'
    const saw = `it is open, though it is passed over since ${what} has come for which nobody had asked`
    c.expect(next.connection === connection || connection.ended !== 'open', expected, saw)
    await client.reset({ now: true })
  }
}

export async function closeIsAnOption(c: Check): Promise<void> {
  const { server, listener, origin } = await smart(c)
  for (const fields of m.SAYS_CLOSE) {
    const client = await c.connect(server.port)
    const { request } = await exchange(c, client, origin, { fields })
    const isRelayed = m.optionsOf(request).includes('close')
    c.expect(!isRelayed, 'no close to the origin: its connection is kept', 'Connection: close')
    await finAt(c, 'client', client, `behind the answer to ${fields.join(', ')}`)
    await client.fin()
  }
  for (const fields of m.SAYS_NO_CLOSE) {
    const client = await c.connect(server.port)
    await exchange(c, client, origin, { fields, answerFields: fields })
    await staysAt(c, 'client', client, `nobody has said close: ${fields.join(', ')}`)
    const { accepted } = listener
    await exchange(c, client, origin)
    const expected = `the same connection to the origin: it has not said close: ${fields.join(', ')}`
    c.expect(listener.accepted === accepted, expected, 'another one')
    await client.fin()
  }
}

/** On a new proxy, on what it has kept from that, and where it has kept one connection for the two of them. */
export async function twoAtOnce(c: Check): Promise<void> {
  for (const isKept of [false, true]) {
    const { server, client, origin } = await smart(c)
    const other = await c.connect(server.port, { name: 'other client' })
    if (isKept) await exchange(c, client, origin)
    else await askAtOnce(c, origin, client, other)
    await askAtOnce(c, origin, client, other)
  }
}

async function askAtOnce(c: Check, origin: s.Origin, client: Connection, other: Connection): Promise<void> {
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
}

/**
 * Behind a request that ends the connection: in the same piece, before the answer, and after it. It is the first one of
 * the connection, or stands behind one that keeps it.
 */
export async function nothingBehind(c: Check, version: '1.0' | '1.1'): Promise<void> {
  const { server, origin } = await smart(c)
  const last = (): Buffer => get(c, version === '1.1' ? ['Connection: close'] : [KEEP_ALIVE], version)
  const moments = ['in the same piece', 'before the answer', 'after the FIN'] as const
  for (const [at, when] of [...moments, ...moments].entries()) {
    const client = await c.connect(server.port)
    if (at >= moments.length) await exchange(c, client, origin)
    const [request, behind] = [last(), get(c, [], version)]
    await client.send(when === 'in the same piece' ? Buffer.concat([request, behind]) : request)
    const asked = await origin.request()
    if (when === 'before the answer') await client.send(behind)
    await c.learner.idle()
    const expected = `nothing at the origin of a request behind the last one (${when})`
    c.expect(!origin.hasRequest(), expected, 'a request')
    await answerWithTarget(asked)
    await expectOwnAnswer(c, client, request)
    await finAt(c, 'client', client, 'behind the answer')
    if (when === 'after the FIN') await client.send(behind)
    await c.learner.idle()
    c.expect(!origin.hasRequest(), expected, 'a request')
    c.expect(client.unread.length === 0, 'nothing behind the last answer', `${client.unread.length} bytes`)
    if (client.ended === 'FIN') await client.fin()
  }
}

export async function oldClients(c: Check): Promise<void> {
  const { server, listener, origin } = await smart(c)
  const requests = [
    [KEEP_ALIVE],
    [],
    ['Proxy-Connection: keep-alive'],
    [KEEP_ALIVE, 'Keep-Alive: timeout=60'],
  ]
  for (const [fields, draw] of [
    ...requests.map((lines) => [lines, get] as const),
    [[KEEP_ALIVE], post] as const,
  ]) {
    const client = await c.connect(server.port, { name: 'old client' })
    await client.send(draw(c, fields, '1.0'))
    const { connection } = await origin.request()
    await staysAt(c, 'old client', client, 'its answer is due')
    const response = await answerWith(c, client, connection, { answerFields: fields })
    c.expect(!m.optionsOf(response).includes('keep-alive'), 'no promise to keep the connection', KEEP_ALIVE)
    await c.learner.idle()
    c.expect(client.ended !== 'open', 'FIN behind the answer', 'an HTTP/1.0 client that is kept')
    await client.sees('FIN')
    await client.fin()
  }
  const saw = `${listener.accepted} connections`
  c.expect(listener.accepted === 1, 'one connection to the origin, which keeps its own', saw)
}

// --- close() ---

/** It comes while a part of a request is there: the rest follows, and is answered. */
export async function closesBetweenBytes(c: Check): Promise<void> {
  for (const part of [1, -1]) {
    const { server, origin, client } = await smart(c)
    await exchange(c, client, origin)
    const request = post(c, [], '1.1')
    await client.send(request.subarray(0, part))
    await c.learner.idle()
    const closed = server.close()
    await closed.staysPending('a request has begun to come')
    await staysAt(c, 'client', client, 'its request has begun')
    await client.send(request.subarray(part))
    const asked = await origin.request()
    await answerWithTarget(asked)
    await expectOwnAnswer(c, client, request)
    await finAt(c, 'client', client, 'behind its answer')
    await s.allLeave(c, [client, asked.connection], closed)
  }
}
