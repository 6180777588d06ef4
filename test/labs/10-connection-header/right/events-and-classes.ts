// Events and classes: connections to the next hop are a pool for all clients, and ask for keep-alive in HTTP/1.0's words.
import net, { type AddressInfo, type Socket } from 'node:net'
import { takeChunked } from '../../../../labs/kit/chunked.ts'
import { parseHead, parseRequestHead, parseResponseHead } from '../../../../labs/kit/head.ts'
import type { Address, Headers, Request, Response } from '../../../../labs/kit/http.ts'

export function connectionOptions(headers: Headers): string[] {
  const found: string[] = []
  headers.forEach(([name, value]) => {
    if (!/^connection$/i.test(name)) return
    for (const part of value.split(/[ \t]*,[ \t]*/)) {
      const option = part.replaceAll(/[ \t]/g, '').toLowerCase()
      if (option !== '' && !found.includes(option)) found.push(option)
    }
  })
  return found
}

const ENDS_HERE =
  /^(connection|proxy-connection|keep-alive|te|transfer-encoding|upgrade|proxy-authenticat(e|ion-info))$/
const STAYS = /^(content-length|host|max-forwards|via)$/

export function fieldsToRemove(headers: Headers): string[] {
  const names = new Set(headers.map(([name]) => name.toLowerCase()))
  const options = connectionOptions(headers)
  return [...names].filter((name) => {
    if (name === 'content-length') return names.has('transfer-encoding')
    return ENDS_HERE.test(name) || (options.includes(name) && !STAYS.test(name))
  })
}

export function forward<M extends Request | Response>(
  message: M,
  hop: { name: string; received: string },
): M {
  const gone = fieldsToRemove(message.headers)
  const headers: Array<readonly [string, string]> = []
  for (const [name, value] of message.headers) {
    const lower = name.toLowerCase()
    if (gone.includes(lower)) continue
    const counts = 'method' in message && /^(TRACE|OPTIONS)$/.test(message.method) && /^\d+$/.test(value)
    headers.push([name, lower === 'max-forwards' && counts ? String(BigInt(value) - 1n) : value])
  }
  const last = headers.findLastIndex(([name]) => name.toLowerCase() === 'via')
  const own = `HTTP/${hop.received} ${hop.name}`
  const line = headers[last]
  if (line) headers[last] = [line[0], `${line[1]}, ${own}`]
  else headers.unshift(['via', own])
  return { ...message, version: '1.1', headers }
}

export function persists(exchange: { request: Request; response: Response; role: string }): boolean {
  const { request, response, role } = exchange
  const asked = connectionOptions(request.headers)
  const answered = connectionOptions(response.headers)
  if (asked.includes('close') || answered.includes('close')) return false
  switch ((role === 'client' ? response : request).version) {
    case '1.1':
      return true
    default:
      return role !== 'proxy' && asked.includes('keep-alive') && answered.includes('keep-alive')
  }
}

// --- messages as bytes ---

interface Part {
  readonly head: NonNullable<ReturnType<typeof parseHead>>
  readonly body: Buffer
  readonly length: number
}

/** Null while it is not whole; `atEnd` says that nothing more comes. */
function take(bytes: Buffer, otherwise: number | null, atEnd: boolean): Part | null {
  const head = parseHead(bytes)
  if (!head) return null
  const rest = bytes.subarray(head.length)
  const values = (wanted: string): string[] =>
    head.headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)
  const [lengths, codings] = [values('content-length'), values('transfer-encoding')]
  if (lengths.length + codings.length > 1 || !lengths.every((value) => /^\d+$/.test(value)))
    throw new Error('nobody knows where this ends')
  if (codings[0] !== undefined) {
    if (codings[0].toLowerCase() !== 'chunked') throw new Error('what coding?')
    const chunked = takeChunked(rest)
    return chunked && { head, body: chunked.body, length: head.length + chunked.length }
  }
  const open = otherwise ?? (atEnd ? rest.length : Infinity)
  const size = lengths[0] === undefined ? open : Number(lengths[0])
  return rest.length < size ? null : { head, body: rest.subarray(0, size), length: head.length + size }
}

function bytesOf(start: string, headers: Headers, body: Uint8Array, isResponse: boolean): Buffer {
  const lines = headers.map((line) => line.join(': '))
  const hasLength = headers.some(([name]) => name.toLowerCase() === 'content-length')
  if (!hasLength && (isResponse || body.length > 0)) lines.push(`content-length: ${body.length}`)
  return Buffer.concat([Buffer.from([start, ...lines, '', ''].join('\r\n'), 'latin1'), body])
}

// --- the next hop ---

type Settle = (response: Response | null) => void

class Line {
  readonly socket: Socket
  #bytes = Buffer.alloc(0)
  #settle: Settle | null = null
  readonly #onEnd: (line: Line) => void

  constructor(next: Address, onEnd: (line: Line) => void) {
    this.#onEnd = onEnd
    this.socket = net.connect(next.port, next.host)
    this.socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      if (this.#settle) return this.#look(false)
      onEnd(this)
      this.socket.end()
    })
    this.socket.on('end', () => {
      onEnd(this)
      this.#look(true)
      this.#fail()
    })
    this.socket.on('error', () => {
      onEnd(this)
      this.#fail()
    })
  }

  ask(request: Request, settle: Settle): void {
    this.#settle = settle
    const start = `${request.method} ${request.target} HTTP/1.1`
    this.socket.write(bytesOf(start, request.headers, request.body, false))
  }

  #look(atEnd: boolean): void {
    try {
      const part = this.#settle && take(this.#bytes, null, atEnd)
      if (!part) return
      const response = { ...parseResponseHead(part.head), body: part.body }
      const settle = this.#settle
      this.#settle = null
      this.#bytes = this.#bytes.subarray(part.length)
      // What stands behind an answer is the answer to nothing.
      if (this.#bytes.length > 0) this.#onEnd(this)
      settle?.(response)
    } catch {
      this.#fail()
    }
  }

  #fail(): void {
    const settle = this.#settle
    this.#settle = null
    this.socket.destroy()
    settle?.(null)
  }
}

