/**
 * Lab 12: keep-alive. A server that keeps its connections, and a client that uses them again.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.3 | RFC 9112 §9.3} (persistence)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.6 | RFC 9112 §9.6} (tear-down)
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { takeChunked } from '../../labs/kit/chunked.ts'
import { formatRequest, formatResponse } from '../../labs/kit/format.ts'
import { parseHead, parseRequestHead, parseResponseHead } from '../../labs/kit/head.ts'
import { field, type Handler, type Headers, type Request, type Response } from '../../labs/kit/http.ts'
import type { RunningServer } from '../../labs/kit/http.ts'

type Message = Pick<Request, 'version' | 'headers'>

// #region persistence
/** The four steps of RFC 9112 §9.3; we honour the keep-alive of HTTP/1.0, and are no proxy. */
function persists({ version, headers }: Message): boolean {
  if (hasOption(headers, 'close')) return false
  if (version === '1.1') return true
  return hasOption(headers, 'keep-alive')
}

/** Connection is a list of tokens in any case (RFC 9110 §7.6.1): `Close-Notify` is not `close`. */
function hasOption(headers: Headers, option: string): boolean {
  const options = (field(headers, 'connection') ?? '').toLowerCase().split(',')
  return options.some((each) => each.trim() === option)
}
// #endregion persistence

// #region framing
/** Where a message ends: at a byte that the message itself names, or at the sender's FIN. */
type Body = { readonly body: Buffer; readonly length: number } | 'incomplete' | 'until FIN'

/** RFC 9112 §6.3, as far as this lab needs it. */
function takeBody({ version, headers }: Message, rest: Buffer, without: 'empty' | 'until FIN'): Body {
  const [length, coding] = [field(headers, 'content-length'), field(headers, 'transfer-encoding')]
  // Two ends that differ are how requests are smuggled, and HTTP/1.0 has no chunks (§6.1): trust neither.
  if (coding !== null && (length !== null || version === '1.0')) throw badMessage('chunks out of place')
  if (coding?.toLowerCase() === 'chunked') return takeChunked(rest) ?? 'incomplete'
  if (coding !== null) throw badMessage(`a transfer coding that nobody here knows: ${coding}`)
  if (length === null) return without === 'empty' ? { body: Buffer.alloc(0), length: 0 } : without
  if (!/^\d+$/.test(length)) throw badMessage(`a Content-Length that is no number: ${length}`)
  const end = Number(length)
  return rest.length < end ? 'incomplete' : { body: Buffer.from(rest.subarray(0, end)), length: end }
}

function badMessage(why: string): Error {
  return Object.assign(new Error(why), { code: 'BAD_MESSAGE' })
}
// #endregion framing

// #region serve
type Limits = { readonly idleMs: number; readonly maxRequests: number }

/** Serves request after request on every connection, until one side wants no more. */
export async function serve(handler: Handler, options: Limits): Promise<RunningServer> {
  const connections = new Set<ServerConnection>()
  // A client that has ended its own side still gets its answers (RFC 9112 §9.6).
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const connection = new ServerConnection(socket, handler, options)
    connections.add(connection)
    socket.once('close', () => connections.delete(connection))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const connection of connections) connection.stop()
    })
  return { port: (server.address() as AddressInfo).port, close }
}

class ServerConnection {
  readonly #socket: Socket
  readonly #handler: Handler
  readonly #options: Limits
  #received = Buffer.alloc(0)
  /** Requests that may still be answered. */
  #left: number
  #busy = false
  /** The request in progress is the last one. */
  #stopping = false
  #timer: NodeJS.Timeout | undefined

