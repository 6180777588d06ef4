// Inboxes that are asked for a message, one loop a client; the next hop is left with FIN and a full close, an answer with
// both lengths goes on by its chunks, and numbers have no largest one.
import type { AddressInfo, Socket } from 'node:net'
import { createConnection, createServer } from 'node:net'
import { takeChunked } from '../../../../labs/kit/chunked.ts'
import { formatRequest, formatResponse } from '../../../../labs/kit/format.ts'
import { parseHead, parseRequestHead, parseResponseHead } from '../../../../labs/kit/head.ts'
import type { Address, Headers, Request, Response, RunningServer } from '../../../../labs/kit/http.ts'
import { field } from '../../../../labs/kit/http.ts'

const OF_THE_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  'proxy-authenticate',
  'proxy-authentication-info',
]
/** The message that leaves is ours, and these say what it is. */
const OURS = new Set(['content-length', 'host', 'max-forwards', 'via'])
const SECRETS = new Set(['authorization', 'proxy-authorization', 'cookie'])

export function connectionOptions(headers: Headers): string[] {
  const options = (field(headers, 'connection') ?? '')
    .split(',')
    .map((option) => option.replace(/^[ \t]+|[ \t]+$/g, '').toLowerCase())
  return [...new Set(options)].filter((option) => option !== '')
}

export function fieldsToRemove(headers: Headers): string[] {
  const named = connectionOptions(headers).filter((option) => !OURS.has(option))
  const isCoded = field(headers, 'transfer-encoding') !== null
  return [...new Set([...OF_THE_HOP, ...named, ...(isCoded ? ['content-length'] : [])])]
}

export interface Hop {
  readonly name: string
  readonly received: '1.0' | '1.1'
}

export function forward<M extends Request | Response>(message: M, hop: Hop): M {
  const removed = new Set(fieldsToRemove(message.headers))
  const kept = message.headers.filter(([name]) => !removed.has(name.toLowerCase()))
  const counted = kept.map(
    ([name, value]) => [name, isCounted(message, name, value) ? oneLess(value) : value] as const,
  )
  return { ...message, version: '1.1', headers: [...counted, ['Via', `${hop.received} ${hop.name}`]] }
}

function isCounted(message: Request | Response, name: string, value: string): boolean {
  if (!('method' in message) || !['TRACE', 'OPTIONS'].includes(message.method)) return false
  return name.toLowerCase() === 'max-forwards' && /^[0-9]+$/.test(value)
}

function oneLess(digits: string): string {
  const number = BigInt(digits)
  return String(number > 0n ? number - 1n : 0n)
}

export interface Exchange {
  readonly request: Request
  readonly response: Response
  readonly role: 'client' | 'server' | 'proxy'
}

export function persists({ request, response, role }: Exchange): boolean {
  const options = [request, response].map(({ headers }) => connectionOptions(headers))
  if (options.some((said) => said.includes('close'))) return false
  const received = role === 'client' ? response : request
  if (received.version === '1.1') return true
  if (role === 'proxy') return false
  return options.every((said) => said.includes('keep-alive'))
}

export async function startHop(next: Address, options: { name: string }): Promise<RunningServer> {
  const clients = new Set<Client>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const client = new Client(socket, next, options.name)
    clients.add(client)
    void client.run().finally(() => clients.delete(client))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const gone = new Promise<void>((resolve) => server.close(() => resolve()))
      const ends = [...clients].map((client) => client.retire())
      await Promise.all([gone, ...ends])
    },
  }
}

// --- a connection to read from ---

const MOST_HEAD = 65_536

