/**
 * Lab 15: pipelining. Requests leave before the answers to earlier ones have come; answers keep their order.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.3.2 | RFC 9112 §9.3.2} (pipelining)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.2 | RFC 9112 §9.2} (which answer belongs to which request)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2 | RFC 9110 §9.2.2} (idempotent methods)
 */
import type { Handler, Request, Response, RunningServer } from '../kit/http.ts'
import { todo } from '../kit/todo.ts'

// Useful here: formatRequest, formatResponse and MessageReader from '../kit/'.

/**
 * What became of a request: its final response; or nothing, because it was sent and must not be sent
 * twice (`not-repeatable`), or because all that is allowed was tried in vain (`gave-up`).
 */
export type Outcome = { readonly response: Response } | { readonly unanswered: 'not-repeatable' | 'gave-up' }

/**
 * Sends requests to a server on 127.0.0.1, as many as it may before their answers come.
 *
 * @param requests - Sent in this order.
 * @param options.depth - Most requests that are unanswered at one time; no limit if not given.
 * @returns One outcome a request, in the order of the requests.
 * @throws The system's error when not even the first connection can be made.
 */
export async function pipeline(
  port: number,
  requests: readonly Request[],
  options: { depth?: number } = {},
): Promise<Outcome[]> {
  // TODO(R1): one connection; each answer goes to the oldest request without one. Leave nothing open.
  // TODO(R2): when an answer has shown that the connection persists, send on without waiting.
  // TODO(R3): one piece may hold several answers; a 1xx belongs to no request.
  // TODO(R4): never more than `depth` unanswered.
  // TODO(R5): after a method that is not idempotent, wait for its final answer.
  // TODO(R6): when the connection breaks, send again what has no answer, on a new connection.
  // TODO(R7): never a POST twice, never anything three times.
  // TODO(R8): `close` in an answer ends what you may do with this connection.
  return todo('pipeline')
}

/**
 * Serves pipelined requests on 127.0.0.1, on a port that the system chooses.
 *
 * @param handler - Answers one request. May be called again meanwhile, where the page says so.
 * @param options.maxWaiting - Most requests of one connection that the handler has been given and
 * whose answers have not left.
 */
export async function servePipelined(
  handler: Handler,
  options: { maxWaiting: number },
): Promise<RunningServer> {
  // TODO(R9): answers leave in the order of the requests, whichever is ready first.
  // TODO(R10): up to `maxWaiting` side by side. A client may send faster than you answer, or not read: stop taking in.
  // TODO(R11): after `close`, in a request or in an answer, nothing more is answered.
  // TODO(R12): a half-close, and your own close(), still let out the answers that are due.
  return todo('servePipelined')
}
