/** In another style: a connection that counts owns a window, on which every acknowledgement of its answers is played; hands are dealt first, and each one fetches into the places of the page. */
import type { Response } from '../../../../labs/kit/http.ts'
import { connect, type Socket } from 'node:net'
import { formatRequest } from '../../../../labs/kit/format.ts'
import { MessageReader } from '../../../../labs/kit/message-reader.ts'

/** Bytes, all of them. */
export interface Sizes {
  /** What fits one segment. */
  mss: number
  /** What the receiver has room for. It never changes here. */
  receiveWindow: number
  /** The congestion window of a new connection. By RFC 6928 §2 where it is not given. */
  initialWindow?: number
}

/** How much a sender allows itself to have in flight. */
export class CongestionWindow {
  readonly #mss: number
  readonly #receiveWindow: number
  readonly #initial: number
  #window: number
  #threshold = Infinity
  /** Bytes acknowledged in congestion avoidance that have not opened the window yet. */
  #credit = 0
  #duplicates = 0
  #isLostAlready = false

  constructor({ mss, receiveWindow, initialWindow }: Sizes) {
    this.#mss = mss
    this.#receiveWindow = receiveWindow
    this.#initial = initialWindow ?? Math.min(10 * mss, Math.max(2 * mss, 14_600))
    this.#window = this.#initial
  }

  /** The congestion window now, in bytes. */
  get window(): number {
    return this.#window
  }

