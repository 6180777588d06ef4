/**
 * Lab 10: the Connection header, for whoever forwards, and one hop that does.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-7.6 | RFC 9110 §7.6} (message forwarding)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.3 | RFC 9112 §9.3} (persistence)
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { takeChunked } from '../../labs/kit/chunked.ts'
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

// #region options
/** Several lines are one list (RFC 9110 §5.3); its options have no case, and empty places mean nothing (§5.6.1). */
export function connectionOptions(headers: Headers): string[] {
  const list = (field(headers, 'connection') ?? '').toLowerCase().split(',')
  const options = list.map((option) => option.trim()).filter((option) => option !== '')
  return [...new Set(options)]
}
// #endregion options

// #region remove
/** What ends at the hop even where nobody names it (RFC 9110 §7.6.1, §11.7.1, §11.7.3). */
const HOP_BY_HOP = [
  'connection',
  'proxy-connection',
  'keep-alive',
  'te',
  'transfer-encoding',
  'upgrade',
  'proxy-authenticate',
  'proxy-authentication-info',
]

/** Whoever forwards has to write these, so naming them takes nothing away (RFC 9110 §7.2, §7.6.2, §7.6.3, §8.6). */
const OUR_OWN = ['content-length', 'host', 'max-forwards', 'via']

export function fieldsToRemove(headers: Headers): string[] {
  const named = connectionOptions(headers).filter((option) => !OUR_OWN.includes(option))
  // Chunks override the length, which must not travel on beside them (RFC 9112 §6.3).
  const overridden = field(headers, 'transfer-encoding') === null ? [] : ['content-length']
  return [...new Set([...HOP_BY_HOP, ...named, ...overridden])]
}
// #endregion remove

// #region forward
export interface Hop {
  readonly name: string
  readonly received: '1.0' | '1.1'
}

/** The message as it goes on. The version is ours (RFC 9112 §2.3), and Via tells the one that came in. */
export function forward<Message extends Request | Response>(message: Message, hop: Hop): Message {
  const removed = fieldsToRemove(message.headers)
  const kept = message.headers.filter(([name]) => !removed.includes(name.toLowerCase()))
  const via = ['Via', `${hop.received} ${hop.name}`] as const
  return { ...message, version: '1.1', headers: [...oneHopFewer(message, kept), via] }
}

function oneHopFewer(message: Request | Response, headers: Headers): Headers {
  const left = hopsLeft(message)
  if (left === null) return headers
  const fewer = String(Math.min(left - 1, Number.MAX_SAFE_INTEGER))
  return headers.map((line) => (line[0].toLowerCase() === 'max-forwards' ? [line[0], fewer] : line))
}

/** Null where nobody counts: Max-Forwards speaks to TRACE and OPTIONS alone (RFC 9110 §7.6.2). */
function hopsLeft(message: Request | Response): number | null {
  const isCounted = 'method' in message && ['TRACE', 'OPTIONS'].includes(message.method)
  const given = isCounted ? (field(message.headers, 'max-forwards') ?? '') : ''
  return /^\d+$/.test(given) ? Number(given) : null
}
// #endregion forward

// #region persists
export interface Exchange {
  readonly request: Request
  readonly response: Response
  readonly role: 'client' | 'server' | 'proxy'
}

/** The four steps of RFC 9112 §9.3, taken by the end that has received a message and sent the other one. */
export function persists({ request, response, role }: Exchange): boolean {
  const [received, sent] = role === 'client' ? [response, request] : [request, response]
  const said = [received, sent].map(({ headers }) => connectionOptions(headers))
  if (said.some((options) => options.includes('close'))) return false
  if (received.version === '1.1') return true
  // An HTTP/1.0 client may stand behind a proxy that has relayed its wish unread (App. C.2.2).
  if (role === 'proxy') return false
  return said.every((options) => options.includes('keep-alive'))
}
// #endregion persists

// #region hop
export async function startHop(next: Address, { name }: { name: string }): Promise<RunningServer> {
  const onwards = new Set<Socket>()
  const server = await startServer((client) => converse(client, new Onward(next, onwards), name))
  const gone = (socket: Socket): Promise<unknown> => new Promise((resolve) => socket.once('close', resolve))
  // Clients in progress still need the other side, so it is awaited behind them.
  const close = async (): Promise<void> => {
    await server.close()
    await Promise.all([...onwards].map(gone))
  }
  return { port: server.port, close }
}

function converse(client: Socket, onward: Onward, name: string): Conversation {
  const input = new Incoming(client)
  let closing = false
  let busy = false
  const serve = async (): Promise<void> => {
    for (let stays = true; stays; busy = false) {
      const request = await input.request()
      // Behind our FIN or a reset nobody can be answered any more.
      if (!request || !client.writable) break
      busy = true
      const answer = await answerTo(request, onward, name)
      stays = persists({ request, response: answer, role: 'proxy' }) && !closing
      client.write(formatResponse(stays ? answer : withClose(answer)))
    }
    client.end()
  }
  // What is no HTTP has no next message: the connection is over.
  serve().catch(() => client.end(formatResponse(withClose(plain(400, 'Bad Request')))))
  client.once('close', () => onward.end())
  return {
    endIfIdle() {
      closing = true
      if (!busy && input.pending === 0) client.end()
    },
  }
}

