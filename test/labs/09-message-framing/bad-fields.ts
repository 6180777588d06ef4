import { get, post, type Refused } from './rows.ts'

/** Fields of requests that are refused. */

const SPACE = 'a server must answer 400'
const FOLDED = 'a server must answer 400, or put SP in its place; this page answers 400'
const CONTROLS = 'CR, LF and NUL must be refused or become SP; this page refuses all controls but HTAB'

export const FIELDS: readonly Refused[] = [
  ['a space before the colon', get('‹X-C : c'), 'SPACE_BEFORE_COLON', 'RFC 9112 §5.1', SPACE],
  ['a tab before the colon', get('‹X-C\t: c'), 'SPACE_BEFORE_COLON', 'RFC 9112 §5.1', SPACE],
  [
    'a space behind Transfer-Encoding',
    post('Content-Length: 5\r\n‹Transfer-Encoding : chunked'),
    'SPACE_BEFORE_COLON',
    'RFC 9112 §5.1',
    SPACE,
  ],
  [
    'a space behind Content-Length',
    post('‹Content-Length : 5'),
    'SPACE_BEFORE_COLON',
    'RFC 9112 §5.1',
    SPACE,
  ],
  ['a folded line', get('‹ folded'), 'FOLDED_LINE', 'RFC 9112 §5.2', FOLDED],
  ['a folded line with a tab', get('‹\tfolded'), 'FOLDED_LINE', 'RFC 9112 §5.2', FOLDED],
  [
    'a folded line that looks like a field',
    post('X-C: c\r\n‹ Content-Length: 5'),
    'FOLDED_LINE',
    'RFC 9112 §5.2',
    FOLDED,
  ],
  [
    'Transfer-Encoding, folded',
    post('Transfer-Encoding:\r\n‹ chunked'),
    'FOLDED_LINE',
    'RFC 9112 §5.2',
    FOLDED,
  ],
  ['a line of one space', get('‹ '), 'FOLDED_LINE', 'RFC 9112 §5.2', FOLDED],
  [
    'a space before the first field',
    'GET / HTTP/1.1\r\n‹ X-C: c\r\nHost: a\r\n\r\n',
    'BAD_FIELD_LINE|FOLDED_LINE',
    'RFC 9112 §2.2',
    'refused, or passed over; this page refuses',
  ],
  ['no colon', get('‹X-C'), 'BAD_FIELD_LINE', 'RFC 9112 §5', 'field-name ":"'],
  ['no name', get('‹: c'), 'BAD_FIELD_LINE', 'RFC 9112 §5', 'field-name is a token'],
  ['a space in a name', get('‹X C: c'), 'BAD_FIELD_LINE', 'RFC 9112 §5.1', 'field-name is a token'],
  ['NUL in a name', get('‹X\x00C: c'), 'BAD_FIELD_LINE', 'RFC 9112 §5.1', 'field-name is a token'],
  [
    'a byte above ASCII in a name',
    get('‹X\xe9C: c'),
    'BAD_FIELD_LINE',
    'RFC 9112 §5.1',
    'field-name is a token',
  ],
  [
    'a request among the fields',
    get('‹GET /b HTTP/1.1'),
    'BAD_FIELD_LINE',
    'RFC 9112 §5.1',
    'field-name is a token',
  ],
  ['NUL in a value', get('‹X-C: a\x00b'), 'BAD_FIELD_VALUE', 'RFC 9110 §5.5', CONTROLS],
  ['a vertical tab in a value', get('‹X-C: a\x0bb'), 'BAD_FIELD_VALUE', 'RFC 9110 §5.5', CONTROLS],
  ['DEL in a value', get('‹X-C: a\x7fb'), 'BAD_FIELD_VALUE', 'RFC 9110 §5.5', CONTROLS],
  [
    'a vertical tab before chunked',
    post('‹Transfer-Encoding: \x0bchunked'),
    'BAD_FIELD_VALUE',
    'RFC 9110 §5.5',
    CONTROLS,
  ],
  ['NUL behind a length', post('‹Content-Length: 5\x00'), 'BAD_FIELD_VALUE', 'RFC 9110 §5.5', CONTROLS],
  [
    'a bare CR in a value',
    get('‹X-C: a\rb'),
    'BARE_CR',
    'RFC 9112 §2.2',
    'a bare CR is invalid, or becomes SP',
  ],
  [
    'a bare CR that hides a field',
    get('‹X-C: c\rTransfer-Encoding: chunked'),
    'BARE_CR',
    'RFC 9112 §2.2',
    'a bare CR is invalid, or becomes SP',
  ],
  ['a bare CR in a name', get('‹X\rC: c'), 'BARE_CR', 'RFC 9112 §2.2', 'a bare CR is invalid, or becomes SP'],
  [
    'two CRs behind a value',
    get('‹X-C: c\r'),
    'BARE_CR',
    'RFC 9112 §2.2',
    'a bare CR is invalid, or becomes SP',
  ],
  [
    'a blank line of CR CR LF',
    'GET / HTTP/1.1\r\nHost: a\r\n‹\r\r\n',
    'BARE_CR',
    'RFC 9112 §2.2',
    'a bare CR is invalid, or becomes SP',
  ],
  [
    'LF behind a field',
    get('‹X-C: c\nX-D: d'),
    'BARE_LF',
    'RFC 9112 §2.2',
    'a single LF may end a line; here it does not',
  ],
  [
    'LF that hides a length',
    post('‹X-C: c\nContent-Length: 5'),
    'BARE_LF',
    'RFC 9112 §2.2',
    'a single LF may end a line; here it does not',
  ],
  [
    'LF for the blank line',
    'GET / HTTP/1.1\r\nHost: a\r\n‹\nGET /b HTTP/1.1\r\nHost: b\r\n\r\n',
    'BARE_LF',
    'RFC 9112 §2.2',
    'a single LF may end a line; here it does not',
  ],
]

