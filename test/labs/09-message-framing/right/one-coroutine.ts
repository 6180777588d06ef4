// One coroutine reads as the grammar is written: it asks for a line or for bytes, and sleeps until they are there; the
// server keeps a queue of whole requests, of which one is answered at a time.
/* oxlint-disable max-lines -- parser and server of one design, in one file as a learner hands them in */
import type { Socket } from 'node:net'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Handler, Headers, Request, Response, RunningServer } from '../../../../labs/kit/http.ts'
import { field } from '../../../../labs/kit/http.ts'

export type Message = (Request | Response) & { readonly trailers: Headers }

export class FramingError extends Error {
  override readonly name = 'FramingError'
  readonly code: string
  readonly status: number
  readonly at: number
  messages: Message[] = []
  missing: number | null = null

  constructor(code: string, status: number, at: number) {
    super(`${code} at byte ${at}, to be answered ${status}`)
    this.code = code
    this.status = status
    this.at = at
  }
}

const STATUS: Readonly<Record<string, number>> = {
  VERSION_NOT_SPOKEN: 505,
  UNKNOWN_CODING: 501,
  URI_TOO_LONG: 414,
  HEAD_TOO_LARGE: 431,
  TRAILERS_TOO_LARGE: 431,
  EXTENSIONS_TOO_LARGE: 413,
  BODY_TOO_LARGE: 413,
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
// Beyond Latin-1 a character may become one when it is written: U+010D loses its upper byte.
// oxlint-disable-next-line no-control-regex -- these are what it is about
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f\u0100-\uffff]/
const VISIBLE = /^[\x21\x22\x24-\x7e]+$/ // without '#'
const HOST_NAME = String.raw`(?:[-A-Za-z0-9._~%!$&'()*+,;=]+|\[[0-9A-Fa-f:.]+\])`
const HOST = new RegExp(`^${HOST_NAME}(?::[0-9]*)?$`)
const HOST_AND_PORT = new RegExp(`^${HOST_NAME}:[0-9]+$`)
const ABSOLUTE = new RegExp(`^https?://${HOST_NAME}(?::[0-9]*)?(?:[/?].*)?$`, 'i')
const CHUNK_SIZE = /^([0-9A-Fa-f]{1,16})([ \t]*;.*)?$/s

/** Bytes that grow at the end: the capacity doubles, so each byte is moved a few times in all. */
class Bytes {
  length = 0
  #store = Buffer.alloc(0)

  append(more: Uint8Array): void {
    const length = this.length + more.length
    if (length > this.#store.length) {
      const store = Buffer.alloc(Math.max(64, length, Math.min(2 * length, length + 2 ** 24)))
      store.set(this.#store.subarray(0, this.length))
      this.#store = store
    }
    this.#store.set(more, this.length)
    this.length = length
  }

  text(): string {
    return this.#store.toString('latin1', 0, this.length)
  }

  copy(): Uint8Array {
    return Uint8Array.from(this.#store.subarray(0, this.length))
  }
}

type Coroutine<T> = Generator<void, T, void>

interface Line {
  readonly text: string
  readonly at: number
}

interface FieldLine {
  readonly at: number
  readonly name: string
  readonly parts: string[]
}

interface Head {
  readonly start: Line
  readonly message: Omit<Request, 'body'> | Omit<Response, 'body'>
  readonly lines: readonly FieldLine[]
}

/** How a body ends. */
type Framing = 'none' | 'chunks' | 'fin' | { readonly length: number; readonly at: number }

export class MessageParser {
  readonly #kind: 'request' | 'response'
  readonly #maxHead: number
  readonly #maxBody: number
  readonly #asked: string[] = []
  #found: Message[] = []
  #failure: FramingError | null = null
  /** The piece that is being read, what of it has been used, and where it began in the stream. */
  #piece: Buffer = Buffer.alloc(0)
  #used = 0
  #base = 0
  #isEnded = false
  #waiting: Omit<Request, 'body'> | null = null
  readonly #run: Coroutine<void>

  constructor(
    kind: 'request' | 'response',
    options: { readonly maxHeadBytes?: number; readonly maxBodyBytes?: number } = {},
  ) {
    this.#kind = kind
    this.#maxHead = options.maxHeadBytes ?? 16_384
    this.#maxBody = options.maxBodyBytes ?? 1_048_576
    this.#run = this.#messages()
  }

  /** The head of a request whose body has been announced, and of which no byte has come. */
  get waiting(): Omit<Request, 'body'> | null {
    return this.#waiting
  }

  push(bytes: Uint8Array): Message[] {
    this.#base += this.#piece.length
    this.#piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#used = 0
    return this.#resume()
  }

  end(): Message[] {
    this.#isEnded = true
    return this.#resume()
  }

  answers(method: string): void {
    this.#asked.push(method)
  }

  // --- running ---

  #resume(): Message[] {
    if (this.#failure) {
      const { code, status, at, missing } = this.#failure
      throw Object.assign(new FramingError(code, status, at), { missing })
    }
    try {
      this.#run.next()
    } catch (error) {
      this.#failure = error as FramingError
      this.#failure.messages = this.#found
      throw this.#failure
    }
    const found = this.#found
    this.#found = []
    return found
  }

  #refusal(code: string, at: number): FramingError {
    const status = this.#kind === 'response' ? 502 : (STATUS[code] ?? 400)
    return new FramingError(code, status, at)
  }

