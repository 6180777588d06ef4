import type { Check } from '../../../workbook/grading/check.ts'
import { nameBytes, wordBytes } from './wire-format.ts'

/** Names, and the queries for them. */

export async function expectQuery(c: Check, id: number, name: string, type: 'A' | 'AAAA'): Promise<void> {
  const bytes: unknown = await c.learner.call('encodeQuery', id, name, type)
  const what = `the query for ${name.slice(0, 40)} ${type} with the id ${id}`
  if (!(bytes instanceof Uint8Array)) c.fail(`${what}: bytes`, String(bytes))
  c.expectBytes(bytes, queryBytes(id, name, type), what)
}

function queryBytes(id: number, name: string, type: 'A' | 'AAAA'): Buffer {
  return Buffer.concat([
    wordBytes(id, 0x0100, 1, 0, 0, 0),
    nameBytes(name),
    wordBytes(type === 'A' ? 1 : 28, 1),
  ])
}

const label = (length: number): string => 'x'.repeat(length)

/** What just fits. */
export const GOOD_NAMES: readonly string[] = [
  'a',
  'a.b.c.d.e.f.g',
  'prices.lan.',
  'WWW.Example.ORG',
  '_http._tcp.example.org',
  '1.2.0.192.in-addr.arpa',
  '!~.example',
  `${label(63)}.example`,
  // 3 × 64 + 62 + 1 = 255 bytes.
  [label(63), label(63), label(63), label(61)].join('.'),
  `${[label(63), label(63), label(63), label(61)].join('.')}.`,
  Array.from({ length: 127 }, () => 'a').join('.'),
]

export const BAD_NAMES: ReadonlyArray<readonly [name: string, why: string]> = [
  ['', 'no label'],
  ['.', 'no label'],
  ['..', 'an empty label'],
  ['.a', 'an empty label in front'],
  ['a..b', 'an empty label inside'],
  ['a.b..', 'an empty label at the end'],
  [`${label(64)}.example`, 'a label of 64 bytes'],
  [`a.${label(64)}`, 'a last label of 64 bytes'],
  [`a.${label(200)}.b`, 'a label of 200 bytes'],
  [[label(63), label(63), label(63), label(62)].join('.'), 'a name of 256 bytes'],
  [`${[label(63), label(63), label(63), label(62)].join('.')}.`, 'a name of 256 bytes and a dot'],
  [Array.from({ length: 128 }, () => 'a').join('.'), 'a name of 257 bytes'],
  ['bücher.example', 'a letter outside of ASCII'],
  ['a b.example', 'a space'],
  ['a.example\n', 'a line break'],
  ['a\u007f.example', 'DEL'],
  ['\u0000.example', 'NUL'],
]

export async function expectBadName(c: Check, name: string, why: string): Promise<void> {
  const error = await c.learner.call('encodeQuery', 1, name, 'A').rejects()
  c.expectEqual(
    error.code,
    'EBADNAME',
    `the \`code\` of the error for ${JSON.stringify(name.slice(0, 40))}, ${why}`,
  )
}

export async function expectGoodName(c: Check, name: string): Promise<void> {
  await expectQuery(c, c.random.integer(0, 0xffff), name, c.random.pick(['A', 'AAAA'] as const))
}
