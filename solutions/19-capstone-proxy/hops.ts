/** The side of the origins: connections that are kept, and one answer at a time on each. */
import { connect, type Socket } from 'node:net'
import type { Address, Headers } from '../../labs/kit/http.ts'
import { Deadline, type Limits } from './limits.ts'
import { membersOf, parseAnswer, Reader, Refused, type AnswerHead } from './reader.ts'

/** What whoever has asked wants to hear. */
export interface Asker {
  onInterim(status: number, reason: string, headers: Headers): void
  onHead(head: AnswerHead): void
  onPiece(piece: Buffer): void
  onEnd(): void
  /** The connection has ended before the answer did, or what came was none. */
  onLost(error: Error): void
  /** What was sent has been taken. */
  onDrain(): void
  /** What comes together goes on together. */
  together(work: () => void): void
}

// #region hop
/** A connection to the next hop. */
export class Hop {
  readonly deadline = new Deadline()
  readonly address: Address
  /** It has answered before: its end may cross the next request (RFC 9112 §9.5). */
  isKept = false
  isConnected = false
  /** A byte of the answer has come. */
  hasBegun = false
  readonly #socket: Socket
  readonly #reader: Reader<AnswerHead>
  #method = ''
  #asker: Asker | null = null
  #head: AnswerHead | null = null
  #mayStay = true

  constructor(address: Address, maxHead: number, onClose: () => void) {
    this.address = address
    this.#reader = new Reader((text) => parseAnswer(text, this.#method), maxHead)
    this.#socket = connect({ host: address.host, port: address.port, noDelay: true })
    this.#socket.once('connect', () => {
      this.isConnected = true
      this.deadline.lift()
      this.#asker?.onDrain()
    })
    this.#socket.on('data', (bytes) => this.#hear(bytes))
    this.#socket.on('end', () => this.#hearEnd())
    this.#socket.on('drain', () => this.#asker?.onDrain())
    this.#socket.on('error', (error) => this.#lose(error))
    this.#socket.once('close', () => {
      this.deadline.clear()
      this.#lose(new Error('the connection has ended'))
      onClose()
    })
  }

  /** Nothing stands in the way of another request. */
  get isUsable(): boolean {
    return this.#mayStay && !this.#socket.destroyed && this.#asker === null
  }

  get isPaused(): boolean {
    return this.#socket.isPaused()
  }

  ask(method: string, asker: Asker): void {
    this.#method = method
    this.#asker = asker
    this.#head = null
    this.hasBegun = false
  }

  write(...pieces: Array<Buffer | string>): boolean {
    let hasRoom = true
    this.#socket.cork()
    for (const piece of pieces) hasRoom = this.#socket.write(piece, 'latin1')
    this.#socket.uncork()
    return hasRoom
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
    this.#read()
  }

  destroy(): void {
    this.#asker = null
    this.#mayStay = false
    this.#socket.destroy()
  }

  // --- internal ---

  #hear(bytes: Buffer): void {
    // What nobody has asked for is nobody's answer (RFC 9112 §9.2).
    if (!this.#asker) return this.destroy()
    this.hasBegun = true
    this.#reader.feed(bytes)
    this.#read()
  }

  #hearEnd(): void {
    this.#mayStay = false
    this.#reader.end()
    this.#read()
    this.#lose(new Error('the connection has ended'))
    this.#socket.destroy()
  }

  #read(): void {
    this.#asker?.together(() => this.#readAll())
  }

  #readAll(): void {
    try {
      while (this.#asker && !this.#socket.isPaused() && this.#step(this.#asker));
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      this.#lose(error)
      this.destroy()
    }
  }

  #step(asker: Asker): boolean {
    if (this.#head) return this.#goOn(asker)
    const head = this.#reader.head()
    if (!head) return false
    if (head.status === 101) throw new Refused(502, 'a switch that nobody has asked for')
    if (head.status < 200) asker.onInterim(head.status, head.reason, head.headers)
    else this.#begin(asker, head)
    return true
  }

  #begin(asker: Asker, head: AnswerHead): void {
    this.#head = head
    const isOver = head.version === '1.0' || membersOf(head.headers, 'connection').includes('close')
    if (isOver || head.framing === 'until FIN') this.#mayStay = false
    asker.onHead(head)
  }

  #goOn(asker: Asker): boolean {
    const piece = this.#reader.body()
    if (piece === null) return false
    if (piece !== 'end') {
      asker.onPiece(piece)
      return true
    }
    if (this.#reader.pending > 0) this.#mayStay = false
    this.#asker = null
    asker.onEnd()
    return false
  }

  #lose(error: Error): void {
    this.#mayStay = false
    const asker = this.#asker
    this.#asker = null
    asker?.onLost(error)
  }
}
// #endregion hop

// #region hops
/** All of them. There is one for each client that waits, so those that idle are never many. */
export class Hops {
  readonly #limits: Limits
  readonly #all = new Set<Hop>()
  /** By origin; the last one was used last. */
  readonly #idle = new Map<string, Hop[]>()
  #isClosing = false
  #onEmpty: () => void = () => undefined

  constructor(limits: Limits) {
    this.#limits = limits
  }

  get open(): number {
    return this.#all.size
  }

  get idle(): number {
    let sum = 0
    for (const hops of this.#idle.values()) sum += hops.length
    return sum
  }

  /** One that is kept, where there is one and it may be. */
  take(address: Address, mayBeKept: boolean): Hop {
    const idle = mayBeKept ? (this.#idle.get(keyOf(address)) ?? []) : []
    for (let hop = idle.pop(); hop; hop = idle.pop()) if (hop.isUsable) return hop
    const hop = new Hop(address, this.#limits.maxHeadBytes, () => this.#forget(hop))
    this.#all.add(hop)
    return hop
  }

  giveBack(hop: Hop): void {
    if (!hop.isUsable || this.#isClosing) return hop.destroy()
    hop.isKept = true
    const key = keyOf(hop.address)
    const idle = this.#idle.get(key)
    if (idle) idle.push(hop)
    else this.#idle.set(key, [hop])
    hop.deadline.set(this.#limits.idleMs, () => hop.destroy())
  }

  /** Those that idle go at once; the others when their answers are whole. */
  endIdle(): void {
    this.#isClosing = true
    for (const hop of [...this.#idle.values()].flat()) hop.destroy()
  }

  async close(): Promise<void> {
    for (const hop of this.#all) hop.destroy()
    if (this.#all.size > 0) await new Promise<void>((resolve) => (this.#onEmpty = resolve))
  }

  #forget(hop: Hop): void {
    this.#all.delete(hop)
    const key = keyOf(hop.address)
    const left = (this.#idle.get(key) ?? []).filter((each) => each !== hop)
    if (left.length > 0) this.#idle.set(key, left)
    else this.#idle.delete(key)
    if (this.#all.size === 0) this.#onEmpty()
  }
}

function keyOf({ host, port }: Address): string {
  return `${host} ${port}`
}
// #endregion hops
