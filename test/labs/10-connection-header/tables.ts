/**
 * The inputs of lab 10, as tables. A line is text as on the wire; `$a`, `$A` and `$AA` are one name in lower case, with
 * a capital, and shouted, and in each run another one.
 */

export type Lines = readonly string[]

/** For `connectionOptions`. */
export const LISTS: Readonly<Record<string, readonly Lines[]>> = {
  'one line': [
    [],
    ['Connection: close'],
    ['Connection: Keep-Alive'],
    ['Connection: $a'],
    ['Connection: $AA'],
    ['connection: $A, $b'],
    ['CONNECTION: $b, $a, close, keep-alive'],
    ['Connection: TE, Upgrade, close'],
    ['Connection: close, close'],
    ['Connection: $a, $A, $AA, $b, $a'],
  ],
  'spaces, tabs and empty places': [
    ['Connection: '],
    ['Connection: ,'],
    ['Connection: , ,\t,'],
    ['Connection: $a,$b,$c'],
    ['Connection: $a  ,   $b'],
    ['Connection: $a\t,\t$b \t, $c'],
    ['Connection: ,$a'],
    ['Connection: $a,'],
    ['Connection: ,, $a,, ,$b ,'],
  ],
  'several lines': [
    ['Connection: $a', 'Host: $b.example', 'Connection: $c'],
    ['connection: $b', 'CONNECTION: $a', 'Connection: $b, $c'],
    ['Connection: ', 'Connection: $a'],
    ['Connection: $a', 'Connection: ,'],
    ['Connection: $a,', 'Connection: , close'],
  ],
  'other fields, and odd tokens': [
    ['X-Connection: $a', 'Connection-Id: $b', 'Proxy-Connection: keep-alive', 'Keep-Alive: timeout=5'],
    ['Host: $a.example', 'X-Note: Connection: close'],
    ['Connections: $a', 'Connectio: $b', 'Connection: $c'],
    ['Connection: closed, x-close, close-x, keep-alive-x'],
    ["Connection: $a!#$%&'*+-.^_`|~9"],
    ['Connection: constructor, __proto__, toString, hasOwnProperty'],
    ['Connection: 1, 0, -1'],
  ],
}

/** Fields that are meant for everybody, and go when they are named. */
const EVERYBODYS = [
  'Authorization',
  'Cache-Control',
  'Cookie',
  'Set-Cookie',
  'Content-Type',
  'Content-Encoding',
  'Trailer',
  'Date',
  'ETag',
  'User-Agent',
  'Accept',
  'Expect',
  'Forwarded',
  'X-Forwarded-For',
  'Proxy-Authorization',
  'WWW-Authenticate',
]

/** For `fieldsToRemove` and for `forward`: what Connection names. */
export const NAMED: Readonly<Record<string, readonly Lines[]>> = {
  'named once': [
    ['Host: h.example', 'Connection: $A', '$A: 1', 'Accept: a'],
    ['$a: 1', 'Connection: $AA'],
    ['$AA: 1', 'Connection: $a'],
    ['Connection: close, $a', '$A: 1', '$B: 2'],
    ['Connection: $a, keep-alive, $b', '$B: 2', 'Host: h.example', '$A: 1'],
    ['Connection: $a,$b,\t$c ,', '$A: 1', '$B: 2', '$C: 3', '$D: 4'],
  ],
  'named on a further line, and fields of several lines': [
    ['Connection: $a', '$B: 2', 'Connection: $b', '$A: 1', '$C: 3'],
    ['$A: 1', 'connection: close', '$B: 2', 'CONNECTION: ,$b', 'Connection: $a'],
    ['$A: 1', 'Connection: $a', '$a: 2', '$AA: 3', '$B: 2'],
    ['Connection: $a, $a', '$A: 1', 'Connection: $A'],
  ],
  'be it meant for everybody': [
    ...EVERYBODYS.map((name) => [`${name}: 1`, `Connection: ${name}`, '$A: 1']),
    [
      ...EVERYBODYS.map((name) => `${name}: 1`),
      '$A: 1',
      `Connection: ${EVERYBODYS.join(', ').toLowerCase()}`,
    ],
  ],
  'what only looks like it': [
    ['Connection: $a', '$A-More: 1', 'X-$A: 2', '$Ax: 3', '$A: 4'],
    ['Connection: $a-more', '$A: 1', '$A-More: 2'],
    ['Connection: $a', '$B: $a', 'X-Connection: $b'],
    ['Proxy-Connection: $a', 'X-Connection: $b', '$A: 1', '$B: 2'],
    ['Connection: close', 'Close: 1', 'Closed: 2'],
    ['Connection: $a', '$B: 1', '$C: 2'],
    ['Connection: ', '$A: 1'],
    ['$A: 1', 'constructor: 2', 'toString: 3', '__proto__: 4', 'Connection: $b'],
    ['constructor: 1', 'toString: 2', '__proto__: 3', 'Connection: constructor, __proto__'],
    ['Connection: $a, HTTP2-Settings, Upgrade', 'Upgrade: h2c', 'HTTP2-Settings: AAMA', 'Host: h.example'],
  ],
  'with letters that mean more in a pattern': ['.', '*', '+', '|', '^', '$'].map((letter) => [
    `Connection: $a${letter}`,
    `$A${letter}: 1`,
    '$A: 2',
    '$A-: 3',
    'X-$A: 4',
  ]),
}

