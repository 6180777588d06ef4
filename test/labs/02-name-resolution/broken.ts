import type { Check } from '../../../workbook/grading/check.ts'
import { decode, drawSections } from './messages.ts'
import { longBytes, messageOf, nameBytes, wordBytes, type Data } from './wire-format.ts'

/** Bytes that are no message. */

const header = (...counts: readonly number[]): Buffer => wordBytes(7, 0x8180, ...counts)
const pointer = (at: number): Buffer => wordBytes(0xc000 | at)
const A_IN = wordBytes(1, 1)

const question = (...name: readonly Uint8Array[]): Buffer =>
  Buffer.concat([header(1, 0, 0, 0), ...name, A_IN])
const record = (type: number, data: Uint8Array, length = data.length, of = 1): Buffer =>
  Buffer.concat([
    header(0, 1, 0, 0),
    nameBytes('a'),
    wordBytes(type, of),
    longBytes(60),
    wordBytes(length),
    data,
  ])

/** Names of 63 bytes a label: four of them and their zero are 257 bytes. */
const long = Buffer.from([63, ...Buffer.alloc(63, 'x')])
const soa = Buffer.concat([nameBytes('a.b'), nameBytes('c.d'), longBytes(1, 2, 3, 4, 5)])
const two = (first: Uint8Array, second: Uint8Array): Buffer =>
  Buffer.concat([header(2, 0, 0, 0), first, A_IN, second, A_IN])

export const BROKEN: ReadonlyArray<readonly [what: string, bytes: Buffer]> = [
  ['no bytes', Buffer.alloc(0)],
  ['half a header', header(0, 0, 0, 0).subarray(0, 6)],
  ['more questions than there are', header(1, 0, 0, 0)],
  ['more answers than there are', Buffer.concat([header(1, 1, 0, 0), nameBytes('a.b'), A_IN])],
  ['65535 answers and none there', header(0, 0xffff, 0, 0)],
  ['a record in the additional section that is not there', header(0, 0, 0, 1)],
  ['a pointer to itself', question(pointer(12))],
  ['a pointer to itself behind a label', question(Buffer.from('\x01a'), pointer(14))],
  ['a pointer to the start of the label in front of it', question(Buffer.from('\x01a'), pointer(12))],
  ['a pointer forward', question(pointer(18))],
  // Within its three bytes the label holds a name of its own.
  ['a pointer into the label in front of it', question(Buffer.from('\x03\x01a\0'), pointer(13))],
  ['a pointer forward, to a name', two(pointer(18), nameBytes('a.b'))],
  ['a pointer behind the end', question(pointer(0x3fff))],
  ['two pointers in a circle', two(pointer(18), pointer(12))],
  [
    'three labels and pointers in a circle',
    two(
      Buffer.concat([Buffer.from('\x01a\x01b'), pointer(22)]),
      Buffer.concat([Buffer.from('\x01c'), pointer(12)]),
    ),
  ],
  ['half a pointer', Buffer.concat([header(1, 0, 0, 0), Buffer.from([0xc0])])],
  ['a length that begins with 01', question(Buffer.from([0x41, ...Buffer.alloc(0x41, 'x'), 0]))],
  ['a length that begins with 10', question(Buffer.from([0x81, ...Buffer.alloc(0x81, 'x'), 0]))],
  ['a label behind the end', question(Buffer.from('\x3fa'))],
  ['a name of 257 bytes', question(long, long, long, long, Buffer.alloc(1))],
  [
    'a name of 256 bytes',
    question(long, long, long, Buffer.from([62, ...Buffer.alloc(62, 'x')]), Buffer.alloc(1)),
  ],
  [
    'a name of 257 bytes by pointers',
    two(Buffer.concat([long, long, Buffer.alloc(1)]), Buffer.concat([long, long, pointer(12)])),
  ],
  ['an address of 3 bytes', record(1, Buffer.alloc(3))],
  ['an address of 5 bytes', record(1, Buffer.alloc(5))],
  ['an address of no bytes', record(1, Buffer.alloc(0))],
  ['an IPv6 address of 4 bytes', record(28, Buffer.alloc(4))],
  ['an IPv6 address of 17 bytes', record(28, Buffer.alloc(17))],
  ['a CNAME with a byte behind it', record(5, Buffer.concat([nameBytes('a.b'), Buffer.alloc(1)]))],
  ['a CNAME longer than its data', record(5, nameBytes('a.b'), 3)],
  ['a CNAME of no bytes', record(5, Buffer.alloc(0))],
  ['a SOA without its last number', record(6, soa.subarray(0, -4))],
  ['a SOA with a number too many', record(6, Buffer.concat([soa, longBytes(6)]))],
  ['a SOA of one name', record(6, nameBytes('a.b'))],
  ['bytes behind the end', record(16, Buffer.alloc(4), 5)],
  ['bytes of another class behind the end', record(1, Buffer.alloc(4), 400, 3)],
]

export async function expectBroken(c: Check, what: string, bytes: Buffer): Promise<void> {
  const error = await decode(c, bytes).rejects()
  c.expectEqual(error.code, 'EBADRESP', `the \`code\` of the error for a message with ${what}`)
}

/** Whatever is left when bytes are missing at the end. */
export async function expectEveryCut(c: Check): Promise<void> {
  const kinds: readonly Data[] = [
    { soa: ['ns.lan', 'root.lan', 1, 2, 3, 4, 5] },
    { aaaa: [1, 2, 3, 4, 5, 6, 7, 8] },
    { type: 16, bytes: Buffer.from('text') },
    { a: '192.0.2.1' },
    { cname: 'www.lan' },
  ]
  const [first, ...others] = kinds.map((data) => ({ name: 'prices.lan', ttl: 60, data }))
  const sections = { ...drawSections(c.random), question: [{ name: 'prices.lan', type: 1 }] }
  const whole = messageOf({
    ...sections,
    answers: others.slice(0, 2),
    authority: first ? [first] : [],
    additional: others.slice(2),
  })
  for (let length = 0; length < whole.length; length++)
    await expectBroken(c, `${length} of its ${whole.length} bytes`, whole.subarray(0, length))
}
