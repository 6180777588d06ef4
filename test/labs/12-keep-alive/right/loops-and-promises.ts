// Promises: one loop a connection pulls message after message out of the socket, and a signal ends the
// wait; the client pulls in the same way, and hears of a FIN by a pull that is always under way.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { takeChunked } from '../../../../labs/kit/chunked.ts'
import { formatRequest, formatResponse } from '../../../../labs/kit/format.ts'
import { parseHead, parseRequestHead, parseResponseHead, type Head } from '../../../../labs/kit/head.ts'
import { field, type Handler, type Headers, type Request, type Response } from '../../../../labs/kit/http.ts'
import type { RunningServer } from '../../../../labs/kit/http.ts'

function tokens(headers: Headers): Set<string> {
  return new Set((field(headers, 'CONNECTION') ?? '').split(',').map((token) => token.trim().toLowerCase()))
}

function persistent({ version, headers }: { version: string; headers: Headers }): boolean {
  const options = tokens(headers)
  if (options.has('close')) return false
  return version === '1.1' || options.has('keep-alive')
}

/** The bytes of one socket, pulled. */
class Source {
  bytes: Buffer = Buffer.alloc(0)
  ended = false
  readonly #pieces: AsyncIterator<Buffer, void>
  #pull: Promise<void> | null = null

  constructor(socket: Socket) {
    const iterable = socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
    this.#pieces = iterable[Symbol.asyncIterator]() as AsyncIterator<Buffer, void>
  }

  /** Resolves with the next piece or the end, for everybody who waits. */
  more(): Promise<void> {
    this.#pull ??= this.#next().finally(() => (this.#pull = null))
    return this.#pull
  }

  async #next(): Promise<void> {
    const { value, done } = await this.#pieces.next()
    if (value) this.bytes = Buffer.concat([this.bytes, value])
    this.ended ||= done === true
  }

  drop(length: number): Buffer {
    const taken = Buffer.from(this.bytes.subarray(0, length))
    this.bytes = this.bytes.subarray(length)
    return taken
  }

  async head(): Promise<Head | null> {
    for (;;) {
      const head = parseHead(this.bytes)
      if (head) this.drop(head.length)
      if (head || this.ended) return head
      await this.more()
    }
  }

  async exactly(length: number): Promise<Buffer> {
    while (this.bytes.length < length) {
      if (this.ended) throw new Error('the body is short')
      await this.more()
    }
    return this.drop(length)
  }

  async chunks(): Promise<Buffer> {
    for (;;) {
      const found = takeChunked(this.bytes)
      if (found) this.drop(found.length)
      if (found) return found.body
      if (this.ended) throw new Error('the last chunk is missing')
      await this.more()
    }
  }

  async all(): Promise<Buffer> {
    while (!this.ended) await this.more()
    return this.drop(this.bytes.length)
  }
}

const isChunked = ({ headers }: Head): boolean =>
  field(headers, 'transfer-encoding')?.trim().toLowerCase() === 'chunked'

type Limits = { idleMs: number; maxRequests: number }
type Client = { readonly socket: Socket; readonly source: Source; busy: boolean; stopping: boolean }

