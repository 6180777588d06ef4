/**
 * Lab 13: the dumb proxy, the smart one, and the one to blame.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 | RFC 9110 §7.6.1} (Connection)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.3 | RFC 9112 §9.3} (persistence)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#appendix-C.2.2 | RFC 9112 App. C.2.2} (hung connections)
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { takeChunked } from '../../labs/kit/chunked.ts'
import { formatRequest, formatResponse } from '../../labs/kit/format.ts'
import { parseHead, parseRequestHead, parseResponseHead, type Head } from '../../labs/kit/head.ts'
import {
  field,
  type Address,
  type Headers,
  type Request,
  type Response,
  type RunningServer,
} from '../../labs/kit/http.ts'

// #region dumb
/** Relays one request and its answer, and is deaf to everything else: the mistake, kept for study. */
export function startDumbProxy(
  next: Address,
  { after = 'wait-for-origin' }: { after?: 'wait-for-origin' | 'close' } = {},
): Promise<RunningServer> {
  return startServer((client) => {
    let received = Buffer.alloc(0)
    const listen = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk])
      const end = endOfMessage(received, 0)
      if (received.length < end) return
      client.off('data', listen)
      client.off('end', leave)
      // What the client says from now on is read, and nobody hears it.
      client.resume()
      relayAnswer(client, connect(next), received.subarray(0, end), after === 'close')
    }
    const leave = (): void => void client.end()
    client.on('data', listen)
    client.once('end', leave)
    return { endIfIdle: () => void (received.length === 0 && leave()) }
  })
}

function relayAnswer(client: Socket, origin: Socket, request: Buffer, closeAfterwards: boolean): void {
  origin.write(request)
  // The FIN passes as well, and nothing but the origin's FIN ends the answer.
  origin.pipe(client)
  if (closeAfterwards) closeBehindAnswer(client, origin)
  // What ended with a reset may be cut short: a FIN would call it whole (RFC 9112 §8).
  origin.once('error', () => client.writableEnded || client.resetAndDestroy())
  client.once('close', () => origin.destroy())
}

function closeBehindAnswer(client: Socket, origin: Socket): void {
  let answer = Buffer.alloc(0)
  origin.on('data', (chunk) => {
    answer = Buffer.concat([answer, chunk])
    if (answer.length < endOfMessage(answer, Infinity)) return
    origin.unpipe(client)
    client.end()
    origin.end()
  })
}

/** Where the first message ends; infinite where that is not known, or not yet. */
function endOfMessage(bytes: Uint8Array, lengthOtherwise: number): number {
  try {
    const head = parseHead(bytes)
    return head ? head.length + (contentLength(head) ?? lengthOtherwise) : Infinity
  } catch {
    // What is no HTTP goes on until its sender closes.
    return Infinity
  }
}
// #endregion dumb

// #region smart
/** Two conversations, one with each side, that have nothing in common but the messages. */
export async function startSmartProxy(next: Address): Promise<RunningServer> {
  const origins = new Origins(next)
  const server = await startServer((client) => converse(client, origins))
  // Those in progress still need their origins, so these close last.
  return { port: server.port, close: () => server.close().then(() => origins.close()) }
}

function converse(client: Socket, origins: Origins): Conversation {
  const input = new Incoming(client)
  let closing = false
  let busy = false
  const serve = async (): Promise<void> => {
    for (let keep = true; keep; busy = false) {
      const request = await input.request()
      // Behind our FIN or a reset nobody can be answered any more.
      if (!request || !client.writable) break
      busy = true
      const response = await forward(request, origins)
      keep = staysOpen(request) && !closing
      client.write(formatResponse(keep ? response : withClose(response)))
    }
    client.end()
  }
  // What is no HTTP has no next message: the connection is over.
  serve().catch(() => client.end(formatResponse(withClose(problem(400, 'Bad Request')))))
  return {
    endIfIdle() {
      closing = true
      if (!busy && input.pending === 0) client.end()
    },
  }
}

async function forward(request: Request, origins: Origins): Promise<Response> {
  try {
    return onward(await origins.exchange(onward(request)))
  } catch {
    return problem(502, 'Bad Gateway')
  }
}

function problem(status: number, reason: string): Response {
  return { version: '1.1', status, reason, headers: [], body: Buffer.from(`${reason}\n`) }
}

function withClose(response: Response): Response {
  return { ...response, headers: [...response.headers, ['Connection', 'close']] }
}
// #endregion smart

// #region hop-by-hop
/** Fields that end at this hop even where nobody names them (RFC 9110 §7.6.1). */
const HOP_BY_HOP = ['connection', 'proxy-connection', 'keep-alive', 'te', 'transfer-encoding', 'upgrade']

