import type { Call, Check, Connection, Listener } from '../../../workbook/grading/check.ts'
import { get, message, type Version } from './messages.ts'
import type { Direction } from './fields.ts'
import type { Due, End } from './model.ts'

/** The two ends of a proxy, what passes between them, and what lab 13 expects there. */

export type Smart = Awaited<ReturnType<typeof smart>>
export type Origin = ReturnType<typeof originOf>
type Asked = Awaited<ReturnType<Origin['request']>>

export const addressOf = ({ port }: Listener) => ({ host: '127.0.0.1', port })

// --- the dumb proxy ---

export async function dumb(c: Check, ...options: Array<{ readonly after?: 'wait-for-origin' | 'close' }>) {
  const listener = await c.listen({ name: 'origin' })
  const server = await c.learner.serve('startDumbProxy', addressOf(listener), ...options)
  return { server, listener, client: await c.connect(server.port) }
}

/** Everything that has come, and nothing else. */
export async function cameUnchanged(c: Check, end: Connection, bytes: Buffer, where: string): Promise<void> {
  await c.learner.idle()
  c.expectBytes(end.unread, bytes, `the bytes at the ${where}`)
  await end.take(bytes.length)
}

export async function reachOrigin(
  c: Check,
  client: Connection,
  listener: Listener,
  parts: readonly Buffer[],
) {
  await client.sendInParts(parts)
  const origin = await listener.connection()
  await cameUnchanged(c, origin, Buffer.concat(parts), 'origin')
  return origin
}

/** Each piece is with the client before the next one is sent. */
export async function passAsTheyCome(c: Check, origin: Connection, client: Connection, parts: Buffer[]) {
  for (const part of parts) {
    await origin.send(part)
    await cameUnchanged(c, client, part, 'client')
    await client.staysOpen()
  }
}

/** The origin answers and closes, and the client gets both. */
export async function answeredToTheEnd(c: Check, client: Connection, origin: Connection): Promise<void> {
  const answer = message('HTTP/1.0 200 OK', [], c.random.bytes(40))
  await origin.send(answer)
  await cameUnchanged(c, client, answer, 'client')
  await origin.fin()
  await endsAt(c, 'client', client)
  await endsAt(c, 'origin', origin)
  await client.fin()
}

export async function nothingForwarded(c: Check, origin: Connection, listener: Listener): Promise<void> {
  await c.learner.idle()
  const forwarded = origin.unread.length > 0 || listener.accepted > 1
  const expected = 'one request at the origin: a dumb proxy is deaf once it relays'
  c.expect(!forwarded, expected, 'a second request at the origin')
}

/** Whatever the proxy has connected to, it has sent nothing there. */
export async function nothingAtOrigin(c: Check, listener: Listener, what: string): Promise<void> {
  await c.learner.idle()
  if (listener.accepted === 0) return
  const { unread } = await listener.connection()
  c.expect(unread.length === 0, `nothing of ${what} at the origin`, `${unread.length} bytes`)
}

/** What a client gets is up to the proxy; afterwards the origin is back. */
export async function unreachable(c: Check, start: 'startDumbProxy' | 'startSmartProxy'): Promise<void> {
  const listener = await c.listen({ name: 'origin' })
  const next = { host: '192.0.2.1', port: 80 }
  c.learner.permit(next.host, next.port, 'refused')
  const server = await c.learner.serve(start, next)
  const idle = await c.connect(server.port, { name: 'idle client' })
  const client = await c.connect(server.port)
  await client.send(get(c, [], '1.1'))
  await staysAt(c, 'idle client', idle, 'it has asked for nothing')
  await client.fin()
  c.learner.permit(next.host, next.port, listener)
  await idle.send(get(c, [], '1.1'))
  const origin = await listener.connection({
    as: 'a connection for the idle client, now that the origin is back',
  })
  await origin.request()
  await answerWith(c, idle, origin)
}

// --- the smart proxy ---

export async function smart(c: Check) {
  const listener = await c.listen({ name: 'origin' })
  const server = await c.learner.serve('startSmartProxy', addressOf(listener))
  return { server, listener, origin: originOf(c, listener), client: await c.connect(server.port) }
}

/** The origin behind a proxy, on however many connections. */
export function originOf(c: Check, listener: Listener) {
  const connections: Connection[] = []
  const asking = () => connections.findLast(({ unread }) => unread.length > 0)
  return {
    hasRequest: () => listener.accepted > connections.length || asking() !== undefined,
    async request(as = 'the request at the origin') {
      if (listener.accepted === 0) connections.push(await listener.connection({ as }))
      await c.learner.idle()
      while (listener.accepted > connections.length) connections.push(await listener.connection())
      const connection = asking() ?? c.fail(as, 'nothing: your proxy is idle')
      return { connection, request: await connection.request({ as }) }
    },
  }
}

interface Parts {
  readonly version?: Version
  readonly fields?: readonly string[]
  readonly answerVersion?: Version
  readonly answerFields?: readonly string[]
}

/** One request and its answer, through a smart proxy, both of them whole. */
export async function exchange(c: Check, client: Connection, origin: Origin, parts: Parts = {}) {
  await client.send(get(c, parts.fields ?? [], parts.version ?? '1.1'))
  const { connection, request } = await origin.request()
  return { connection, request, response: await answerWith(c, client, connection, parts) }
}

