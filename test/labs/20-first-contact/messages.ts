import type { Call, Check } from '../../../workbook/grading/check.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { ACK, OFFER } from './recorded.ts'
import {
  address,
  COOKIE,
  END,
  hardware,
  messageOf,
  optionBytes,
  optionsIn,
  seconds,
  type Fields,
  type Option,
} from './wire-format.ts'

/** Messages that are encoded and decoded, whole and broken. */

export type Plain = Omit<Fields, 'htype' | 'hlen' | 'flags' | 'sname' | 'file' | 'tail'> & {
  readonly broadcast: boolean
  readonly options: Readonly<Record<number, Uint8Array>>
}

/** Any message that a program could be asked for. */
export function drawMessage(random: Random, options: Readonly<Record<number, Uint8Array>>): Required<Plain> {
  const place = (): string => random.pick(['0.0.0.0', [...random.bytes(4)].join('.'), '255.255.255.255'])
  return {
    op: random.pick([1, 2]),
    xid: random.bytes(4).readUInt32BE(),
    secs: random.pick([0, 1, 0xff00, random.integer(0, 0xffff)]),
    broadcast: random.pick([true, false]),
    ciaddr: place(),
    yiaddr: place(),
    siaddr: place(),
    giaddr: place(),
    chaddr: hardware(random.bytes(6)),
    options,
  }
}

export async function expectFields(c: Check, message: Plain): Promise<void> {
  const bytes = await encode(c, message)
  const { broadcast, options: _, ...fields } = message
  const wanted = messageOf({ ...fields, flags: broadcast ? 0x8000 : 0, tail: Buffer.alloc(0) })
  c.expectBytes(bytes.subarray(0, wanted.length), wanted, 'a message up to its cookie')
}

/** Whatever their order, and nothing else. */
export async function expectOptions(c: Check, options: Readonly<Record<number, Uint8Array>>): Promise<void> {
  const bytes = await encode(c, drawMessage(c.random, options))
  const found: string[] = []
  let at = 240
  while (at < bytes.length && bytes[at] !== 255) {
    const length = bytes[at + 1] ?? 0
    found.push(told(bytes[at] ?? 0, bytes.subarray(at + 2, at + 2 + length)))
    at += 2 + length
  }
  const wanted = Object.entries(options).flatMap(([code, data]) => {
    const parts = Array.from({ length: Math.max(1, Math.ceil(data.length / 255)) }, (_, part) =>
      data.subarray(255 * part, 255 * (part + 1)),
    )
    return parts.map((part) => told(Number(code), part))
  })
  c.expectEqual(sorted(found), sorted(wanted), 'the options')
  const split = found.filter(
    (each, index) =>
      index > 0 &&
      codeOf(each) !== codeOf(found[index - 1]) &&
      found.slice(0, index - 1).some((other) => codeOf(other) === codeOf(each)),
  )
  c.expectEqual(split, [], 'options whose parts do not stand one behind the other')
  c.expectEqual(bytes[at], 255, 'the byte behind the options')
  const rest = bytes.subarray(at + 1)
  c.expectBytes(rest, Buffer.alloc(Math.max(0, 300 - at - 1)), 'what fills the message up')
}

/** In the parts of one code, their order counts. */
function sorted(all: readonly string[]): string[] {
  return all.toSorted((one, other) => codeOf(one) - codeOf(other))
}

function codeOf(option: string | undefined): number {
  return Number(option?.split(' ')[0])
}

function told(number: number, data: Uint8Array): string {
  return `${number} ${data.length} bytes ${Buffer.from(data).toString('hex')}`
}

export async function expectDecoded(c: Check, bytes: Buffer, wanted: Plain, what: string): Promise<void> {
  c.step(`a message ${what}, whose options are ${optionsIn(bytes)}`)
  const call = c.learner.call<Record<string, unknown>>('decodeDhcp', bytes)
  const { options, ...fields } = (await call) ?? {}
  const { options: data, ...rest } = wanted
  c.expectEqual(fields, rest, `the fields of a message ${what}`)
  c.expectEqual(hexes(options), hexes(data), `the options of a message ${what}`)
}

function hexes(options: unknown): unknown {
  if (typeof options !== 'object' || options === null) return options
  return Object.fromEntries(
    Object.entries(options).map(([name, data]) => [
      name,
      data instanceof Uint8Array ? Buffer.from(data).toString('hex') : data,
    ]),
  )
}

