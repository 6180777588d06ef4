/**
 * Lab 07: Nagle's algorithm meets the delayed ACK.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9293#section-3.7.4 | RFC 9293 §3.7.4} (Nagle's algorithm)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9293#section-3.8.6 | RFC 9293 §3.8.6} (windows and acknowledgements)
 */
import { todo } from '../kit/todo.ts'

/** The sending half of a connection, by Nagle's algorithm. */
export class NagleSender {
  readonly options: { mss: number; noDelay?: boolean; send(segment: Uint8Array): void }

  /**
   * @param o.mss - Bytes of a full segment.
   * @param o.noDelay - True switches Nagle's algorithm off.
   * @param o.send - Sends one segment.
   */
  constructor(o: { mss: number; noDelay?: boolean; send(segment: Uint8Array): void }) {
    this.options = o
  }

  /** The program writes. */
  write(bytes: Uint8Array): void {
    // TODO(R1): send what is full, and what is small where nothing is unacknowledged.
    // TODO(R2): keep a copy of the rest.
    return todo('NagleSender.write')
  }

  /** So many bytes more have been acknowledged. */
  acked(bytes: number): void {
    // TODO(R2): when everything is acknowledged, what waits may leave.
    return todo('NagleSender.acked')
  }

  /** Switches Nagle's algorithm off, or on again. */
  setNoDelay(on: boolean): void {
    // TODO(R3): what waits may leave now.
    return todo('NagleSender.setNoDelay')
  }
}

/** The receiving half of a connection, which delays its ACKs. */
export class DelayedAck {
  readonly options: { delayMs: number; mss: number; acknowledge(bytes: number): void }

  /**
   * @param o.delayMs - How long an ACK waits for data to ride on.
   * @param o.mss - Bytes of a full segment.
   * @param o.acknowledge - Sends an ACK alone, for so many bytes more.
   * @throws RangeError where the delay is not less than 500 ms.
   */
  constructor(o: { delayMs: number; mss: number; acknowledge(bytes: number): void }) {
    // TODO(R5): refuse a delay that is too long.
    this.options = o
  }

  /** A segment has come, with so many bytes of data. */
  received(bytes: number): void {
    // TODO(R4): acknowledge at once what is enough.
    // TODO(R5): acknowledge the rest when the delay is over.
    return todo('DelayedAck.received')
  }

  /** A segment with data leaves now. Returns how many bytes it acknowledges. */
  replying(): number {
    // TODO(R6): the ACK rides on it, so nobody has to wait any more.
    return todo('DelayedAck.replying')
  }
}

/**
 * The window that a receiver advertises now.
 *
 * @param o.free - Bytes of the buffer that are free.
 * @param o.lastAdvertised - What is left of the window that was advertised last.
 * @param o.buffer - Bytes that the whole buffer holds.
 * @param o.mss - Bytes of a full segment.
 */
export function advertise(o: { free: number; lastAdvertised: number; buffer: number; mss: number }): number {
  // TODO(R7): open it by a step worth telling, or leave it as it is.
  return todo('advertise')
}

export type End = 'client' | 'server'

export interface Segment {
  /** When it leaves, in milliseconds. */
  readonly at: number
  readonly from: End
  /** Its data; 0 for an ACK alone. */
  readonly bytes: number
  /** How many bytes it acknowledges that were not acknowledged before. */
  readonly acks: number
}

export type Timeline = Segment[]

export interface Exchange {
  /** The bytes of each write of the request. */
  readonly writes: readonly number[]
  /** The bytes of the answer: one segment. */
  readonly answer: number
  readonly mss: number
  /** A round trip, in milliseconds. */
  readonly rttMs: number
  /** How long the server delays an ACK. */
  readonly delayMs: number
  /** How long the server's program thinks, once the request is whole. */
  readonly thinkMs: number
  /** True switches Nagle's algorithm off at the client. */
  readonly noDelay?: boolean
}

/** Write, write, read: all segments of a request and its answer, in the order in which they leave. */
export function exchange(o: Exchange): Timeline {
  // TODO(R8): what leaves at once, what waits, and for which ACK.
  // TODO(R9): what the answer acknowledges, and what was acknowledged before.
  return todo('exchange')
}

export type Way = 'two-writes' | 'one-write' | 'cork' | 'no-delay'

/**
 * Sends a request in two parts to a server on 127.0.0.1.
 *
 * @param way - How the parts are handed to the system.
 * @returns Everything that the server sends until its FIN.
 */
export async function ask(port: number, head: Uint8Array, body: Uint8Array, way: Way): Promise<Uint8Array> {
  // TODO(R10): send both, and gather the answer.
  // TODO(R11): two writes, and TCP_NODELAY in one of the ways.
  // TODO(R12): one write, of one piece or of two.
  // TODO(R13): a failure rejects, and nothing is left open.
  return todo('ask')
}

/** Something that happened at one end of a connection. */
export type WireEvent = { readonly at: number; readonly end: End } & (
  | { readonly does: 'opens'; readonly mss: number; readonly noDelay: boolean }
  | { readonly does: 'setNoDelay'; readonly on: boolean }
  | { readonly does: 'write'; readonly bytes: number }
  | { readonly does: 'send'; readonly bytes: number; readonly acks: number }
  | { readonly does: 'receive'; readonly bytes: number; readonly acks: number }
)

export type Waits = 'nagle' | 'delayed-ack' | 'both' | 'nobody'

/** Who holds bytes back when all of this has happened. */
export function whoWaits(events: readonly WireEvent[]): Waits {
  // TODO(R14): whose bytes wait, and for what?
  // TODO(R15): nobody is to blame where nobody holds anything.
  return todo('whoWaits')
}