  #truncated(missing: number | null): FramingError {
    return Object.assign(this.#refusal('TRUNCATED', this.#at), { missing })
  }

  get #at(): number {
    return this.#base + this.#used
  }

  // --- reading ---

  /** @returns Whether a byte is there; false: FIN. */
  *#more(): Coroutine<boolean> {
    while (this.#used === this.#piece.length) {
      if (this.#isEnded) return false
      yield
    }
    return true
  }

  /** One line with its CRLF. Of more than `room` bytes the first one too many is refused, by `tooLong`. */
  *#line(room: number, tooLong: (soFar: string, next: number) => FramingError): Coroutine<Line> {
    const at = this.#at
    const bytes = new Bytes()
    for (let isWhole = false; !isWhole;) {
      if (!(yield* this.#more())) throw this.#truncated(null)
      const lf = this.#piece.indexOf(10, this.#used)
      isWhole = lf >= 0
      const end = isWhole ? lf + 1 : this.#piece.length
      const stop = Math.min(end, this.#used + room - bytes.length)
      bytes.append(this.#piece.subarray(this.#used, stop))
      this.#used = stop
      if (stop < end) throw tooLong(bytes.text(), this.#piece[stop] as number)
    }
    const text = bytes.text()
    if (text.at(-2) !== '\r') throw this.#refusal('BARE_LF', at)
    if (text.indexOf('\r') < text.length - 2) throw this.#refusal('BARE_CR', at)
    return { text: text.slice(0, -2), at }
  }

  *#bytes(count: number, into: Bytes, isLength: boolean): Coroutine<void> {
    for (let left = count; left > 0;) {
      if (!(yield* this.#more())) throw this.#truncated(isLength ? left : null)
      const end = Math.min(this.#piece.length, this.#used + left)
      into.append(this.#piece.subarray(this.#used, end))
      left -= end - this.#used
      this.#used = end
    }
  }

  // --- messages ---

  *#messages(): Coroutine<void> {
    while (yield* this.#more()) {
      const head = yield* this.#head()
      if (!head) return
      const { message } = head
      const asked = this.#asks(message)
      const framing = this.#framing(head, asked)
      this.#limit(framing)
      const body = yield* this.#body(framing, message)
      this.#found.push({ ...message, ...body })
      if ('status' in message && leavesHttp(message.status, asked)) return
    }
  }

  /** What this response answers; its request is done with the final one. */
  #asks(message: Head['message']): string {
    if (!('status' in message)) return ''
    const isInterim = message.status >= 100 && message.status < 200
    return (isInterim ? this.#asked[0] : this.#asked.shift()) ?? 'GET'
  }

  /** @returns null: FIN after an empty line. */
  *#head(): Coroutine<Head | null> {
    let left = this.#maxHead
    const tooLong = (soFar: string, next: number): FramingError => {
      const isCut = this.#kind === 'request' && soFar.split(' ').length === 2 && next > 32
      return this.#refusal(isCut ? 'URI_TOO_LONG' : 'HEAD_TOO_LARGE', this.#at)
    }
    let start = yield* this.#line(left, tooLong)
    if (start.text === '' && this.#kind === 'request') {
      if (!(yield* this.#more())) return null
      start = yield* this.#line(left, tooLong)
    }
    left -= start.text.length + 2
    const begin = this.#kind === 'request' ? this.#requestLine(start) : this.#statusLine(start)
    const lines = yield* this.#fields(left, 'HEAD_TOO_LARGE')
    const head = { start, message: { ...begin, headers: pairs(lines) }, lines } as Head
    if (this.#kind === 'request') this.#checkHost(head)
    return head
  }

  #requestLine(line: Line): Pick<Request, 'method' | 'target' | 'version'> {
    const [method = '', target = '', version = '', ...more] = line.text.split(' ')
    const digits = /^HTTP\/(\d)\.(\d)$/.exec(version)
    if (more.length > 0 || !TOKEN.test(method) || target === '' || !digits)
      throw this.#refusal('BAD_REQUEST_LINE', line.at)
    if (digits[1] !== '1') throw this.#refusal('VERSION_NOT_SPOKEN', line.at)
    if (!isTarget(method, target)) throw this.#refusal('BAD_TARGET', line.at)
    return { method, target, version: digits[2] === '0' ? '1.0' : '1.1' }
  }

  #statusLine(line: Line): Pick<Response, 'version' | 'status' | 'reason'> {
    const match = /^HTTP\/(\d)\.(\d) (\d{3})(?: (.*))?$/s.exec(line.text)
    if (!match || CONTROL.test(line.text)) throw this.#refusal('BAD_STATUS_LINE', line.at)
    const [, major, minor, status, reason = ''] = match
    if (major !== '1') throw this.#refusal('VERSION_NOT_SPOKEN', line.at)
    return { version: minor === '0' ? '1.0' : '1.1', status: Number(status), reason }
  }

  *#fields(room: number, tooLarge: string): Coroutine<FieldLine[]> {
    const lines: FieldLine[] = []
    const tooLong = (): FramingError => this.#refusal(tooLarge, this.#at)
    for (let left = room; ;) {
      const line = yield* this.#line(left, tooLong)
      if (line.text === '') return lines
      left -= line.text.length + 2
      this.#field(line, lines)
    }
  }

  #field(line: Line, lines: FieldLine[]): void {
    const { text, at } = line
    if (text[0] === ' ' || text[0] === '\t') return this.#fold(line, lines.at(-1))
    const colon = text.indexOf(':')
    if (colon < 0) throw this.#refusal('BAD_FIELD_LINE', at)
    const given = text.slice(0, colon)
    const name = trim(given)
    if (!TOKEN.test(name)) throw this.#refusal('BAD_FIELD_LINE', at)
    if (name !== given && this.#kind === 'request') throw this.#refusal('SPACE_BEFORE_COLON', at)
    const value = text.slice(colon + 1)
    if (CONTROL.test(value)) throw this.#refusal('BAD_FIELD_VALUE', at)
    lines.push({ at, name, parts: [trim(value)] })
  }

  #fold({ text, at }: Line, before: FieldLine | undefined): void {
    if (!before) throw this.#refusal('BAD_FIELD_LINE', at)
    if (this.#kind === 'request') throw this.#refusal('FOLDED_LINE', at)
    if (CONTROL.test(text)) throw this.#refusal('BAD_FIELD_VALUE', at)
    before.parts.push(trim(text))
  }

  #checkHost({ start, message, lines }: Head): void {
    const hosts = named(lines, 'host')
    if (hosts[1]) throw this.#refusal('TWO_HOSTS', hosts[1].at)
    if (!hosts[0] && message.version === '1.1') throw this.#refusal('NO_HOST', start.at)
    if (!hosts[0]) return
    const host = valueOf(hosts[0])
    if (host !== '' && !HOST.test(host)) throw this.#refusal('BAD_HOST', hosts[0].at)
  }

  // --- where the body ends ---

  /** The rules of RFC 9112 §6.3, in their order. */
  #framing({ message, lines }: Head, asked: string): Framing {
    if ('status' in message && hasNoBody(message.status, asked)) return 'none'
    const lengths = named(lines, 'content-length')
    const codings = named(lines, 'transfer-encoding')
    if (lengths[0] && codings[0]) throw this.#refusal('BOTH_LENGTHS', Math.max(lengths[0].at, codings[0].at))
    if (codings[0]) return this.#codings(codings, message.version)
    if (lengths[0]) return this.#length(lengths)
    return this.#kind === 'request' ? 'none' : 'fin'
  }

  #codings(lines: readonly FieldLine[], version: string): Framing {
    const { at } = lines.at(-1) as FieldLine
    if (version === '1.0') throw this.#refusal('CODING_IN_HTTP_1_0', at)
    const members = lines.flatMap((line) => valueOf(line).split(',')).map(trim)
    const codings = members.filter((member) => member !== '').map((member) => member.toLowerCase())
    const names = codings.map((coding) => trim(coding.split(';')[0] ?? ''))
    if (names.at(-1) !== 'chunked') {
      if (this.#kind === 'response') return 'fin'
      throw this.#refusal('CHUNKED_NOT_LAST', at)
    }
    const isTwice = names.indexOf('chunked') < names.length - 1
    if (codings.at(-1) !== 'chunked' || isTwice) throw this.#refusal('BAD_CODING', at)
    if (codings.length > 1 && this.#kind === 'request') throw this.#refusal('UNKNOWN_CODING', at)
    return 'chunks'
  }

  #length(lines: readonly FieldLine[]): Framing {
    let first: string | undefined
    for (const line of lines)
      for (const member of valueOf(line).split(',')) {
        const digits = trim(member)
        if (!/^[0-9]+$/.test(digits)) throw this.#refusal('BAD_LENGTH', line.at)
        first ??= digits
        if (digits !== first) throw this.#refusal('CONFLICTING_LENGTHS', line.at)
      }
    return { length: Number(first), at: (lines[0] as FieldLine).at }
  }

  #limit(framing: Framing): void {
    if (typeof framing === 'object' && framing.length > this.#maxBody)
      throw this.#refusal('BODY_TOO_LARGE', framing.at)
  }

  *#body(framing: Framing, message: Head['message']): Coroutine<{ body: Uint8Array; trailers: Headers }> {
    const bytes = new Bytes()
    if (framing === 'fin') yield* this.#untilFin(bytes)
    if (typeof framing === 'string' && framing !== 'chunks') return { body: bytes.copy(), trailers: [] }
    const length = typeof framing === 'object' ? framing.length : null
    if (length !== 0) {
      this.#waiting = 'method' in message ? message : null
      const isThere = yield* this.#more()
      this.#waiting = null
      if (!isThere) throw this.#truncated(length)
    }
    if (length !== null) yield* this.#bytes(length, bytes, true)
    const trailers = length === null ? yield* this.#chunks(bytes) : []
    return { body: bytes.copy(), trailers: pairs(trailers) }
  }

  *#untilFin(into: Bytes): Coroutine<void> {
    while (yield* this.#more()) {
      const stop = Math.min(this.#piece.length, this.#used + this.#maxBody - into.length)
      into.append(this.#piece.subarray(this.#used, stop))
      this.#used = stop
      if (stop < this.#piece.length) throw this.#refusal('BODY_TOO_LARGE', this.#at)
    }
  }

  *#chunks(into: Bytes): Coroutine<FieldLine[]> {
    for (let allowed = this.#maxHead; ;) {
      const { size, extension } = yield* this.#chunkSize(allowed, into.length)
      allowed -= extension
      if (size === 0) return yield* this.#fields(this.#maxHead, 'TRAILERS_TOO_LARGE')
      yield* this.#bytes(size, into, false)
      const end = this.#at
      for (const wanted of [13, 10]) {
        if (!(yield* this.#more())) throw this.#truncated(null)
        if (this.#piece[this.#used] !== wanted) throw this.#refusal('BAD_CHUNK_END', end)
        this.#used++
      }
    }
  }

  /** @param allowed - Bytes that extensions of this body may still take. */
  *#chunkSize(allowed: number, before: number): Coroutine<{ size: number; extension: number }> {
    const begin = this.#at
    const tooLong = (soFar: string): FramingError =>
      this.#refusal(/^[0-9a-f]{1,16}[ \t]*;/i.test(soFar) ? 'EXTENSIONS_TOO_LARGE' : 'BAD_CHUNK_SIZE', begin)
    const { text, at } = yield* this.#line(allowed + 18, tooLong)
    const [, digits = '', extension = ''] = CHUNK_SIZE.exec(text) ?? []
    if (digits === '' || CONTROL.test(extension)) throw this.#refusal('BAD_CHUNK_SIZE', at)
    if (extension.length > allowed) throw this.#refusal('EXTENSIONS_TOO_LARGE', at)
    const size = Number.parseInt(digits, 16)
    if (before + size > this.#maxBody) throw this.#refusal('BODY_TOO_LARGE', at)
    return { size, extension: extension.length }
  }
}

// --- words ---

/** Without spaces and tabs at both ends, in one pass. */
function trim(text: string): string {
  let [from, to] = [0, text.length]
  while (from < to && (text[from] === ' ' || text[from] === '\t')) from++
  while (to > from && (text[to - 1] === ' ' || text[to - 1] === '\t')) to--
  return text.slice(from, to)
}

function valueOf({ parts }: FieldLine): string {
  return parts.length === 1 ? (parts[0] as string) : parts.filter((part) => part !== '').join(' ')
}

function pairs(lines: readonly FieldLine[]): Headers {
  return lines.map((line) => [line.name, valueOf(line)] as const)
}

function named(lines: readonly FieldLine[], name: string): FieldLine[] {
  return lines.filter((line) => line.name.toLowerCase() === name)
}

function isTarget(method: string, target: string): boolean {
  if (!VISIBLE.test(target)) return false
  if (method === 'CONNECT') return HOST_AND_PORT.test(target)
  if (target === '*') return method === 'OPTIONS'
  return target.startsWith('/') || ABSOLUTE.test(target)
}

function hasNoBody(status: number, asked: string): boolean {
  if (asked === 'HEAD' || (status >= 100 && status < 200)) return true
  return status === 204 || status === 304 || leavesHttp(status, asked)
}

function leavesHttp(status: number, asked: string): boolean {
  return status === 101 || (asked === 'CONNECT' && status >= 200 && status < 300)
}

// --- the server ---

const LINGER_MS = 5_000

export async function serveMessages(handler: Handler): Promise<RunningServer> {
  const connections = new Set<Connection>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const connection = new Connection(socket, handler)
    connections.add(connection)
    socket.on('close', () => connections.delete(connection))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const gone = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const connection of connections) connection.retire()
      await gone
    },
  }
}

class Connection {
  readonly #socket: Socket
  readonly #handler: Handler
  readonly #parser = new MessageParser('request')
  readonly #queue: Request[] = []
  #isBusy = false
  /** Nothing that comes now is read: a refusal, FIN, or the server is closing. */
  #isDeaf = false
  #isOver = false
  #refusal: number | null = null
  #continued: unknown = null

  constructor(socket: Socket, handler: Handler) {
    this.#socket = socket
    this.#handler = handler
    let timer: NodeJS.Timeout | undefined
    socket.on('data', (bytes) => this.#read(() => this.#parser.push(bytes)))
    socket.on('end', () => {
      this.#read(() => this.#parser.end())
      this.retire()
    })
    socket.on('finish', () => {
      timer = setTimeout(() => socket.destroy(), LINGER_MS)
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      clearTimeout(timer)
      this.#isOver = true
    })
  }

  /** What has come whole is answered, and nothing else. */
  retire(): void {
    this.#isDeaf = true
    void this.#work()
  }

  #read(parse: () => Message[]): void {
    if (this.#isDeaf) return
    try {
      for (const request of parse()) this.#queue.push(request as Request)
    } catch (error) {
      const { messages, status } = error as FramingError
      for (const request of messages) this.#queue.push(request as Request)
      this.#refusal = status
      this.#isDeaf = true
    }
    void this.#work()
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    for (let next = this.#queue.shift(); next && !this.#isOver; next = this.#queue.shift())
      await this.#answer(next)
    this.#isBusy = false
    if (this.#isOver) return
    if (this.#refusal !== null) this.#finish(plain(this.#refusal))
    else if (this.#isDeaf) this.#finish()
    else this.#continue()
  }

  async #answer(request: Request): Promise<void> {
    if (request.method === 'CONNECT') return this.#finish(plain(501))
    let answer: Response
    try {
      answer = await this.#handler(request)
    } catch {
      answer = plain(500)
    }
    if (this.#isOver) return
    const isLast = this.#isLast(request)
    const bytes = safely(answer, request.method, isLast)
    if (isLast) this.#finish(bytes)
    else await new Promise<void>((resolve) => this.#socket.write(bytes, () => resolve()))
  }

  #isLast({ version, headers }: Request): boolean {
    if (version === '1.0' || hasOption(headers, 'close')) return true
    return this.#isDeaf && this.#refusal === null && this.#queue.length === 0
  }

  /** Whoever waits for 100 gets it when everybody before has been answered, once. */
  #continue(): void {
    const { waiting } = this.#parser
    if (!waiting || waiting === this.#continued || waiting.version === '1.0') return
    if (field(waiting.headers, 'expect')?.toLowerCase() !== '100-continue') return
    this.#continued = waiting
    this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n')
  }

  #finish(last?: Response | Buffer): void {
    this.#isOver = true
    this.#isDeaf = true
    if (!last) this.#socket.end()
    else this.#socket.end(Buffer.isBuffer(last) ? last : format(last, 'GET', true))
  }
}

function hasOption(headers: Headers, option: string): boolean {
  const options = (field(headers, 'connection') ?? '').toLowerCase().split(',')
  return options.map(trim).includes(option)
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  413: 'Content Too Large',
  414: 'URI Too Long',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  505: 'HTTP Version Not Supported',
}

function plain(status: number): Response {
  return { version: '1.1', status, reason: REASONS[status] ?? '', headers: [], body: new Uint8Array() }
}

function safely(answer: Response, method: string, isLast: boolean): Buffer {
  try {
    return format(answer, method, isLast)
  } catch {
    return format(plain(500), method, isLast)
  }
}

/** @throws Error where a client could read something else than one answer. */
function format({ status, reason, headers, body }: Response, method: string, isLast: boolean): Buffer {
  if (!Number.isInteger(status) || status < 200 || status > 999) throw new Error(`status ${status}`)
  const dropped = new Set(['content-length', 'transfer-encoding', 'connection'])
  const fields = headers.filter(([name]) => !dropped.has(name.toLowerCase()))
  const hasLength = status !== 204 && status !== 304
  if (hasLength) fields.push(['Content-Length', String(body.length)])
  if (isLast) fields.push(['Connection', 'close'])
  for (const [name] of headers) if (!TOKEN.test(name)) throw new Error(`no token: ${name}`)
  const texts = [reason, ...headers.map(([, value]) => value)]
  for (const text of texts) if (CONTROL.test(text)) throw new Error('control')
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const head = Buffer.from(`HTTP/1.1 ${status} ${reason}\r\n${lines}\r\n`, 'latin1')
  return method === 'HEAD' || !hasLength ? head : Buffer.concat([head, body])
}
