import type { Call, Check } from '../../../workbook/grading/check.ts'
import { ECHO, ECHO_REPLY } from './recorded.ts'

/** Echo messages of ICMP, and what is none. */

export interface Echo {
  readonly type: 'request' | 'reply'
  readonly id: number
  readonly sequence: number
  readonly data: Buffer
}

/** With the sum at the end of its way: no carry is left behind. */
export function packetOf(
  { type, id, sequence, data }: Echo,
  kind: { type?: number; code?: number } = {},
): Buffer {
  const { type: number = type === 'request' ? 8 : 0, code = 0 } = kind
  const packet = Buffer.concat([
    Buffer.of(number, code, 0, 0, id >> 8, id & 0xff, sequence >> 8, sequence & 0xff),
    data,
  ])
  let sum = 0
  for (const [at, byte] of packet.entries()) {
    sum += at % 2 === 0 ? byte * 256 : byte
    if (sum > 0xffff) sum -= 0xffff
  }
  packet.writeUInt16BE(0xffff - sum, 2)
  return packet
}

export function readEcho(packet: Buffer): Echo | null {
  if (packet.length < 8 || (packet[0] !== 8 && packet[0] !== 0)) return null
  const [id, sequence] = [packet.readUInt16BE(4), packet.readUInt16BE(6)]
  const echo = {
    id,
    sequence,
    data: packet.subarray(8),
    type: packet[0] === 8 ? 'request' : 'reply',
  } as const
  return packetOf(echo).equals(packet) ? echo : null
}

export const RECORDED: ReadonlyArray<readonly [Echo, Buffer]> = [
  [{ type: 'request', id: 0x153d, sequence: 1, data: ECHO.subarray(8) }, ECHO],
  [{ type: 'reply', id: 0x153d, sequence: 1, data: ECHO_REPLY.subarray(8) }, ECHO_REPLY],
]

/** Sums with many carries, with none, and an odd byte at the end. */
export function samples(c: Check): Echo[] {
  const { random } = c
  const datas = [
    Buffer.alloc(0),
    Buffer.alloc(64, 0xff),
    Buffer.alloc(65, 0xff),
    Buffer.alloc(1_400, 0xff),
    Buffer.of(0x80),
    Buffer.from('hello'),
    random.bytes(random.integer(1, 100)),
    random.bytes(1_399),
    Buffer.of(0xf7, 0xff, 0xff, 0xff, 0x00, 0x01),
  ]
  const ids = [0, 1, 255, 256, 0x7fff, 0x8000, 0xffff, random.integer(0, 0xffff), 0]
  return datas.map((data, index) => ({
    type: index % 2 === 0 ? 'request' : 'reply',
    id: ids[index] ?? 0,
    sequence: ids[(index + 3) % ids.length] ?? 0,
    data,
  }))
}

export async function expectEncoded(c: Check, echo: Echo, packet: Buffer): Promise<void> {
  const bytes: unknown = await c.learner.call('encodeEcho', echo)
  c.expectBytes(
    Buffer.isBuffer(bytes) ? bytes : String(bytes),
    packet,
    `an echo ${echo.type} with ${echo.data.length} bytes of data`,
  )
  const read: Call<Record<string, unknown> | null> = c.learner.call('decodeEcho', packet)
  const { data, ...rest } = (await read) ?? {}
  const { data: wanted, ...others } = echo
  c.expectEqual(rest, others, 'what decodeEcho() reads in it')
  c.expectBytes(Buffer.isBuffer(data) ? data : String(data), wanted, 'the data that decodeEcho() reads in it')
}

const some = { type: 'request', id: 7, sequence: 9, data: Buffer.from('abc') } as const

export async function expectNone(c: Check): Promise<void> {
  const whole = packetOf(some)
  const rows: Array<readonly [string, Buffer]> = [
    ...[...whole.keys()].map(
      (at) => [`a bit of byte ${at} is another`, damaged(whole, at, c.random.integer(0, 7))] as const,
    ),
    ['all bytes are zero but its type', Buffer.concat([Buffer.of(8), Buffer.alloc(11)])],
    ...[0, 1, 4, 7].map(
      (length) =>
        [
          `it has ${length} bytes`,
          length === 4 ? Buffer.from('0800f7ff', 'hex') : whole.subarray(0, length),
        ] as const,
    ),
    ...[3, 5, 11, 13, 1].map((type) => [`its type is ${type}`, packetOf(some, { type })] as const),
    ['its code is 1', packetOf(some, { code: 1 })],
  ]
  for (const [why, packet] of rows) {
    const call: Call<unknown> = c.learner.call('decodeEcho', packet)
    c.expectEqual(await call, null, `decodeEcho() where ${why}`)
  }
}

function damaged(packet: Buffer, at: number, bit: number): Buffer {
  const copy = Buffer.from(packet)
  copy[at] = (copy[at] ?? 0) ^ (1 << bit)
  return copy
}
