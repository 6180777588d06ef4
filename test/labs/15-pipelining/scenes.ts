import type { Handler, Headers, Request, Response } from '../../../labs/kit/http.ts'
import type { Check, Call, Connection, HttpMessage, Listener } from '../../../workbook/grading/check.ts'

/** What lab 15 draws: requests with their answers, a server's handler that gives them; and what it expects. */

const HAS_BODY = new Set(['PUT', 'POST', 'PATCH'])

/** A request, and the body of the answer that belongs to it. */
interface Errand {
  readonly request: Request
  readonly body: Buffer
}

/** A check draws as many as it names. */
type Errands = readonly [Errand, Errand, Errand, ...Errand[]]

export const gets = (count: number): string[] => Array<string>(count).fill('GET')
export const name = ({ method, target }: Pick<Request, 'method' | 'target'>) => `${method} ${target}`

export function drawErrands(c: Check, methods: readonly string[], drawn: Drawn = {}): Errands {
  const errands = methods.map((method, index): Errand => ({
    request: {
      method,
      target: `/${c.random.word()}-${index + 1}`,
      version: '1.1',
      headers: [['Host', 'a.example'], ...(drawn.headers?.[index] ?? [])],
      body: HAS_BODY.has(method) ? pattern(c, drawn.bodies ?? c.random.integer(2, 300)) : Buffer.alloc(0),
    },
    body: pattern(c, drawn.answers ?? c.random.integer(2, 300)),
  }))
  return errands as unknown as Errands
}

interface Drawn {
  /** Bytes of each request's body, of each answer's body. */
  readonly bodies?: number
  readonly answers?: number
  /** Further fields of a request, by its index. */
  readonly headers?: Readonly<Record<number, Headers>>
  /** The server's answers wait until they are opened. */
  readonly gated?: boolean
  /** Index of the server's answer that says close. */
  readonly closing?: number
}

/** Drawing each byte of megabytes would be slow; a block of a prime length shows every shift. */
const pattern = (c: Check, length: number) => Buffer.alloc(length, c.random.bytes(97))

/** All of these bytes, cut at a random place in every head and in every body, and nowhere else. */
export function cutInside(c: Check, messages: readonly Buffer[]): Buffer[] {
  const cuts = [0]
  let at = 0
  for (const message of messages) {
    const body = message.indexOf('\r\n\r\n') + 4
    cuts.push(at + c.random.integer(1, body - 1))
    if (message.length > body + 1) cuts.push(at + c.random.integer(body + 1, message.length - 1))
    at += message.length
  }
  const bytes = Buffer.concat(messages)
  return cuts.map((cut, index) => bytes.subarray(cut, cuts[index + 1]))
}

export function answer({ body }: Errand, says: { connection?: string; version?: string } = {}): Buffer {
  const connection = says.connection === undefined ? '' : `Connection: ${says.connection}\r\n`
  const head = `HTTP/${says.version ?? '1.1'} 200 OK\r\n${connection}Content-Length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

export function drawSite(c: Check, methods: readonly string[], options: Drawn = {}) {
  const errands = drawErrands(c, methods, options)
  const gates = new Map(errands.map(({ request }) => [request.target, createGate()]))
  const handled: Request[] = []
  const handler: Handler = async (request) => {
    handled.push(request)
    const index = errands.findIndex((each) => each.request.target === request.target)
    if (options.gated === true) await gates.get(request.target)?.opened
    const headers: Headers = index === options.closing ? [['Connection', 'close']] : []
    const body = errands[index]?.body ?? Buffer.alloc(0)
    return { version: '1.1', status: 200, reason: 'OK', headers, body }
  }
  const messages = errands.map(({ request }) => requestBytes(request))
  const open = ({ request }: Errand): void => gates.get(request.target)?.open()
  return {
    errands,
    handled,
    handler,
    bytes: Buffer.concat(messages),
    messages,
    names: errands.map(({ request }) => name(request)),
    open,
    openAll: () => errands.forEach(open),
  }
}

function createGate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open: () => open() }
}

function requestBytes({ method, target, headers, body }: Request): Buffer {
  const length = body.length > 0 ? `Content-Length: ${body.length}\r\n` : ''
  const fields = headers.map(([field, value]) => `${field}: ${value}\r\n`).join('')
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${fields}${length}\r\n`), body])
}

export type Site = ReturnType<typeof drawSite>

export const MEBIBYTE = 1_048_576
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])
export const INTERIM = Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n')
/** Other options than `close`, though they contain the word. */
export const NO_CLOSE = 'Close-Notify, not-close, closed, enclosed'
type Outcome = { readonly response?: Partial<Response>; readonly unanswered?: string } | null | undefined

// The client's side

export function pipeline(c: Check, port: number, errands: readonly Errand[], options?: { depth: number }) {
  const requests = errands.map(({ request }) => request)
  return c.learner.call<Outcome[]>('pipeline', port, requests, ...(options ? [options] : []))
}

export async function start(c: Check, methods: readonly string[], options?: { depth: number }) {
  const errands = drawErrands(c, methods)
  const origin = await c.listen({ name: 'origin' })
  const call = pipeline(c, origin.port, errands, options)
  return { call, origin, connection: await origin.connection(), errands }
}

/** The first answer has come, and all other requests are on the wire. */
export async function pipelined(c: Check, methods: readonly string[]) {
  const started = await start(c, methods)
  const others = await answerFirst(c, started.connection, started.errands)
  await takeAll(c, started.connection, others)
  c.step(`all ${methods.length} requests have come, and the first is answered`)
  return { ...started, others }
}

