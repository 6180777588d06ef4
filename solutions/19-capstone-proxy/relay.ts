/** One request onwards, and its answer back: as it comes, and no faster than each side reads. */
import type { Address, Headers } from '../../labs/kit/http.ts'
import type { Asker, Hop, Hops } from './hops.ts'
import type { Limits } from './limits.ts'
import type { AnswerHead } from './reader.ts'
import { linesOf, type Exchange } from './serving.ts'

/** A request as it goes on. */
export interface Onward {
  readonly address: Address
  readonly method: string
  readonly target: string
  readonly headers: Headers
}

/** Whoever looks at the answer on its way. */
export interface Watcher {
  /** @returns The answer's fields as they go on; null where the client is answered otherwise. */
  onHead(head: AnswerHead): Headers | null
  onPiece(piece: Buffer): void
  onEnd(): void
  onLost(): void
  /** The answer is taken as fast as it comes, whether the client reads or not. */
  readonly isInHaste: boolean
}

/** Sent twice, these are meant to have the effect of one (RFC 9110 §9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

// #region relay
export class Relay implements Asker {
  readonly #exchange: Exchange
  readonly #onward: Onward
  readonly #hops: Hops
  readonly #limits: Limits
  readonly #watcher: Watcher
  #hop: Hop
  #isAnswered = false
  /** The client is answered by somebody else. */
  #isSilent = false

  constructor(exchange: Exchange, onward: Onward, hops: Hops, limits: Limits, watcher: Watcher) {
    this.#exchange = exchange
    this.#onward = onward
    this.#hops = hops
    this.#limits = limits
    this.#watcher = watcher
    this.#hop = hops.take(onward.address, true)
    exchange.listener = {
      onBody: (piece) => this.#sendBody(piece),
      onBodyEnd: () => this.#endBody(),
      onDrain: () => this.#takeMore(),
      onGone: () => this.#leave(),
    }
    this.#ask()
  }

  onInterim(status: number, reason: string, headers: Headers): void {
    this.#exchange.interim(status, reason, headers)
  }

  onHead(head: AnswerHead): void {
    this.#isAnswered = true
    const headers = this.#watcher.onHead(head)
    if (headers) this.#begin(head, headers)
    else this.#isSilent = true
    this.#watch()
  }

  onPiece(piece: Buffer): void {
    this.#watcher.onPiece(piece)
    const hasRoom = this.#isSilent || this.#exchange.write(piece)
    if (!hasRoom && !this.#watcher.isInHaste) this.#hop.pause()
    this.#watch()
  }

  onEnd(): void {
    if (this.#exchange.hasWholeBody) this.#hops.giveBack(this.#hop)
    // What is still to come of the request has nowhere to go.
    else this.#hop.destroy()
    if (!this.#isSilent) {
      this.#exchange.listener = {}
      this.#exchange.isPaused = false
      this.#exchange.end()
    }
    this.#watcher.onEnd()
  }

  onLost(error: Error): void {
    if (this.#mayRepeat()) {
      this.#hop = this.#hops.take(this.#onward.address, false)
      return this.#ask()
    }
    this.#fail(502, error.message)
  }

  onDrain(): void {
    if (this.#exchange.isPaused) this.#exchange.resume()
    this.#watch()
  }

  together(work: () => void): void {
    this.#exchange.together(work)
  }

  // --- internal ---

  #ask(): void {
    const { method, target, headers } = this.#onward
    this.#hop.ask(method, this)
    const { framing } = this.#exchange.head
    // A proxy says itself where the body ends: what the client said was for this hop.
    const length = framing === 'chunked' ? 'Transfer-Encoding: chunked\r\n' : this.#lengthLine(framing)
    this.#hop.write(`${method} ${target} HTTP/1.1\r\n${linesOf(headers)}${length}\r\n`)
    this.#watch()
  }

  #lengthLine(framing: unknown): string {
    const isExpected = framing !== 0 || ['POST', 'PUT', 'PATCH'].includes(this.#onward.method)
    return isExpected ? `Content-Length: ${String(framing)}\r\n` : ''
  }

  #sendBody(piece: Buffer): void {
    const isChunked = this.#exchange.head.framing === 'chunked'
    const hasRoom = isChunked
      ? this.#hop.write(`${piece.length.toString(16)}\r\n`, piece, '\r\n')
      : this.#hop.write(piece)
    this.#exchange.isPaused = !hasRoom
    this.#watch()
  }

  #endBody(): void {
    if (this.#exchange.head.framing === 'chunked') this.#hop.write('0\r\n\r\n')
    this.#watch()
  }

  #begin({ status, reason, framing }: AnswerHead, headers: Headers): void {
    const { method } = this.#exchange.head
    const isWithout = method === 'HEAD' || status === 204 || status === 304
    const length = typeof framing === 'number' ? framing : null
    this.#exchange.begin(status, reason, headers, isWithout ? 'none' : length)
  }

  #takeMore(): void {
    this.#hop.resume()
    this.#watch()
  }

  /** A kept connection that ends unanswered may have crossed the request: once more, on a new one (RFC 9112 §9.3.1). */
  #mayRepeat(): boolean {
    const isUntouched = this.#hop.isKept && !this.#hop.hasBegun && this.#exchange.head.framing === 0
    return isUntouched && IDEMPOTENT.has(this.#onward.method) && !this.#exchange.isGone
  }

  #fail(status: number, why: string): void {
    const { host, port } = this.#onward.address
    this.#hop.destroy()
    this.#watcher.onLost()
    if (this.#isSilent) return
    this.#exchange.listener = {}
    this.#exchange.isPaused = false
    if (this.#isAnswered) this.#exchange.abort()
    else this.#exchange.reply(status, `${host}:${port}: ${why}`)
  }

  /** The client has left: nobody wants the answer. */
  #leave(): void {
    this.#hop.destroy()
    this.#watcher.onLost()
  }

  /** Each side has its own time: here it is the next hop's. */
  #watch(): void {
    const { headMs, bodyMs } = this.#limits
    const { deadline, isConnected } = this.#hop
    const late = (): void => this.#fail(504, 'no answer in time')
    if (!isConnected) return deadline.isSet ? undefined : deadline.set(headMs, late)
    if (this.#exchange.isPaused) return deadline.set(bodyMs, late)
    if (!this.#exchange.hasWholeBody && !this.#isAnswered) return deadline.lift()
    if (!this.#isAnswered) return deadline.set(headMs, late)
    if (this.#hop.isPaused) return deadline.lift()
    deadline.set(bodyMs, late)
  }
}
// #endregion relay
