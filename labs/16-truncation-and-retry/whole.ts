/**
 * Lab 16: truncation and retry. A client that knows a whole answer from a piece, and a cache that trusts no piece.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-8 | RFC 9112 §8} (incomplete messages)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-15.3.7 | RFC 9110 §15.3.7} (206, and combining parts)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9111#section-3 | RFC 9111 §3 and §4} (storing, and using what is stored)
 */
import type { Address, Request, Response, RunningServer } from '../kit/http.ts'
import { todo } from '../kit/todo.ts'

// Useful here: field() from '../kit/http.ts', and head.ts, format.ts and chunked.ts of the kit.

/** The answer has begun and was cut short. */
export class TruncatedError extends Error {
  override readonly name = 'TruncatedError'
  readonly code = 'ETRUNCATED'
  /** Bytes of content that have come. */
  readonly received: number = 0
  /** What the answer has promised; null where it has promised nothing. */
  readonly expected: number | null = null
  /** The answer as far as it has come. */
  readonly partial: Response

  constructor(partial: Response, expected: number | null) {
    super(`an answer cut short of ${expected ?? 'an unknown number of'} bytes`)
    this.partial = partial
    todo('TruncatedError')
  }
}

/**
 * Sends a request to a server on 127.0.0.1, and again where that is right, until its answer is whole.
 *
 * @param options.retries - Further attempts at most; 1 if not given.
 * @param options.mayRepeat - Decides about requests that are not idempotent.
 * @throws TruncatedError when the answer stays a piece.
 */
export async function fetchWhole(
  port: number,
  request: Partial<Request>,
  options: { retries?: number; mayRepeat?(request: Request): Promise<boolean> } = {},
): Promise<Response> {
  // TODO(R1): one attempt on a connection of its own: whole at its last byte.
  // TODO(R2): without a length it is whole at FIN, and not after a reset.
  // TODO(R3): cut: how much has come, of how much.
  // TODO(R4): again, if the method is idempotent.
  // TODO(R5): again, if mayRepeat says yes.
  // TODO(R6): ask for the rest alone, where the version can be named.
  // TODO(R7): join what fits, and nothing else.
  return todo('fetchWhole')
}

/**
 * A cache that many share, before one origin.
 *
 * @param options.now - The time, in milliseconds since 1970.
 * @param options.maxBytes - Of all stored bodies together.
 */
export async function startCache(
  origin: Address,
  options: { now(): number; maxBytes: number },
): Promise<RunningServer> {
  // TODO(R8): pass requests and answers on, one a connection.
  // TODO(R9): keep what may be kept.
  // TODO(R10): use it while it is fresh, and tell its age.
  // TODO(R11): ask whether it is still good where it is stale.
  // TODO(R12): an answer for each combination of the fields that Vary names.
  // TODO(R13): forget what an unsafe request has changed.
  // TODO(R14): let those who ask for the same wait for one answer.
  // TODO(R15): nothing half is given out, or kept.
  // TODO(R16): at most maxBytes.
  // TODO(R17): one connection's trouble is nobody else's; close().
  return todo('startCache')
}
