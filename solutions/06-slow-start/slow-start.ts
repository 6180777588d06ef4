import { connect, type Socket } from 'node:net'
import { formatRequest } from '../../labs/kit/format.ts'
import type { Response } from '../../labs/kit/http.ts'
import { MessageReader } from '../../labs/kit/message-reader.ts'

/** Bytes, all of them. */
export interface Sizes {
  mss: number
  receiveWindow: number
  /** By RFC 6928 §2 where it is not given. */
  initialWindow?: number
}

// #region window
/** So many duplicates in a row are taken for a loss (RFC 5681 §3.2). */
const DUPLICATES = 3

/** How much a sender allows itself to have in flight. */
export class CongestionWindow {
  readonly #o: Sizes
  #window: number
  /** Up to here the window opens quickly; no limit is known before the first loss (RFC 5681 §3.1). */
  #threshold = Infinity
  /** Bytes acknowledged above the threshold, since the window grew last. */
  #counted = 0
  #duplicates = 0
  /** The timer has sent the oldest segment again, and nothing new was acknowledged since. */
  #resent = false

  constructor(o: Sizes) {
    this.#o = { ...o }
    this.#window = initialOf(o)
  }

  get window(): number {
    return this.#window
  }

  sendable(inFlight: number): number {
    return Math.max(0, Math.min(this.#window, this.#o.receiveWindow) - inFlight)
  }

  acked(bytes: number): void {
    const recovers = this.#duplicates >= DUPLICATES
    this.#duplicates = 0
    this.#resent = false
    // §3.2 step 6: what the duplicates had added is taken back.
    if (recovers) this.#window = this.#threshold
    else if (this.#window < this.#threshold) this.#window += Math.min(bytes, this.#o.mss)
    else this.#avoid(bytes)
  }

  duplicateAck(inFlight: number): void {
    const { mss } = this.#o
    this.#duplicates++
    if (this.#duplicates < DUPLICATES) return
    // Each duplicate is a segment that has left the network (§3.2 steps 3 and 4).
    if (this.#duplicates > DUPLICATES) {
      this.#window += mss
      return
    }
    this.#lower(inFlight)
    this.#window = this.#threshold + DUPLICATES * mss
  }

  timedOut(inFlight: number): void {
    // §3.1: the threshold is held where the same segment is lost again.
    if (!this.#resent) this.#lower(inFlight)
    this.#resent = true
    this.#duplicates = 0
    this.#counted = 0
    this.#window = this.#o.mss
  }

  idle(ms: number, rtoMs: number): void {
    if (ms <= rtoMs) return
    this.#counted = 0
    this.#window = Math.min(this.#window, initialOf(this.#o))
  }

  /** Congestion avoidance: one segment for each window that was acknowledged (§3.1). */
  #avoid(bytes: number): void {
    this.#counted += bytes
    if (this.#counted < this.#window) return
    this.#counted -= this.#window
    this.#window += this.#o.mss
  }

  /** Half of what was in flight, and not of the window, which may be larger (§3.1, equation 4). */
  #lower(inFlight: number): void {
    this.#threshold = Math.max(Math.floor(inFlight / 2), 2 * this.#o.mss)
    this.#counted = 0
  }
}

function initialOf({ mss, initialWindow }: Sizes): number {
  return initialWindow ?? Math.min(10 * mss, Math.max(2 * mss, 14_600))
}
// #endregion window

// #region flights
/** The bytes of each flight, where nothing is lost and each segment is acknowledged. */
export function planFlights(o: Sizes & { bytes: number; window?: number }): number[] {
  const flights: number[] = []
  let window = o.window ?? initialOf(o)
  for (let left = o.bytes; left > 0;) {
    const flight = Math.min(window, o.receiveWindow, left)
    flights.push(flight)
    left -= flight
    // Each of its segments makes room for itself and as much again.
    window += flight
  }
  return flights
}

export interface PageSizes {
  first: number
  others: readonly number[]
}

export type Way = 'serial' | 'parallel' | 'persistent' | 'pipelined'

export interface Journey extends Sizes {
  connections?: number
  pauseMs?: number
  rtoMs?: number
}

const HANDSHAKE = 1

export function roundTrips(page: PageSizes, way: Way, o: Journey): number {
  const { first, others } = page
  const alone = (bytes: number): number => HANDSHAKE + planFlights({ ...o, bytes }).length
  if (way === 'serial') return [first, ...others].reduce((sum, bytes) => sum + alone(bytes), 0)
  if (way === 'parallel') return alone(first) + Math.max(0, ...others.map(alone))
  const warm = windowAfter(first, o)
  if (way === 'pipelined') return alone(first) + inTurn([others.reduce((a, b) => a + b, 0)], warm, o)
  const hands = deal(others, o.connections ?? 1).map((sizes, hand) =>
    hand === 0 ? inTurn(sizes, warm, o) : HANDSHAKE + inTurn(sizes, initialOf(o), o),
  )
  return alone(first) + Math.max(0, ...hands)
}

/** The window with which a kept connection goes on when its first answer is whole. */
function windowAfter(first: number, o: Journey): number {
  const opened = initialOf(o) + first
  const { pauseMs = 0, rtoMs = Infinity } = o
  return pauseMs > rtoMs ? Math.min(opened, initialOf(o)) : opened
}

/** Round trips of one answer after the other on one connection. */
function inTurn(sizes: readonly number[], begin: number, o: Sizes): number {
  let window = begin
  let count = 0
  for (const bytes of sizes) {
    count += planFlights({ ...o, bytes, window }).length
    window += bytes
  }
  return count
}

/** One for each in turn, as cards are dealt; nobody who gets none. */
function deal<T>(items: readonly T[], hands: number): T[][] {
  const dealt: T[][] = []
  for (const [index, item] of items.entries()) (dealt[index % hands] ??= []).push(item)
  return dealt
}
// #endregion flights

// #region fetch
/** Fetches the first target, and then the others over several connections, all of them kept. */
export async function fetchPage(
  port: number,
  targets: readonly string[],
  { connections }: { connections: number },
): Promise<Response[]> {
  const [first, ...others] = targets
  if (first === undefined) return []
  const opened: Connection[] = []
  const connection = (hand: number): Connection => (opened[hand] ??= new Connection(port))
  try {
    const page = await connection(0).get(first)
    const hands = deal(others, connections).map((dealt, hand) => getAll(connection(hand), dealt))
    const responses = await Promise.all(hands)
    return [
      page,
      ...others.flatMap((_, at) => responses[at % connections]?.[Math.floor(at / connections)] ?? []),
    ]
  } finally {
    for (const each of opened) each.close()
  }
}

async function getAll(connection: Connection, targets: readonly string[]): Promise<Response[]> {
  const responses: Response[] = []
  for (const target of targets) responses.push(await connection.get(target))
  return responses
}

interface Waiting {
  resolve(response: Response): void
  reject(error: Error): void
}

/** One kept connection, with one request at a time. */
class Connection {
  readonly #socket: Socket
  readonly #host: string
  readonly #reader = new MessageReader('response')
  #waiting: Waiting = { resolve() {}, reject() {} }

  constructor(port: number) {
    this.#host = `127.0.0.1:${port}`
    this.#socket = connect({ port, host: '127.0.0.1' })
    this.#socket.on('data', (chunk) => this.#read(chunk))
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('end', () => this.#fail(new Error('the server has ended before its response was whole')))
  }

  get(target: string): Promise<Response> {
    const headers = [['Host', this.#host]] as const
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      const body = new Uint8Array()
      this.#socket.write(formatRequest({ method: 'GET', target, version: '1.1', headers, body }))
    })
  }

  /** Whatever comes behind the last response, nobody waits for it. */
  close(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    try {
      const [response] = this.#reader.push(chunk)
      if (response) this.#waiting.resolve(response)
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  #fail(error: Error): void {
    this.#waiting.reject(error)
  }
}
// #endregion fetch
