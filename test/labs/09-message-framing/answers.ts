import type { Expected, Refused } from './rows.ts'

/** Responses: what is refused, and what is whole though it looks odd. */

const answer = (fields: string, status = '200 OK'): string => `HTTP/1.1 ${status}\r\n${fields}\r\n\r\n`
const STATUS = 'HTTP-version SP 3DIGIT SP [reason-phrase]'
const GATEWAY = 'a gateway must answer 502'
const bad = (what: string, start: string): Refused => [
  what,
  `‹${start}\r\nContent-Length: 0\r\n\r\n`,
  'BAD_STATUS_LINE',
  'RFC 9112 §4',
  STATUS,
]

export const BAD_RESPONSES: readonly Refused[] = [
  bad('no version', '200 OK'),
  bad('another protocol', 'ICY 200 OK'),
  bad('a version in small letters', 'http/1.1 200 OK'),
  bad('two digits', 'HTTP/1.1 20 OK'),
  bad('four digits', 'HTTP/1.1 2000 OK'),
  bad('no space behind the status', 'HTTP/1.1 200OK'),
  bad('two spaces', 'HTTP/1.1  200 OK'),
  bad('a sign', 'HTTP/1.1 +20 OK'),
  bad('a space in front', ' HTTP/1.1 200 OK'),
  bad('a request', 'GET / HTTP/1.1'),
  bad('NUL in the reason', 'HTTP/1.1 200 O\x00K'),
  ['HTTP/2', '‹HTTP/2.0 200 OK\r\n\r\n', 'VERSION_NOT_SPOKEN', 'RFC 9112 §2.3', 'this reader speaks HTTP/1'],
  [
    'a bare CR in the line',
    '‹HTTP/1.1 200 OK\rX\r\n\r\n',
    'BARE_CR',
    'RFC 9112 §2.2',
    'a bare CR is invalid, or becomes SP',
  ],
  [
    'LF behind the line',
    '‹HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n',
    'BARE_LF',
    'RFC 9112 §2.2',
    'a single LF may end a line; here it does not',
  ],
  ['no colon', answer('X-A: a\r\n‹X-B'), 'BAD_FIELD_LINE', 'RFC 9112 §5', 'field-name ":"'],
  [
    'a space before the first field',
    answer('‹ X-A: a'),
    'BAD_FIELD_LINE',
    'RFC 9112 §2.2',
    'refused, or passed over; this page refuses',
  ],
  ['NUL in a value', answer('‹X-A: \x00'), 'BAD_FIELD_VALUE', 'RFC 9110 §5.5', GATEWAY],
  [
    'response splitting: a CR in a value',
    answer('‹X-A: a\rSet-Cookie: b=c'),
    'BARE_CR',
    'RFC 9112 §11.1',
    GATEWAY,
  ],
  ['a length that is no number', answer('‹Content-Length: 5x'), 'BAD_LENGTH', 'RFC 9112 §6.3', GATEWAY],
  ['a length with a sign', answer('‹Content-Length: +5'), 'BAD_LENGTH', 'RFC 9112 §6.3', GATEWAY],
  [
    'two lengths',
    answer('Content-Length: 5\r\n‹Content-Length: 6'),
    'CONFLICTING_LENGTHS',
    'RFC 9112 §6.3',
    GATEWAY,
  ],
  [
    'both lengths',
    answer('Content-Length: 5\r\n‹Transfer-Encoding: chunked'),
    'BOTH_LENGTHS',
    'RFC 9112 §6.3',
    'ought to be handled as an error',
  ],
  [
    'chunked twice',
    answer('‹Transfer-Encoding: chunked, chunked'),
    'BAD_CODING',
    'RFC 9112 §6.1',
    'chunked must not be applied twice',
  ],
  [
    'a parameter',
    answer('‹Transfer-Encoding: chunked;a=b'),
    'BAD_CODING',
    'RFC 9112 §7.1',
    'parameters should be an error',
  ],
  [
    'chunks in HTTP/1.0',
    'HTTP/1.0 200 OK\r\n‹Transfer-Encoding: chunked\r\n\r\n',
    'CODING_IN_HTTP_1_0',
    'RFC 9112 §6.1',
    'in HTTP/1.0 the framing is faulty',
  ],
  [
    'a bad size',
    `${answer('Transfer-Encoding: chunked')}‹+5\r\nabcde\r\n0\r\n\r\n`,
    'BAD_CHUNK_SIZE',
    'RFC 9112 §7.1',
    GATEWAY,
  ],
  [
    'no CRLF behind a chunk',
    `${answer('Transfer-Encoding: chunked')}5\r\nabcde‹0\r\n\r\n`,
    'BAD_CHUNK_END',
    'RFC 9112 §7.1',
    GATEWAY,
  ],
]

