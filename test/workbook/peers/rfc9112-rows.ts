/** What RFC 9112 says that a server must refuse or accept, a row each; sections are its own unless another RFC is named. */

export type Who = 'framing' | 'keepAlive' | 'smartProxy'

export interface Row {
  readonly section: string
  readonly what: string
  /** What a server does by the RFC. */
  readonly says: string
  readonly bytes: string
  /** Statuses, bodies of 200, and the end; `others` where lab 12's server and lab 13's proxy do as the RFC leaves open. */
  readonly shows: string
  readonly others: string
}

const HOST = 'Host: a.example\r\n'
const NEXT = `GET /next HTTP/1.1\r\n${HOST}\r\n`
const CHUNKED = 'Transfer-Encoding: chunked\r\n'
const REFUSED = '400 | FIN'
const GOT = '200 GET /a | 200 GET /next | FIN'
const TOOK = '200 POST /p hello | 200 GET /next | FIN'
const NOT_WHOLE = 'FIN'

const get = (line: string, fields = HOST): string => `${line}\r\n${fields}\r\n${NEXT}`
const post = (fields: string, body = 'hello'): string =>
  `POST /p HTTP/1.1\r\n${HOST}${fields}\r\n${body}${NEXT}`
const chunks = (body: string): string => post(CHUNKED, body)

function row(section: string, what: string, says: string, bytes: string, shows: string, others = shows): Row {
  return { section, what, says, bytes, shows, others }
}

const LINES = [
  row('2.2', 'an empty line first', 'should pass over one', `\r\n${get('GET /a HTTP/1.1')}`, GOT, REFUSED),
  row('2.2', 'LF alone', 'may take it', get('GET /a HTTP/1.1').replaceAll('\r\n', '\n'), REFUSED, NOT_WHOLE),
  row('2.2', 'a CR alone', 'must refuse or replace', get('GET /a HTTP/1.1', `${HOST}X: a\rb\r\n`), REFUSED),
  row('2.2', 'space before a field', 'must refuse', get('GET /a HTTP/1.1', ` X: a\r\n${HOST}`), REFUSED),
  row('9110 §2.5', 'HTTP/1.2', 'should read it as 1.1', get('GET /a HTTP/1.2'), GOT),
  row('2.3', 'HTTP/2.0', 'may refuse with 505', get('GET /a HTTP/2.0'), '505 | FIN', REFUSED),
  row('2.3', 'HTTP/0.9', 'is no request line', 'GET /a\r\n\r\n', REFUSED),
  row('2.3', 'a version in small letters', 'has a case', get('GET /a http/1.1'), REFUSED),
  row('3', 'two spaces', 'should refuse', get('GET  /a HTTP/1.1'), REFUSED),
  row('3', 'a tab', 'should refuse', get('GET\t/a HTTP/1.1'), REFUSED),
  row('3', 'a space in the target', 'should refuse', get('GET /a b HTTP/1.1'), REFUSED),
  row('3.1', 'a method that is no token', 'is no request line', get('G(ET /a HTTP/1.1'), REFUSED),
  row('9.3', 'HTTP/1.1', 'persists', get('GET /a HTTP/1.1'), GOT),
  row('9.3', 'HTTP/1.0', 'does not', `GET /a HTTP/1.0\r\n\r\n${NEXT}`, '200 GET /a | FIN'),
  row(
    '9.6',
    'close',
    'ends behind the answer',
    get('GET /a HTTP/1.1', `${HOST}Connection: x, Close\r\n`),
    '200 GET /a | FIN',
  ),
]

const TARGETS = [
  row('3.2', 'no Host', 'must answer 400', get('GET /a HTTP/1.1', ''), REFUSED),
  row('3.2', 'no Host in HTTP/1.0', 'is right', 'GET /a HTTP/1.0\r\n\r\n', '200 GET /a | FIN'),
  row('3.2', 'two Hosts', 'must answer 400', get('GET /a HTTP/1.1', `${HOST}${HOST}`), REFUSED),
  row('3.2', 'a Host that is none', 'must answer 400', get('GET /a HTTP/1.1', 'Host: a b\r\n'), REFUSED),
  row('3.2', 'an empty Host', 'is right', get('GET /a HTTP/1.1', 'Host:\r\n'), GOT),
  row(
    '3.2.2',
    'the absolute form',
    'must accept',
    get('GET http://a.example/a HTTP/1.1'),
    '200 GET http://a.example/a | 200 GET /next | FIN',
  ),
  row('3.2.4', 'OPTIONS *', 'is right', get('OPTIONS * HTTP/1.1'), '200 OPTIONS * | 200 GET /next | FIN'),
]

