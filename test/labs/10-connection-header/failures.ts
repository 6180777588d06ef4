import type { Check, Connection } from '../../../workbook/grading/check.ts'
import { awkwardBody, isWhole, message } from './messages.ts'
import { ends, packed, type Ends } from './scenes.ts'

/** Next hops that fail, clients that are gone, and what nobody can read. */

export async function unreachable(c: Check): Promise<void> {
  const listener = await c.listen({ name: 'next hop' })
  const next = { host: '192.0.2.1', port: 80 }
  c.learner.permit(next.host, next.port, 'refused')
  const server = await c.learner.serve('startHop', next, { name: c.random.word() })
  const idle = await c.connect(server.port, { name: 'idle client' })
  const client = await c.connect(server.port)
  await client.send(`GET /${c.random.word()} HTTP/1.1\r\nHost: a.example\r\n\r\n`)
  await notTakenForWhole(c, client, 'the next hop cannot be reached')
  await idle.staysOpen()
  c.learner.permit(next.host, next.port, listener)
  await idle.send(`GET /${c.random.word()} HTTP/1.1\r\nHost: a.example\r\n\r\n`)
  const connection = await listener.connection({ as: 'a connection to the next hop, which is back' })
  await connection.request()
  const body = c.random.word()
  await connection.send(message('HTTP/1.1 200 OK', [], body))
  c.expectBytes((await idle.response()).body, body, 'the body at the idle client')
}

/** An answer in each framing, cut before its end. */
export async function cutAnswers(c: Check): Promise<void> {
  const both = await ends(c)
  for (const [how, end] of [
    ['length', 'fin'],
    ['length', 'reset'],
    ['chunks', 'fin'],
    ['chunks', 'reset'],
    ['FIN', 'reset'],
    ['nothing', 'fin'],
    ['nothing', 'reset'],
  ] as const) {
    const client = await c.connect(both.server.port)
    await client.send(message(`POST /${c.random.word()} HTTP/1.1`, ['Host: a.example'], c.random.word()))
    const { connection } = await both.request()
    const answer = how === 'nothing' ? Buffer.alloc(0) : packed(c, 'HTTP/1.1 200 OK', how, awkwardBody(c))
    if (answer.length > 0)
      await connection.send(how === 'FIN' ? answer : answer.subarray(0, -c.random.integer(1, 9)))
    await connection[end]()
    await notTakenForWhole(c, client, `the answer (${how}) was cut with ${end === 'fin' ? 'FIN' : 'a reset'}`)
    await client.fin()
  }
}

/** What the client has got is an error of the hop's own, or is visibly not whole. */
async function notTakenForWhole(c: Check, client: Connection, how: string): Promise<void> {
  await c.learner.idle()
  const { unread, ended } = client
  if (unread.toString('latin1').startsWith('HTTP/1.1 502 ') && isWhole(unread)) return
  const expected = `status 502, or an early end: ${how}`
  const looksWhole = isWhole(unread) && ended !== 'RST'
  c.expect(!looksWhole, expected, `an answer that looks whole: ${unread.toString('latin1', 0, 30)}`)
  c.expect(ended !== 'open', expected, `${unread.length} bytes, and the connection open: the client waits on`)
}

const TWO_LENGTHS = 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'

/** Chunks tell the end of a body only where they are the last coding, and under no other name (RFC 9112 §6.3). */
const NO_END = ['gzip', 'chunked, gzip', 'chunked\r\nTransfer-Encoding: gzip', 'x-chunked', 'chunked-x']

