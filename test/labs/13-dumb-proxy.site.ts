import type { Check, HttpMessage } from '../../workbook/grading/check.ts'

/** What lab 13 draws: requests and answers in both versions, with the fields that a proxy must tell apart. */

export const KEEP_ALIVE = 'Connection: keep-alive'
export type Version = '1.0' | '1.1'

export function message(
  startLine: string,
  fields: readonly string[],
  body: string | Uint8Array = '',
): Buffer {
  const content = Buffer.from(body as string)
  const isPlainGet = startLine.startsWith('GET ')
  const lines = [startLine, ...fields, ...(isPlainGet ? [] : [`Content-Length: ${content.length}`])]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), content])
}

export function get(c: Check, fields: readonly string[], version: Version): Buffer {
  return message(`GET /${c.random.word()} HTTP/${version}`, ['Host: a.example', ...fields])
}

/** In chunks of random sizes, with a trailer section. */
export function chunked(c: Check, startLine: string, body: Buffer): Buffer {
  const chunks = c.random.split(body).flatMap((chunk) => [`${chunk.length.toString(16)}\r\n`, chunk, '\r\n'])
  const head = `${startLine}\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n`
  const parts = [head, ...chunks, `0\r\nX-Checksum: ${c.random.word()}\r\n\r\n`]
  return Buffer.concat(parts.map((part) => Buffer.from(part as string)))
}

/** No text, and with what looks like the end of a head, a chunk and a message. */
export function awkwardBody(c: Check): Buffer {
  const traps = Buffer.from('\r\n\r\n0\r\n\r\nGET /trap HTTP/1.1\r\n\r\n')
  return Buffer.concat([c.random.bytes(c.random.integer(50, 900)), traps, c.random.bytes(300)])
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

export function optionsOf(passed: HttpMessage): string[] {
  return (passed.header('connection') ?? '').toLowerCase().split(/[ \t]*,[ \t]*/)
}
