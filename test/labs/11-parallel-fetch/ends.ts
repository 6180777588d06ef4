/** How a connection is lost while an answer is under way, and what `failed` says then. */

/**
 * What is no HTTP, as this lab has it: each answer has a Content-Length, of digits alone. Whether bytes behind such a head
 * are a body's, nobody says: where events are listened to, none may follow.
 */
export const GARBAGE = {
  garbage: 'SSH-2.0-quay\r\n\r\n',
  'no Content-Length': 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nquay',
  'a Content-Length that is no number': 'HTTP/1.1 200 OK\r\nContent-Length: 4 bytes\r\n\r\nquay',
  'a Content-Length of two numbers': 'HTTP/1.1 200 OK\r\nContent-Length: 4, 5\r\n\r\nquay',
  'a Content-Length below zero': 'HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\nquay',
  'a Content-Length that is empty': 'HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n',
  'a Content-Length with a sign': 'HTTP/1.1 200 OK\r\nContent-Length: +4\r\n\r\nquay',
  'a Content-Length with a point': 'HTTP/1.1 200 OK\r\nContent-Length: 4.0\r\n\r\nquay',
  'a Content-Length with an exponent': 'HTTP/1.1 200 OK\r\nContent-Length: 4e0\r\n\r\nquay',
  'a Content-Length in hexadecimal': 'HTTP/1.1 200 OK\r\nContent-Length: 0x4\r\n\r\nquay',
  'a status line of another protocol': 'ICY 200 OK\r\nContent-Length: 0\r\n\r\n',
  'a status line of another protocol, and less than its length':
    'ICY 200 OK\r\nContent-Length: 5000\r\n\r\nquay',
} as const

export type End = 'fin' | 'reset' | keyof typeof GARBAGE

export function codeOf(how: End): string {
  if (how === 'fin') return 'ETRUNCATED'
  return how === 'reset' ? 'ECONNRESET' : 'no HTTP'
}
