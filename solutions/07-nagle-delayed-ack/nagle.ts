import { Buffer } from 'node:buffer'
import { connect, type Socket } from 'node:net'

// #region nagle
/** A sender that keeps small segments back while something is unacknowledged (RFC 9293 §3.7.4). */
export class NagleSender {
  readonly #mss: number
  readonly #send: (segment: Uint8Array) => void
  #noDelay: boolean
  #waiting = Buffer.alloc(0)
  #unacknowledged = 0

  constructor(o: { mss: number; noDelay?: boolean; send(segment: Uint8Array): void }) {
    this.#mss = o.mss
    this.#noDelay = o.noDelay === true
    this.#send = (segment) => o.send(segment)
  }

  write(bytes: Uint8Array): void {
    // A copy: the caller may fill its array anew while these bytes wait.
    this.#waiting = Buffer.concat([this.#waiting, bytes])
    this.#sendWhatMay()
  }

  acked(bytes: number): void {
    this.#unacknowledged -= bytes
    this.#sendWhatMay()
  }

  setNoDelay(on: boolean): void {
    this.#noDelay = on
    this.#sendWhatMay()
  }

  #sendWhatMay(): void {
    while (this.#mayLeave(Math.min(this.#waiting.length, this.#mss))) {
      const segment = this.#waiting.subarray(0, this.#mss)
      this.#waiting = this.#waiting.subarray(segment.length)
      // Counted before it is sent: its acknowledgement may come while `send` runs.
      this.#unacknowledged += segment.length
      this.#send(segment)
    }
  }

  #mayLeave(bytes: number): boolean {
    if (bytes === this.#mss) return true
    return bytes > 0 && (this.#noDelay || this.#unacknowledged === 0)
  }
}
// #endregion nagle

// #region delayed-ack
/** Calls `run` after so many milliseconds, unless the function that it gives is called before. */
type After = (ms: number, run: () => void) => () => void

const afterRealTime: After = (ms, run) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

/** RFC 9293 §3.8.6.3: the delay MUST be less than half a second. */
const DELAY_LIMIT_MS = 500

/** A receiver that waits with its acknowledgement, for data that it could ride on. */
export class DelayedAck {
  readonly #o: { delayMs: number; mss: number; acknowledge(bytes: number): void; after?: After }
  #owed = 0
  #cancel: (() => void) | undefined

  constructor(o: { delayMs: number; mss: number; acknowledge(bytes: number): void; after?: After }) {
    if (o.delayMs >= DELAY_LIMIT_MS)
      throw new RangeError(`a delay of ${o.delayMs} ms: it has to be less than ${DELAY_LIMIT_MS} ms`)
    this.#o = o
  }

  received(bytes: number): void {
    this.#owed += bytes
    if (this.#owed === 0) return
    // At least every second full segment, or as many bytes of new data (§3.8.6.3).
    if (this.#owed >= 2 * this.#o.mss) return this.#acknowledge()
    // The first byte that is owed starts the clock, and no later one moves it.
    const after = this.#o.after ?? afterRealTime
    this.#cancel ??= after(this.#o.delayMs, () => this.#acknowledge())
  }

  replying(): number {
    const owed = this.#owed
    this.#owed = 0
    this.#cancel?.()
    this.#cancel = undefined
    return owed
  }

  /** An acknowledgement alone is a reply without data. */
  #acknowledge(): void {
    this.#o.acknowledge(this.replying())
  }
}
// #endregion delayed-ack

// #region advertise
/** The window to advertise: it opens by a step that is worth a segment, or not at all (RFC 9293 §3.8.6.2.2). */
export function advertise(o: { free: number; lastAdvertised: number; buffer: number; mss: number }): number {
  const step = o.free - o.lastAdvertised
  return step >= Math.min(o.buffer / 2, o.mss) ? o.free : o.lastAdvertised
}
// #endregion advertise

// #region exchange
export type End = 'client' | 'server'

export interface Segment {
  /** When it leaves, in milliseconds behind the first write. */
  readonly at: number
  readonly from: End
  readonly bytes: number
  /** How many bytes it acknowledges that were not acknowledged before. */
  readonly acks: number
}

export type Timeline = Segment[]

export interface Exchange {
  readonly writes: readonly number[]
  readonly answer: number
  readonly mss: number
  readonly rttMs: number
  readonly delayMs: number
  readonly thinkMs: number
  readonly noDelay?: boolean
}

/** Time that passes when there is nothing else to do. */
class Agenda {
  now = 0
  readonly #entries: Array<{ readonly at: number; run(): void }> = []

  readonly after: After = (ms, run) => {
    const entry = { at: this.now + ms, run }
    this.#entries.push(entry)
    return () => this.#remove(entry)
  }

