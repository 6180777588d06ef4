/**
 * Lab 08: TIME-WAIT, and the ports that it holds.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9293#section-3.6 | RFC 9293 §3.6} (closing a connection)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7 | RFC 9293 §3.10.7} (what a segment does)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.3 | RFC 9112 §9.3} (when a connection persists)
 */
import type { Socket } from 'node:net'
import type { Address } from '../kit/http.ts'
import { todo } from '../kit/todo.ts'

/** RFC 9293 §3.3.2. */
export type TcpState =
  | 'LISTEN'
  | 'SYN-SENT'
  | 'SYN-RECEIVED'
  | 'ESTABLISHED'
  | 'FIN-WAIT-1'
  | 'FIN-WAIT-2'
  | 'CLOSE-WAIT'
  | 'CLOSING'
  | 'LAST-ACK'
  | 'TIME-WAIT'
  | 'CLOSED'

export type Flag = 'FIN' | 'ACK' | 'RST'

/** One end of an established connection, on its way out. */
export class Closing {
  /** Where this end is now. */
  state: TcpState = 'ESTABLISHED'
  readonly options: { mslMs: number; send(flags: Flag): void }

  /**
   * @param o.mslMs - The maximum segment lifetime, in milliseconds.
   * @param o.send - Sends one segment.
   */
  constructor(o: { mslMs: number; send(flags: Flag): void }) {
    // TODO(R4): TIME-WAIT lasts for twice the MSL.
    this.options = o
  }

  /** The program closes this end. */
  close(): void {
    // TODO(R1): send FIN, where none was sent, and go on.
    return todo('Closing.close')
  }

  /** A segment has come. */
  receive(flags: readonly Flag[]): void {
    // TODO(R2): the peer may be the first to close.
    // TODO(R3): both may close at the same moment.
    // TODO(R5): a FIN that comes again is acknowledged again.
    // TODO(R6): RST ends it, from any state; in CLOSED it is the answer to everything else.
    return todo('Closing.receive')
  }
}

/** Hands out the local ports of outgoing connections. */
export class PortAllocator {
  readonly options: { first: number; last: number; mslMs: number; now(): number }

  /**
   * @param o.first - The lowest port.
   * @param o.last - The highest port.
   * @param o.mslMs - The maximum segment lifetime, in milliseconds.
   * @param o.now - The time in milliseconds. Its zero means nothing.
   */
  constructor(o: { first: number; last: number; mslMs: number; now(): number }) {
    this.options = o
  }

  /**
   * A port for a connection to `remote`.
   *
   * @throws An error with the code `EADDRNOTAVAIL`, `waiting` and `freeInMs`, where none is free.
   */
  take(remote: Address): number {
    // TODO(R7): a port that is not in use for this destination.
    // TODO(R9): of those, the one that has been free the longest.
    // TODO(R10): where there is none, say how many wait, and for how long.
    return todo('PortAllocator.take')
  }

  /**
   * The connection from `port` to `remote` is over.
   *
   * @param closedFirst - Whether our end has sent the first FIN.
   */
  release(remote: Address, port: number, closedFirst: boolean): void {
    // TODO(R8): free at once, or when twice the MSL has passed.
    return todo('PortAllocator.release')
  }
}

/** One line of the kernel's table. */
export interface TcpRow {
  readonly local: Address
  readonly remote: Address
  readonly state: TcpState
  /** How long it still waits in TIME-WAIT, in milliseconds; null in any other state. */
  readonly timeWaitMs: number | null
}

/** @param text - What stands in `/proc/net/tcp` or `/proc/net/tcp6`, or in both, one after the other. */
export function readTcpTable(text: string): TcpRow[] {
  // TODO(R11): cut lines into columns, and read addresses and ports.
  // TODO(R12): the addresses of IPv6.
  // TODO(R13): the state, and how long TIME-WAIT still lasts.
  return todo('readTcpTable')
}

/** How many rows there are in each of the eleven states. */
export function countStates(rows: readonly TcpRow[]): Record<TcpState, number> {
  return todo('countStates')
}

/**
 * Connects from the first of these local ports that is free for this destination.
 *
 * @param remote - An IPv4 address, and a port.
 * @throws An error with the code `EADDRNOTAVAIL` where none is free; any other one keeps its own.
 */
export async function connectFrom(remote: Address, ports: readonly number[]): Promise<Socket> {
  // TODO(R14): try the ports in order.
  // TODO(R15): tell a busy port from any other failure.
  return todo('connectFrom')
}

/**
 * Sends requests to a server on 127.0.0.1, each on a connection of its own, one after the other.
 *
 * @param options.whoCloses - Which side sends the first FIN.
 */
export async function requestMany(
  port: number,
  count: number,
  options: { whoCloses: 'client' | 'server' },
): Promise<void> {
  // TODO(R16): send the first FIN, or wait for the server's.
  // TODO(R17): wait until a connection is over in both directions; a failure ends it all.
  return todo('requestMany')
}
