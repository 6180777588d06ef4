import { old, post, type Refused } from './rows.ts'

/** Lengths and codings of requests that are refused. */

const DIGITS = '1*DIGIT; an invalid length must be answered 400'
const length = (value: string): string => post(`‹Content-Length: ${value}`)
const bad = (what: string, value: string): Refused => [
  what,
  length(value),
  'BAD_LENGTH',
  'RFC 9112 §6.3',
  DIGITS,
]

const DIFFER = 'values that differ must be answered 400'
const BOTH = 'a server may reject it; this page does, with 400'

export const LENGTHS: readonly Refused[] = [
  bad('a sign', '+5'),
  bad('a minus', '-5'),
  bad('minus zero', '-0'),
  bad('a hexadecimal length', '0x5'),
  bad('a binary length', '0b101'),
  bad('an octal length', '0o5'),
  bad('a fraction', '5.0'),
  bad('an exponent', '5e0'),
  bad('a separator', '1_0'),
  bad('a space between digits', '5 5'),
  bad('digits and a letter', '5a'),
  bad('a letter and digits', 'a5'),
  bad('digits and a semicolon', '5;'),
  bad('quotes', '"5"'),
  bad('no digit', ''),
  bad('infinity', 'Infinity'),
  bad('digits of another script', '\xef\xbc\x95'),
  bad('a no-break space', '5\xa0'),
  bad('a list that ends with a comma', '5,'),
  bad('a list that begins with a comma', ', 5'),
  bad('a list with a gap', '5,,5'),
  bad('a list with a sign', '5, +5'),
  [
    'the second line is no number',
    post('Content-Length: 5\r\n‹Content-Length: five'),
    'BAD_LENGTH|CONFLICTING_LENGTHS',
    'RFC 9112 §6.3',
    DIGITS,
  ],
  ['a list of two lengths', length('5, 6'), 'CONFLICTING_LENGTHS', 'RFC 9112 §6.3', DIFFER],
  ['a list whose third differs', length('5,5 ,50'), 'CONFLICTING_LENGTHS', 'RFC 9112 §6.3', DIFFER],
  [
    'two lines of two lengths',
    post('Content-Length: 5\r\n‹Content-Length: 6'),
    'CONFLICTING_LENGTHS',
    'RFC 9112 §6.3',
    DIFFER,
  ],
  [
    '0 and 5',
    post('Content-Length: 0\r\n‹content-length: 5'),
    'CONFLICTING_LENGTHS',
    'RFC 9112 §6.3',
    DIFFER,
  ],
  [
    'two lengths, with a field between',
    post('Content-Length: 5\r\nX-C: c\r\n‹CONTENT-LENGTH: 50'),
    'CONFLICTING_LENGTHS',
    'RFC 9112 §6.3',
    DIFFER,
  ],
  [
    'two lines, the second a list',
    post('Content-Length: 5\r\n‹Content-Length: 5, 6'),
    'CONFLICTING_LENGTHS',
    'RFC 9112 §6.3',
    DIFFER,
  ],
  [
    'the same number with another number of zeros',
    length('5, 05'),
    'CONFLICTING_LENGTHS',
    'RFC 9112 §6.3',
    'the page asks for the same digits',
  ],
  [
    'CL.TE: the length first',
    post(`Content-Length: 5\r\n‹Transfer-Encoding: chunked`),
    'BOTH_LENGTHS',
    'RFC 9112 §6.1',
    BOTH,
  ],
  [
    'TE.CL: the coding first',
    post(`Transfer-Encoding: chunked\r\n‹Content-Length: 5`),
    'BOTH_LENGTHS',
    'RFC 9112 §6.1',
    BOTH,
  ],
  [
    'CL.0: a length of zero, and chunks',
    post(`Content-Length: 0\r\n‹Transfer-Encoding: chunked`),
    'BOTH_LENGTHS',
    'RFC 9112 §6.1',
    BOTH,
  ],
  [
    'both, in other letters',
    post(`content-length: 5\r\nX-C: c\r\n‹TRANSFER-ENCODING: Chunked`),
    'BOTH_LENGTHS',
    'RFC 9112 §6.1',
    BOTH,
  ],
  [
    'both, with the length twice',
    post(`Transfer-Encoding: chunked\r\n‹Content-Length: 5\r\nContent-Length: 5`),
    'BOTH_LENGTHS',
    'RFC 9112 §6.1',
    BOTH,
  ],
]