  runOut(): void {
    for (let [next] = this.#entries; next; [next] = this.#entries) {
      for (const entry of this.#entries) if (entry.at < next.at) next = entry
      this.#remove(next)
      this.now = next.at
      next.run()
    }
  }

  #remove(entry: { readonly at: number }): void {
    const at = this.#entries.findIndex((each) => each === entry)
    if (at >= 0) this.#entries.splice(at, 1)
  }
}

/** Write, write, read: a request in several writes through Nagle's algorithm, to a server that delays its ACKs. */
export function exchange(o: Exchange): Timeline {
  const timeline: Timeline = []
  const agenda = new Agenda()
  const leave = (from: End, bytes: number, acks: number, arrives: () => void): void => {
    timeline.push({ at: agenda.now, from, bytes, acks })
    agenda.after(o.rttMs / 2, arrives)
  }
  const client = new NagleSender({
    mss: o.mss,
    ...(o.noDelay === undefined ? {} : { noDelay: o.noDelay }),
    send: ({ length }) => leave('client', length, 0, () => reach(length)),
  })
  const server = new DelayedAck({
    delayMs: o.delayMs,
    mss: o.mss,
    after: agenda.after,
    acknowledge: (acks) => leave('server', 0, acks, () => client.acked(acks)),
  })
  let missing = o.writes.reduce((sum, bytes) => sum + bytes, 0)
  const reach = (bytes: number): void => {
    server.received(bytes)
    missing -= bytes
    if (missing === 0) agenda.after(o.thinkMs, answer)
  }
  const answer = (): void => leave('server', o.answer, server.replying(), () => undefined)
  for (const bytes of o.writes) client.write(Buffer.alloc(bytes))
  agenda.runOut()
  return timeline
}
// #endregion exchange

// #region ask
export type Way = 'two-writes' | 'one-write' | 'cork' | 'no-delay'

type Send = (socket: Socket, head: Uint8Array, body: Uint8Array) => void

const twoWrites: Send = (socket, head, body) => {
  socket.write(head)
  socket.write(body)
}

const WAYS: Readonly<Record<Way, Send>> = {
  'two-writes': twoWrites,
  'one-write': (socket, head, body) => void socket.write(Buffer.concat([head, body])),
  cork(socket, head, body) {
    socket.cork()
    twoWrites(socket, head, body)
    socket.uncork()
  },
  'no-delay'(socket, head, body) {
    // Before the first write: a byte that is held back would be set free, but the one before it is on its way.
    socket.setNoDelay(true)
    twoWrites(socket, head, body)
  },
}

export function ask(port: number, head: Uint8Array, body: Uint8Array, way: Way): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    // Node answers the server's FIN with ours, and not before: a FIN would push out what Nagle's algorithm holds.
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.once('error', reject)
    socket.once('close', () => resolve(Buffer.concat(chunks)))
    WAYS[way](socket, head, body)
  })
}
// #endregion ask

// #region who-waits
export type WireEvent = { readonly at: number; readonly end: End } & (
  | { readonly does: 'opens'; readonly mss: number; readonly noDelay: boolean }
  | { readonly does: 'setNoDelay'; readonly on: boolean }
  | { readonly does: 'write'; readonly bytes: number }
  | { readonly does: 'send'; readonly bytes: number; readonly acks: number }
  | { readonly does: 'receive'; readonly bytes: number; readonly acks: number }
)

interface Account {
  mss: number
  noDelay: boolean
  /** Written, and not sent. */
  waiting: number
  /** Sent, and not acknowledged as far as this end knows. */
  unacknowledged: number
  /** Received, and not acknowledged. */
  owed: number
}

export type Waits = 'nagle' | 'delayed-ack' | 'both' | 'nobody'

export function whoWaits(events: readonly WireEvent[]): Waits {
  const accounts = { client: emptyAccount(), server: emptyAccount() }
  for (const event of events) enter(accounts[event.end], event)
  const { client, server } = accounts
  if (client.waiting > 0) return whoHolds(client, server)
  return server.waiting > 0 ? whoHolds(server, client) : 'nobody'
}

function whoHolds(sender: Account, receiver: Account): Waits {
  const isSmall = sender.waiting < sender.mss
  const isNagle = isSmall && !sender.noDelay && sender.unacknowledged > 0
  if (isNagle) return receiver.owed > 0 ? 'both' : 'nagle'
  // Nagle's algorithm would let them go: a window holds them, and only an ACK can open it.
  return receiver.owed > 0 ? 'delayed-ack' : 'nobody'
}

function emptyAccount(): Account {
  return { mss: 0, noDelay: false, waiting: 0, unacknowledged: 0, owed: 0 }
}

function enter(account: Account, event: WireEvent): void {
  switch (event.does) {
    case 'opens':
      account.mss = event.mss
      account.noDelay = event.noDelay
      break
    case 'setNoDelay':
      account.noDelay = event.on
      break
    case 'write':
      account.waiting += event.bytes
      break
    case 'send':
      account.waiting -= event.bytes
      account.unacknowledged += event.bytes
      account.owed -= event.acks
      break
    case 'receive':
      account.unacknowledged -= event.acks
      account.owed += event.bytes
  }
}
// #endregion who-waits
