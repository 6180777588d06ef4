/**
 * Lab 13: the dumb proxy, the smart one, and the one to blame.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 | RFC 9110 §7.6.1} (Connection)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.3 | RFC 9112 §9.3} (persistence)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#appendix-C.2.2 | RFC 9112 App. C.2.2} (hung connections)
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { formatRequest, formatResponse } from '../../labs/kit/format.ts'
import { parseHead, parseRequestHead, parseResponseHead, type Head } from '../../labs/kit/head.ts'
import {
  field,
  type Address,
  type Headers,
  type Request,
  type Response,
  type RunningServer,
} from '../../labs/kit/http.ts'

// #region dumb
/** Relays one request and its answer, and is deaf to everything else: the mistake, kept for study. */
export function startDumbProxy(
  next: Address,
  { after = 'wait-for-origin' }: { after?: 'wait-for-origin' | 'close' } = {},
): Promise<RunningServer> {
  return startServer((client) => {
    let received = Buffer.alloc(0)
    const listen = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk])
      const end = endOfMessage(received, 0)
      if (received.length < end) return
      client.off('data', listen)
      client.off('end', leave)
      // What the client says from now on is read, and nobody hears it.
      client.resume()
      relayAnswer(client, connect(next), received.subarray(0, end), after === 'close')
    }
    const leave = (): void => void client.end()
    client.on('data', listen)
    client.once('end', leave)
    return { endIfIdle: () => void (received.length === 0 && leave()) }
  })
}

function relayAnswer(client: Socket, origin: Socket, request: Buffer, closeAfterwards: boolean): void {
  origin.write(request)
  // The FIN passes as well, and nothing but the origin's FIN ends the answer.
  origin.pipe(client)
  if (closeAfterwards) closeBehindAnswer(client, origin)
  origin.once('error', () => client.destroy())
  client.once('close', () => origin.destroy())
}

function closeBehindAnswer(client: Socket, origin: Socket): void {
  let answer = Buffer.alloc(0)
  origin.on('data', (chunk) => {
    answer = Buffer.concat([answer, chunk])
    if (answer.length < endOfMessage(answer, Infinity)) return
    origin.unpipe(client)
    client.end()
    origin.end()
  })
}

/** Where the first message ends; infinite where that is not known, or not yet. */
function endOfMessage(bytes: Uint8Array, lengthOtherwise: number): number {
  const head = headOrNull(bytes)
  return head ? head.length + Number(field(head.headers, 'content-length') ?? lengthOtherwise) : Infinity
}

function headOrNull(bytes: Uint8Array): Head | null {
  try {
    return parseHead(bytes)
  } catch {
    // What is no HTTP goes on until its sender closes.
    return null
  }
}
// #endregion dumb

// #region smart
/** Two conversations, one with each side, that have nothing in common but the messages. */
export async function startSmartProxy(next: Address): Promise<RunningServer> {
  const origins = new Origins(next)
  const server = await startServer((client) => converse(client, origins))
  // Those in progress still need their origins, so these close last.
  return { port: server.port, close: () => server.close().then(() => origins.close()) }
}

function converse(client: Socket, origins: Origins): Conversation {
  const input = new Incoming(client)
  let closing = false
  let busy = false
  const answer = async (request: Request): Promise<boolean> => {
    const response = await forward(request, origins)
    const keep = staysOpen(request) && !closing
    const connection: Headers = keep ? [] : [['Connection', 'close']]
    client.write(formatResponse({ ...response, headers: [...response.headers, ...connection] }))
    return keep
  }
  const serve = async (): Promise<void> => {
    let keep = true
    while (keep) {
      busy = false
      const request = await input.request()
      if (!request) break
      busy = true
      keep = await answer(request)
    }
    client.end()
  }
  // What is no HTTP has no next message: the connection is over.
  serve().catch(() => client.end())
  return {
    endIfIdle() {
      closing = true
      if (!busy && input.pending === 0) client.end()
    },
  }
}

async function forward(request: Request, origins: Origins): Promise<Response> {
  try {
    return onward(await origins.exchange(onward(request)))
  } catch {
    return {
      version: '1.1',
      status: 502,
      reason: 'Bad Gateway',
      headers: [['Content-Type', 'text/plain']],
      body: Buffer.from('the next one did not answer\n'),
    }
  }
}
// #endregion smart

// #region hop-by-hop
/** Fields that end at this hop even where nobody names them (RFC 9110 §7.6.1). */
const HOP_BY_HOP = ['connection', 'proxy-connection', 'keep-alive', 'te', 'transfer-encoding', 'upgrade']

