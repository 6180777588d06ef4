// Takes a 1xx for the answer to a request.
// fails: R3
// also: R5
// says: no final answer has shown
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { formatRequest, formatResponse } from '../../../../labs/kit/format.ts'
import { field, type Handler, type Headers, type Request } from '../../../../labs/kit/http.ts'
import type { Response, RunningServer } from '../../../../labs/kit/http.ts'
import { MessageReader } from '../../../../labs/kit/message-reader.ts'

export type Outcome = { readonly response: Response } | { readonly unanswered: 'not-repeatable' | 'gave-up' }

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])
const IDEMPOTENT = new Set([...SAFE, 'PUT', 'DELETE'])

const MOST_SENDS = 2

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
      for (const errand of errands.filter(isOpen)) errand.outcome = { unanswered: 'gave-up' }
    }
    for (const errand of errands.filter(isOpen)) errand.outcome = afterTheEnd(errand)
  }
  return errands.map(({ outcome }) => outcome ?? { unanswered: 'gave-up' })
}

function afterTheEnd({ request, sends }: Errand): Outcome | null {
  if (sends === 0) return null
  if (!IDEMPOTENT.has(request.method)) return { unanswered: 'not-repeatable' }
  return sends < MOST_SENDS ? null : { unanswered: 'gave-up' }
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  return socket
}

function converse(socket: Socket, errands: readonly Errand[], depth: number): Promise<void> {
  const unsent = [...errands]
  const waiting: Errand[] = []
  let persists = false

  const mayFollow = (): boolean => {
    if (waiting.length === 0) return true
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
    const errand = waiting.shift()
    if (errand) errand.outcome = { response }
    persists = keepsOpen(response)
    if (!errand || !persists || (waiting.length === 0 && unsent.length === 0)) socket.destroy()
  }

  const reader = new MessageReader('response')
  return new Promise((resolve) => {
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

function keepsOpen({ version, headers }: Response): boolean {
  if (hasOption(headers, 'close')) return false
  return version === '1.1' || hasOption(headers, 'keep-alive')
}

function hasOption(headers: Headers, option: string): boolean {
  const tokens = (field(headers, 'connection') ?? '').toLowerCase().split(',')
  return tokens.some((token) => token.trim() === option)
}

export async function servePipelined(
  handler: Handler,
  options: { maxWaiting: number },
): Promise<RunningServer> {
  const conversations = new Set<Conversation>()
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

class Conversation {
  readonly #socket: Socket
  readonly #handler: Handler
  readonly #maxWaiting: number
  readonly #reader = new MessageReader('request')
  readonly #queue: Request[] = []
  #waiting = 0
  #isAlone = false
  #isOver = false
  #answers = Promise.resolve()

  constructor(socket: Socket, handler: Handler, maxWaiting: number) {
    this.#socket = socket
    this.#handler = handler
    this.#maxWaiting = maxWaiting
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => this.#take(chunk))
    socket.once('end', () => this.stop())
  }

  stop(): void {
    this.#isOver = true
    this.#proceed()
  }

  #take(chunk: Uint8Array): void {
    if (this.#isOver) return
    try {
      this.#queue.push(...this.#reader.push(chunk))
      this.#proceed()
    } catch {
      this.stop()
    }
  }

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

  #mayStart({ method }: Request): boolean {
    if (this.#waiting === 0) return true
    return this.#waiting < this.#maxWaiting && !this.#isAlone && SAFE.has(method)
  }

  #start(request: Request): void {
    this.#waiting++
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
