/**
 * Lab 06: slow start. What a connection may send, how many round trips that takes, and what a kept one saves.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc5681#section-3 | RFC 5681 §3} (the congestion window)
 * @see {@link https://www.rfc-editor.org/rfc/rfc5681#section-4.1 | RFC 5681 §4.1} (after an idle time)
 * @see {@link https://www.rfc-editor.org/rfc/rfc6928#section-2 | RFC 6928 §2} (the initial window)
 */
import type { Response } from '../kit/http.ts'
import { todo } from '../kit/todo.ts'

/** Bytes, all of them. */
export interface Sizes {
  /** What fits one segment. */
  mss: number
  /** What the receiver has room for. It never changes here. */
  receiveWindow: number
  /** The congestion window of a new connection. By RFC 6928 §2 where it is not given. */
  initialWindow?: number
}

/** How much a sender allows itself to have in flight. */
export class CongestionWindow {
  /** The congestion window now, in bytes. */
  readonly window: number = 0

  constructor(o: Sizes) {
    // TODO(R1): the initial window.
    todo('CongestionWindow')
  }

  /** How many bytes may leave now, where so many are in flight. */
  sendable(inFlight: number): number {
    // TODO(R3): never more in flight than the smaller of both windows.
    return todo('CongestionWindow.sendable')
  }

  /** An acknowledgement has come, for so many bytes that were not acknowledged before. */
  acked(bytes: number): void {
    // TODO(R2): slow start.
    // TODO(R4): congestion avoidance, from the threshold on.
    return todo('CongestionWindow.acked')
  }

  /** An acknowledgement has come that repeats the last one. */
  duplicateAck(inFlight: number): void {
    // TODO(R6): the third one in a row is a loss.
    return todo('CongestionWindow.duplicateAck')
  }

  /** The retransmission timeout has passed. */
  timedOut(inFlight: number): void {
    // TODO(R5): one segment, and a threshold.
    return todo('CongestionWindow.timedOut')
  }

  /** Nothing was sent for `ms` milliseconds, and now something will be. */
  idle(ms: number, rtoMs: number): void {
    // TODO(R7): at most the initial window.
    return todo('CongestionWindow.idle')
  }
}

/**
 * The bytes of each flight in which an answer leaves.
 *
 * @param o.bytes - The size of the answer.
 * @param o.window - The congestion window that it begins with. The initial one where it is not given.
 */
export function planFlights(o: Sizes & { bytes: number; window?: number }): number[] {
  // TODO(R8): flight after flight, each at most the smaller of both windows.
  return todo('planFlights')
}

/** The sizes of the answers, in bytes. */
export interface PageSizes {
  first: number
  others: readonly number[]
}

export type Way = 'serial' | 'parallel' | 'persistent' | 'pipelined'

export interface Journey extends Sizes {
  /** How many connections `persistent` may open. Default: 1. */
  connections?: number
  /** How long a kept connection has nothing to send after the first answer. Default: 0. */
  pauseMs?: number
  /** Its retransmission timeout. Without one no pause is too long. */
  rtoMs?: number
}

/** How many round trips a page takes, the handshakes included. */
export function roundTrips(page: PageSizes, way: Way, o: Journey): number {
  // TODO(R9): a new connection for each answer, one after the other or at the same time.
  // TODO(R10): one connection that is kept, and whose window stays open.
  // TODO(R11): several connections that are kept.
  // TODO(R12): a pause after the first answer.
  return todo('roundTrips')
}

/**
 * Fetches the first target, and then the others over several connections, all of them kept.
 *
 * @param options.connections - How many connections at most, 1 or more.
 * @returns The responses in the order of the targets.
 */
export async function fetchPage(
  port: number,
  targets: readonly string[],
  options: { connections: number },
): Promise<Response[]> {
  // TODO(R13): ask for each target, and read each response to its Content-Length.
  // TODO(R14): deal the others to the connections, and keep each.
  // TODO(R15): a failure ends it all, and nothing is left open.
  return todo('fetchPage')
}
