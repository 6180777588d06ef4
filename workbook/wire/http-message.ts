/** HTTP/1 messages as raw as they came, cut from a stream of bytes (RFC 9112 §2, §6, §7). */

export interface RawMessage {
  readonly startLine: string
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: Buffer
  readonly raw: Buffer
  header(name: string): string | null
  readonly words: readonly [string, string, string]
}

/** A message, or `incomplete`, or what is wrong with the bytes. */
export type Cut = { readonly message: RawMessage } | 'incomplete' | { readonly malformed: string }

export interface CutOptions {
  readonly kind: 'request' | 'response'
  /** The response answers HEAD: no body, whatever its length says (RFC 9112 §6.3). */
  readonly head?: boolean
  /** The peer has sent FIN: a response without a length is complete. */
  readonly ended: boolean
}

const BLANK_LINE = '\r\n\r\n'

export function cutMessage(bytes: Buffer, options: CutOptions): Cut {
  const headEnd = bytes.indexOf(BLANK_LINE)
  if (headEnd < 0) return 'incomplete'
  const [startLine = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n')
  const headers = lines.map(splitField)
  const bad = headers.findIndex(([name]) => name === '')
  if (bad >= 0) return { malformed: `a field line without a name or colon: ${JSON.stringify(lines[bad])}` }
  const rest = bytes.subarray(headEnd + BLANK_LINE.length)
  const body = cutBody(rest, startLine, headers, options)
  if (body === 'incomplete' || 'malformed' in body) return body
  const raw = bytes.subarray(0, headEnd + BLANK_LINE.length + body.length)
  return { message: message(startLine, headers, body.content, raw) }
}

// --- internal ---

type Headers = RawMessage['headers']
type Body = { readonly content: Buffer; readonly length: number }

function message(startLine: string, headers: Headers, body: Buffer, raw: Buffer): RawMessage {
  const [first = '', second = '', ...rest] = startLine.split(' ')
  return {
    startLine,
    headers,
    body,
    raw,
    header: (name) => lookUp(headers, name),
    words: [first, second, rest.join(' ')],
  }
}

function lookUp(headers: Headers, name: string): string | null {
  const values = headers
    .filter(([given]) => given.toLowerCase() === name.toLowerCase())
    .map(([, value]) => value)
  return values.length > 0 ? values.join(', ') : null
}

function splitField(line: string): readonly [string, string] {
  const match = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line)
  return [match?.[1] ?? '', match?.[2] ?? '']
}

function cutBody(
  rest: Buffer,
  startLine: string,
  headers: Headers,
  options: CutOptions,
): Body | Exclude<Cut, { message: RawMessage }> {
  if (options.head === true || (options.kind === 'response' && hasNoBody(startLine))) return exactly(rest, 0)
  if (/\bchunked$/i.test(lookUp(headers, 'transfer-encoding') ?? '')) return cutChunks(rest)
  const length = lookUp(headers, 'content-length')
  if (length !== null && !/^\d+$/.test(length))
    return { malformed: `a Content-Length that is no number: ${length}` }
  if (length !== null) return rest.length < Number(length) ? 'incomplete' : exactly(rest, Number(length))
  if (options.kind === 'request') return exactly(rest, 0)
  return options.ended ? exactly(rest, rest.length) : 'incomplete'
}

/** 1xx, 204 and 304 never have one. */
function hasNoBody(startLine: string): boolean {
  return /^\S+ (1\d\d|204|304)\b/.test(startLine)
}

function exactly(rest: Buffer, length: number): Body {
  return { content: rest.subarray(0, length), length }
}

function cutChunks(rest: Buffer): Body | 'incomplete' | { malformed: string } {
  const content: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = rest.indexOf('\r\n', at)
    if (lineEnd < 0) return 'incomplete'
    const sizeLine = rest.toString('latin1', at, lineEnd)
    const size = /^([0-9a-f]+)[ \t]*(?:;.*)?$/i.exec(sizeLine)?.[1]
    if (size === undefined)
      return { malformed: `a chunk size that is no number: ${JSON.stringify(sizeLine)}` }
    at = lineEnd + 2
    if (Number.parseInt(size, 16) === 0) return cutTrailers(rest, at, content)
    const end = at + Number.parseInt(size, 16)
    if (rest.length < end + 2) return 'incomplete'
    if (rest.toString('latin1', end, end + 2) !== '\r\n') return { malformed: 'a chunk longer than its size' }
    content.push(rest.subarray(at, end))
    at = end + 2
  }
}

function cutTrailers(rest: Buffer, at: number, content: Buffer[]): Body | 'incomplete' {
  if (rest.toString('latin1', at, at + 2) === '\r\n')
    return { content: Buffer.concat(content), length: at + 2 }
  const end = rest.indexOf(BLANK_LINE, at)
  return end < 0 ? 'incomplete' : { content: Buffer.concat(content), length: end + BLANK_LINE.length }
}
