import type { Check, HttpMessage, Call, Connection, Listener } from '../../../workbook/grading/check.ts'
import { WHY } from './predictions.ts'

/**
 * What lab 13 draws: requests and answers in both versions, with the fields that a proxy must tell apart;
 * the chains, their ends, and what it expects there.
 */

export const KEEP_ALIVE = 'Connection: keep-alive'
type Version = '1.0' | '1.1'

export function message(
  startLine: string,
  fields: readonly string[],
  body: string | Uint8Array = '',
): Buffer {
  const content = Buffer.from(body as string)
  const isPlainGet = startLine.startsWith('GET ')
  const lines = [startLine, ...fields, ...(isPlainGet ? [] : [`Content-Length: ${content.length}`])]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), content])
}

export function get(c: Check, fields: readonly string[], version: Version): Buffer {
  return message(`GET /${c.random.word()} HTTP/${version}`, ['Host: a.example', ...fields])
}

/** In chunks of random sizes, with a trailer section. */
export function chunked(c: Check, startLine: string, body: Buffer): Buffer {
  const chunks = c.random.split(body).flatMap((chunk) => [`${chunk.length.toString(16)}\r\n`, chunk, '\r\n'])
  const head = `${startLine}\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n`
  const parts = [head, ...chunks, `0\r\nX-Checksum: ${c.random.word()}\r\n\r\n`]
  return Buffer.concat(parts.map((part) => Buffer.from(part as string)))
}

/** No text, and with what looks like the end of a head, a chunk and a message. */
export function awkwardBody(c: Check): Buffer {
  const traps = Buffer.from('\r\n\r\n0\r\n\r\nGET /trap HTTP/1.1\r\n\r\n')
  return Buffer.concat([c.random.bytes(c.random.integer(50, 900)), traps, c.random.bytes(300)])
}

/** Everything that a smart proxy would take out, in odd spellings. */
export function hopFields(c: Check): string[] {
  const [name = ''] = drawNames(c, 1)
  const fields = [`connection:Keep-Alive,  ${name}`, `${name}: 1`, 'Keep-Alive: timeout=5', 'TE: trailers']
  return [...fields, 'Proxy-Connection: keep-alive']
}

export function drawNames(c: Check, count: number, prefix = 'X-'): string[] {
  const names = new Set<string>()
  while (names.size < count) names.add(prefix + c.random.word().replace(/^./, (a) => a.toUpperCase()))
  return [...names]
}

export function optionsOf(passed: HttpMessage): string[] {
  return (passed.header('connection') ?? '').toLowerCase().split(/[ \t]*,[ \t]*/)
}

export type Kind = 'dumb' | 'old' | 'yours'

/** What passed between two neighbours of a chain. */
export type Hop = Readonly<{ from: string; to: string; kind: string; head?: string }>

// --- chains ---

/** Two requests of an HTTP/1.0 client that asks with Proxy-Connection, and what becomes of them. */
export async function travelTwice(c: Check, chain: readonly Kind[]) {
  const names = chain.map((kind, at) => (kind === 'dumb' ? kind : at === 0 ? 'smart' : 'far smart'))
  const path = ['client', ...names, 'origin']
  const listener = await c.listen({ name: 'origin' })
  const { port } = await buildChain(c, path, chain, listener.port)
  const origin = originOf(c, listener)
  const ask = async (end: Connection): Promise<void> => {
    await end.send(get(c, ['Proxy-Connection: keep-alive'], '1.0'))
    await c.learner.idle()
  }
  const client = await c.connect(port)
  await ask(client)
  await answerAsAsked(c, origin, client)
  const kept = client.ended === 'open'
  if (!kept) await client.fin()
  const next = kept ? client : await c.connect(port, { name: 'client again' })
  await ask(next)
  const hung = !origin.hasRequest()
  if (hung) await next.silent()
  else await answerAsAsked(c, origin, next)
  return { kept, hung, hops: await c.learner.make<Hop[]>('recordedHops') }
}

export const outcome = (kept: boolean, hung: boolean): string =>
  `${kept ? 'the client kept' : 'FIN behind the first answer'}, the second request ${hung ? 'never ' : ''}answered`

