/**
 * Lab 09: message framing. Where each message ends, and what is refused because two readers could differ about it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-6.3 | RFC 9112 §6.3} (message body length)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-11.2 | RFC 9112 §11.2} (request smuggling)
 */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { field, type Handler, type Headers, type Request, type Response } from '../../labs/kit/http.ts'
import type { RunningServer } from '../../labs/kit/http.ts'

type Message = (Request | Response) & { readonly trailers: Headers }

// #region error
/** The bytes are no message, or not one whose end is certain. */
export class FramingError extends Error {
  override readonly name = 'FramingError'
  readonly code: string
  readonly status: number
  readonly at: number
  /** Messages of the same piece that were whole before. */
  messages: Message[] = []
  /** Bytes of the body that never came, where the message said how many. */
  missing: number | null = null

  constructor(code: string, status: number, at: number) {
    super(`${code} at byte ${at}`)
    this.code = code
    this.status = status
    this.at = at
  }
}

/** Everything else is 400: Bad Request. */
const STATUS: Readonly<Record<string, number>> = {
  URI_TOO_LONG: 414,
  HEAD_TOO_LARGE: 431,
  TRAILERS_TOO_LARGE: 431,
  BODY_TOO_LARGE: 413,
  EXTENSIONS_TOO_LARGE: 413,
  UNKNOWN_CODING: 501,
  VERSION_NOT_SPOKEN: 505,
}

/** What is wrong, and where: in the line that is being read, unless it says otherwise. */
class Flaw extends Error {
  readonly code: string
  readonly at: number | null

  constructor(code: string, at: number | null = null) {
    super(code)
    this.code = code
    this.at = at
  }
}
// #endregion error

// #region bytes
/** Bytes that come in pieces. The room doubles, so each byte is moved a few times at most, and not once a piece. */
class Bytes {
  #room = new Uint8Array(64)
  length = 0

