import type { Check } from '../../../workbook/grading/check.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { ADDRESSES } from './addresses.ts'
import { messageOf, typeOf, type Data, type Pointers, type Sections, type Written } from './wire-format.ts'

/** Messages that `decodeMessage` takes, and what it makes of them. */

export function decode(c: Check, bytes: Uint8Array) {
  return c.learner.call<Decoded>('decodeMessage', bytes)
}

/** What it gives, with bytes as text: who gives an Uint8Array has given the right thing. */
export function plain(message: unknown): unknown {
  const { id, flags, code, question, answers, authority } = (message ?? {}) as Decoded
  const all = { id, flags: picked(flags, FLAGS), code, question: entries(question) }
  return { ...all, answers: records(answers), authority: records(authority) }
}

/** What it has to give. */
function expected({ id, flags = 0x8180, question = [], answers = [], authority = [] }: Sections): unknown {
  const bits = [0x8000, 0x0400, 0x0200, 0x0100, 0x0080]
  return {
    id,
    flags: Object.fromEntries(FLAGS.map((name, index) => [name, (flags & (bits[index] ?? 0)) !== 0])),
    code: flags & 0x0f,
    question: question.map(({ name, type, class: of = 1 }) => ({ name: name || '.', type, class: of })),
    answers: answers.map(expectedRecord),
    authority: authority.map(expectedRecord),
  }
}

export async function expectDecoded(
  c: Check,
  sections: Sections,
  pointers: Pointers,
  what: string,
): Promise<void> {
  c.step(inWords(sections))
  const message = plain(await decode(c, messageOf(sections, pointers)))
  c.expectEqual(message, expected(sections), `the message ${what}`)
}

/** `a message: question type 1; answers CNAME, A of class 3, type 16 (30 bytes)`. */
function inWords({ question = [], answers = [], authority = [], additional = [] }: Sections): string {
  const told = [
    ['question', question.map(({ type, class: of }) => `type ${type}${inClass(of)}`)],
    ['answers', answers.map(recordInWords)],
    ['authority', authority.map(recordInWords)],
    ['additional', additional.map(recordInWords)],
  ] as const
  const there = told.filter(([, each]) => each.length > 0)
  return `a message: ${there.map(([section, each]) => `${section} ${each.join(', ')}`).join('; ') || 'a header alone'}`
}

function recordInWords({ class: of, data }: Written): string {
  const known: Readonly<Record<number, string>> = { 1: 'A', 5: 'CNAME', 6: 'SOA', 28: 'AAAA' }
  const type = typeOf(data)
  const bytes =
    'bytes' in data ? ` (${data.bytes.length <= 8 ? hex(data.bytes) : `${data.bytes.length} bytes`})` : ''
  return `${known[type] ?? `type ${type}`}${bytes}${inClass(of)}`
}

function inClass(of = 1): string {
  return of === 1 ? '' : ` of class ${of}`
}

function hex(bytes: Buffer): string {
  return bytes.length === 0 ? 'no data' : bytes.toString('hex').replaceAll(/..(?=.)/g, '$& ')
}

/** A message with a few records of each kind; its names share their tails. */
export function drawSections(random: Random): Sections {
  const zone = `${random.word()}.${random.word()}`
  const names = [zone, `www.${zone}`, `${random.word()}.www.${zone}`, `${random.word()}.${random.word()}`]
  const name = (): string => random.pick(names)
  const record = (): Written => ({
    name: name(),
    ttl: random.integer(0, 0xffff_ffff),
    data: drawData(random, name),
  })
  const some = (): Written[] => Array.from({ length: random.integer(0, 4) }, record)
  return {
    id: random.integer(0, 0xffff),
    flags: random.integer(0, 0xffff),
    question: Array.from({ length: random.integer(0, 2) }, () => ({
      name: name(),
      type: random.pick([1, 5, 15, 28, 255]),
    })),
    answers: some(),
    authority: some(),
    additional: some(),
  }
}

// --- internal ---

interface Decoded {
  readonly id: unknown
  readonly flags: unknown
  readonly code: unknown
  readonly question: unknown
  readonly answers: unknown
  readonly authority: unknown
}

const FLAGS = ['response', 'authoritative', 'truncated', 'recursionDesired', 'recursionAvailable'] as const
const SOA = ['primary', 'mailbox', 'serial', 'refresh', 'retry', 'expire', 'minimum'] as const

function drawData(random: Random, name: () => string): Data {
  const number = (): number => random.integer(0, 0xffff_ffff)
  return random.pick<() => Data>([
    () => ({ a: [...random.bytes(4)].join('.') }),
    () => ({ aaaa: random.pick(ADDRESSES)[0] }),
    () => ({ cname: name() }),
    () => ({ soa: [name(), name(), number(), number(), number(), number(), number()] }),
    () => ({ type: random.pick([15, 16, 33, 65, 257]), bytes: random.bytes(random.integer(0, 20)) }),
  ])()
}

function expectedRecord({ name, ttl, class: of = 1, data }: Written): unknown {
  return { name: name || '.', type: typeOf(data), class: of, ttl, data: expectedData(data, of) }
}

function expectedData(data: Data, of: number): unknown {
  if (of !== 1)
    return messageOf({ id: 0, answers: [{ name: '', ttl: 0, data }] }, 'none')
      .subarray(23)
      .toString('hex')
  if ('a' in data) return data.a
  if ('aaaa' in data) return ADDRESSES.find(([groups]) => groups === data.aaaa)?.[1]
  if ('cname' in data) return data.cname || '.'
  if ('soa' in data)
    return Object.fromEntries(SOA.map((name, index) => [name, data.soa[index] || (index < 2 ? '.' : 0)]))
  return 'bytes' in data ? data.bytes.toString('hex') : data.text
}

function entries(list: unknown): unknown {
  return Array.isArray(list) ? list.map((each) => picked(each, ['name', 'type', 'class'])) : list
}

function records(list: unknown): unknown {
  return Array.isArray(list)
    ? list.map((each: Record<string, unknown> | null) => ({
        ...(picked(each, ['name', 'type', 'class', 'ttl']) as object),
        data: plainData(each?.['data']),
      }))
    : list
}

function plainData(data: unknown): unknown {
  if (data instanceof Uint8Array) return Buffer.from(data).toString('hex')
  return typeof data === 'object' ? picked(data, SOA) : data
}

function picked(value: unknown, names: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  const from = value as Record<string, unknown>
  return Object.fromEntries(names.map((name) => [name, from[name]]))
}