/** The message as it goes on: ours in version and framing, the sender's in all that is end-to-end. */
function onward<Message extends Request | Response>(message: Message): Message {
  const { headers, version } = message
  const dropped = new Set([...HOP_BY_HOP, ...optionsOf(headers, 'connection')])
  // Transfer-Encoding overrides Content-Length, which then says nothing true (RFC 9112 §6.3).
  if (field(headers, 'transfer-encoding') !== null) dropped.add('content-length')
  const kept = headers.filter(([name]) => !dropped.has(name.toLowerCase()))
  // The version that we received, not the one that we send (RFC 9110 §7.6.3).
  return { ...message, version: '1.1', headers: [...kept, ['Via', `${version} workbook`]] }
}

/** A list: several lines of it are one, and its options have no case (RFC 9110 §5.3, §7.6.1). */
function optionsOf(headers: Headers, name: string): string[] {
  const options = (field(headers, name) ?? '').toLowerCase().split(',')
  return options.map((option) => option.trim()).filter((option) => option !== '')
}
// #endregion hop-by-hop

// #region persistence
/** RFC 9112 §9.3 as a proxy reads it: HTTP/1.0 is not kept, whatever its fields ask for. */
function staysOpen({ version, headers }: Request | Response): boolean {
  return version === '1.1' && !optionsOf(headers, 'connection').includes('close')
}

interface Origin {
  readonly socket: Socket
  readonly input: Incoming
}

/** Connections to the next one. They belong to no client, and outlive all of them. */
class Origins {
  readonly #next: Address
  readonly #idle = new Set<Origin>()
  readonly #sockets = new Set<Socket>()

  constructor(next: Address) {
    this.#next = next
  }

