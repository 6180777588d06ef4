import { expect, test } from 'vitest'
import { escapeBytes, explainDifference, firstDifference } from '../../workbook/wire/bytes.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')

test.each([
  ['GET / HTTP/1.1', 'GET / HTTP/1.1'],
  ['a\r\n\tb', String.raw`a\r\n\tb`],
  ['\x00\x1b\x7f', String.raw`\x00\x1b\x7f`],
  ['\x80\xff', String.raw`\x80\xff`],
  [String.raw`a\r`, String.raw`a\\r`],
  ['', ''],
])('%j reads as %s', (text, escaped) => {
  expect(escapeBytes(bytes(text))).toBe(escaped)
})

test('UTF-8 text is not decoded: a character is its bytes', () => {
  expect(escapeBytes(Buffer.from('é'))).toBe(String.raw`\xc3\xa9`)
})

test.each([
  ['abcdef', 6, 'abcdef'],
  ['abcdef', 5, 'abcd…'],
  ['abcd\r\n', 8, String.raw`abcd\r\n`],
  ['abcd\r\n', 7, String.raw`abcd\r…`],
  ['abcd\r\n', 6, 'abcd…'],
  ['abcd\xff', 7, 'abcd…'],
  ['abc', 0, '…'],
])('%j cut to %i columns never parts an escape', (text, limit, escaped) => {
  expect(escapeBytes(bytes(text), limit)).toBe(escaped)
})

test.each([
  ['abc', 'abc', -1],
  ['', '', -1],
  ['abc', 'abd', 2],
  ['abc', 'ab', 2],
  ['', 'ab', 0],
])('%j against %j first differs at %i', (actual, expected, at) => {
  expect(firstDifference(bytes(actual), bytes(expected))).toBe(at)
})

const explain = (actual: string, expected: string): string =>
  `\n${explainDifference(bytes(actual), bytes(expected)).join('\n')}\n`

test('equal bytes need no explanation', () => {
  expect(explainDifference(bytes('a\r\n'), bytes('a\r\n'))).toEqual([])
})

test('the caret stands under the first differing byte, in escaped columns', () => {
  expect(explain('a\r\nhellO', 'a\r\nhello')).toBe(String.raw`
expected  "a\r\nhello"
saw       "a\r\nhellO"
                    ^
the first difference is byte 8 of 8
`)
})

test('bytes that came too few are counted', () => {
  expect(explain('GET / HTTP/1', 'GET / HTTP/1.1\r')).toBe(String.raw`
expected  "GET / HTTP/1.1\r"
saw       "GET / HTTP/1"
                       ^
ends after byte 12; 3 more were expected
`)
})

test('bytes that came too many are counted', () => {
  expect(explain('hello\r\n', 'hello')).toBe(String.raw`
expected  "hello"
saw       "hello\r\n"
                ^
goes on after byte 5, where the end was expected; 2 too many
`)
})

test('another length is said beside another byte', () => {
  expect(explain('b', 'abc')).toBe(`
expected  "abc"
saw       "b"
           ^
the first difference is byte 1 of 3; 1 came
`)
})

test.each([
  ['', 'a', 'no byte came; 1 was expected'],
  ['', 'abc', 'no byte came; 3 were expected'],
  ['abc', '', 'no byte was expected; 3 came'],
  ['ab', 'abc', 'ends after byte 2; 1 more was expected'],
])('%j where %j was expected: %s', (actual, expected, place) => {
  expect(explainDifference(bytes(actual), bytes(expected)).at(-1)).toBe(place)
})

test('long bytes are shown around the difference, the cuts marked', () => {
  const start = '0123456789'.repeat(10)
  expect(explain(`${start}\x00${start}`, `${start}\xff${start}`)).toBe(String.raw`
expected  "…456789012345678901234567890123456789\xff0123456789012345678…"
saw       "…456789012345678901234567890123456789\x000123456789012345678…"
                                                ^
the first difference is byte 101 of 201
`)
})

test('every line fits into 74 columns, wherever the difference stands', () => {
  const body = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
  for (let at = 0; at < body.length; at++) {
    const other = Buffer.from(body)
    other[at] = (at + 128) % 256
    const [expected = '', saw = '', caret = ''] = explainDifference(other, body)
    expect(Math.max(expected.length, saw.length, caret.length)).toBeLessThanOrEqual(74)
    // What stands above the caret is the differing byte itself.
    const differing = escapeBytes(other.subarray(at, at + 1))
    expect(saw.slice(caret.length - 1).startsWith(differing)).toBe(true)
  }
})
