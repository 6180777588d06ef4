/**
 * Lab 01: the seven steps of a transaction. From a URL to a response, by hand, on one connection.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-3.2 | RFC 9112 §3.2} (request target, Host)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-6.3 | RFC 9112 §6.3} (where a body ends)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.6 | RFC 9112 §9.6} (closing)
 */
import type { Response } from '../kit/http.ts'
import { todo } from '../kit/todo.ts'

/** In the order in which they are done; `port` may come anywhere between `host` and `connect`. */
export type Step = 'host' | 'address' | 'port' | 'connect' | 'request' | 'response' | 'close'

export interface FetchOptions {
  /** Finds the address of a host name. Default: `dns.promises.lookup`. */
  readonly lookup?: (host: string) => Promise<string>
  /** Hears each step when it is done, and not before. */
  readonly onStep?: (step: Step) => void
}

/**
 * Gets one response over one connection of its own, and closes the connection.
 *
 * @param url - For example `http://harbour.example:8080/tides?day=today`.
 * @returns The response, whatever its status.
 * @throws The system's `code` where there is one; the message names host and port.
 */
export async function fetchOnce(url: string, options: FetchOptions = {}): Promise<Response> {
  // TODO(R1): connect to the URL's host on port 80, send a GET, and resolve with what comes back.
  // TODO(R2): take the work apart into the seven steps, and tell onStep when each is done.
  // TODO(R3): take the port from the URL; a host may be an address, and IPv6 comes in brackets.
  // TODO(R4): ask for the path with its query; say that the connection ends after this response.
  // TODO(R5): end the body at its Content-Length, or at the server's FIN. Keep bytes, not text.
  // TODO(R6): a failed lookup or connection rejects: the system's code, and a message with the place.
  // TODO(R7): what was cut short is no response, and neither is what is not HTTP.
  // TODO(R8): leave no socket open, however it went.
  return todo('fetchOnce')
}