  /** Sends a request on a kept connection, or else on a new one. Rejects when no whole answer comes. */
  async exchange(request: Request): Promise<Response> {
    const [origin = this.#connect()] = this.#idle
    this.#idle.delete(origin)
    origin.socket.write(formatRequest(request))
    const response = await origin.input.response()
    if (!response) throw new Error('the answer was cut short')
    if (staysOpen(response) && !origin.input.ended) this.#idle.add(origin)
    else origin.socket.end()
    return response
  }

  /** Ends what is still there; resolves when it is gone. */
  async close(): Promise<void> {
    await Promise.all([...this.#sockets].map((socket) => once(socket.end(), 'close')))
  }

  #connect(): Origin {
    const socket = connect(this.#next)
    const origin = { socket, input: new Incoming(socket) }
    this.#sockets.add(socket)
    // A kept connection that the origin has closed is none: the next request needs another.
    socket.once('end', () => this.#idle.delete(origin))
    socket.once('close', () => {
      this.#idle.delete(origin)
      this.#sockets.delete(socket)
    })
    // An error shows as a response that never became whole.
    socket.on('error', () => undefined)
    return origin
  }
}
// #endregion persistence

// #region incoming
/** The messages that come in on one socket, however they are cut and framed. */
class Incoming {
  #bytes = Buffer.alloc(0)
  #end: 'FIN' | 'RST' | null = null
  #wake = (): void => undefined

  constructor(socket: Socket) {
    const end = (how: 'FIN' | 'RST'): void => {
      this.#end ??= how
      this.#wake()
    }
    socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      this.#wake()
    })
    socket.once('end', () => end('FIN'))
    socket.once('error', () => end('RST'))
  }

  /** Bytes of a message that has begun and is not taken. */
  get pending(): number {
    return this.#bytes.length
  }

  get ended(): boolean {
    return this.#end !== null
  }

  async request(): Promise<Request | null> {
    const whole = await this.#next(() => 0)
    return whole && { ...parseRequestHead(whole.head), body: whole.body }
  }

  /** Only a FIN ends a body that has no length: after a reset nobody knows what is missing. */
  async response(): Promise<Response | null> {
    const whole = await this.#next(() => (this.#end === 'FIN' ? this.#bytes.length : Infinity))
    return whole && { ...parseResponseHead(whole.head), body: whole.body }
  }

  /** The next message, or null when the stream ends before it is whole. */
  async #next(restLength: () => number): Promise<Whole | null> {
    for (;;) {
      const whole = cutMessage(this.#bytes, restLength())
      if (whole) {
        this.#bytes = this.#bytes.subarray(whole.length)
        return whole
      }
      if (this.#end) return null
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}

interface Whole {
  readonly head: Head
  readonly body: Buffer
  /** Bytes of head and body on the wire. */
  readonly length: number
}

/** RFC 9112 §6.3, without the messages that never have a body; null while it is not whole. */
function cutMessage(bytes: Buffer, lengthOtherwise: number): Whole | null {
  const head = parseHead(bytes)
  if (!head) return null
  const rest = bytes.subarray(head.length)
  if (field(head.headers, 'transfer-encoding') !== null) return dechunk(head, rest)
  const given = field(head.headers, 'content-length')
  const length = given === null ? Math.max(0, lengthOtherwise - head.length) : Number(given)
  if (rest.length < length) return null
  return { head, body: rest.subarray(0, length), length: head.length + length }
}

/** RFC 9112 §7.1. Trailer fields may go with the coding (§7.1.2). */
function dechunk(head: Head, bytes: Buffer): Whole | null {
  const chunks: Buffer[] = []
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return null
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (Number.isNaN(size)) throw new Error('a chunk without a size')
    if (size === 0) {
      const end = bytes.indexOf('\r\n\r\n', lineEnd)
      return end < 0 ? null : { head, body: Buffer.concat(chunks), length: head.length + end + 4 }
    }
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
}
// #endregion incoming

// #region explain
export interface Hop {
  readonly from: string
  readonly to: string
  readonly kind: 'request' | 'response' | 'close' | 'silence'
  /** Start line and fields, where it is a request or a response. */
  readonly head?: string
}

/** Whoever owes an answer and waits for nobody has swallowed the request. */
export function explainHang(hops: readonly Hop[]): { culprit: string; header: string } | null {
  const debts = unpaid(hops)
  for (const { debtor, creditor } of debts.filter(({ silent }) => silent)) {
    if (debts.some((other) => other.creditor === debtor)) continue
    const header = relayedPromise(hops, creditor, debtor)
    if (header) return { culprit: debtor, header }
  }
  return null
}

interface Debt {
  readonly debtor: string
  readonly creditor: string
  readonly silent: boolean
}

/** The answers that are due at the end of the record. */
function unpaid(hops: readonly Hop[]): Debt[] {
  const due: Array<{ debtor: string; creditor: string; silent: boolean }> = []
  for (const { from, to, kind } of hops) {
    const [creditor, debtor] = kind === 'request' ? [from, to] : [to, from]
    const first = due.findIndex((debt) => debt.debtor === debtor && debt.creditor === creditor)
    if (kind === 'request') due.push({ debtor, creditor, silent: false })
    // Answers come in the order of the requests.
    else if (kind === 'response' && first >= 0) due.splice(first, 1)
    else if (kind === 'silence' && first >= 0) due[first] = { debtor, creditor, silent: true }
    // Whoever has closed it: nothing is due on a closed connection.
    else if (kind === 'close') forget(due, from, to)
  }
  return due
}

function forget(due: Debt[], one: string, other: string): void {
  const between = ({ debtor, creditor }: Debt): boolean =>
    [debtor, creditor].includes(one) && [debtor, creditor].includes(other)
  due.splice(0, due.length, ...due.filter((debt) => !between(debt)))
}

/** The promise to keep the connection that the relay passed on as if it were its own. */
function relayedPromise(hops: readonly Hop[], creditor: string, relay: string): string | null {
  const requests = hops.filter(({ kind }) => kind === 'request')
  const received = requests.filter(({ from, to }) => from === creditor && to === relay).map(headOf)
  const sent = requests.filter(({ from }) => from === relay).map(headOf)
  const passedOn = (promises: (head: Head) => boolean): boolean =>
    received.some(promises) && sent.some(promises)
  for (const name of ['Proxy-Connection', 'Connection']) {
    if (passedOn(({ headers }) => optionsOf(headers, name).includes('keep-alive'))) return name
  }
  return passedOn(persistsByVersion) ? 'HTTP-version' : null
}

/** HTTP/1.1 promises to keep a connection without a word (RFC 9112 §9.3). */
function persistsByVersion({ startLine, headers }: Head): boolean {
  return startLine.endsWith('HTTP/1.1') && !optionsOf(headers, 'connection').includes('close')
}

function headOf({ head = '' }: Hop): Head {
  return parseHead(Buffer.from(`${head.trimEnd()}\r\n\r\n`)) as Head
}
// #endregion explain

interface Conversation {
  /** Sends FIN if no request is in progress; otherwise the answer in progress is the last. */
  endIfIdle(): void
}

async function startServer(accept: (client: Socket) => Conversation): Promise<RunningServer> {
  const conversations = new Set<Conversation>()
  // The client's FIN must not end our side while an answer is on its way.
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const conversation = accept(client)
    conversations.add(conversation)
    client.once('close', () => conversations.delete(conversation))
    client.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const conversation of conversations) conversation.endIfIdle()
    })
  return { port: (server.address() as AddressInfo).port, close }
}
