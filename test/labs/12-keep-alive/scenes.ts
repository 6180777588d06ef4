import type { Handler, Response, Request } from '../../../labs/kit/http.ts'
import type { Check, Connection, HttpMessage, Call } from '../../../workbook/grading/check.ts'

/** What lab 12 draws and sends: requests, handlers and their answers, bodies; and what it expects of what comes. */

type Version = '1.0' | '1.1'
export type Asking = { readonly version?: Version; readonly fields?: readonly string[] }

export const KEPT: Asking = { version: '1.0', fields: ['Connection: keep-alive'] }

const wanted = (method: string, target: string, length: number) => `${method} ${target} with ${length} bytes`
const MARK = { version: '1.1', status: 200, reason: 'OK', headers: [['X-Handled', 'yes']] } as const
export const text = (body: string): Response => ({ ...MARK, body: Buffer.from(body) })

/** A handler that finishes when the gate is opened; at once for any target but `slow`. */
export function gated(slow: string): { readonly handler: Handler; open(): void } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  const handler: Handler = async ({ target }) => {
    if (target === slow) await opened
    return text(wanted('GET', target, 0))
  }
  return { handler, open: () => open() }
}

export const get = (target: string, { version = '1.1', fields = [] }: Asking = {}): string =>
  [`GET ${target} HTTP/${version}`, 'Host: a.example', ...fields, '', ''].join('\r\n')
export const post = (target: string, fields: readonly string[]) =>
  get(target, { fields }).replace('GET', 'POST')

/** One option in each way to write it: its case, its place in a list, its line. Each stands for itself. */
export function writingsOf(c: Check, option: string): string[][] {
  const capital = option.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase())
  const [other, more] = [c.random.word(), c.random.word()]
  return [
    [`Connection: ${option}`],
    [`connection: ${c.random.pick([capital, option.toUpperCase()])}`],
    [`Connection: ${other},${option}`],
    [`Connection: ${capital} ,, ${other}`],
    [`Connection: ${other}`, `CONNECTION: ${capital}`],
    [`CONNECTION: ${more}, ${capital}`, `connection: ${other}`],
  ]
}

/** Options that only contain the word: as their beginning, their end, or somewhere inside. */
export const nearly = (c: Check, option: string): string =>
  [`${option}-${c.random.word()}`, `not-${option}`, `${option}d`, `un${option}d`].join(', ')

export function bodyLikeRequests(c: Check): Buffer {
  const request = Buffer.from(get('/in-the-body'))
  return Buffer.concat([request, c.random.bytes(50), request])
}

/** In two or more chunks, with an extension at the first one, and trailer fields if there are any. */
export function chunked(c: Check, body: Buffer, trailer = ''): Buffer {
  const chunks = c.random.split(body).flatMap((part, index) => {
    const size = part.length.toString(16)
    const line = index === 0 ? `${size};note=${c.random.word()}` : size.toUpperCase()
    return [Buffer.from(`${line}\r\n`), part, Buffer.from('\r\n')]
  })
  return Buffer.concat([...chunks, Buffer.from(`0\r\n${trailer}\r\n`)])
}

type Parts = { readonly status?: string; readonly fields?: readonly string[]; readonly length?: false }

export function answer(version: Version, body: string | Uint8Array, parts: Parts = {}): Buffer {
  const { status = '200 OK', fields = [], length } = parts
  const content = Buffer.from(body as string)
  const lengths = length === false ? [] : [`Content-Length: ${content.length}`]
  const head = [`HTTP/${version} ${status}`, ...fields, ...lengths, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head), content])
}

export async function answerTo(
  c: Check,
  client: Connection,
  method: string,
  target: string,
  length = 0,
  as = `the answer to ${method} ${target}`,
) {
  const response = await client.response({ as })
  c.expectEqual(response.words[1], '200', `the status of the answer to ${target}`)
  c.expectEqual(response.header('x-handled'), 'yes', `X-Handled, a field of the handler's response`)
  c.expectBytes(response.body, wanted(method, target, length), `the answer to ${target}`)
  return response
}