async function answerTo(request: Request, onward: Onward, name: string): Promise<Response> {
  if (hopsLeft(request) === 0) return answerAsLast(request)
  const sent = withHost(forward(request, { name, received: request.version }), onward.next)
  const response = await onward.exchange(sent)
  return response ? forward(response, { name, received: response.version }) : plain(502, 'Bad Gateway')
}

/** HTTP/1.1 demands the field, and a client of HTTP/1.0 may not know it (RFC 9112 §3.2). */
function withHost(request: Request, { host, port }: Address): Request {
  if (field(request.headers, 'host') !== null) return request
  return { ...request, headers: [['Host', `${host}:${port}`], ...request.headers] }
}

function withClose(response: Response): Response {
  return { ...response, headers: [...response.headers, ['Connection', 'close']] }
}

function plain(status: number, reason: string): Response {
  return { version: '1.1', status, reason, headers: [], body: Buffer.from(`${reason}\n`) }
}

/** What a TRACE must not give back, as whoever can start one could read it (RFC 9110 §9.3.8). */
const SECRETS = ['authorization', 'proxy-authorization', 'cookie']

/** No hops are left, so we are the last recipient (RFC 9110 §7.6.2): TRACE shows what has come in. */
function answerAsLast(request: Request): Response {
  if (request.method === 'OPTIONS') return { ...plain(200, 'OK'), body: Buffer.alloc(0) }
  const shown = request.headers.filter(([name]) => !SECRETS.includes(name.toLowerCase()))
  const body = formatRequest({ ...request, headers: shown })
  return { ...plain(200, 'OK'), headers: [['Content-Type', 'message/http']], body }
}

interface Line {
  readonly socket: Socket
  readonly input: Incoming
}

/** The other side: one connection to the next hop at a time, which ends by what is said on it. */
class Onward {
  readonly next: Address
  readonly #sockets: Set<Socket>
  #line: Line | null = null

  constructor(next: Address, sockets: Set<Socket>) {
    this.next = next
    this.#sockets = sockets
  }

  /** Sends a request on the kept connection, or else on a new one. Null where no whole answer comes. */
  async exchange(request: Request): Promise<Response | null> {
    // What came unasked is nobody's answer (RFC 9112 §9.2), and behind a FIN there is none.
    if (this.#line && !this.#line.input.isQuiet) this.end()
    this.#line ??= this.#connect()
    const { socket, input } = this.#line
    socket.write(formatRequest(request))
    const response = await input.response().catch(() => null)
    if (!response || !persists({ request, response, role: 'client' })) this.end()
    return response
  }

  end(): void {
    this.#line?.socket.end()
    this.#line = null
  }

  #connect(): Line {
    const socket = connect(this.next)
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    return { socket, input: new Incoming(socket) }
  }
}
// #endregion hop

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
    // An error shows as a message that never became whole.
    socket.on('error', () => end('RST'))
  }

  /** Bytes of a message that has begun and is not taken. */
  get pending(): number {
    return this.#bytes.length
  }

  /** Nothing has come behind the last message, no end either. */
  get isQuiet(): boolean {
    return this.pending === 0 && this.#end === null
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
  readonly body: Uint8Array
  /** Bytes of head and body on the wire. */
  readonly length: number
}

/** RFC 9112 §6.3, without the messages that never have a body; null while it is not whole. */
function cutMessage(bytes: Buffer, lengthOtherwise: number): Whole | null {
  const head = parseHead(bytes)
  if (!head) return null
  const rest = bytes.subarray(head.length)
  const length = contentLength(head)
  const coding = field(head.headers, 'transfer-encoding')
  if (coding !== null) {
    // Whoever believes the other length begins the next message elsewhere (RFC 9112 §11.2).
    if (length !== null) throw new Error('two lengths')
    if (coding.toLowerCase() !== 'chunked')
      throw new Error(`a transfer coding that nobody here knows: ${coding}`)
    const chunked = takeChunked(rest)
    return chunked && { head, body: chunked.body, length: head.length + chunked.length }
  }
  const size = length ?? Math.max(0, lengthOtherwise - head.length)
  return rest.length < size ? null : { head, body: rest.subarray(0, size), length: head.length + size }
}

/** Null where none is given. What is no number of bytes has no meaning that could be guessed (RFC 9112 §6.3). */
function contentLength({ headers }: Head): number | null {
  const given = field(headers, 'content-length')
  if (given !== null && !/^\d+$/.test(given)) throw new Error(`not a Content-Length: ${given}`)
  return given === null ? null : Number(given)
}
// #endregion incoming

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
