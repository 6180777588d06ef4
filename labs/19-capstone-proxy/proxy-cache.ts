/**
 * Lab 19: a proxy that people use, and an origin behind it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-7.6 | RFC 9110 §7.6} (message forwarding)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9111#section-4 | RFC 9111 §4} (answers from caches)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9 | RFC 9112 §9} (connection management)
 */
import type { Address, RunningServer } from '../kit/http.ts'
import { todo } from '../kit/todo.ts'

// Useful here: the kit, your own earlier labs, and more files of your own beside this one.

/** Times in milliseconds. */
export interface Limits {
  /** Between two requests. */
  readonly idleMs: number
  /** For a head, and for a connection to be made. */
  readonly headMs: number
  /** For the next piece of a body, to come or to be taken. */
  readonly bodyMs: number
  readonly maxHeadBytes: number
  /** Of a request. */
  readonly maxBodyBytes: number
  /** Of clients. */
  readonly maxConnections: number
  /** From close(), and behind your FIN. */
  readonly graceMs: number
}

export interface Stats {
  /** Connections of clients, those that were refused not counted. */
  readonly clients: number
  /** Connections to origins, tunnels not counted, and those of them without a request. */
  readonly origins: number
  readonly idle: number
  /** Requests that were not refused, and those answered from what is stored, the origin unasked. */
  readonly requests: number
  readonly hits: number
  readonly storedBytes: number
}

/**
 * Serves files from memory.
 *
 * @param files - By path: `/a.txt`.
 */
export async function startOrigin(
  files: Readonly<Record<string, Uint8Array>>,
  options: Limits,
): Promise<RunningServer> {
  // TODO(R1): GET and HEAD; 404, 405.
  // TODO(R2): ranges and conditions.
  // TODO(R3): refuse what has no certain end, and what is too large.
  // TODO(R4): keep connections, and say so where that is needed.
  // TODO(R5): many requests at once, answered in their order.
  // TODO(R6): a clock for whatever a client keeps you waiting for.
  // TODO(R7): at most maxConnections.
  // TODO(R8): close() loses nothing that was begun.
  return todo('startOrigin')
}

/**
 * A proxy with a cache.
 *
 * @param options.routes - Where a host is; null if nowhere.
 * @param options.cacheBytes - What is stored takes no more.
 * @param options.now - The time, in milliseconds since 1970.
 */
export async function startProxy(
  options: Limits & { routes(host: string): Address | null; cacheBytes: number; now(): number },
): Promise<RunningServer & { stats(): Stats }> {
  // TODO(R9): forward requests and answers.
  // TODO(R10): say anew where each body ends.
  // TODO(R11): use connections to origins again.
  // TODO(R12): pass on Expect, and answers before the answer.
  // TODO(R13): tell what has failed, and where.
  // TODO(R14): hold little.
  // TODO(R15): tunnels.
  // TODO(R16): give out what is fresh.
  // TODO(R17): ask whether what is stale is still good, and once for many.
  // TODO(R18): count.
  return todo('startProxy')
}
