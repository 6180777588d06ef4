// Events and classes: the smart proxy sends bodies on in chunks where it may, with fields of its own in
// lower case, and ends an answer to HTTP/1.0 with its FIN; a hang is found from the end of the record.
import net, { type AddressInfo, type Socket } from 'node:net'
import { takeChunked } from '../../../../labs/kit/chunked.ts'
import { parseHead } from '../../../../labs/kit/head.ts'
import { field, type Address, type Headers, type RunningServer } from '../../../../labs/kit/http.ts'

type After = 'wait-for-origin' | 'close'

export function startDumbProxy(next: Address, options: { after?: After } = {}): Promise<RunningServer> {
  return listen((client) => new DumbRelay(client, next, options.after === 'close'))
}

export async function startSmartProxy(next: Address): Promise<RunningServer> {
  const pool = new Pool(next)
  const { port, close } = await listen((client) => new SmartRelay(client, pool))
  return { port, close: () => close().then(() => pool.close()) }
}

interface Relay {
  finish(): void
}

function listen(accept: (client: Socket) => Relay): Promise<RunningServer> {
  return new Promise((resolve) => {
    const relays = new Set<Relay>()
    const server = net.createServer({ allowHalfOpen: true })
    server.on('connection', (client) => {
      const relay = accept(client)
      relays.add(relay)
      client.on('error', () => client.destroy())
      client.on('close', () => relays.delete(relay))
    })
    server.listen(0, '127.0.0.1', () => {
      const close = (): Promise<void> =>
        new Promise((done) => {
          server.close(() => done())
          relays.forEach((relay) => relay.finish())
        })
      resolve({ port: (server.address() as AddressInfo).port, close })
    })
  })
}

class DumbRelay implements Relay {
  private readonly client: Socket
  private readonly next: Address
  private readonly closes: boolean
  private request = Buffer.alloc(0)
  private answer = Buffer.alloc(0)
  private isRelaying = false

  constructor(client: Socket, next: Address, closes: boolean) {
    this.client = client
    this.next = next
    this.closes = closes
    client.on('data', (chunk) => this.read(chunk))
    client.on('end', () => (this.isRelaying ? undefined : client.end()))
  }

  finish(): void {
    if (this.request.length === 0) this.client.end()
  }

  private read(chunk: Buffer): void {
    if (this.isRelaying) return
    this.request = Buffer.concat([this.request, chunk])
    const head = parseHead(this.request)
    const end = head ? head.length + Number(field(head.headers, 'content-length') ?? 0) : Infinity
    if (this.request.length < end) return
    this.isRelaying = true
    this.relay(this.request.subarray(0, end))
  }

  private relay(request: Buffer): void {
    const origin = net.connect({ ...this.next, allowHalfOpen: true }, () => origin.write(request))
    const bothEnd = (): void => {
      this.client.end()
      origin.end()
    }
    origin.on('data', (chunk) => {
      this.client.write(chunk)
      this.answer = Buffer.concat([this.answer, chunk])
      const head = this.closes ? parseHead(this.answer) : null
      const length = head ? field(head.headers, 'content-length') : null
      if (head && length !== null && this.answer.length >= head.length + Number(length)) bothEnd()
    })
    origin.on('end', bothEnd)
    origin.on('error', () => this.client.destroy())
    this.client.on('close', () => origin.destroy())
  }
}

interface Message {
  readonly words: readonly string[]
  readonly headers: Headers
  readonly body: Buffer
}

/** Hands over one message after the other; what has no length ends with the FIN where that is an end. */
class Inbox {
  onMessage: (message: Message) => void = () => undefined
  onFailure: () => void = () => undefined
  private readonly untilFin: boolean
  private bytes = Buffer.alloc(0)

  constructor(socket: Socket, untilFin: boolean) {
    this.untilFin = untilFin
    socket.on('data', (chunk) => {
      this.bytes = Buffer.concat([this.bytes, chunk])
      this.look(false)
    })
    socket.on('end', () => {
      this.look(true)
      this.onFailure()
    })
    socket.on('error', () => this.onFailure())
  }

  get isEmpty(): boolean {
    return this.bytes.length === 0
  }