  /** How many bytes may leave now, where so many are in flight. */
  sendable(inFlight: number): number {
    return Math.max(0, Math.min(this.#window, this.#receiveWindow) - inFlight)
  }

  /** An acknowledgement has come, for so many bytes that were not acknowledged before. */
  acked(bytes: number): void {
    const isRecovering = this.#duplicates >= 3
    this.#duplicates = 0
    this.#isLostAlready = false
    if (isRecovering) this.#window = this.#threshold
    else if (this.#window < this.#threshold) this.#window += Math.min(bytes, this.#mss)
    else this.#avoid(bytes)
  }

  /** An acknowledgement has come that repeats the last one. */
  duplicateAck(inFlight: number): void {
    this.#duplicates++
    if (this.#duplicates > 3) this.#window += this.#mss
    if (this.#duplicates !== 3) return
    this.#threshold = this.#half(inFlight)
    this.#window = this.#threshold + 3 * this.#mss
    this.#credit = 0
  }

  /** The retransmission timeout has passed. */
  timedOut(inFlight: number): void {
    if (!this.#isLostAlready) this.#threshold = this.#half(inFlight)
    this.#isLostAlready = true
    this.#window = this.#mss
    this.#duplicates = 0
    this.#credit = 0
  }

  /** Nothing was sent for `ms` milliseconds, and now something will be. */
  idle(ms: number, rtoMs: number): void {
    if (ms <= rtoMs) return
    this.#window = Math.min(this.#window, this.#initial)
    this.#credit = 0
  }

  #half(inFlight: number): number {
    return Math.max(Math.floor(inFlight / 2), 2 * this.#mss)
  }

  #avoid(bytes: number): void {
    this.#credit += bytes
    if (this.#credit < this.#window) return
    this.#credit -= this.#window
    this.#window += this.#mss
  }
}

/**
 * The bytes of each flight in which an answer leaves.
 *
 * @param o.bytes - The size of the answer.
 * @param o.window - The congestion window that it begins with. The initial one where it is not given.
 */
export function planFlights(o: Sizes & { bytes: number; window?: number }): number[] {
  const begin = o.window === undefined ? o : { ...o, initialWindow: o.window }
  return flights(new CongestionWindow(begin), o.bytes, o.mss)
}

/** Plays one answer on a connection: its window is open afterwards by all of it. */
function flights(sender: CongestionWindow, bytes: number, mss: number): number[] {
  const sizes: number[] = []
  for (let left = bytes; left > 0;) {
    const flight = Math.min(left, sender.sendable(0))
    sizes.push(flight)
    left -= flight
    for (let rest = flight; rest > 0; rest -= mss) sender.acked(Math.min(rest, mss))
  }
  return sizes
}

/** The sizes of the answers, in bytes. */
export interface PageSizes {
  first: number
  others: readonly number[]
}

export type Way = 'serial' | 'parallel' | 'persistent' | 'pipelined'

export interface Journey extends Sizes {
  /** How many connections `persistent` may open. Default: 1. */
  connections?: number
  /** How long a kept connection has nothing to send after the first answer. Default: 0. */
  pauseMs?: number
  /** Its retransmission timeout. Without one no pause is too long. */
  rtoMs?: number
}

/** A connection that counts: round trips since it was asked for. */
class Trip {
  readonly #o: Journey
  readonly #sender: CongestionWindow
  /** The handshake. */
  count = 1

  constructor(o: Journey) {
    this.#o = o
    this.#sender = new CongestionWindow(o)
  }

  /** The request travels with the first flight, so even an empty answer takes one. */
  ask(bytes: number): this {
    this.count += Math.max(1, flights(this.#sender, bytes, this.#o.mss).length)
    return this
  }

  pause(): void {
    this.#sender.idle(this.#o.pauseMs ?? 0, this.#o.rtoMs ?? Infinity)
  }
}

/** How many round trips a page takes, the handshakes included. */
export function roundTrips(page: PageSizes, way: Way, o: Journey): number {
  const first = new Trip(o).ask(page.first)
  const before = first.count
  first.pause()
  if (page.others.length === 0) return before
  if (way === 'pipelined') return first.ask(sum(page.others)).count
  if (way === 'persistent') return before + kept(first, page.others, o)
  const each = page.others.map((bytes) => new Trip(o).ask(bytes).count)
  return before + (way === 'serial' ? sum(each) : Math.max(...each))
}

/** The round trips of the others, on the first connection and on new ones beside it. */
function kept(first: Trip, others: readonly number[], o: Journey): number {
  const before = first.count
  const counts = deal(others, o.connections ?? 1).map((answers, index) => {
    const trip = index === 0 ? first : new Trip(o)
    for (const bytes of answers) trip.ask(bytes)
    return index === 0 ? trip.count - before : trip.count
  })
  return Math.max(...counts)
}

/** As cards are dealt: the hands that get one, at most so many. */
function deal<T>(cards: readonly T[], most: number): T[][] {
  const hands = Array.from({ length: Math.min(most, cards.length) }, (): T[] => [])
  for (const [index, card] of cards.entries()) hands[index % hands.length]?.push(card)
  return hands
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0)
}

/**
 * Fetches the first target, and then the others over several connections, all of them kept.
 *
 * @param options.connections - How many connections at most, 1 or more.
 * @returns The responses in the order of the targets.
 */
export async function fetchPage(
  port: number,
  targets: readonly string[],
  options: { connections: number },
): Promise<Response[]> {
  const [first, ...others] = targets
  if (first === undefined) return []
  const opened: Connection[] = []
  const open = (): Connection => {
    const connection = new Connection(port)
    opened.push(connection)
    return connection
  }
  try {
    const warm = open()
    const page = [await warm.ask(first)]
    const hands = deal([...others.entries()], options.connections)
    await Promise.all(
      hands.map(async (hand, index) => {
        const connection = index === 0 ? warm : open()
        for (const [place, target] of hand) page[place + 1] = await connection.ask(target)
      }),
    )
    return page
  } finally {
    for (const connection of opened) connection.destroy()
  }
}

interface Waiting {
  resolve(response: Response): void
  reject(error: Error): void
}

/** One kept connection, with at most one request on it. */
class Connection {
  readonly #port: number
  readonly #socket: Socket
  readonly #reader = new MessageReader('response')
  #waiting: Waiting | null = null
  /** Why nothing more can come. */
  #over: Error | null = null

  constructor(port: number) {
    this.#port = port
    this.#socket = connect({ port, host: '127.0.0.1' })
    this.#socket.on('data', (chunk) => this.#take(chunk))
    this.#socket.on('error', (error) => this.#end(error))
    const ended = (): void => this.#end(new Error('the connection ended before its response was whole'))
    this.#socket.on('end', ended)
    this.#socket.on('close', ended)
  }

  ask(target: string): Promise<Response> {
    return new Promise((resolve, reject) => {
      if (this.#over) return reject(this.#over)
      this.#waiting = { resolve, reject }
      const headers = [['Host', `127.0.0.1:${this.#port}`]] as const
      this.#socket.write(
        formatRequest({ method: 'GET', target, version: '1.1', headers, body: new Uint8Array() }),
      )
    })
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #take(chunk: Uint8Array): void {
    try {
      const [response] = this.#reader.push(chunk)
      if (response) this.#settle()?.resolve(response)
    } catch (error) {
      this.#end(error as Error)
    }
  }

  #end(error: Error): void {
    this.#over ??= error
    this.#settle()?.reject(this.#over)
  }

  #settle(): Waiting | null {
    const waiting = this.#waiting
    this.#waiting = null
    return waiting
  }
}
