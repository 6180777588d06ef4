import type { Headers, Request, Response } from './http.ts'

const BLANK_LINE = '\r\n\r\n'
/** What a method and the name of a field are made of (RFC 9110 §5.6.2). */
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const REQUEST_LINE = new RegExp(`^(${TOKEN}) (\\S+) HTTP/1\\.(\\d)$`)
/** Empty, or a name or an address, with or without a port (RFC 3986 §3.2.2). */
const HOST = /^(?:(?:[\w.~!$&'()*+,;=%-]+|\[[\da-fA-F:.]+\])(?::\d*)?)?$/
/** No control but the tab stands in a value: a NUL would end it for some readers (RFC 9110 §5.5). */
const FIELD_LINE = new RegExp(`^(${TOKEN}):[ \\t]*([\\t\\x20-\\x7e\\x80-\\xff]*?)[ \\t]*$`)

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
 * @throws Error with code `BAD_HEAD` when a field line has no colon, a space before it, or a control in its value.
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

/**
 * A higher minor version than 1 is read as 1.1 (RFC 9110 §2.5).
 *
 * @throws Error with code `BAD_HEAD` when the head does not begin with a request line, or has two Hosts, or one that
 *   names none, or none at all in HTTP/1.1 (RFC 9112 §3.2).
 */
export function parseRequestHead(head: Head): Omit<Request, 'body'> {
  const match = REQUEST_LINE.exec(head.startLine)
  if (!match) throw badHead(`not a request line: ${JSON.stringify(head.startLine)}`)
  const [, method = '', target = '', minor] = match
  const version = minor === '0' ? '1.0' : '1.1'
  const hosts = head.headers.filter(([name]) => name.toLowerCase() === 'host')
  if (hosts.length > 1 || (hosts.length === 0 && version === '1.1'))
    throw badHead(`${hosts.length} Host fields`)
  if (!hosts.every(([, value]) => HOST.test(value)))
    throw badHead(`not a host: ${JSON.stringify(hosts[0]?.[1])}`)
  return { method, target, version, headers: head.headers }
}

/** @throws Error with code `BAD_HEAD` when the head does not begin with a status line. */
export function parseResponseHead(head: Head): Omit<Response, 'body'> {
  const match = /^HTTP\/1\.(\d) (\d{3})(?: (.*))?$/.exec(head.startLine)
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
  const match = FIELD_LINE.exec(line)
  if (!match) throw badHead(`not a field line: ${JSON.stringify(line)}`)
  return [match[1] ?? '', match[2] ?? '']
}

function badHead(why: string): Error {
  return Object.assign(new Error(why), { code: 'BAD_HEAD' })
}
