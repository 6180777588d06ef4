/** Messages off a stream: heads whole, bodies piece by piece, so that nobody has to hold one. */
import type { Headers } from '../../labs/kit/http.ts'

/** The bytes are no message whose end is certain, or larger than allowed (RFC 9112 §11.2). */
export class Refused extends Error {
  readonly status: number

  constructor(status: number, why: string) {
    super(why)
    this.status = status
  }
}

/** Where a body ends (RFC 9112 §6.3): behind so many bytes, with the last chunk, or with the connection. */
export type Framing = number | 'chunked' | 'until FIN'

interface Message {
  readonly version: '1.0' | '1.1'
  readonly headers: Headers
  readonly framing: Framing
}

export interface RequestHead extends Message {
  readonly method: string
  readonly target: string
}

export interface AnswerHead extends Message {
  readonly status: number
  readonly reason: string
}

/** All values of a field, joined; the name is given in lower case. */
export function valueOf(headers: Headers, wanted: string): string | null {
  let found: string | null = null
  for (const [name, value] of headers) {
    if (name.length !== wanted.length || name.toLowerCase() !== wanted) continue
    found = found === null ? value : `${found}, ${value}`
  }
  return found
}

/** The members of a list without case (RFC 9110 §5.6.1). */
export function membersOf(headers: Headers, name: string): string[] {
  const list = valueOf(headers, name)
  if (list === null) return []
  return list
    .toLowerCase()
    .split(',')
    .map(trim)
    .filter((member) => member !== '')
}

