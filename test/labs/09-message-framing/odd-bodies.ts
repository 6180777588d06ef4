import { chunked, post, type Taken } from './rows.ts'

/** Hosts, lengths and chunks of requests that look odd, and are whole. */

const TE = 'Transfer-Encoding'

const host = (value: string): string => `GET / HTTP/1.1\r\nHost: ${value}\r\n\r\n`
const hosts = (what: string, value: string): Taken => [
  what,
  host(value),
  { headers: [['Host', value]] },
  'RFC 9112 §3.2',
  'uri-host [":" port]',
]

export const GOOD_HOSTS: readonly Taken[] = [
  hosts('a name', 'shop.example'),
  hosts('a name and a port', 'shop.example:8080'),
  hosts('a name and an empty port', 'shop.example:'),
  hosts('an address', '192.0.2.1:80'),
  hosts('an IPv6 address', '[2001:DB8::1]:80'),
  hosts('an IPv6 address with IPv4 in it', '[::ffff:192.0.2.1]'),
  hosts('signs of a name', "a_b~c!$&'()*+,;=%41"),
  hosts('nothing', ''),
]

const five = (what: string, fields: string, says: string): Taken => [
  what,
  post(fields),
  { body: 'abcde' },
  'RFC 9112 §6.3',
  says,
]

export const GOOD_LENGTHS: readonly Taken[] = [
  five('zeros in front', 'Content-Length: 0005', '1*DIGIT'),
  five('a list of the same', 'Content-Length: 5, 5', 'the same value twice may be one; here it is'),
  five(
    'a list of three, with white space',
    'Content-Length: 5 ,5\t, 5',
    'the same value twice may be one; here it is',
  ),
  five(
    'two lines of the same',
    'Content-Length: 5\r\nX-C: c\r\ncontent-length: 5',
    'the same value twice may be one; here it is',
  ),
  five(
    'two lines, one of them a list',
    'Content-Length: 5, 5\r\nContent-Length: 5',
    'the same value twice may be one; here it is',
  ),
  five('white space around it', 'Content-Length: \t5 \t', 'OWS is no part of the value'),
  five(
    'fields that only look like lengths',
    'X-Content-Length: 9\r\nContent-Length: 5\r\nContent_Length: 9\r\nTransfer_Encoding: chunked',
    'a name is the whole name',
  ),
]

const coded = (what: string, fields: string): Taken => [
  what,
  `POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n5\r\nabcde\r\n0\r\n\r\n`,
  { body: 'abcde' },
  'RFC 9112 §7',
  'codings are a list of names in any case',
]

export const GOOD_CODINGS: readonly Taken[] = [
  coded('in any case', 'tRANSFER-eNCODING: cHUNKED'),
  coded('white space around it', `${TE}:\t chunked \t`),
  coded('no white space', `${TE}:chunked`),
  coded('an empty place behind it', `${TE}: chunked,`),
  coded('an empty place before it', `${TE}: , chunked`),
  coded('an empty line of it', `${TE}:\r\n${TE}: chunked`),
  coded('in HTTP/1.1 with TE', `TE: trailers, gzip\r\n${TE}: chunked`),
]

const sizes = (what: string, body: string, content: string): Taken => [
  what,
  chunked(body),
  { body: content, trailers: [] },
  'RFC 9112 §7.1',
  'chunk-size is 1*HEXDIG, and extensions are passed over',
]
const trailers = (what: string, lines: string, expected: ReadonlyArray<readonly [string, string]>): Taken => [
  what,
  chunked(`1\r\nx\r\n0\r\n${lines}\r\n`),
  {
    body: 'x',
    headers: [
      ['Host', 'a'],
      [TE, 'chunked'],
    ],
    trailers: expected,
  },
  'RFC 9112 §7.1.2',
  'trailer fields are kept apart from the header',
]

export const GOOD_CHUNKS: readonly Taken[] = [
  sizes('no chunk but the last', '0\r\n\r\n', ''),
  sizes(
    'small and capital digits',
    'a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n',
    '01234567890123456789a',
  ),
  sizes('two digits', '10\r\n0123456789abcdef\r\n0\r\n\r\n', '0123456789abcdef'),
  sizes('zeros in front, and a last chunk of many', '005\r\nabcde\r\n0000\r\n\r\n', 'abcde'),
  sizes('sixteen digits', '0000000000000005\r\nabcde\r\n0000000000000000\r\n\r\n', 'abcde'),
  sizes('CRLF and sizes inside a chunk', 'c\r\n0\r\n\r\nGET / H\r\n0\r\n\r\n', '0\r\n\r\nGET / H'),
  sizes('an extension', '5;a=b\r\nabcde\r\n0;c\r\n\r\n', 'abcde'),
  sizes('extensions with white space', '5 ; a = b\t;c\r\nabcde\r\n0\t;d\r\n\r\n', 'abcde'),
  sizes('an extension that looks like a size', '5;9\r\nabcde\r\n0;5\r\n\r\n', 'abcde'),
  sizes('a quoted extension', '5;a="b;c\\"\xe9"\r\nabcde\r\n0\r\n\r\n', 'abcde'),
  sizes('an extension without a name', '5;\r\nabcde\r\n0\r\n\r\n', 'abcde'),
  trailers('one trailer', 'X-C: c\r\n', [['X-C', 'c']]),
  trailers('several, in order', 'X-C:c\r\nx-c: \t d \r\nX-D:\r\n', [
    ['X-C', 'c'],
    ['x-c', 'd'],
    ['X-D', ''],
  ]),
  trailers(
    'trailers that would frame',
    'Content-Length: 99\r\nTransfer-Encoding: gzip\r\nHost: b\r\nHost: c\r\n',
    [
      ['Content-Length', '99'],
      ['Transfer-Encoding', 'gzip'],
      ['Host', 'b'],
      ['Host', 'c'],
    ],
  ),
]
