/** In another style: writes in a list, the exchange reckoned in flights without any clock, and sums over a whole record. */
import { connect, type Socket } from 'node:net'

/** The sending half of a connection, by Nagle's algorithm. */
export class NagleSender {
  readonly #mss: number
  readonly #send: (segment: Uint8Array) => void
  #noDelay: boolean
  /** Copies of what was written and has not left, one for each write. */
  readonly #waiting: Uint8Array[] = []
  #length = 0
  #unacknowledged = 0

  constructor(o: { mss: number; noDelay?: boolean; send(segment: Uint8Array): void }) {
    this.#mss = o.mss
    this.#noDelay = o.noDelay ?? false
    this.#send = (segment) => o.send(segment)
  }

  write(bytes: Uint8Array): void {
    this.#waiting.push(Uint8Array.from(bytes))
    this.#length += bytes.length
    this.#release()
  }

  acked(bytes: number): void {
    this.#unacknowledged -= bytes
    this.#release()
  }

  setNoDelay(on: boolean): void {
    this.#noDelay = on
    this.#release()
  }

  #mayLeave(): boolean {
    if (this.#length >= this.#mss) return true
    return this.#length > 0 && (this.#noDelay || this.#unacknowledged === 0)
  }

  #release(): void {
    while (this.#mayLeave()) {
      const segment = this.#take(Math.min(this.#length, this.#mss))
      this.#unacknowledged += segment.length
      this.#send(segment)
    }
  }

  #take(size: number): Uint8Array {
    const segment = new Uint8Array(size)
    for (let filled = 0; filled < size;) {
      const first = this.#waiting.shift() as Uint8Array
      const part = first.subarray(0, size - filled)
      segment.set(part, filled)
      filled += part.length
      if (part.length < first.length) this.#waiting.unshift(first.subarray(part.length))
    }
    this.#length -= size
    return segment
  }
}

/** The receiving half of a connection, which delays its ACKs. */
export class DelayedAck {
  readonly #options: { delayMs: number; mss: number; acknowledge(bytes: number): void }
  #owed = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(o: { delayMs: number; mss: number; acknowledge(bytes: number): void }) {
    if (!(o.delayMs < 500)) throw new RangeError(`an ACK may not wait for ${o.delayMs} ms`)
    this.#options = o
  }

  received(bytes: number): void {
    this.#owed += bytes
    if (this.#owed === 0) return
    if (this.#owed >= 2 * this.#options.mss) return this.#alone()
    this.#timer ??= setTimeout(() => this.#alone(), this.#options.delayMs)
  }

  replying(): number {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const owed = this.#owed
    this.#owed = 0
    return owed
  }

  #alone(): void {
    this.#options.acknowledge(this.replying())
  }
}

/** The window that a receiver advertises now. */
export function advertise(o: { free: number; lastAdvertised: number; buffer: number; mss: number }): number {
  const worthTelling = Math.min(o.mss, o.buffer / 2)
  return o.free - o.lastAdvertised >= worthTelling ? o.free : o.lastAdvertised
}

export type End = 'client' | 'server'

export interface Segment {
  /** When it leaves, in milliseconds. */
  readonly at: number
  readonly from: End
  /** Its data; 0 for an ACK alone. */
  readonly bytes: number
  /** How many bytes it acknowledges that were not acknowledged before. */
  readonly acks: number
}

export type Timeline = Segment[]

export interface Exchange {
  /** The bytes of each write of the request. */
  readonly writes: readonly number[]
  /** The bytes of the answer: one segment. */
  readonly answer: number
  readonly mss: number
  /** A round trip, in milliseconds. */
  readonly rttMs: number
  /** How long the server delays an ACK. */
  readonly delayMs: number
  /** How long the server's program thinks, once the request is whole. */
  readonly thinkMs: number
  /** True switches Nagle's algorithm off at the client. */
  readonly noDelay?: boolean
}

/**
 * Write, write, read. What leaves the client in one moment is a flight. There are two of them at most: what waits when
 * the first has left is less than a segment, so it waits until all of the first is acknowledged, and then all of it goes.
 */
