import type { Headers, Request, Response } from './http.ts'

const BLANK_LINE = '\r\n\r\n'

/** The start line and fields of one message, before anybody knows how long its body is. */
export interface Head {
  readonly startLine: string
  readonly headers: Headers
  /** Bytes that the head took, its blank line included: the body begins here. */
  readonly length: number
}

/**
 * Reads the head of an HTTP/1 message (RFC 9112 §2.1).
 *
 * @param bytes - What has arrived so far; the body may follow.
 * @returns The head, or null while its blank line has not arrived.
 * @throws Error with code `BAD_HEAD` when a field line has no colon, or space before it.
 */
export function parseHead(bytes: Uint8Array): Head | null {
  const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(
    BLANK_LINE,
  )
  if (end < 0) return null
  // Latin-1: a field may hold any byte, and every byte keeps its value (RFC 9110 §5.5).
  const [startLine = '', ...lines] = Buffer.from(bytes.subarray(0, end))
    .toString('latin1')
    .split('\r\n')
  return { startLine, headers: lines.map(parseField), length: end + BLANK_LINE.length }
}

/** @throws Error with code `BAD_HEAD` when the head does not begin with a request line. */
export function parseRequestHead(head: Head): Omit<Request, 'body'> {
  const match = /^(\S+) (\S+) HTTP\/1\.([01])$/.exec(head.startLine)
  if (!match) throw badHead(`not a request line: ${JSON.stringify(head.startLine)}`)
  const [, method = '', target = '', minor] = match
  return { method, target, version: minor === '0' ? '1.0' : '1.1', headers: head.headers }
}

/** @throws Error with code `BAD_HEAD` when the head does not begin with a status line. */
export function parseResponseHead(head: Head): Omit<Response, 'body'> {
  const match = /^HTTP\/1\.([01]) (\d{3})(?: (.*))?$/.exec(head.startLine)
  if (!match) throw badHead(`not a status line: ${JSON.stringify(head.startLine)}`)
  const [, minor, status, reason = ''] = match
  return {
    version: minor === '0' ? '1.0' : '1.1',
    status: Number(status),
    reason,
    headers: head.headers,
  }
}

function parseField(line: string): readonly [string, string] {
  const match = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line)
  if (!match) throw badHead(`not a field line: ${JSON.stringify(line)}`)
  return [match[1] ?? '', match[2] ?? '']
}

function badHead(why: string): Error {
  return Object.assign(new Error(why), { code: 'BAD_HEAD' })
}