class Pool {
  readonly #next: Address
  readonly #free: Line[] = []
  readonly all = new Set<Line>()

  constructor(next: Address) {
    this.#next = next
  }

  exchange(message: Request, settle: Settle): void {
    const hasHost = message.headers.some(([name]) => name.toLowerCase() === 'host')
    const own = [
      ...(hasHost ? [] : ([['host', 'next.example']] as const)),
      ['connection', 'keep-alive'] as const,
    ]
    const request = { ...message, headers: [...message.headers, ...own] }
    const line = this.#free.pop() ?? this.#open()
    line.ask(request, (response) => {
      if (response && this.all.has(line) && persists({ request, response, role: 'client' }))
        this.#free.push(line)
      else line.socket.end()
      settle(response)
    })
  }

  #open(): Line {
    const line = new Line(this.#next, (ended) => {
      const at = this.#free.indexOf(ended)
      if (at >= 0) this.#free.splice(at, 1)
      this.all.delete(ended)
    })
    this.all.add(line)
    this.#sockets.add(line.socket)
    line.socket.on('close', () => this.#sockets.delete(line.socket))
    return line
  }

  readonly #sockets = new Set<Socket>()

  close(done: () => void): void {
    const left = [...this.#sockets]
    let count = left.length
    if (count === 0) return done()
    for (const socket of left) {
      socket.on('close', () => --count === 0 && done())
      socket.end()
    }
  }
}

// --- the client ---

class ClientSide {
  readonly #socket: Socket
  readonly #pool: Pool
  readonly #name: string
  #bytes = Buffer.alloc(0)
  #state: 'reads' | 'waits' | 'over' = 'reads'
  #ended = false
  #closing = false

  constructor(socket: Socket, pool: Pool, name: string) {
    this.#socket = socket
    this.#pool = pool
    this.#name = name
    socket.on('data', (chunk) => {
      if (this.#state === 'over') return
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      this.#look()
    })
    socket.on('end', () => {
      this.#ended = true
      this.#look()
    })
    socket.on('error', () => (this.#state = 'over'))
  }

  stop(): void {
    this.#closing = true
    if (this.#state === 'reads' && this.#bytes.length === 0) this.#leave()
  }

  #leave(): void {
    this.#state = 'over'
    this.#socket.end()
  }

  #look(): void {
    if (this.#state !== 'reads') return
    try {
      const part = take(this.#bytes, 0, false)
      if (!part) return void (this.#ended && this.#leave())
      const request = { ...parseRequestHead(part.head), body: part.body }
      this.#bytes = this.#bytes.subarray(part.length)
      this.#state = 'waits'
      this.#serve(request)
    } catch {
      // What nobody can read gets no answer.
      this.#leave()
    }
  }

  #serve(request: Request): void {
    const limit = request.headers.find(([name]) => name.toLowerCase() === 'max-forwards')?.[1]
    if (limit === '0' && request.method === 'OPTIONS')
      return this.#answer(request, 'HTTP/1.1 204 Nothing', [], null)
    if (limit === '0' && request.method === 'TRACE') {
      const shown = request.headers.filter(
        ([name]) => !/^(authorization|proxy-authorization|cookie)$/i.test(name),
      )
      const body = bytesOf(`TRACE ${request.target} HTTP/${request.version}`, shown, Buffer.alloc(0), false)
      return this.#answer(
        request,
        'HTTP/1.1 200 Shown',
        [['content-type', 'message/http; msgtype=request']],
        body,
      )
    }
    this.#pool.exchange(forward(request, { name: this.#name, received: request.version }), (response) => {
      if (this.#state !== 'waits') return
      if (!response) return this.#leave()
      const { headers, status, reason, body } = forward(response, {
        name: this.#name,
        received: response.version,
      })
      this.#answer(request, `HTTP/1.1 ${status} ${reason}`, headers, body)
    })
  }

  #answer(request: Request, start: string, headers: Headers, body: Uint8Array | null): void {
    const response = { version: '1.1', status: 200, reason: '', headers: [], body: Buffer.alloc(0) } as const
    const stays = persists({ request, response, role: 'proxy' }) && !this.#closing
    const all = stays ? headers : [['connection', 'close'] as const, ...headers]
    const bare = [start, ...all.map((line) => line.join(': ')), '', ''].join('\r\n')
    this.#socket.write(body === null ? bare : bytesOf(start, all, body, true))
    if (!stays) return this.#leave()
    this.#state = 'reads'
    this.#look()
  }
}

export function startHop(next: Address, { name }: { name: string }) {
  const pool = new Pool(next)
  const clients = new Set<ClientSide>()
  const server = net.createServer({ allowHalfOpen: true })
  server.on('connection', (socket) => {
    const client = new ClientSide(socket, pool, name)
    clients.add(client)
    socket.on('close', () => clients.delete(client))
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const close = (): Promise<void> =>
        new Promise((closed) => {
          server.close(() => pool.close(closed))
          for (const client of clients) client.stop()
        })
      resolve({ port: (server.address() as AddressInfo).port, close })
    })
  })
}
