/**
 * Lab 04: a reliable pipe of bytes over datagrams.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9293#section-3.1 | RFC 9293 §3.1} (the header)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9293#section-3.8 | RFC 9293 §3.8} (retransmission, windows)
 * @see {@link https://www.rfc-editor.org/rfc/rfc1071#section-1 | RFC 1071 §1} (the checksum)
 */
import type { Address, FourTuple } from '../kit/http.ts'
import { todo } from '../kit/todo.ts'

export type Flag = 'SYN' | 'ACK' | 'FIN' | 'RST'

export interface Segment {
  readonly sourcePort: number
  readonly destinationPort: number
  /** From 0 to 4,294,967,295. */
  readonly sequence: number
  readonly acknowledgement: number
  readonly flags: readonly Flag[]
  readonly window: number
  readonly payload: Uint8Array
}

export interface PipeOptions {
  /** The largest payload. */
  readonly mss: number
  /** How many bytes are taken in that have not been read. */
  readonly windowBytes: number
  /** The first wait for an acknowledgement. */
  readonly rtoMs: number
  /** How often one thing is sent in all. */
  readonly maxAttempts: number
  /** The sequence number of the SYN. */
  isn?(): number
}

export type Ending = 'clean' | 'reset' | 'timed-out'

export interface Pipe {
  /** The addresses and ports of the two UDP sockets. */
  readonly tuple: FourTuple
  /** Takes any number of bytes, at once. */
  write(bytes: Uint8Array): void
  /** Nothing more will be written. */
  end(): void
  /** Bytes in order, one at least; null at the end. */
  read(): Promise<Uint8Array | null>
  readonly closed: Promise<Ending>
}

export interface PipeListener {
  /** Of its UDP socket. */
  readonly port: number
  /** Takes no further pipes, and resolves when the last one is over. */
  close(): Promise<void>
}

/** The bytes of a segment, its checksum included. */
export function encodeSegment(segment: Segment): Uint8Array {
  // TODO(R1): header and payload.
  // TODO(R2): the checksum.
  return todo('encodeSegment')
}

/** @returns null for a segment that is damaged. */
export function decodeSegment(bytes: Uint8Array): Segment | null {
  return todo('decodeSegment')
}

/**
 * Opens a pipe to a listener.
 *
 * @throws An error with the code `ECONNREFUSED` or `ETIMEDOUT`.
 */
export async function openPipe(remote: Address, options: PipeOptions): Promise<Pipe> {
  // TODO(R3): the handshake.
  // TODO(R5): numbers, and payloads of the right size.
  // TODO(R6): the peer's window, and what to do where it is 0.
  // TODO(R7): send the oldest one again.
  // TODO(R8): give up.
  // TODO(R9): put together what comes, and acknowledge it.
  // TODO(R10): your own window.
  // TODO(R11): the end of each direction, and of the pipe.
  return todo('openPipe')
}

/**
 * Waits for pipes on a UDP socket on 127.0.0.1.
 *
 * @param onPipe - Called with each, when it is open.
 */
export async function listenPipes(onPipe: (pipe: Pipe) => void, options: PipeOptions): Promise<PipeListener> {
  // TODO(R4): the other side of the handshake.
  // TODO(R12): many pipes, and RST where there is none.
  // TODO(R13): close() takes no further ones.
  // TODO(R14): all of it together.
  return todo('listenPipes')
}
