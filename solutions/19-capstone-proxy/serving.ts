/** The side of the clients: connections, requests one behind the other, and answers in their order. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { Headers, RunningServer } from '../../labs/kit/http.ts'
import { Deadline, type Limits } from './limits.ts'
import { membersOf, parseRequest, Reader, Refused, type Framing, type RequestHead } from './reader.ts'

export interface Serving {
  readonly limits: Limits
  /** Whether an HTTP/1.0 client is kept that asks for it: a proxy keeps none (RFC 9112 App. C.2.2). */
  readonly keepsOldClients: boolean
  /** Answers, or begins to. */
  handle(exchange: Exchange): void
}

export interface Clients extends RunningServer {
  readonly open: number
}

/** What may wait for a reader before nothing more is taken from elsewhere. */
const HIGH_WATER = 65_536

// #region exchange
/** What somebody who answers wants to hear of the request. */
export interface Listener {
  /** A piece of its body. */
  onBody?(piece: Buffer): void
  onBodyEnd?(): void
  /** What was sent has been taken. */
  onDrain?(): void
  /** The client is gone, or its request will never be whole. */
  onGone?(): void
}

/** One request and its answer. */
export class Exchange {
  readonly head: RequestHead
  listener: Listener = {}
  /** No body is read while somebody further on has no room for it. */
  isPaused = false
  hasWholeBody: boolean
  hasBegun = false
  hasEnded = false
  /** The client has been told that its body is welcome, or has not asked. */
  isInvited: boolean
  readonly #conversation: Conversation
  #framing: Framing = 0

  constructor(conversation: Conversation, head: RequestHead) {
    this.#conversation = conversation
    this.head = head
    this.hasWholeBody = head.framing === 0
    this.isInvited =
      this.hasWholeBody ||
      head.version === '1.0' ||
      !membersOf(head.headers, 'expect').includes('100-continue')
  }

  get isGone(): boolean {
    return this.#conversation.isOver
  }

  /** Says that nothing follows this answer. */
  close(): void {
    this.#conversation.isLast = true
  }

  /** Before the answer (RFC 9110 §15.2); an old client knows no such thing. */
  interim(status: number, reason: string, headers: Headers): void {
    if (this.head.version === '1.0' || this.hasBegun) return
    this.isInvited ||= status === 100
    this.#conversation.send(Buffer.from(`HTTP/1.1 ${status} ${reason}\r\n${linesOf(headers)}\r\n`, 'latin1'))
  }