/** The message as it goes on: ours in version and framing, the sender's in all that is end-to-end. */
function onward<Message extends Request | Response>(message: Message): Message {
  const { headers, version } = message
  const dropped = new Set([...HOP_BY_HOP, ...optionsOf(headers, 'connection')])
  const kept = headers.filter(([name]) => !dropped.has(name.toLowerCase()))
  // HTTP/1.1 has a Host, and where HTTP/1.0 named none nobody knows more than its absence (RFC 9110 §7.2).
  if ('method' in message && field(kept, 'host') === null) kept.unshift(['Host', ''])
  // The version that we received, not the one that we send (RFC 9110 §7.6.3).
  return { ...message, version: '1.1', headers: [...kept, ['Via', `${version} workbook`]] }
}

/** A list: several lines of it are one, and its options have no case (RFC 9110 §5.3, §7.6.1). */
function optionsOf(headers: Headers, name: string): string[] {
  const options = (field(headers, name) ?? '').toLowerCase().split(',')
  return options.map((option) => option.trim())
}
// #endregion hop-by-hop

// #region persistence
/** RFC 9112 §9.3 as a proxy reads it: HTTP/1.0 is not kept, whatever its fields ask for. */
function staysOpen({ version, headers }: Request | Response): boolean {
  return version === '1.1' && !optionsOf(headers, 'connection').includes('close')
}

interface Origin {
  readonly socket: Socket
  readonly input: Incoming
}

/** Connections to the next one. They belong to no client, and outlive all of them. */
class Origins {
  readonly #next: Address
  readonly #idle = new Set<Origin>()
  readonly #sockets = new Set<Socket>()

  constructor(next: Address) {
    this.#next = next
  }

  /** Sends a request on a kept connection, or else on a new one. Rejects when no whole answer comes. */
  async exchange(request: Request): Promise<Response> {
    const origin = this.#keptOne() ?? this.#connect()
    origin.socket.write(formatRequest(request))
    const response = await origin.input.response().catch(() => null)
    if (response && staysOpen(response)) this.#idle.add(origin)
    else origin.socket.end()
    if (!response) throw new Error('no whole answer')
    return response
  }

  /** Ends what is still there; resolves when it is gone. */
  async close(): Promise<void> {
    const gone = (socket: Socket) => new Promise((resolve) => socket.end().once('close', resolve))
    await Promise.all([...this.#sockets].map(gone))
  }

  #keptOne(): Origin | null {
    for (const origin of this.#idle) {
      this.#idle.delete(origin)
      if (origin.input.isQuiet) return origin
      // What came unasked is nobody's answer (RFC 9112 §9.2).
      origin.socket.end()
    }
    return null
  }

  #connect(): Origin {
    const socket = connect(this.#next)
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    return { socket, input: new Incoming(socket) }
  }
}
// #endregion persistence

// #region incoming
/** The messages that come in on one socket, however they are cut and framed. */
class Incoming {
  #bytes = Buffer.alloc(0)
  #end: 'FIN' | 'RST' | null = null
  #wake = (): void => undefined