const NOT_LAST = 'a server must answer 400 where chunked is not last'
const coding = (value: string): string => post(`‹Transfer-Encoding: ${value}`)
const notLast = (what: string, value: string): Refused => [
  what,
  coding(value),
  'CHUNKED_NOT_LAST',
  'RFC 9112 §6.3',
  NOT_LAST,
]
const UNKNOWN = 'a coding that is not understood should be answered 501'
const NO_PARAMETERS = 'parameters should be an error'
const OLD = 'in HTTP/1.0 the framing is faulty'

export const CODINGS: readonly Refused[] = [
  notLast('gzip alone', 'gzip'),
  notLast('identity', 'identity'),
  notLast('another word', 'xchunked'),
  notLast('a longer word', 'chunkedx'),
  notLast('a shorter word', 'chunk'),
  notLast('quotes', '"chunked"'),
  notLast('a space inside', 'chun ked'),
  notLast('a hyphen for the comma', 'chunked-gzip'),
  notLast('no coding', ''),
  notLast('TE.TE: identity behind it', 'chunked, identity'),
  notLast('gzip behind it', 'chunked, gzip'),
  notLast('a word behind it', 'chunked, cow'),
  notLast('a word beside it', 'chunked cow'),
  notLast('a no-break space behind it', 'chunked\xa0'),
  notLast('a no-break space before it', '\xa0chunked'),
  [
    'TE.TE: a second line',
    post('Transfer-Encoding: chunked\r\n‹Transfer-Encoding: cow'),
    'CHUNKED_NOT_LAST',
    'RFC 9112 §6.3',
    NOT_LAST,
  ],
  [
    'TE.TE: identity on a line of its own',
    post('Transfer-Encoding: chunked\r\n‹transfer-encoding: identity'),
    'CHUNKED_NOT_LAST',
    'RFC 9112 §6.3',
    NOT_LAST,
  ],
  ['gzip before it', coding('gzip, chunked'), 'UNKNOWN_CODING', 'RFC 9112 §6.1', UNKNOWN],
  ['identity before it', coding('identity, chunked'), 'UNKNOWN_CODING', 'RFC 9112 §6.1', UNKNOWN],
  [
    'a word before it, on a line of its own',
    post('Transfer-Encoding: cow\r\n‹Transfer-Encoding: chunked'),
    'UNKNOWN_CODING',
    'RFC 9112 §6.1',
    UNKNOWN,
  ],
  [
    'chunked twice',
    coding('chunked, chunked'),
    'BAD_CODING',
    'RFC 9112 §6.1',
    'chunked must not be applied twice',
  ],
  [
    'chunked on two lines',
    post('Transfer-Encoding: chunked\r\n‹Transfer-Encoding: chunked'),
    'BAD_CODING',
    'RFC 9112 §6.1',
    'chunked must not be applied twice',
  ],
  ['a parameter', coding('chunked;q=1'), 'BAD_CODING', 'RFC 9112 §7.1', NO_PARAMETERS],
  ['a parameter behind a space', coding('chunked ; a=b'), 'BAD_CODING', 'RFC 9112 §7.1', NO_PARAMETERS],
  ['chunks in HTTP/1.0', old('‹Transfer-Encoding: chunked'), 'CODING_IN_HTTP_1_0', 'RFC 9112 §6.1', OLD],
  [
    'another coding in HTTP/1.0',
    old('‹Transfer-Encoding: identity'),
    'CODING_IN_HTTP_1_0|CHUNKED_NOT_LAST',
    'RFC 9112 §6.1',
    OLD,
  ],
  [
    'both lengths in HTTP/1.0',
    old('Content-Length: 5\r\n‹Transfer-Encoding: chunked'),
    'CODING_IN_HTTP_1_0|BOTH_LENGTHS',
    'RFC 9112 §6.1',
    OLD,
  ],
]