/** What nobody can read goes nowhere, and its connection ends. */
export async function noHttp(c: Check): Promise<void> {
  const both = await ends(c)
  const client = await c.connect(both.server.port)
  for (const text of [
    'how do you do\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'GET /\r\nHost: a.example\r\n\r\n',
    `GET /${c.random.word()} HTTP/1.1\r\nHost : a.example\r\n\r\n`,
    ...['four', '4four', 'four4', '-4', '+4', '0x4'].map(
      (length) =>
        `POST /${c.random.word()} HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${length}\r\n\r\nfour`,
    ),
    ...['4\r\nContent-Length: 5', '5\r\ncontent-length: 4', '4, 5'].map(
      (lengths) =>
        `POST /${c.random.word()} HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${lengths}\r\n\r\nfour5`,
    ),
    ...NO_END.map(
      (coding) =>
        `POST /${c.random.word()} HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`,
    ),
    `POST /${c.random.word()} HTTP/1.1\r\nHost: a.example\r\n${TWO_LENGTHS}`,
  ]) {
    const stranger = await c.connect(both.server.port, { name: 'stranger' })
    await stranger.send(text)
    await c.learner.idle()
    const { unread, ended } = stranger
    // Long enough for the second of two lengths.
    const said = JSON.stringify(text.length > 110 ? `${text.slice(0, 110)}…` : text)
    c.expect(both.listener.accepted === 0, `nothing of ${said} at the next hop`, 'a connection there')
    c.expect(ended !== 'open', `the end of the connection behind ${said}`, 'nothing: your hop is idle')
    const isRefusal = unread.length === 0 || /^HTTP\/1\.1 4\d\d /.test(unread.toString('latin1'))
    c.expect(isRefusal, `a status of 4xx or nothing, for ${said}`, unread.toString('latin1', 0, 40))
    await stranger.fin()
  }
  await client.send(message(`GET /${c.random.word()} HTTP/1.1`, ['Host: a.example']))
  const { connection } = await both.request()
  await connection.send(message('HTTP/1.1 200 OK', [], 'fine'))
  c.expectBytes((await client.response()).body, 'fine', 'the body at the client that waited meanwhile')
}

/** An answer that nobody can read. */
export async function noAnswer(c: Check): Promise<void> {
  const both = await ends(c)
  for (const text of ['how do you do\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n']) {
    const client = await answered(c, both, text)
    await notTakenForWhole(c, client, `the answer was ${JSON.stringify(text.slice(0, 60))}`)
    await client.fin()
  }
}

/** An answer with both lengths is refused, or goes on by its chunks: they override the length (RFC 9112 §6.3). */
export async function bothLengths(c: Check): Promise<void> {
  const both = await ends(c)
  const body = c.random.word()
  const chunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
  const fields = `Content-Length: ${body.length + 3}\r\nTransfer-Encoding: chunked`
  const client = await answered(c, both, `HTTP/1.1 200 OK\r\n${fields}\r\n\r\n${chunks}`)
  await c.learner.idle()
  if (!client.unread.toString('latin1').startsWith('HTTP/1.1 200 ') || !isWhole(client.unread))
    return await notTakenForWhole(c, client, 'the answer had both lengths')
  const seen = (await client.response()).body
  c.expectBytes(seen, body, 'the body of an answer with both lengths: where it goes on, then by its chunks')
}

/** Of its requests one is at the next hop, and one waits: nobody is left who would end a connection for that one. */
export async function goneWithMoreWaiting(c: Check): Promise<void> {
  const both = await ends(c)
  const client = await c.connect(both.server.port)
  const targets = [`/${c.random.word()}/1`, `/${c.random.word()}/2`]
  await client.send(targets.map((target) => `GET ${target} HTTP/1.1\r\nHost: a.example\r\n\r\n`).join(''))
  const lines = [(await both.request(`GET ${targets[0]} at the next hop`)).connection]
  await client.reset()
  await c.learner.idle()
  c.step('the client has reset, with its first request at the next hop and its second one waiting')
  for (const [at, line] of lines.entries()) {
    // Whether the second one still goes on is not said, nor on which connection.
    for (let isAsked = at === 0; isAsked || isWhole(line.unread); isAsked = false) {
      if (!isAsked) await line.request()
      if (line.ended !== 'open') break
      await line.send(message('HTTP/1.1 200 OK', [], 'late'))
      await c.learner.idle()
    }
    if (line.ended !== 'open') await line.fin()
    await c.learner.idle()
    while (both.listener.accepted > lines.length) lines.push(await both.listener.connection())
  }
  const closed = both.server.close()
  await c.learner.idle()
  for (const [at, line] of lines.entries()) {
    const expected = `the end of connection ${at + 1} to the next hop: its client is gone, and close() was called`
    c.expect(line.ended !== 'open', expected, 'nothing: your hop is idle, the connection open')
    await line.fin()
  }
  await closed
  await c.learner.leavesNothing()
}

/** A client whose request has got this answer, and FIN behind it. */
async function answered(c: Check, both: Ends, text: string): Promise<Connection> {
  const client = await c.connect(both.server.port)
  await client.send(message(`POST /${c.random.word()} HTTP/1.1`, ['Host: a.example'], 'a'))
  const { connection } = await both.request()
  await connection.send(text)
  await connection.fin()
  return client
}