  /** Looks for one message; the next one when it is asked for. */
  look(hasEnded: boolean): void {
    try {
      const head = parseHead(this.bytes)
      if (!head) return
      const rest = this.bytes.subarray(head.length)
      const found = this.body(head.headers, rest, hasEnded)
      if (!found || this.onMessage === nobody) return
      const deliver = this.onMessage
      this.onMessage = nobody
      this.bytes = rest.subarray(found.length)
      deliver({ words: head.startLine.split(' '), headers: head.headers, body: found.body })
    } catch {
      this.onFailure()
    }
  }

  private body(headers: Headers, rest: Buffer, hasEnded: boolean): { body: Buffer; length: number } | null {
    if (field(headers, 'transfer-encoding') !== null) return takeChunked(rest)
    const given = field(headers, 'content-length')
    if (given === null && this.untilFin && !hasEnded) return null
    const length = given === null ? (this.untilFin ? rest.length : 0) : Number(given)
    return rest.length < length ? null : { body: rest.subarray(0, length), length }
  }
}

const nobody = (): void => undefined

const options = (headers: Headers, name: string): string[] =>
  (field(headers, name) ?? '').split(',').map((option) => option.trim().toLowerCase())

const isKept = (version: string | undefined, headers: Headers): boolean =>
  version === 'HTTP/1.1' && !options(headers, 'connection').includes('close')

const OF_THE_HOP = /^(?:connection|proxy-connection|keep-alive|te|transfer-encoding|upgrade|content-length)$/

/** The fields that go on, with our signature; framing and persistence are added by whoever sends them. */
function endToEnd(headers: Headers, version: string | undefined): string[] {
  const named = new Set(options(headers, 'connection'))
  const kept = headers.filter(
    ([name]) => !OF_THE_HOP.test(name.toLowerCase()) && !named.has(name.toLowerCase()),
  )
  return [
    ...kept.map(([name, value]) => `${name}:${value}`),
    `via:${version?.slice(5)} alternative (by hand)`,
  ]
}

function inChunks(body: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; at += 300) {
    const part = body.subarray(at, at + 300)
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'))
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}

class SmartRelay implements Relay {
  private readonly client: Socket
  private readonly pool: Pool
  private readonly inbox: Inbox
  private isBusy = false
  private isFinishing = false
  private hasLeft = false

  constructor(client: Socket, pool: Pool) {
    this.client = client
    this.pool = pool
    this.inbox = new Inbox(client, false)
    this.inbox.onFailure = () => {
      this.hasLeft = true
      if (!this.isBusy) client.end()
    }
    this.await()
  }

  finish(): void {
    this.isFinishing = true
    if (!this.isBusy && this.inbox.isEmpty) this.client.end()
  }

  private await(): void {
    this.isBusy = false
    this.inbox.onMessage = (request) => this.forward(request)
    this.inbox.look(false)
    if (this.hasLeft && !this.isBusy) this.client.end()
  }

  private forward({ words, headers, body }: Message): void {
    const [method, target, version] = words
    if (!/^HTTP\/1\.[01]$/.test(version ?? '')) return void this.client.end()
    this.isBusy = true
    const hadBody = field(headers, 'content-length') !== null || field(headers, 'transfer-encoding') !== null
    const framing = hadBody ? ['transfer-encoding: chunked'] : []
    const head = [`${method} ${target} HTTP/1.1`, ...framing, ...endToEnd(headers, version), '', '']
    const bytes = Buffer.concat([
      Buffer.from(head.join('\r\n'), 'latin1'),
      hadBody ? inChunks(body) : Buffer.alloc(0),
    ])
    this.pool.exchange(bytes, (answer) => this.back(answer, version, isKept(version, headers)))
  }

  private back(answer: Message | null, version: string | undefined, isWanted: boolean): void {
    const { words, headers, body } = answer ?? {
      words: ['HTTP/1.1', '502', 'No'],
      headers: [],
      body: Buffer.alloc(0),
    }
    const isOld = version === 'HTTP/1.0'
    const isLast = !isWanted || this.isFinishing
    const own = isOld ? [] : ['transfer-encoding: chunked', ...(isLast ? ['connection: Close'] : [])]
    const status = ['HTTP/1.1', ...words.slice(1)].join(' ')
    const head = [status, ...own, ...endToEnd(headers, words[0]), '', '']
    this.client.write(head.join('\r\n'), 'latin1')
    this.client.write(isOld ? body : inChunks(body))
    if (isLast) this.client.end()
    else this.await()
  }
}

