import net from 'node:net'
import type { Transcript } from './transcript.ts'

/** How the learner's side of a connection has ended so far. */
export type Ended = 'open' | 'FIN' | 'RST'

export interface EndOptions {
  readonly lane: string
  readonly transcript: Transcript
  /** Called after anything has happened, with whose doing it was. */
  readonly onActivity: (by: 'you' | 'peer') => void
  /** Takes nothing from the kernel until `read()`. */
  readonly paused?: boolean
}

/** Node's own part of a socket, as far as it is needed here. */
interface Handle {
  reading: boolean
  readStart(): void
  readStop(): void
}

const RESET_CODES = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])

/**
 * The grader's end of one TCP connection: raw bytes, written down as they pass. It never answers a
 * FIN by itself, and it tells FIN from RST.
 */
export class TcpEnd {
  readonly connection: number
  readonly localPort: number
  readonly remotePort: number
  readonly #socket: net.Socket
  readonly #options: EndOptions
  readonly #chunks: Buffer[] = []
  #received = 0
  #ended: Ended = 'open'
  #resetBehindFin = false
  #reading: boolean
  #resetSent = false

  /** @param socket - Connected, with `allowHalfOpen`, and paused when the options say so. */
  constructor(socket: net.Socket, from: 'you' | 'peer', options: EndOptions) {
    this.#socket = socket
    this.#options = options
    this.#reading = options.paused !== true
    this.localPort = socket.localPort ?? 0
    this.remotePort = socket.remotePort ?? 0
    this.connection = options.transcript.nextConnection()
    options.transcript.add({ kind: 'connect', from, lane: options.lane, connection: this.connection })
    this.#listen()
  }

  get lane(): string {
    return this.#options.lane
  }

  get ended(): Ended {
    return this.#ended
  }

  get reading(): boolean {
    return this.#reading
  }

  /** Bytes received from the learner. */
  get receivedLength(): number {
    return this.#received
  }

  get received(): Buffer {
    if (this.#chunks.length > 1) this.#chunks.splice(0, this.#chunks.length, Buffer.concat(this.#chunks))
    return this.#chunks[0] ?? Buffer.alloc(0)
  }

  /** Bytes given to the kernel or waiting for it. */
  get sentLength(): number {
    return this.#socket.bytesWritten
  }

  /** Bytes that the kernel has taken; exact, where `queued` counts a write that it has taken in part as a whole one. */
  get given(): number {
    const { _handle: handle } = this.#socket as unknown as {
      _handle: { readonly bytesWritten: number; readonly writeQueueSize: number } | null
    }
    return handle ? handle.bytesWritten - handle.writeQueueSize : this.sentLength - this.queued
  }

  /** Bytes that the kernel has not taken yet. */
  get queued(): number {
    return this.#socket.writableLength
  }

  get finSent(): boolean {
    return this.#socket.writableFinished
  }

  get resetSent(): boolean {
    return this.#resetSent
  }

  get destroyed(): boolean {
    return this.#socket.destroyed
  }

