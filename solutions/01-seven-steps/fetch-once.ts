/**
 * Lab 01: the seven steps of a transaction.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-3.2 | RFC 9112 §3.2} (request target, Host)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-6.3 | RFC 9112 §6.3} (where a body ends)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.6 | RFC 9112 §9.6} (closing)
 */
import dns from 'node:dns'
import { once } from 'node:events'
import net, { type Socket } from 'node:net'
import { formatRequest } from '../../labs/kit/format.ts'
import { parseHead, parseResponseHead } from '../../labs/kit/head.ts'
import { field, type Response } from '../../labs/kit/http.ts'

export type Step = 'host' | 'address' | 'port' | 'connect' | 'request' | 'response' | 'close'

export interface FetchOptions {
  readonly lookup?: (host: string) => Promise<string>
  readonly onStep?: (step: Step) => void
}

/** Gets one response over one connection of its own, and closes the connection. */
export async function fetchOnce(url: string, options: FetchOptions = {}): Promise<Response> {
  const target = new URL(url)
  const host = hostOf(target)
  const port = target.port === '' ? 80 : Number(target.port)
  try {
    return await transact(target, host, port, options)
  } catch (error) {
    throw withPlace(error as NodeJS.ErrnoException, host, port)
  }
}

// --- internal ---

// #region steps
async function transact(target: URL, host: string, port: number, options: FetchOptions): Promise<Response> {
  const { lookup = systemLookup, onStep = () => undefined } = options
  onStep('host')
  const address = net.isIP(host) ? host : await lookup(host)
  onStep('address')
  onStep('port')
  const socket = net.connect({ host: address, port })
  await once(socket, 'connect')
  onStep('connect')
  try {
    socket.write(requestFor(target))
    onStep('request')
    const response = await readResponse(socket)
    onStep('response')
    return response
  } finally {
    // Not end(): that waits for the server's FIN, and the server may keep its end open.
    socket.destroy()
    if (!socket.closed) await once(socket, 'close')
    onStep('close')
  }
}
// #endregion steps

/** A URL writes an IPv6 address in brackets (RFC 3986 §3.2.2). They are no part of the address. */
function hostOf(target: URL): string {
  return target.hostname.replace(/^\[(.*)\]$/, '$1')
}

async function systemLookup(host: string): Promise<string> {
  const { address } = await dns.promises.lookup(host)
  return address
}

// #region request
function requestFor(target: URL): Buffer {
  return formatRequest({
    method: 'GET',
    // Origin-form: the path with its query. The fragment never leaves the client (RFC 9112 §3.2.1).
    target: target.pathname + target.search,
    version: '1.1',
    // `host` of a URL has the port exactly where it is not the default one (RFC 9110 §7.2).
    headers: [
      ['Host', target.host],
      // We never send a second request, and must say so (RFC 9112 §9.3).
      ['Connection', 'close'],
    ],
    body: new Uint8Array(),
  })
}
// #endregion request

// #region response
/** Reads to the end that the head announces, or to the server's FIN where it announces none. */
async function readResponse(socket: Socket): Promise<Response> {
  const chunks: Buffer[] = []
  let received = 0
  let head: ResponseHead | null = null
  // A reset throws out of this loop; only a FIN ends it in peace.
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    received += chunk.length
    // As soon as it is there: what is not HTTP must not be waited for.
    head ??= readHead(Buffer.concat(chunks))
    if (head && received >= head.end) break
  }
  if (!head) throw new Error(`the response was cut short in its head, after ${received} bytes`)
  if (received < head.end && head.end !== Infinity) {
    throw new Error(`the response was cut short: ${received} of ${head.end} bytes`)
  }
  return { ...head.response, body: Buffer.concat(chunks).subarray(head.length, head.end) }
}

interface ResponseHead {
  readonly response: Omit<Response, 'body'>
  /** Bytes up to the end of the head: the body begins here. */
  readonly length: number
  /** Bytes of the whole response (RFC 9112 §6.3); infinite where the server's FIN is the end. */
  readonly end: number
}

function readHead(bytes: Buffer): ResponseHead | null {
  const head = parseHead(bytes)
  if (!head) return null
  const response = parseResponseHead(head)
  if (response.status < 200) return afterNotice(bytes, head.length)
  // RFC 9112 §6.3: these have no body, whatever their fields say.
  if (response.status === 204 || response.status === 304)
    return { response, length: head.length, end: head.length }
  const bodyLength = field(head.headers, 'content-length')
  // Digits alone: Number() would also take 0x5, 4.5, 1e2 and the empty text.
  if (bodyLength !== null && !/^\d+$/.test(bodyLength)) throw new Error(`not a length: "${bodyLength}"`)
  const end = bodyLength === null ? Infinity : head.length + Number(bodyLength)
  return { response, length: head.length, end }
}

/** 1xx is a notice without a body: the response comes after it (RFC 9110 §15.2). */
function afterNotice(bytes: Buffer, notice: number): ResponseHead | null {
  const head = readHead(bytes.subarray(notice))
  return head && { ...head, length: notice + head.length, end: notice + head.end }
}
// #endregion response

// #region failure
/** Whoever reads a log knows neither the URL nor this file: the message says where it happened. */
function withPlace(cause: NodeJS.ErrnoException, host: string, port: number): Error {
  const error = new Error(`${host} port ${port}: ${cause.message}`, { cause })
  return cause.code === undefined ? error : Object.assign(error, { code: cause.code })
}
// #endregion failure
