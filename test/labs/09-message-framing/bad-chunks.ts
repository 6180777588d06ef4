import { chunked, type Refused } from './rows.ts'

/** Chunked bodies of requests that are refused. */

const CRLF = '\r\n'
const HEX = 'chunk-size is 1*HEXDIG'
const size = (what: string, text: string): Refused => [
  what,
  chunked(`‹${text}\r\nabcde\r\n0\r\n\r\n`),
  'BAD_CHUNK_SIZE',
  'RFC 9112 §7.1',
  HEX,
]
const END = 'CRLF stands behind chunk-data'
const end = (what: string, body: string): Refused => [
  what,
  chunked(body),
  'BAD_CHUNK_END',
  'RFC 9112 §7.1',
  END,
]
const LINES = 'chunks have lines, and their ends are CRLF'

export const CHUNKS: readonly Refused[] = [
  size('a sign', '+5'),
  size('a minus', '-5'),
  size('minus zero', '-0'),
  size('0x before it', '0x5'),
  size('no size', ''),
  size('a word', 'five'),
  size('a letter behind it', '5g'),
  size('a space before it', ' 5'),
  size('a space behind it', '5 '),
  size('a tab behind it', '5\t'),
  size('a space inside', '0 5'),
  size('an underscore', '0_5'),
  size('a point', '5.0'),
  size('an extension without a size', ';a=b'),
  size('an extension without a semicolon', '5 a=b'),
  size('a comma', '5,a=b'),
  size('NUL behind it', '5\x00'),
  size('NUL in an extension', '5;a=\x00'),
  size('DEL in an extension', '5;a=\x7f'),
  size('seventeen digits', '00000000000000005'),
  [
    'a size that is no number behind another chunk',
    chunked('5\r\nabcde\r\n‹x\r\n'),
    'BAD_CHUNK_SIZE',
    'RFC 9112 §7.1',
    HEX,
  ],
  [
    'a last chunk of minus zero',
    chunked('5\r\nabcde\r\n‹-0\r\n\r\n'),
    'BAD_CHUNK_SIZE',
    'RFC 9112 §7.1',
    HEX,
  ],
  end('a chunk longer than its size', '3\r\nabc‹de\r\n0\r\n\r\n'),
  end('a chunk shorter than its size', '5\r\nabc\r\n‹0\r\n\r\n'),
  end('no CRLF behind a chunk', '5\r\nabcde‹0\r\n\r\n'),
  end('LF behind a chunk', '5\r\nabcde‹\n0\r\n\r\n'),
  end('CR behind a chunk', '5\r\nabcde‹\r0\r\n\r\n'),
  end('a space behind a chunk', '5\r\nabcde‹ \r\n0\r\n\r\n'),
  end('two CRs behind a chunk', '5\r\nabcde‹\r\r\n0\r\n\r\n'),
  ['LF behind a size', chunked('‹5\nabcde\r\n0\r\n\r\n'), 'BARE_LF', 'RFC 9112 §2.2', LINES],
  ['TERM.EXT: LF in an extension', chunked('‹5;\nabcde\r\n0\r\n\r\n'), 'BARE_LF', 'RFC 9112 §7.1.1', LINES],
  ['a bare CR in an extension', chunked('‹5;a\rb\r\nabcde\r\n0\r\n\r\n'), 'BARE_CR', 'RFC 9112 §2.2', LINES],
  ['a bare CR behind a size', chunked('‹5\r\r\nabcde\r\n0\r\n\r\n'), 'BARE_CR', 'RFC 9112 §2.2', LINES],
  ['LF behind the last chunk', chunked('5\r\nabcde\r\n‹0\n\r\n'), 'BARE_LF', 'RFC 9112 §2.2', LINES],
  ['LF for the blank line', chunked(`0\r\n‹\n${CRLF}`), 'BARE_LF', 'RFC 9112 §2.2', LINES],
  [
    'a trailer without a colon',
    chunked('0\r\n‹X-C\r\n\r\n'),
    'BAD_FIELD_LINE',
    'RFC 9112 §7.1.2',
    'trailers are field lines',
  ],
  [
    'a request for a trailer',
    chunked('0\r\n‹GET /b HTTP/1.1\r\n\r\n'),
    'BAD_FIELD_LINE',
    'RFC 9112 §7.1.2',
    'trailers are field lines',
  ],
  [
    'a space before the colon of a trailer',
    chunked('0\r\n‹X-C : c\r\n\r\n'),
    'SPACE_BEFORE_COLON',
    'RFC 9112 §5.1',
    'trailers are field lines',
  ],
  [
    'a folded trailer',
    chunked('0\r\nX-C: c\r\n‹ d\r\n\r\n'),
    'FOLDED_LINE',
    'RFC 9112 §5.2',
    'trailers are field lines',
  ],
  [
    'a space before the first trailer',
    chunked('0\r\n‹ X-C: c\r\n\r\n'),
    'BAD_FIELD_LINE|FOLDED_LINE',
    'RFC 9112 §5.2',
    'trailers are field lines',
  ],
  [
    'NUL in a trailer',
    chunked('0\r\nX-C: c\r\n‹X-D: \x00\r\n\r\n'),
    'BAD_FIELD_VALUE',
    'RFC 9110 §5.5',
    'trailers are field lines',
  ],
]
