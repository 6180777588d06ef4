import type { Check } from '../../../workbook/grading/check.ts'
import { checksum, encode, withChecksum, type Flag, type Segment } from './segment.ts'

/** Segments as bytes, and bytes as segments. */

const FLAGS: readonly Flag[] = ['SYN', 'ACK', 'FIN', 'RST']
/** All sixteen combinations. */
const COMBINATIONS = Array.from({ length: 16 }, (_, bits) =>
  FLAGS.filter((_flag, at) => (bits >> at) % 2 === 1),
)
const PORTS = [1, 255, 256, 8_080, 65_535]
const NUMBERS = [0, 1, 255, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]
const WINDOWS = [0, 1, 256, 65_535]
const LENGTHS = [0, 1, 2, 3, 255, 256, 1_001, 5_000, 65_000]

/** One row for each flag combination, length and kind of number; all ones are hard to add. */
function rows(c: Check): Segment[] {
  const { random } = c
  const payloads = [
    ...LENGTHS.map((length) => random.bytes(length)),
    Buffer.alloc(64, 0xff),
    Buffer.alloc(65, 0xff),
    Buffer.alloc(40_001, 0xff),
    Buffer.alloc(30),
    Buffer.from('é€', 'utf8'),
  ]
  const drawn = Array.from({ length: 28 }, (_, index) => ({
    sourcePort: PORTS[index % PORTS.length] ?? 1,
    destinationPort: random.integer(1, 65_535),
    sequence: NUMBERS[index % NUMBERS.length] ?? 0,
    acknowledgement: NUMBERS[(index + 3) % NUMBERS.length] ?? 0,
    flags: COMBINATIONS[index % 16] ?? [],
    window: WINDOWS[index % WINDOWS.length] ?? 0,
    payload: payloads[index % payloads.length] ?? Buffer.alloc(0),
  }))
  return [...drawn, carriedTwice({ ...(drawn[3] as Segment), payload: Buffer.alloc(40_000, 0xff) })]
}

/** The last word of the payload is such that what is carried out is carried out again when it is added. */
function carriedTwice(segment: Segment): Segment {
  const payload = Buffer.from(segment.payload)
  payload.writeUInt16BE(0, payload.length - 2)
  const bytes = encode({ ...segment, payload })
  bytes.writeUInt16BE(0, 16)
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at)
  payload.writeUInt16BE(0xffff - (sum % 0x10000), payload.length - 2)
  return { ...segment, payload }
}

export async function encodes(c: Check): Promise<void> {
  const all = rows(c)
  const calls = all.map((segment) => {
    const flags = c.random.integer(0, 1) === 0 ? segment.flags : [...segment.flags].reverse()
    return c.learner.call('encodeSegment', { ...segment, flags })
  })
  for (const [index, call] of calls.entries()) await expectEncoded(c, await call, all[index] as Segment)
}

/** The segment of the page. */
export async function thePagesOne(c: Check): Promise<void> {
  const payload = Buffer.from('hello')
  const segment: Segment = {
    sourcePort: 50_000,
    destinationPort: 8_080,
    sequence: 1_000,
    acknowledgement: 2_000,
    flags: ['ACK'],
    window: 4_096,
    payload,
  }
  await expectEncoded(c, await c.learner.call('encodeSegment', segment), segment)
  await expectDecoded(c, await c.learner.call('decodeSegment', encode(segment)), segment, 'R2')
}

export async function decodes(c: Check): Promise<void> {
  const all = rows(c)
  const calls = all.map((segment) => c.learner.call('decodeSegment', encode(segment)))
  for (const [index, call] of calls.entries()) await expectDecoded(c, await call, all[index] as Segment, 'R2')
  // Bits that mean nothing are ignored.
  for (const [at, bits] of [
    [12, 0xa5],
    [13, 0xe8],
  ] as const) {
    const segment = all[c.random.integer(0, 9)] as Segment
    const bytes = encode(segment)
    bytes[at] = (bytes[at] ?? 0) | bits
    await expectDecoded(c, await c.learner.call('decodeSegment', withChecksum(bytes)), segment, 'R1')
  }
}

/** One wrong bit anywhere, and lengths that do not fit. */
export async function refuses(c: Check): Promise<void> {
  const sound = encode({
    ...(rows(c)[4] as Segment),
    payload: Buffer.concat([c.random.bytes(40), Buffer.alloc(4)]),
  })
  const flipped = Array.from(sound, (byte, at) => {
    const bytes = Buffer.from(sound)
    bytes[at] = byte ^ (1 << c.random.integer(0, 7))
    return [`with another bit in byte ${at}`, bytes] as const
  })
  const empty = encode({ ...(rows(c)[0] as Segment), payload: Buffer.alloc(0) })
  const unsummed = Buffer.from(sound)
  unsummed.writeUInt16BE(0, 16)
  const short = Buffer.from(sound)
  short.writeUInt16BE(sound.length - 21, 18)
  const damaged = [
    ...flipped,
    // Zeros at the end change no sum.
    ['without its last byte', sound.subarray(0, -1)],
    ['without its last two bytes', sound.subarray(0, -2)],
    ['with a byte behind it', Buffer.concat([sound, Buffer.alloc(1)])],
    ['with two bytes behind it', Buffer.concat([sound, Buffer.alloc(2)])],
    ['that says a byte less than it has', withChecksum(short)],
    ['with 0 in the place of its checksum', unsummed],
    ['of nothing', Buffer.alloc(0)],
    ['of one byte', Buffer.alloc(1)],
    ['of zeros', Buffer.alloc(20)],
    ['of all ones', Buffer.alloc(24, 0xff)],
    ...[2, 12, 16, 18, 19].map(
      (length) => [`of the first ${length} bytes of a header`, empty.subarray(0, length)] as const,
    ),
  ] as const
  const calls = damaged.map(([, bytes]) => c.learner.call('decodeSegment', bytes))
  for (const [index, call] of calls.entries())
    c.expectEqual(await call, null, `decodeSegment of a segment ${damaged[index]?.[0]}`)
}

// --- internal ---

async function expectEncoded(c: Check, seen: unknown, segment: Segment): Promise<void> {
  await c.blame('R1', () => c.expect(seen instanceof Uint8Array, 'encodeSegment to give bytes', typeof seen))
  const bytes = Buffer.from(seen as Uint8Array)
  const expected = encode(segment)
  const isSummed = bytes.length >= 20 && checksum(bytes) === 0
  const same = Buffer.from(expected)
  if (bytes.length >= 20) bytes.copy(same, 16, 16, 18)
  await c.blame('R1', () => c.expectBytes(bytes, same, 'the segment'))
  await c.blame('R2', () =>
    c.expect(isSummed, `the checksum ${hex(expected)} for ${segment.payload.length} bytes`, hex(bytes)),
  )
}

function hex(bytes: Buffer): string {
  return bytes.subarray(16, 18).toString('hex')
}

/** @param whose - The promise that is broken where it is taken for damaged. */
async function expectDecoded(
  c: Check,
  seen: unknown,
  { payload, ...expected }: Segment,
  whose: string,
): Promise<void> {
  const what = `decodeSegment of a segment with ${payload.length} bytes`
  await c.blame(whose, () => c.expect(seen !== null, `${what}: a segment, it is not damaged`, 'null'))
  const { payload: bytes, flags, ...rest } = seen as Segment
  const sorted = [...flags].sort()
  await c.blame('R1', () => {
    c.expectEqual({ ...rest, flags: sorted }, { ...expected, flags: [...expected.flags].sort() }, what)
    c.expectBytes(bytes, payload, `the payload of ${payload.length} bytes`)
  })
}
