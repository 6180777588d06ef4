/**
 * Lab 13: the dumb proxy. A proxy that hangs, a proxy that does not, and a look at who is to blame.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 | RFC 9110 §7.6.1} (Connection)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.3 | RFC 9112 §9.3} (persistence)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#appendix-C.2.2 | RFC 9112 App. C.2.2} (hung connections)
 */
import type { Address, RunningServer } from '../kit/http.ts'
import { todo } from '../kit/todo.ts'

export interface DumbProxyOptions {
  /** What it does after the answer. Default: `wait-for-origin`. */
  readonly after?: 'wait-for-origin' | 'close'
}

/**
 * A proxy from before keep-alive: it relays one request and its answer, and understands neither.
 *
 * @param next - The next proxy, or the origin.
 */
export async function startDumbProxy(next: Address, options: DumbProxyOptions = {}): Promise<RunningServer> {
  // TODO(R1): relay the first request whole, then the answer as it comes; FIN when the origin has closed.
  // TODO(R2): from then on, be deaf to the client.
  // TODO(R3): with `after: 'close'`, close both sides as soon as the answer is whole.
  return todo('startDumbProxy')
}

/**
 * A proxy that knows where a hop ends.
 *
 * @param next - The next proxy, or the origin.
 */
export async function startSmartProxy(next: Address): Promise<RunningServer> {
  // TODO(R4): take request after request, forward each in HTTP/1.1, and send its answer back.
  // TODO(R5): pass on no field that belongs to the hop, in either direction.
  // TODO(R6): pass on every other field, in order, and sign in Via.
  // TODO(R7): take each body out of its frame, and frame it anew.
  // TODO(R8): keep the connections to the origin, whoever the client is, and end each side for itself.
  // TODO(R9): never keep an HTTP/1.0 client.
  // TODO(R10): close both sides with care.
  return todo('startSmartProxy')
}

/** One thing that passed between two neighbours of a chain. */
export interface Hop {
  readonly from: string
  readonly to: string
  readonly kind: 'request' | 'response' | 'close' | 'silence'
  /** Start line and fields of a request or response: lines divided by CRLF, without the blank line. */
  readonly head?: string
}

/**
 * Finds the one that has swallowed a request.
 *
 * @param hops - In the order in which they happened.
 * @returns Its name, and what it relayed as if it were its own; null where that explains nothing.
 */
export function explainHang(hops: readonly Hop[]): { culprit: string; header: string } | null {
  // TODO(R11): find the one that owes an answer, is silent and waits for nobody; then what it relayed.
  // TODO(R12): run the chains. This is where all of the above meets.
  return todo('explainHang')
}