/** From the origin to the client: each proxy must know where the next one listens. A tap is on every hop. */
async function buildChain(c: Check, path: readonly string[], chain: readonly Kind[], originPort: number) {
  let next = { host: '127.0.0.1', port: originPort }
  for (let at = chain.length; at >= 0; at--) {
    const tap = await c.learner.make<{ port: number }>('startTap', path[at], path[at + 1], next.port)
    next = { host: '127.0.0.1', port: tap.port }
    const kind = chain[at - 1]
    if (kind) next.port = (await startProxy(c, kind, next)).port
  }
  return next
}

function startProxy(c: Check, kind: Kind, next: object): PromiseLike<{ port: number }> {
  if (kind === 'old') return c.learner.make('historicalSmartProxy', next)
  return c.learner.serve(kind === 'dumb' ? 'startDumbProxy' : 'startSmartProxy', next)
}

/** The origin keeps what it is asked to keep, and what HTTP/1.1 keeps. */
async function answerAsAsked(c: Check, origin: Origin, client: Connection): Promise<void> {
  const { connection, request } = await origin.request()
  const version = request.words[2] === 'HTTP/1.1' ? '1.1' : '1.0'
  const asked = version === '1.0' && optionsOf(request).includes('keep-alive')
  const answerFields = asked ? [KEEP_ALIVE] : []
  await answerWith(c, client, connection, { answerFields, answerVersion: version })
  if (version === '1.0' && !asked) await connection.fin()
  await c.learner.idle()
}

// --- the two ends ---

type Direction = 'request' | 'response'
type Smart = Awaited<ReturnType<typeof smart>>
type Origin = ReturnType<typeof originOf>

export async function dumb(c: Check, options: { after?: 'close' } = {}) {
  const listener = await c.listen({ name: 'origin' })
  const server = await c.learner.serve('startDumbProxy', { host: '127.0.0.1', port: listener.port }, options)
  return { server, listener, client: await c.connect(server.port) }
}

export async function smart(c: Check) {
  const listener = await c.listen({ name: 'origin' })
  const server = await c.learner.serve('startSmartProxy', { host: '127.0.0.1', port: listener.port })
  return { server, listener, origin: originOf(c, listener), client: await c.connect(server.port) }
}

/** The origin behind a proxy, on however many connections. */
function originOf(c: Check, listener: Listener) {
  const connections: Connection[] = []
  const asking = () => connections.findLast(({ unread }) => unread.length > 0)
  return {
    hasRequest: () => listener.accepted > connections.length || asking() !== undefined,
    async request() {
      if (listener.accepted === 0) connections.push(await listener.connection())
      await c.learner.idle()
      while (listener.accepted > connections.length) connections.push(await listener.connection())
      const connection = asking() ?? c.fail('the request at the origin', 'nothing: your proxy is idle')
      return { connection, request: await connection.request() }
    },
  }
}

interface Exchange {
  readonly version?: Version
  readonly fields?: readonly string[]
  readonly answerVersion?: Version
  readonly answerFields?: readonly string[]
}

/** One request and its answer, through a smart proxy, both of them whole. */
export async function exchange(c: Check, client: Connection, origin: Origin, parts: Exchange = {}) {
  await client.send(get(c, parts.fields ?? [], parts.version ?? '1.1'))
  const { connection, request } = await origin.request()
  return { connection, request, response: await answerWith(c, client, connection, parts) }
}

export async function answerWith(c: Check, client: Connection, connection: Connection, parts: Exchange = {}) {
  const body = c.random.word()
  const { answerVersion = '1.1', answerFields = [] } = parts
  await connection.send(message(`HTTP/${answerVersion} 200 OK`, answerFields, body))
  const response = await client.response()
  c.expectBytes(response.body, body, 'the body at the client')
  return response
}

/** The body of the answer is the target that was asked for, so that nobody can take it for another's. */
export async function answerWithTarget({ connection, request }: Awaited<ReturnType<Origin['request']>>) {
  await connection.send(message('HTTP/1.1 200 OK', [], request.words[1]))
}

export async function expectOwnAnswer(c: Check, client: Connection, request: Buffer): Promise<void> {
  const [, target = ''] = request.toString('latin1').split(' ')
  const { body } = await client.response({ as: `the answer to GET ${target}` })
  c.expectBytes(body, target, `the body at the client that asked for ${target}`)
}

/** A request or an answer with these fields, as it looks behind the proxy. */
export async function pass(
  c: Check,
  { client, origin }: Smart,
  direction: Direction,
  fields: readonly string[],
) {
  const parts = direction === 'request' ? { fields } : { answerFields: fields }
  return (await exchange(c, client, origin, parts))[direction]
}