  add(piece: Uint8Array): void {
    const length = this.length + piece.length
    if (length > this.#room.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#room.length))
      larger.set(this.#room.subarray(0, this.length))
      this.#room = larger
    }
    this.#room.set(piece, this.length)
    this.length = length
  }

  take(): Uint8Array {
    const taken = new Uint8Array(this.#room.subarray(0, this.length))
    // A long body does not leave its room behind.
    if (this.#room.length > 4096) this.#room = new Uint8Array(64)
    this.length = 0
    return taken
  }
}
// #endregion bytes

// #region lines
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/
/** Tab, visible characters and bytes above ASCII (RFC 9110 §5.5). */
const TEXT = /^[\t\u0020-\u007e\u0080-\u00ff]*$/
const LF = 0x0a

interface Field {
  readonly name: string
  value: string
  readonly at: number
}

type Start = Pick<Request, 'method' | 'target' | 'version'> | Pick<Response, 'status' | 'reason' | 'version'>

function parseRequestLine(line: string): Start {
  const [, method = '', target = '', version = ''] = /^([^ ]+) ([^ ]+) (HTTP\/\d\.\d)$/.exec(line) ?? []
  if (!TOKEN.test(method)) throw new Flaw('BAD_REQUEST_LINE')
  const spoken = parseVersion(version)
  if (!isTarget(method, target)) throw new Flaw('BAD_TARGET')
  return { method, target, version: spoken }
}

function parseStatusLine(line: string): Start {
  const [, version, status, reason = ''] = /^(HTTP\/\d\.\d) (\d{3})(?: (.*))?$/.exec(line) ?? []
  if (version === undefined || !TEXT.test(reason)) throw new Flaw('BAD_STATUS_LINE')
  return { version: parseVersion(version), status: Number(status), reason }
}

/** A higher minor version is read as the highest that we know (RFC 9110 §2.5). */
function parseVersion(version: string): '1.0' | '1.1' {
  if (!version.startsWith('HTTP/1.')) throw new Flaw('VERSION_NOT_SPOKEN')
  return version === 'HTTP/1.0' ? '1.0' : '1.1'
}

const NAME_OR_ADDRESS = String.raw`(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]+)`
const HOST = new RegExp(`^(?:${NAME_OR_ADDRESS}(?::\\d*)?)?$`, 'i')
const AUTHORITY_FORM = new RegExp(`^${NAME_OR_ADDRESS}:\\d+$`, 'i')
const ABSOLUTE_FORM = new RegExp(`^https?://${NAME_OR_ADDRESS}(?::\\d*)?(?:[/?].*)?$`, 'i')

/** Each form belongs to its methods (RFC 9112 §3.2), and a fragment to none of them. */
function isTarget(method: string, target: string): boolean {
  if (!/^[!-~]+$/.test(target) || target.includes('#')) return false
  if (method === 'CONNECT') return AUTHORITY_FORM.test(target)
  if (target === '*') return method === 'OPTIONS'
  return target.startsWith('/') || ABSOLUTE_FORM.test(target)
}

/** A space before the colon hides a name from some readers: refused, or taken off a response (RFC 9112 §5.1). */
function parseField(line: string, kind: 'request' | 'response', at: number): Field {
  const colon = line.indexOf(':')
  const name = line.slice(0, Math.max(colon, 0))
  const trimmed = trim(name)
  if (!TOKEN.test(trimmed)) throw new Flaw('BAD_FIELD_LINE')
  if (trimmed !== name && kind === 'request') throw new Flaw('SPACE_BEFORE_COLON')
  return { name: trimmed, value: parseValue(line.slice(colon + 1)), at }
}

function parseValue(text: string): string {
  if (!TEXT.test(text)) throw new Flaw('BAD_FIELD_VALUE')
  return trim(text)
}

/** Spaces and tabs, and not all that `String.trim` takes. A pattern for the end would begin anew at each of them. */
function trim(text: string): string {
  const isSpace = (at: number): boolean => text[at] === ' ' || text[at] === '\t'
  let [start, end] = [0, text.length]
  while (start < end && isSpace(start)) start++
  while (end > start && isSpace(end - 1)) end--
  return text.slice(start, end)
}
// #endregion lines

// #region body-length
type Framing = 'none' | 'chunked' | Rest | { readonly length: number }
/** What ends with the connection. */
type Rest = 'until FIN' | 'tunnel'

const named = (fields: readonly Field[], name: string): Field[] =>
  fields.filter((each) => each.name.toLowerCase() === name)

/** RFC 9112 §6.3, from its first rule to its last. */
function framingOf(
  kind: 'request' | 'response',
  start: Start,
  fields: readonly Field[],
  asked: string,
): Framing {
  if ('status' in start) {
    const { status } = start
    if (status === 101 || (asked === 'CONNECT' && status >= 200 && status < 300)) return 'tunnel'
    if (asked === 'HEAD' || status < 200 || status === 204 || status === 304) return 'none'
  }
  const [codings, lengths] = [named(fields, 'transfer-encoding'), named(fields, 'content-length')]
  const [coding, length] = [codings.at(-1), lengths[0]]
  if (codings[0] && length) throw new Flaw('BOTH_LENGTHS', Math.max(codings[0].at, length.at))
  // HTTP/1.0 has no chunks: who sends them has not read what it relays (§6.1).
  if (coding && start.version === '1.0') throw new Flaw('CODING_IN_HTTP_1_0', coding.at)
  if (coding) return framingByCoding(kind, codings, coding.at)
  if (length) return { length: lengthOf(lengths) }
  return kind === 'request' ? 'none' : 'until FIN'
}

function framingByCoding(kind: 'request' | 'response', lines: readonly Field[], at: number): Framing {
  const members = lines.flatMap(({ value }) => value.split(',')).map((member) => trim(member).toLowerCase())
  const codings = members.filter((member) => member !== '')
  const isChunked = (coding: string | undefined): boolean => /^chunked[ \t]*(?:;|$)/.test(coding ?? '')
  const last = codings.pop()
  if (!isChunked(last)) {
    if (kind === 'request') throw new Flaw('CHUNKED_NOT_LAST', at)
    return 'until FIN'
  }
  // Chunked has no parameters, and is applied once (§6.1, §7.1).
  if (last !== 'chunked' || codings.some(isChunked)) throw new Flaw('BAD_CODING', at)
  if (codings.length > 0 && kind === 'request') throw new Flaw('UNKNOWN_CODING', at)
  return 'chunked'
}

/** The same length twice is one length (§6.3); two lengths are none. */
function lengthOf(lines: readonly Field[]): number {
  let first: string | undefined
  for (const { value, at } of lines) {
    if (!/^\d+(?:[ \t]*,[ \t]*\d+)*$/.test(value)) throw new Flaw('BAD_LENGTH', at)
    for (const digits of value.split(',').map(trim)) {
      first ??= digits
      if (digits !== first) throw new Flaw('CONFLICTING_LENGTHS', at)
    }
  }
  return Number(first)
}

/** RFC 9112 §3.2: in every request with two, and in HTTP/1.1 without one. */
function checkHost({ version }: Start, fields: readonly Field[], at: number): void {
  const [host, second] = named(fields, 'host')
  if (second) throw new Flaw('TWO_HOSTS', second.at)
  if (host && !HOST.test(host.value)) throw new Flaw('BAD_HOST', host.at)
  if (!host && version === '1.1') throw new Flaw('NO_HOST', at)
}
// #endregion body-length

// #region parser
type Place =
  | 'start line'
  | 'fields'
  | 'body'
  | 'size'
  | 'chunk'
  | 'behind chunk'
  | 'trailers'
  | 'until FIN'
  | 'tunnel'

const LINES: ReadonlySet<Place> = new Set(['start line', 'fields', 'size', 'trailers'])
/** More digits than any length needs: zeros in front are no way to send for ever. */
const MOST_DIGITS = 16

export class MessageParser {
  readonly #kind: 'request' | 'response'
  readonly #maxHead: number
  readonly #maxBody: number
  readonly #methods: string[] = []
  readonly #line = new Bytes()
  readonly #body = new Bytes()
  #place: Place = 'start line'
  /** Offset in the stream of the next byte, and of the first one of the line, and of the message. */
  #at = 0
  #lineAt = 0
  #startAt = 0
  /** What may still come of the head, of the trailers, or of all chunk extensions of a body. */
  #room: number
  /** Bytes still to come of a body or a chunk, or of the CRLF behind it. */
  #left = 0
  #start: Start | null = null
  #fields: Field[] = []
  #trailers: Field[] = []
  #found: Message[] = []
  #flaw: Flaw | null = null

  constructor(kind: 'request' | 'response', options: { maxHeadBytes?: number; maxBodyBytes?: number } = {}) {
    this.#kind = kind
    this.#maxHead = options.maxHeadBytes ?? 16_384
    this.#maxBody = options.maxBodyBytes ?? 1_048_576
    this.#room = this.#maxHead
  }

  /** Which request the next response answers: to HEAD and CONNECT they end elsewhere. */
  answers(method: string): void {
    this.#methods.push(method)
  }

  /** Version and fields of a message whose body is still to come. */
  get awaited(): { readonly version: string; readonly headers: Headers } | null {
    if (!this.#start || this.#place === 'start line' || this.#place === 'fields') return null
    return { version: this.#start.version, headers: pairs(this.#fields) }
  }

  push(bytes: Uint8Array): Message[] {
    return this.#guard(() => {
      for (let rest = bytes; rest.length > 0;) {
        const taken = this.#take(rest)
        this.#at += taken
        rest = rest.subarray(taken)
      }
    })
  }

  /** The peer has ended its direction. */
  end(): Message[] {
    return this.#guard(() => {
      if (this.#place === 'until FIN') return this.#finish()
      if (this.#place === 'tunnel' || (this.#place === 'start line' && this.#line.length === 0)) return
      throw new Flaw('TRUNCATED', this.#at)
    })
  }

  // --- internal ---

  #guard(work: () => void): Message[] {
    if (this.#flaw) throw this.#error(this.#flaw)
    this.#found = []
    try {
      work()
    } catch (flaw) {
      if (!(flaw instanceof Flaw)) throw flaw
      this.#flaw = flaw
      throw this.#error(flaw, this.#found)
    }
    return this.#found
  }

  /** A broken response is the fault of the server behind a gateway, whatever is wrong with it (RFC 9112 §6.3). */
  #error({ code, at }: Flaw, messages: Message[] = []): FramingError {
    const status = this.#kind === 'response' ? 502 : (STATUS[code] ?? 400)
    const error = new FramingError(code, status, at ?? this.#lineAt)
    error.messages = messages
    if (code === 'TRUNCATED' && this.#place === 'body') error.missing = this.#left
    return error
  }

  /** @returns How many bytes of the piece belong here. */
  #take(piece: Uint8Array): number {
    if (LINES.has(this.#place)) return this.#takeLine(piece)
    if (this.#place === 'tunnel') return piece.length
    if (this.#place === 'until FIN') {
      const room = this.#maxBody - this.#body.length
      if (piece.length > room) throw new Flaw('BODY_TOO_LARGE', this.#at + room)
      this.#body.add(piece)
      return piece.length
    }
    return this.#takeCounted(piece.subarray(0, this.#left))
  }

  #takeCounted(piece: Uint8Array): number {
    if (this.#place === 'behind chunk') {
      const wanted = this.#left === 2 ? '\r'.charCodeAt(0) : LF
      if (piece[0] !== wanted) throw new Flaw('BAD_CHUNK_END', this.#at + this.#left - 2)
      if (--this.#left === 0) this.#enter('size', this.#at + 1)
      return 1
    }
    this.#body.add(piece)
    this.#left -= piece.length
    if (this.#left > 0) return piece.length
    if (this.#place === 'body') this.#finish(piece.length)
    else [this.#place, this.#left] = ['behind chunk', 2]
    return piece.length
  }

  /** Looks at each byte once, and keeps no more of them than there is room for. */
  #takeLine(piece: Uint8Array): number {
    const end = piece.indexOf(LF)
    const part = end < 0 ? piece : piece.subarray(0, end + 1)
    const room = this.#place === 'size' ? this.#room + MOST_DIGITS + 2 - this.#line.length : this.#room
    if (part.length > room) throw this.#tooLarge(this.#at + room)
    if (this.#place !== 'size') this.#room -= part.length
    this.#line.add(part)
    if (end < 0) return part.length
    const line = Buffer.from(this.#line.take()).toString('latin1')
    this.#readLine(line, this.#at + part.length)
    this.#lineAt = this.#at + part.length
    return part.length
  }

  #tooLarge(at: number): Flaw {
    if (this.#place === 'size') return new Flaw('EXTENSIONS_TOO_LARGE', this.#lineAt)
    if (this.#place === 'trailers') return new Flaw('TRAILERS_TOO_LARGE', at)
    const isLine = this.#place === 'start line' && this.#kind === 'request'
    return new Flaw(isLine ? 'URI_TOO_LONG' : 'HEAD_TOO_LARGE', at)
  }

  #readLine(whole: string, next: number): void {
    // A lone LF or CR ends a line for some readers and not for others (RFC 9112 §2.2).
    if (!whole.endsWith('\r\n')) throw new Flaw('BARE_LF')
    const line = whole.slice(0, -2)
    if (line.includes('\r')) throw new Flaw('BARE_CR')
    if (this.#place === 'start line') this.#readStart(line, next)
    else if (this.#place === 'size') this.#readSize(line, next)
    else if (line !== '') this.#readField(line)
    else if (this.#place === 'fields') this.#readBlank(next)
    else this.#finish(next - this.#at)
  }

  #readStart(line: string, next: number): void {
    // Some clients send an empty line behind a body (RFC 9112 §2.2).
    if (line === '' && this.#kind === 'request') return this.#enter('start line', next)
    this.#start = this.#kind === 'request' ? parseRequestLine(line) : parseStatusLine(line)
    this.#place = 'fields'
  }

  #readField(line: string): void {
    const fields = this.#place === 'fields' ? this.#fields : this.#trailers
    const last = fields.at(-1)
    if (!/^[ \t]/.test(line)) return void fields.push(parseField(line, this.#kind, this.#lineAt))
    if (!last) throw new Flaw('BAD_FIELD_LINE')
    // A folded line may be refused in a request, and in a response becomes a space (RFC 9112 §5.2).
    if (this.#kind === 'request') throw new Flaw('FOLDED_LINE')
    const more = parseValue(line)
    last.value += last.value !== '' && more !== '' ? ` ${more}` : more
  }

  #readBlank(next: number): void {
    const start = this.#start as Start
    if (this.#kind === 'request') checkHost(start, this.#fields, this.#startAt)
    const framing = framingOf(this.#kind, start, this.#fields, this.#methods[0] ?? 'GET')
    if (framing === 'chunked') return this.#enter('size', next)
    if (framing === 'none') return this.#finish(next - this.#at)
    if (typeof framing === 'object') return this.#expectBody(framing.length, next)
    this.#place = framing
    if (framing === 'tunnel') this.#report()
  }

  #expectBody(length: number, next: number): void {
    // Before a byte of it is stored.
    if (length > this.#maxBody) throw new Flaw('BODY_TOO_LARGE', named(this.#fields, 'content-length')[0]?.at)
    this.#place = 'body'
    this.#left = length
    if (length === 0) this.#finish(next - this.#at)
  }

  #readSize(line: string, next: number): void {
    const [, digits = '', extension = ''] = /^([\da-f]+)([ \t]*;.*)?$/i.exec(line) ?? []
    if (digits === '' || digits.length > MOST_DIGITS || !TEXT.test(extension))
      throw new Flaw('BAD_CHUNK_SIZE')
    if (extension.length > this.#room) throw new Flaw('EXTENSIONS_TOO_LARGE')
    this.#room -= extension.length
    this.#left = Number.parseInt(digits, 16)
    if (this.#left > this.#maxBody - this.#body.length) throw new Flaw('BODY_TOO_LARGE')
    if (this.#left > 0) this.#place = 'chunk'
    else this.#enter('trailers', next)
  }

  /** Begins a part that has a limit of its own. */
  #enter(place: Place, at: number): void {
    // Between two chunks the room for extensions stays as it is.
    if (this.#place !== 'behind chunk') this.#room = this.#maxHead
    this.#place = place
    this.#lineAt = at
    if (place === 'start line') this.#startAt = at
  }

  /** @param taken - Bytes of the piece that it took: the next message begins behind them. */
  #finish(taken = 0): void {
    this.#report()
    this.#enter('start line', this.#at + taken)
  }

  #report(): void {
    const start = this.#start as Start
    // An interim response answers nobody yet; 101 is the last that is HTTP (RFC 9110 §15.2).
    if ('status' in start && (start.status >= 200 || start.status === 101)) this.#methods.shift()
    const [headers, trailers] = [pairs(this.#fields), pairs(this.#trailers)]
    this.#found.push({ ...start, headers, body: this.#body.take(), trailers })
    this.#fields = []
    this.#trailers = []
  }
}

function pairs(fields: readonly Field[]): Headers {
  return fields.map(({ name, value }) => [name, value])
}
// #endregion parser

// #region server
/** How long a client may keep its own direction open behind our FIN. */
const LINGER_MS = 5_000

/** Answers the requests of a connection one after the other, until one is refused. */
export async function serveMessages(handler: Handler): Promise<RunningServer> {
  const conversations = new Set<Conversation>()
  // A client that has ended its own direction still gets its answers (RFC 9112 §9.6).
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const conversation = new Conversation(socket, handler)
    conversations.add(conversation)
    socket.once('close', () => conversations.delete(conversation))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const conversation of conversations) conversation.stop()
    })
  return { port: (server.address() as AddressInfo).port, close }
}

class Conversation {
  readonly #parser = new MessageParser('request')
  readonly #socket: Socket
  readonly #handler: Handler
  /** Each step waits for the one before: answers leave in the order of their requests. */
  #steps = Promise.resolve()
  #isOver = false
  /** Whether the head of the request that is coming has been looked at. */
  #hasLooked = false

  constructor(socket: Socket, handler: Handler) {
    this.#socket = socket
    this.#handler = handler
    socket.on('error', () => undefined)
    // Behind the last request everything is read, and nothing of it is looked at.
    socket.on('data', (bytes) => this.#read(() => this.#parser.push(bytes)))
    socket.once('end', () => {
      this.#read(() => this.#parser.end())
      this.stop()
    })
  }

  /** Takes no further request, answers those that have come whole, and closes. */
  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#then(() => this.#close())
  }

  // --- internal ---

  #then(step: () => void | Promise<void>): void {
    this.#steps = this.#steps.then(() => (this.#socket.destroyed ? undefined : step()))
  }

  #read(parse: () => Message[]): void {
    if (this.#isOver) return
    try {
      for (const message of parse()) this.#takeRequest(message as Request)
      this.#continue()
    } catch (error) {
      if (!(error instanceof FramingError)) throw error
      for (const message of error.messages) this.#takeRequest(message as Request)
      this.#refuse(error.status)
    }
  }

  #takeRequest(request: Request): void {
    this.#hasLooked = false
    if (this.#isOver) return
    // What follows a CONNECT may belong to a tunnel, and this server opens none.
    if (request.method === 'CONNECT') return this.#refuse(501)
    const isLast = request.version === '1.0' || hasOption(request.headers, 'connection', 'close')
    this.#then(async () => this.#send(request, await respond(this.#handler, request), isLast))
    if (isLast) this.stop()
  }

  #refuse(status: number): void {
    if (this.#isOver) return
    this.#then(() => this.#send(null, plain(status), true))
    this.stop()
  }

  /** Who expects it sends no body before (RFC 9110 §10.1.1). */
  #continue(): void {
    const head = this.#hasLooked || this.#isOver ? null : this.#parser.awaited
    if (!head) return
    this.#hasLooked = true
    if (head.version !== '1.1' || !hasOption(head.headers, 'expect', '100-continue')) return
    this.#then(() => void this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n'))
  }

  #send(request: Request | null, response: Response, isLast: boolean): void {
    this.#socket.write(formatAnswer(request, response, isLast))
  }

  /** In stages, so that the answer is not lost to a reset (RFC 9112 §9.6). */
  #close(): void {
    const socket = this.#socket
    socket.once('finish', () => {
      const deadline = setTimeout(() => socket.destroy(), LINGER_MS)
      socket.once('close', () => clearTimeout(deadline))
    })
    socket.end()
  }
}

function hasOption(headers: Headers, name: string, option: string): boolean {
  const options = (field(headers, name) ?? '').toLowerCase().split(',')
  return options.some((each) => trim(each) === option)
}
// #endregion server

// #region answers
async function respond(handler: Handler, request: Request): Promise<Response> {
  try {
    const response = await handler(request)
    return canBeSent(response) ? response : plain(500)
  } catch {
    return plain(500)
  }
}

/** A CR LF in a value would end the field, and two of them the head (RFC 9112 §11.1). */
function canBeSent({ status, reason, headers }: Response): boolean {
  const isFinal = Number.isInteger(status) && status >= 200 && status <= 999
  return (
    isFinal && TEXT.test(reason) && headers.every(([name, value]) => TOKEN.test(name) && TEXT.test(value))
  )
}

/** The length is ours to say: what the handler says of it could differ from what we send. */
function formatAnswer(request: Request | null, response: Response, isLast: boolean): Buffer {
  const { status, reason, body } = response
  const hasBody = status !== 204 && status !== 304
  const fields = response.headers.filter(([name]) => !/^(?:content-length|transfer-encoding)$/i.test(name))
  const lines = [
    `HTTP/1.1 ${status} ${reason}`,
    ...fields.map(([name, value]) => `${name}: ${value}`),
    ...(hasBody ? [`Content-Length: ${body.length}`] : []),
    ...(isLast ? ['Connection: close'] : []),
  ]
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  return hasBody && request?.method !== 'HEAD' ? Buffer.concat([head, body]) : head
}

function plain(status: number): Response {
  return { version: '1.1', status, reason: '', headers: [], body: new Uint8Array() }
}
// #endregion answers
