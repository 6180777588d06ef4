/**
 * Lab 14: a connection pool. Many callers, few connections, each of them kept for as long as it can be trusted.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.3.1 | RFC 9112 §9.3.1} (retrying requests)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.4 | RFC 9112 §9.4} (concurrency)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.5 | RFC 9112 §9.5} (failures and timeouts)
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { takeChunked } from '../../labs/kit/chunked.ts'
import { formatRequest } from '../../labs/kit/format.ts'
import { parseHead, parseResponseHead } from '../../labs/kit/head.ts'
import { field, type Address, type Headers, type Request, type Response } from '../../labs/kit/http.ts'

export interface PoolOptions {
  readonly maxPerOrigin: number
  readonly maxWaiting: number
  readonly idleMs: number
  readonly marginMs: number
}

export interface Counts {
  readonly open: number
  readonly idle: number
  readonly waiting: number
}

// #region pool
export class Pool {
  readonly #options: PoolOptions
  readonly #origins = new Map<string, Origin>()
  readonly #underWay = new Set<Promise<Response>>()
  #closing: Promise<void> | null = null

  constructor(options: PoolOptions) {
    this.#options = options
  }

  async request(
    address: Address,
    given: Partial<Request>,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Response> {
    if (this.#closing) throw failure('EPOOLCLOSED', 'the pool has been closed')
    signal?.throwIfAborted()
    const answered = this.#originOf(address).request(complete(given, address), signal)
    this.#underWay.add(answered)
    try {
      return await answered
    } finally {
      this.#underWay.delete(answered)
    }
  }

  get counts(): Counts {
    const sum = { open: 0, idle: 0, waiting: 0 }
    for (const { open, idle, waiting } of this.#origins.values()) {
      sum.open += open
      sum.idle += idle
      sum.waiting += waiting
    }
    return sum
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const idle = [...this.#origins.values()].map((origin) => origin.close())
    // Each of them closes its connection before it settles: from here on nothing becomes idle.
    await Promise.allSettled([...this.#underWay, ...idle])
  }

  #originOf({ host, port }: Address): Origin {
    const key = `${host} ${port}`
    const origin = this.#origins.get(key) ?? new Origin({ host, port }, this.#options)
    this.#origins.set(key, origin)
    return origin
  }
}

function complete(given: Partial<Request>, { host, port }: Address): Request {
  const { method = 'GET', target = '/', headers = [], body = new Uint8Array() } = given
  const name = host.includes(':') ? `[${host}]` : host
  const added: Headers =
    field(headers, 'host') === null ? [['Host', port === 80 ? name : `${name}:${port}`]] : []
  return { method, target, version: '1.1', headers: [...added, ...headers], body }
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
// #endregion pool

// #region origin
/** RFC 9110 §9.2.2: sent twice, these are meant to have the effect of one. */
const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']

/** Gets a connection that stands idle, or null: a place in which to open one. */
type Waiter = (connection: Connection | null) => void

/**
 * One origin's share of the pool. A request holds a place until it settles, and an idle connection holds its own: so
 * there are never more connections than places.
 */
class Origin {
  readonly #address: Address
  readonly #options: PoolOptions
  /** The last one was used last. */
  #idle: Connection[] = []
  #waiting: Waiter[] = []
  #taken = 0
  #isClosing = false

  constructor(address: Address, options: PoolOptions) {
    this.#address = address
    this.#options = options
  }

  get open(): number {
    return this.#taken
  }

  get idle(): number {
    return this.#idle.length
  }

  get waiting(): number {
    return this.#waiting.length
  }

  async request(request: Request, signal: AbortSignal | undefined): Promise<Response> {
    let connection = await this.#take(signal)
    let idleMs = 0
    try {
      let response = connection && (await this.#tryKept(connection, request, signal))
      if (!response) {
        connection = await Connection.open(this.#address, signal)
        response = await connection.exchange(request, signal)
      }
      if (persists(request) && persists(response)) idleMs = this.#idleTime(response)
      return response
    } finally {
      await this.#giveBack(connection, idleMs)
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true
    await Promise.all(this.#idle.splice(0).map((connection) => this.#giveBack(connection, 0)))
  }

  /** @returns Null where the request lost the race with an idle close, and may be sent again (RFC 9110 §9.2.2). */
  async #tryKept(
    connection: Connection,
    request: Request,
    signal: AbortSignal | undefined,
  ): Promise<Response | null> {
    try {
      return await connection.exchange(request, signal)
    } catch (error) {
      if (!(error instanceof Unanswered) || !IDEMPOTENT.includes(request.method)) throw error
      await connection.destroy()
      return null
    }
  }

  #take(signal: AbortSignal | undefined): Connection | null | Promise<Connection | null> {
    const idle = this.#idle.pop()
    if (idle) return idle
    const { maxPerOrigin, maxWaiting } = this.#options
    if (this.#taken < maxPerOrigin) {
      this.#taken++
      return null
    }
    if (this.#waiting.length >= maxWaiting) throw failure('EPOOLFULL', `${maxWaiting} requests wait already`)
    return this.#wait(signal)
  }

  #wait(signal: AbortSignal | undefined): Promise<Connection | null> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((each) => each !== serve)
        reject(signal?.reason as Error)
      }
      const serve: Waiter = (connection) => {
        signal?.removeEventListener('abort', leave)
        resolve(connection)
      }
      signal?.addEventListener('abort', leave, { once: true })
      this.#waiting.push(serve)
    })
  }

  /** The first who waits gets the connection, or else the place. */
  async #giveBack(connection: Connection | null, idleMs: number): Promise<void> {
    const isKept = idleMs > 0 && connection?.isUsable === true
    const serve = this.#waiting[0]
    if (isKept && (serve || !this.#isClosing)) {
      this.#waiting.shift()
      if (serve) serve(connection)
      else this.#rest(connection, idleMs)
      return
    }
    await connection?.destroy()
    this.#freePlace()
  }

  #freePlace(): void {
    const serve = this.#waiting.shift()
    if (serve) serve(null)
    else this.#taken--
  }

  #rest(connection: Connection, idleMs: number): void {
    this.#idle.push(connection)
    connection.rest(idleMs, () => {
      this.#idle = this.#idle.filter((each) => each !== connection)
      void this.#giveBack(connection, 0)
    })
  }

  /** We end a connection before its server does (RFC 9112 §9.5); 0 where there is no time for that. */
  #idleTime({ headers }: Response): number {
    const { idleMs, marginMs } = this.#options
    const seconds = /(?:^|[,\s])timeout\s*=\s*(\d+)\s*(?:,|$)/i.exec(field(headers, 'keep-alive') ?? '')?.[1]
    if (seconds === undefined || !hasOption(headers, 'keep-alive')) return idleMs
    return Math.min(idleMs, Number(seconds) * 1000 - marginMs)
  }
}

