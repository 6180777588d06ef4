/** A DHCP message (RFC 2131 §2), with the names of the RFC. Addresses are dotted, `0.0.0.0` where there is none. */
export interface DhcpMessage {
  /** 1: from a client, 2: from a server. */
  readonly op: 1 | 2
  /** Chosen by the client: an answer carries the same. */
  readonly xid: number
  /** The client's address, while it has one. */
  readonly ciaddr: string
  /** *Your* address: what the server offers or grants. */
  readonly yiaddr: string
  /** The client's hardware address, `02:00:00:00:00:0a`. */
  readonly chaddr: string
  readonly options: DhcpOptions
}

/** RFC 2132, with the numbers below. */
export interface DhcpOptions {
  readonly messageType: (typeof TYPES)[number]
  readonly subnetMask?: string
  readonly router?: string
  readonly dns?: string
  readonly requestedAddress?: string
  /** Seconds. */
  readonly leaseTime?: number
  readonly serverIdentifier?: string
}

/** The fixed part, the magic cookie, the options, and the option that ends them. */
export function encode(message: DhcpMessage): Buffer {
  const fixed = Buffer.alloc(FIXED_BYTES)
  const hardware = Buffer.from(message.chaddr.replaceAll(':', ''), 'hex')
  // htype 1: Ethernet, whose addresses have 6 bytes.
  fixed.set([message.op, 1, hardware.length], 0)
  fixed.writeUInt32BE(message.xid, 4)
  fixed.set(bytesOf(message.ciaddr), 12)
  fixed.set(bytesOf(message.yiaddr), 16)
  fixed.set(hardware, 28)
  const { options } = message
  const parts = ADDRESS_OPTIONS.map(([name, code]) => {
    const address = options[name]
    return address === undefined ? [] : [code, 4, ...bytesOf(address)]
  })
  const time = options.leaseTime === undefined ? [] : [51, 4, ...uint32(options.leaseTime)]
  const type = [53, 1, TYPES.indexOf(options.messageType) + 1]
  return Buffer.concat([
    fixed,
    COOKIE,
    Buffer.from([...type, ...parts.flat(), ...time, END]),
  ])
}

/** @throws Error when the bytes are no DHCP message. */
export function decode(bytes: Buffer): DhcpMessage {
  if (!bytes.subarray(FIXED_BYTES, FIXED_BYTES + 4).equals(COOKIE))
    throw new Error('not a DHCP message')
  const found = new Map<number, Buffer>()
  for (
    let at = FIXED_BYTES + 4;
    (bytes[at] ?? END) !== END;
    at += 2 + (bytes[at + 1] ?? 0)
  ) {
    found.set(bytes[at] ?? END, bytes.subarray(at + 2, at + 2 + (bytes[at + 1] ?? 0)))
  }
  const messageType = TYPES[(found.get(53)?.[0] ?? 0) - 1]
  if (messageType === undefined) throw new Error('a DHCP message of an unknown type')
  const addresses = ADDRESS_OPTIONS.flatMap(([name, code]) => {
    const value = found.get(code)
    return value ? [[name, dotted(value)]] : []
  })
  const leaseTime = found.get(51)?.readUInt32BE()
  return {
    op: bytes[0] === 1 ? 1 : 2,
    xid: bytes.readUInt32BE(4),
    ciaddr: dotted(bytes.subarray(12, 16)),
    yiaddr: dotted(bytes.subarray(16, 20)),
    chaddr: (bytes.toString('hex', 28, 34).match(/../g) ?? []).join(':'),
    options: {
      messageType,
      ...Object.fromEntries(addresses),
      ...(leaseTime === undefined ? {} : { leaseTime }),
    },
  }
}

// --- internal ---

/** op … file: what was there before DHCP, in BOOTP. */
const FIXED_BYTES = 236
const COOKIE = Buffer.from([99, 130, 83, 99])
const END = 255

/** Option 53 counts from 1. */
const TYPES = [
  'DHCPDISCOVER',
  'DHCPOFFER',
  'DHCPREQUEST',
  'DHCPDECLINE',
  'DHCPACK',
  'DHCPNAK',
  'DHCPRELEASE',
] as const

const ADDRESS_OPTIONS = [
  ['subnetMask', 1],
  ['router', 3],
  ['dns', 6],
  ['requestedAddress', 50],
  ['serverIdentifier', 54],
] as const

function bytesOf(address: string): number[] {
  return address.split('.').map(Number)
}

function dotted(bytes: Uint8Array): string {
  return [...bytes].join('.')
}

function uint32(value: number): number[] {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return [...bytes]
}