/** What has come on a socket and has not been taken. */
class Inbox {
  readonly socket: Socket
  readonly gone: Promise<void>
  bytes: Buffer = Buffer.alloc(0)
  isEnded = false
  isBroken = false
  isDiscarded = false
  #wake: () => void = () => {}

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (piece) => {
      if (!this.isDiscarded) this.bytes = Buffer.concat([this.bytes, piece])
      this.#wake()
    })
    socket.on('end', () => {
      this.isEnded = true
      this.#wake()
    })
    socket.on('error', () => socket.destroy())
    this.gone = new Promise((resolve) => {
      socket.on('close', () => {
        this.isBroken = !this.isEnded
        this.isEnded = true
        this.#wake()
        resolve()
      })
    })
  }

  /** @returns Whether something may have come; false: nothing will any more. */
  async more(): Promise<boolean> {
    if (this.isEnded) return false
    await new Promise<void>((resolve) => (this.#wake = resolve))
    return true
  }

  /** FIN and a full close: who is not asked any more has nothing to say. */
  part(): void {
    this.isDiscarded = true
    this.socket.end(() => this.socket.destroy())
  }

  wake(): void {
    this.#wake()
  }

  take(count: number): Buffer {
    const taken = this.bytes.subarray(0, count)
    this.bytes = this.bytes.subarray(count)
    return taken
  }

  /** @throws What `read` throws, or Error where the connection ends before `read` has what it wants. */
  async read<T>(read: (bytes: Buffer) => T | null): Promise<T> {
    for (;;) {
      const found = read(this.bytes)
      if (found !== null) return found
      if (!(await this.more())) throw new Error('cut short')
    }
  }

  async head<T>(
    parse: (head: { startLine: string; headers: Headers; length: number }) => T,
  ): Promise<T & { startLine: string }> {
    const head = await this.read((bytes) => {
      // What is no HTTP need not come to a blank line, so its first line is looked at when it is there.
      const line = bytes.indexOf('\r\n')
      if (line >= 0) parseStart(bytes.toString('latin1', 0, line))
      if (bytes.length > MOST_HEAD && bytes.indexOf('\r\n\r\n') < 0) throw new Error('a head without an end')
      return parseHead(bytes)
    })
    this.take(head.length)
    return { ...parse(head), startLine: head.startLine }
  }

  async body(headers: Headers, isToFin: boolean): Promise<Buffer> {
    const coding = field(headers, 'transfer-encoding')
    const length = field(headers, 'content-length')
    if (coding !== null) {
      if (coding.toLowerCase() !== 'chunked') throw new Error(`a coding: ${coding}`)
      const chunked = await this.read(takeChunked)
      this.take(chunked.length)
      return chunked.body
    }
    if (length !== null) {
      if (!/^[0-9]+$/.test(length)) throw new Error(`a length: ${length}`)
      await this.read((bytes) => (bytes.length >= Number(length) ? bytes : null))
      return this.take(Number(length))
    }
    if (!isToFin) return Buffer.alloc(0)
    while (await this.more());
    if (this.isBroken) throw new Error('a reset')
    return this.take(this.bytes.length)
  }

  /** FIN, and then what still comes is thrown away, for a while. */
  leave(): void {
    if (this.isDiscarded) return
    this.isDiscarded = true
    const { socket } = this
    // 'finish' comes only where our FIN is out; after a reset there is nothing to wait for.
    socket.once('finish', () => {
      const timer = setTimeout(() => socket.destroy(), LINGER_MS)
      socket.once('close', () => clearTimeout(timer))
    })
    socket.end()
  }
}

/** @throws Error where this begins neither a request nor a response. */
function parseStart(line: string): void {
  if (line !== '' && !/^HTTP\/1\.\d \d{3}/.test(line) && !/ HTTP\/1\.\d$/.test(line))
    throw new Error('no HTTP')
}

// --- a client, and its connection to the next hop ---

const LINGER_MS = 5_000

class Client {
  readonly #inbox: Inbox
  readonly #next: Address
  readonly #name: string
  #upstream: Inbox | null = null
  #isRetired = false

  constructor(socket: Socket, next: Address, name: string) {
    this.#inbox = new Inbox(socket)
    this.#next = next
    this.#name = name
    void this.#inbox.gone.then(() => this.#upstream?.part())
  }

  /** Resolves when both connections are gone. */
  async run(): Promise<void> {
    try {
      while (await this.#exchange());
    } catch {
      this.#refuse()
    }
    await this.#finish()
  }

  /** Finishes what has begun, and resolves when both connections are gone. */
  async retire(): Promise<void> {
    this.#isRetired = true
    this.#inbox.wake()
    await this.#inbox.gone
    await this.#upstream?.gone
  }

  /**
   * One request and its answer.
   *
   * @returns Whether another one may follow.
   * @throws Error where what came is no request.
   */
  async #exchange(): Promise<boolean> {
    const inbox = this.#inbox
    while (inbox.bytes.length === 0) if (this.#isRetired || !(await inbox.more())) return false
    const head = await inbox.head(parseRequestHead)
    const { startLine, ...rest } = head
    if (field(rest.headers, 'transfer-encoding') !== null)
      if (rest.version === '1.0' || field(rest.headers, 'content-length') !== null)
        throw new Error('two lengths, or chunks in HTTP/1.0')
    const request: Request = { ...rest, body: await inbox.body(rest.headers, false) }
    const response = isForUs(request) ? ownAnswer(request, startLine) : await this.#ask(request)
    if (inbox.socket.destroyed) return false
    const stays = persists({ request, response, role: 'proxy' }) && !this.#isRetired
    const headers: Headers = stays ? response.headers : [...response.headers, ['Connection', 'close']]
    const bytes = formatResponse({ ...response, headers })
    await new Promise<void>((resolve) => inbox.socket.write(bytes, () => resolve()))
    return stays
  }

  async #ask(request: Request): Promise<Response> {
    const sent = withHost(forward(request, { name: this.#name, received: request.version }), this.#next)
    try {
      const upstream = this.#connection()
      upstream.socket.write(formatRequest(sent))
      const { startLine, ...head } = await upstream.head(parseResponseHead)
      const hasEnd = ['content-length', 'transfer-encoding'].some(
        (name) => field(head.headers, name) !== null,
      )
      const response: Response = { ...head, body: await upstream.body(head.headers, true) }
      if (!hasEnd || !persists({ request: sent, response, role: 'client' })) this.#drop()
      return forward(response, { name: this.#name, received: response.version })
    } catch {
      this.#drop()
      return plain(502, 'Bad Gateway')
    }
  }

  #connection(): Inbox {
    const kept = this.#upstream
    if (kept && kept.bytes.length === 0 && !kept.isEnded) return kept
    this.#drop()
    const inbox = new Inbox(createConnection(this.#next))
    this.#upstream = inbox
    // Between two answers the next hop has nothing to say but FIN, and FIN is answered at once.
    inbox.socket.on('end', () => inbox.part())
    return inbox
  }

  #drop(): void {
    this.#upstream?.part()
    this.#upstream = null
  }

  #refuse(): void {
    const { headers, ...answer } = plain(400, 'Bad Request')
    if (this.#inbox.socket.writable)
      this.#inbox.socket.write(formatResponse({ ...answer, headers: [...headers, ['Connection', 'close']] }))
  }

  async #finish(): Promise<void> {
    this.#inbox.leave()
    await this.#inbox.gone
    this.#upstream?.part()
    await this.#upstream?.gone
  }
}

function withHost(request: Request, { host, port }: Address): Request {
  if (field(request.headers, 'host') !== null) return request
  return { ...request, headers: [['Host', `${host}:${port}`], ...request.headers] }
}

function isForUs({ method, headers }: Request): boolean {
  return ['TRACE', 'OPTIONS'].includes(method) && /^0+$/.test(field(headers, 'max-forwards') ?? '')
}

function ownAnswer({ method, headers }: Request, startLine: string): Response {
  if (method === 'OPTIONS') return plain(200, 'OK')
  const lines = headers
    .filter(([name]) => !SECRETS.has(name.toLowerCase()))
    .map(([name, value]) => `${name}: ${value}\r\n`)
  const body = Buffer.from(`${startLine}\r\n${lines.join('')}\r\n`, 'latin1')
  return { ...plain(200, 'OK'), headers: [['Content-Type', 'message/http']], body }
}

function plain(status: number, reason: string): Response {
  return { version: '1.1', status, reason, headers: [], body: new Uint8Array() }
}
