// Events and classes: handlers side by side with a slot for each answer, heads written by hand in lower
// case, head and body in two writes, a Connection list with another option, a quoted hint, a Date.
import net, { type AddressInfo, type Socket } from 'node:net'
import { takeChunked } from '../../../../labs/kit/chunked.ts'
import { parseHead, parseRequestHead, parseResponseHead } from '../../../../labs/kit/head.ts'
import type { Handler, Headers, Request, Response, RunningServer } from '../../../../labs/kit/http.ts'

const values = (headers: Headers, wanted: string): string[] =>
  headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)

const says = (headers: Headers, option: string): boolean =>
  values(headers, 'connection').some((list) =>
    list.split(',').some((each) => each.trim().toLowerCase() === option),
  )

const isKept = ({ version, headers }: Pick<Request, 'version' | 'headers'>): boolean =>
  !says(headers, 'close') && (version === '1.1' || says(headers, 'keep-alive'))

export function serve(
  handler: Handler,
  options: { idleMs: number; maxRequests: number },
): Promise<RunningServer> {
  return new Promise((resolve) => {
    const channels = new Set<Channel>()
    const server = net.createServer({ allowHalfOpen: true })
    server.on('connection', (socket) => {
      const channel = new Channel(socket, handler, options)
      channels.add(channel)
      socket.on('close', () => channels.delete(channel))
    })
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      const close = (): Promise<void> =>
        new Promise((done) => {
          server.close(() => done())
          channels.forEach((channel) => channel.finish())
        })
      resolve({ port, close })
    })
  })
}

interface Slot {
  readonly request: Pick<Request, 'version' | 'headers'>
  /** Requests that are still allowed behind this one; 0 where this one is the last. */
  readonly left: number
  response: Response | null
}

class Channel {
  private readonly socket: Socket
  private readonly handler: Handler
  private readonly idleMs: number
  private readonly slots: Slot[] = []
  private bytes = Buffer.alloc(0)
  private left: number
  private isWriting = false
  private isFinishing = false
  private isEnded = false
  private timer: NodeJS.Timeout | undefined

  constructor(socket: Socket, handler: Handler, options: { idleMs: number; maxRequests: number }) {
    this.socket = socket
    this.handler = handler
    this.idleMs = options.idleMs
    this.left = options.maxRequests
    socket.on('data', (chunk) => this.read(chunk))
    socket.on('end', () => this.finish())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => clearTimeout(this.timer))
    this.rest()
  }

  finish(): void {
    this.isFinishing = true
    this.rest()
  }

  private read(chunk: Buffer): void {
    if (this.isEnded || this.left === 0) return
    clearTimeout(this.timer)
    this.bytes = Buffer.concat([this.bytes, chunk])
    try {
      for (let next = this.take(); next; next = this.take()) this.start(next)
    } catch {
      this.left = 0
      this.slots.push({ request: { version: '1.1', headers: [] }, left: 0, response: answerOf(400) })
    }
    this.write()
  }

  private take(): Request | null {
    const head = this.left > 0 ? parseHead(this.bytes) : null
    if (!head) return null
    const rest = this.bytes.subarray(head.length)
    const [length] = values(head.headers, 'content-length')
    const coding = values(head.headers, 'transfer-encoding').join(',').toLowerCase()
    if (coding !== '' && length !== undefined) throw new Error('two lengths')
    const end = Number(length ?? 0)
    const found =
      coding === 'chunked'
        ? takeChunked(rest)
        : rest.length < end
          ? null
          : { body: rest.subarray(0, end), length: end }
    if (!found) return null
    this.bytes = rest.subarray(found.length)
    return { ...parseRequestHead(head), body: Uint8Array.from(found.body) }
  }

  private start(request: Request): void {
    this.left = isKept(request) ? this.left - 1 : 0
    const slot: Slot = { request, left: this.left, response: null }
    this.slots.push(slot)
    void Promise.resolve(this.handler(request))
      .catch(() => answerOf(500))
      .then((response) => {
        slot.response = response
        this.write()
      })
  }

  private write(): void {
    const [slot] = this.slots
    if (!slot?.response || this.isWriting) return
    const { status, headers, body } = slot.response
    const isLast = slot.left === 0 || (this.isFinishing && this.slots.length === 1 && this.bytes.length === 0)
    const fields = headers.map(([name, value]) => `${name.toLowerCase()}:${value}`)
    const head = [`HTTP/1.1 ${status}`, 'date: Sun, 06 Nov 1994 08:49:37 GMT', ...this.terms(slot, isLast)]
    this.isWriting = true
    this.socket.write(
      `${[...head, ...fields, `content-length: ${body.length}`].join('\r\n')}\r\n\r\n`,
      'latin1',
    )
    this.socket.write(body, () => {
      this.isWriting = false
      this.slots.shift()
      if (isLast) return this.end()
      this.write()
      this.rest()
    })
  }

  private terms({ request, left }: Slot, isLast: boolean): string[] {
    if (isLast) return request.version === '1.0' ? [] : ['connection: X-Last, Close']
    if (request.version === '1.1' && !says(request.headers, 'keep-alive')) return []
    const seconds = (this.idleMs - (this.idleMs % 1_000)) / 1_000
    return [`keep-alive: max="${left}", timeout="${seconds}"`, 'connection: X-More , Keep-Alive']
  }

  private rest(): void {
    if (this.slots.length > 0 || this.isEnded) return
    if (this.bytes.length > 0 && !this.socket.readableEnded) return
    if (this.isFinishing) return this.end()
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.end(), this.idleMs)
  }

  private end(): void {
    clearTimeout(this.timer)
    this.isEnded = true
    this.left = 0
    this.socket.end()
    if (!this.socket.closed) this.timer = setTimeout(() => this.socket.destroy(), this.idleMs)
  }
}