const optionsOf = (message: HttpMessage): string[] =>
  (message.header('connection') ?? '').split(',').map((option) => option.trim().toLowerCase())

export function says(c: Check, message: HttpMessage, option: string, why: string, yes = true): void {
  const what = message.startLine.startsWith('HTTP/') ? 'answer' : 'request'
  const expected = `${yes ? '' : 'no '}\`Connection: ${option}\` in the ${what}: ${why}`
  const value = message.header('connection')
  const saw = value === null ? 'no Connection field' : `Connection: ${value}`
  c.expect(optionsOf(message).includes(option) === yes, expected, saw)
}

export const saysNot: typeof says = (c, message, option, why) => says(c, message, option, why, false)

/** A parameter of Keep-Alive. */
export function hintOf(response: HttpMessage, name: 'timeout' | 'max'): string | undefined {
  return new RegExp(`\\b${name}\\s*=\\s*"?(\\d+)`, 'i').exec(response.header('keep-alive') ?? '')?.[1]
}

export function noHint(c: Check, response: HttpMessage, where: string): void {
  const hint = response.header('keep-alive')
  const expected = `no Keep-Alive in ${where}: \`Connection: keep-alive\` does not stand beside it`
  c.expect(hint === null || optionsOf(response).includes('keep-alive'), expected, `Keep-Alive: ${hint}`)
}

export function hasHost(c: Check, request: HttpMessage): void {
  const saw = 'no Host: a server must refuse such a request with 400'
  c.expect(request.header('host') !== null, 'a Host field in the request', saw)
}

type Serving = { readonly handler?: Handler; readonly idleMs?: number; readonly maxRequests?: number }

/** A server that answers, a client that is connected, and what the handler was called with. */
export async function start(c: Check, { handler, idleMs = drawIdle(c), maxRequests = 1_000 }: Serving = {}) {
  // Time is given: a FIN that only the idle clock brings must not pass for another one.
  c.learner.holdClock()
  const handled: Request[] = []
  const recorded: Handler = (request) => {
    handled.push(request)
    return handler ? handler(request) : text(wanted(request.method, request.target, request.body.length))
  }
  const server = await c.learner.serve('serve', recorded, { idleMs, maxRequests })
  return { server, client: await c.connect(server.port), handled, idleMs }
}

/** Even, so that it can be halved; half an hour to five, so that whoever caps it is found. Conversations draw short ones. */
const drawIdle = (c: Check) => 2 * c.random.integer(1_000_000, 9_000_000)

export async function ask(c: Check, client: Connection, asking?: Asking): Promise<HttpMessage> {
  const target = `/${c.random.word()}`
  await client.send(get(target, asking))
  return await answerTo(c, client, 'GET', target)
}

/** The connections stand under the names of their lanes. */
export async function endsAfter(
  c: Check,
  clients: Readonly<Record<string, Connection>>,
  milliseconds: number,
) {
  await c.learner.tick(milliseconds - 1)
  for (const [name, { ended }] of Object.entries(clients))
    c.expect(ended === 'open', 'no FIN 1 ms before idleMs', `${ended} on the connection of \`${name}\``)
  await c.learner.tick(1)
  for (const [name, { ended }] of Object.entries(clients)) {
    const none = `nothing: your server is idle, the connection of \`${name}\` still open`
    const saw = ended === 'RST' ? `RST on the connection of \`${name}\`` : none
    c.expect(ended === 'FIN', 'FIN from your server at idleMs', saw)
  }
}