const HOP = ['Keep-Alive', 'Proxy-Connection', 'TE', 'Transfer-Encoding', 'Upgrade', 'Proxy-Authenticate']
const NEIGHBOURS = [
  'Upgrade-Insecure-Requests: 1',
  'Keep-Alive-For: 5',
  'Test: begins as TE does',
  'Accept-TE: ends so',
  'Proxy-Connection-Id: 2',
  'X-Transfer-Encoding: chunked',
  'Transfer-Encodings: 1',
  'Content-Encoding: identity',
  'Connection-Id: 1',
  'X-Connection: close',
  'Proxy-Authorization: Basic dTpw',
  'Authorization: Basic dTpw',
  'WWW-Authenticate: Basic',
  'Proxy-Status: a',
  'Trailer: X-Checksum',
]

/** What ends at the hop though nobody names it. */
export const UNNAMED: Readonly<Record<string, readonly Lines[]>> = {
  'one at a time': HOP.flatMap((name) => [
    [`${name}: $a`, '$A: 1'],
    ['$A: 1', `${name.toUpperCase()}: $b`],
    ['Connection: close', '$A: 1', `${name.toLowerCase()}: $b`, `${name}: $c`],
  ]),
  'all together, and named besides': [
    [...HOP.map((name) => `${name}: $a`), 'Host: h.example', 'Connection: close'],
    [...HOP.map((name) => `${name}: $a`), '$A: 1', `Connection: ${HOP.join(', ')}`],
  ],
  'neighbours stay, and so does all that is for everybody': [
    NEIGHBOURS,
    [...EVERYBODYS.map((name) => `${name}: 1`), '$A: 1'],
    [...NEIGHBOURS, 'Connection: close, keep-alive'],
    ...NEIGHBOURS.map((line) => [line, 'TE: trailers', 'Transfer-Encoding: chunked', 'Upgrade: h2c']),
  ],
  'two lengths': [
    ['Content-Length: 5', '$A: 1'],
    ['Content-Length: 5', 'Transfer-Encoding: chunked', '$A: 1'],
    ['TRANSFER-ENCODING: chunked', '$A: 1', 'content-length: 5'],
    ['Content-Length: 5', 'Transfer-Encoding: gzip', '$A: 1'],
    ['Transfer-Encoding: chunked, gzip', 'Content-Length: 5', '$A: 1'],
    ['Transfer-Encoding: chunked', 'Content-Length: 5', 'Connection: Transfer-Encoding, Content-Length'],
  ],
}

const OWN = ['Content-Length: 5', 'Host: h.example', 'Max-Forwards: 7', 'Via: 1.0 $a']

/** What Connection cannot take away. */
export const PROTECTED: Readonly<Record<string, readonly Lines[]>> = {
  'one at a time': OWN.flatMap((line) => {
    const [name = ''] = line.split(':')
    return [
      [line, `Connection: ${name}`, '$B: 1'],
      ['$B: 1', `connection: close, ${name.toLowerCase()}`, line.replace(name, name.toUpperCase())],
      [line, `Connection: ${name.toUpperCase()}, $b`, '$B: 1', '$C: 2'],
    ]
  }),
  'all together': [
    [
      ...OWN,
      'Connection: Content-Length, Host, Max-Forwards, Via, $b, Accept',
      '$B: 1',
      'Accept: 1',
      '$C: 2',
    ],
    [...OWN, 'Connection: host', 'Connection: via, $c', '$B: 1', '$C: 2'],
    ['Connection: Content-Length, Host, Max-Forwards, Via', '$B: 1'],
    ['Connection: Content-Lengt, Hosts, Vi', 'Hosts: 1', 'Vi: 2', ...OWN],
  ],
}