/** The four steps of RFC 9112 §9.3. */
function persists({ version, headers }: Pick<Response, 'version' | 'headers'>): boolean {
  if (hasOption(headers, 'close')) return false
  return version === '1.1' || hasOption(headers, 'keep-alive')
}

/** Connection is a list of tokens in any case (RFC 9110 §7.6.1). */
function hasOption(headers: Headers, option: string): boolean {
  const options = (field(headers, 'connection') ?? '').toLowerCase().split(',')
  return options.some((each) => each.trim() === option)
}
// #endregion origin

// #region connection
/** The connection ended before a byte of the answer: nobody knows what became of the request. */
class Unanswered extends Error {
  readonly code = 'ECONNRESET'
}

/** Reads all the time, so that a FIN of the server is heard between two requests as well (RFC 9112 §9.5). */
class Connection {
  readonly #socket: Socket
  #received = Buffer.alloc(0)
  /** Bytes have come since the request was sent: interim answers count. */
  #hasBegun = false
  #ended = false
  #error: Error | null = null
  #wake: () => void = () => undefined
  #timer: NodeJS.Timeout | undefined

  static async open(address: Address, signal: AbortSignal | undefined): Promise<Connection> {
    signal?.throwIfAborted()
    const socket = connect({ host: address.host, port: address.port })
    const connection = new Connection(socket)
    try {
      await once(socket, 'connect', { signal })
      return connection
    } catch (error) {
      await connection.destroy()
      throw signal?.aborted === true ? signal.reason : error
    }
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#hasBegun = true
      this.#wake()
    })
    socket.on('end', () => {
      this.#ended = true
      this.#wake()
    })
    socket.on('error', (error) => {
      this.#error = error
      this.#wake()
    })
  }

  /** The answer showed its own end, before any FIN, and nothing came behind it. */
  get isUsable(): boolean {
    return !this.#ended && !this.#socket.destroyed && this.#received.length === 0
  }

  async exchange(request: Request, signal: AbortSignal | undefined): Promise<Response> {
    clearTimeout(this.#timer)
    this.#hasBegun = false
    const onAbort = (): void => this.#wake()
    signal?.addEventListener('abort', onAbort)
    try {
      this.#socket.write(formatRequest(request))
      for (;;) {
        signal?.throwIfAborted()
        const response = this.#take(request.method)
        if (response) return response
        if (this.#error || this.#ended) throw this.#failure()
        await new Promise<void>((resolve) => void (this.#wake = resolve))
      }
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Whatever happens to it while nothing is asked for is its end, and so is the end of its time. */
  rest(idleMs: number, onEnd: () => void): void {
    this.#wake = onEnd
    this.#timer = setTimeout(onEnd, idleMs)
  }

  async destroy(): Promise<void> {
    clearTimeout(this.#timer)
    this.#wake = () => undefined
    this.#socket.destroy()
    if (!this.#socket.closed) await once(this.#socket, 'close')
  }

  #take(method: string): Response | null {
    for (;;) {
      const head = parseHead(this.#received)
      if (!head) return null
      const start = parseResponseHead(head)
      const rest = this.#received.subarray(head.length)
      // An interim answer has no body, and the final one is still to come (RFC 9110 §15.2).
      const isInterim = start.status < 200
      const found = isInterim ? { body: rest.subarray(0, 0), length: 0 } : this.#takeBody(method, start, rest)
      if (!found) return null
      this.#received = rest.subarray(found.length)
      if (!isInterim) return { ...start, body: Uint8Array.from(found.body) }
    }
  }

  /** RFC 9112 §6.3, as far as this lab needs it. */
  #takeBody(method: string, { status, headers }: Omit<Response, 'body'>, rest: Buffer) {
    const length = field(headers, 'content-length')
    if (method === 'HEAD' || status === 204 || status === 304) return { body: rest.subarray(0, 0), length: 0 }
    if (field(headers, 'transfer-encoding')?.toLowerCase() === 'chunked') return takeChunked(rest)
    if (length === null) return this.#ended ? { body: rest, length: rest.length } : null
    if (!/^\d+$/.test(length)) throw failure('BAD_LENGTH', `not a Content-Length: ${length}`)
    const end = Number(length)
    return rest.length < end ? null : { body: rest.subarray(0, end), length: end }
  }

  #failure(): Error {
    const cause = this.#error
    if (!this.#hasBegun) return new Unanswered('ended before the answer began', { cause })
    return cause ?? failure('ECONNRESET', `the answer was cut short after ${this.#received.length} bytes`)
  }
}
// #endregion connection
