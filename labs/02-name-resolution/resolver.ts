/**
 * Lab 02: name resolution. A stub resolver asks name servers over UDP, and over TCP where an answer does not fit.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc1035#section-4 | RFC 1035 §4} (messages)
 * @see {@link https://www.rfc-editor.org/rfc/rfc2308#section-5 | RFC 2308 §5} (remembering what is not there)
 * @see {@link https://www.rfc-editor.org/rfc/rfc5452#section-9 | RFC 5452 §9} (which answers count)
 */
import type { Address } from '../kit/http.ts'
import { todo } from '../kit/todo.ts'

export type AddressType = 'A' | 'AAAA'

export interface Question {
  readonly name: string
  /** 1 is A, 28 is AAAA, 5 is CNAME, 6 is SOA. */
  readonly type: number
  /** 1 is the Internet. */
  readonly class: number
}

/** The data of a record SOA (RFC 1035 §3.3.13). */
export interface Soa {
  readonly primary: string
  readonly mailbox: string
  readonly serial: number
  readonly refresh: number
  readonly retry: number
  readonly expire: number
  readonly minimum: number
}

export interface DnsRecord extends Question {
  /** In seconds, as it stands there. */
  readonly ttl: number
  /** A text for A, AAAA and CNAME; bytes for what is not decoded. */
  readonly data: string | Soa | Uint8Array
}

export interface DnsMessage {
  readonly id: number
  readonly flags: {
    /** QR. */
    readonly response: boolean
    /** AA. */
    readonly authoritative: boolean
    /** TC. */
    readonly truncated: boolean
    /** RD. */
    readonly recursionDesired: boolean
    /** RA. */
    readonly recursionAvailable: boolean
  }
  /** RCODE. */
  readonly code: number
  readonly question: Question[]
  readonly answers: DnsRecord[]
  readonly authority: DnsRecord[]
}

export interface Resolved {
  /** In the order of the answer. */
  readonly addresses: string[]
  /** The name that they belong to, in lower case. */
  readonly canonical: string
  /** For how many whole seconds more it may be kept. */
  readonly ttl: number
}

/**
 * The bytes of a query.
 *
 * @throws An error with the code `EBADNAME`, where nobody can be asked for such a name.
 */
export function encodeQuery(id: number, name: string, type: AddressType): Uint8Array {
  // TODO(R1): a header, and one question.
  // TODO(R2): names that are none.
  return todo('encodeQuery')
}

/**
 * A message, in parts.
 *
 * @throws An error with the code `EBADRESP`, where the bytes are no message.
 */
export function decodeMessage(bytes: Uint8Array): DnsMessage {
  // TODO(R3): the header, and record by record.
  // TODO(R4): names with pointers.
  // TODO(R5): addresses as they are usually written.
  // TODO(R6): nothing behind the end is read, and no pointer goes round in circles.
  return todo('decodeMessage')
}

export class Resolver {
  readonly options: {
    servers: readonly Address[]
    timeoutMs: number
    attempts: number
    now(): number
  }

  /**
   * @param options.servers - Whom to ask, in this order.
   * @param options.timeoutMs - How long one query waits for its answer.
   * @param options.attempts - Rounds through all servers.
   * @param options.now - The time in milliseconds. Its zero means nothing.
   */
  constructor(options: { servers: readonly Address[]; timeoutMs: number; attempts: number; now(): number }) {
    this.options = options
  }

  /** The addresses of a name, from what is kept or from a server. */
  async resolve(name: string, type: AddressType): Promise<Resolved> {
    // TODO(R7): ask the first server, and wait for its answer.
    // TODO(R8): pass over what is no answer to this query.
    // TODO(R9): an id and a port that nobody can guess.
    // TODO(R10): follow aliases.
    // TODO(R11): a name, or records, that do not exist.
    // TODO(R12): a server that fails.
    // TODO(R13): a server that stays silent.
    // TODO(R14): an answer that does not fit.
    // TODO(R15): TCP fails.
    // TODO(R16): keep what was found.
    // TODO(R17): keep what was not there.
    // TODO(R18): one question for many callers.
    return todo('Resolver.resolve')
  }

  /** Ends everything that is under way. */
  async close(): Promise<void> {
    // TODO(R19): nothing is left behind.
    return todo('Resolver.close')
  }
}
