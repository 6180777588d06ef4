import type { RawMessage } from './http-message.ts'
import { cutMessage } from './http-message.ts'
import type { TcpEnd } from './tcp-end.ts'

/**
 * A path with logical time between the learner's client and an origin. Time is counted in half round
 * trips, moves only when the learner is proven idle, and so does not know how fast the machine is.
 *
 * The model: a handshake costs one round trip; what the learner writes arrives half a round trip
 * later; the origin answers at once, in flights of at most a congestion window, which grows by what
 * was acknowledged (slow start, RFC 5681 §3.1).
 */
export interface PathOptions {
  readonly respond: (request: RawMessage, connection: number) => string | Uint8Array
  readonly initialWindow: number
  readonly segmentSize: number
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
  finTaken: boolean
}

const ONE_WAY = 1
const ROUND_TRIP = 2

export class Path {
  /** Logical time in half round trips. */
  now = 0
  mostOpen = 0
  flights = 0
  readonly #options: PathOptions
  readonly #streams: Stream[] = []
  #events: Array<{ readonly at: number; readonly run: () => Promise<void> | void }> = []

  constructor(options: PathOptions) {
    this.#options = options
  }

  get connections(): number {
    return this.#streams.length
  }

  get roundTrips(): number {
    return this.now / ROUND_TRIP
  }

  accept(end: TcpEnd): void {
    this.#streams.push({
      end,
      number: this.#streams.length + 1,
      established: this.now + ROUND_TRIP,
      taken: 0,
      arrived: Buffer.alloc(0),
      outgoing: Buffer.alloc(0),
      window: this.#options.initialWindow * this.#options.segmentSize,
      inFlight: 0,
      finTaken: false,
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

  #take(stream: Stream): void {
    const start = Math.max(this.now, stream.established)
    const bytes = stream.end.received.subarray(stream.taken)
    if (bytes.length > 0) {
      stream.taken += bytes.length
      this.#after(start + ONE_WAY, () => this.#arrive(stream, bytes))
    }
    if (stream.end.ended === 'FIN' && !stream.finTaken) {
      stream.finTaken = true
      this.#after(start + ROUND_TRIP, () => stream.end.fin())
    }
  }

  async #arrive(stream: Stream, bytes: Buffer): Promise<void> {
    stream.arrived = Buffer.concat([stream.arrived, bytes])
    for (;;) {
      const cut = cutMessage(stream.arrived, { kind: 'request', ended: false })
      if (cut === 'incomplete' || 'malformed' in cut) break
      stream.arrived = stream.arrived.subarray(cut.message.raw.length)
      const answer = Buffer.from(this.#options.respond(cut.message, stream.number) as string)
      stream.outgoing = Buffer.concat([stream.outgoing, answer])
    }
    this.#send(stream)
  }

  #send(stream: Stream): void {
    const length = Math.min(stream.window - stream.inFlight, stream.outgoing.length)
    if (length <= 0) return
    const flight = stream.outgoing.subarray(0, length)
    stream.outgoing = stream.outgoing.subarray(length)
    stream.inFlight += length
    this.flights++
    this.#after(this.now + ONE_WAY, () => stream.end.send(flight))
    this.#after(this.now + ROUND_TRIP, () => {
      stream.inFlight -= length
      stream.window += length
      this.#send(stream)
    })
  }
}
