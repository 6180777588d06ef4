// One count of waiting requests for the whole server.
// fails: R10
// says: another connection
/**
 * Lab 15: pipelining.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.3.2 | RFC 9112 §9.3.2} (pipelining)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.2 | RFC 9112 §9.2} (which answer belongs to which request)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2 | RFC 9110 §9.2.2} (idempotent methods)
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { formatRequest, formatResponse } from '../../../../labs/kit/format.ts'
import { field, type Handler, type Headers, type Request } from '../../../../labs/kit/http.ts'
import type { Response, RunningServer } from '../../../../labs/kit/http.ts'
import { MessageReader } from '../../../../labs/kit/message-reader.ts'

export type Outcome = { readonly response: Response } | { readonly unanswered: 'not-repeatable' | 'gave-up' }

/** RFC 9110 §9.2.1 and §9.2.2. Of a method that we do not know we assume nothing. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])
const IDEMPOTENT = new Set([...SAFE, 'PUT', 'DELETE'])

/** A request is sent once, and once more if that did no harm: a failed retry is not retried. */
const MOST_SENDS = 2

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
  const { depth = Infinity } = options
  const errands = requests.map((request): Errand => ({ request, sends: 0, outcome: null }))
  const isOpen = ({ outcome }: Errand): boolean => outcome === null
  for (let connections = 0; errands.some(isOpen); connections++) {
    try {
      await converse(await open(port), errands.filter(isOpen), depth)
    } catch (error) {
      if (connections === 0) throw error
      // Answers that we have are worth more than an error: the rest has none, and will get none.
      for (const errand of errands.filter(isOpen)) errand.outcome = { unanswered: 'gave-up' }
    }
    for (const errand of errands.filter(isOpen)) errand.outcome = afterTheEnd(errand)
  }
  return errands.map(({ outcome }) => outcome ?? { unanswered: 'gave-up' })
}

/** The connection is gone, and this request has no answer. May it be sent (again)? */
function afterTheEnd({ request, sends }: Errand): Outcome | null {
  if (sends === 0) return null
  // It may have been carried out: nobody can tell, so nobody may repeat it (RFC 9110 §9.2.2).
  if (!IDEMPOTENT.has(request.method)) return { unanswered: 'not-repeatable' }
  return sends < MOST_SENDS ? null : { unanswered: 'gave-up' }
}

async function open(port: number): Promise<Socket> {
  // Nagle's algorithm would hold a small second batch back until the first is acknowledged.
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  return socket
}

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
    return waiting.every(({ request }) => IDEMPOTENT.has(request.method))
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
    if (errand) errand.outcome = { response }
    persists = keepsOpen(response)
    // Not end(): it would wait for a FIN that the server may never send.
    if (!errand || !persists || (waiting.length === 0 && unsent.length === 0)) socket.destroy()
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
      } catch {
        socket.destroy()
      }
    })
    send()
  })
}

/** RFC 9112 §9.3: `close` ends it, HTTP/1.1 keeps it, HTTP/1.0 keeps it only when it says so. */
function keepsOpen({ version, headers }: Response): boolean {
  if (hasOption(headers, 'close')) return false
  return version === '1.1' || hasOption(headers, 'keep-alive')
}

/** Connection is a list of tokens without case (RFC 9110 §7.6.1). */
function hasOption(headers: Headers, option: string): boolean {
  const tokens = (field(headers, 'connection') ?? '').toLowerCase().split(',')
  return tokens.some((token) => token.trim() === option)
}

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

let allWaiting = 0

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
    try {
      this.#queue.push(...this.#reader.push(chunk))
      this.#proceed()
    } catch {
      // This is no HTTP: nobody can tell where the next request begins.
      this.stop()
    }
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
    if (allWaiting === 0) return true
    return allWaiting < this.#maxWaiting && !this.#isAlone && SAFE.has(method)
  }

  #start(request: Request): void {
    this.#waiting++
    allWaiting++
    this.#isAlone = !SAFE.has(request.method)
    const isLast = hasOption(request.headers, 'close')
    if (isLast) this.#takeNoMore()
    const response = respond(this.#handler, request)
    this.#answers = this.#answers.then(async () => this.#leave(await response, isLast))
  }

  async #leave(response: Response, isLast: boolean): Promise<void> {
    if (!this.#socket.writable) return
    await write(this.#socket, formatResponse(isLast ? withClose(response) : response))
    this.#waiting--
    allWaiting--
    // An answer that says so is the last one, whatever stands behind it (RFC 9112 §9.6).
    if (!hasOption(response.headers, 'close')) return this.#proceed()
    this.#takeNoMore()
    this.#socket.end()
  }

  #takeNoMore(): void {
    this.#isOver = true
    this.#queue.length = 0
    this.#socket.resume()
  }
}

/** Resolves when the kernel has the bytes, or when the connection is gone. */
function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => socket.write(bytes, () => resolve()))
}

function respond(handler: Handler, request: Request): Promise<Response> {
  return Promise.resolve(request)
    .then(handler)
    .catch(() => ({
      version: '1.1',
      status: 500,
      reason: 'Internal Server Error',
      headers: [],
      body: new Uint8Array(),
    }))
}

function withClose(response: Response): Response {
  if (hasOption(response.headers, 'close')) return response
  return { ...response, headers: [...response.headers, ['Connection', 'close']] }
}
