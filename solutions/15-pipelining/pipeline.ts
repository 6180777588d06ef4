/**
 * Lab 15: pipelining.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.3.2 | RFC 9112 §9.3.2} (pipelining)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.2 | RFC 9112 §9.2} (which answer belongs to which request)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2 | RFC 9110 §9.2.2} (idempotent methods)
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { formatRequest, formatResponse } from '../../labs/kit/format.ts'
import { field, type Handler, type Headers, type Request } from '../../labs/kit/http.ts'
import type { Response, RunningServer } from '../../labs/kit/http.ts'
import { MessageReader } from '../../labs/kit/message-reader.ts'

export type Outcome = { readonly response: Response } | { readonly unanswered: 'not-repeatable' | 'gave-up' }

/** RFC 9110 §9.2.1 and §9.2.2. Of a method that we do not know we assume nothing. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])
const IDEMPOTENT = new Set([...SAFE, 'PUT', 'DELETE'])

/** A request is sent once, and once more if that did no harm: a failed retry is not retried. */
const MOST_SENDS = 2

// #region pipeline
/** A request on its way to an outcome, over one connection or several. */
interface Errand {
  readonly request: Request
  sends: number
  outcome: Outcome | null
}

export async function pipeline(
  port: number,
  requests: readonly Request[],
  options: { depth?: number } = {},
): Promise<Outcome[]> {
  const errands = requests.map((request): Errand => ({ request, sends: 0, outcome: null }))
  const open = (): Errand[] => errands.filter(({ outcome }) => outcome === null)
  for (let isFirst = true; open().length > 0; isFirst = false) {
    try {
      await converse(await connectTo(port), open(), options.depth ?? Infinity)
      for (const errand of open()) errand.outcome = afterTheEnd(errand)
    } catch (error) {
      if (isFirst) throw error
      // Answers that we have are worth more than an error: the rest has none, and will get none.
      for (const errand of open()) errand.outcome = { unanswered: 'gave-up' }
    }
  }
  return errands.map(({ outcome }) => outcome as Outcome)
}

/** The connection is gone, and this request has no answer. May it be sent (again)? */
function afterTheEnd({ request, sends }: Errand): Outcome | null {
  if (sends === 0) return null
  // It may have been carried out: nobody can tell, so nobody may repeat it (RFC 9110 §9.2.2).
  if (!IDEMPOTENT.has(request.method)) return { unanswered: 'not-repeatable' }
  return sends < MOST_SENDS ? null : { unanswered: 'gave-up' }
}
// #endregion pipeline

async function connectTo(port: number): Promise<Socket> {
  // Nagle's algorithm would hold a small second batch back until the first is acknowledged.
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  return socket
}

// #region converse
/** Gets what answers this one connection gives. Resolves when the connection is gone. */
function converse(socket: Socket, errands: readonly Errand[], depth: number): Promise<void> {
  const unsent = [...errands]
  /** Sent, unanswered, oldest first: the order is all that pairs answers with requests (RFC 9112 §9.2). */
  const waiting: Errand[] = []
  let persists = false

  const mayFollow = (): boolean => {
    if (waiting.length === 0) return true
    // Every connection has to prove itself first, a new one after a failure too (RFC 9112 §9.3.2).
    if (!persists || waiting.length >= depth) return false
    return waiting.every(({ request }) => IDEMPOTENT.has(request.method) && !isLast(request))
  }

  const send = (): void => {
    const batch: Buffer[] = []
    while (unsent.length > 0 && mayFollow()) {
      const errand = unsent.shift() as Errand
      errand.sends++
      waiting.push(errand)
      batch.push(formatRequest(errand.request))
    }
    if (batch.length > 0) socket.write(Buffer.concat(batch))
  }

  const receive = (response: Response): void => {
    if (socket.destroyed) return
    // Interim: the final response to the same request is still to come (RFC 9110 §15.2).
    if (response.status < 200) return
    const errand = waiting.shift()
    // Bytes that nobody has asked for are no answer, and show that the order is lost (RFC 9112 §9.2).
    if (!errand) return void socket.destroy()
    errand.outcome = { response }
    persists = keepsOpen(response) && !isLast(errand.request)
    // Not end(): it would wait for a FIN that the server may never send.
    if (!persists || (waiting.length === 0 && unsent.length === 0)) socket.destroy()
  }

  const reader = new MessageReader('response')
  return new Promise((resolve) => {
    // Every way out ends here. What has no answer by then shows in the outcomes.
    socket.once('close', () => resolve())
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      try {
        for (const response of reader.push(chunk)) receive(response)
        if (!socket.destroyed) send()
      } catch (error) {
        // No HTTP: nobody can tell where the next answer begins (RFC 9112 §6.3). What was whole before it counts.
        for (const response of (error as { messages?: Response[] }).messages ?? []) receive(response)
        socket.destroy()
      }
    })
    send()
  })
}

