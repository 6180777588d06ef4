/** The grader's own segments, as the page lays them out. */

export type Flag = 'SYN' | 'ACK' | 'FIN' | 'RST'

export interface Segment {
  readonly sourcePort: number
  readonly destinationPort: number
  readonly sequence: number
  readonly acknowledgement: number
  readonly flags: readonly Flag[]
  readonly window: number
  readonly payload: Uint8Array
}

const HEADER = 20
const BITS: ReadonlyArray<readonly [Flag, number]> = [
  ['SYN', 0x02],
  ['ACK', 0x10],
  ['FIN', 0x01],
  ['RST', 0x04],
]

export function encode({ payload, flags, ...segment }: Segment): Buffer {
  const head = Buffer.alloc(HEADER)
  head.writeUInt16BE(segment.sourcePort, 0)
  head.writeUInt16BE(segment.destinationPort, 2)
  head.writeUInt32BE(segment.sequence >>> 0, 4)
  head.writeUInt32BE(segment.acknowledgement >>> 0, 8)
  head[13] = BITS.reduce((sum, [flag, bit]) => sum + (flags.includes(flag) ? bit : 0), 0)
  head.writeUInt16BE(segment.window, 14)
  head.writeUInt16BE(payload.length, 18)
  return withChecksum(Buffer.concat([head, payload]))
}

/** A copy with the sum that it should have. */
export function withChecksum(bytes: Uint8Array): Buffer {
  const summed = Buffer.from(bytes)
  summed.writeUInt16BE(0, 16)
  summed.writeUInt16BE(checksum(summed), 16)
  return summed
}

/** RFC 1071 §1, word by word. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) {
    sum += (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)
    if (sum > 0xffff) sum -= 0xffff
  }
  return 0xffff - sum
}

/** What is wrong with a datagram, in words; a segment where nothing is. */
export function read(bytes: Buffer): Segment | string {
  if (bytes.length < HEADER) return `a datagram of ${bytes.length} bytes: a header has ${HEADER}`
  const length = bytes.readUInt16BE(18)
  const payload = bytes.subarray(HEADER)
  if (length !== payload.length)
    return `a segment whose header says ${length} bytes, and that has ${payload.length}`
  if (checksum(bytes) !== 0) return 'a segment with a wrong checksum'
  const [
    sourcePort = 0,
    destinationPort = 0,
    high = 0,
    low = 0,
    ackHigh = 0,
    ackLow = 0,
    bits = 0,
    window = 0,
  ] = Array.from({ length: HEADER / 2 }, (_, word) => bytes.readUInt16BE(2 * word))
  return {
    sourcePort,
    destinationPort,
    sequence: high * 0x10000 + low,
    acknowledgement: ackHigh * 0x10000 + ackLow,
    flags: BITS.filter(([, bit]) => (bits & bit) !== 0).map(([flag]) => flag),
    window,
    payload,
  }
}

/** How many numbers it takes. */
export function lengthOf(segment: Pick<Segment, 'payload' | 'flags'>): number {
  const marks = segment.flags.filter((flag) => flag === 'SYN' || flag === 'FIN')
  return segment.payload.length + marks.length
}

/** For the ladder: `SYN ACK 17, ack 5, window 100, 12 bytes`. */
export function describe(bytes: Buffer): string {
  const segment = read(bytes)
  if (typeof segment === 'string') return bytes.length < HEADER ? 'no segment' : 'damaged'
  const { flags, sequence, acknowledgement, window, payload } = segment
  const parts = [
    flags.filter((flag) => flag !== 'ACK').join(' '),
    payload.length > 0 || flags.some((flag) => flag !== 'ACK') ? `seq ${sequence}` : '',
    flags.includes('ACK') ? `ack ${acknowledgement}` : '',
    flags.includes('RST') ? '' : `win ${window}`,
  ]
  return parts.filter((part) => part !== '').join(' ')
}

/**
 * With other ports, as a box on the way gives it: the checksum is moved by the difference (RFC 1624 §3), so that a wrong
 * one stays wrong.
 */
export function readdress(bytes: Buffer, source: number, destination: number): Buffer {
  if (bytes.length < HEADER) return bytes
  const moved = Buffer.from(bytes)
  let sum = 0xffff - bytes.readUInt16BE(16)
  for (const [at, port] of [
    [0, source],
    [2, destination],
  ] as const) {
    sum += 0xffff - bytes.readUInt16BE(at) + port
    moved.writeUInt16BE(port, at)
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  moved.writeUInt16BE(0xffff - sum, 16)
  return moved
}

/** Whatever stands for the same thing when it is sent again. */
export function kin(bytes: Buffer): string {
  const segment = read(bytes)
  if (typeof segment === 'string') return 'damaged'
  return lengthOf(segment) > 0 ? `from ${segment.sequence}` : `ack ${segment.acknowledgement}`
}
