import { get, line, post, type Taken } from './rows.ts'

/** Heads of requests that look odd, and are whole. */

export const WHOLE: readonly Taken[] = [
  [
    'no body without a length',
    line('POST /a HTTP/1.1'),
    { method: 'POST', target: '/a', body: '' },
    'RFC 9112 §6.3',
    'a request without a length has no body',
  ],
  [
    'a length of zero',
    post('Content-Length: 0').slice(0, -5),
    { body: '' },
    'RFC 9112 §6.2',
    'a length of 0',
  ],
  [
    'a body that looks like a request',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 28\r\n\r\nGET /b HTTP/1.1\r\nHost: b\r\n\r\n',
    { body: 'GET /b HTTP/1.1\r\nHost: b\r\n\r\n' },
    'RFC 9112 §6.2',
    'a body is any bytes',
  ],
  [
    'GET with a body',
    'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde',
    { method: 'GET', body: 'abcde' },
    'RFC 9112 §6.3',
    'the method does not matter',
  ],
  [
    'HEAD with a body',
    'HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde',
    { method: 'HEAD', body: 'abcde' },
    'RFC 9112 §6.3',
    'the method does not matter',
  ],
  [
    'an empty line in front',
    `\r\n${line('GET /a HTTP/1.1')}`,
    { target: '/a' },
    'RFC 9112 §2.2',
    'at least one empty line should be ignored',
  ],
  [
    'white space around a value',
    get('X-C: \t c d\te \t '),
    {
      headers: [
        ['X-A', 'a'],
        ['Host', 'a'],
        ['X-C', 'c d\te'],
        ['X-B', 'b'],
      ],
    },
    'RFC 9112 §5',
    'OWS is no part of the value',
  ],
  [
    'no white space',
    get('X-C:c:d'),
    {
      headers: [
        ['X-A', 'a'],
        ['Host', 'a'],
        ['X-C', 'c:d'],
        ['X-B', 'b'],
      ],
    },
    'RFC 9112 §5',
    'OWS is optional',
  ],
  [
    'an empty value',
    get('X-C: '),
    {
      headers: [
        ['X-A', 'a'],
        ['Host', 'a'],
        ['X-C', ''],
        ['X-B', 'b'],
      ],
    },
    'RFC 9110 §5.5',
    'a value may be empty',
  ],
  [
    'bytes above ASCII',
    get('X-C: caf\xe9 \x80'),
    {
      headers: [
        ['X-A', 'a'],
        ['Host', 'a'],
        ['X-C', 'caf\xe9 \x80'],
        ['X-B', 'b'],
      ],
    },
    'RFC 9110 §5.5',
    'obs-text is opaque',
  ],
  [
    'a no-break space at the end of a value',
    get('X-C: c\xa0'),
    {
      headers: [
        ['X-A', 'a'],
        ['Host', 'a'],
        ['X-C', 'c\xa0'],
        ['X-B', 'b'],
      ],
    },
    'RFC 9112 §5',
    'OWS is SP and HTAB',
  ],
  [
    'a field twice',
    get('x-a: A'),
    {
      headers: [
        ['X-A', 'a'],
        ['Host', 'a'],
        ['x-a', 'A'],
        ['X-B', 'b'],
      ],
    },
    'RFC 9110 §5.3',
    'order and case are kept',
  ],
  [
    'every sign of a token',
    get("!#$%&'*+-.^_`|~9aZ: c"),
    {
      headers: [
        ['X-A', 'a'],
        ['Host', 'a'],
        ["!#$%&'*+-.^_`|~9aZ", 'c'],
        ['X-B', 'b'],
      ],
    },
    'RFC 9110 §5.6.2',
    'tchar',
  ],
  [
    'a method that nobody knows',
    line('M-SEARCH! / HTTP/1.1'),
    { method: 'M-SEARCH!' },
    'RFC 9110 §9.1',
    'a method is any token',
  ],
  [
    'get in small letters',
    line('get / HTTP/1.1'),
    { method: 'get' },
    'RFC 9110 §9.1',
    'the method is case-sensitive',
  ],
]

export const LINES: readonly Taken[] = [
  [
    'HTTP/1.0 without Host',
    'GET /a HTTP/1.0\r\n\r\n',
    { target: '/a', version: '1.0', headers: [] },
    'RFC 9112 §3.2',
    'only HTTP/1.1 needs it',
  ],
  [
    'HTTP/1.2',
    line('GET /a HTTP/1.2'),
    { target: '/a', version: '1.1' },
    'RFC 9110 §2.5',
    'a higher minor version is read as the highest known',
  ],
  [
    'HTTP/1.9',
    line('GET /a HTTP/1.9'),
    { target: '/a', version: '1.1' },
    'RFC 9110 §2.5',
    'a higher minor version is read as the highest known',
  ],
  [
    'a URL',
    line('GET http://b.example:81/a?b HTTP/1.1'),
    { target: 'http://b.example:81/a?b' },
    'RFC 9112 §3.2.2',
    'a server must accept absolute-form',
  ],
  [
    'a URL in capitals, without a path',
    line('GET HTTPS://b.example HTTP/1.1'),
    { target: 'HTTPS://b.example' },
    'RFC 9112 §3.2.2',
    'a server must accept absolute-form',
  ],
  [
    'a URL with an address',
    line('GET http://[2001:db8::1]/ HTTP/1.1'),
    { target: 'http://[2001:db8::1]/' },
    'RFC 9112 §3.2.2',
    'a server must accept absolute-form',
  ],
  [
    'a URL with a query and no path',
    line('GET http://b.example?a HTTP/1.1'),
    { target: 'http://b.example?a' },
    'RFC 9112 §3.2.2',
    'a server must accept absolute-form',
  ],
  [
    'a URL with @ behind its host',
    line('GET http://b.example/@a?c=d@e HTTP/1.1'),
    { target: 'http://b.example/@a?c=d@e' },
    'RFC 9112 §3.2.2',
    'a user stands before the host, and nothing behind it is one',
  ],
  [
    'OPTIONS *',
    line('OPTIONS * HTTP/1.1'),
    { method: 'OPTIONS', target: '*' },
    'RFC 9112 §3.2.4',
    'asterisk-form',
  ],
  [
    'OPTIONS with a path',
    line('OPTIONS /a HTTP/1.1'),
    { method: 'OPTIONS', target: '/a' },
    'RFC 9112 §3.2.1',
    'origin-form',
  ],
  [
    'a path with two slashes',
    line('GET //b.example/a HTTP/1.1'),
    { target: '//b.example/a' },
    'RFC 9112 §3.2.1',
    'a segment may be empty',
  ],
  [
    'odd signs in a target',
    line('GET /a?b={c}|"d"^<e>\\`%zz HTTP/1.1'),
    { target: '/a?b={c}|"d"^<e>\\`%zz' },
    'RFC 9112 §3.2',
    'this page takes all that is visible, but for #',
  ],
]

/** A request parser takes it; a server that opens no tunnels answers 501. */
export const TUNNELS: readonly Taken[] = [
  [
    'CONNECT',
    line('CONNECT b.example:443 HTTP/1.1'),
    { method: 'CONNECT', target: 'b.example:443' },
    'RFC 9112 §3.2.3',
    'authority-form',
  ],
  [
    'CONNECT to an address',
    line('CONNECT [2001:db8::1]:443 HTTP/1.1'),
    { method: 'CONNECT', target: '[2001:db8::1]:443' },
    'RFC 9112 §3.2.3',
    'authority-form',
  ],
]
