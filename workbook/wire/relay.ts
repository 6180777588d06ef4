import net from 'node:net'
import type { Side, Transcript } from './transcript.ts'

export interface RelayOptions {
  /** Name of the lane on the outer side. */
  readonly lane: string
  /** Port on 127.0.0.1 of the learner's server. */
  readonly to: number
  readonly transcript: Transcript
}

/**
 * Stands between somebody's curl or nc and the learner's server, and writes down what passes. It hands
 * on bytes as they come, stops reading one side while the other takes nothing, and ends each direction
 * as it was ended: FIN for FIN, reset for reset. What it tells is what has arrived at the other end, and
 * not what a program believes to have sent.
 */
export class Relay {
  readonly port: number
  readonly #server: net.Server
  readonly #sockets = new Set<net.Socket>()

  private constructor(server: net.Server, options: RelayOptions) {
    this.#server = server
    this.port = (server.address() as net.AddressInfo).port
    server.on('connection', (outer) => this.#join(outer, options))
  }

  static async open(options: RelayOptions): Promise<Relay> {
    const server = net.createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, resolve)
    })
    return new Relay(server, options)
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  // --- internal ---

  #join(outer: net.Socket, { lane, to, transcript }: RelayOptions): void {
    const connection = transcript.nextConnection()
    const note = (kind: 'connect' | 'fin' | 'rst', from: Side): void =>
      transcript.add({ kind, from, lane, connection })
    note('connect', 'peer')
    const inner = net.connect({ port: to, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    for (const socket of [outer, inner]) {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    }
    const tell = (from: Side) => ({
      data: (bytes: Buffer) => transcript.data(from, lane, connection, bytes),
      fin: () => note('fin', from),
      rst: () => note('rst', from),
    })
    pass(outer, inner, tell('peer'))
    pass(inner, outer, tell('you'))
    inner.once('connect', () => outer.resume())
  }
}

// --- internal ---

interface Tell {
  data(bytes: Buffer): void
  fin(): void
  rst(): void
}

/** One direction. */
function pass(from: net.Socket, to: net.Socket, tell: Tell): void {
  from.on('data', (bytes: Buffer) => {
    tell.data(bytes)
    if (to.write(bytes)) return
    from.pause()
    to.once('drain', () => from.resume())
  })
  const reset = (): void => {
    if (to.destroyed) return
    tell.rst()
    to.resetAndDestroy()
  }
  // A reset may look like an end; a write of nothing tells them apart (tcp-end.ts).
  from.on('end', () => {
    const finish = (): void => {
      tell.fin()
      to.end()
    }
    if (!from.writable) return finish()
    from.write(Buffer.alloc(0), (error) => (error ? reset() : finish()))
  })
  from.on('error', reset)
}