/** What dnsmasq has said. */
export function recorded(name: 'OFFER' | 'ACK'): { bytes: Buffer; wanted: Plain } {
  const options = {
    1: address('255.255.255.0'),
    3: address('192.168.7.1'),
    6: address('192.168.7.1'),
    28: address('192.168.7.255'),
    51: seconds(3_600),
    53: Buffer.of(name === 'OFFER' ? 2 : 5),
    54: address('192.168.7.1'),
    58: seconds(1_800),
    59: seconds(3_150),
  }
  const bytes = name === 'OFFER' ? OFFER : ACK
  const wanted = {
    op: 2,
    xid: bytes.readUInt32BE(4),
    secs: 0,
    broadcast: true,
    ciaddr: '0.0.0.0',
    yiaddr: '192.168.7.27',
    siaddr: '192.168.7.1',
    giaddr: '0.0.0.0',
    chaddr: hardware(bytes.subarray(28, 34)),
    options,
  }
  return { bytes, wanted }
}

const TYPE: Option = [53, Buffer.of(5)]

/** A message whose options stand at the end, and perhaps elsewhere. */
export async function expectPlaced(
  c: Check,
  parts: { tail: Uint8Array; sname?: Uint8Array; file?: Uint8Array },
  options: Readonly<Record<number, Uint8Array>>,
  what: string,
): Promise<void> {
  const { broadcast, options: _, ...fields } = drawMessage(c.random, {})
  const flags = (broadcast ? 0x8000 : 0) | c.random.integer(0, 0x7fff)
  await expectDecoded(c, messageOf({ ...fields, flags, ...parts }), { ...fields, broadcast, options }, what)
}

const pads = (count: number): Buffer => Buffer.alloc(count)
const join = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts)
const text = (value: string): Buffer => Buffer.from(value)

/** Rows of R3: what stands there, and what is given. */
export const TAILS: ReadonlyArray<
  readonly [what: string, tail: Buffer, options: Readonly<Record<number, Uint8Array>>]
> = [
  ['with a type alone', join(optionBytes(TYPE), END), { 53: Buffer.of(5) }],
  [
    'with zeros between',
    join(pads(3), optionBytes(TYPE), pads(2), optionBytes([1, address('255.0.0.0')]), pads(1), END, pads(9)),
    { 53: Buffer.of(5), 1: address('255.0.0.0') },
  ],
  ['without its end', optionBytes(TYPE, [12, text('pc')]), { 53: Buffer.of(5), 12: text('pc') }],
  ['without its end, and filled up', join(optionBytes(TYPE), pads(40)), { 53: Buffer.of(5) }],
  [
    'with more behind its end',
    join(optionBytes(TYPE), END, optionBytes([1, address('9.9.9.9')]), Buffer.of(7, 200, 1)),
    { 53: Buffer.of(5) },
  ],
  [
    'with options that nobody knows',
    join(optionBytes(TYPE, [224, text('a')], [254, pads(255)], [80, pads(0)]), END),
    { 53: Buffer.of(5), 224: text('a'), 254: pads(255), 80: pads(0) },
  ],
  [
    'with 0 and 255 in its data',
    join(optionBytes(TYPE, [43, Buffer.of(0, 255, 53, 1, 1)]), END),
    { 53: Buffer.of(5), 43: Buffer.of(0, 255, 53, 1, 1) },
  ],
]

/** Rows of R4. */
export const PLACES: ReadonlyArray<
  readonly [
    what: string,
    parts: { tail: Buffer; sname?: Buffer; file?: Buffer },
    options: Readonly<Record<number, Uint8Array>>,
  ]