// #region heads
const REQUEST_LINE = /^([\w!#$%&'*+.^`|~-]+) ([!-~]+) HTTP\/(\d)\.(\d)\r\n/
const STATUS_LINE = /^HTTP\/(\d)\.(\d) (\d{3})(?: ([\t -~\u0080-\u00ff]*))?\r\n/
const FIELD = /([\w!#$%&'*+.^`|~-]+):([\t -~\u0080-\u00ff]*)\r\n/y

const NAME_OR_ADDRESS = String.raw`(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]+)`
const HOST = new RegExp(`^(?:${NAME_OR_ADDRESS}(?::\\d*)?)?$`, 'i')
const AUTHORITY_FORM = new RegExp(`^${NAME_OR_ADDRESS}:\\d+$`, 'i')
const ABSOLUTE_FORM = new RegExp(`^https?://${NAME_OR_ADDRESS}(?::\\d*)?(?:[/?].*)?$`, 'i')

export function parseRequest(text: string): RequestHead {
  const [line, method = '', target = '', major, minor] = REQUEST_LINE.exec(text) ?? []
  if (line === undefined) throw new Refused(400, 'no request line')
  if (major !== '1') throw new Refused(505, `HTTP/${major} is not spoken here`)
  const version = minor === '0' ? '1.0' : '1.1'
  if (!isTarget(method, target)) throw new Refused(400, 'no target of this method')
  const headers = parseFields(text, line.length)
  checkHost(version, headers)
  const framing = framingOf(version, headers) ?? 0
  if (framing === 'until FIN') throw new Refused(400, 'chunked is not the last coding')
  // Behind it begins the tunnel (RFC 9110 §9.3.6).
  if (method === 'CONNECT' && framing !== 0) throw new Refused(400, 'a CONNECT with a body')
  return { method, target, version, headers, framing }
}

/** @param asked - The method of the request: to HEAD and CONNECT answers end elsewhere. */
export function parseAnswer(text: string, asked: string): AnswerHead {
  const unfolded = text.replaceAll(/[ \t]*\r\n[ \t]+/g, ' ')
  const [line, major, minor, status, reason = ''] = STATUS_LINE.exec(unfolded) ?? []
  if (line === undefined || major !== '1') throw new Refused(502, 'no status line')
  const version = minor === '0' ? '1.0' : '1.1'
  const headers = parseFields(unfolded, line.length)
  const code = Number(status)
  const hasNone = asked === 'HEAD' || code < 200 || code === 204 || code === 304
  const framing = hasNone ? 0 : (framingOf(version, headers) ?? 'until FIN')
  return { version, status: code, reason, headers, framing }
}

/** Each form belongs to its methods (RFC 9112 §3.2), and a fragment to none of them. */
function isTarget(method: string, target: string): boolean {
  if (target.includes('#')) return false
  if (method === 'CONNECT') return AUTHORITY_FORM.test(target)
  return target.startsWith('/') || ABSOLUTE_FORM.test(target) || (target === '*' && method === 'OPTIONS')
}

function parseFields(text: string, from: number): Headers {
  const headers: Array<readonly [string, string]> = []
  for (let at = from; at < text.length; at = FIELD.lastIndex) {
    FIELD.lastIndex = at
    const [, name = '', value = ''] = FIELD.exec(text) ?? []
    // A space before the colon, a folded line, a bare CR, a NUL: some readers see another field there (§5.1, §5.2).
    if (name === '') throw new Refused(400, 'no field line')
    headers.push([name, trim(value)])
  }
  return headers
}

/** Spaces and tabs, and not all that `String.trim` takes. */
function trim(text: string): string {
  const isSpace = (at: number): boolean => text.charCodeAt(at) === 0x20 || text.charCodeAt(at) === 0x09
  let [start, end] = [0, text.length]
  while (start < end && isSpace(start)) start++
  while (end > start && isSpace(end - 1)) end--
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

/** RFC 9112 §3.2: no request has two, and none of HTTP/1.1 has none. */
function checkHost(version: string, headers: Headers): void {
  const hosts = headers.filter(([name]) => name.length === 4 && name.toLowerCase() === 'host')
  const isRight =
    hosts.length === 1 ? HOST.test(hosts[0]?.[1] ?? '') : hosts.length === 0 && version === '1.0'
  if (!isRight) throw new Refused(400, 'not one Host')
}

/** RFC 9112 §6.3; null where nothing is said. */
function framingOf(version: string, headers: Headers): Framing | null {
  const [length, coding] = [valueOf(headers, 'content-length'), valueOf(headers, 'transfer-encoding')]
  if (coding === null) return length === null ? null : lengthOf(length)
  if (length !== null || version === '1.0') throw new Refused(400, 'two ends')
  const codings = membersOf(headers, 'transfer-encoding')
  if (codings.length === 1 && codings[0] === 'chunked') return 'chunked'
  if (codings.at(-1) !== 'chunked') return 'until FIN'
  throw new Refused(codings.indexOf('chunked') < codings.length - 1 ? 400 : 501, 'an unknown coding')
}

/** The same length twice is one length; two lengths are none. */
function lengthOf(value: string): number {
  const [first = '', ...others] = value.split(',').map(trim)
  if (!/^\d{1,15}$/.test(first) || others.some((each) => each !== first)) throw new Refused(400, 'no length')
  return Number(first)
}
// #endregion heads

// #region reader
type Place = 'head' | 'length' | 'size' | 'chunk' | 'behind chunk' | 'trailers' | 'until FIN'

const [CR, LF] = [0x0d, 0x0a]
const BLANK_LINE = Buffer.from('\r\n\r\n')
/** Digits of a chunk's size: zeros in front are no way to send for ever. */
const MOST_DIGITS = 12

export class Reader<Head extends Message> {
  readonly #parse: (text: string) => Head
  readonly #maxHead: number
  readonly #maxBody: number
  #bytes: Buffer = Buffer.alloc(0)
  /** Where in them the next part begins, and up to where a blank line was looked for. */
  #at = 0
  #looked = 0
  #place: Place = 'head'
  /** Bytes still to come of a body or a chunk. */
  #left = 0
  /** Bytes that the body, and its extensions and trailers, may still have. */
  #room = 0
  #spare = 0
  #hasEnded = false

  constructor(parse: (text: string) => Head, maxHead: number, maxBody = Infinity) {
    this.#parse = parse
    this.#maxHead = maxHead
    this.#maxBody = maxBody
  }

  feed(bytes: Buffer): void {
    this.#bytes = this.pending === 0 ? bytes : Buffer.concat([this.#bytes.subarray(this.#at), bytes])
    this.#looked = Math.max(0, this.#looked - this.#at)
    this.#at = 0
  }

  /** The other side has ended its direction. */
  end(): void {
    this.#hasEnded = true
  }

  /** Bytes that nobody has taken. */
  get pending(): number {
    return this.#bytes.length - this.#at
  }

  /** What is there unread, for a tunnel. */
  rest(): Buffer {
    return this.#bytes.subarray(this.#at)
  }

  /** The next head, or null while it is not whole. */
  head(): Head | null {
    this.#skipEmptyLines()
    const end = this.#bytes.indexOf(BLANK_LINE, Math.max(this.#at, this.#looked - 3))
    this.#looked = this.#bytes.length
    const length = (end < 0 ? this.#bytes.length : end + 4) - this.#at
    if (length > this.#maxHead) throw this.#tooLarge()
    if (end < 0) return this.#wait()
    const head = this.#parse(this.#bytes.toString('latin1', this.#at, end + 2))
    this.#at = end + 4
    this.#looked = this.#at
    this.#expect(head.framing)
    return head
  }

  /** The next piece of the body; `end` behind the last one; null while nothing is there. */
  body(): Buffer | 'end' | null {
    for (;;) {
      if (this.#place === 'head') return 'end'
      if (this.#place === 'until FIN' && this.pending === 0) return this.#hasEnded ? this.#finish() : null
      if (this.#place === 'length' && this.#left === 0) return this.#finish()
      if (this.pending === 0) return null
      if (this.#place === 'length' || this.#place === 'chunk' || this.#place === 'until FIN')
        return this.#piece()
      if (!this.#takeLine()) return null
    }
  }

  // --- internal ---

  /** Some clients send one behind a body (RFC 9112 §2.2). */
  #skipEmptyLines(): void {
    while (this.#bytes[this.#at] === CR && this.#bytes[this.#at + 1] === LF) this.#at += 2
  }

  #tooLarge(): Refused {
    const isLine = this.#bytes.subarray(this.#at, this.#at + this.#maxHead).includes(LF)
    return new Refused(isLine ? 431 : 414, 'a head too large')
  }

  /** A lone LF ends a line for some readers and not for others (RFC 9112 §2.2): no use in waiting for more. */
  #wait(): null {
    for (let at = this.#bytes.indexOf(LF, this.#at); at >= 0; at = this.#bytes.indexOf(LF, at + 1))
      if (this.#bytes[at - 1] !== CR || at === this.#at) throw new Refused(400, 'a bare LF')
    return null
  }

  #expect(framing: Framing): void {
    if (typeof framing === 'number' && framing > this.#maxBody) throw new Refused(413, 'a body too large')
    this.#room = this.#maxBody
    this.#spare = this.#maxHead
    this.#left = typeof framing === 'number' ? framing : 0
    if (framing === 'chunked') this.#place = 'size'
    else this.#place = framing === 'until FIN' ? framing : 'length'
  }

  #finish(): 'end' {
    this.#place = 'head'
    this.#looked = this.#at
    return 'end'
  }

  #piece(): Buffer {
    const most = this.#place === 'until FIN' ? this.pending : this.#left
    const piece = this.#bytes.subarray(this.#at, this.#at + most)
    this.#at += piece.length
    this.#left -= piece.length
    if (this.#place === 'chunk' && this.#left === 0) this.#place = 'behind chunk'
    return piece
  }

  /** @returns Whether the line was whole. */
  #takeLine(): boolean {
    const end = this.#bytes.indexOf(LF, this.#at)
    const length = (end < 0 ? this.#bytes.length : end + 1) - this.#at
    if (length > this.#spare) throw new Refused(431, 'too much between the chunks')
    if (end < 0) return this.#mayGoOn()
    const line = this.#bytes.toString('latin1', this.#at, end + 1)
    if (!line.endsWith('\r\n')) throw new Refused(400, 'a bare LF')
    this.#at = end + 1
    this.#readLine(line)
    return true
  }

  /** What cannot become the right line any more is not waited for. */
  #mayGoOn(): false {
    if (this.#place === 'behind chunk' && this.#bytes[this.#at] !== CR)
      throw new Refused(400, 'no CRLF behind a chunk')
    return false
  }

  #readLine(line: string): void {
    if (this.#place === 'behind chunk') {
      if (line !== '\r\n') throw new Refused(400, 'no CRLF behind a chunk')
      this.#place = 'size'
    } else if (this.#place === 'size') {
      this.#readSize(line)
    } else if (line === '\r\n') {
      // `body` finds nothing left.
      this.#place = 'length'
    } else {
      parseFields(line, 0)
      this.#spare -= line.length
    }
  }

  #readSize(line: string): void {
    const [, digits = '', extension = ''] =
      /^([\da-f]+)([ \t]*;[\t -~\u0080-\u00ff]*)?\r\n$/i.exec(line) ?? []
    if (digits === '' || digits.length > MOST_DIGITS) throw new Refused(400, 'no chunk size')
    this.#left = Number.parseInt(digits, 16)
    this.#room -= this.#left
    this.#spare -= extension.length
    if (this.#room < 0) throw new Refused(413, 'a body too large')
    this.#place = this.#left === 0 ? 'trailers' : 'chunk'
  }
}
// #endregion reader
