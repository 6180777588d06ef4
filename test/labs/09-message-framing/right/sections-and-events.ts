// Whole sections first: a head is looked at when its CRLF CRLF has come, and then line by line as text; marks are sought
// in each piece and across the cut; the places are methods; a queue and a flag; every error is told as late as it may be.
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { field } from '../../../../labs/kit/http.ts'
import type { Handler, Headers, Request, Response, RunningServer } from '../../../../labs/kit/http.ts'

type Message = (Request | Response) & { trailers: Headers }
type Line = readonly [text: string, at: number]
type Field = readonly [name: string, value: string, at: number]
type Place = (piece: Buffer) => number
type Head = { version: string; fields: Field[]; status?: number; method?: string }
const STATUSES =
  'HEAD_TOO_LARGE431 TRAILERS_TOO_LARGE431 BODY_TOO_LARGE413 EXTENSIONS_TOO_LARGE413 URI_TOO_LONG414 UNKNOWN_CODING501 VERSION_NOT_SPOKEN505'
export class FramingError extends Error {
  status = 400
  messages: readonly Message[] = []
  missing: number | null = null
  readonly code: string
  readonly at: number
  constructor(code: string, at: number) {
    super(`${code}: refused at ${at}`)
    ;[this.code, this.at] = [code, at]
  }
}
const refuse: (code: string, at: number) => never = (code, at) => {
  throw new FramingError(code, at)
}
const TOKEN = /^[-!#$%&'*+.^_`|~\dA-Za-z]+$/
// oxlint-disable-next-line no-control-regex -- these are what it is about, and U+010D is CR when it is cut to a byte
const CONTROL = /[\0-\x08\x0a-\x1f\x7f\u0100-\uffff]/
const AUTHORITY = String.raw`(?:\[[\da-fA-F:.]+\]|[-\w.~%!$&'()*+,;=]+)`
const [HOST, WITH_PORT, URL_LIKE] = [
  `^$|^${AUTHORITY}(?::\\d*)?$`,
  `^${AUTHORITY}:\\d+$`,
  `^https?://${AUTHORITY}(?::\\d*)?(?:[/?]|$)`,
].map((source) => new RegExp(source, 'i')) as [RegExp, RegExp, RegExp]
function strip(text: string): string {
  let [from, to] = [0, text.length]
  while (from < to && ' \t'.includes(text[from] ?? '-')) from += 1
  while (from < to && ' \t'.includes(text[to - 1] ?? '-')) to -= 1
  return text.substring(from, to)
}
/** Everything up to a mark, and with it, in whatever pieces it comes. */
class Section {
  readonly #parts: Buffer[] = []
  readonly #mark: string
  length = 0
  #tail = ''
  constructor(mark: string) {
    this.#mark = mark
  }
  /** @returns How many bytes of the piece belong here; `text` is there once the mark has come. */
  take(piece: Buffer): number {
    const less = this.#mark.length - 1
    const seam = (this.#tail + piece.toString('latin1', 0, less)).indexOf(this.#mark)
    const end = seam >= 0 ? seam - this.#tail.length : piece.indexOf(this.#mark)
    this.isWhole = seam >= 0 || end >= 0
    const taken = this.isWhole ? end + this.#mark.length : piece.length
    this.length += this.#parts.push(piece.subarray(0, taken)) && taken
    this.#tail = (this.#tail + piece.toString('latin1', Math.max(0, taken - less), taken)).slice(-less)
    return taken
  }
  isWhole = false
  get text(): string {
    return Buffer.concat(this.#parts).toString('latin1')
  }
}
function linesOf(text: string, at: number): Line[] {
  const lines: Line[] = []
  for (const line of text.split('\r\n')) {
    if (line.includes('\n')) refuse('BARE_LF', at)
    if (line.includes('\r')) refuse('BARE_CR', at)
    lines.push([line, at])
    at += line.length + 2
  }
  return lines
}

export class MessageParser {
  readonly #isRequest: boolean
  readonly #maxHead: number
  readonly #maxBody: number
  readonly #asked: string[] = []
  #place: Place = (piece) => this.#inHead(piece)
  #section = new Section('\r\n\r\n')
  #at = 0
  #from = 0
  #head: Head = { version: '', fields: [] }
  #body: Buffer[] = []
  #size = 0
  #left = 0
  #spare = 0
  #canEnd: 'yes' | 'body' | 'no' = 'yes'
  #out: Message[] = []
  #over: FramingError | null = null
  /** What the server asks for: the head whose body is still to come. */
  waiting: { version: string; fields: Field[] } | null = null
  constructor(kind: 'request' | 'response', options: { maxHeadBytes?: number; maxBodyBytes?: number }) {
    const { maxHeadBytes = 16 * 1024, maxBodyBytes = 1024 * 1024 } = options
    ;[this.#isRequest, this.#maxHead, this.#maxBody] = [kind === 'request', maxHeadBytes, maxBodyBytes]
  }
  answers = (method: string): unknown => this.#asked.push(method)
  push(bytes: Uint8Array): Message[] {
    return this.#attempt(() => {
      let piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      while (piece.length > 0) {
        const taken = this.#place(piece)
        this.#at += taken
        piece = piece.subarray(taken)
      }
    })
  }
  end(): Message[] {
    return this.#attempt(() => {
      if (this.#canEnd === 'body') return this.#emit([])
      if (this.#canEnd === 'no') refuse('TRUNCATED', this.#at)
    })
  }
  #attempt(act: () => void): Message[] {
    this.#out = []
    try {
      if (this.#over) refuse(this.#over.code, this.#over.at)
      act()
      return this.#out
    } catch (error) {
      if (!(error instanceof FramingError)) throw error
      this.#over ??= error
      const status = Number(new RegExp(`${error.code}(\\d+)`).exec(STATUSES)?.[1] ?? 400)
      const missing = error.code === 'TRUNCATED' && this.#place === this.#inBody ? this.#left : null
      throw Object.assign(error, { status: this.#isRequest ? status : 502, messages: this.#out, missing })
    }
  }
  #inHead(piece: Buffer): number {
    if (this.#canEnd === 'yes') this.#from = this.#at
    this.#canEnd = 'no'
    // The empty line in front is a head of its own, of two bytes.
    const taken = this.#section.take(piece)
    const early = this.#maxHead - (this.#section.length - taken)
    if (taken > early) this.#headTooLarge(this.#at + early)
    if (!this.#section.isWhole) return taken
    const [first, ...lines] = linesOf(this.#section.text.slice(0, -4), this.#from)
    const [start, ...rest] = first?.[0] === '' && this.#isRequest ? lines : [first, ...lines]
    if (!start) refuse('BAD_REQUEST_LINE', this.#from)
    this.#head = { ...(this.#isRequest ? requestLine(start) : statusLine(start)), fields: [] }
    this.#head.fields = this.#fieldsOf(rest as Line[])
    this.#section = new Section('\r\n')
    this.#afterHead(start[1], taken)
    return taken
  }
  #headTooLarge(at: number): never {
    const isFirst =
      this.#isRequest && !this.#section.text.slice(0, this.#maxHead).replace(/^\r\n/, '').includes('\r\n')
    return refuse(isFirst ? 'URI_TOO_LONG' : 'HEAD_TOO_LARGE', at)
  }
  #fieldsOf(lines: readonly Line[]): Field[] {
    const fields: Field[] = []
    for (const [text, at] of lines) {
      const last = fields.at(-1)
      if (/^[ \t]/.test(text)) {
        if (!last || this.#isRequest) refuse(last ? 'FOLDED_LINE' : 'BAD_FIELD_LINE', at)
        if (CONTROL.test(text)) refuse('BAD_FIELD_VALUE', at)
        const more = strip(text)
        const gap = more === '' || last[1] === '' ? '' : ' '
        fields[fields.length - 1] = [last[0], last[1] + gap + more, last[2]]
        continue
      }
      const colon = text.indexOf(':')
      const [name, value] = [text.slice(0, Math.max(0, colon)), text.slice(colon + 1)]
      if (!TOKEN.test(strip(name))) refuse('BAD_FIELD_LINE', at)
      if (this.#isRequest && strip(name) !== name) refuse('SPACE_BEFORE_COLON', at)
      if (CONTROL.test(value)) refuse('BAD_FIELD_VALUE', at)
      fields.push([strip(name), strip(value), at])
    }
    return fields
  }
  #afterHead(startAt: number, taken: number): void {
    const { version, fields, status = 0, method } = this.#head
    const called = (name: string) => fields.filter((each) => each[0].toLowerCase() === name)
    if (method !== undefined) checkHosts(called('host'), version, startAt)
    const [codings, lengths] = [called('transfer-encoding'), called('content-length')]
    const asked = this.#asked[0]
    if (!this.#isRequest && (status === 101 || (asked === 'CONNECT' && status > 199 && status < 300))) {
      this.#emit([])
      this.#place = (piece) => piece.length
      return
    }
    if (!this.#isRequest && (asked === 'HEAD' || status < 200 || status === 204 || status === 304))
      return this.#emit([])
    if (codings[0] && lengths[0]) refuse('BOTH_LENGTHS', Math.max(codings[0][2], lengths[0][2]))
    this.waiting = { version, fields }
    if (codings[0] && chunkedBy(codings, version, this.#isRequest)) return this.#toSize(this.#maxHead)
    if (codings.length > 0 || (lengths.length === 0 && !this.#isRequest)) {
      ;[this.#canEnd, this.#place] = ['body', this.#toFin]
      return
    }
    this.#left = lengths.length > 0 ? lengthBy(lengths) : 0
    if (this.#left > this.#maxBody) refuse('BODY_TOO_LARGE', lengths[0]?.[2] ?? taken)
    if (this.#left === 0) return this.#emit([])
    this.#place = this.#inBody
  }
  readonly #toFin: Place = (piece) => {
    const room = this.#maxBody - this.#size
    return piece.length > room ? refuse('BODY_TOO_LARGE', this.#at + room) : this.#keep(piece)
  }
  readonly #inBody: Place = (piece) => {
    const taken = this.#keep(piece.subarray(0, this.#left))
    this.#left -= taken
    if (this.#left === 0) this.#emit([])
    return taken
  }
  #keep(piece: Buffer): number {
    this.#body.push(piece)
    this.#size += piece.length
    return piece.length
  }
  #toSize(spare: number): void {
    this.#spare = spare
    this.#section = new Section('\r\n')
    this.#place = this.#inSize
  }
  readonly #inSize: Place = (piece) => {
    const taken = this.#section.take(piece)
    const at = this.#at + taken - this.#section.length
    if (this.#section.length > this.#spare + 18) refuse('EXTENSIONS_TOO_LARGE', at)
    if (!this.#section.isWhole) return taken
    const [[line] = ['']] = linesOf(this.#section.text.slice(0, -2), at)
    const [, digits = '', more = ''] = /^([\dA-Fa-f]{1,16})([ \t]*;.*)?$/s.exec(line) ?? []
    if (digits === '' || CONTROL.test(more)) refuse('BAD_CHUNK_SIZE', at)
    if (more.length > this.#spare) refuse('EXTENSIONS_TOO_LARGE', at)
    this.#spare -= more.length
    this.#left = Number.parseInt(digits, 16)
    if (this.#size + this.#left > this.#maxBody) refuse('BODY_TOO_LARGE', at)
    this.#place = this.#left > 0 ? this.#inChunk : this.#inTrailers
    this.#section = new Section('\r\n\r\n')
    // An empty section of trailers is a blank line alone: the mark then begins with the CRLF of the size.
    if (this.#left === 0) this.#section.take(Buffer.from('\r\n'))
    return taken
  }
  readonly #inChunk: Place = (piece) => {
    const taken = this.#keep(piece.subarray(0, this.#left))
    this.#left -= taken
    if (this.#left === 0) [this.#left, this.#place] = [2, this.#behindChunk]
    return taken
  }
  readonly #behindChunk: Place = ([next]) => {
    if (next !== (this.#left === 2 ? 13 : 10)) refuse('BAD_CHUNK_END', this.#at + this.#left - 2)
    if (--this.#left === 0) this.#toSize(this.#spare)
    return 1
  }
  readonly #inTrailers: Place = (piece) => {
    const before = this.#section.length
    const taken = this.#section.take(piece)
    const room = this.#maxHead + 2 - before
    if (taken > room) refuse('TRAILERS_TOO_LARGE', this.#at + room)
    if (!this.#section.isWhole) return taken
    const at = this.#at + taken - this.#section.length + 2
    const text = this.#section.text.slice(2, -4)
    this.#emit(this.#section.length === 4 ? [] : this.#fieldsOf(linesOf(text, at)))
    return taken
  }
  #emit(trailers: readonly Field[]): void {
    const { fields, ...start } = this.#head
    if (start.status === 101 || (start.status ?? 0) >= 200) this.#asked.shift()
    const pairs = (list: readonly Field[]): Headers => list.map(([name, value]) => [name, value])
    const body = Buffer.concat(this.#body)
    const message: unknown = { ...start, headers: pairs(fields), body, trailers: pairs(trailers) }
    this.#out.push(message as Message)
    ;[this.#body, this.#size, this.waiting, this.#canEnd] = [[], 0, null, 'yes']
    this.#section = new Section('\r\n\r\n')
    this.#place = (piece) => this.#inHead(piece)
  }
}
function requestLine([text, at]: Line) {
  const [, method = '', target = '', major, minor] = /^(\S+) (\S+) HTTP\/(\d)\.(\d)$/.exec(text) ?? []
  if (!TOKEN.test(method)) refuse('BAD_REQUEST_LINE', at)
  if (major !== '1') refuse('VERSION_NOT_SPOKEN', at)
  const isVisible = /^[!-"$-~]+$/.test(target)
  const asterisk = method === 'OPTIONS' && target === '*'
  const isForm =
    method === 'CONNECT' ? WITH_PORT.test(target) : asterisk || target[0] === '/' || URL_LIKE.test(target)
  if (!isVisible || !isForm) refuse('BAD_TARGET', at)
  return { method, target, version: minor === '0' ? '1.0' : '1.1' }
}
function statusLine([text, at]: Line) {
  const match = /^HTTP\/(\d)\.(\d) (\d\d\d)($| .*$)/s.exec(text)
  if (!match || CONTROL.test(text)) refuse('BAD_STATUS_LINE', at)
  const [, major, minor, status, reason = ''] = match
  if (major !== '1') refuse('VERSION_NOT_SPOKEN', at)
  return { status: Number(status), reason: reason.slice(1), version: minor === '0' ? '1.0' : '1.1' }
}
function checkHosts([host, second]: readonly Field[], version: string, at: number): void {
  if (second) refuse('TWO_HOSTS', second[2])
  if (!host && version !== '1.0') refuse('NO_HOST', at)
  if (host && !HOST.test(host[1])) refuse('BAD_HOST', host[2])
}
/** Whether chunks follow; false where the body goes on to the FIN. */
function chunkedBy(lines: readonly Field[], version: string, isRequest: boolean): boolean {
  const at = lines.at(-1)?.[2] ?? 0
  if (version === '1.0') refuse('CODING_IN_HTTP_1_0', at)
  const all = lines.flatMap((each) => each[1].toLowerCase().split(',')).map(strip)
  const members = all.filter((each) => each !== '')
  const names = members.map((each) => strip(each.split(';', 1)[0] ?? ''))
  if (names.at(-1) !== 'chunked') return isRequest ? refuse('CHUNKED_NOT_LAST', at) : false
  if (members.at(-1) !== 'chunked' || names.indexOf('chunked') < names.length - 1) refuse('BAD_CODING', at)
  if (names.length > 1 && isRequest) refuse('UNKNOWN_CODING', at)
  return true
}
function lengthBy(lines: readonly Field[]): number {
  const first = strip(lines[0]?.[1].split(',')[0] ?? '')
  for (const [, value, at] of lines) {
    const members = value.split(',').map(strip)
    if (members.some((each) => !/^\d+$/.test(each))) refuse('BAD_LENGTH', at)
    if (members.some((each) => each !== first)) refuse('CONFLICTING_LENGTHS', at)
  }
  return Number(first)
}
export async function serveMessages(handler: Handler): Promise<RunningServer> {
  const lasts = new Set<() => void>()
  const accept = (socket: Socket): unknown => lasts.add(converse(socket, handler))
  const server = createServer({ allowHalfOpen: true }, accept)
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1' }, resolve))
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const last of lasts) last()
    })
  return { port: (server.address() as AddressInfo).port, close }
}
/** @returns What ends it behind the requests that have come. */
function converse(socket: Socket, handler: Handler): () => void {
  const parser = new MessageParser('request', {})
  let [isLast, isPromised, turn] = [false, false, Promise.resolve()]
  const write = (bytes: () => Buffer | string | Promise<Buffer>): void =>
    void (turn = turn.then(async () => void (socket.destroyed || socket.write(await bytes()))))
  const refused = (status: number): void => {
    write(() => `HTTP/1.1 ${status} \r\nContent-Length: 0\r\nConnection: x, close\r\n\r\n`)
    last()
  }
  const last = (): void => {
    if (!isLast) turn = turn.then(() => leave(socket))
    isLast = true
  }
  const line = (messages: readonly Message[]): void => {
    for (const request of messages as ReadonlyArray<Message & Request>) {
      isPromised = false
      if (isLast) return
      if (request.method === 'CONNECT') return refused(501)
      write(async () => bytesOf(request, await responseOf(handler, request)))
      if (endsBehind(request)) last()
    }
  }
  const hear = (act: () => Message[]): void => {
    try {
      if (!isLast) line(act())
      const { version, fields = [] } = parser.waiting ?? {}
      const expects = fields.some(([name, value]) => /^expect: *100-continue$/i.test(`${name}: ${value}`))
      if (!expects || version !== '1.1' || isPromised || isLast) return
      isPromised = true
      write(() => 'HTTP/1.1 100 \r\n\r\n')
    } catch (error) {
      const { messages, status, code } = error as FramingError
      line(messages)
      // Nobody has to be told that a request was cut off.
      if (!isLast && code !== 'TRUNCATED') refused(status)
    }
  }
  socket.on('data', (bytes) => hear(() => parser.push(bytes)))
  socket.on('end', () => hear(() => parser.end()))
  socket.on('end', last)
  socket.on('error', () => socket.destroy())
  return last
}
function leave(socket: Socket): void {
  const limit = (): NodeJS.Timeout => setTimeout(() => socket.destroy(), 5_000)
  const begin = (timer = limit()): unknown => socket.once('close', () => clearTimeout(timer))
  socket.once('finish', () => begin()).end()
}

const endsBehind = ({ version, headers }: Request): boolean =>
  version === '1.0' ||
  (field(headers, 'Connection') ?? '').toLowerCase().split(',').map(strip).includes('close')
function responseOf(handler: Handler, request: Request): Promise<Response> {
  const failed = { version: '1.1', status: 500, reason: '', headers: [], body: Buffer.alloc(0) } as const
  const check = (response: Response): Response => {
    const { status, reason, headers } = response
    const isWhole = status >= 200 && status === Math.trunc(status) && !CONTROL.test(reason)
    return isWhole && headers.every(([name, value]) => TOKEN.test(name) && !CONTROL.test(value))
      ? response
      : failed
  }
  return new Promise<Response>((resolve) => resolve(handler(request))).then(check).catch(() => failed)
}
function bytesOf(request: Request, { status, reason, headers, body }: Response): Buffer {
  const own = headers.filter(([name]) => !/^(content-length|transfer-encoding)$/i.test(name))
  const length = [204, 304].includes(status) ? [] : [['Content-Length', `${body.length}`] as const]
  const end = endsBehind(request) ? [['Connection', 'CLOSE'] as const] : []
  const lines = [...length, ...end, ...own].map(([name, value]) => `${name}:${value}\r\n`)
  const head = Buffer.from(`HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}\r\n`, 'latin1')
  return length.length === 0 || request.method === 'HEAD' ? head : Buffer.concat([head, body])
}
