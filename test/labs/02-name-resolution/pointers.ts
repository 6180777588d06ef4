import type { Check } from '../../../workbook/grading/check.ts'
import { decode, expectDecoded, plain } from './messages.ts'
import { longBytes, messageOf, nameBytes, wordBytes, type Sections } from './wire-format.ts'

/** Messages whose names stand where they were written before. */

const soa = (zone: string, mailbox: string) => ({ soa: [`ns.${zone}`, mailbox, 1, 2, 3, 4, 5] }) as const

export const POINTED: readonly Sections[] = [
  {
    id: 1,
    question: [
      { name: 'a.b', type: 1 },
      { name: 'a.b', type: 28 },
      { name: 'c.a.b', type: 1 },
    ],
  },
  {
    id: 2,
    question: [{ name: 'www.lan', type: 1 }],
    answers: [{ name: 'www.lan', ttl: 1, data: { a: '192.0.2.1' } }],
  },
  {
    id: 3,
    question: [{ name: 'www.shop.lan', type: 1 }],
    answers: [
      { name: 'www.shop.lan', ttl: 1, data: { cname: 'shop.lan' } },
      { name: 'shop.lan', ttl: 2, data: { cname: 'cdn.shop.lan' } },
      { name: 'cdn.shop.lan', ttl: 3, data: { a: '192.0.2.7' } },
    ],
  },
  {
    id: 4,
    question: [{ name: 'none.lan', type: 28 }],
    authority: [{ name: 'lan', ttl: 60, data: soa('lan', 'root.ns.lan') }],
    additional: [{ name: 'ns.lan', ttl: 60, data: { a: '192.0.2.53' } }],
  },
  {
    id: 5,
    question: [{ name: 'lan', type: 1 }],
    authority: [{ name: 'lan', ttl: 60, data: soa('lan', 'lan') }],
  },
]

/** The names behind a long record: 300 bytes, and nearly all that 14 bits can name. */
export async function expectFar(c: Check): Promise<void> {
  for (const length of [200, 300, 0x0fff, 0x1fff, 0x3f80]) {
    const filler = { name: 'x', ttl: 1, data: { type: 16, bytes: c.random.bytes(length) } }
    const [name, other] = [`${c.random.word()}.lan`, c.random.word()]
    const answers = [
      filler,
      { name, ttl: 2, data: { a: '192.0.2.1' } },
      { name: `${other}.${name}`, ttl: 3, data: { cname: name } },
    ]
    await expectDecoded(c, { id: 9, answers }, 'tails', `whose names stand behind ${length} bytes`)
  }
}

/** Each name is a label and a pointer to the name in front of it. */
export async function expectDeep(c: Check): Promise<void> {
  const names = Array.from({ length: 126 }, (_, index) =>
    Array.from({ length: index + 1 }, () => 'a').join('.'),
  )
  const question = names.map((name) => ({ name, type: 1 }))
  await expectDecoded(c, { id: 10, question }, 'tails', 'with 126 names, each behind a label')
  // A pointer to a pointer to a pointer, in records one behind the other.
  const chain = Buffer.concat(
    Array.from({ length: 40 }, (_, index) =>
      Buffer.concat([
        wordBytes(0xc000 | (index === 0 ? 12 : placeOf(index - 1)), 1, 1),
        longBytes(7),
        wordBytes(4),
        Buffer.of(192, 0, 2, index),
      ]),
    ),
  )
  const start = messageOf({ id: 11, question: [{ name: 'end.of.all', type: 1 }] })
  start.writeUInt16BE(40, 6)
  const message = plain(await decode(c, Buffer.concat([start, chain]))) as { answers: unknown }
  const record = (index: number) => ({
    name: 'end.of.all',
    type: 1,
    class: 1,
    ttl: 7,
    data: `192.0.2.${index}`,
  })
  c.expectEqual(
    message.answers,
    Array.from({ length: 40 }, (_, index) => record(index)),
    'the answers of a message with pointers to pointers',
  )
}

// --- internal ---

/** Where the name of this record stands, behind a question of one name; each record has 16 bytes. */
function placeOf(index: number): number {
  return 12 + nameBytes('end.of.all').length + 4 + 16 * index
}