export async function answerFirst(c: Check, connection: Connection, [first, ...others]: Errands) {
  await take(c, connection, first)
  await nothingMore(c, connection, 'no answer has shown yet that the connection persists')
  await connection.send(answer(first))
  return others
}

export async function take(c: Check, connection: Connection, { request }: Errand): Promise<void> {
  const seen = await connection.request({ as: `${name(request)} as the next request` })
  const wanted = `${name(request)} HTTP/1.1`
  const before = takenIn(c)
  const again = before.has(seen.startLine) ? ' a second time: what is not idempotent is not sent again' : ''
  const isRepeat = again !== '' && !IDEMPOTENT.has(seen.words[0])
  c.expect(
    seen.startLine === wanted,
    `${wanted} as the next request`,
    seen.startLine + (isRepeat ? again : ''),
  )
  before.add(seen.startLine)
  c.expectEqual(seen.header('host'), 'a.example', 'the Host field, as it was given')
  c.expectBytes(seen.body, request.body, `the body of ${name(request)}`)
}

/** Start lines that this check's origin has had so far, whatever the connection. */
const takenBefore = new WeakMap<Check, Set<string>>()

function takenIn(c: Check): Set<string> {
  const known = takenBefore.get(c) ?? new Set()
  takenBefore.set(c, known)
  return known
}

export async function takeAll(c: Check, connection: Connection, errands: readonly Errand[]): Promise<void> {
  for (const errand of errands) await take(c, connection, errand)
}

export async function answerAll(c: Check, connection: Connection, errands: readonly Errand[]): Promise<void> {
  for (const errand of errands) {
    await take(c, connection, errand)
    // One by one: what comes in one piece is another requirement.
    await connection.sendInParts([answer(errand)])
  }
}

export async function nothingMore(c: Check, connection: Connection, why: string): Promise<void> {
  await c.learner.idle()
  const [line = ''] = connection.unread.toString('latin1').split('\r\n')
  c.expect(line === '', `no further request yet: ${why}`, line)
}

/** The connection with this number, which the client makes for this request and what comes behind it. */
export function another(origin: Listener, number: number, errand: Errand | undefined): Promise<Connection> {
  return origin.connection({ as: `connection ${number}, for ${errand ? name(errand.request) : 'the rest'}` })
}

export async function endUnanswered(c: Check, connection: Connection, { request }: Errand): Promise<void> {
  await connection.fin()
  c.step(`the origin has closed without an answer to ${name(request)}`)
}

/** @param without - By index, why a request has no answer. */
export async function expectOutcomes(
  c: Check,
  call: Call<Outcome[]>,
  errands: readonly Errand[],
  without: Readonly<Record<number, 'not-repeatable' | 'gave-up'>> = {},
): Promise<void> {
  const outcomes = await call
  c.expectEqual(outcomes?.length, errands.length, 'the number of outcomes')
  for (const [index, { request, body }] of errands.entries()) {
    const what = `the outcome of ${name(request)}, request ${index + 1} of ${errands.length}`
    const outcome = outcomes[index]
    c.expectEqual(outcome?.unanswered, without[index], `${what}: \`unanswered\``)
    if (without[index] !== undefined) continue
    c.expectEqual(outcome?.response?.status, 200, `${what}: the status`)
    const bytes = outcome?.response?.body
    c.expect(bytes instanceof Uint8Array, `${what}: the body as bytes`, typeof bytes)
    c.expectBytes(bytes ?? '', body, `${what}: the body`)
  }
}

/** Round trips until the last answer has arrived; how the connections are closed does not count. */
export async function roundTrips(
  c: Check,
  page: readonly Errand[],
  load: (port: number) => PromiseLike<unknown>,
): Promise<number> {
  let arrived = 0
  const respond = (request: HttpMessage): Buffer => {
    arrived = link.roundTrips + 0.5
    const errand = page.find((each) => each.request.target === request.words[1])
    return errand ? answer(errand) : c.fail('a request that you were given', request.startLine)
  }
  const link = await c.link({ respond })
  await load(link.port)
  return arrived
}

export function expectTrips(c: Check, trips: number, wanted: number, how: string): void {
  c.expect(trips === wanted, `${wanted} round trips: ${how}`, `${trips} round trips`)
  c.measure(`${trips} round trips: ${how}`)
}

// The server's side

export const serve = (c: Check, site: Site, maxWaiting: number) =>
  c.learner.serve('servePipelined', site.handler, { maxWaiting })

export async function connectTo(c: Check, site: Site, maxWaiting: number): Promise<Connection> {
  const server = await serve(c, site, maxWaiting)
  return c.connect(server.port)
}

export async function expectAnswer(
  c: Check,
  client: Connection,
  { request, body }: Errand,
): Promise<HttpMessage> {
  const response = await client.response({ as: `the answer to ${name(request)}` })
  c.expectEqual(response.words[1], '200', `the status of the answer to ${name(request)}`)
  c.expectBytes(response.body, body, `the body of the answer to ${name(request)}`)
  return response
}

/** FIN and not a byte before it; then the client closes too. */
export async function expectFin(c: Check, client: Connection): Promise<void> {
  await nothingBehind(c, client)
  await client.sees('FIN')
  await nothingBehind(c, client)
  await client.fin()
}

async function nothingBehind(c: Check, client: Connection): Promise<void> {
  await c.learner.idle()
  const [line = ''] = client.unread.toString('latin1').split('\r\n')
  c.expect(line === '', 'nothing but FIN behind the last answer', `one more answer: ${line}`)
}
