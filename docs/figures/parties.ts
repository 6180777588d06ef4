import { once } from 'node:events'
import net from 'node:net'
import { formatRequest, formatResponse } from '../../labs/kit/format.ts'
import type { Headers, Request, Response } from '../../labs/kit/http.ts'
import { MessageReader } from '../../labs/kit/message-reader.ts'

/** Small clients and servers on real sockets, for the runs that are recorded. */

export function request(target: string, change: Partial<Request> = {}): Buffer {
  const headers: Headers = [['Host', 'pages.example']]
  return formatRequest({ method: 'GET', target, version: '1.1', headers, body: Buffer.alloc(0), ...change })
}

/** @param size - Of the body, in bytes. */
export function response(size: number, headers: Headers = [], version: '1.0' | '1.1' = '1.1'): Buffer {
  return formatResponse({ version, status: 200, reason: 'OK', headers, body: Buffer.alloc(size, 'x') })
}

/** How a connection ended for its client. */
export type End = 'FIN' | 'RST'

/** A client that waits for one thing at a time. */
export class Client {
  readonly socket: net.Socket
  readonly #reader = new MessageReader('response')
  readonly #answers: Response[] = []
  /** Bytes received. */
  received = 0
  #end: End | null = null
  #changed = (): void => undefined

  /** @param reading - False: nothing is taken from the kernel until `read()`. */
  static async connect(port: number, reading = true): Promise<Client> {
    const socket = new net.Socket({ allowHalfOpen: true })
    // Before connect: pausing later would let Node read what is in the kernel.
    if (!reading) socket.pause()
    socket.connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    return new Client(socket, reading)
  }

  private constructor(socket: net.Socket, reading: boolean) {
    this.socket = socket
    if (reading) this.read()
    socket.on('end', () => void this.#probe())
    socket.on('error', () => this.#ended('RST'))
    socket.on('close', () => this.#changed())
  }

  read(): void {
    this.socket.on('data', (chunk: Buffer) => {
      this.received += chunk.length
      this.#answers.push(...this.#reader.push(chunk))
      this.#changed()
    })
    this.socket.resume()
  }

  send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()))
  }

  async answer(): Promise<Response> {
    await this.#until(() => this.#answers.length > 0 || this.#end !== null)
    const answer = this.#answers.shift()
    if (answer) return answer
    throw new Error(`${this.#end ?? 'silence'} instead of an answer`)
  }

  /** Answers that are whole and were not asked for. */
  get waiting(): number {
    return this.#answers.length
  }

  /** How the connection has ended, once it has; a reset may still come behind a FIN. */
  async end(): Promise<End> {
    await this.#until(() => this.#end !== null)
    if (!this.socket.destroyed) await this.#probe()
    return this.#end as End
  }

  // --- internal ---

  /** Node may report a reset as an end; writing nothing fails only after a reset. */
  async #probe(): Promise<void> {
    const error = await new Promise((resolve) => this.socket.write(Buffer.alloc(0), resolve))
    this.#ended(error ? 'RST' : 'FIN')
  }

  #ended(how: End): void {
    if (this.#end !== 'RST') this.#end = how
    this.#changed()
  }

  async #until(met: () => boolean): Promise<void> {
    while (!met()) await new Promise<void>((resolve) => void (this.#changed = resolve))
  }
}

export interface Server {
  readonly port: number
  /** The sockets that were accepted, in order. */
  readonly sockets: readonly net.Socket[]
  close(): void
}

/** A server that hands every whole request to `answer`, and never closes by itself. */
export async function serve(answer: (request: Request, socket: net.Socket) => void): Promise<Server> {
  const sockets: net.Socket[] = []
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.push(socket)
    const reader = new MessageReader('request')
    socket.on('data', (chunk) => {
      for (const each of reader.push(chunk)) answer(each, socket)
    })
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = (): void => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { port: (server.address() as net.AddressInfo).port, sockets, close }
}