function answerOf(status: number): Response {
  return { version: '1.1', status, reason: '', headers: [], body: new Uint8Array() }
}

type Done = (error: Error | null, response?: Response) => void

export class KeepAliveClient {
  private readonly port: number
  private readonly version: '1.0' | '1.1'
  private line: Line | null = null

  constructor(port: number, { version = '1.1' }: { version?: '1.0' | '1.1' } = {}) {
    this.port = port
    this.version = version
  }

  request(partial: Partial<Request>): Promise<Response> {
    const { method = 'GET', target = '/', headers = [], body = new Uint8Array() } = partial
    const wish = this.version === '1.0' ? [['connection', 'x-cat, Keep-Alive'] as const] : []
    const request = { method, target, version: this.version, headers: [...headers, ...wish], body }
    return new Promise((resolve, reject) => {
      const done: Done = (error, response) => (response ? resolve(response) : reject(error))
      const kept = this.line
      if (!kept?.isFree) return this.ask(new Line(this.port), request, done)
      this.ask(kept, request, (error, response) => {
        const isLost = error && !kept.hasHeard && /^(?:GET|HEAD|OPTIONS|TRACE|PUT|DELETE)$/.test(method)
        if (isLost) this.ask(new Line(this.port), request, done)
        else done(error, response)
      })
    })
  }

  close(): Promise<void> {
    return new Promise((resolve) => (this.line ? this.line.end(resolve) : resolve()))
  }

  private ask(line: Line, request: Request, done: Done): void {
    this.line = null
    line.ask(request, (error, response) => {
      if (response && line.isFree && isKept(request) && isKept(response)) {
        this.line = line
        return done(null, response)
      }
      line.end(() => done(error, response))
    })
  }
}

/** One connection of the client's, from before it is there. */
class Line {
  hasHeard = false
  private readonly socket: Socket
  private readonly port: number
  private bytes = Buffer.alloc(0)
  private isOver = false
  private done: Done | null = null

  constructor(port: number) {
    this.port = port
    this.socket = net.connect({ port, host: '127.0.0.1' })
    this.socket.on('data', (chunk) => this.read(chunk))
    this.socket.on('end', () => this.fin())
    this.socket.on('error', (error) => this.settle(error))
  }

  get isFree(): boolean {
    return !this.isOver && this.done === null && this.bytes.length === 0
  }

  ask({ method, target, version, headers, body }: Request, done: Done): void {
    this.done = done
    this.hasHeard = false
    const own = [`host:127.0.0.1:${this.port}`, 'accept: */*', `content-length: ${body.length}`]
    const lines = [...headers.map(([name, value]) => `${name}: ${value}`), ...own]
    this.socket.write(`${method} ${target} HTTP/${version}\r\n`)
    this.socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    this.socket.write(body)
  }

  end(done: () => void): void {
    this.isOver = true
    if (this.socket.closed) return done()
    this.socket.once('close', () => done())
    this.socket.destroy()
  }

  private read(chunk: Buffer): void {
    this.bytes = Buffer.concat([this.bytes, chunk])
    if (!this.done) return this.settle(new Error('bytes that nobody has asked for'))
    this.hasHeard = true
    this.look()
  }

  private fin(): void {
    const isAsked = this.done !== null
    this.isOver = true
    if (isAsked) this.look()
    this.settle(new Error('the connection has ended'))
  }

  private look(): void {
    try {
      const head = parseHead(this.bytes)
      if (!head) return
      const rest = this.bytes.subarray(head.length)
      const [length] = values(head.headers, 'content-length')
      const isChunked = values(head.headers, 'transfer-encoding').length > 0
      const found = isChunked ? takeChunked(rest) : bodyOf(rest, length, this.isOver)
      if (!found) return
      this.bytes = rest.subarray(found.length)
      if (!isChunked && length === undefined) this.isOver = true
      this.settle(null, { ...parseResponseHead(head), body: Uint8Array.from(found.body) })
    } catch (error) {
      this.settle(error as Error)
    }
  }

  private settle(error: Error | null, response?: Response): void {
    const { done } = this
    this.done = null
    if (error) {
      this.isOver = true
      this.socket.destroy()
    }
    done?.(error, response)
  }
}

function bodyOf(
  rest: Buffer,
  length: string | undefined,
  isOver: boolean,
): { body: Buffer; length: number } | null {
  const end = length === undefined ? rest.length : Number(length)
  if (length === undefined ? !isOver : rest.length < end) return null
  return { body: rest.subarray(0, end), length: end }
}