const MUST = 'a server must answer 400'
const host = (value: string): string => `GET / HTTP/1.1\r\nX-A: a\r\n‹Host: ${value}\r\n\r\n`

export const HOSTS: readonly Refused[] = [
  ['no Host', '‹GET / HTTP/1.1\r\nX-A: a\r\n\r\n', 'NO_HOST', 'RFC 9112 §3.2', MUST],
  ['no field at all', '‹GET / HTTP/1.1\r\n\r\n', 'NO_HOST', 'RFC 9112 §3.2', MUST],
  [
    'no Host behind an empty line',
    '\r\n‹GET / HTTP/1.1\r\nX-Host: a\r\n\r\n',
    'NO_HOST',
    'RFC 9112 §3.2',
    MUST,
  ],
  [
    'no Host with a URL',
    '‹GET http://a.example/ HTTP/1.1\r\nX-A: a\r\n\r\n',
    'NO_HOST',
    'RFC 9112 §3.2',
    MUST,
  ],
  [
    'no Host, and a length',
    '‹POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde',
    'NO_HOST',
    'RFC 9112 §3.2',
    MUST,
  ],
  ['two Hosts', get('‹Host: b'), 'TWO_HOSTS', 'RFC 9112 §3.2', MUST],
  ['the same Host twice', get('‹host: a'), 'TWO_HOSTS', 'RFC 9112 §3.2', MUST],
  ['two Hosts, one of them empty', get('‹HOST:'), 'TWO_HOSTS', 'RFC 9112 §3.2', MUST],
  [
    'two Hosts in HTTP/1.0',
    'GET / HTTP/1.0\r\nHost: a\r\n‹Host: b\r\n\r\n',
    'TWO_HOSTS',
    'RFC 9112 §3.2',
    MUST,
  ],
  ['a space in Host', host('a b'), 'BAD_HOST', 'RFC 9112 §3.2', MUST],
  ['a path in Host', host('a.example/b'), 'BAD_HOST', 'RFC 9112 §3.2', MUST],
  ['a user in Host', host('me@a.example'), 'BAD_HOST', 'RFC 9112 §3.2', MUST],
  ['a URL in Host', host('http://a.example'), 'BAD_HOST', 'RFC 9112 §3.2', MUST],
  ['a query in Host', host('a.example?b'), 'BAD_HOST', 'RFC 9112 §3.2', MUST],
  ['a port of letters', host('a.example:80x'), 'BAD_HOST', 'RFC 9112 §3.2', MUST],
  ['two ports', host('a.example:80:81'), 'BAD_HOST', 'RFC 9112 §3.2', MUST],
  ['an open bracket', host('[::1'), 'BAD_HOST', 'RFC 9112 §3.2', MUST],
  ['a byte above ASCII', host('caf\xe9.example'), 'BAD_HOST', 'RFC 9112 §3.2', MUST],
  ['a bad Host in HTTP/1.0', 'GET / HTTP/1.0\r\n‹Host: a b\r\n\r\n', 'BAD_HOST', 'RFC 9112 §3.2', MUST],
]
