/** Messages as a DHCP server writes and reads them. Written by itself: it shares nothing with what it grades. */

const TYPES = ['', 'DISCOVER', 'OFFER', 'REQUEST', 'DECLINE', 'ACK', 'NAK', 'RELEASE'] as const
export type Option = readonly [code: number, data: Uint8Array]

export interface Fields {
  readonly op?: number
  readonly htype?: number
  readonly hlen?: number
  readonly xid?: number
  readonly secs?: number
  readonly flags?: number
  readonly ciaddr?: string
  readonly yiaddr?: string
  readonly siaddr?: string
  readonly giaddr?: string
  readonly chaddr?: string
  readonly sname?: Uint8Array
  readonly file?: Uint8Array
  /** Everything behind the cookie. */
  readonly tail: Uint8Array
}

export const COOKIE = Buffer.from('63825363', 'hex')

export function messageOf(fields: Fields): Buffer {
  const { op = 2, htype = 1, hlen = 6, xid = 0, secs = 0, flags = 0, tail } = fields
  const head = Buffer.alloc(236)
  head.set([op, htype, hlen], 0)
  head.writeUInt32BE(xid, 4)
  head.writeUInt16BE(secs, 8)
  head.writeUInt16BE(flags, 10)
  const { ciaddr, yiaddr, siaddr, giaddr } = fields
  for (const [index, text] of [ciaddr, yiaddr, siaddr, giaddr].entries())
    head.set(address(text ?? '0.0.0.0'), 12 + 4 * index)
  head.set(Buffer.from((fields.chaddr ?? '').replaceAll(':', ''), 'hex'), 28)
  head.set(fields.sname ?? [], 44)
  head.set(fields.file ?? [], 108)
  return Buffer.concat([head, COOKIE, tail])
}

/** Each behind its code and length. */
export function optionBytes(...options: readonly Option[]): Buffer {
  return Buffer.concat(options.flatMap(([code, data]) => [Buffer.of(code, data.length), data]))
}

export const END = Buffer.of(255)

export function address(text: string): Buffer {
  return Buffer.from(text.split('.').map(Number))
}

export function seconds(value: number): Buffer {
  return Buffer.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff)
}

/** What a server looks at. Null: it is no message. */
export interface Seen {
  readonly op: number
  readonly type: string
  readonly xid: number
  readonly secs: number
  readonly broadcast: boolean
  readonly ciaddr: string
  readonly chaddr: string
  readonly requested: string | null
  readonly server: string | null
}

export function read(bytes: Buffer): Seen | null {
  if (!bytes.subarray(236, 240).equals(COOKIE) || bytes[1] !== 1 || bytes[2] !== 6) return null
  const options = new Map<number, Buffer>()
  for (let at = 240; at < bytes.length && bytes[at] !== 255;) {
    const [code = 0, length = 0] = bytes.subarray(at)
    if (code !== 0) options.set(code, bytes.subarray(at + 2, at + 2 + length))
    at += code === 0 ? 1 : 2 + length
  }
  const addressOf = (code: number): string | null => options.get(code)?.join('.') ?? null
  return {
    op: bytes[0] ?? 0,
    type: TYPES[options.get(53)?.[0] ?? 0] ?? '',
    xid: bytes.readUInt32BE(4),
    secs: bytes.readUInt16BE(8),
    broadcast: (bytes.readUInt16BE(10) & 0x8000) !== 0,
    ciaddr: bytes.subarray(12, 16).join('.'),
    chaddr: hardware(bytes.subarray(28, 34)),
    requested: addressOf(50),
    server: addressOf(54),
  }
}

export function hardware(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}

/** What stands behind the cookie, in hexadecimal, as far as one wants to read it. */
export function optionsIn(bytes: Uint8Array): string {
  const options = bytes.subarray(240)
  const shown = Buffer.from(options.subarray(0, 24)).toString('hex')
  return shown === '' ? 'none' : options.length > 24 ? `${shown}…` : shown
}
