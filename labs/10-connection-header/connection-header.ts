/**
 * Lab 10: the Connection header. What ends at this hop, what travels on, and which connection stays.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-7.6 | RFC 9110 §7.6} (message forwarding)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.3 | RFC 9112 §9.3} (persistence)
 */
import type { Address, Headers, Request, Response, RunningServer } from '../kit/http.ts'
import { todo } from '../kit/todo.ts'

// Useful here: field() from '../kit/http.ts'. For the hop: head.ts, format.ts and chunked.ts of the kit.

/** The options of all Connection fields: in lower case, in their order, each once. */
export function connectionOptions(headers: Headers): string[] {
  // TODO(R1): one list, however many lines it stands on; no case; empty places mean nothing.
  return todo('connectionOptions')
}

/** The names, in lower case, of the fields that must not travel on. */
export function fieldsToRemove(headers: Headers): string[] {
  // TODO(R2): what Connection names.
  // TODO(R3): what belongs to the hop though nobody names it.
  // TODO(R4): but never one of the four that Connection cannot take away.
  return todo('fieldsToRemove')
}

/** Who forwards, and how the message came. */
export interface Hop {
  /** Our name, for Via. */
  readonly name: string
  /** The version of the message that came in. */
  readonly received: '1.0' | '1.1'
}

/** The message as it goes on to the next hop. */
export function forward<M extends Request | Response>(message: M, hop: Hop): M {
  // TODO(R5): every field that is not removed, in order, each line as it came; HTTP/1.1.
  // TODO(R6): sign in Via.
  // TODO(R7): in TRACE and OPTIONS, count Max-Forwards down.
  return todo('forward')
}

/** One request and its response, and which end of the connection asks. */
export interface Exchange {
  readonly request: Request
  readonly response: Response
  /** A `proxy` asks about its connection to the client. */
  readonly role: 'client' | 'server' | 'proxy'
}

/** Whether the connection stays open after this exchange (RFC 9112 §9.3). */
export function persists(exchange: Exchange): boolean {
  // TODO(R8): the four steps, for the client and for the server.
  // TODO(R9): the third step is not for a proxy that has read a request.
  return todo('persists')
}

/**
 * One hop: takes requests, forwards them to `next` one at a time, and brings the answers back.
 *
 * @param next - The next hop, or the origin.
 * @param options.name - Our name, for Via.
 */
export async function startHop(next: Address, options: { name: string }): Promise<RunningServer> {
  // TODO(R10): requests and answers, through forward(), each body framed anew.
  // TODO(R11): the client's connection, by persists() as a proxy.
  // TODO(R12): the connection to the next hop, by persists() as a client.
  // TODO(R13): TRACE and OPTIONS with no hop left are answered here.
  // TODO(R14): who cannot be reached, who says no HTTP, who is cut off.
  // TODO(R15): close() ends both sides with care.
  return todo('startHop')
}