/** The same POST in parts, and then again with a GET right behind it. */
export async function postsAreTaken(c: Check, head: string, body: Buffer, [first, second]: [Buffer, Buffer]) {
  const { client, handled } = await start(c)
  const answers = async () => {
    await c.learner.idle()
    const saw = 'GET /in-the-body, handled: your server took a body for a request'
    c.expect(!handled.some(({ target }) => target === '/in-the-body'), 'no request made of a body', saw)
    await answerTo(c, client, 'POST', '/form', body.length, 'the answer to the POST: its last byte has come')
  }
  await client.sendInParts([head, ...c.random.split(first, 3)])
  await answers()
  await client.send(Buffer.concat([Buffer.from(head), second, Buffer.from(get('/next'))]))
  await answers()
  await answerTo(c, client, 'GET', '/next')
  for (const request of handled.filter(({ method }) => method === 'POST'))
    c.expectBytes(request.body, body, 'the body the handler got')
}

type RemoteClient = { request(request: Partial<Request>): Call<Response>; close(): Call<void> }
type First = { readonly version?: Version; readonly close?: string; readonly headers?: Request['headers'] }

/** A client whose first request has come: the answer is up to the check. */
export async function asked(c: Check, { version, close, headers = [] }: First = {}) {
  const origin = await c.listen({ name: 'origin' })
  const options = version ? [{ version }] : []
  const client = await c.learner.construct<RemoteClient>('KeepAliveClient', origin.port, ...options)
  const request = (partial: Partial<Request>) => client.request(partial)
  const first = request({ target: `/${c.random.word()}`, headers: close ? [['Connection', close]] : headers })
  const connection = await origin.connection()
  const seen = await connection.request()
  if (version !== '1.0') hasHost(c, seen)
  return { origin, client, request, first, connection, seen }
}

/** A client that has had its first answer. */
export async function answered(c: Check, bytes: Buffer, options?: First) {
  const client = await asked(c, options)
  await reply(c, client.connection, client.first, bytes)
  return client
}

type Asked = Awaited<ReturnType<typeof asked>>

export async function reply(c: Check, connection: Connection, call: Call<Response>, bytes: Buffer) {
  await connection.send(bytes)
  await c.learner.idle()
  c.expect(call.settled, 'a response: its last byte has come', 'your promise still pending')
  const response = await call
  c.expectEqual(response.status, Number(bytes.toString('latin1', 9, 12)), 'the status')
  c.expectBytes(response.body, bytes.subarray(bytes.indexOf('\r\n\r\n') + 4), 'the body of the response')
  return response
}

/** The next request, which must come on the connection that the client has. */
export async function again(c: Check, { origin, connection }: Asked): Promise<HttpMessage> {
  await c.learner.idle()
  const saw = `${origin.accepted} connections: the kept one was not used again`
  c.expect(origin.accepted === 1, 'the request on the same connection: both sides had kept it', saw)
  return connection.request()
}

/** The call's request comes on a new connection, and not on the old one. */
export async function onANewOne(c: Check, { origin, connection }: Asked, call: Call<Response>, why: string) {
  await c.learner.idle()
  const reused = connection.unread.length > 0
  c.expect(!reused, `the request on a new connection: ${why}`, 'the request on the old connection')
  const next = await origin.connection({ as: `a new connection from you: ${why}` })
  await next.request()
  await reply(c, next, call, answer('1.1', c.random.word(), { fields: ['Connection: close'] }))
}

/** The server has read the request, and says nothing but FIN, or RST. */
export async function loseRace(
  c: Check,
  connection: Connection,
  end: 'fin' | 'reset' = 'fin',
  read?: HttpMessage,
) {
  const request = read ?? (await connection.request())
  await connection[end]()
  const all = end === 'fin' ? 'FIN' : 'RST'
  c.step(`the server has read ${request.words[0]}, and its ${all} is all that comes`)
  await c.learner.idle()
  return request
}

/** The call rejects, and there are no more connections than those so far. */
export async function rejectsHere(
  c: Check,
  { origin }: Asked,
  call: Call<Response>,
  what: string,
  connections = 1,
) {
  const saw = `${origin.accepted} connections: the request was sent again`
  c.expect(origin.accepted === connections, what, saw)
  await call.rejects()
  await origin.noFurtherConnection()
}
