// Pulls: every connection is a loop that asks for the next bytes when it wants them, so that clocks and back-pressure
// follow from where it waits; others have call-backs, and move a timer with each event.
/* oxlint-disable max-lines -- an origin, a proxy and a cache in one file, as a learner hands it in */
import { createHash } from 'node:crypto'
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import type { Address, Headers, RunningServer } from '../../../../labs/kit/http.ts'
import { field } from '../../../../labs/kit/http.ts'
import { parseHead, parseRequestHead } from '../../../../labs/kit/head.ts'

/** Times in milliseconds. */
export interface Limits {
  readonly idleMs: number
  readonly headMs: number
  readonly bodyMs: number
  readonly maxHeadBytes: number
  readonly maxBodyBytes: number
  readonly maxConnections: number
  readonly graceMs: number
}

export interface Stats {
  readonly clients: number
  readonly origins: number
  readonly idle: number
  readonly requests: number
  readonly hits: number
  readonly storedBytes: number
}

const NAME = 'workbook'
const PIECE = 16_384
const READ_AHEAD = 65_536
const LARGEST_KEPT = 524_288
const REASONS: Record<number, string> = {
  100: 'Continue',
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

/** What one end did wrong, and the status that tells it. */
class Fault extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

// --- one connection, pulled ---

type News = 'bytes' | 'end' | 'late' | 'stop'

class Wire {
  ended = false
  lost: Error | null = null
  /** Bytes that have come in all. */
  heard = 0
  /** Called for whatever comes while nobody reads: an idle connection of the pool. */
  unasked: (() => void) | null = null
  readonly onLost = new Set<() => void>()
  #buffer = Buffer.alloc(4096)
  #from = 0
  #to = 0
  #wake: ((news: News) => void) | null = null
  #timer: NodeJS.Timeout | undefined
  #discards = false

  readonly socket: Socket

  constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('data', (bytes: Buffer) => this.#push(bytes))
    socket.on('end', () => this.#checkEnd())
    socket.on('error', (error) => this.#lose(error))
    socket.on('close', () => this.#lose(new Error('closed')))
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(this.#from, this.#to)
  }

  skip(count: number): void {
    this.#from += count
    if (this.#from === this.#to) this.#from = this.#to = 0
  }

  take(count: number): Buffer {
    const taken = Buffer.from(this.bytes.subarray(0, count))
    this.skip(count)
    return taken
  }

  /** Waits for bytes that are not here yet. */
  more(ms: number | null): Promise<News> {
    if (this.lost) return Promise.reject(this.lost)
    if (this.ended || this.#discards) return Promise.resolve('end')
    this.socket.resume()
    return new Promise((resolve, reject) => {
      this.#wake = (news) => (this.lost ? reject(this.lost) : resolve(news))
      this.within(ms)
    })
  }

  /** Gives whoever waits in `more` so much time, from now. */
  within(ms: number | null): void {
    clearTimeout(this.#timer)
    if (ms === null || !this.#wake) return
    this.#timer = setTimeout(() => this.#settle('late'), ms)
  }

  stop(): void {
    this.#settle('stop')
  }

  /** Resolves when the system has taken the bytes. */
  async write(bytes: Uint8Array | string, ms: number | null): Promise<void> {
    const all = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
    for (let at = 0; at < all.length; at += PIECE) await this.#write(all.subarray(at, at + PIECE), ms)
  }

  destroy(why: Error = new Error('ended here')): void {
    this.#lose(why)
    this.socket.destroy()
  }

  reset(): void {
    this.#lose(new Error('reset here'))
    this.socket.resetAndDestroy()
  }

  /** FIN, and then whatever comes is read and thrown away, for so long. */
  linger(ms: number): void {
    this.#discards = true
    this.#settle('end')
    this.#from = this.#to = 0
    if (this.socket.destroyed) return
    this.socket.end()
    this.socket.resume()
    const timer = setTimeout(() => this.socket.destroy(), ms)
    this.socket.once('close', () => clearTimeout(timer))
  }

  #write(piece: Uint8Array, ms: number | null): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.lost) return reject(this.lost)
      const late = (): void => this.destroy(new Fault(504, 'takes nothing'))
      const timer = ms === null ? undefined : setTimeout(late, ms)
      this.socket.write(piece, (error) => {
        clearTimeout(timer)
        if (error) reject(this.lost ?? error)
        else resolve()
      })
    })
  }

  #push(bytes: Buffer): void {
    this.heard += bytes.length
    if (this.#discards) return
    if (this.unasked) return this.unasked()
    this.#room(bytes.length)
    this.#to += bytes.copy(this.#buffer, this.#to)
    if (this.#to - this.#from >= READ_AHEAD) this.socket.pause()
    this.#settle('bytes')
  }

  #room(count: number): void {
    if (this.#buffer.length - this.#to >= count) return
    const held = this.bytes
    const size = Math.max(4096, 2 * (held.length + count))
    const next = Buffer.alloc(size)
    held.copy(next)
    this.#to = held.length
    this.#from = 0
    this.#buffer = next
  }

  /** Node may report a reset as an end; the kernel refuses a write after a reset alone. */
  #checkEnd(): void {
    if (this.socket.writableEnded || this.socket.destroyed) return this.#end()
    this.socket.write('', (error) => (error ? this.#lose(error) : this.#end()))
  }

  #end(): void {
    this.ended = true
    this.unasked?.()
    this.#settle('end')
  }

  #lose(why: Error): void {
    if (this.lost) return
    this.lost = why
    this.unasked?.()
    this.#settle('end')
    for (const call of this.onLost) call()
  }

  #settle(news: News): void {
    const wake = this.#wake
    this.#wake = null
    clearTimeout(this.#timer)
    wake?.(news)
  }
}

// --- heads ---

interface RequestHead {
  readonly method: string
  readonly target: string
  readonly version: '1.0' | '1.1'
  readonly headers: Headers
}

interface AnswerHead {
  readonly version: '1.0' | '1.1'
  readonly status: number
  readonly reason: string
  readonly headers: Headers
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const NAME_OF_HOST = String.raw`(?:[\w.~!$&'()*+,;=%-]+|\[[\da-fA-F:.]+\])`
const VISIBLE = String.raw`[\x21\x22\x24-\x7e]*`
const ORIGIN_FORM = new RegExp(`^/${VISIBLE}$`)
const ABSOLUTE_FORM = new RegExp(`^(https?)://(${NAME_OF_HOST}(?::\\d*)?)((?:[/?]${VISIBLE})?)$`, 'i')
const AUTHORITY_FORM = new RegExp(`^${NAME_OF_HOST}:\\d+$`)

/** How many bytes the head takes that stands in front; null while it is not whole. */
function headLength(bytes: Buffer, from: number, max: number): number | null {
  for (let at = bytes.indexOf(10, from); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at - 1] !== 13) throw new Fault(400, 'a bare LF')
    if (at >= 3 && bytes[at - 2] === 10 && at + 1 <= max) return at + 1
    if (at + 1 > max) break
  }
  if (bytes.length <= max) return null
  const line = bytes.indexOf('\r\n')
  throw new Fault(line < 0 || line + 2 > max ? 414 : 431, 'a head too large')
}

async function readRequestHead(
  wire: Wire,
  limits: Limits,
  closing: () => boolean,
): Promise<RequestHead | null> {
  let blank = false
  const idleUntil = Date.now() + limits.idleMs
  for (;;) {
    if (!blank && wire.bytes.length >= 2 && wire.bytes[0] === 13 && wire.bytes[1] === 10) {
      wire.skip(2)
      blank = true
    }
    if (wire.bytes.length > 0) break
    if (closing()) return null
    if ((await wire.more(Math.max(1, idleUntil - Date.now()))) !== 'bytes') return null
  }
  const until = Date.now() + limits.headMs
  for (let from = 0; ;) {
    const length = headLength(wire.bytes, from, limits.maxHeadBytes)
    if (length !== null) return parseRequest(wire.take(length))
    from = Math.max(0, wire.bytes.length - 1)
    const news = await wire.more(Math.max(1, until - Date.now()))
    if (news === 'late') throw new Fault(408, 'no head in time')
    if (news === 'end') throw new Fault(400, 'a head cut short')
  }
}

function parseRequest(bytes: Buffer): RequestHead {
  const line = bytes.toString('latin1', 0, bytes.indexOf('\r\n'))
  const major = new RegExp(`^${TOKEN} \\S+ HTTP/(\\d)\\.\\d$`).exec(line)?.[1]
  if (major !== undefined && major !== '1') throw new Fault(505, 'another version')
  let request: RequestHead
  try {
    const head = parseHead(bytes)
    if (!head) throw new Error('no head')
    const { method, target, version, headers } = parseRequestHead(head)
    request = { method, target, version, headers }
  } catch (error) {
    throw new Fault(400, (error as Error).message)
  }
  if (!isTarget(request.method, request.target)) throw new Fault(400, 'not a target')
  return request
}

function isTarget(method: string, target: string): boolean {
  if (method === 'CONNECT') return AUTHORITY_FORM.test(target)
  if (target === '*') return method === 'OPTIONS'
  return ORIGIN_FORM.test(target) || ABSOLUTE_FORM.test(target)
}

async function readAnswerHead(wire: Wire, max: number): Promise<AnswerHead> {
  for (let from = 0; ;) {
    const length = headLength(wire.bytes, from, max)
    if (length !== null) return parseAnswer(wire.take(length).toString('latin1'))
    from = Math.max(0, wire.bytes.length - 1)
    if ((await wire.more(null)) === 'end') throw new Fault(502, 'ended before its answer')
  }
}

function parseAnswer(text: string): AnswerHead {
  const lines = text
    .replace(/[ \t]*\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .slice(0, -2)
  const start = /^HTTP\/1\.(\d) (\d{3})(?: ([\t\x20-\x7e\x80-\xff]*))?$/.exec(lines.shift() ?? '')
  if (!start) throw new Fault(502, 'no status line')
  const headers = lines.map((line) => {
    const match = new RegExp(`^(${TOKEN})[ \\t]*:([\\t\\x20-\\x7e\\x80-\\xff]*)$`).exec(line)
    if (!match) throw new Fault(502, 'no field line')
    return [match[1] ?? '', (match[2] ?? '').replace(/^[ \t]+/, '').replace(/[ \t]+$/, '')] as const
  })
  return {
    version: start[1] === '0' ? '1.0' : '1.1',
    status: Number(start[2]),
    reason: start[3] ?? '',
    headers,
  }
}

function list(headers: Headers, name: string): string[] {
  return (field(headers, name) ?? '')
    .toLowerCase()
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '')
}

// --- bodies ---

type Extent = { kind: 'none' } | { kind: 'length'; length: number } | { kind: 'chunked' } | { kind: 'fin' }

/** What Content-Length says; null where there is none. */
function lengthOf(headers: Headers): number | null {
  const value = field(headers, 'content-length')
  if (value === null) return null
  const all = value.split(',').map((one) => one.trim())
  if (!all.every((one) => /^\d+$/.test(one) && one === all[0])) throw new Fault(400, 'not a length')
  return Number(all[0])
}

function codings(head: { version: string; headers: Headers }): string[] | null {
  if (field(head.headers, 'transfer-encoding') === null) return null
  if (head.version === '1.0') throw new Fault(400, 'a coding in HTTP/1.0')
  if (field(head.headers, 'content-length') !== null) throw new Fault(400, 'both lengths')
  return list(head.headers, 'transfer-encoding')
}

function requestExtent(head: RequestHead, max: number): Extent {
  const length = lengthOf(head.headers)
  const coded = codings(head)
  if (coded) {
    if (coded.at(-1) !== 'chunked') throw new Fault(400, 'chunked is not last')
    if (coded.slice(0, -1).some((one) => /^chunked\b/.test(one))) throw new Fault(400, 'chunked twice')
    if (coded.length > 1) throw new Fault(501, 'another coding')
    return { kind: 'chunked' }
  }
  if (length === null) return { kind: 'none' }
  if (length > max) throw new Fault(413, 'a body too large')
  return { kind: 'length', length }
}

function answerExtent(method: string, head: AnswerHead): Extent {
  const length = lengthOf(head.headers)
  const coded = codings(head)
  if (coded && (coded.length !== 1 || coded[0] !== 'chunked')) throw new Fault(502, 'another coding')
  if (method === 'HEAD' || head.status === 204 || head.status === 304) return { kind: 'none' }
  if (coded) return { kind: 'chunked' }
  return length === null ? { kind: 'fin' } : { kind: 'length', length }
}

/** A body, decoded as far as its bytes have come. */
class Body {
  done: boolean
  #left: number
  #stage: 'size' | 'bytes' | 'end' | 'trailers' = 'size'
  #total = 0
  #extensions = 0
  #trailers = 0
  #ahead: Buffer[] = []

  readonly wire: Wire
  readonly extent: Extent
  readonly max: { head: number; body: number }

  constructor(wire: Wire, extent: Extent, max: { head: number; body: number }) {
    this.wire = wire
    this.extent = extent
    this.max = max
    this.#left = extent.kind === 'length' ? extent.length : 0
    this.done = extent.kind === 'none' || (extent.kind === 'length' && extent.length === 0)
  }

  /** Decodes what is here, so that what is wrong is found before anything is passed on. */
  peek(): void {
    for (let piece = this.#decode(); piece.length > 0; piece = this.#decode()) this.#ahead.push(piece)
  }

  get isRead(): boolean {
    return this.done && this.#ahead.length === 0
  }

  /** The next piece; null at the end. */
  async read(ms: number | null): Promise<Buffer | null> {
    for (;;) {
      const piece = this.#ahead.shift() ?? this.#decode()
      if (piece.length > 0) return piece
      if (this.done) return null
      const news = await this.wire.more(ms)
      if (news === 'late') throw new Fault(408, 'no body in time')
      if (news === 'end') this.#end()
    }
  }

  #end(): void {
    if (this.extent.kind !== 'fin') throw new Fault(400, 'a body cut short')
    this.done = true
  }

  #decode(): Buffer {
    if (this.done) return Buffer.alloc(0)
    if (this.extent.kind === 'chunked') return this.#chunks()
    const have = this.wire.bytes.length
    if (this.extent.kind === 'fin') return this.wire.take(have)
    const piece = this.wire.take(Math.min(have, this.#left))
    this.#left -= piece.length
    this.done = this.#left === 0
    return piece
  }

  #chunks(): Buffer {
    const pieces: Buffer[] = []
    while (!this.done) {
      if (this.#stage === 'bytes') {
        const piece = this.wire.take(Math.min(this.wire.bytes.length, this.#left))
        if (piece.length === 0) break
        pieces.push(piece)
        this.#left -= piece.length
        if (this.#left === 0) this.#stage = 'end'
      } else if (!(this.#stage === 'end' ? this.#chunkEnd() : this.#line())) break
    }
    return Buffer.concat(pieces)
  }

  #chunkEnd(): boolean {
    const { bytes } = this.wire
    if (bytes.length > 0 && bytes[0] !== 13) throw new Fault(400, 'no CRLF after a chunk')
    if (bytes.length < 2) return false
    if (bytes[1] !== 10) throw new Fault(400, 'no CRLF after a chunk')
    this.wire.skip(2)
    this.#stage = 'size'
    return true
  }

  #line(): boolean {
    const { bytes } = this.wire
    const at = bytes.indexOf(10)
    const size = this.#stage === 'size'
    if (at < 0) {
      if (size && this.#extensions + bytes.length > this.max.head + 20)
        throw new Fault(413, 'extensions too large')
      if (!size && this.#trailers + bytes.length > this.max.head) throw new Fault(431, 'trailers too large')
      return false
    }
    if (bytes[at - 1] !== 13) throw new Fault(400, 'a bare LF')
    const line = this.wire.take(at + 1).toString('latin1', 0, at - 1)
    if (size) this.#size(line)
    else this.#trailer(line)
    return true
  }

  #size(line: string): void {
    const match = /^([\da-f]{1,16})((?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?)$/i.exec(line)
    if (!match) throw new Fault(400, 'not a chunk size')
    this.#left = Number.parseInt(match[1] ?? '', 16)
    this.#extensions += (match[2] ?? '').length
    if (this.#extensions > this.max.head) throw new Fault(413, 'extensions too large')
    this.#total += this.#left
    if (this.#total > this.max.body) throw new Fault(413, 'a body too large')
    this.#stage = this.#left === 0 ? 'trailers' : 'bytes'
  }

  #trailer(line: string): void {
    this.#trailers += line.length + 2
    if (this.#trailers > this.max.head) throw new Fault(431, 'trailers too large')
    if (line === '') this.done = true
    else if (!new RegExp(`^${TOKEN}:[\\t\\x20-\\x7e\\x80-\\xff]*$`).test(line))
      throw new Fault(400, 'not a trailer')
  }
}

// --- the side of the clients, alike in both programs ---

type Form =
  | { kind: 'none'; length?: number | null }
  | { kind: 'length'; length: number }
  | { kind: 'unknown' }

class Exchange {
  begun = false
  keep = true
  continued = false
  /** Reads the request's body for an origin. */
  bodyTask: Promise<void> | null = null
  /** What the client did wrong in its body. */
  fault: Error | null = null
  readonly expects: boolean
  #form: 'none' | 'length' | 'chunked' | 'fin' = 'none'

  readonly wire: Wire
  readonly request: RequestHead
  readonly body: Body
  readonly side: Side

  constructor(wire: Wire, request: RequestHead, body: Body, side: Side) {
    this.wire = wire
    this.request = request
    this.body = body
    this.side = side
    this.expects = request.version === '1.1' && list(request.headers, 'expect').includes('100-continue')
  }

  /** Whether the client keeps its body back. */
  get waits(): boolean {
    return this.expects && !this.continued && !this.body.done
  }

  async interim(status: number, reason: string, headers: Headers): Promise<void> {
    if (this.request.version === '1.0' || this.begun) return
    if (status === 100) {
      this.continued = true
      this.wire.within(this.side.limits.bodyMs)
    }
    await this.wire.write(format(status, reason, headers), this.side.limits.bodyMs)
  }

  async begin(status: number, reason: string, headers: Headers, form: Form): Promise<void> {
    const old = this.request.version === '1.0'
    this.#form = form.kind === 'unknown' ? (old ? 'fin' : 'chunked') : form.kind
    this.keep &&= this.#persists()
    const own: Array<readonly [string, string]> = []
    if (form.kind === 'length' || (form.kind === 'none' && typeof form.length === 'number'))
      own.push(['Content-Length', String(form.length)])
    if (this.#form === 'chunked') own.push(['Transfer-Encoding', 'chunked'])
    if (!this.keep) own.push(['Connection', 'close'])
    else if (old) own.push(['Connection', 'keep-alive'])
    this.begun = true
    await this.wire.write(format(status, reason, [...headers, ...own]), this.side.limits.bodyMs)
  }

  #persists(): boolean {
    const { version, headers } = this.request
    const options = list(headers, 'connection')
    if (options.includes('close') || this.#form === 'fin' || this.waits) return false
    if (version === '1.0' && !(this.side.keepsOld && options.includes('keep-alive'))) return false
    const follows = this.body.done && this.wire.bytes.length > 0
    return follows || !(this.side.closing || this.wire.ended)
  }

  async write(piece: Uint8Array): Promise<void> {
    if (piece.length === 0 || this.#form === 'none') return
    const framed = this.#form === 'chunked' ? chunk(piece) : piece
    await this.wire.write(framed, this.side.limits.bodyMs)
  }

  async end(): Promise<void> {
    if (this.#form === 'chunked') await this.wire.write('0\r\n\r\n', this.side.limits.bodyMs)
  }

  async reply(status: number, headers: Headers, content: Uint8Array | string): Promise<void> {
    const bytes = Buffer.from(content)
    const head = this.request.method === 'HEAD'
    await this.begin(status, REASONS[status] ?? '', headers, {
      kind: head ? 'none' : 'length',
      length: bytes.length,
    })
    await this.write(bytes)
    await this.end()
  }

  /** The answer will never be whole, and must not look so. */
  cut(): void {
    this.keep = false
    if (this.#form === 'fin') this.wire.reset()
  }

  /** The next request stands after the body of this one. */
  async finish(): Promise<void> {
    if (!this.keep) return
    await this.bodyTask
    if (this.fault) throw this.fault
    while ((await this.body.read(this.side.limits.bodyMs)) !== null);
  }
}

function format(status: number, reason: string, headers: Headers): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}\r\n`
}

function chunk(piece: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')])
}

class Side {
  closing = false
  readonly clients = new Set<Wire>()
  readonly all = new Set<Socket>()
  readonly idle = new Set<Wire>()
  #server: Server
  #closed: Promise<void> | null = null

  readonly limits: Limits
  readonly keepsOld: boolean
  readonly handle: (exchange: Exchange) => Promise<void>
  readonly refused: (exchange: Exchange) => void

  constructor(
    limits: Limits,
    keepsOld: boolean,
    handle: (exchange: Exchange) => Promise<void>,
    refused: (exchange: Exchange) => void = () => {},
  ) {
    this.limits = limits
    this.keepsOld = keepsOld
    this.handle = handle
    this.refused = refused
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket))
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, '127.0.0.1', resolve)
    })
    return (this.#server.address() as { port: number }).port
  }

  track(socket: Socket): void {
    this.all.add(socket)
    socket.once('close', () => this.all.delete(socket))
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.closing = true
    const quiet = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const wire of this.idle) wire.stop()
    const timer = setTimeout(() => {
      for (const socket of this.all) socket.destroy()
    }, this.limits.graceMs)
    await quiet
    while (this.all.size > 0)
      await Promise.all(
        [...this.all].map((socket) => new Promise((resolve) => socket.once('close', resolve))),
      )
    clearTimeout(timer)
  }

  #accept(socket: Socket): void {
    this.track(socket)
    const wire = new Wire(socket)
    if (this.clients.size >= this.limits.maxConnections)
      return void this.#refuse(wire, new Fault(503, 'too many'))
    this.clients.add(wire)
    socket.once('close', () => this.clients.delete(wire))
    void this.#converse(wire).catch(() => wire.destroy())
  }

  async #converse(wire: Wire): Promise<void> {
    while (await this.#one(wire));
    if (!this.all.has(wire.socket)) return
    if (!wire.lost) wire.linger(this.limits.graceMs)
  }

  async #one(wire: Wire): Promise<boolean> {
    let exchange: Exchange | null = null
    try {
      this.idle.add(wire)
      const request = await readRequestHead(wire, this.limits, () => this.closing).finally(() =>
        this.idle.delete(wire),
      )
      if (!request) return false
      const extent = requestExtent(request, this.limits.maxBodyBytes)
      const max = { head: this.limits.maxHeadBytes, body: this.limits.maxBodyBytes }
      const body = new Body(wire, request.method === 'CONNECT' ? { kind: 'none' } : extent, max)
      body.peek()
      exchange = new Exchange(wire, request, body, this)
      await this.handle(exchange)
      await exchange.finish()
      return exchange.keep
    } catch (error) {
      if (!(error instanceof Fault) || wire.lost) throw error
      if (exchange) this.refused(exchange)
      if (exchange?.begun) exchange.cut()
      else await this.#refuse(wire, error)
      return false
    }
  }

  async #refuse(wire: Wire, fault: Fault): Promise<void> {
    const text = `${fault.message}\n`
    const fields: Headers = [
      ['Content-Type', 'text/plain'],
      ['Content-Length', String(text.length)],
      ['Connection', 'close'],
    ]
    try {
      const head = format(fault.status, REASONS[fault.status] ?? '', fields)
      await wire.write(head + text, this.limits.bodyMs)
      wire.linger(this.limits.graceMs)
    } catch {
      wire.destroy()
    }
  }
}

// --- the origin ---

/** Serves files from memory. */
export async function startOrigin(
  files: Readonly<Record<string, Uint8Array>>,
  options: Limits,
): Promise<RunningServer> {
  const side = new Side(options, true, (exchange) => serveFile(files, exchange))
  const port = await side.listen()
  return { port, close: () => side.close() }
}

async function serveFile(files: Readonly<Record<string, Uint8Array>>, exchange: Exchange): Promise<void> {
  const { method, target } = exchange.request
  const date: readonly [string, string] = ['Date', new Date().toUTCString()]
  if (method === 'CONNECT') exchange.keep = false
  if (exchange.waits) await exchange.interim(100, 'Continue', [])
  while ((await exchange.body.read(exchange.side.limits.bodyMs)) !== null);
  if (method !== 'GET' && method !== 'HEAD')
    return exchange.reply(405, [date, ['Allow', 'GET, HEAD']], 'not allowed\n')
  const path = (ABSOLUTE_FORM.exec(target)?.[3] ?? target).split('?')[0] || '/'
  const file = Object.hasOwn(files, path) ? files[path] : undefined
  if (!file) return exchange.reply(404, [date], 'not found\n')
  const etag = `"${createHash('sha256').update(file).digest('base64url')}"`
  const fields: Headers = [date, ['ETag', etag], ['Cache-Control', 'max-age=60'], ['Accept-Ranges', 'bytes']]
  await select(exchange, { status: 200, reason: 'OK', fields, etag, modified: null }, file)
}

interface Representation {
  readonly status: number
  readonly reason: string
  readonly fields: Headers
  readonly etag: string | null
  readonly modified: number | null
}

/** Answers with the whole, a part, or 304. */
async function select(exchange: Exchange, what: Representation, body: Uint8Array): Promise<void> {
  const { method, headers } = exchange.request
  if (what.status === 200 && isCurrent(headers, what)) {
    const fields = what.fields.filter(([name]) => !/^content-(type|encoding|language|range)$/i.test(name))
    return exchange.begin(304, 'Not Modified', fields, { kind: 'none' })
  }
  const part = what.status === 200 && method === 'GET' ? partOf(headers, what.etag, body.length) : null
  if (part === 'none') {
    return exchange.reply(416, [...what.fields, ['Content-Range', `bytes */${body.length}`]], '')
  }
  const [from, to] = part ?? [0, body.length]
  const fields: Headers = part
    ? [...what.fields, ['Content-Range', `bytes ${from}-${to - 1}/${body.length}`]]
    : what.fields
  const form: Form = { kind: method === 'HEAD' || what.status === 204 ? 'none' : 'length', length: to - from }
  if (what.status === 204) delete (form as { length?: number }).length
  await exchange.begin(part ? 206 : what.status, part ? 'Partial Content' : what.reason, fields, form)
  await exchange.write(body.subarray(from, to))
}

function isCurrent(headers: Headers, what: Representation): boolean {
  const tags = field(headers, 'if-none-match')
  if (tags !== null) {
    if (tags.trim() === '*') return true
    const own = what.etag?.replace(/^W\//, '')
    const tagsGiven: readonly string[] = tags.match(/"[^"]*"/g) ?? []
    return own !== undefined && tagsGiven.includes(own)
  }
  const since = Date.parse(field(headers, 'if-modified-since') ?? '')
  return what.modified !== null && !Number.isNaN(since) && what.modified <= since
}

function partOf(headers: Headers, etag: string | null, length: number): [number, number] | 'none' | null {
  const match = /^bytes=(\d*)-(\d*)$/i.exec(field(headers, 'range') ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return null
  const condition = field(headers, 'if-range')
  if (condition !== null && (condition !== etag || condition.startsWith('W/'))) return null
  if (match[1] === '') {
    const count = Math.min(Number(match[2]), length)
    return count === 0 ? 'none' : [length - count, length]
  }
  const first = Number(match[1])
  const last = match[2] === '' ? Infinity : Number(match[2])
  if (last < first) return null
  return first >= length ? 'none' : [first, Math.min(last + 1, length)]
}

// --- connections to origins ---

class Pool {
  readonly open = new Set<Wire>()
  readonly idle: Array<{ key: string; wire: Wire; drop: () => void }> = []

  readonly side: { track(socket: Socket): void; readonly closing: boolean }
  readonly limits: Limits

  constructor(side: { track(socket: Socket): void; readonly closing: boolean }, limits: Limits) {
    this.side = side
    this.limits = limits
  }

  take(address: Address): Wire | null {
    const key = `${address.host}:${address.port}`
    const at = this.idle.findLastIndex((entry) => entry.key === key)
    if (at < 0) return null
    const [entry] = this.idle.splice(at, 1)
    entry?.drop()
    return entry?.wire ?? null
  }

  put(address: Address, wire: Wire): void {
    if (this.side.closing || wire.lost || wire.ended || wire.bytes.length > 0) return wire.destroy()
    const end = (): void => {
      this.idle.splice(this.idle.indexOf(entry), 1)
      entry.drop()
      wire.destroy()
    }
    const timer = setTimeout(end, this.limits.idleMs)
    const drop = (): void => {
      clearTimeout(timer)
      wire.unasked = null
    }
    const entry = { key: `${address.host}:${address.port}`, wire, drop }
    this.idle.push(entry)
    wire.unasked = end
    wire.socket.resume()
  }

  closeIdle(): void {
    for (const { wire, drop } of this.idle.splice(0)) {
      drop()
      wire.destroy()
    }
  }

  async connect(address: Address, hold: Hold, isTunnel = false): Promise<Wire> {
    const socket = connect({ host: address.host, port: address.port, allowHalfOpen: true })
    this.side.track(socket)
    const wire = new Wire(socket)
    hold.wire = wire
    if (!isTunnel) {
      this.open.add(wire)
      socket.once('close', () => this.open.delete(wire))
    }
    const timer = setTimeout(() => wire.destroy(new Fault(504, 'no connection in time')), this.limits.headMs)
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve)
        wire.onLost.add(() => reject(wire.lost ?? new Error('lost')))
        if (hold.cancelled) wire.destroy()
      })
    } finally {
      clearTimeout(timer)
    }
    wire.onLost.clear()
    return wire
  }
}

/** By which a request is called off. */
class Hold {
  wire: Wire | null = null
  cancelled = false

  cancel(): void {
    this.cancelled = true
    this.wire?.destroy()
  }
}

interface Asked {
  readonly method: string
  readonly head: string
  readonly chunked: boolean
}

interface Answer extends AnswerHead {
  readonly body: Body
  /** Gives the connection back, or ends it. */
  release(): void
}

/** A clock that runs only while it is the origin that is waited for. */
class HeadClock {
  #timer: NodeJS.Timeout | undefined
  #over = false
  #runs = false

  readonly ms: number
  readonly late: () => void

  constructor(ms: number, late: () => void) {
    this.ms = ms
    this.late = late
  }

  start(): void {
    if (this.#over) return
    clearTimeout(this.#timer)
    this.#runs = true
    this.#timer = setTimeout(this.late, this.ms)
  }

  again(): void {
    if (this.#runs) this.start()
  }

  stop(): void {
    this.#runs = false
    clearTimeout(this.#timer)
  }

  end(): void {
    this.#over = true
    this.stop()
  }
}

class Asker {
  readonly pool: Pool
  readonly limits: Limits

  constructor(pool: Pool, limits: Limits) {
    this.pool = pool
    this.limits = limits
  }

  /** @param exchange - Whose body goes along; and who hears of what comes before the answer. */
  async ask(
    address: Address,
    asked: Asked,
    exchange: Exchange,
    withBody: boolean,
    hold: Hold,
  ): Promise<Answer> {
    const kept = this.pool.take(address)
    if (kept) {
      const heard = kept.heard
      hold.wire = kept
      try {
        return await this.#on(kept, address, asked, exchange, withBody, hold)
      } catch (error) {
        kept.destroy()
        const again = /^(GET|HEAD|OPTIONS|TRACE|PUT|DELETE)$/.test(asked.method) && !withBody
        if (
          hold.cancelled ||
          !again ||
          kept.heard > heard ||
          (error instanceof Fault && error.status === 504)
        )
          throw error
      }
    }
    const wire = await this.pool.connect(address, hold)
    try {
      return await this.#on(wire, address, asked, exchange, withBody, hold)
    } catch (error) {
      wire.destroy()
      throw error
    }
  }

  async #on(
    wire: Wire,
    address: Address,
    asked: Asked,
    exchange: Exchange,
    withBody: boolean,
    hold: Hold,
  ): Promise<Answer> {
    const clock = new HeadClock(this.limits.headMs, () => wire.destroy(new Fault(504, 'no answer in time')))
    const sent = { whole: !withBody }
    try {
      if (hold.cancelled) throw new Error('called off')
      await wire.write(asked.head, this.limits.bodyMs)
      if (withBody) exchange.bodyTask = this.#send(wire, asked, exchange, clock, sent)
      if (!withBody || exchange.waits) clock.start()
      const head = await this.#head(wire, exchange, clock)
      const body = new Body(wire, answerExtent(asked.method, head), {
        head: this.limits.maxHeadBytes,
        body: Infinity,
      })
      let released = false
      const release = (): void => {
        if (!released) this.#release(wire, address, head, body, sent, exchange)
        released = true
      }
      return { ...head, body, release }
    } finally {
      clock.end()
    }
  }

  async #head(wire: Wire, exchange: Exchange, clock: HeadClock): Promise<AnswerHead> {
    for (;;) {
      const head = await readAnswerHead(wire, this.limits.maxHeadBytes)
      if (head.status >= 200) return head
      if (head.status === 101 || head.status < 100) throw new Fault(502, 'no such answer')
      if (head.status === 100) clock.stop()
      else clock.again()
      const headers = passOn(head.headers, head.version).filter(
        ([name]) => name.toLowerCase() !== 'content-length',
      )
      await exchange.interim(head.status, head.reason, headers).catch(() => {})
      if (head.status === 100 && exchange.body.isRead) clock.start()
    }
  }

  /** Reads the client's body to its end, whether or not the origin still takes it. */
  async #send(
    wire: Wire,
    asked: Asked,
    exchange: Exchange,
    clock: HeadClock,
    sent: { whole: boolean },
  ): Promise<void> {
    try {
      for (let first = true; ; first = false) {
        const piece = await exchange.body.read(first && exchange.waits ? null : this.limits.bodyMs)
        if (piece === null) break
        clock.stop()
        await wire.write(asked.chunked ? chunk(piece) : piece, this.limits.bodyMs).catch(() => {})
      }
      if (asked.chunked) await wire.write('0\r\n\r\n', this.limits.bodyMs).catch(() => {})
      sent.whole = !wire.lost
      clock.start()
    } catch (error) {
      exchange.fault = error as Error
      wire.destroy(error as Error)
    }
  }

  #release(
    wire: Wire,
    address: Address,
    head: AnswerHead,
    body: Body,
    sent: { whole: boolean },
    exchange: Exchange,
  ): void {
    const close = head.version === '1.0' || list(head.headers, 'connection').includes('close')
    if (!body.done || body.extent.kind === 'fin' || close) return wire.destroy()
    if (sent.whole) return this.pool.put(address, wire)
    if (!exchange.keep) return wire.destroy()
    void exchange.bodyTask?.then(() => (sent.whole ? this.pool.put(address, wire) : wire.destroy()))
  }
}

// --- what ends at a hop ---

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
const NEVER_NAMED = ['content-length', 'host', 'max-forwards', 'via']

/** The fields that go on, but for the length, and our name. */
function passOn(headers: Headers, version: string): Headers {
  const gone = new Set(list(headers, 'connection').filter((name) => !NEVER_NAMED.includes(name)))
  for (const name of OF_THE_HOP) gone.add(name)
  const left = headers.filter(([name]) => !gone.has(name.toLowerCase()))
  return [...left, ['Via', `${version} ${NAME}`]]
}

function without(headers: Headers, ...names: string[]): Headers {
  return headers.filter(([name]) => !names.includes(name.toLowerCase()))
}

// --- the cache ---

type Directives = Map<string, string>

function directives(headers: Headers): Directives {
  const found: Directives = new Map()
  const text = field(headers, 'cache-control') ?? ''
  for (const [member] of text.matchAll(/(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g)) {
    const [name = '', ...value] = member.trim().split('=')
    if (name !== '')
      found.set(
        name.trim().toLowerCase(),
        value
          .join('=')
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      )
  }
  return found
}

function seconds(value: string | undefined): number {
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : 0
}

function dateOf(headers: Headers, name: string): number | null {
  const value = field(headers, name)
  if (value === null || !/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(value))
    return null
  const time = Date.parse(value)
  return Number.isNaN(time) ? null : time
}

interface Stored {
  readonly key: string
  readonly status: number
  readonly reason: string
  /** As they go on, with a Date, without Age and length. */
  readonly headers: Headers
  readonly body: Buffer
  /** The fields of the request that Vary names, with their values. */
  readonly varies: ReadonlyArray<readonly [string, string | null]>
  /** The age when it came, and when that was. */
  readonly age: number
  readonly came: number
  readonly size: number
}

function mayStore(request: Headers, status: number, headers: Headers): boolean {
  const answer = directives(headers)
  if (directives(request).has('no-store') || answer.has('no-store') || answer.has('private')) return false
  if (list(headers, 'vary').includes('*') || status === 206 || status === 304) return false
  const open = ['public', 's-maxage', 'must-revalidate'].some((name) => answer.has(name))
  if (field(request, 'authorization') !== null && !open) return false
  if (answer.has('s-maxage') || answer.has('max-age') || field(headers, 'expires') !== null) return true
  return status === 200 && (field(headers, 'etag') !== null || field(headers, 'last-modified') !== null)
}

function ageOnArrival(headers: Headers, asked: number, came: number): number {
  const date = dateOf(headers, 'date') ?? came
  return Math.max(0, came - date, seconds(field(headers, 'age') ?? '') * 1000 + came - asked)
}

function lifetime(headers: Headers): number {
  const said = directives(headers)
  for (const name of ['s-maxage', 'max-age']) if (said.has(name)) return seconds(said.get(name)) * 1000
  const expires = dateOf(headers, 'expires')
  return expires === null ? 0 : expires - (dateOf(headers, 'date') ?? expires)
}

function store(
  key: string,
  request: Headers,
  head: { status: number; reason: string; headers: Headers },
  body: Buffer,
  asked: number,
  came: number,
): Stored {
  const varies = list(head.headers, 'vary').map((name) => [name, field(request, name)] as const)
  const headers = without(head.headers, 'age', 'content-length')
  const size = body.length + key.length + format(head.status, head.reason, headers).length
  const age = ageOnArrival(head.headers, asked, came)
  return { key, status: head.status, reason: head.reason, headers, body, varies, age, came, size }
}

class Cache {
  /** In the order of their last use. */
  readonly entries = new Set<Stored>()
  size = 0
  #byKey = new Map<string, Stored[]>()

  readonly bytes: number

  constructor(bytes: number) {
    this.bytes = bytes
  }

  find(key: string, request: Headers): Stored | null {
    return this.#byKey.get(key)?.findLast((one) => agrees(one, request)) ?? null
  }

  use(entry: Stored): void {
    if (this.entries.delete(entry)) this.entries.add(entry)
  }

  add(entry: Stored, request: Headers): void {
    for (const old of this.#byKey.get(entry.key) ?? []) if (agrees(old, request)) this.remove(old)
    if (entry.size > this.bytes) return
    for (const old of this.entries) {
      if (this.size + entry.size <= this.bytes) break
      this.remove(old)
    }
    this.entries.add(entry)
    this.size += entry.size
    this.#byKey.set(entry.key, [...(this.#byKey.get(entry.key) ?? []), entry])
  }

  remove(entry: Stored): void {
    if (!this.entries.delete(entry)) return
    this.size -= entry.size
    const left = (this.#byKey.get(entry.key) ?? []).filter((one) => one !== entry)
    if (left.length > 0) this.#byKey.set(entry.key, left)
    else this.#byKey.delete(entry.key)
  }

  forget(key: string): void {
    for (const entry of this.#byKey.get(key) ?? []) this.remove(entry)
  }
}

function agrees(entry: Stored, request: Headers): boolean {
  return entry.varies.every(([name, value]) => field(request, name) === value)
}

/** An answer on its way: read as fast as it comes while it may be kept, and else as fast as it is taken. */
class Spool {
  keeps = true
  size = 0
  #pieces: Buffer[] = []
  #next = 0
  #state: 'runs' | 'whole' | 'cut' = 'runs'
  #changed: Array<() => void> = []

  async put(piece: Buffer): Promise<void> {
    this.size += piece.length
    this.#pieces.push(piece)
    this.#tell()
    while (!this.keeps && this.#next < this.#pieces.length && this.#state === 'runs') await this.#change()
  }

  drop(): void {
    this.keeps = false
    this.#tell()
  }

  end(state: 'whole' | 'cut'): void {
    this.#state = state
    this.#tell()
  }

  whole(): Buffer {
    return Buffer.concat(this.#pieces)
  }

  /** The next piece for the one client; null at the end. */
  async get(): Promise<Buffer | null> {
    for (;;) {
      const piece = this.#pieces[this.#next]
      if (piece) {
        this.#next++
        if (!this.keeps) {
          this.#pieces.splice(0, this.#next)
          this.#next = 0
        }
        this.#tell()
        return piece
      }
      if (this.#state === 'whole') return null
      if (this.#state === 'cut') throw new Fault(502, 'cut short')
      await this.#change()
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve))
  }

  #tell(): void {
    for (const call of this.#changed.splice(0)) call()
  }
}

type Outcome = 'stored' | 'not kept' | Fault

class Flight {
  readonly hold = new Hold()
  /** Until somebody has changed what is asked for. */
  keeps = true
  outcome: Outcome | null = null
  #calls = new Set<() => void>()

  readonly key: string
  readonly over: (flight: Flight) => void

  constructor(key: string, over: (flight: Flight) => void) {
    this.key = key
    this.over = over
  }

  settle(outcome: Outcome): void {
    if (this.outcome) return
    this.outcome = outcome
    this.over(this)
    for (const call of this.#calls) call()
  }

  /** The client whose request it is has left: whoever waits asks for itself. */
  leave(): void {
    this.settle('not kept')
    this.hold.cancel()
  }

  wait(wire: Wire): Promise<Outcome> {
    return new Promise<Outcome>((resolve, reject) => {
      const call = (): void => {
        wire.onLost.delete(call)
        this.#calls.delete(call)
        if (wire.lost) reject(wire.lost)
        else resolve(this.outcome ?? 'not kept')
      }
      this.#calls.add(call)
      wire.onLost.add(call)
    })
  }
}

// --- the proxy ---

interface ProxyOptions extends Limits {
  routes(host: string): Address | null
  cacheBytes: number
  now(): number
}

interface Goal {
  readonly address: Address
  readonly host: string
  readonly target: string
  readonly key: string
}

class Proxy {
  requests = 0
  hits = 0
  readonly side: Side
  readonly pool: Pool
  readonly cache: Cache
  readonly #asker: Asker
  readonly #shared = new Map<string, Flight>()
  readonly #flights = new Set<Flight>()

  readonly options: ProxyOptions

  constructor(options: ProxyOptions) {
    this.options = options
    this.side = new Side(
      options,
      false,
      (exchange) => this.#handle(exchange),
      () => this.requests--,
    )
    this.pool = new Pool(this.side, options)
    this.cache = new Cache(options.cacheBytes)
    this.#asker = new Asker(this.pool, options)
  }

  stats(): Stats {
    return {
      clients: this.side.clients.size,
      origins: this.pool.open.size,
      idle: this.pool.idle.length,
      requests: this.requests,
      hits: this.hits,
      storedBytes: this.cache.size,
    }
  }

  close(): Promise<void> {
    const closed = this.side.close()
    this.pool.closeIdle()
    return closed
  }

  async #handle(exchange: Exchange): Promise<void> {
    this.requests++
    const { method, target, headers } = exchange.request
    if (method === 'CONNECT') return this.#tunnel(exchange)
    const absolute = ABSOLUTE_FORM.exec(target)
    if (absolute?.[1]?.toLowerCase() === 'https') return exchange.reply(501, [], 'no https\n')
    const host = absolute?.[2] ?? field(headers, 'host') ?? ''
    if (host === '') throw new Fault(400, 'no host')
    const name = normal(host)
    const address = this.options.routes(name)
    if ((method === 'TRACE' || method === 'OPTIONS') && /^0+$/.test(field(headers, 'max-forwards') ?? ''))
      return lastHop(exchange)
    if (!address) return exchange.reply(502, [], `nowhere: ${name}\n`)
    const path = absolute ? originForm(method, absolute[3] ?? '') : target
    await this.#get(exchange, { address, host, target: path, key: `${name} ${path}` })
  }

  async #get(exchange: Exchange, goal: Goal): Promise<void> {
    const { method, headers } = exchange.request
    const bodiless =
      exchange.body.extent.kind === 'none' ||
      (exchange.body.extent.kind === 'length' && exchange.body.extent.length === 0)
    const names = headers.map(([name]) => name.toLowerCase())
    const odd = names.some((name) => name === 'if-match' || name === 'if-unmodified-since')
    if (!['GET', 'HEAD'].includes(method) || !bodiless || odd) return this.#pass(exchange, goal)
    if (await this.#fromStore(exchange, goal)) return
    if (method === 'HEAD' || names.some((name) => name === 'range' || name.startsWith('if-')))
      return this.#pass(exchange, goal)
    const said = directives(headers)
    const alone = ['no-store', 'no-cache', 'max-age'].some((name) => said.has(name))
    const flight = alone ? undefined : this.#shared.get(goal.key)
    if (!flight) return this.#lead(exchange, goal, !alone)
    const outcome = await flight.wait(exchange.wire)
    if (outcome instanceof Fault) return this.#failed(exchange, goal.address, outcome)
    if (outcome === 'stored' && (await this.#fromStore(exchange, goal))) return
    await this.#lead(exchange, goal, false)
  }

  /** @returns Whether the answer was given from what is stored. */
  async #fromStore(exchange: Exchange, goal: Goal): Promise<boolean> {
    const { headers } = exchange.request
    const entry = this.cache.find(goal.key, headers)
    if (!entry || !this.#usable(entry, headers)) return false
    this.hits++
    await this.#give(exchange, entry)
    return true
  }

  #age(entry: Stored): number {
    return entry.age + this.options.now() - entry.came
  }

  #usable(entry: Stored, request: Headers): boolean {
    const age = this.#age(entry)
    const asked = directives(request)
    if (asked.has('no-cache') || directives(entry.headers).has('no-cache')) return false
    if (asked.has('max-age') && age > seconds(asked.get('max-age')) * 1000) return false
    return age < lifetime(entry.headers)
  }

  async #give(exchange: Exchange, entry: Stored): Promise<void> {
    this.cache.use(entry)
    const fields: Headers = [...entry.headers, ['Age', String(Math.floor(this.#age(entry) / 1000))]]
    const modified = dateOf(entry.headers, 'last-modified') ?? dateOf(entry.headers, 'date')
    const { status, reason } = entry
    const etag = field(entry.headers, 'etag')
    await select(exchange, { status, reason, fields, etag, modified }, entry.body)
  }

  // --- asking the origin ---

  #asked(exchange: Exchange, goal: Goal, extra: Headers = []): Asked {
    const { method, version, headers } = exchange.request
    const { extent } = exchange.body
    const names = without(passOn(headers, version), 'host', 'content-length')
    const fields = names.map(
      ([name, value]) => [name, name.toLowerCase() === 'max-forwards' ? hops(method, value) : value] as const,
    )
    const own: Array<readonly [string, string]> = []
    if (extent.kind === 'length') own.push(['Content-Length', String(extent.length)])
    if (extent.kind === 'chunked') own.push(['Transfer-Encoding', 'chunked'])
    const lines = [['Host', goal.host] as const, ...fields, ...extra, ...own].map(
      ([name, value]) => `${name}: ${value}\r\n`,
    )
    return {
      method,
      head: `${method} ${goal.target} HTTP/1.1\r\n${lines.join('')}\r\n`,
      chunked: extent.kind === 'chunked',
    }
  }

  #dated(headers: Headers, version: string): Headers {
    const passed = passOn(headers, version)
    return field(passed, 'date') !== null
      ? passed
      : [...passed, ['Date', new Date(this.options.now()).toUTCString()]]
  }

  /** Passes on a request that is not for the cache. */
  async #pass(exchange: Exchange, goal: Goal): Promise<void> {
    const hold = new Hold()
    const left = (): void => hold.cancel()
    exchange.wire.onLost.add(left)
    try {
      const withBody =
        !['none'].includes(exchange.body.extent.kind) &&
        !(exchange.body.extent.kind === 'length' && exchange.body.extent.length === 0)
      let answer: Answer
      try {
        answer = await this.#asker.ask(goal.address, this.#asked(exchange, goal), exchange, withBody, hold)
      } catch (error) {
        return await this.#failed(exchange, goal.address, error as Error)
      }
      const { method } = exchange.request
      if (!/^(GET|HEAD|OPTIONS|TRACE)$/.test(method) && answer.status < 400) this.#changed(goal.key)
      await this.#relay(exchange, answer, hold)
    } finally {
      exchange.wire.onLost.delete(left)
    }
  }

  async #relay(exchange: Exchange, answer: Answer, hold: Hold): Promise<void> {
    try {
      await exchange.begin(
        answer.status,
        answer.reason,
        without(this.#dated(answer.headers, answer.version), 'content-length'),
        formOf(answer),
      )
      if (answer.body.isRead) answer.release()
      for (let piece = await this.#piece(answer); piece; piece = await this.#piece(answer)) {
        if (answer.body.isRead) answer.release()
        await exchange.write(piece)
      }
      answer.release()
      await exchange.end()
    } catch (error) {
      hold.cancel()
      if (exchange.wire.lost) throw error
      exchange.cut()
    }
  }

  #piece(answer: Answer): Promise<Buffer | null> {
    return answer.body.read(this.options.bodyMs)
  }

  async #failed(exchange: Exchange, address: Address, error: Error): Promise<void> {
    if (exchange.fault) throw exchange.fault
    if (exchange.wire.lost) throw exchange.wire.lost
    const status = error instanceof Fault && error.status === 504 ? 504 : 502
    await exchange.reply(
      status,
      [['Content-Type', 'text/plain']],
      `${address.host}:${address.port}: ${error.message}\n`,
    )
  }

  #changed(key: string): void {
    this.cache.forget(key)
    for (const flight of this.#flights) {
      if (flight.key !== key) continue
      flight.keeps = false
      flight.settle('not kept')
    }
  }

  /** Asks for what may be kept. */
  async #lead(exchange: Exchange, goal: Goal, shared: boolean): Promise<void> {
    const { headers } = exchange.request
    const flight = new Flight(goal.key, () => {
      if (this.#shared.get(goal.key) === flight) this.#shared.delete(goal.key)
    })
    if (shared) this.#shared.set(goal.key, flight)
    this.#flights.add(flight)
    const left = (): void => flight.leave()
    exchange.wire.onLost.add(left)
    try {
      const stale = this.cache.find(goal.key, headers)
      await this.#fly(exchange, goal, flight, stale)
    } finally {
      exchange.wire.onLost.delete(left)
    }
  }

  async #fly(exchange: Exchange, goal: Goal, flight: Flight, stale: Stored | null): Promise<void> {
    const { headers } = exchange.request
    const asked = this.options.now()
    let answer: Answer
    try {
      const question = this.#asked(exchange, goal, stale ? conditions(stale) : [])
      answer = await this.#asker.ask(goal.address, question, exchange, false, flight.hold)
    } catch (error) {
      this.#flights.delete(flight)
      flight.settle(error instanceof Fault ? error : new Fault(502, (error as Error).message))
      return this.#failed(exchange, goal.address, error as Error)
    }
    const came = this.options.now()
    const passed = this.#dated(answer.headers, answer.version)
    if (answer.status === 304 && stale) {
      answer.release()
      return this.#renewed(exchange, flight, stale, passed, asked, came)
    }
    if (stale) this.cache.remove(stale)
    const length = answer.body.extent.kind === 'length' ? answer.body.extent.length : 0
    const keeps = flight.keeps && length <= LARGEST_KEPT && mayStore(headers, answer.status, passed)
    if (!keeps) {
      this.#flights.delete(flight)
      flight.settle('not kept')
      return this.#relay(exchange, answer, flight.hold)
    }
    const spool = new Spool()
    const head = { status: answer.status, reason: answer.reason, headers: passed }
    void this.#pump(answer, spool, flight, (body) =>
      this.cache.add(store(goal.key, headers, head, body, asked, came), headers),
    )
    await this.#relaySpool(exchange, answer, passed, spool)
  }

  async #renewed(
    exchange: Exchange,
    flight: Flight,
    stale: Stored,
    fields: Headers,
    asked: number,
    came: number,
  ): Promise<void> {
    const { headers } = exchange.request
    const fresh = without(fields, 'content-length')
    const names = fresh.map(([name]) => name.toLowerCase())
    const merged = [...without(stale.headers, 'date', ...names), ...fresh]
    const entry = store(stale.key, headers, { ...stale, headers: merged }, stale.body, asked, came)
    if (flight.keeps && !directives(headers).has('no-store')) {
      this.cache.remove(stale)
      if (mayStore(headers, entry.status, entry.headers)) this.cache.add(entry, headers)
    }
    this.#flights.delete(flight)
    flight.settle(flight.keeps ? 'stored' : 'not kept')
    await this.#give(exchange, entry)
  }

  /** Reads the answer, for the store and for the client. */
  async #pump(answer: Answer, spool: Spool, flight: Flight, keep: (body: Buffer) => void): Promise<void> {
    const drop = (): void => {
      spool.drop()
      flight.settle('not kept')
    }
    try {
      for (let piece = await this.#piece(answer); piece; piece = await this.#piece(answer)) {
        if (answer.body.isRead) answer.release()
        if (spool.keeps && (!flight.keeps || spool.size + piece.length > LARGEST_KEPT)) drop()
        await spool.put(piece)
      }
      answer.release()
      if (spool.keeps && flight.keeps) keep(spool.whole())
      spool.end('whole')
      flight.settle(spool.keeps && flight.keeps ? 'stored' : 'not kept')
    } catch {
      flight.hold.cancel()
      spool.end('cut')
      flight.settle('not kept')
    } finally {
      this.#flights.delete(flight)
    }
  }

  async #relaySpool(exchange: Exchange, answer: Answer, fields: Headers, spool: Spool): Promise<void> {
    try {
      await exchange.begin(answer.status, answer.reason, without(fields, 'content-length'), formOf(answer))
      for (let piece = await spool.get(); piece; piece = await spool.get()) await exchange.write(piece)
      await exchange.end()
    } catch (error) {
      if (exchange.wire.lost) throw error
      exchange.cut()
    }
  }

  // --- tunnels ---

  async #tunnel(exchange: Exchange): Promise<void> {
    const { wire } = exchange
    exchange.keep = false
    const address = this.options.routes(exchange.request.target.toLowerCase())
    if (!address) return exchange.reply(502, [], `nowhere: ${exchange.request.target}\n`)
    const hold = new Hold()
    const left = (): void => hold.cancel()
    wire.onLost.add(left)
    let other: Wire
    try {
      other = await this.pool.connect(address, hold, true)
    } catch (error) {
      return await this.#failed(exchange, address, error as Error)
    } finally {
      wire.onLost.delete(left)
    }
    try {
      await wire.write(format(200, 'OK', []), null)
      await Promise.all([flow(wire, other), flow(other, wire)])
    } catch {
      wire.reset()
      other.reset()
    }
    await Promise.all([isGone(wire), isGone(other)])
  }
}

async function flow(from: Wire, to: Wire): Promise<void> {
  for (;;) {
    if (from.bytes.length > 0) await to.write(from.take(from.bytes.length), null)
    else if ((await from.more(null)) === 'end') break
  }
  to.socket.end()
}

function isGone(wire: Wire): Promise<void> {
  return new Promise((resolve) => {
    if (wire.socket.destroyed) resolve()
    else wire.socket.once('close', () => resolve())
  })
}

function formOf(answer: Answer): Form {
  const { extent } = answer.body
  if (extent.kind === 'length') return extent
  if (extent.kind !== 'none') return { kind: 'unknown' }
  return { kind: 'none', length: answer.status === 204 ? null : lengthOf(answer.headers) }
}

function conditions(entry: Stored): Headers {
  const etag = field(entry.headers, 'etag')
  if (etag !== null) return [['If-None-Match', etag]]
  const modified = field(entry.headers, 'last-modified')
  return modified === null ? [] : [['If-Modified-Since', modified]]
}

/** In lower case, with the port where that is not 80. */
function normal(host: string): string {
  const match = /^(.*?)(?::(\d*))?$/.exec(host.toLowerCase())
  const port = Number(match?.[2] || '80')
  return port === 80 ? (match?.[1] ?? '') : `${match?.[1]}:${port}`
}

function originForm(method: string, rest: string): string {
  if (rest === '') return method === 'OPTIONS' ? '*' : '/'
  return rest.startsWith('/') ? rest : `/${rest}`
}

function hops(method: string, value: string): string {
  if ((method !== 'TRACE' && method !== 'OPTIONS') || !/^\d+$/.test(value)) return value
  return String(Math.min(Number(value), Number.MAX_SAFE_INTEGER) - 1)
}

function lastHop(exchange: Exchange): Promise<void> {
  const { method, target, version, headers } = exchange.request
  if (method === 'OPTIONS') return exchange.reply(200, [], '')
  const shown = without(headers, 'authorization', 'proxy-authorization', 'cookie')
  const lines = shown.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const text = `${method} ${target} HTTP/${version}\r\n${lines}\r\n`
  return exchange.reply(200, [['Content-Type', 'message/http']], Buffer.from(text, 'latin1'))
}

/** A proxy with a cache. */
export async function startProxy(options: ProxyOptions): Promise<RunningServer & { stats(): Stats }> {
  const proxy = new Proxy(options)
  const port = await proxy.side.listen()
  return { port, close: () => proxy.close(), stats: () => proxy.stats() }
}