/** What goes on, line by line. */
export const KEPT: Readonly<Record<string, readonly Lines[]>> = {
  'all kinds of lines': [
    [],
    ['Host: h.example'],
    ['Set-Cookie: $a=1', 'Set-Cookie: $b=2', 'set-cookie: $a=1'],
    ['$A: 1', '$B: 2', '$A: 1', '$A: 3', '$a: 1'],
    ['$C: 1', '$B: 2', '$A: 3', 'Zz: 4', 'Aa: 5'],
    ['$A: ', '$B: a:b  c\t"d, e" \u00e9\u00ff', "$a_!#$%&'*+.^`|~: odd"],
    ['Cache-Control: no-transform, max-age=60', 'Vary: Accept, Connection', 'Warning: 299 - "close"'],
    ['Content-Type: text/html', 'Content-Length: 5', 'Content-Language: ko'],
    ['Content-Length: 12345'],
    ['Max-Forwards: 5', '$A: 1'],
  ],
  'beside what is removed': [
    ['$A: 1', 'Connection: $b', '$B: 2', '$C: 3', 'Keep-Alive: 5', '$A: 4', '$D: 5'],
    ['Connection: close', ...NEIGHBOURS, 'Upgrade: $a', '$B: 1'],
    ['TE: trailers', 'Set-Cookie: $a', 'Connection: TE', 'Set-Cookie: $b', 'Trailer: $c'],
    ['Transfer-Encoding: chunked', 'Content-Length: 5', '$A: 1'],
  ],
}

/** Paths that somebody might write in another way; there and here they would be other resources, or none. */
export const TARGETS = [
  '/a?b=c',
  '/',
  '/a?',
  '/a/?b?c=d&&e=/f?',
  '/a/../b',
  '/a/./b/.',
  '//a/b',
  '/a//b/',
  '/%41%2f%2F%7e~%20',
  "/a;b='c'?d='e'&f=(g)*+h",
  '/A:80@b?c=%C3%BC&http://h.example/',
]

/** Who has passed a message on before. */
export const VIAS: Readonly<Record<string, readonly Lines[]>> = {
  'those before': [
    [],
    ['Via: 1.0 fred'],
    ['$A: 1', 'via: 1.1 p.example:81', '$B: 2'],
    ['Via: 1.0 fred, 1.1 p.example:81', '$A: 1'],
    ['Via: 1.0 fred', '$A: 1', 'VIA: HTTP/1.1 wilma (a house)', '$B: 2'],
    ['Via: 1.1 $a', 'Via: 1.1 $a'],
    ['Via: 2.0 fred, 1.1 $a (x y)', 'Connection: close'],
  ],
  'Connection names it': [
    ['Via: 1.0 fred', 'Connection: Via'],
    ['via: 1.0 fred', '$A: 1', 'Via: 1.1 $b', 'Connection: VIA, $a'],
    ['Connection: via'],
  ],
}

/** The value of Max-Forwards. */
export const MAX_FORWARDS = [
  '1',
  '2',
  '9',
  '10',
  '11',
  '100',
  '65536',
  '2147483648',
  '4294967296',
  '9007199254740991',
  '9007199254740993',
  '1000000000000000000000',
  '1'.padEnd(400, '0'),
]
export const NO_NUMBERS = ['', 'a', '-1', '1.5', '0x10', '1e3', '5a', 'Infinity', '1, 2', '+3']
export const COUNTED = ['TRACE', 'OPTIONS']
export const UNCOUNTED = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'trace',
  'Options',
  'TRACES',
  'XTRACE',
]

/** What one message says of the connection. */
export const SAYINGS: readonly Lines[] = [
  [],
  ['Connection: keep-alive'],
  ['Connection: close'],
  ['Connection: keep-alive, close'],
  ['connection: $a,, KEEP-ALIVE'],
  ['Connection: $a', 'CONNECTION: \tClose ,'],
  ['Connection: closed, x-keep-alive', 'Proxy-Connection: keep-alive', 'Keep-Alive: close'],
]
