/** In another style: totals instead of steps, a queue for each connection, callbacks, and `close` on the last request. */
import { Socket } from 'node:net'
import type { Response } from '../../../../labs/kit/http.ts'
import { MessageReader } from '../../../../labs/kit/message-reader.ts'

interface Sizes {
  mss: number
  receiveWindow: number
  initialWindow?: number
}

const begin = (o: Sizes): number =>
  o.initialWindow === undefined ? Math.min(o.mss * 10, Math.max(o.mss * 2, 14_600)) : o.initialWindow

export class CongestionWindow {
  readonly #o: Sizes
  #state

  constructor(o: Sizes) {
    this.#o = o
    this.#state = {
      cwnd: begin(o),
      ssthresh: null as number | null,
      pending: 0,
      dupacks: 0,
      backedOff: false,
    }
  }

  get window(): number {
    return this.#state.cwnd
  }

  sendable(inFlight: number): number {
    const room = (this.window < this.#o.receiveWindow ? this.window : this.#o.receiveWindow) - inFlight
    return room < 0 ? 0 : room
  }

  acked(bytes: number): void {
    const state = this.#state
    const { ssthresh, dupacks } = state
    Object.assign(state, { dupacks: 0, backedOff: false })
    if (dupacks > 2) state.cwnd = ssthresh ?? state.cwnd
    else if (ssthresh === null || state.cwnd < ssthresh) state.cwnd += Math.min(this.#o.mss, bytes)
    else {
      state.pending += bytes
      if (state.pending >= state.cwnd) {
        const { cwnd } = state
        state.cwnd += this.#o.mss
        state.pending -= cwnd
      }
    }
  }

  duplicateAck(inFlight: number): void {
    const state = this.#state
    switch (++state.dupacks) {
      case 1:
      case 2:
        return
      case 3:
        state.ssthresh = this.#share(inFlight)
        state.pending = 0
        state.cwnd = state.ssthresh
        state.cwnd += 3 * this.#o.mss
        return
      default:
        state.cwnd += this.#o.mss
    }
  }

  timedOut(inFlight: number): void {
    const ssthresh = this.#state.backedOff ? this.#state.ssthresh : this.#share(inFlight)
    this.#state = { cwnd: this.#o.mss, ssthresh, pending: 0, dupacks: 0, backedOff: true }
  }

  idle(ms: number, rtoMs: number): void {
    if (ms > rtoMs)
      Object.assign(this.#state, { pending: 0, cwnd: Math.min(begin(this.#o), this.#state.cwnd) })
  }

  #share(inFlight: number): number {
    return Math.max(inFlight >> 1, 2 * this.#o.mss)
  }
}

export function planFlights(o: Sizes & { bytes: number; window?: number }): number[] {
  if (o.bytes === 0) return []
  const window = o.window ?? begin(o)
  const flight = [window, o.receiveWindow, o.bytes].reduce((a, b) => (b < a ? b : a))
  if (flight < window) {
    // The receiver decides from here on: no flight is larger.
    const whole = Math.floor(o.bytes / flight)
    const rest = o.bytes - whole * flight
    return [...Array.from({ length: whole }, () => flight), ...(rest > 0 ? [rest] : [])]
  }
  return [flight, ...planFlights({ ...o, bytes: o.bytes - flight, window: window + flight })]
}

interface Journey extends Sizes {
  connections?: number
  pauseMs?: number
  rtoMs?: number
}

export function roundTrips(
  page: { first: number; others: number[] },
  way: 'serial' | 'parallel' | 'persistent' | 'pipelined',
  o: Journey,
): number {
  const cold = begin(o)
  const count = (bytes: number, window: number): number => planFlights({ ...o, bytes, window }).length
  const start = 1 + count(page.first, cold)
  const isClosed = o.pauseMs !== undefined && o.rtoMs !== undefined && o.pauseMs > o.rtoMs
  const warm = isClosed ? cold : cold + page.first
  const total = page.others.reduce((sum, bytes) => sum + bytes, 0)
  if (way === 'pipelined') return start + count(total, warm)
  const hands = { serial: 1, parallel: page.others.length, persistent: o.connections ?? 1 }[way]
  const ends = Array.from({ length: Math.max(hands, 1) }, () => 0)
  const windows = ends.map((_, hand) => (way === 'persistent' && hand === 0 ? warm : cold))
  for (const [at, bytes] of page.others.entries()) {
    const hand = at % ends.length
    const isNew = way !== 'persistent' || (hand > 0 && at < ends.length)
    ends[hand] =
      (ends[hand] ?? 0) + (isNew ? 1 : 0) + count(bytes, way === 'persistent' ? (windows[hand] ?? 0) : cold)
    windows[hand] = (windows[hand] ?? 0) + bytes
  }
  return start + Math.max(...ends)
}

type Done = (error: Error | null, responses?: Response[]) => void

export function fetchPage(
  port: number,
  targets: readonly string[],
  o: { connections: number },
): Promise<Response[]> {
  return new Promise((resolve, reject) => {
    fetchAll(port, targets, o.connections, (error, responses) =>
      error ? reject(error) : resolve(responses ?? []),
    )
  })
}

function fetchAll(port: number, targets: readonly string[], most: number, done: Done): void {
  const responses = new Map<number, Response>()
  const lines: Line[] = []
  let isOver = targets.length === 0
  if (isOver) return done(null, [])
  const over: Done = (error, all) => {
    if (isOver) return
    isOver = true
    for (const line of lines) line.hangUp()
    done(error, all)
  }
  const came = (at: number, response: Response): void => {
    responses.set(at, response)
    if (responses.size === targets.length)
      over(
        null,
        targets.map((_, index) => responses.get(index) as Response),
      )
    else if (at === 0) deal()
  }
  const line = (): Line => {
    const made = new Line(port, came, (error) => over(error))
    lines.push(made)
    return made
  }
  const deal = (): void => {
    for (let at = 1; at < targets.length; at++) {
      const hand = (at - 1) % most
      const isLast = at + most >= targets.length
      ;(lines[hand] ?? line()).queue(at, targets[at] ?? '', isLast)
    }
    for (const each of lines) each.next()
  }
  line().queue(0, targets[0] ?? '', targets.length === 1)
  lines[0]?.next()
}

/** A connection with a queue of targets. */
class Line {
  readonly #socket = new Socket()
  readonly #queue: Array<{ at: number; request: string }> = []
  readonly #port: number
  #reader = new MessageReader('response')
  #asked = -1

  constructor(port: number, came: (at: number, response: Response) => void, failed: (error: Error) => void) {
    this.#port = port
    const cut = (): void => {
      if (this.#asked >= 0) failed(new Error('cut short'))
    }
    this.#socket.on('data', (bytes) => {
      let found: Response[] = []
      try {
        found = this.#reader.push(bytes)
      } catch (error) {
        return failed(error as Error)
      }
      const [response] = found
      if (!response) return
      const at = this.#asked
      this.#asked = -1
      came(at, response)
      this.next()
    })
    this.#socket.on('end', cut).on('close', cut)
    this.#socket.on('error', (error) => this.#asked >= 0 && failed(error))
    this.#socket.connect(port, '127.0.0.1')
  }

  queue(at: number, target: string, isLast: boolean): void {
    const lines = [`GET ${target} HTTP/1.1`, 'User-Agent: lines', `host: 127.0.0.1:${this.#port}`]
    if (isLast) lines.push('Connection: close')
    this.#queue.push({ at, request: `${lines.join('\r\n')}\r\n\r\n` })
  }

  next(): void {
    const [first] = this.#queue
    if (!first || this.#asked >= 0) return
    this.#queue.shift()
    this.#asked = first.at
    this.#socket.write(first.request)
  }

  hangUp(): void {
    this.#queue.length = 0
    this.#asked = -1
    this.#socket.destroy()
  }
}