/** RFC 9112 §9.3: `close` ends it, HTTP/1.1 keeps it, HTTP/1.0 keeps it only when it says so. */
function keepsOpen(response: Response): boolean {
  if (isLast(response)) return false
  return response.version === '1.1' || hasOption(response.headers, 'keep-alive')
}
// #endregion converse

/** Nothing may follow a message that says so, in either direction (RFC 9112 §9.6). */
function isLast({ headers }: Pick<Request | Response, 'headers'>): boolean {
  return hasOption(headers, 'close')
}

/** Connection is a list of tokens without case (RFC 9110 §7.6.1). */
function hasOption(headers: Headers, option: string): boolean {
  const tokens = (field(headers, 'connection') ?? '').toLowerCase().split(',')
  return tokens.some((token) => token.trim() === option)
}

// #region serve
export async function servePipelined(
  handler: Handler,
  options: { maxWaiting: number },
): Promise<RunningServer> {
  const conversations = new Set<Conversation>()
  // A client that closes its output still waits for answers (RFC 9112 §9.6).
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const conversation = new Conversation(socket, handler, options.maxWaiting)
    conversations.add(conversation)
    socket.once('close', () => conversations.delete(conversation))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const conversation of conversations) conversation.stop()
    })
  return { port: (server.address() as AddressInfo).port, close }
}

/** One connection of the server's: handlers may overlap, answers do not. */
class Conversation {
  readonly #socket: Socket
  readonly #handler: Handler
  readonly #maxWaiting: number
  readonly #reader = new MessageReader('request')
  /** Taken from the wire, not given to the handler: never more than one chunk brought. */
  readonly #queue: Request[] = []
  /** Given to the handler, and the answer has not left. */
  #waiting = 0
  /** Whether the handler is busy with a method that is not safe. */
  #isAlone = false
  /** No further request is taken. */
  #isOver = false
  /** Each answer waits for the one before: this chain is the order of the requests. */
  #answers = Promise.resolve()

  constructor(socket: Socket, handler: Handler, maxWaiting: number) {
    this.#socket = socket
    this.#handler = handler
    this.#maxWaiting = maxWaiting
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => this.#take(chunk))
    socket.once('end', () => this.stop())
  }

  /** Takes no further request, lets the answers out that are due, and sends FIN. */
  stop(): void {
    this.#isOver = true
    this.#proceed()
  }

  #take(chunk: Uint8Array): void {
    // Read and thrown away, so that the client's FIN behind it is seen.
    if (this.#isOver) return
    this.#queue.push(...this.#reader.push(chunk))
    this.#proceed()
  }

  /** Starts what may start. If that leaves no room, what still comes may wait in the kernel. */
  #proceed(): void {
    for (let next = this.#queue[0]; next && this.#mayStart(next); next = this.#queue[0]) {
      this.#queue.shift()
      this.#start(next)
    }
    const isFull = this.#queue.length > 0 || this.#waiting >= this.#maxWaiting
    if (isFull && !this.#isOver) this.#socket.pause()
    else this.#socket.resume()
    if (this.#isOver && this.#queue.length === 0 && this.#waiting === 0) this.#socket.end()
  }

  /** Only safe methods may overlap (RFC 9112 §9.3.2); any other sees all that came before, and no more. */
  #mayStart({ method }: Request): boolean {
    if (this.#waiting === 0) return true
    return this.#waiting < this.#maxWaiting && !this.#isAlone && SAFE.has(method)
  }

  #start(request: Request): void {
    this.#waiting++
    this.#isAlone = !SAFE.has(request.method)
    if (isLast(request)) this.#takeNoMore()
    const response = this.#handler(request)
    this.#answers = this.#answers.then(async () =>
      this.#leave(isLast(request) ? withClose(await response) : await response),
    )
  }

  async #leave(response: Response): Promise<void> {
    // Behind an answer that says close, the handler may have been busy with more.
    if (!this.#socket.writable) return
    await write(this.#socket, formatResponse(response))
    this.#waiting--
    if (isLast(response)) {
      // The last one, whatever stands behind it, and whatever the handler is still busy with.
      this.#takeNoMore()
      this.#waiting = 0
    }
    this.#proceed()
  }

  /** Nothing behind a message that says close is processed (RFC 9112 §9.6). */
  #takeNoMore(): void {
    this.#isOver = true
    this.#queue.length = 0
  }
}
// #endregion serve

/** Resolves when the kernel has the bytes, or when the connection is gone. */
function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => socket.write(bytes, () => resolve()))
}

function withClose(response: Response): Response {
  return { ...response, headers: [...response.headers, ['Connection', 'close']] }
}
