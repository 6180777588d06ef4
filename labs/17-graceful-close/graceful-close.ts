/**
 * Lab 17: the graceful close. A connection has two directions, and you may close them one by one.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.6 | RFC 9112 §9.6} (tear-down: the advice for servers)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9293#section-3.6 | RFC 9293 §3.6} (closing a connection; half-closed)
 */
import type { Socket } from 'node:net'
import type { Handler, RunningServer } from '../kit/http.ts'
import { todo } from '../kit/todo.ts'

// Useful here: MessageReader, formatResponse and parseHead from '../kit/'.

/**
 * The mistake, for study: answers `maxRequests` requests of a connection, then closes both
 * directions at once, whatever is still on its way.
 *
 * @param options.maxRequests - Requests answered on one connection.
 */
export async function serveCarelessly(
  handler: Handler,
  options: { maxRequests: number },
): Promise<RunningServer> {
  // TODO(R1): listen on 127.0.0.1, port 0. Answer in the order of the requests; several may arrive in
  // one chunk. Right after the last answer, destroy the socket.
  return todo('serveCarelessly')
}

/**
 * Closes a connection so that nothing is lost: our output first, the peer's output awaited.
 *
 * @param socket - Connected, with `allowHalfOpen: true`. Its other direction may have ended already.
 * @param options.timeoutMs - How long the peer may keep its direction open, in milliseconds, from
 * the moment of our FIN.
 * @returns `clean` once both FINs are through; `forced` for every other end. Never rejects.
 */
export async function closeGracefully(
  socket: Socket,
  options: { timeoutMs: number },
): Promise<'clean' | 'forced'> {
  // TODO(R2): let everything that is queued leave, then send FIN.
  // TODO(R3): read and throw away what the peer still sends, until its FIN; then resolve.
  // TODO(R4): from your FIN on, wait timeoutMs at most.
  // TODO(R5): be called twice; be called when the peer has ended already, with FIN or with a reset.
  return todo('closeGracefully')
}

/**
 * Answers `maxRequests` requests of a connection, then closes it gracefully.
 *
 * @param options.maxRequests - Requests answered on one connection.
 * @param options.timeoutMs - As in `closeGracefully`.
 */
export async function serveThenClose(
  handler: Handler,
  options: { maxRequests: number; timeoutMs: number },
): Promise<RunningServer> {
  // TODO(R6): the last answer says `Connection: close`; whatever comes after its request is not handled.
  // TODO(R7): a client may close its output and still wait for answers.
  // TODO(R8): a client that never closes is gone after timeoutMs; close() closes with care, too.
  // TODO(R12): a handler that fails, and what is no HTTP, concern one connection and not the server.
  return todo('serveThenClose')
}

/**
 * Takes one upload a connection, and refuses what is too large before it has arrived.
 *
 * @param options.maxBytes - Longest body that is taken, in bytes.
 * @param options.timeoutMs - As in `closeGracefully`.
 */
export async function refuseUpload(options: { maxBytes: number; timeoutMs: number }): Promise<RunningServer> {
  // TODO(R9): decide by Content-Length as soon as the head is there: 413 at once, or 200 at the end.
  // TODO(R10): a client that never stops sending must not keep you.
  return todo('refuseUpload')
}

/**
 * Tells how the peer ended its direction, and leaves our direction as it is.
 *
 * @param socket - Connected, with `allowHalfOpen: true`; its end may still come, or have come.
 */
export async function howDidItEnd(socket: Socket): Promise<'fin' | 'reset'> {
  // TODO(R11): an `end` event is not always a FIN.
  return todo('howDidItEnd')
}
