/**
 * Lab 12: keep-alive. A server that keeps its connections, and a client that uses them again.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.3 | RFC 9112 §9.3} (persistence, in four steps)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.5 | RFC 9112 §9.5} (failures and timeouts)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#appendix-C.2.2 | RFC 9112 App. C.2.2} (HTTP/1.0 keep-alive)
 */
import type { Handler, Request, Response, RunningServer } from '../kit/http.ts'
import { todo } from '../kit/todo.ts'

// Useful here: parseHead and its companions, formatRequest, formatResponse, field, and takeChunked
// of '../kit/chunked.ts'. MessageReader knows no chunked bodies.

/**
 * Answers request after request on each of its connections, until one side wants no more.
 *
 * @param handler - Answers one request; may take its time.
 * @param options.idleMs - How long a connection may be idle, in milliseconds.
 * @param options.maxRequests - Requests answered on one connection.
 */
export async function serve(
  handler: Handler,
  options: { idleMs: number; maxRequests: number },
): Promise<RunningServer> {
  // TODO(R1): listen on 127.0.0.1, port 0. Answer every request of a connection, in order.
  // TODO(R2): `close` in a request makes its answer the last one. Connection is a list of tokens.
  // TODO(R3): answer number maxRequests is the last one too, and says so.
  // TODO(R4): HTTP/1.0 keeps a connection only if the request asks, and the answer must echo it.
  // TODO(R5): beside the echo, tell how long and for how many requests you keep the connection.
  // TODO(R6): send FIN when a connection has been idle for idleMs.
  // TODO(R7): stop that clock from the first byte of a request to the last byte of its answer.
  // TODO(R8): read the body, by Content-Length or in chunks, before you look for the next request.
  // TODO(R13): close() ends what is idle, and lets a request in progress be answered.
  // TODO(R14): a client that has sent its FIN still gets its answers.
  // TODO(R15): a handler that throws, a reset, bytes that are no HTTP: no other connection is harmed.
  return todo('serve')
}

/** Sends one request after the other, on the same connection for as long as both sides keep it. */
export class KeepAliveClient {
  readonly port: number
  readonly version: '1.0' | '1.1'

  /**
   * @param port - Of a server on 127.0.0.1.
   * @param options.version - Which version the client speaks. Default: `1.1`.
   */
  constructor(port: number, options: { version?: '1.0' | '1.1' } = {}) {
    this.port = port
    this.version = options.version ?? '1.1'
  }

  /**
   * Sends a request and resolves with its response, whatever the status.
   *
   * @param request - What is left out: method GET, target `/`, no fields, no body.
   */
  async request(request: Partial<Request>): Promise<Response> {
    // TODO(R9): use the kept connection if there is one; in HTTP/1.0, ask for keep-alive every time.
    // TODO(R10): decide from request and response whether the connection is kept.
    // TODO(R11): a response without a length ends with the connection.
    // TODO(R12): a lost race with the server's idle close: once more, or never.
    return todo('KeepAliveClient.request')
  }

  /** Closes the kept connection, if there is one. */
  async close(): Promise<void> {
    // TODO(R13): resolve when nothing of yours is open.
    return todo('KeepAliveClient.close')
  }
}
