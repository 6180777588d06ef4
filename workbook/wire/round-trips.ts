import type { RawMessage } from './http-message.ts'
import { cutMessage } from './http-message.ts'
import { restartedWindow, type IdleRestart } from './idle-restart.ts'
import { SharedLine } from './shared-line.ts'
import type { TcpEnd } from './tcp-end.ts'

/**
 * A path with logical time between the learner's client and an origin. Time is counted in half round
 * trips, moves only when the learner is proven idle, and so does not know how fast the machine is.
 *
 * The model: a handshake costs one round trip; what the learner writes arrives half a round trip
 * later; the origin answers at once, in flights of at most a congestion window, which grows by what
 * was acknowledged (slow start, RFC 5681 §3.1). The learner's receive window bounds them too (RFC 9293
 * §3.8.6), and an origin that was silent for long begins small again (RFC 5681 §4.1), where either is given.
 * A path may be narrow: then all connections share its bandwidth.
 */
export interface PathOptions {
  /** Answers one request of HTTP/1. */
  readonly respond?: (request: RawMessage, connection: number) => string | Uint8Array
  /** Instead of it, for another protocol: called with whatever bytes arrive. */
  readonly answer?: (bytes: Buffer, connection: number) => string | Uint8Array
  /** Which of the segments that the origin sends is lost, from 1: it comes a round trip later. */
  readonly loses?: number
  readonly initialWindow: number
  readonly segmentSize: number
  /** Bytes that the path carries to the client in a round trip, for all connections together; any number if not given. */
  readonly bytesPerRoundTrip?: number
  /** Bytes that the learner has room for; without end if not given. */
  readonly receiveWindow?: number
  /** Without it a window stays open, however long nothing is sent. */
  readonly idleRestart?: IdleRestart
  /** Told of everything that goes on the path, when it leaves. */
  readonly onFlight?: (flight: PathFlight) => void
}

/** Something under way on the path. */
export interface PathFlight {
  readonly from: 'client' | 'origin'
  readonly connection: number
  readonly kind: 'syn' | 'data' | 'ack' | 'fin'
  /** In round trips. */
  readonly sent: number
  readonly arrived: number
  /** Empty for all but data. */
  readonly bytes: Uint8Array
}

interface Stream {
  readonly end: TcpEnd
  readonly number: number
  /** When the handshake is over. */
  readonly established: number
  /** Bytes of the learner's that have been put on the path. */
  taken: number
  arrived: Buffer
  outgoing: Buffer
  window: number
  inFlight: number
  /** When data was sent last; null before. */
  sentAt: { readonly halfTrips: number; readonly milliseconds: number } | null
  finTaken: boolean
  /** A segment is lost: what was sent behind it waits for it. */
  heldUntil: number
}

const NOTHING: Uint8Array = Buffer.alloc(0)
const ONE_WAY = 1
const ROUND_TRIP = 2

export class Path {
  /** Logical time in half round trips. */
  now = 0
  mostOpen = 0
  flights = 0
  /** Segments that the origin has sent on all connections. */
  #segments = 0
  readonly #options: PathOptions
  readonly #streams: Stream[] = []
  /** Where the path is narrow. */
  readonly #line: SharedLine | null
  #events: Array<{ readonly at: number; readonly run: () => Promise<void> | void }> = []

  constructor(options: PathOptions) {
    this.#options = options
    const { bytesPerRoundTrip = Infinity, segmentSize } = options
    const at = (time: number, run: () => void): void => this.#after(time, run)
    this.#line =
      bytesPerRoundTrip < Infinity ? new SharedLine(bytesPerRoundTrip / ROUND_TRIP, segmentSize, at) : null
  }

  get connections(): number {
    return this.#streams.length
  }

  get roundTrips(): number {
    return this.now / ROUND_TRIP
  }

