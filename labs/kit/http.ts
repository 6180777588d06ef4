/** The words that the labs share. Bytes on the wire are the truth; these are only their names. */

/** Fields in the order, and with the case, in which they stand on the wire. */
export type Headers = ReadonlyArray<readonly [name: string, value: string]>

export interface Request {
  readonly method: string
  /** For example `/a?b=c`: the origin-form of RFC 9112 §3.2.1. */
  readonly target: string
  readonly version: '1.0' | '1.1'
  readonly headers: Headers
  readonly body: Uint8Array
}

export interface Response {
  readonly version: '1.0' | '1.1'
  readonly status: number
  readonly reason: string
  readonly headers: Headers
  readonly body: Uint8Array
}

/** Answers one request. */
export type Handler = (request: Request) => Response | Promise<Response>

export interface Address {
  readonly host: string
  readonly port: number
}

/** What tells one TCP connection from every other (RFC 9293 §3.3.1). */
export interface FourTuple {
  readonly localAddress: string
  readonly localPort: number
  readonly remoteAddress: string
  readonly remotePort: number
}

/** Servers and proxies alike. */
export interface RunningServer {
  readonly port: number
  /**
   * Stops listening at once, sends FIN on idle connections, finishes requests in progress, and
   * resolves when every connection is gone.
   */
  close(): Promise<void>
}

/** All values of a field, joined by `, ` (RFC 9110 §5.3); null if it does not occur. */
export function field(headers: Headers, name: string): string | null {
  const wanted = name.toLowerCase()
  const values = headers
    .filter(([given]) => given.toLowerCase() === wanted)
    .map(([, value]) => value)
  return values.length > 0 ? values.join(', ') : null
}
