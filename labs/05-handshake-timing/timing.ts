/**
 * Lab 05: handshake and timing. Where the time of a transaction goes, measured and drawn.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9293#section-3.5 | RFC 9293 §3.5} (the handshake)
 * @see {@link https://www.rfc-editor.org/rfc/rfc6298#section-5 | RFC 6298 §5} (the retransmission timer)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9846#section-2 | RFC 9846 §2} (the flights of TLS 1.3)
 * @see {@link https://www.rfc-editor.org/rfc/rfc8470#section-4 | RFC 8470 §4} (early data)
 */
import { todo } from '../kit/todo.ts'

export interface Deps {
  /** The time in milliseconds. Its zero means nothing: only differences count. */
  now(): number
  /** Finds the address of a host name. */
  lookup(host: string): Promise<string>
}

/** Milliseconds. Each phase begins where the one before ended. */
export interface Phases {
  /** Until the lookup has answered; null where none was needed. */
  dns: number | null
  /** Until the connection exists; null where it was there already. */
  connect: number | null
  /** Until the first byte of the response has come. */
  request: number
  /** Until the last byte of the response has come. */
  response: number
  /** The whole: the sum of the four. */
  total: number
  /** Whether the connection was there already. */
  reused: boolean
}

export interface Segment {
  /** When it leaves its sender, in milliseconds. 0 is when the first segment of all leaves. */
  at: number
  from: 'client' | 'server'
  /** `SYN` and `ACK`, as they are set. */
  flags: string[]
  carries?: 'request' | 'response' | 'tls'
  /** It never arrives. */
  lost?: true
}

export interface TimelineOptions {
  /** The round trip in milliseconds; each way takes half of it. */
  rtt: number
  tls: 'none' | '1.2' | '1.3' | '0-rtt'
  /** The method of the request. */
  method: string
  /** The connection is there already, with its TLS. */
  reused: boolean
  /** How many SYNs are lost before one arrives. Default: 0. */
  synLost?: number
}

/**
 * Fetches one URL on a connection of its own, and tells where the time went.
 *
 * @throws An error with the system's `code` where there is one, and with `phases`.
 */
export async function timeFetch(url: string, deps: Deps): Promise<Phases> {
  // TODO(R1): look the host up, unless it is an address. dns: from the call to the answer.
  // TODO(R2): connect to that address. connect: from there to the connection.
  // TODO(R3): send a GET, with a Host field. request: from there to the first byte of the response.
  // TODO(R4): read the response to its Content-Length. response: from there to its last byte.
  // TODO(R5): total: from the call to the last byte.
  // TODO(R6): when something fails, put what was measured so far on the error, as `phases`.
  // TODO(R9): leave no socket open, however it went.
  return todo('timeFetch')
}

/** Fetches one URL after the other, on one connection where it can. */
export async function timeMany(urls: string[], deps: Deps): Promise<Phases[]> {
  // TODO(R7): keep the connection for the next URL of the same host and port.
  // TODO(R8): make a new one where the URL or the answer says so.
  return todo('timeMany')
}

/** The part of the total, from 0 to 1, that went on the set-up. */
export function setupShare(p: Phases): number {
  // TODO(R10): dns and connect, as a part of the total.
  return todo('setupShare')
}

/** The segments of one small transaction, in the order in which they leave. */
export function handshakeTimeline(o: TimelineOptions): Segment[] {
  // TODO(R11): SYN, SYN+ACK, request, response; no handshake where the connection is reused.
  // TODO(R12): the round trips of TLS 1.2 and 1.3 before the request.
  // TODO(R13): early data, for safe methods.
  // TODO(R14): lost SYNs, each repeated when the timer runs out.
  return todo('handshakeTimeline')
}