export async function answerWith(c: Check, client: Connection, connection: Connection, parts: Parts = {}) {
  const body = c.random.word()
  const { answerVersion = '1.1', answerFields = [] } = parts
  await connection.send(message(`HTTP/${answerVersion} 200 OK`, answerFields, body))
  const response = await client.response()
  c.expectBytes(response.body, body, 'the body at the client')
  return response
}

/** The body of the answer is the target that was asked for, so that nobody can take it for another's. */
export async function answerWithTarget({ connection, request }: Asked): Promise<void> {
  await connection.send(message('HTTP/1.1 200 OK', [], request.words[1]))
}

export async function expectOwnAnswer(c: Check, client: Connection, request: Buffer): Promise<void> {
  const [method, target = ''] = request.toString('latin1').split(' ')
  const { body } = await client.response({ as: `the answer to ${method} ${target}` })
  c.expectBytes(body, target, `the body at the client that asked for ${target}`)
}

/** A request or an answer with these fields, as it looks behind the proxy. */
export async function pass(
  c: Check,
  { client, origin }: Pick<Smart, 'client' | 'origin'>,
  direction: Direction,
  fields: readonly string[],
) {
  const parts = direction === 'request' ? { fields } : { answerFields: fields }
  return (await exchange(c, client, origin, parts))[direction]
}

/** What the client has got is an error of the proxy's own, or is visibly not whole. */
export async function notTakenForWhole(c: Check, client: Connection, how: string): Promise<void> {
  await c.learner.idle()
  const { unread, ended } = client
  const headEnd = unread.indexOf('\r\n\r\n')
  const [head, body] = [unread.toString('latin1', 0, headEnd), unread.subarray(headEnd + 4)]
  if (/^HTTP\/1\.1 5\d\d /.test(head)) return
  const expected = `an error status or an early end: the origin's answer ${how}`
  const looksWhole = isWhole(unread) && ended !== 'RST'
  c.expect(!looksWhole, expected, `an answer of ${body.length} bytes that looks whole`)
  c.expect(ended !== 'open', expected, `${unread.length} bytes, and the connection open: the client waits on`)
}

/** Whether a reader would take this for a message; one without a length ends with its head, or with the FIN. */
export function isWhole(bytes: Buffer): boolean {
  const headEnd = bytes.indexOf('\r\n\r\n')
  const head = bytes.toString('latin1', 0, headEnd)
  if (/^transfer-encoding: *chunked/im.test(head)) return hasLastChunk(bytes, headEnd + 4)
  const length = /^content-length: *(\d+)/im.exec(head)?.[1] ?? 0
  return headEnd >= 0 && bytes.length >= headEnd + 4 + Number(length)
}

/** From size to size: a body may hold what looks like the last chunk. */
function hasLastChunk(bytes: Buffer, from: number): boolean {
  for (let at = from; at < bytes.length;) {
    const end = bytes.indexOf('\r\n', at)
    const size = end < 0 ? Number.NaN : Number.parseInt(bytes.toString('latin1', at, end), 16)
    if (Number.isNaN(size)) return false
    if (size === 0) return bytes.includes('\r\n\r\n', end)
    at = end + 2 + size + 2
  }
  return false
}

// --- ends ---

/** `where` tells which of two connections it is: the client's, or the origin's. */
export async function endsAt(c: Check, where: string, end: Connection, how = 'the end of the connection') {
  await c.learner.idle()
  const saw = `nothing: your proxy is idle, the connection to the ${where} open`
  c.expect(end.ended !== 'open', `${how} to the ${where}`, saw)
}

export async function finAt(c: Check, where: string, end: Connection, behind: string): Promise<void> {
  await endsAt(c, where, end, `FIN ${behind} on the connection`)
  c.expect(end.ended === 'FIN', `FIN ${behind} on the connection to the ${where}`, end.ended)
}

export async function staysAt(c: Check, where: string, end: Connection, why: string): Promise<void> {
  await c.learner.idle()
  c.expect(end.ended === 'open', `the connection to the ${where} still open: ${why}`, `${end.ended} from you`)
}

/** The other ends follow, so that everything can be gone. */
export async function allLeave(c: Check, ends: readonly Connection[], closed: Call<void>): Promise<void> {
  for (const end of ends) {
    await end.seesEnd()
    await end.fin()
  }
  await closed
  await c.learner.leavesNothing()
}

/** What the model says of a connection, beside what is there. The proxy is proven idle. */
export function expectEnd(c: Check, where: string, { ended }: Connection, due: Due<End>): void {
  const holds = { open: ended === 'open', FIN: ended === 'FIN', ended: ended !== 'open', either: true }[
    due.value
  ]
  const wanted = {
    open: `the connection to the ${where} still open`,
    FIN: `FIN on the connection to the ${where}`,
    ended: `the end of the connection to the ${where}`,
    either: '',
  }[due.value]
  const saw =
    ended === 'open'
      ? `nothing: your proxy is idle, the connection to the ${where} open`
      : `${ended} from you on the connection to the ${where}`
  c.expect(holds, `${wanted}: ${due.why}`, saw)
}

/** The proxy is proven idle, and a connection is open. */
export function expectPending(c: Check, closed: Call<void>): void {
  c.expect(!closed.settled, 'close() still pending: a connection is open', 'it has resolved')
}

/** The origins end, then the clients, and close() has nothing left to wait for. */
export async function leaveAll(
  c: Check,
  origins: ReadonlyArray<Connection | null>,
  clients: readonly Connection[],
  closed: Call<void>,
) {
  for (const origin of origins) await origin?.fin()
  await c.learner.idle()
  for (const client of clients) await client.fin()
  await closed
  await c.learner.leavesNothing()
}
