import type { Check } from '../../../workbook/grading/check.ts'
import type { How } from './hop-model.ts'
import type { Framing } from './hop-scripts.ts'
import type { Line } from './model.ts'

/** Requests and answers as bytes: what lab 10 sends to a hop, from both sides. */

/** With a Content-Length, unless it has no content and is a request that needs none. */
export function message(
  startLine: string,
  fields: readonly string[],
  body: string | Uint8Array = '',
): Buffer {
  const content = Buffer.from(body as string)
  const needsNone = /^(?:GET|TRACE|OPTIONS) /.test(startLine) && content.length === 0
  const lines = [startLine, ...fields, ...(needsNone ? [] : [`Content-Length: ${content.length}`])]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), content])
}

export const FIELD_OF: Readonly<Record<How, readonly string[]>> = {
  new: [],
  'new, keep-alive': ['Connection: x-ticket, Keep-Alive'],
  'new, close': ['Connection: x-ticket ,, CLOSE'],
  old: [],
  'old, keep-alive': ['Connection: Keep-Alive', 'Proxy-Connection: keep-alive', 'Keep-Alive: timeout=5'],
}

export const versionOf = (how: string): '1.0' | '1.1' => (how.startsWith('old') ? '1.0' : '1.1')

/** What each framing says of its connection. */
const SAID_OF: Readonly<Partial<Record<Framing, readonly string[]>>> = {
  close: ['Connection: close'],
  'chunks, close': ['connection: CLOSE'],
  'close in a list': ['Connection: x-ticket', 'Connection: keep-alive ,, Close'],
  'keep-alive': ['Connection: closed, keep-alive', 'Keep-Alive: timeout=5'],
  'old, keep-alive': ['Connection: keep-alive', 'Keep-Alive: timeout=5'],
}

/** The fields in which an answer of this framing speaks of its connection. */
export const saidOf = (how: Framing): Line[] => (SAID_OF[how] ?? []).map(lineOf)

function lineOf(text: string): Line {
  const colon = text.indexOf(':')
  return [text.slice(0, colon), text.slice(colon + 1).trim()]
}

/** An answer with this body; a FIN behind it is for the next hop to send. */
export function framed(c: Check, how: Framing, body: string): Buffer {
  const startLine = `HTTP/${versionOf(how)} 200 OK`
  if (how.endsWith(', more')) {
    const more = message(startLine, [], c.random.word()).subarray(0, -1)
    return Buffer.concat([framed(c, how === 'chunks, more' ? 'chunks' : 'length', body), more])
  }
  if (how.startsWith('chunks')) return chunked(c, startLine, Buffer.from(body), SAID_OF[how])
  if (how === 'FIN' || how === 'old, FIN') return Buffer.from(`${startLine}\r\nX-A: 1\r\n\r\n${body}`)
  return message(startLine, SAID_OF[how] ?? [], body)
}

/** In chunks, with an extension and a trailer section. */
export function chunked(c: Check, startLine: string, body: Buffer, fields: readonly string[] = []): Buffer {
  const parts = body.length > 2 ? c.random.split(body, 2) : [body].filter(({ length }) => length > 0)
  const chunks = parts.flatMap((part) => [`${part.length.toString(16).toUpperCase()};a=b\r\n`, part, '\r\n'])
  const head = [startLine, 'Transfer-Encoding: chunked', ...fields, '', ''].join('\r\n')
  const pieces = [head, ...chunks, `0\r\nX-Checksum: ${c.random.word()}\r\n\r\n`]
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece as string)))
}

/** No text, and with what looks like the end of a head, a chunk and a message. */
export function awkwardBody(c: Check): Buffer {
  const fields = '\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n'
  const traps = Buffer.from(`${fields}\r\n\r\n0\r\n\r\nGET /trap HTTP/1.1\r\n\r\n`)
  return Buffer.concat([c.random.bytes(c.random.integer(50, 900)), traps, c.random.bytes(300)])
}

/** Whether a reader would take this for a message; one without a length ends with its head, or with the FIN. */
export function isWhole(bytes: Buffer): boolean {
  const headEnd = bytes.indexOf('\r\n\r\n')
  const head = bytes.toString('latin1', 0, Math.max(headEnd, 0))
  if (headEnd < 0) return false
  if (/^transfer-encoding: *chunked/im.test(head)) return hasLastChunk(bytes, headEnd + 4)
  const length = /^content-length: *(\d+)/im.exec(head)?.[1] ?? 0
  return bytes.length >= headEnd + 4 + Number(length)
}

/** From size to size: a body may hold what looks like the last chunk. */
function hasLastChunk(bytes: Buffer, from: number): boolean {
  for (let at = from; at < bytes.length;) {
    const end = bytes.indexOf('\r\n', at)
    const size = end < 0 ? Number.NaN : Number.parseInt(bytes.toString('latin1', at, end), 16)
    if (Number.isNaN(size)) return false
    if (size === 0) return bytes.includes('\r\n\r\n', end)
    at = end + 2 + size + 2
  }
  return false
}
