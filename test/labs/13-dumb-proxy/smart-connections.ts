import type { Check } from '../../../workbook/grading/check.ts'
import * as m from './messages.ts'
import { get, KEEP_ALIVE, message, post } from './messages.ts'
import * as s from './scenes.ts'
import { answerWith, answerWithTarget, endsAt, exchange } from './scenes.ts'
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
    const { connection } = await exchange(c, client, origin, parts)
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

export async function closeIsAnOption(c: Check): Promise<void> {
  const { server, listener, origin } = await smart(c)
  for (const fields of m.SAYS_CLOSE) {
    const client = await c.connect(server.port)
    await exchange(c, client, origin, { fields })
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

export async function twoAtOnce(c: Check): Promise<void> {
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
}

/** It resets before its answer, in the middle of it, or while its request stands behind another one. */
export async function resetDisturbsNobody(c: Check): Promise<void> {
  for (const when of [
    'before its answer',
    'within its answer',
    'while another one waits',
    'within its request',
  ] as const) {
    const { server, origin, client } = await smart(c)
    const other = await c.connect(server.port, { name: 'other client' })
    const [request, otherRequest] = [get(c, [], '1.1'), get(c, [], '1.1')]
    const half = when === 'within its request'
    await client.send(half ? request.subarray(0, 30) : request)
    const asked = half ? null : await origin.request()
    const answer = message('HTTP/1.1 200 OK', [], asked?.request.words[1] ?? '')
    if (when === 'within its answer') await asked?.connection.send(answer.subarray(0, 20))
    if (when === 'while another one waits') await other.send(otherRequest)
    await client.reset()
    c.step(`the client has reset ${when}`)
    await asked?.connection.send(when === 'within its answer' ? answer.subarray(20) : answer)
    await c.learner.idle()
    if (when !== 'while another one waits') await other.send(otherRequest)
    await answerWithTarget(await origin.request('the request of the other client at the origin'))
    await expectOwnAnswer(c, other, otherRequest)
    await other.silent()
  }
}

/** Behind a request that ends the connection: in the same piece, before the answer, and after it. */
export async function nothingBehind(c: Check, version: '1.0' | '1.1'): Promise<void> {
  const { server, origin } = await smart(c)
  const last = (): Buffer => get(c, version === '1.1' ? ['Connection: close'] : [KEEP_ALIVE], version)
  for (const when of ['in the same piece', 'before the answer', 'after the FIN'] as const) {
    const client = await c.connect(server.port)
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

const HOUR = 3_600_000

export async function noClock(c: Check): Promise<void> {
  const { server, listener, client, origin } = await smart(c)
  const silent = await c.connect(server.port, { name: 'silent client' })
  await client.send(get(c, [], '1.1'))
  const { connection } = await origin.request()
  await c.learner.tick(HOUR)
  c.step('the origin has taken an hour')
  await answerWith(c, client, connection)
  await c.learner.tick(HOUR)
  for (const end of [client, silent, connection]) await end.staysOpen()
  await exchange(c, client, origin)
  await exchange(c, silent, origin)
  c.expect(listener.accepted === 1, 'the same connection to the origin after an hour', 'another one')
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
  for (const part of [1, 40, -1]) {
    const { server, origin, client } = await smart(c)
    await exchange(c, client, origin)
    const request = post(c, [], '1.1')
    await client.send(request.subarray(0, part))
    await c.learner.idle()
    const closed = server.close()
    await closed.staysPending()
    await staysAt(c, 'client', client, 'its request has begun')
    await client.send(request.subarray(part))
    const asked = await origin.request()
    await answerWithTarget(asked)
    await expectOwnAnswer(c, client, request)
    await finAt(c, 'client', client, 'behind its answer')
    await s.allLeave(c, [client, asked.connection], closed)
  }
}

/** Each connection may go by a reset, before close() and during it. */
export async function closesWithResets(c: Check): Promise<void> {
  for (const who of ['client', 'origin'] as const) {
    const { server, origin, client } = await smart(c)
    const { connection } = await exchange(c, client, origin)
    await client.send(get(c, [], '1.1'))
    const asked = await origin.request()
    const closed = server.close()
    await closed.staysPending()
    if (who === 'client') {
      await client.reset()
      await answerWithTarget(asked)
      await endsAt(c, 'origin', connection)
      await connection.fin()
    } else {
      await answerWithTarget(asked)
      await finAt(c, 'client', client, 'behind its answer')
      await client.fin()
      await endsAt(c, 'origin', connection)
      await connection.reset()
    }
    await closed
    await c.learner.leavesNothing()
  }
  const { server, client } = await smart(c)
  await client.reset()
  await server.close()
  await c.learner.leavesNothing()
}
