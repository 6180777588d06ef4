// Async generators over socket.iterator(); an idle clock of timers/promises and an AbortController; the version of the
// request in the status line; a request with both lengths answered by its chunks.
import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { takeChunked } from '../../../../labs/kit/chunked.ts'
import { formatRequest, formatResponse } from '../../../../labs/kit/format.ts'
import { parseHead, parseRequestHead, parseResponseHead, type Head } from '../../../../labs/kit/head.ts'
import {
  field,
  type Handler,
  type Headers,
  type Request,
  type Response,
  type RunningServer,
} from '../../../../labs/kit/http.ts'

const optionsOf = (headers: Headers) =>
  new Set((field(headers, 'connection') ?? '').split(',').map((o) => o.trim().toLowerCase()))
const persistent = (version: string, headers: Headers) => {
  const o = optionsOf(headers)
  return !o.has('close') && (version === '1.1' || o.has('keep-alive'))
}

/** Bytes with a memory: what was read too much stays. */
class Source {
  bytes = Buffer.alloc(0)
  ended = false
  readonly #chunks: AsyncIterator<Buffer>
  constructor(socket: Socket) {
    this.#chunks = socket.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>
  }
  async more(): Promise<boolean> {
    if (this.ended) return false
    const { value, done } = await this.#chunks.next()
    if (done) this.ended = true
    else this.bytes = Buffer.concat([this.bytes, value])
    return !done
  }
  async until<T>(take: (bytes: Buffer) => T | null): Promise<T | null> {
    for (;;) {
      const found = take(this.bytes)
      if (found !== null) return found
      if (!(await this.more())) return null
    }
  }
  skip(n: number) {
    this.bytes = this.bytes.subarray(n)
  }
}
async function bodyOf(source: Source, head: Head): Promise<Buffer | null> {
  if (field(head.headers, 'transfer-encoding') !== null) {
    const chunked = await source.until(takeChunked)
    if (chunked) source.skip(chunked.length)
    return chunked?.body ?? null
  }
  const n = Number(field(head.headers, 'content-length') ?? 0)
  const body = await source.until((b) => (b.length >= n ? Buffer.from(b.subarray(0, n)) : null))
  if (body) source.skip(n)
  return body
}

class Conversation {
  readonly #stop = new AbortController()
  #idle = true
  stopping = false
  readonly socket: Socket
  readonly handler: Handler
  readonly limits: { idleMs: number; maxRequests: number }
  constructor(socket: Socket, handler: Handler, limits: { idleMs: number; maxRequests: number }) {
    this.socket = socket
    this.handler = handler
    this.limits = limits
  }
  stop() {
    this.stopping = true
    if (this.#idle) this.#stop.abort()
  }
  async #firstByte(source: Source): Promise<boolean> {
    this.#idle = true
    if (this.stopping) return false
    const over = new AbortController()
    const signal = AbortSignal.any([over.signal])
    const stopped = new Promise<false>((r) => {
      if (this.#stop.signal.aborted) r(false)
      this.#stop.signal.addEventListener('abort', () => r(false), { once: true })
    })
    const clock = sleep(this.limits.idleMs, false as const, { signal }).catch(() => false as const)
    const come = await Promise.race([source.more(), clock, stopped])
    over.abort()
    this.#idle = false
    return come
  }
  async *requests(source: Source): AsyncGenerator<Request> {
    while (source.bytes.length > 0 || (await this.#firstByte(source))) {
      this.#idle = false
      const head = await source.until(parseHead)
      if (!head) return
      source.skip(head.length)
      const body = await bodyOf(source, head)
      if (!body) return
      yield { ...parseRequestHead(head), body }
    }
  }
  async run() {
    let left = this.limits.maxRequests
    const source = new Source(this.socket)
    try {
      for await (const request of this.requests(source)) {
        const response = await this.handler(request)
        const twoLengths =
          field(request.headers, 'content-length') !== null &&
          field(request.headers, 'transfer-encoding') !== null
        const goesOn =
          --left > 0 && !this.stopping && !twoLengths && persistent(request.version, request.headers)
        const terms: Array<[string, string]> = !goesOn
          ? [['Connection', 'close']]
          : request.version === '1.0'
            ? [
                ['Connection', 'keep-alive'],
                [
                  'Keep-Alive',
                  `timeout=${(this.limits.idleMs - (this.limits.idleMs % 1000)) / 1000},max=${left}`,
                ],
              ]
            : []
        const bytes = formatResponse({
          ...response,
          version: request.version,
          headers: [...response.headers, ...terms],
        })
        await new Promise((r) => this.socket.write(bytes, r))
        if (!goesOn) break
      }
    } catch {
      this.socket.write('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    }
    this.socket.end()
    this.socket.resume()
    const gone = new AbortController()
    this.socket.once('close', () => gone.abort())
    if (this.socket.closed) return
    await sleep(this.limits.idleMs, undefined, { signal: gone.signal }).then(
      () => this.socket.destroy(),
      () => {},
    )
  }
}

export async function serve(
  handler: Handler,
  limits: { idleMs: number; maxRequests: number },
): Promise<RunningServer> {
  const running = new Set<Conversation>()
  const server = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  server.on('connection', (socket) => {
    socket.on('error', () => socket.destroy())
    const conversation = new Conversation(socket, handler, limits)
    running.add(conversation)
    socket.once('close', () => running.delete(conversation))
    void conversation.run()
  })
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close()
      running.forEach((each) => each.stop())
      await once(server, 'close')
    },
  }
}

const REPEATABLE = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])

