import type { Random } from '../../../workbook/grading/random.ts'
import { ADDRESSES } from './addresses.ts'
import type { Rec, Reply, Type } from './model.ts'
import type { Came } from './servers.ts'
import type { Fault, Style } from './steps.ts'
import {
  ANSWER,
  messageOf,
  TRUNCATED,
  type Data,
  type Pointers,
  type Sections,
  type Written,
} from './wire-format.ts'

/** The bytes of answers, and of what only looks like one. */

/** What the short names and numbers of a conversation stand for. */
export interface Words {
  name(short: string): string
  address(number: number, type: Type): string
}

export function wordsOf(random: Random): Words {
  const zone = `${random.word()}.${random.word()}`
  const base = random.integer(1, 100)
  return {
    name: (short) => `${short}.${zone}`,
    address: (number, type) =>
      type === 'A'
        ? `192.0.2.${(base + number) % 256}`
        : (ADDRESSES[(base + number) % ADDRESSES.length]?.[1] ?? ''),
  }
}

export function bytesOf(
  random: Random,
  words: Words,
  query: Came,
  reply: Reply,
  style: Style,
  fault?: Fault,
): Buffer {
  const sections = forge(random, words, sectionsOf(words, query, reply, style), fault)
  const pointers = random.pick(['none', 'names', 'tails'] as const)
  const bytes = filled(random, sections, pointers, style.size)
  if (fault === 'no bytes') return Buffer.alloc(0)
  if (fault === 'a single byte') return bytes.subarray(0, 1)
  if (reply !== 'nonsense') return bytes
  // A record less than the header says; or a pointer to itself as the name of the first one.
  if (random.integer(0, 1) === 0) return bytes.subarray(0, random.integer(bytes.length - 8, bytes.length - 1))
  const question = messageOf({ ...sections, answers: [], authority: [] })
  const loop = Buffer.from([
    0xc0 | (question.length >> 8),
    question.length & 0xff,
    0,
    1,
    0,
    1,
    0,
    0,
    0,
    60,
    0,
    4,
    192,
    0,
    2,
    1,
  ])
  question.writeUInt16BE(1, 6)
  return Buffer.concat([question, loop])
}

// --- internal ---

/** In two records of a type that nobody is asked to know, so that only the message is as long as that. */
function filled(random: Random, sections: Sections, pointers: Pointers, size: number | undefined): Buffer {
  const bytes = messageOf(sections, pointers)
  if (size === undefined) return bytes
  const left = size - bytes.length - 2 * EMPTY_RECORD
  const additional = [left >> 1, (left + 1) >> 1].map((length) => ({
    name: '',
    ttl: 0,
    data: { type: 16, bytes: random.bytes(length) },
  }))
  return messageOf({ ...sections, additional }, pointers)
}

/** That of the root: name, type, class, TTL and length. */
const EMPTY_RECORD = 11

function sectionsOf(words: Words, query: Came, reply: Reply, { upper }: Style): Sections {
  const said = typeof reply === 'string' ? { records: [{ of: '', ttl: 60, address: 99 }] } : reply
  const name = (short: string): string => {
    const full = short === '' ? query.name : words.name(short)
    return upper ? full.toUpperCase() : full
  }
  const { code = 0, records = [], soa, tc }: Partial<Exclude<Reply, string>> = said
  const others = { A: 'AAAA', AAAA: 'A' } as const
  const data = ({ alias, address = 0, other }: Rec): Data =>
    alias === undefined
      ? addressData(words, address, other ? others[query.type] : query.type)
      : { cname: name(alias) }
  const zone = query.name.split('.').slice(-2).join('.')
  const authority: Written[] = soa
    ? [
        { name: zone, ttl: 7, data: { type: 2, text: `ns.${zone}` } },
        {
          name: zone,
          ttl: soa[0],
          data: { soa: [`ns.${zone}`, `root.${zone}`, 1, 7_200, 900, 86_400, soa[1]] },
        },
      ]
    : []
  return {
    id: query.id,
    flags: ANSWER | code | (tc ? TRUNCATED : 0),
    question: [
      { name: upper ? query.written.toUpperCase() : query.written, type: query.type === 'A' ? 1 : 28 },
    ],
    answers: records.map((record) => ({ name: name(record.of), ttl: record.ttl, data: data(record) })),
    authority,
  }
}

function addressData(words: Words, number: number, type: Type): Data {
  const text = words.address(number, type)
  const [groups] = ADDRESSES.find((each) => each[1] === text) ?? [[]]
  return type === 'A' ? { a: text } : { aaaa: groups }
}

/** All but one thing is as it should be. */
function forge(random: Random, words: Words, sections: Sections, fault: Fault | undefined): Sections {
  const { id, flags = 0, question = [] } = sections
  const [asked = { name: '', type: 1 }] = question
  switch (fault) {
    case 'another id':
      return { ...sections, id: id ^ (1 << random.integer(0, 15)) }
    case 'another name':
      return { ...sections, question: [{ ...asked, name: words.name('other') }] }
    case 'a longer name':
      return {
        ...sections,
        question: [
          { ...asked, name: random.pick([`${asked.name}.example`, `x${asked.name}`, `x.${asked.name}`]) },
        ],
      }
    case 'another type':
      return { ...sections, question: [{ ...asked, type: asked.type === 1 ? 28 : 1 }] }
    case 'another class':
      return { ...sections, question: [{ ...asked, class: 3 }] }
    case 'no question':
      return { ...sections, question: [] }
    case 'two questions':
      return { ...sections, question: [asked, { ...asked, name: words.name('other') }] }
    case 'a query':
      return { ...sections, flags: flags & 0x7fff }
    default:
      return sections
  }
}