/** The method that it answers, if anybody has said so; the bytes; what comes out, before the FIN. */
export type Answer = readonly [
  what: string,
  method: string | null,
  bytes: string,
  expected: readonly Expected[],
  rfc: string,
  /** Whose promise it is, if not R3's. */
  promise?: string,
]

const SMALL = { status: 200, body: '' }
const CHUNKED = answer('Transfer-Encoding: chunked')
const FIVE = answer('Content-Length: 5')

export const ANSWERS: readonly Answer[] = [
  ['GET', 'GET', `${FIVE}abcde`, [{ status: 200, reason: 'OK', body: 'abcde' }], 'RFC 9112 §6.3'],
  ['nobody has said what was asked', null, `${FIVE}abcde`, [{ body: 'abcde' }], 'RFC 9112 §6.3'],
  [
    'chunks and a trailer',
    'GET',
    `${CHUNKED}5\r\nabcde\r\n0\r\nX-C: c\r\n\r\n`,
    [{ body: 'abcde', trailers: [['X-C', 'c']] }],
    'RFC 9112 §7.1',
    'R2',
  ],
  ['HEAD with a length', 'HEAD', FIVE, [SMALL], 'RFC 9112 §6.3'],
  ['HEAD with chunks', 'HEAD', CHUNKED, [SMALL], 'RFC 9112 §6.3'],
  ['HEAD without a length', 'HEAD', answer('X-A: a'), [SMALL], 'RFC 9112 §6.3'],
  ['head in small letters is another method', 'head', `${FIVE}abcde`, [{ body: 'abcde' }], 'RFC 9110 §9.1'],
  [
    '204 with a length',
    'GET',
    answer('Content-Length: 5', '204 No Content'),
    [{ status: 204, body: '' }],
    'RFC 9112 §6.3',
  ],
  [
    '304 with a length',
    'GET',
    answer('Content-Length: 5', '304 Not Modified'),
    [{ status: 304, body: '' }],
    'RFC 9112 §6.3',
  ],
  [
    '304 with chunks',
    'GET',
    answer('Transfer-Encoding: chunked', '304 Not Modified'),
    [{ status: 304, body: '' }],
    'RFC 9112 §6.3',
  ],
  [
    '205 has a length as others have',
    'GET',
    `${answer('Content-Length: 5', '205 Reset')}abcde`,
    [{ status: 205, body: 'abcde' }],
    'RFC 9112 §6.3',
  ],
  [
    '100 and then the answer',
    'POST',
    `HTTP/1.1 100 Continue\r\n\r\n${FIVE}abcde`,
    [
      { status: 100, body: '' },
      { status: 200, body: 'abcde' },
    ],
    'RFC 9110 §15.2',
  ],
  [
    '103 twice, and HEAD',
    'HEAD',
    `${answer('Content-Length: 5', '103 Early Hints')}${answer('X-A: a', '103 Early Hints')}${FIVE}`,
    [{ status: 103, body: '' }, { status: 103, body: '' }, SMALL],
    'RFC 9110 §15.2',
  ],
  [
    'CONNECT that failed',
    'CONNECT',
    `${answer('Content-Length: 5', '403 Forbidden')}abcde`,
    [{ status: 403, body: 'abcde' }],
    'RFC 9112 §6.3',
  ],
  [
    'no reason, with its space',
    'GET',
    'HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n',
    [{ status: 200, reason: '', body: '' }],
    'RFC 9112 §4',
  ],
  [
    'no reason, and no space',
    'GET',
    'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n',
    [{ status: 200, reason: '', body: '' }],
    'RFC 9112 §4',
  ],
  [
    'a reason of several words',
    'GET',
    'HTTP/1.0 404 Not  \tfo\xfcnd\r\nContent-Length: 0\r\n\r\n',
    [{ status: 404, version: '1.0', reason: 'Not  \tfo\xfcnd', body: '' }],
    'RFC 9112 §4',
  ],
  [
    'HTTP/1.2',
    'GET',
    'HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n',
    [{ version: '1.1' }],
    'RFC 9110 §2.5',
    'R5',
  ],
  [
    'the same length twice',
    'GET',
    `${answer('Content-Length: 5, 5')}abcde`,
    [{ body: 'abcde' }],
    'RFC 9112 §6.3',
    'R8',
  ],
  [
    'a space before the colon, which comes off',
    'GET',
    `${answer('Content-Length \t: 5')}abcde`,
    [{ body: 'abcde', headers: [['Content-Length', '5']] }],
    'RFC 9112 §5.1',
  ],
  [
    'folded lines, which become a space each',
    'GET',
    answer('X-A: a\r\n \t b\r\n\tc\r\nContent-Length: 0'),
    [
      {
        headers: [
          ['X-A', 'a b c'],
          ['Content-Length', '0'],
        ],
        body: '',
      },
    ],
    'RFC 9112 §5.2',
  ],
  [
    'a length on a folded line',
    'GET',
    `${answer('Content-Length:\r\n 5')}abcde`,
    [{ headers: [['Content-Length', '5']], body: 'abcde' }],
    'RFC 9112 §5.2',
  ],
  [
    'a folded trailer, which belongs to the trailer before it',
    'GET',
    `${CHUNKED}0\r\nX-C: c\r\n d\r\n\r\n`,
    [{ headers: [['Transfer-Encoding', 'chunked']], trailers: [['X-C', 'c d']] }],
    'RFC 9112 §5.2',
    'R2',
  ],
  [
    'another coding inside the chunks stays',
    'GET',
    `${answer('Transfer-Encoding: gzip, chunked')}5\r\nabcde\r\n0\r\n\r\n`,
    [{ body: 'abcde' }],
    'RFC 9112 §6.3',
    'R9',
  ],
]