// --- expectations ---

/** Everything that has come, and nothing else. */
export async function cameUnchanged(c: Check, end: Connection, bytes: Buffer, where: string): Promise<void> {
  await c.learner.idle()
  c.expectBytes(end.unread, bytes, `the bytes at the ${where}`)
  await end.take(bytes.length)
}

export async function reachOrigin(c: Check, client: Connection, listener: Listener, parts: Buffer[]) {
  await client.sendInParts(parts)
  const origin = await listener.connection()
  await cameUnchanged(c, origin, Buffer.concat(parts), 'origin')
  return origin
}

/** The origin answers and closes, and the client gets both. */
export async function answeredToTheEnd(c: Check, client: Connection, origin: Connection): Promise<void> {
  const answer = message('HTTP/1.0 200 OK', [], awkwardBody(c))
  await origin.send(answer)
  await cameUnchanged(c, client, answer, 'client')
  await origin.fin()
  await client.sees('FIN')
  await client.fin()
}

export async function nothingForwarded(c: Check, origin: Connection, listener: Listener): Promise<void> {
  await c.learner.idle()
  const forwarded = origin.unread.length > 0 || listener.accepted > 1
  const expected = 'one request at the origin: a dumb proxy is deaf once it relays'
  c.expect(!forwarded, expected, 'a second request at the origin')
}

/** Both ends have seen keep-alive, or HTTP/1.1, and believe in the connection. */
export async function hangs(c: Check, fields: readonly string[], version: Version): Promise<void> {
  const { client, listener } = await dumb(c)
  const origin = await reachOrigin(c, client, listener, [get(c, fields, version)])
  const answer = message(`HTTP/${version} 200 OK`, fields, awkwardBody(c))
  await origin.send(answer)
  await cameUnchanged(c, client, answer, 'client')
  await client.staysOpen()
  await origin.staysOpen()
  await client.send(get(c, fields, version))
  c.step('the client has sent its second request')
  await c.learner.idle()
  c.observe('P1', client.unread.length > 0 ? 'a' : client.ended === 'open' ? 'c' : 'b', WHY.P1)
  await nothingForwarded(c, origin, listener)
  await client.silent()
  await origin.fin()
  await client.seesEnd()
  c.expect(client.unread.length === 0, 'nothing for the second request', `${client.unread.length} bytes`)
}

export function place(direction: Direction): string {
  return direction === 'request' ? 'in the request at the origin' : 'in the answer at the client'
}

export function absent(c: Check, passed: HttpMessage, direction: Direction, name: string, why: string): void {
  const value = passed.header(name)
  c.expect(value === null, `no ${name} ${place(direction)}: ${why}`, `${name}: ${value}`)
}

export function endToEnd(
  c: Check,
  passed: HttpMessage,
  direction: Direction,
  lines: readonly string[],
): void {
  const lower = (line: string): string => line.replace(/^[^:]+/, (name) => name.toLowerCase())
  const sent = lines.map(lower)
  const seen = passed.headers.map(([name, value]) => lower(`${name}: ${value}`))
  const kept = seen.filter((line) => sent.some((own) => own.split(':')[0] === line.split(':')[0]))
  const lost = sent.find((line) => !kept.includes(line))
  c.expect(lost === undefined, `"${lost}" ${place(direction)}: it is end-to-end`, 'it was removed or changed')
  c.expectEqual(kept, sent, `the end-to-end fields ${place(direction)}`)
}

export function expectVia(c: Check, passed: HttpMessage, direction: Direction, members: string): void {
  const via = passed.header('via')?.replaceAll('HTTP/', '') ?? null
  const own = via?.startsWith(members) ? via.slice(members.length) : ''
  const expected = `Via ${place(direction)}: ${members} and a name`
  c.expect(/^ [^\s,]+( \([^)]*\))?$/.test(own), expected, via === null ? 'no Via' : `Via: ${via}`)
}

export async function clientStays(c: Check, client: Connection): Promise<void> {
  await c.learner.idle()
  c.expect(client.ended === 'open', 'the connection to the client still open', `${client.ended} from you`)
}

export async function allLeave(
  c: Check,
  client: Connection,
  origin: Connection,
  closed: Call<void>,
): Promise<void> {
  await client.sees('FIN')
  await client.fin()
  await origin.seesEnd()
  await origin.fin()
  await closed
  await c.learner.leavesNothing()
}
