// Mixes resume() with a loop over the socket: what comes at once is lost between the two.
// fails: R9
// says: your program is idle
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { takeChunked } from '../../../../labs/kit/chunked.ts'
import { formatRequest, formatResponse } from '../../../../labs/kit/format.ts'
import { parseHead, parseRequestHead, parseResponseHead } from '../../../../labs/kit/head.ts'
import { field, type Handler, type Headers, type Request, type Response } from '../../../../labs/kit/http.ts'
import type { RunningServer } from '../../../../labs/kit/http.ts'

// #region persistence
/** The four steps of RFC 9112 §9.3; we honour the keep-alive of HTTP/1.0, and are no proxy. */
function persists({ version, headers }: Pick<Request, 'version' | 'headers'>): boolean {
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
function takeBody(headers: Headers, rest: Buffer, without: 'empty' | 'until FIN'): Body {
  const [length, coding] = [field(headers, 'content-length'), field(headers, 'transfer-encoding')]
  // Two lengths that differ are how requests are smuggled: trust neither.
  if (coding !== null && length !== null) throw badMessage('both Transfer-Encoding and Content-Length')
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
  /** We take no further request after the one in progress. */
  #stopping = false
  #timer: NodeJS.Timeout | undefined

  constructor(socket: Socket, handler: Handler, options: Limits) {
    this.#socket = socket
    this.#handler = handler
    this.#options = options
    this.#left = options.maxRequests
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.once('end', () => this.stop())
    socket.on('error', () => socket.destroy())
    socket.once('close', () => clearTimeout(this.#timer))
    this.#goOn()
  }

  /** Closes now if the connection is idle, and otherwise behind the answer in progress. */
  stop(): void {
    this.#stopping = true
    if (!this.#busy) this.#goOn()
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

  /** Between two requests: close, or wait; but a request that has begun is waited for without a clock. */
  #goOn(): void {
    const begun = this.#received.length > 0 && !this.#socket.readableEnded
    if (this.#left === 0 || (this.#stopping && !begun)) this.#end()
    else if (!begun) this.#restartClock(() => this.#end())
  }

  #take(): Request | null {
    const head = this.#left === 0 ? null : parseHead(this.#received)
    if (!head) return null
    const request = parseRequestHead(head)
    const found = takeBody(head.headers, this.#received.subarray(head.length), 'empty')
    if (typeof found === 'string') return null
    this.#received = this.#received.subarray(head.length + found.length)
    return { ...request, body: found.body }
  }

  async #answer(request: Request): Promise<void> {
    this.#left = persists(request) ? this.#left - 1 : 0
    const response = await Promise.resolve(request)
      .then(this.#handler)
      .catch(() => plain(500, 'Internal Server Error'))
    if (this.#stopping && this.#received.length === 0) this.#left = 0
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
  #kept: Socket | null = null

  constructor(port: number, options: { version?: '1.0' | '1.1' } = {}) {
    this.#port = port
    this.#version = options.version ?? '1.1'
  }

  async request(given: Partial<Request>): Promise<Response> {
    const request = this.#complete(given)
    const kept = this.#kept
    this.#kept = null
    if (kept) {
      try {
        return await this.#transact(kept, request)
      } catch (error) {
        // The server's idle close may have crossed our request. A POST might have been carried out.
        if (!(error instanceof Unanswered) || !IDEMPOTENT.includes(request.method)) throw error
      }
    }
    return this.#transact(await this.#open(), request)
  }

  async close(): Promise<void> {
    if (this.#kept) await destroy(this.#kept)
  }

  #complete(given: Partial<Request>): Request {
    const { method = 'GET', target = '/', headers = [], body = new Uint8Array() } = given
    const added: Array<[string, string]> = []
    if (field(headers, 'host') === null) added.push(['Host', `127.0.0.1:${this.#port}`])
    // HTTP/1.0 keeps nothing unasked, so the wish stands in every request (RFC 9112 App. C.2.2).
    if (this.#version === '1.0') added.push(['Connection', 'keep-alive'])
    return { method, target, version: this.#version, headers: [...added, ...headers], body }
  }

  async #open(): Promise<Socket> {
    const socket = connect(this.#port, '127.0.0.1')
    await once(socket, 'connect')
    const forget = (): void => {
      if (this.#kept !== socket) return
      this.#kept = null
      socket.destroy()
    }
    for (const event of ['end', 'error', 'close']) socket.on(event, forget)
    return socket
  }

  async #transact(socket: Socket, request: Request): Promise<Response> {
    try {
      const { response, reusable } = await exchange(socket, request)
      if (reusable && persists(request) && persists(response)) this.#kept = socket
      // Somebody must read on: so a FIN of the server is seen before the next request.
      socket.resume()
      return response
    } finally {
      if (this.#kept !== socket) await destroy(socket)
    }
  }
}

interface Answer {
  readonly response: Response
  /** The response showed its own end, and nothing stood behind it. */
  readonly reusable: boolean
}

async function exchange(socket: Socket, request: Request): Promise<Answer> {
  let received = Buffer.alloc(0)
  socket.write(formatRequest(request))
  try {
    // An ordinary loop would destroy the socket when it is left, and another request may follow.
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      received = Buffer.concat([received, chunk as Buffer])
      const answer = takeResponse(received, false)
      if (answer) return answer
    }
  } catch (error) {
    throw received.length > 0 ? error : new Unanswered('reset before the response began', { cause: error })
  }
  if (received.length === 0) throw new Unanswered('closed before the response began')
  const answer = takeResponse(received, true)
  if (!answer) throw new Error(`the response was cut short after ${received.length} bytes`)
  return answer
}

function takeResponse(received: Buffer, ended: boolean): Answer | null {
  const head = parseHead(received)
  if (!head) return null
  const rest = received.subarray(head.length)
  const found = takeBody(head.headers, rest, 'until FIN')
  if (found === 'incomplete' || (found === 'until FIN' && !ended)) return null
  const body = found === 'until FIN' ? rest : found.body
  const reusable = found !== 'until FIN' && found.length === rest.length && !ended
  return { response: { ...parseResponseHead(head), body: Uint8Array.from(body) }, reusable }
}

async function destroy(socket: Socket): Promise<void> {
  socket.destroy()
  if (!socket.closed) await once(socket, 'close')
}
// #endregion client