  accept(end: TcpEnd): void {
    const number = this.#streams.length + 1
    this.#tell('client', number, 'syn', this.now)
    this.#tell('origin', number, 'syn', this.now + ONE_WAY)
    this.#streams.push({
      end,
      number,
      established: this.now + ROUND_TRIP,
      taken: 0,
      arrived: Buffer.alloc(0),
      outgoing: Buffer.alloc(0),
      window: this.#options.initialWindow * this.#options.segmentSize,
      inFlight: 0,
      sentAt: null,
      finTaken: false,
      heldUntil: 0,
    })
  }

  /**
   * Called when the learner is proven idle: puts what it wrote on the path, then lets the next thing
   * on the path happen.
   *
   * @returns Whether anything happened. If nothing did, the learner waits in vain.
   */
  async step(): Promise<boolean> {
    this.mostOpen = Math.max(this.mostOpen, this.#streams.filter(({ end }) => end.ended === 'open').length)
    for (const stream of this.#streams) this.#take(stream)
    const next = Math.min(...this.#events.map(({ at }) => at))
    const due = this.#events.filter(({ at }) => at === next)
    if (due.length === 0) return false
    this.#events = this.#events.filter(({ at }) => at !== next)
    this.now = next
    for (const { run } of due) await run()
    return true
  }

  // --- internal ---

  #after(at: number, run: () => Promise<void> | void): void {
    this.#events.push({ at, run })
  }

  #tell(
    from: PathFlight['from'],
    connection: number,
    kind: PathFlight['kind'],
    at: number,
    bytes = NOTHING,
  ): void {
    const [sent, arrived] = [at / ROUND_TRIP, (at + ONE_WAY) / ROUND_TRIP]
    this.#options.onFlight?.({ from, connection, kind, sent, arrived, bytes })
  }

  #take(stream: Stream): void {
    const start = Math.max(this.now, stream.established)
    const bytes = stream.end.received.subarray(stream.taken)
    if (bytes.length > 0) {
      stream.taken += bytes.length
      this.#tell('client', stream.number, 'data', start, bytes)
      this.#after(start + ONE_WAY, () => this.#arrive(stream, bytes))
    }
    if (stream.end.ended === 'FIN' && !stream.finTaken) {
      stream.finTaken = true
      this.#tell('client', stream.number, 'fin', start)
      this.#tell('origin', stream.number, 'fin', start + ONE_WAY)
      this.#after(start + ROUND_TRIP, () => stream.end.fin())
    }
  }

  async #arrive(stream: Stream, bytes: Buffer): Promise<void> {
    const { answer, respond = () => '' } = this.#options
    if (answer) {
      stream.outgoing = Buffer.concat([stream.outgoing, Buffer.from(answer(bytes, stream.number) as string)])
      return this.#send(stream)
    }
    stream.arrived = Buffer.concat([stream.arrived, bytes])
    for (;;) {
      const cut = cutMessage(stream.arrived, { kind: 'request', ended: false })
      if (cut === 'incomplete' || 'malformed' in cut) break
      stream.arrived = stream.arrived.subarray(cut.message.raw.length)
      const response = Buffer.from(respond(cut.message, stream.number) as string)
      stream.outgoing = Buffer.concat([stream.outgoing, response])
    }
    this.#send(stream)
  }

  #send(stream: Stream): void {
    const { initialWindow, segmentSize, receiveWindow = Infinity, idleRestart } = this.#options
    if (stream.outgoing.length > 0)
      stream.window = restartedWindow(stream, this.now, initialWindow * segmentSize, idleRestart)
    const allowed = Math.min(stream.window, receiveWindow) - stream.inFlight
    const length = Math.min(allowed, stream.outgoing.length)
    if (length <= 0) return
    stream.sentAt = { halfTrips: this.now, milliseconds: idleRestart?.now() ?? 0 }
    const flight = stream.outgoing.subarray(0, length)
    stream.outgoing = stream.outgoing.subarray(length)
    stream.inFlight += length
    this.flights++
    const leave = (part: Buffer): void => this.#leave(stream, part)
    if (this.#line) this.#line.enter(this.now, stream.number, flight, leave)
    else leave(flight)
  }

  #leave(stream: Stream, part: Buffer): void {
    const before = this.#beforeLoss(part)
    if (before < part.length) {
      if (before > 0) this.#carry(stream, part.subarray(0, before))
      // TCP gives out nothing behind the gap, and the gap is filled a round trip later.
      stream.heldUntil = this.now + ONE_WAY + ROUND_TRIP
      return this.#carry(stream, part.subarray(before))
    }
    this.#carry(stream, part)
  }

  /** How many of these bytes the client gets before the first one that is lost: all of them, nearly always. */
  #beforeLoss(part: Buffer): number {
    const { segmentSize, loses = 0 } = this.#options
    const index = loses - 1 - this.#segments
    const count = Math.ceil(part.length / segmentSize)
    this.#segments += count
    return index >= 0 && index < count ? index * segmentSize : part.length
  }

  #carry(stream: Stream, part: Buffer): void {
    this.#tell('origin', stream.number, 'data', this.now, part)
    this.#tell('client', stream.number, 'ack', this.now + ONE_WAY)
    const arrives = Math.max(this.now + ONE_WAY, stream.heldUntil)
    this.#after(arrives, () => stream.end.send(part))
    this.#after(arrives + ONE_WAY, () => {
      stream.inFlight -= part.length
      stream.window += part.length
      this.#send(stream)
    })
  }
}