  /** Writes, and calls back when the kernel has it all or the connection is gone. */
  send(bytes: Uint8Array): Promise<void> {
    if (this.#socket.destroyed || this.#socket.writableEnded) return Promise.resolve()
    this.#options.transcript.data('peer', this.lane, this.connection, bytes)
    const sent = new Promise<void>((resolve) => this.#socket.write(bytes, () => resolve()))
    this.#options.onActivity('peer')
    return sent
  }

  fin(): Promise<void> {
    if (this.#socket.destroyed || this.#socket.writableEnded) return Promise.resolve()
    this.#note('fin')
    const sent = new Promise<void>((resolve) => this.#socket.end(() => resolve()))
    this.#options.onActivity('peer')
    return sent
  }

  reset(): void {
    this.#note('rst')
    this.#resetSent = true
    this.#socket.resetAndDestroy()
    this.#options.onActivity('peer')
  }

  /**
   * Whether the other side may still read behind its own FIN: not if a reset has answered what was sent to it.
   * Asks by a write of nothing, as #probe() does.
   */
  takesMore(): Promise<boolean> {
    if (this.#resetBehindFin || !this.#socket.writable) return Promise.resolve(!this.#resetBehindFin)
    return new Promise((resolve) => this.#socket.write(Buffer.alloc(0), (error) => resolve(!error)))
  }

  /** Node believes that the handle is reading still, where pause() has stopped it. */
  read(): void {
    this.#reading = true
    this.#socket.resume()
    this.#handle((handle) => {
      if (!handle.reading) handle.readStart()
      handle.reading = true
    })
    this.#options.onActivity('peer')
  }

  /** Node goes on taking from the kernel after pause(), so the handle is told as well. */
  pause(): void {
    this.#reading = false
    this.#socket.pause()
    this.#handle((handle) => {
      handle.readStop()
      handle.reading = false
    })
    this.#options.onActivity('peer')
  }

  destroy(): void {
    this.#socket.destroy()
    this.#options.onActivity('peer')
  }

  // --- internal ---

  #handle(tell: (handle: Handle) => void): void {
    const { _handle: handle } = this.#socket as unknown as { readonly _handle: Handle | null }
    if (handle) tell(handle)
  }

  #listen(): void {
    this.#socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.#received += chunk.length
      this.#options.transcript.data('you', this.lane, this.connection, chunk)
      this.#options.onActivity('you')
    })
    this.#socket.on('end', () => this.#probe())
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#ended === 'FIN') this.#resetBehindFin = true
      this.#end(RESET_CODES.has(error.code ?? '') ? 'RST' : 'FIN')
    })
    this.#socket.on('close', () => this.#options.onActivity('you'))
    if (!this.#reading) this.#socket.pause()
  }

  /**
   * Node may report a reset as a clean end. Writing nothing costs nothing on the wire, and fails only
   * after a reset (measured: 3,000 of 3,000 on Linux).
   */
  #probe(): void {
    if (!this.#socket.writable) return this.#end('FIN')
    this.#socket.write(Buffer.alloc(0), (error) => this.#end(error ? 'RST' : 'FIN'))
  }

  #end(how: 'FIN' | 'RST'): void {
    if (this.#ended !== 'open' || this.#resetSent) return
    this.#ended = how
    const { lane } = this
    this.#options.transcript.add({
      kind: how === 'FIN' ? 'fin' : 'rst',
      from: 'you',
      lane,
      connection: this.connection,
    })
    this.#options.onActivity('you')
  }

  #note(kind: 'fin' | 'rst'): void {
    this.#options.transcript.add({ kind, from: 'peer', lane: this.lane, connection: this.connection })
  }
}

/** Where a connection comes from and goes to, if that matters: addresses of 127.0.0.0/8. */
export interface Way {
  readonly to?: string
  readonly from?: string
  readonly fromPort?: number
}

/** Of a connection that was given up: the server's queue is full, and nobody takes anything out of it. */
export const QUEUE_FULL = 'E_QUEUE_FULL'

/**
 * Connects to a port on 127.0.0.1.
 *
 * @param signal - Gives up.
 * @throws The system's error, `ECONNREFUSED` for instance, or one with the code QUEUE_FULL.
 */
export async function connectEnd(
  port: number,
  options: EndOptions,
  way: Way = {},
  signal?: AbortSignal,
): Promise<TcpEnd> {
  const { to: host = '127.0.0.1', from, fromPort } = way
  const local = { ...(from && { localAddress: from }), ...(fromPort && { localPort: fromPort }) }
  const socket = new net.Socket({ allowHalfOpen: true })
  // A piece goes out when it is sent. Among the options of connect() Node would overlook it.
  socket.setNoDelay(true)
  // Before connect: pausing later would let Node read what is in the kernel.
  if (options.paused) socket.pause()
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    signal?.addEventListener('abort', () => {
      if (socket.connecting) socket.destroy(Object.assign(new Error('given up'), { code: QUEUE_FULL }))
    })
    socket.connect({ port, host, ...local }, () => {
      socket.off('error', reject)
      resolve()
    })
  })
  return new TcpEnd(socket, 'peer', options)
}
