import type { Check, HttpMessage } from '../../../workbook/grading/check.ts'

/** What lab 13 draws: requests and answers in both versions, with the fields that a proxy must tell apart. */

export const KEEP_ALIVE = 'Connection: keep-alive'
export type Version = '1.0' | '1.1'

/** With a Content-Length, unless it is a GET without a body. */
export function message(
  startLine: string,
  fields: readonly string[],
  body: string | Uint8Array = '',
): Buffer {
  const content = Buffer.from(body as string)
  const isPlainGet = startLine.startsWith('GET ') && content.length === 0
  const lines = [startLine, ...fields, ...(isPlainGet ? [] : [`Content-Length: ${content.length}`])]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), content])
}

export function get(c: Check, fields: readonly string[], version: Version): Buffer {
  return message(`GET /${c.random.word()} HTTP/${version}`, ['Host: a.example', ...fields])
}

export function post(c: Check, fields: readonly string[], version: Version): Buffer {
  return message(`POST /${c.random.word()} HTTP/${version}`, ['Host: a.example', ...fields], awkwardBody(c))
}

/** An answer whose end is the FIN behind it. */
export function untilFin(body: string | Uint8Array, version: Version = '1.1'): Buffer {
  return Buffer.concat([Buffer.from(`HTTP/${version} 200 OK\r\n\r\n`), Buffer.from(body as string)])
}

/** Every way to write the size of a chunk, and of the last one (RFC 9112 §7.1). */
const SIZES: ReadonlyArray<(size: string) => string> = [
  (size) => size,
  (size) => size.toUpperCase(),
  (size) => `000${size}`,
  (size) => `${size};name=value`,
  (size) => `${size};name="0;1"`,
]
export const LAST_CHUNKS = ['0', '000', '0;last=1'] as const

/** In chunks whose sizes are written in every way, with a trailer section behind the last one. */
export function chunked(
  c: Check,
  startLine: string,
  body: Buffer,
  { fields = [], last = '0' }: { readonly fields?: readonly string[]; readonly last?: string } = {},
): Buffer {
  const parts = body.length > SIZES.length ? c.random.split(body, SIZES.length) : [body]
  const chunks = parts
    .filter(({ length }) => length > 0)
    .flatMap((part, at) => [`${SIZES[at]?.(part.length.toString(16))}\r\n`, part, '\r\n'])
  const head = [startLine, 'Host: a.example', 'Transfer-Encoding: chunked', ...fields, '', ''].join('\r\n')
  const pieces = [head, ...chunks, `${last}\r\nX-Checksum: ${c.random.word()}\r\n\r\n`]
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece as string)))
}

export type Framing = 'length' | 'chunks' | 'FIN' | 'close' | 'old' | 'length, FIN'

/** An answer with this body, and what it says of its end; the FIN is for the origin to send. */
export function framed(c: Check, how: Framing, body: string): Buffer {
  const startLine = `HTTP/${how === 'old' ? '1.0' : '1.1'} 200 OK`
  if (how === 'chunks') return chunked(c, startLine, Buffer.from(body))
  if (how === 'FIN') return untilFin(body)
  return message(startLine, how === 'close' ? ['Connection: close'] : [], body)
}

/** No text, and with what looks like the end of a head, a chunk and a message. */
export function awkwardBody(c: Check): Buffer {
  const fields = '\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n'
  const traps = Buffer.from(`${fields}\r\n\r\n0\r\n\r\nGET /trap HTTP/1.1\r\n\r\n`)
  return Buffer.concat([c.random.bytes(c.random.integer(50, 900)), traps, c.random.bytes(300)])
}

/** Nothing in it looks like the end of anything. */
export function plainBody(c: Check): Buffer {
  return Buffer.from(`${c.random.word()} ${c.random.word()}`)
}

/** Longer than whatever is read at once. */
export function longBody(c: Check): Buffer {
  return Buffer.alloc(c.random.integer(1_100_000, 1_200_000), c.random.bytes(997))
}

/** Everything that a smart proxy would take out, in odd spellings. */
export function hopFields(c: Check): string[] {
  const [name = ''] = drawNames(c, 1)
  const fields = [`connection:Keep-Alive,  ${name}`, `${name}: 1`, 'Keep-Alive: timeout=5', 'TE: trailers']
  return [...fields, 'Proxy-Connection: keep-alive']
}

export function drawNames(c: Check, count: number, prefix = 'X-'): string[] {
  const names = new Set<string>()
  while (names.size < count) names.add(prefix + c.random.word().replace(/^./, (a) => a.toUpperCase()))
  return [...names]
}

/** Each a way to say `close`, and each a field that does not say it (RFC 9110 §7.6.1: options have no case). */
export const SAYS_CLOSE = [
  ['Connection: close'],
  ['connection:CLOSE'],
  ['Connection: x-ticket\t, Close'],
  ['Connection: close,keep-alive'],
  ['Connection: x-ticket', 'Connection: close'],
] as const
export const SAYS_NO_CLOSE = [
  ['Connection: keep-alive'],
  ['Connection: x-close, close-x, closed'],
  ['X-Connection: close', 'X-Close: close'],
  ['Keep-Alive: close', 'Proxy-Connection: close'],
] as const

export function optionsOf(passed: HttpMessage): string[] {
  return (passed.header('connection') ?? '').toLowerCase().split(/[ \t]*,[ \t]*/)
}