export function exchange(o: Exchange): Timeline {
  const timeline: Timeline = []
  const flight: number[] = []
  const client = new NagleSender({
    mss: o.mss,
    noDelay: o.noDelay ?? false,
    send: (s) => flight.push(s.length),
  })
  for (const bytes of o.writes) client.write(new Uint8Array(bytes))
  let missing = o.writes.reduce((sum, bytes) => sum + bytes, 0)
  for (let at = 0; ;) {
    const leaving = flight.splice(0)
    for (const bytes of leaving) timeline.push({ at, from: 'client', bytes, acks: 0 })
    at += o.rttMs / 2
    const owed = arrive(timeline, leaving, at, o)
    const came = sum(leaving)
    missing -= came
    if (missing === 0) return finish(timeline, owed, at, o)
    if (owed > 0) timeline.push({ at: (at += o.delayMs), from: 'server', bytes: 0, acks: owed })
    at += o.rttMs / 2
    client.acked(came)
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

/** The server acknowledges at once what is enough. Returns what it still owes. */
function arrive(timeline: Timeline, segments: readonly number[], at: number, o: Exchange): number {
  let owed = 0
  for (const bytes of segments) {
    owed += bytes
    if (owed < 2 * o.mss) continue
    timeline.push({ at, from: 'server', bytes: 0, acks: owed })
    owed = 0
  }
  return owed
}

/** The request is whole: the answer carries what is owed, unless the timer of the ACK is quicker than the program. */
function finish(timeline: Timeline, owed: number, at: number, o: Exchange): Timeline {
  const alone = owed > 0 && o.delayMs < o.thinkMs
  if (alone) timeline.push({ at: at + o.delayMs, from: 'server', bytes: 0, acks: owed })
  timeline.push({ at: at + o.thinkMs, from: 'server', bytes: o.answer, acks: alone ? 0 : owed })
  return timeline
}

export type Way = 'two-writes' | 'one-write' | 'cork' | 'no-delay'

/** Sends a request in two parts to a server on 127.0.0.1. */
export function ask(port: number, head: Uint8Array, body: Uint8Array, way: Way): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const came: Buffer[] = []
    let failure: Error | undefined
    const socket = connect(port, '127.0.0.1', () => request(socket, head, body, way))
    socket.on('data', (chunk: Buffer) => came.push(chunk))
    socket.on('error', (error) => (failure = error))
    // Node sends our FIN after the server's. The socket is gone with `close`, however it ends.
    socket.on('close', () => (failure ? reject(failure) : resolve(Uint8Array.from(Buffer.concat(came)))))
  })
}

function request(socket: Socket, head: Uint8Array, body: Uint8Array, way: Way): void {
  if (way === 'one-write') {
    socket.write(Buffer.concat([head, body]))
    return
  }
  if (way === 'no-delay') socket.setNoDelay(true)
  if (way === 'cork') socket.cork()
  socket.write(head)
  socket.write(body)
  if (way === 'cork') socket.uncork()
}

/** Something that happened at one end of a connection. */
export type WireEvent = { readonly at: number; readonly end: End } & (
  | { readonly does: 'opens'; readonly mss: number; readonly noDelay: boolean }
  | { readonly does: 'setNoDelay'; readonly on: boolean }
  | { readonly does: 'write'; readonly bytes: number }
  | { readonly does: 'send'; readonly bytes: number; readonly acks: number }
  | { readonly does: 'receive'; readonly bytes: number; readonly acks: number }
)

export type Waits = 'nagle' | 'delayed-ack' | 'both' | 'nobody'

/** Who holds bytes back when all of this has happened. */
export function whoWaits(events: readonly WireEvent[]): Waits {
  return verdict('client', events) ?? verdict('server', events) ?? 'nobody'
}

function verdict(end: End, events: readonly WireEvent[]): Waits | null {
  const here = events.filter((event) => event.end === end)
  const there = events.filter((event) => event.end !== end)
  const waiting = total(here, 'write', 'bytes') - total(here, 'send', 'bytes')
  if (waiting === 0) return null
  const unacknowledged = total(here, 'send', 'bytes') - total(here, 'receive', 'acks')
  const owed = total(there, 'receive', 'bytes') - total(there, 'send', 'acks')
  const { mss, noDelay } = settings(here)
  const nagle = !noDelay && waiting < mss && unacknowledged > 0
  if (nagle) return owed > 0 ? 'both' : 'nagle'
  return owed > 0 ? 'delayed-ack' : 'nobody'
}

function total(events: readonly WireEvent[], does: WireEvent['does'], what: 'bytes' | 'acks'): number {
  return sum(
    events
      .filter((event) => event.does === does)
      .map((event) => (event as Record<string, unknown>)[what] as number),
  )
}

function settings(events: readonly WireEvent[]): { mss: number; noDelay: boolean } {
  let now = { mss: 0, noDelay: false }
  for (const event of events) {
    if (event.does === 'opens') now = { mss: event.mss, noDelay: event.noDelay }
    if (event.does === 'setNoDelay') now = { ...now, noDelay: event.on }
  }
  return now
}
