/**
 * Lab 03: an echo server, and a client for it. TCP carries bytes; the lines, and the limits, are yours.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1 | RFC 9293 §3.9.1} (open, send, receive, close)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9293#section-3.6 | RFC 9293 §3.6} (half-closed connections)
 */
import type { FourTuple, RunningServer } from '../kit/http.ts'
import { todo } from '../kit/todo.ts'

export interface EchoOptions {
  /** Address, or a name for it, on which to listen. Default: 127.0.0.1. */
  readonly host?: string
  /** Default: 0, and the system chooses one that is free. */
  readonly port?: number
  /** Longest line, in bytes of UTF-8, its line end not counted. Default: 65,536. */
  readonly maxLineBytes?: number
  /** Probe a silent connection after so many milliseconds. Default: never. */
  readonly keepAliveMs?: number
  /** Hears of every connection, once, when it has been accepted. */
  readonly onConnection?: (tuple: FourTuple) => void
}

/**
 * Sends every line back to the client from which it came.
 *
 * @returns When it listens.
 * @throws The system's error, with its `code`, when it cannot listen.
 */
export async function startEcho(options: EchoOptions = {}): Promise<RunningServer> {
  // TODO(R1): listen, wait until you do, and resolve with the port. Then send back what a client sends.
  // TODO(R2): when you cannot listen, reject with the error of the system.
  // TODO(R3): answer lines, not chunks: a chunk may end anywhere, in a character too.
  // TODO(R4): what a connection has not finished yet belongs to that connection.
  // TODO(R5): report the four-tuple of each connection, and set the option that was asked for.
  // TODO(R6): refuse a line that is too long, as soon as it is.
  // TODO(R7): after the client's FIN, let every answer leave, and then send your own.
  // TODO(R8): a reset ends one connection. The others do not notice.
  // TODO(R9): take no more from a client than it takes from you.
  // TODO(R10): close() ends conversations, not answers.
  return todo('startEcho')
}

/**
 * Sends lines to an echo server on this machine, and brings the answers.
 *
 * @param lines - Without line ends.
 * @returns The answers, in order, without line ends.
 * @throws The system's error when nobody listens; an error when there are fewer answers than lines.
 */
export async function sendLines(port: number, lines: string[]): Promise<string[]> {
  // TODO(R11): send all lines and your FIN, and read the answers until the server's FIN.
  // TODO(R12): whatever goes wrong rejects, and leaves nothing open.
  return todo('sendLines')
}