  /** @param length - Of the body; null where nobody knows it yet, and 'none' where the fields say all. */
  begin(status: number, reason: string, headers: Headers, length: number | 'none' | null): void {
    const isOld = this.head.version === '1.0'
    this.#framing = length === 'none' ? 0 : (length ?? (isOld ? 'until FIN' : 'chunked'))
    if (this.#framing === 'until FIN') this.close()
    this.sendHead(`HTTP/1.1 ${status} ${reason}\r\n${linesOf(headers)}${this.#framingLine(length)}`)
    if (this.head.method === 'HEAD') this.#framing = 0
  }

  /** @param text - Status line and fields, without those of the connection. */
  sendHead(text: string): void {
    // A client that waits for 100 may send its body after all, or not: nobody knows what comes next.
    if (!this.isInvited) this.close()
    this.hasBegun = true
    this.#conversation.send(Buffer.from(`${text}${this.#conversation.terms(this.head)}\r\n`, 'latin1'))
  }

  write(piece: Buffer): boolean {
    if (this.#framing !== 'chunked') return this.#conversation.send(piece)
    // An empty chunk would be the last one.
    if (piece.length === 0) return true
    return this.#conversation.send(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, CRLF)
  }

  end(): void {
    if (this.#framing === 'chunked') this.#conversation.send(LAST_CHUNK)
    this.hasEnded = true
    this.#conversation.advance()
  }

  /** The answer is a tunnel: from here on the socket is somebody else's. */
  open(): { readonly socket: Socket; readonly early: Buffer } {
    this.#conversation.send(Buffer.from('HTTP/1.1 200 Connection Established\r\n\r\n'))
    return this.#conversation.detach()
  }

  /** What is sent meanwhile goes in one piece. */
  together(work: () => void): void {
    this.#conversation.advance(work)
  }

  /** A whole answer of a few words. */
  reply(status: number, text = '', headers: Headers = []): void {
    const body = Buffer.from(text === '' ? `${REASONS[status] ?? ''}\n` : `${text}\n`)
    this.begin(status, REASONS[status] ?? '', [...headers, ['Content-Type', 'text/plain']], body.length)
    if (this.head.method !== 'HEAD') this.write(body)
    this.end()
  }

  /** The answer will never be whole, and the client must not take it for one: only a reset says so to all. */
  abort(): void {
    this.#conversation.reset()
  }

  resume(): void {
    this.isPaused = false
    this.#conversation.advance()
  }

  #framingLine(length: number | 'none' | null): string {
    if (typeof length === 'number') return `Content-Length: ${length}\r\n`
    return this.#framing === 'chunked' ? 'Transfer-Encoding: chunked\r\n' : ''
  }
}

const CRLF = Buffer.from('\r\n')
const LAST_CHUNK = Buffer.from('0\r\n\r\n')

export function linesOf(headers: Headers): string {
  let lines = ''
  for (const [name, value] of headers) lines += `${name}: ${value}\r\n`
  return lines
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  206: 'Partial Content',
  304: 'Not Modified',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  414: 'URI Too Long',
  416: 'Range Not Satisfiable',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
}
// #endregion exchange

// #region conversation
class Conversation {
  /** No request behind the one in progress is answered. */
  isLast = false
  /** Our FIN is on its way: what still comes is read, so that it causes no reset, and thrown away (RFC 9112 §9.6). */
  isOver = false
  readonly #serving: Serving
  readonly #socket: Socket
  readonly #reader: Reader<RequestHead>
  readonly #deadline = new Deadline()
  #exchange: Exchange | null = null
  #isAdvancing = false
  #hasClientEnded = false
  #isStopping = false
  /** What the deadline is for: it runs on until that changes. Null where something has moved, so that it begins anew. */
  #awaited: 'nothing' | 'request' | 'head' | 'body' | 'reader' | null = null
  #out: Buffer[] = []
  #outBytes = 0

  constructor(serving: Serving, socket: Socket) {
    this.#serving = serving
    this.#socket = socket
    const { maxHeadBytes, maxBodyBytes } = serving.limits
    this.#reader = new Reader(parseRequest, maxHeadBytes, maxBodyBytes)
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('error', () => undefined)
    socket.once('close', this.#onClose)
    this.#watch()
  }

  /** Answers what has come, and closes. */
  stop(): void {
    this.#isStopping = true
    if (this.#exchange) this.isLast = true
    this.advance()
  }

  refuse(status: number): void {
    // It has had its answer: what is wrong with the rest of its body is no news to it.
    if (this.#exchange?.hasEnded === true) return void this.#finish()
    if (this.#exchange?.hasBegun === true) return this.reset()
    const reason = REASONS[status] ?? ''
    const lines = `Content-Type: text/plain\r\nContent-Length: ${reason.length + 1}\r\nConnection: close\r\n`
    this.send(Buffer.from(`HTTP/1.1 ${status} ${reason}\r\n${lines}\r\n${reason}\n`))
    this.#loseExchange()
    this.#finish()
  }

  send(...pieces: Buffer[]): boolean {
    if (this.isOver) return true
    for (const piece of pieces) {
      this.#out.push(piece)
      this.#outBytes += piece.length
    }
    if (!this.#isAdvancing || this.#outBytes > HIGH_WATER) this.#flush()
    return this.#outBytes + this.#socket.writableLength < HIGH_WATER
  }

  /** What the answer says about the connection: nothing is needed where HTTP/1.1 keeps it anyway. */
  terms({ version, headers }: RequestHead): string {
    const options = membersOf(headers, 'connection')
    const isAsked = version === '1.1' || (this.#serving.keepsOldClients && options.includes('keep-alive'))
    if (!isAsked || options.includes('close') || this.#isStopping) this.isLast = true
    if (this.isLast) return 'Connection: close\r\n'
    if (version === '1.1') return ''
    return `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(this.#serving.limits.idleMs / 1000)}\r\n`
  }

  /** Takes what has come as far as it goes, and closes where nothing more will come. What `work` sends goes in one piece. */
  advance(work?: () => void): void {
    if (this.#isAdvancing || this.isOver) return work?.()
    this.#isAdvancing = true
    try {
      work?.()
      while (!this.isOver && this.#step());
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      this.refuse(error.status)
    }
    this.#isAdvancing = false
    this.#flush()
    this.#watch()
  }

  reset(): void {
    this.#loseExchange()
    this.isOver = true
    this.#socket.resetAndDestroy()
  }

  detach(): { socket: Socket; early: Buffer } {
    this.#flush()
    this.isOver = true
    this.#exchange = null
    this.#deadline.clear()
    this.#socket.off('data', this.#onData).off('end', this.#onEnd).pause()
    return { socket: this.#socket, early: this.#reader.rest() }
  }

  // --- internal ---

  readonly #onData = (bytes: Buffer): void => {
    if (this.isOver) return
    this.#reader.feed(bytes)
    if (this.#awaited === 'body') this.#awaited = null
    this.advance()
    // Whoever sends faster than it is answered waits in the kernel.
    if (this.#reader.pending > HIGH_WATER && !this.isOver) this.#socket.pause()
  }

  readonly #onEnd = (): void => {
    this.#hasClientEnded = true
    this.#reader.end()
    this.advance()
  }

  readonly #onClose = (): void => {
    this.#deadline.clear()
    this.isOver = true
    this.#loseExchange()
  }

  readonly #onWritten = (): void => {
    if (this.#awaited === 'reader') this.#awaited = null
    if (this.isOver || this.#socket.writableLength > 0) return
    // A kernel that takes everything at once must not keep the others from their turn.
    if (this.#exchange?.hasEnded === false) setImmediate(this.#goOnWriting)
    else this.advance()
  }

  readonly #goOnWriting = (): void => {
    if (this.#exchange?.hasEnded === false) this.#exchange.listener.onDrain?.()
    this.advance()
  }

  /** @returns Whether there is more to do. */
  #step(): boolean {
    if (this.#socket.isPaused() && this.#reader.pending <= HIGH_WATER) this.#socket.resume()
    if (this.#exchange) return this.#goOn(this.#exchange)
    if (this.isLast) return this.#finish()
    // Nobody answers faster than the client reads.
    if (this.#outBytes + this.#socket.writableLength > HIGH_WATER) return false
    const head = this.#reader.head()
    if (!head)
      return this.#hasClientEnded || (this.#isStopping && this.#reader.pending === 0) ? this.#finish() : false
    this.#exchange = new Exchange(this, head)
    this.#serving.handle(this.#exchange)
    return true
  }

  #goOn(exchange: Exchange): boolean {
    const piece = exchange.hasWholeBody || exchange.isPaused ? null : this.#reader.body()
    if (piece === 'end') {
      exchange.hasWholeBody = true
      exchange.listener.onBodyEnd?.()
    } else if (piece) {
      exchange.listener.onBody?.(piece)
    } else if (exchange.hasEnded && (exchange.hasWholeBody || this.isLast)) {
      this.#exchange = null
      this.#awaited = null
    } else {
      // Half a request, and FIN behind it: there is nobody to answer.
      if (this.#hasClientEnded && !exchange.hasWholeBody && !exchange.isPaused) this.reset()
      return false
    }
    return true
  }

  #flush(): void {
    if (this.#outBytes === 0) return
    const bytes = this.#out.length === 1 ? this.#out[0] : Buffer.concat(this.#out, this.#outBytes)
    this.#out = []
    this.#outBytes = 0
    this.#socket.write(bytes ?? '', this.#onWritten)
  }

  /** In stages, so that nothing is lost to a reset (RFC 9112 §9.6). */
  #finish(): false {
    this.#flush()
    this.isOver = true
    this.#socket.end()
    this.#socket.resume()
    const destroy = (): void => void this.#socket.destroy()
    this.#deadline.set(this.#serving.limits.bodyMs, destroy)
    this.#socket.once('finish', () => this.#deadline.set(this.#serving.limits.graceMs, destroy))
    return false
  }

  #loseExchange(): void {
    const exchange = this.#exchange
    this.#exchange = null
    exchange?.listener.onGone?.()
  }

  #watch(): void {
    if (this.isOver) return
    const awaited = this.#nextAwaited()
    if (awaited === this.#awaited) return
    this.#awaited = awaited
    const { idleMs, headMs, bodyMs } = this.#serving.limits
    if (awaited === 'nothing') this.#deadline.lift()
    else if (awaited === 'request') this.#deadline.set(idleMs, () => this.#finish())
    else if (awaited === 'head') this.#deadline.set(headMs, () => this.refuse(408))
    else if (awaited === 'body') this.#deadline.set(bodyMs, () => this.refuse(408))
    else this.#deadline.set(bodyMs, () => this.reset())
  }

  #nextAwaited() {
    if (this.#socket.writableLength > 0) return 'reader'
    if (!this.#exchange) return this.#reader.pending === 0 ? 'request' : 'head'
    return this.#exchange.hasWholeBody || this.#exchange.isPaused ? 'nothing' : 'body'
  }
}
// #endregion conversation

// #region listen
export async function listen(serving: Serving): Promise<Clients> {
  const { maxConnections, graceMs } = serving.limits
  const sockets = new Set<Socket>()
  const conversations = new Set<Conversation>()
  // A client that has ended its own direction still gets its answers.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const conversation = new Conversation(serving, socket)
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    if (conversations.size >= maxConnections) return conversation.refuse(503)
    conversations.add(conversation)
    socket.once('close', () => conversations.delete(conversation))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    const gone = new Promise<void>((resolve) => void server.close(() => resolve()))
    for (const conversation of conversations) conversation.stop()
    const end = setTimeout(() => sockets.forEach((socket) => socket.destroy()), graceMs)
    await gone
    clearTimeout(end)
  }
  return {
    port: (server.address() as AddressInfo).port,
    close,
    get open() {
      return conversations.size
    },
  }
}
// #endregion listen
