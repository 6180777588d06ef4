/** In another style: each segment and each acknowledgement is played, a clock is kept for each connection, sockets are iterated. */
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import type { Response } from '../../../../labs/kit/http.ts'
import { MessageReader } from '../../../../labs/kit/message-reader.ts'

interface Sizes {
  readonly mss: number
  readonly receiveWindow: number
  readonly initialWindow?: number
}

type Phase =
  | { readonly name: 'open'; readonly limit: number; readonly seen: number }
  | { readonly name: 'recovery'; readonly limit: number }

export class CongestionWindow {
  window: number
  #phase: Phase = { name: 'open', limit: Number.MAX_SAFE_INTEGER, seen: 0 }
  #repeated = 0
  #timeouts = 0
  readonly #sizes: Sizes
  readonly #initial: number

  constructor(sizes: Sizes) {
    this.#sizes = sizes
    this.#initial = firstWindow(sizes)
    this.window = this.#initial
  }

  sendable(inFlight: number): number {
    const allowed = [this.window, this.#sizes.receiveWindow].sort((a, b) => a - b)[0] ?? 0
    return allowed > inFlight ? allowed - inFlight : 0
  }

  acked(bytes: number): void {
    const phase = this.#phase
    this.#repeated = 0
    this.#timeouts = 0
    if (phase.name === 'recovery') {
      this.window = phase.limit
      this.#phase = { name: 'open', limit: phase.limit, seen: 0 }
      return
    }
    if (this.window < phase.limit) {
      this.window += bytes < this.#sizes.mss ? bytes : this.#sizes.mss
      return
    }
    const seen = phase.seen + bytes
    const isFull = seen >= this.window
    this.#phase = { ...phase, seen: isFull ? seen - this.window : seen }
    if (isFull) this.window += this.#sizes.mss
  }

  duplicateAck(inFlight: number): void {
    if (this.#phase.name === 'recovery') this.window += this.#sizes.mss
    else if (++this.#repeated === 3) {
      const limit = this.#half(inFlight)
      this.#phase = { name: 'recovery', limit }
      this.window = limit + 3 * this.#sizes.mss
    }
  }

  timedOut(inFlight: number): void {
    const limit = this.#timeouts++ === 0 ? this.#half(inFlight) : this.#phase.limit
    this.#phase = { name: 'open', limit, seen: 0 }
    this.#repeated = 0
    this.window = this.#sizes.mss
  }

  idle(ms: number, rtoMs: number): void {
    if (!(ms > rtoMs)) return
    if (this.window > this.#initial) this.window = this.#initial
    this.#phase = { name: 'open', limit: this.#phase.limit, seen: 0 }
  }

  #half(inFlight: number): number {
    return Math.max((inFlight - (inFlight % 2)) / 2, this.#sizes.mss * 2)
  }
}

function firstWindow({ mss, initialWindow }: Sizes): number {
  if (initialWindow !== undefined) return initialWindow
  if (10 * mss <= 14_600) return 10 * mss
  return 2 * mss >= 14_600 ? 2 * mss : 14_600
}

/** One connection: the number of round trips that have passed on it, and its window. */
class Sender {
  readonly #window: CongestionWindow
  readonly #mss: number
  flights: number[] = []

  constructor(sizes: Sizes, initialWindow = firstWindow(sizes)) {
    this.#window = new CongestionWindow({ ...sizes, initialWindow })
    this.#mss = sizes.mss
  }

  send(bytes: number): this {
    for (let left = bytes; left > 0; left -= this.flights.at(-1) ?? left) {
      const flight = Math.min(left, this.#window.sendable(0))
      this.flights.push(flight)
      for (let segment = flight; segment > 0; segment -= this.#mss)
        this.#window.acked(Math.min(segment, this.#mss))
    }
    return this
  }

  rest(ms: number, rtoMs: number): this {
    this.#window.idle(ms, rtoMs)
    return this
  }
}

export function planFlights({
  bytes,
  window,
  ...sizes
}: Sizes & { bytes: number; window?: number }): number[] {
  return new Sender(sizes, window).send(bytes).flights
}

interface Journey extends Sizes {
  readonly connections?: number
  readonly pauseMs?: number
  readonly rtoMs?: number
}

export function roundTrips(
  page: { readonly first: number; readonly others: readonly number[] },
  way: 'serial' | 'parallel' | 'persistent' | 'pipelined',
  o: Journey,
): number {
  const kept = new Sender(o).send(page.first)
  const begin = 1 + kept.flights.length
  kept.rest(o.pauseMs ?? 0, o.rtoMs ?? Number.POSITIVE_INFINITY)
  let end = begin
  switch (way) {
    case 'serial':
      for (const bytes of page.others) end += 1 + new Sender(o).send(bytes).flights.length
      return end
    case 'parallel':
      for (const bytes of page.others)
        end = Math.max(end, begin + 1 + new Sender(o).send(bytes).flights.length)
      return end
    case 'pipelined': {
      let all = 0
      for (const bytes of page.others) all += bytes
      return 1 + kept.send(all).flights.length
    }
    case 'persistent': {
      const senders = [kept]
      const hands = o.connections ?? 1
      for (const [index, bytes] of page.others.entries()) {
        const sender = (senders[index % hands] ??= new Sender(o))
        sender.send(bytes)
      }
      const [, ...further] = senders
      return Math.max(1 + kept.flights.length, ...further.map((each) => begin + 1 + each.flights.length))
    }
  }
}

export async function fetchPage(
  port: number,
  targets: readonly string[],
  options: { readonly connections: number },
): Promise<Response[]> {
  const found: Response[] = []
  const sockets = new Set<Socket>()
  const open = (): Conversation => {
    const socket = createConnection({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    sockets.add(socket)
    return conversation(socket, port)
  }
  const work = async (ask: Conversation, places: readonly number[]): Promise<void> => {
    for (const place of places) found[place] = await ask(targets[place] ?? '/')
  }
  try {
    if (targets.length > 0) {
      const first = open()
      await work(first, [0])
      const places: number[][] = Array.from({ length: options.connections }, () => [])
      for (let place = 1; place < targets.length; place++)
        places[(place - 1) % options.connections]?.push(place)
      const busy = places.filter((each) => each.length > 0)
      await Promise.all(busy.map((each, index) => work(index === 0 ? first : open(), each)))
    }
    return found
  } finally {
    for (const socket of sockets) socket.resetAndDestroy()
  }
}

type Conversation = (target: string) => Promise<Response>

/** What an iterator of the socket gives, asked for across responses. */
function conversation(socket: Socket, port: number): Conversation {
  socket.on('error', () => undefined)
  const pieces = socket.iterator({ destroyOnReturn: false })
  const reader = new MessageReader('response')
  const connected = once(socket, 'connect')
  connected.catch(() => undefined)
  return async (target) => {
    await connected
    socket.cork()
    socket.write(`GET ${target} HTTP/1.1\r\n`)
    socket.write(Buffer.from(`accept: */*\r\nHOST:127.0.0.1:${port}\r\n\r\n`))
    socket.uncork()
    for (;;) {
      const { done, value } = (await pieces.next()) as IteratorResult<Buffer>
      if (done) throw new Error(`the answer to ${target} was cut short`)
      const [response] = reader.push(value)
      if (response) return response
    }
  }
}