interface Line {
  readonly socket: Socket
  readonly inbox: Inbox
}

/** Connections to the next one that are free, the last one used first. */
class Pool {
  private readonly next: Address
  private readonly free: Line[] = []
  private readonly sockets = new Set<Socket>()

  constructor(next: Address) {
    this.next = next
  }

  exchange(bytes: Buffer, done: (answer: Message | null) => void): void {
    const line = this.free.pop() ?? this.open()
    const settle = (answer: Message | null): void => {
      line.inbox.onFailure = () => this.forget(line)
      if (answer && isKept(answer.words[0], answer.headers) && hasLength(answer)) this.free.push(line)
      else line.socket.end()
      done(answer)
    }
    line.inbox.onFailure = () => settle(null)
    line.inbox.onMessage = settle
    line.socket.write(bytes)
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      const left = (): void => void (this.sockets.size === 0 && resolve())
      for (const socket of this.sockets) {
        socket.on('close', left)
        socket.end()
      }
      left()
    })
  }

  private open(): Line {
    const socket = net.connect({ port: this.next.port, host: this.next.host })
    this.sockets.add(socket)
    socket.on('close', () => this.sockets.delete(socket))
    return { socket, inbox: new Inbox(socket, true) }
  }

  private forget(line: Line): void {
    const place = this.free.indexOf(line)
    if (place >= 0) this.free.splice(place, 1)
  }
}

const hasLength = ({ headers }: Message): boolean =>
  field(headers, 'content-length') !== null || field(headers, 'transfer-encoding') !== null

interface Hop {
  from: string
  to: string
  kind: 'request' | 'response' | 'close' | 'silence'
  head?: string
}

export function explainHang(hops: Hop[]): { culprit: string; header: string } | null {
  const pairs = new Map<string, { asker: string; owner: string; due: number; silent: boolean }>()
  for (const { from, to, kind } of hops) {
    const forward = `${from}>${to}`
    const backward = `${to}>${from}`
    if (kind === 'request') {
      const pair = pairs.get(forward) ?? { asker: from, owner: to, due: 0, silent: false }
      pairs.set(forward, { ...pair, due: pair.due + 1, silent: false })
    }
    const owed = pairs.get(backward)
    if (kind === 'response' && owed)
      pairs.set(backward, { ...owed, due: Math.max(0, owed.due - 1), silent: false })
    if (kind === 'silence' && owed) owed.silent = true
    if (kind === 'close') [forward, backward].forEach((key) => pairs.delete(key))
  }
  const owing = [...pairs.values()].filter(({ due }) => due > 0)
  for (const { owner, silent } of owing) {
    if (!silent || owing.some((other) => other.asker === owner)) continue
    const header = promised(hops, owner)
    if (header) return { culprit: owner, header }
  }
  return null
}

function promised(hops: Hop[], owner: string): string | null {
  const heads = (wanted: (hop: Hop) => boolean): Array<{ line: string; headers: Headers }> =>
    hops
      .filter((hop) => hop.kind === 'request' && wanted(hop))
      .map(({ head = '' }) => parseHead(Buffer.from(`${head.trim()}\r\n\r\n`)))
      .map((head) => ({ line: head?.startLine ?? '', headers: head?.headers ?? [] }))
  const came = heads(({ to }) => to === owner)
  const went = heads(({ from }) => from === owner)
  const says = (name: string) => (head: { headers: Headers }) =>
    options(head.headers, name).includes('keep-alive')
  for (const name of ['Connection', 'Proxy-Connection'])
    if (came.some(says(name)) && went.some(says(name))) return name
  const is11 = ({ line }: { line: string }): boolean => line.split(' ')[2] === 'HTTP/1.1'
  return came.some(is11) && went.some(is11) ? 'HTTP-version' : null
}
