import { expect, test } from 'vitest'
import { cutAtBodies } from '../../workbook/report/bodies.ts'

/** Where a reader of bytes is told that a body has ended. */

const parts = (text: string): Array<readonly [string, number | null]> =>
  cutAtBodies(Buffer.from(text, 'latin1')).map(({ bytes, body }) => [bytes.toString('latin1'), body])

const POST = 'POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc'
const GET = 'GET /b HTTP/1.1\r\nHost: a\r\n\r\n'
const NONE = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
const OK = 'HTTP/1.1 200 OK\r\ncontent-length:2 \r\n\r\nok'

test.each<readonly [what: string, text: string, cut: ReadonlyArray<readonly [string, number | null]>]>([
  [
    'a request behind a body',
    POST + GET,
    [
      [POST, 3],
      [GET, null],
    ],
  ],
  [
    'bodies one after the other',
    OK + OK + OK,
    [
      [OK, 2],
      [OK, 2],
      [OK, null],
    ],
  ],
  [
    'too many bytes',
    `${OK}!`,
    [
      [OK, 2],
      ['!', null],
    ],
  ],
  [
    'a body behind messages without one',
    GET + NONE + POST + GET,
    [
      [GET + NONE + POST, 3],
      [GET, null],
    ],
  ],
  ['nothing behind it', POST, [[POST, null]]],
  ['half a body', POST.slice(0, -1), [[POST.slice(0, -1), null]]],
  ['an answer to HEAD', OK.slice(0, -2) + OK, [[OK.slice(0, -2) + OK, null]]],
])('%s', (_, text, cut) => {
  expect(parts(text)).toEqual(cut)
})

test.each([
  ['two lengths', 'POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxyz'],
  ['a length that is none', 'POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\nxyz'],
  ['a coding as well', 'POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a 304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 1\r\n\r\nxyz'],
  ['no head', 'Content-Length: 1\r\n\r\nxyz'],
  ['half a head', 'POST / HTTP/1.1\r\nContent-Length: 1\r\n'],
  ['no bytes', ''],
])('%s tells no end', (_, text) => {
  expect(parts(text)).toEqual([[text, null]])
})

test('any number of messages is cut', () => {
  expect(parts(OK.repeat(20_000))).toHaveLength(20_000)
})