/** A connection of the client: one iterator for its whole life, which is always asked for the next chunk. */
class Wire {
  readonly source: Source
  answers = 0
  pending: Promise<boolean> | null = null
  lost: Error | null = null
  readonly socket: Socket
  constructor(socket: Socket) {
    this.socket = socket
    this.source = new Source(socket)
    socket.on('error', (e) => (this.lost ??= e))
  }
  get usable() {
    return !this.source.ended && !this.lost && !this.socket.destroyed && this.source.bytes.length === 0
  }
  more(): Promise<boolean> {
    return (this.pending ??= this.source.more().finally(() => (this.pending = null)))
  }
  watch() {
    this.more().then(
      () => this.answering || this.socket.destroy(),
      () => this.socket.destroy(),
    )
  }
  answering = false
  async destroy() {
    this.socket.destroy()
    if (!this.socket.closed) await once(this.socket, 'close').catch(() => {})
  }
  async exchange(request: Request): Promise<Response> {
    this.answering = true
    this.socket.write(formatRequest(request))
    const until = async <T>(take: () => T | null): Promise<T> => {
      for (;;) {
        const found = take()
        if (found !== null) return found
        const more = await this.more().catch((e: Error) => ((this.lost ??= e), false))
        if (!more) throw this.lost ?? new Error('the connection ended')
      }
    }
    const head = await until(() => parseHead(this.source.bytes))
    const start = parseResponseHead(head)
    const take = (n: number) => {
      const b = Uint8Array.from(this.source.bytes.subarray(0, n))
      return b
    }
    const rest = () => this.source.bytes.subarray(head.length)
    const cl = field(head.headers, 'content-length')
    let body: Uint8Array
    let length: number
    if (field(head.headers, 'transfer-encoding') !== null) {
      const c = await until(() => takeChunked(rest()))
      ;[body, length] = [Uint8Array.from(c.body), c.length]
    } else if (cl !== null) {
      await until(() => (rest().length >= Number(cl) ? true : null))
      length = Number(cl)
      body = take(head.length + length).subarray(head.length)
    } else {
      while (await this.more().catch((e: Error) => ((this.lost ??= e), false)));
      if (this.lost) throw this.lost
      length = rest().length
      body = Uint8Array.from(rest())
    }
    this.source.skip(head.length + length)
    this.answering = false
    this.answers++
    return { ...start, body }
  }
}
export class KeepAliveClient {
  #wire: Wire | null = null
  readonly port: number
  readonly options: { version?: '1.0' | '1.1' }
  constructor(port: number, options: { version?: '1.0' | '1.1' } = {}) {
    this.port = port
    this.options = options
  }
  async request(r: Partial<Request>): Promise<Response> {
    const version = this.options.version ?? '1.1'
    const headers: Array<readonly [string, string]> = [...(r.headers ?? []), ['Host', '127.0.0.1']]
    if (version === '1.0') headers.unshift(['connection', 'Keep-Alive'])
    const request: Request = { method: 'GET', target: '/', body: Buffer.of(), ...r, version, headers }
    let wire = this.#wire
    if (wire && !wire.usable) {
      await wire.destroy()
      wire = null
    }
    this.#wire = null
    if (wire) {
      try {
        return await this.#with(wire, request)
      } catch (error) {
        if (wire.source.bytes.length > 0 || !REPEATABLE.has(request.method)) throw error
      }
    }
    const socket = net.connect(this.port, '127.0.0.1')
    await once(socket, 'connect')
    return this.#with(new Wire(socket), request)
  }
  async #with(wire: Wire, request: Request): Promise<Response> {
    let keep = false
    try {
      const response = await wire.exchange(request)
      keep =
        wire.usable &&
        persistent(request.version, request.headers) &&
        persistent(response.version, response.headers)
      return response
    } finally {
      if (keep) {
        this.#wire = wire
        wire.watch()
      } else await wire.destroy()
    }
  }
  async close() {
    const wire = this.#wire
    this.#wire = null
    await wire?.destroy()
  }
}