  constructor(socket: Socket) {
    const end = (how: 'FIN' | 'RST'): void => {
      this.#end ??= how
      this.#wake()
    }
    socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      this.#wake()
    })
    socket.once('end', () => end('FIN'))
    // An error shows as a message that never became whole.
    socket.on('error', () => end('RST'))
  }

  /** Bytes of a message that has begun and is not taken. */
  get pending(): number {
    return this.#bytes.length
  }

  /** Nothing has come behind the last message, no end either. */
  get isQuiet(): boolean {
    return this.pending === 0 && this.#end === null
  }

  async request(): Promise<Request | null> {
    const whole = await this.#next(() => 0)
    return whole && { ...parseRequestHead(whole.head), body: whole.body }
  }

  /** Only a FIN ends a body that has no length: after a reset nobody knows what is missing. */
  async response(): Promise<Response | null> {
    const whole = await this.#next(() => (this.#end === 'FIN' ? this.#bytes.length : Infinity))
    return whole && { ...parseResponseHead(whole.head), body: whole.body }
  }

  /** The next message, or null when the stream ends before it is whole. */
  async #next(restLength: () => number): Promise<Whole | null> {
    for (;;) {
      const whole = cutMessage(this.#bytes, restLength())
      if (whole) {
        this.#bytes = this.#bytes.subarray(whole.length)
        return whole
      }
      if (this.#end) return null
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}

interface Whole {
  readonly head: Head
  readonly body: Uint8Array
  /** Bytes of head and body on the wire. */
  readonly length: number
}

/** RFC 9112 §6.3, without the messages that never have a body; null while it is not whole. */
function cutMessage(bytes: Buffer, lengthOtherwise: number): Whole | null {
  const head = parseHead(bytes)
  if (!head) return null
  const rest = bytes.subarray(head.length)
  // 100 and its like have no body and answer nothing: the answer stands behind them (RFC 9110 §15.2).
  if (/^HTTP\/1\.\d 1/.test(head.startLine)) {
    const answer = cutMessage(rest, lengthOtherwise - head.length)
    return answer && { ...answer, length: head.length + answer.length }
  }
  const length = contentLength(head)
  const coding = field(head.headers, 'transfer-encoding')
  if (coding !== null) {
    // Whoever believes the other length begins the next message elsewhere (RFC 9112 §11.2).
    if (length !== null) throw new Error('two lengths')
    // Where another coding is last, nobody knows the end; where one comes before, it is not ours to take off (§6.1).
    if (coding.toLowerCase() !== 'chunked')
      throw new Error(`a coding that this proxy does not know: ${coding}`)
    const chunked = takeChunked(rest)
    return chunked && { head, body: chunked.body, length: head.length + chunked.length }
  }
  const size = length ?? Math.max(0, lengthOtherwise - head.length)
  return rest.length < size ? null : { head, body: rest.subarray(0, size), length: head.length + size }
}

/** Null where none is given. What is no number of bytes has no meaning that could be guessed (RFC 9112 §6.3). */
function contentLength({ headers }: Head): number | null {
  const given = field(headers, 'content-length')
  if (given !== null && !/^\d+$/.test(given)) throw new Error(`not a Content-Length: ${given}`)
  return given === null ? null : Number(given)
}
// #endregion incoming

// #region explain
export interface Hop {
  readonly from: string
  readonly to: string
  readonly kind: 'request' | 'response' | 'close' | 'silence'
  /** Start line and fields, where it is a request or a response. */
  readonly head?: string
}

/** Whoever owes an answer and waits for nobody has swallowed the request. */
export function explainHang(hops: readonly Hop[]): { culprit: string; header: string } | null {
  const names = new Set(hops.map(({ to }) => to))
  for (const { from: culprit, to: asker } of hops.filter((_, at) => isLastingSilence(hops.slice(at)))) {
    if (!owes(hops, culprit, asker)) continue
    if ([...names].some((other) => owes(hops, other, culprit))) continue
    const header = relayedPromise(hops, culprit)
    if (header) return { culprit, header }
  }
  return null
}

/** Nothing else has followed between the two: a silence is no event, and takes no other one away. */
function isLastingSilence([silence, ...later]: readonly Hop[]): boolean {
  if (silence?.kind !== 'silence') return false
  return between(later, silence.from, silence.to).every(({ kind }) => kind === 'silence')
}

/** A request is a debt, an answer pays it, and nothing is due on a closed connection, whoever has closed it. */
function owes(hops: readonly Hop[], debtor: string, creditor: string): boolean {
  let due = 0
  for (const { from, kind } of between(hops, debtor, creditor)) {
    if (kind === 'request' && from === creditor) due += 1
    if (kind === 'response' && from === debtor) due -= 1
    if (kind === 'close') due = 0
  }
  return due > 0
}

function between(hops: readonly Hop[], one: string, other: string): readonly Hop[] {
  const ends = [one, other]
  return hops.filter(({ from, to }) => ends.includes(from) && ends.includes(to))
}

/** The promise to keep a connection that this one passed on as if it were its own. */
function relayedPromise(hops: readonly Hop[], relay: string): string | null {
  const requests = hops.filter(({ kind }) => kind === 'request')
  const received = requests.filter(({ to }) => to === relay).map(headOf)
  const sent = requests.filter(({ from }) => from === relay).map(headOf)
  const passedOn = (promises: (head: Head) => boolean): boolean =>
    received.some(promises) && sent.some(promises)
  for (const name of ['Proxy-Connection', 'Connection']) {
    if (passedOn(({ headers }) => optionsOf(headers, name).includes('keep-alive'))) return name
  }
  return passedOn(({ startLine }) => startLine.endsWith(' HTTP/1.1')) ? 'HTTP-version' : null
}

function headOf({ head }: Hop): Head {
  return parseHead(Buffer.from(`${head}\r\n\r\n`)) as Head
}
// #endregion explain

interface Conversation {
  /** Sends FIN if no request is in progress; otherwise the answer in progress is the last. */
  endIfIdle(): void
}

async function startServer(accept: (client: Socket) => Conversation): Promise<RunningServer> {
  const conversations = new Set<Conversation>()
  // The client's FIN must not end our side while an answer is on its way.
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const conversation = accept(client)
    conversations.add(conversation)
    client.once('close', () => conversations.delete(conversation))
    client.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const conversation of conversations) conversation.endIfIdle()
    })
  return { port: (server.address() as AddressInfo).port, close }
}