export async function serve(handler: Handler, limits: Limits): Promise<RunningServer> {
  const clients = new Set<Client>()
  const server = createServer({ allowHalfOpen: true }, async (socket) => {
    socket.on('error', () => undefined)
    const client: Client = { socket, source: new Source(socket), busy: false, stopping: false }
    clients.add(client)
    socket.once('close', () => clients.delete(client))
    try {
      await answerAll(client, handler, limits)
      socket.end()
      await Promise.race([client.source.all(), patience(socket, limits.idleMs)])
    } catch {
      socket.destroy()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    const gone = once(server, 'close')
    server.close()
    for (const client of clients) {
      client.stopping = true
      if (client.busy) continue
      client.socket.end()
      void patience(client.socket, limits.idleMs)
    }
    await gone
  }
  return { port, close }
}

async function answerAll(client: Client, handler: Handler, { idleMs, maxRequests }: Limits): Promise<void> {
  for (let left = maxRequests - 1; left >= 0; left--) {
    if (!(await begins(client, idleMs))) return
    client.busy = true
    const head = await client.source.head()
    if (!head) return
    const isOdd = isChunked(head) && field(head.headers, 'content-length') !== null
    if (isOdd) return send(client.socket, refusal())
    const body = isChunked(head)
      ? await client.source.chunks()
      : await client.source.exactly(Number(field(head.headers, 'content-length') ?? '0'))
    const request = { ...parseRequestHead(head), body }
    const given = await handler(request)
    const last = !persistent(request) || left === 0 || client.stopping
    await send(client.socket, {
      ...given,
      headers: [...terms(request, last, left, idleMs), ...given.headers],
    })
    if (last || client.stopping) return
    client.busy = false
  }
}

/** The client may be in no hurry with its own FIN. */
async function patience(socket: Socket, milliseconds: number): Promise<void> {
  const timer = setTimeout(() => socket.destroy(), milliseconds)
  socket.once('close', () => clearTimeout(timer))
  await once(socket, 'close')
}

/** Waits for the first byte of a request: false when the client ends, or when idleMs are over. */
async function begins({ source, socket }: Client, idleMs: number): Promise<boolean> {
  if (source.bytes.length > 0) return true
  let timer: NodeJS.Timeout | undefined
  const idle = new Promise<void>((resolve) => (timer = setTimeout(resolve, idleMs)))
  const dropped = once(socket, 'close').then(() => undefined)
  try {
    await Promise.race([source.more(), idle, dropped])
  } finally {
    clearTimeout(timer)
  }
  return source.bytes.length > 0
}

function terms(request: Request, last: boolean, left: number, idleMs: number): Headers {
  if (last) return [['Connection', 'close']]
  if (request.version === '1.1') return [['connection', 'X-Kept']]
  return [
    ['CONNECTION', 'KEEP-ALIVE'],
    ['KEEP-ALIVE', `max=${left},timeout=${Math.trunc(idleMs / 1_000)}`],
  ]
}

function refusal(): Response {
  return {
    version: '1.1',
    status: 400,
    reason: 'No',
    headers: [['Connection', 'close']],
    body: Buffer.alloc(0),
  }
}

async function send(socket: Socket, response: Response): Promise<void> {
  await new Promise<void>((resolve) => socket.write(formatResponse(response), () => resolve()))
}

const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

class Lost extends Error {}

type Kept = { readonly socket: Socket; readonly source: Source; isBroken: boolean }

export class KeepAliveClient {
  readonly #port: number
  readonly #version: '1.0' | '1.1'
  #kept: Kept | null = null

  constructor(port: number, options?: { version?: '1.0' | '1.1' }) {
    this.#port = port
    this.#version = options?.version ?? '1.1'
  }

  async request(partial: Partial<Request>): Promise<Response> {
    const wish = this.#version === '1.0' ? [['Connection', 'Keep-Alive'] as const] : []
    const request: Request = {
      method: 'GET',
      target: '/',
      body: Buffer.alloc(0),
      ...partial,
      version: this.#version,
      headers: [['Host', 'localhost'], ['User-Agent', 'loops'], ...wish, ...(partial.headers ?? [])],
    }
    const old = this.#kept
    this.#kept = null
    if (old && !old.isBroken && !old.source.ended && old.source.bytes.length === 0) {
      try {
        return await this.#exchange(old, request)
      } catch (error) {
        if (!(error instanceof Lost && REPEATABLE.has(request.method))) throw error
      }
    } else if (old) await destroy(old)
    const socket = connect(this.#port, '127.0.0.1')
    await once(socket, 'connect')
    const fresh: Kept = { socket, source: new Source(socket), isBroken: false }
    socket.on('error', () => (fresh.isBroken = true))
    return this.#exchange(fresh, request)
  }

  async close(): Promise<void> {
    if (this.#kept) await destroy(this.#kept)
  }

  async #exchange(kept: Kept, request: Request): Promise<Response> {
    const { socket, source } = kept
    let isLast = true
    try {
      socket.write(formatRequest(request))
      const head = await headOf(kept)
      const hasLength = isChunked(head) || field(head.headers, 'content-length') !== null
      const body = isChunked(head)
        ? await source.chunks()
        : hasLength
          ? await source.exactly(Number(field(head.headers, 'content-length')))
          : await source.all()
      const response = { ...parseResponseHead(head), body: Uint8Array.from(body) }
      isLast = !hasLength || !persistent(response) || !persistent(request) || source.bytes.length > 0
      return response
    } finally {
      if (isLast) await destroy(kept)
      else this.#keep(kept)
    }
  }

  /** Goes on pulling, so that the server's FIN is known before the next request. */
  #keep(kept: Kept): void {
    this.#kept = kept
    kept.source.more().catch(() => (kept.isBroken = true))
  }
}

async function headOf({ source }: Kept): Promise<Head> {
  let head: Head | null = null
  try {
    head = await source.head()
  } catch (error) {
    if (source.bytes.length > 0) throw error
    throw Object.assign(new Lost('the connection broke'), { code: (error as NodeJS.ErrnoException).code })
  }
  if (head) return head
  throw source.bytes.length > 0 ? new Error('half a head') : new Lost('the connection ended')
}

async function destroy({ socket }: Kept): Promise<void> {
  if (socket.closed) return
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.destroy()
  await closed
}