  constructor(socket: Socket, handler: Handler, options: Limits) {
    this.#socket = socket
    this.#handler = handler
    this.#options = options
    this.#left = options.maxRequests
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('end', () => this.#goOn())
    // What a client does to its own connection is no concern of the others: 'close' follows.
    socket.on('error', () => undefined)
    socket.on('close', () => clearTimeout(this.#timer))
    this.#goOn()
  }

  /** Closes now if the connection is idle, and otherwise behind the answer in progress. */
  stop(): void {
    this.#stopping = true
    this.#goOn()
  }

  #receive(chunk: Buffer): void {
    // Behind our close, bytes are read so that they cause no reset, and thrown away (RFC 9112 §9.6).
    if (this.#left === 0) return
    // The first byte of a request ends the idle time, however long the rest of it takes.
    clearTimeout(this.#timer)
    this.#received = Buffer.concat([this.#received, chunk])
    if (!this.#busy) void this.#answerAll()
  }

  async #answerAll(): Promise<void> {
    this.#busy = true
    try {
      for (let request = this.#take(); request; request = this.#take()) await this.#answer(request)
    } catch {
      // Nobody can tell where the next message begins.
      this.#left = 0
      await this.#send({ ...plain(400, 'Bad Request'), headers: [['Connection', 'close']] })
    }
    this.#busy = false
    this.#goOn()
  }

  /** Between two requests: close, or wait for another; but a request that has begun is waited for without a clock. */
  #goOn(): void {
    if (this.#busy) return
    const begun = this.#received.length > 0
    const isOver = this.#left === 0 || this.#socket.readableEnded
    if (isOver || (this.#stopping && !begun)) this.#end()
    else if (!begun) this.#restartClock(() => this.#end())
  }

  #take(): Request | null {
    const head = this.#left === 0 ? null : parseHead(this.#received)
    if (!head) return null
    const request = parseRequestHead(head)
    const found = takeBody(request, this.#received.subarray(head.length), 'empty')
    if (typeof found === 'string') return null
    this.#received = this.#received.subarray(head.length + found.length)
    return { ...request, body: found.body }
  }

  async #answer(request: Request): Promise<void> {
    this.#left = persists(request) ? this.#left - 1 : 0
    const response = await Promise.resolve(request)
      .then(this.#handler)
      .catch(() => plain(500, 'Internal Server Error'))
    if (this.#stopping) this.#left = 0
    await this.#send({ ...response, headers: [...response.headers, ...this.#terms(request)] })
  }

  /** What we say about the connection: nothing is needed where HTTP/1.1 keeps it anyway. */
  #terms(request: Request): Headers {
    if (this.#left === 0) return [['Connection', 'close']]
    if (request.version === '1.1') return []
    const seconds = Math.floor(this.#options.idleMs / 1000)
    return [
      ['Connection', 'keep-alive'],
      ['Keep-Alive', `timeout=${seconds}, max=${this.#left}`],
    ]
  }

  /** Resolves when the last byte has been handed to the kernel: only then does idle time begin. */
  #send(response: Response): Promise<void> {
    return new Promise((resolve) => void this.#socket.write(formatResponse(response), () => resolve()))
  }

  #end(): void {
    this.#left = 0
    // The wait for the client's FIN has begun with ours, and nothing makes it longer.
    if (this.#socket.writableEnded) return
    this.#socket.end()
    // The client may keep its own side open; we wait for its FIN, though not for ever.
    this.#restartClock(() => this.#socket.destroy())
  }

  #restartClock(expire: () => void): void {
    clearTimeout(this.#timer)
    if (!this.#socket.destroyed) this.#timer = setTimeout(expire, this.#options.idleMs)
  }
}

function plain(status: number, reason: string): Response {
  return { version: '1.1', status, reason, headers: [], body: Buffer.alloc(0) }
}
// #endregion serve

// #region client
/** RFC 9110 §9.2.2: sent twice, these are meant to have the effect of one. */
const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']

/** The connection ended before a byte of the response: nobody knows what became of the request. */
class Unanswered extends Error {
  readonly code = 'ECONNRESET'
}

/** Sends one request after the other, on the same connection for as long as both sides keep it. */
export class KeepAliveClient {
  readonly #port: number
  readonly #version: '1.0' | '1.1'
  #kept: ClientConnection | null = null

  constructor(port: number, options: { version?: '1.0' | '1.1' } = {}) {
    this.#port = port
    this.#version = options.version ?? '1.1'
  }

  async request(given: Partial<Request>): Promise<Response> {
    const request = this.#complete(given)
    const kept = this.#kept?.isUsable ? this.#kept : null
    this.#kept = null
    if (kept) {
      try {
        return await this.#transact(kept, request)
      } catch (error) {
        // The server's idle close may have crossed our request. A POST might have been carried out.
        if (!(error instanceof Unanswered) || !IDEMPOTENT.includes(request.method)) throw error
      }
    }
    return this.#transact(await ClientConnection.open(this.#port), request)
  }

  async close(): Promise<void> {
    await this.#kept?.destroy()
  }

  #complete(given: Partial<Request>): Request {
    const { method = 'GET', target = '/', headers = [], body = new Uint8Array() } = given
    const added: Array<[string, string]> = []
    if (field(headers, 'host') === null) added.push(['Host', `127.0.0.1:${this.#port}`])
    // HTTP/1.0 keeps nothing unasked, so the wish stands in every request (RFC 9112 App. C.2.2).
    if (this.#version === '1.0') added.push(['Connection', 'keep-alive'])
    return { method, target, version: this.#version, headers: [...added, ...headers], body }
  }

  async #transact(connection: ClientConnection, request: Request): Promise<Response> {
    try {
      const response = await connection.exchange(request)
      if (connection.isUsable && persists(request) && persists(response)) this.#kept = connection
      return response
    } finally {
      if (this.#kept !== connection) await connection.destroy()
    }
  }
}

/** Reads all the time, so that a FIN of the server is heard between two requests as well. */
class ClientConnection {
  readonly #socket: Socket
  #received = Buffer.alloc(0)
  #waiting = false
  #ended = false
  #error: Error | null = null
  #wake: () => void = () => undefined

  static async open(port: number): Promise<ClientConnection> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new ClientConnection(socket)
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) =>
      this.#hear(() => (this.#received = Buffer.concat([this.#received, chunk]))),
    )
    socket.on('end', () => this.#hear(() => (this.#ended = true)))
    socket.on('error', (error) => this.#hear(() => (this.#error = error)))
  }

  /** Nothing stands in the way of a next request: no FIN, and no bytes that nobody has asked for. */
  get isUsable(): boolean {
    return !this.#ended && !this.#socket.destroyed && this.#received.length === 0
  }

  async exchange(request: Request): Promise<Response> {
    this.#waiting = true
    this.#socket.write(formatRequest(request))
    for (;;) {
      const response = this.#take()
      if (response) return response
      if (this.#error || this.#ended) throw this.#failure()
      await new Promise<void>((resolve) => void (this.#wake = resolve))
    }
  }

  async destroy(): Promise<void> {
    this.#socket.destroy()
    if (!this.#socket.closed) await once(this.#socket, 'close')
  }

  #hear(note: () => void): void {
    note()
    this.#wake()
    // Whatever comes while nothing is asked for ends the connection.
    if (!this.#waiting) this.#socket.destroy()
  }

  #take(): Response | null {
    const head = parseHead(this.#received)
    if (!head) return null
    const response = parseResponseHead(head)
    const rest = this.#received.subarray(head.length)
    const found = takeBody(response, rest, 'until FIN')
    if (found === 'incomplete' || (found === 'until FIN' && !this.#ended)) return null
    const { body, length } = found === 'until FIN' ? { body: rest, length: rest.length } : found
    this.#received = rest.subarray(length)
    this.#waiting = false
    return { ...response, body: Uint8Array.from(body) }
  }

  #failure(): Error {
    const cause = this.#error
    if (this.#received.length === 0) return new Unanswered('ended before the response began', { cause })
    return cause ?? new Error(`the response was cut short after ${this.#received.length} bytes`)
  }
}
// #endregion client
