import { connectEnd, type TcpEnd } from '../../workbook/wire/tcp-end.ts'
import { TcpListener } from '../../workbook/wire/tcp-listener.ts'
import { Transcript } from '../../workbook/wire/transcript.ts'
import type { Recording } from './recording.ts'
import { teller, type Teller } from './teller.ts'

export interface TapOptions {
  readonly recording: Recording
  /** Lanes. */
  readonly client: string
  readonly server: string
  /** Where the server listens. */
  readonly port: number
  /** Header fields that labels show. */
  readonly fields?: readonly string[]
  /** Says what bytes are; by default, the messages of HTTP that are whole. */
  readonly tell?: () => Teller
  /** Connections are numbered. */
  readonly numbered?: boolean
  /** All of the handshake is written down, and not its SYN alone. */
  readonly wholeHandshake?: boolean
}

type Direction = 'to server' | 'to client'

/**
 * A relay between a client and a server, both on real sockets, that writes down what passes: bytes,
 * FIN and RST. It can hold what is under way, so that the record shows who could not know what.
 */
export class Tap {
  readonly port: number
  readonly #options: TapOptions
  readonly #listener: TcpListener
  readonly #held = new Map<Direction, Array<() => void>>()
  readonly #wires: Wire[] = []

  private constructor(options: TapOptions, listener: TcpListener) {
    this.#options = options
    this.#listener = listener
    this.port = listener.port
  }

  static async open(options: TapOptions): Promise<Tap> {
    const transcript = new Transcript()
    let tap: Tap | null = null
    const onActivity = (): void => tap?.relay()
    const end = { lane: options.client, transcript, onActivity }
    const listener = await TcpListener.open(end, (near) => void tap?.join(near, transcript))
    tap = new Tap(options, listener)
    return tap
  }

  /** From now on what goes in a direction stays under way. */
  hold(direction: Direction): void {
    this.#held.set(direction, [])
  }

  /** Lets arrive what was held. */
  release(direction: Direction): void {
    const held = this.#held.get(direction) ?? []
    this.#held.delete(direction)
    for (const deliver of held) deliver()
  }

  /**
   * Looks for resets behind a FIN, which Node does not report by itself: writing nothing puts nothing
   * on the wire, and fails only after a reset.
   */
  async probe(): Promise<void> {
    for (const { near, far } of this.#wires)
      await Promise.all([near, far].map((end) => end.send(Buffer.alloc(0))))
    this.relay()
  }

  close(): void {
    this.#listener.close()
    for (const { near, far } of this.#wires) {
      near.destroy()
      far.destroy()
    }
  }

  /** A client has connected: the same at the server. */
  async join(near: TcpEnd, transcript: Transcript): Promise<void> {
    const { recording, client, server, port, fields = [], numbered, wholeHandshake } = this.#options
    const connection = numbered ? { connection: this.#listener.ends.indexOf(near) + 1 } : {}
    const syn = recording.sent({ from: client, to: server, label: 'SYN', type: 'syn', ...connection })
    const far = await connectEnd(port, { lane: server, transcript, onActivity: () => this.relay() })
    syn.arrive()
    if (wholeHandshake) {
      // The kernels have exchanged these two as well, or there would be no connection.
      recording.sent({ from: server, to: client, label: 'SYN+ACK', type: 'syn', ...connection }).arrive()
      recording.sent({ from: client, to: server, label: 'ACK', type: 'ack', ...connection }).arrive()
    }
    const tell = this.#options.tell ?? (() => teller(fields))
    this.#wires.push({ near, far, connection, toServer: newSide(tell()), toClient: newSide(tell()) })
    this.relay()
  }

  /** Passes on what has come since the last time. */
  relay(): void {
    const { client, server } = this.#options
    for (const { near, far, connection, toServer, toClient } of this.#wires) {
      this.#pass('to server', near, far, toServer, { from: client, to: server, ...connection })
      this.#pass('to client', far, near, toClient, { from: server, to: client, ...connection })
    }
  }

  // --- internal ---

  #pass(direction: Direction, source: TcpEnd, target: TcpEnd, side: Side, between: Between): void {
    const bytes = Buffer.from(source.received.subarray(side.taken))
    side.taken += bytes.length
    const { recording } = this.#options
    if (bytes.length > 0) {
      const told = side.tell(bytes, direction === 'to server' ? 'request' : 'response')
      const flights = told.map((label) => recording.sent({ ...between, label, type: 'data' }))
      this.#deliver(direction, () => {
        for (const flight of flights) flight.arrive()
        void target.send(bytes)
      })
    }
    const end = endOf(source)
    if (end === side.ended) return
    side.ended = end
    const flight = recording.sent({ ...between, label: end, type: end === 'RST' ? 'rst' : 'fin' })
    this.#deliver(direction, () => {
      flight.arrive()
      if (end === 'RST') target.reset()
      else void target.fin()
    })
  }

  #deliver(direction: Direction, deliver: () => void): void {
    const held = this.#held.get(direction)
    if (held) held.push(deliver)
    else deliver()
  }
}

// --- internal ---

interface Side {
  readonly tell: Teller
  taken: number
  ended: TcpEnd['ended']
}

interface Between {
  readonly from: string
  readonly to: string
  readonly connection?: number
}

interface Wire {
  readonly near: TcpEnd
  readonly far: TcpEnd
  readonly connection: { readonly connection?: number }
  readonly toServer: Side
  readonly toClient: Side
}

/** A connection that is gone although its FIN was not answered by ours has been reset. */
function endOf({ ended, destroyed, finSent, resetSent }: TcpEnd): TcpEnd['ended'] {
  return ended === 'FIN' && destroyed && !finSent && !resetSent ? 'RST' : ended
}

function newSide(tell: Teller): Side {
  return { tell, taken: 0, ended: 'open' }
}
