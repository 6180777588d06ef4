/**
 * Lab 20: first contact. From no address to a page, and back.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc2131 | RFC 2131} (DHCP)
 * @see {@link https://www.rfc-editor.org/rfc/rfc2132 | RFC 2132} (its options)
 * @see {@link https://www.rfc-editor.org/rfc/rfc792 | RFC 792} (ICMP)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-4.3.4 | RFC 9110 §4.3.4} (certificates)
 */
import type { Address, Response } from '../kit/http.ts'
import { todo } from '../kit/todo.ts'

/** Options by their codes (RFC 2132). */
export type DhcpOptions = Readonly<Record<number, Uint8Array>>

/** With the names of RFC 2131 §2; addresses are dotted, `0.0.0.0` where there is none. */
export interface DhcpMessage {
  /** 1: from a client, 2: from a server. */
  readonly op: 1 | 2
  readonly xid: number
  readonly secs: number
  /** The flag by which a client asks for an answer to all. */
  readonly broadcast: boolean
  readonly ciaddr: string
  readonly yiaddr: string
  readonly siaddr: string
  readonly giaddr: string
  /** The client's hardware address: `02:00:00:00:00:0a`. */
  readonly chaddr: string
  readonly options: DhcpOptions
}

/** What a lease gives. Times are in milliseconds by `now()`, and Infinity where the lease has no end. */
export interface Configuration {
  readonly address: string
  readonly mask: string | null
  readonly routers: readonly string[]
  readonly dns: readonly string[]
  /** The server that granted it. */
  readonly server: string
  readonly renewAt: number
  readonly rebindAt: number
  readonly expiresAt: number
}

export interface LeaseOptions {
  /** What is sent here, all DHCP servers of the LAN hear: 255.255.255.255 and port 67. */
  readonly server: Address
  /** 68 on a LAN; 0 for any. */
  readonly clientPort: number
  readonly mac: string
  now(): number
  /** From 0 up to 1, and never 1. */
  random(): number
  /** Whether some machine answers to this address. */
  inUse(address: string): Promise<boolean>
  /** Called when the lease has been renewed, and with null when it is lost. */
  onChange?(configuration: Configuration | null): void
}

export interface Echo {
  readonly type: 'request' | 'reply'
  readonly id: number
  readonly sequence: number
  readonly data: Uint8Array
}

export interface PingOptions {
  readonly id: number
  readonly count: number
  readonly timeoutMs: number
  now(): number
  /** Calls `hear` with each packet that comes. Returns what ends that. */
  listen(hear: (packet: Uint8Array) => void): () => void
}

export interface PingReport {
  readonly sent: number
  readonly received: number
  /** From 0 to 1. */
  readonly loss: number
  readonly late: number
  readonly doubled: number
  /** Null where nothing was received. */
  readonly leastMs: number | null
  readonly meanMs: number | null
  readonly mostMs: number | null
}

export type Stage = 'lease' | 'name' | 'connection' | 'answer' | 'close' | 'release'

export interface VisitOptions {
  /** `http:` or `https:`, with a name or an IPv4 address. */
  readonly url: string
  readonly lease: Omit<LeaseOptions, 'onChange'>
  /** The address of a name, asked of these DNS servers. */
  resolve(name: string, servers: readonly string[]): Promise<string>
  /** The certificates that are trusted, as PEM. */
  readonly ca: string
}

export interface Journey {
  /** What was done, in its order. */
  readonly stages: readonly Stage[]
  readonly configuration: Configuration | null
  readonly response: Response | null
  readonly failure: { readonly stage: Stage; readonly code: string; readonly message: string } | null
}

/** The bytes of a message. */
export function encodeDhcp(message: DhcpMessage): Uint8Array {
  // TODO(R1): the fields, each where the table has it, and the cookie.
  // TODO(R2): the options, long ones in several parts, 255, and zeros up to 300 bytes.
  return todo('encodeDhcp')
}

/** @throws Error with the code `EBADDHCP`. */
export function decodeDhcp(bytes: Uint8Array): DhcpMessage {
  // TODO(R3): the fields, and each option's data by its code.
  // TODO(R4): options that come again, and those in file and sname.
  // TODO(R5): what is no message is refused.
  return todo('decodeDhcp')
}

/** One lease: asked for, kept and given back. */
export class Lease {
  constructor(options: LeaseOptions) {
    todo('Lease')
  }

  /** Settles with what the lease gives, or rejects with `ENOLEASE`, `ECANCELLED` or `EALREADY`. */
  async begin(): Promise<Configuration> {
    // TODO(R6): DISCOVER, OFFER, REQUEST, ACK.
    // TODO(R7): what is no answer is ignored.
    // TODO(R8): what is not answered is sent again, and in the end given up.
    // TODO(R9): NAK begins anew.
    // TODO(R10): an address that somebody has is declined.
    // TODO(R11): renew at T1, with the server alone.
    // TODO(R12): ask anybody at T2.
    // TODO(R13): ask again after half of what is left.
    // TODO(R14): the address is lost at the end, and at NAK.
    return todo('begin')
  }

  async release(): Promise<void> {
    // TODO(R15): RELEASE to the server, and nothing is left.
    return todo('release')
  }
}

export function encodeEcho(echo: Echo): Uint8Array {
  // TODO(R16): type, code, checksum, id, sequence number, data.
  return todo('encodeEcho')
}

export function decodeEcho(packet: Uint8Array): Echo | null {
  // TODO(R17): null for what is damaged, or is something else.
  return todo('decodeEcho')
}

/** @param send - Carries a packet. What comes, `options.listen` tells. */
export async function ping(send: (packet: Uint8Array) => void, options: PingOptions): Promise<PingReport> {
  // TODO(R18): one request after the other, and a report.
  // TODO(R19): late and doubled answers, and those of others.
  return todo('ping')
}

/** Lease, name, connection, answer, close, release. Never rejects. */
export async function visit(options: VisitOptions): Promise<Journey> {
  // TODO(R20): the stages of a journey over HTTP.
  // TODO(R21): the DNS servers of the lease are asked, and Host says what the URL says.
  // TODO(R22): TLS, and a certificate that covers what was asked for.
  // TODO(R23): the address goes back, whatever fails.
  // TODO(R24): a lost lease ends the connection.
  return todo('visit')
}