/** What goes on to the FIN, whatever it contains. */
export const UNTIL_FIN: ReadonlyArray<readonly [what: string, head: string, rfc: string]> = [
  ['no length', answer('X-A: a'), 'RFC 9112 §6.3'],
  ['no length, in HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\n', 'RFC 9112 §6.3'],
  ['chunked is not the last coding', answer('Transfer-Encoding: chunked, gzip'), 'RFC 9112 §6.3'],
  ['a coding alone', answer('Transfer-Encoding: gzip'), 'RFC 9112 §6.3'],
]

/** Behind these nothing is HTTP any more. */
export const NO_MORE_HTTP: ReadonlyArray<readonly [what: string, method: string, head: string, rfc: string]> =
  [
    ['200 to CONNECT', 'CONNECT', answer('X-A: a'), 'RFC 9112 §6.3'],
    ['299 to CONNECT, with a length', 'CONNECT', answer('Content-Length: 5', '299 Yes'), 'RFC 9112 §6.3'],
    ['200 to CONNECT, with chunks', 'CONNECT', CHUNKED, 'RFC 9112 §6.3'],
    ['204 to CONNECT', 'CONNECT', answer('X-A: a', '204 No Content'), 'RFC 9110 §9.3.6'],
    ['101', 'GET', answer('Upgrade: chat', '101 Switching'), 'RFC 9110 §15.2.2'],
    ['101 to HEAD', 'HEAD', answer('Upgrade: chat', '101 Switching'), 'RFC 9110 §15.2.2'],
  ]