const FIELDS = [
  row('5', 'no colon', 'is no field line', get('GET /a HTTP/1.1', `${HOST}X\r\n`), REFUSED),
  row(
    '5.1',
    'a space before the colon',
    'must answer 400',
    get('GET /a HTTP/1.1', `${HOST}X : a\r\n`),
    REFUSED,
  ),
  row('5.1', 'an empty name', 'is no field line', get('GET /a HTTP/1.1', `${HOST}: a\r\n`), REFUSED),
  row(
    '5.2',
    'a folded line',
    'must refuse or replace',
    get('GET /a HTTP/1.1', `${HOST}X: a\r\n b\r\n`),
    REFUSED,
  ),
  row(
    '9110 §5.5',
    'a NUL in a value',
    'must refuse or replace',
    get('GET /a HTTP/1.1', `${HOST}X: a\0b\r\n`),
    REFUSED,
  ),
  row(
    '9110 §10.1.1',
    'Expect',
    'may answer at once where the body is there',
    post('Expect: 100-continue\r\nContent-Length: 5\r\n'),
    TOOK,
  ),
  row(
    '9110 §10.1.1',
    'Expect in HTTP/1.0',
    'must pass over it',
    'POST /p HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello',
    '200 POST /p hello | FIN',
  ),
]

const LENGTHS = [
  row('6.1', 'both lengths', 'may refuse', post(`Content-Length: 4\r\n${CHUNKED}`, '0\r\n\r\n'), REFUSED),
  row(
    '6.1',
    'an unknown coding before chunked',
    'should answer 501',
    post('Transfer-Encoding: x, chunked\r\n', '0\r\n\r\n'),
    '501 | FIN',
    REFUSED,
  ),
  row(
    '6.3',
    'chunked that is not the last',
    'must answer 400',
    post('Transfer-Encoding: chunked, x\r\n', '0\r\n\r\n'),
    REFUSED,
  ),
  row('6.3', 'a coding without chunked', 'must answer 400', post('Transfer-Encoding: gzip\r\n', ''), REFUSED),
  row('6.3', 'no length', 'has no body', get('POST /p HTTP/1.1'), '200 POST /p | 200 GET /next | FIN'),
  row('6.3', 'a sign', 'must answer 400', post('Content-Length: +5\r\n'), REFUSED),
  row('6.3', 'a negative length', 'must answer 400', post('Content-Length: -5\r\n'), REFUSED),
  row('6.3', 'a hexadecimal length', 'must answer 400', post('Content-Length: 0x5\r\n'), REFUSED),
  row('6.3', 'an empty length', 'must answer 400', post('Content-Length:\r\n', ''), REFUSED),
  row('6.3', 'two lengths', 'must answer 400', post('Content-Length: 5\r\nContent-Length: 6\r\n'), REFUSED),
  row('6.3', 'two lengths in a list', 'must answer 400', post('Content-Length: 5, 6\r\n'), REFUSED),
  row(
    '6.3',
    'one length twice',
    'may take it',
    post('Content-Length: 5\r\nContent-Length: 5\r\n'),
    TOOK,
    REFUSED,
  ),
  row(
    '8',
    'a body that is cut short',
    'is not whole',
    `POST /p HTTP/1.1\r\n${HOST}Content-Length: 9\r\n\r\nhello`,
    REFUSED,
    NOT_WHOLE,
  ),
  row('8', 'a head that is cut short', 'is not whole', `GET /a HTTP/1.1\r\n${HOST}`, REFUSED, NOT_WHOLE),
]

const CHUNKS = [
  row(
    '7',
    'the coding in capitals',
    'has no case',
    post('Transfer-Encoding: CHUNKED\r\n', '5\r\nhello\r\n0\r\n\r\n'),
    TOOK,
  ),
  row('7.1', 'a chunk', 'must take it off', chunks('5\r\nhello\r\n0\r\n\r\n'), TOOK),
  row(
    '7.1',
    'a size in capitals',
    'is hexadecimal',
    chunks('00A\r\nhellohello\r\n0\r\n\r\n'),
    '200 POST /p hellohello | 200 GET /next | FIN',
  ),
  row('7.1', 'a sign', 'is no size', chunks('+5\r\nhello\r\n0\r\n\r\n'), REFUSED),
  row('7.1', '0x', 'is no size', chunks('0x5\r\nhello\r\n0\r\n\r\n'), REFUSED),
  row('7.1', 'an empty size', 'is no size', chunks('\r\nhello\r\n0\r\n\r\n'), REFUSED),
  row(
    '7.1',
    'a chunk that is longer than its size',
    'has no CRLF behind it',
    chunks('4\r\nhello\r\n0\r\n\r\n'),
    REFUSED,
  ),
  row(
    '7.1',
    'a size over 2^53',
    'must not overflow',
    chunks('fffffffffffffff\r\nhello\r\n0\r\n\r\n'),
    '413 | FIN',
    REFUSED,
  ),
  row('7.1.1', 'an unknown extension', 'must pass over it', chunks('5;a=b\r\nhello\r\n0;c\r\n\r\n'), TOOK),
  row('7.1.2', 'a trailer', 'may drop it', chunks('5\r\nhello\r\n0\r\nX: a\r\n\r\n'), TOOK),
]

export const ROWS: readonly Row[] = [...LINES, ...TARGETS, ...FIELDS, ...LENGTHS, ...CHUNKS]
