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
    const party = (socket: net.Socket, from: Side): Party => ({
      socket,
      ended: false,
      data: (bytes) => transcript.data(from, lane, connection, bytes),
      fin: () => note('fin', from),
      rst: () => note('rst', from),
    })
    const [hand, learner] = [party(outer, 'peer'), party(inner, 'you')]
    pass(hand, learner)
    pass(learner, hand)
    inner.once('connect', () => outer.resume())
  }
}

// --- internal ---

/** One of the two between whom the relay stands, and how what it does is told. */
interface Party {
  readonly socket: net.Socket
  /** Its FIN has come. */
  ended: boolean
  data(bytes: Buffer): void
  fin(): void
  rst(): void
}

/** One direction. */
function pass(from: Party, to: Party): void {
  const { socket } = from
  socket.on('data', (bytes: Buffer) => {
    from.data(bytes)
    const goesOn = to.socket.write(bytes, () => {
      // Nobody reads from a socket that has ended, so a reset that answers these bytes shows only to a write.
      if (to.ended) probe(to, from)
    })
    if (goesOn) return
    socket.pause()
    to.socket.once('drain', () => socket.resume())
  })
  socket.on('end', () => {
    probe(from, to, () => {
      from.ended = true
      from.fin()
      to.socket.end()
    })
  })
  socket.on('error', () => handOnReset(from, to))
}

/** A write of nothing puts nothing on the wire, and fails only after a reset (tcp-end.ts). */
function probe(party: Party, other: Party, alive?: () => void): void {
  if (!party.socket.writable) return alive?.()
  party.socket.write(Buffer.alloc(0), (error) => (error ? handOnReset(party, other) : alive?.()))
}

function handOnReset(from: Party, to: Party): void {
  if (to.socket.destroyed) return
  from.rst()
  to.socket.resetAndDestroy()
}