> = [
  [
    'with an option in two parts',
    { tail: join(optionBytes(TYPE, [12, text('ab')], [15, text('x')], [12, text('cd')]), END) },
    { 53: Buffer.of(5), 12: text('abcd'), 15: text('x') },
  ],
  [
    'with an option in three parts',
    { tail: join(optionBytes([12, text('a')], TYPE, [12, pads(0)], [12, text('z')]), END) },
    { 53: Buffer.of(5), 12: text('az') },
  ],
  [
    'with options in file',
    {
      tail: join(optionBytes(TYPE, [52, Buffer.of(1)]), END),
      file: join(pads(1), optionBytes([12, text('pc')]), END, text('junk')),
      sname: text('name'),
    },
    { 53: Buffer.of(5), 12: text('pc') },
  ],
  [
    'with options in sname',
    {
      tail: join(optionBytes([52, Buffer.of(2)], TYPE), END),
      sname: join(optionBytes([15, text('lan')]), END),
      file: text('/boot/image'),
    },
    { 53: Buffer.of(5), 15: text('lan') },
  ],
  [
    'with an option in all three places',
    {
      tail: join(optionBytes([52, Buffer.of(3)], [12, text('one ')], TYPE), END),
      file: join(optionBytes([12, text('two ')]), END),
      sname: join(optionBytes([12, text('three')], [1, address('255.255.0.0')]), END),
    },
    { 53: Buffer.of(5), 12: text('one two three'), 1: address('255.255.0.0') },
  ],
  [
    'with its type in file',
    { tail: join(optionBytes([52, Buffer.of(1)]), END), file: join(optionBytes(TYPE), END) },
    { 53: Buffer.of(5) },
  ],
  [
    'with a file that is full to its end',
    {
      tail: join(optionBytes(TYPE, [52, Buffer.of(1)]), END),
      file: optionBytes([43, Buffer.alloc(126, 'f')]),
    },
    { 53: Buffer.of(5), 43: Buffer.alloc(126, 'f') },
  ],
  [
    'with names where nobody has said that there are options',
    {
      tail: join(optionBytes(TYPE), END),
      file: optionBytes([12, text('pc')]),
      sname: optionBytes([15, text('lan')]),
    },
    { 53: Buffer.of(5) },
  ],
]

const whole = { xid: 7, chaddr: '02:00:00:00:00:0a' }
const good = messageOf({ ...whole, tail: join(optionBytes(TYPE), END) })

/** Rows of R5. */
export const BROKEN: ReadonlyArray<readonly [what: string, bytes: Buffer]> = [
  ['no bytes', Buffer.alloc(0)],
  ['half a header', good.subarray(0, 100)],
  ['half a cookie', good.subarray(0, 238)],
  ['nothing behind the cookie', good.subarray(0, 240)],
  ['another cookie', join(good.subarray(0, 236), Buffer.from('63825364', 'hex'), good.subarray(240))],
  ['the cookie at the place of file', join(good.subarray(0, 108), COOKIE, good.subarray(112, 236))],
  ['an `op` of 0', messageOf({ ...whole, op: 0, tail: join(optionBytes(TYPE), END) })],
  ['an `op` of 3', messageOf({ ...whole, op: 3, tail: join(optionBytes(TYPE), END) })],
  ['an `htype` of 6', messageOf({ ...whole, htype: 6, tail: join(optionBytes(TYPE), END) })],
  ['an `hlen` of 16', messageOf({ ...whole, hlen: 16, tail: join(optionBytes(TYPE), END) })],
  ['a code alone at its end', messageOf({ ...whole, tail: join(optionBytes(TYPE), Buffer.of(12)) })],
  [
    'an option that is cut',
    messageOf({ ...whole, tail: join(optionBytes(TYPE), Buffer.of(12, 4, 1, 2, 3)) }),
  ],
  [
    'an option that leads out of file',
    messageOf({ ...whole, tail: join(optionBytes(TYPE, [52, Buffer.of(1)]), END), file: Buffer.of(12, 127) }),
  ],
  [
    'an option that leads out of sname',
    messageOf({ ...whole, tail: join(optionBytes(TYPE, [52, Buffer.of(2)]), END), sname: Buffer.of(12, 63) }),
  ],
  ['no type', messageOf({ ...whole, tail: join(optionBytes([1, address('255.0.0.0')]), END) })],
  ['a type of two bytes', messageOf({ ...whole, tail: join(optionBytes([53, Buffer.of(5, 5)]), END) })],
  ['a type of no bytes', messageOf({ ...whole, tail: join(optionBytes([53, pads(0)]), END) })],
  ['a type in two parts', messageOf({ ...whole, tail: join(optionBytes(TYPE, TYPE), END) })],
]

export async function expectBroken(c: Check, what: string, bytes: Buffer): Promise<void> {
  c.step(`no message of DHCP: ${what}`)
  const error = await c.learner.call('decodeDhcp', bytes).rejects()
  c.expectEqual(error.code, 'EBADDHCP', `the \`code\` of the error for a message with ${what}`)
}

async function encode(c: Check, message: Plain): Promise<Buffer> {
  const call: Call<unknown> = c.learner.call('encodeDhcp', message)
  const bytes = await call
  if (!Buffer.isBuffer(bytes)) c.fail('bytes', typeof bytes)
  return bytes
}
