/**
 * What a right client has shown by now: from what it was asked, what has reached the origin, and what the origin has
 * said. It knows nothing of sockets.
 */

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

export interface Asked {
  readonly name: string
  readonly method: string
}

/** Whose promise it is, and why. */
export interface Reason {
  readonly requirement: string
  readonly why: string
  /** Of what holds requests back: what has happened when it does so no longer. */
  readonly over?: string
}

/** The request that stands at the front of those that have not been sent on this connection. */
export type Next =
  | { readonly kind: 'must' | 'may'; readonly index: number; readonly reason: Reason }
  | { readonly kind: 'not'; readonly reason: Reason }

export type Unanswered = 'not-repeatable' | 'gave-up'

export class ClientModel {
  /** Indexes of what was sent on this connection and has no answer, the oldest first. */
  readonly waiting: number[] = []
  /** By index; undefined while it has none. */
  readonly outcomes: Array<'response' | Unanswered | undefined>
  connections = 0
  /** The connection may carry more requests. */
  isOpen = false
  /** The client closes it by itself, and waits for nobody. */
  mustClose = false
  readonly #asked: readonly Asked[]
  readonly #depth: number
  readonly #sends: number[]
  readonly #unsent: number[] = []
  #persists = false
  #lastWasInterim = false
  /** By index: whose promise it is that a request that was lost has no second chance. */
  readonly #lostBy: string[] = []
  /** Why the last connection ended, and with it why there is another one. */
  #ended: Reason = { requirement: 'R1', why: 'it has requests to send' }
  /** What held the next request back when it was last looked at. */
  #held: Reason | null = null

  constructor(asked: readonly Asked[], depth: number) {
    this.#asked = asked
    this.#depth = depth
    this.#sends = asked.map(() => 0)
    this.outcomes = asked.map(() => undefined)
  }

  get isDone(): boolean {
    return this.outcomes.every((outcome) => outcome !== undefined)
  }

  /** Whether a further connection has to come, and whose promise that is. */
  get another(): Reason | null {
    return this.isOpen || this.isDone ? null : this.#ended
  }

  /** Requests that have not been sent on this connection. */
  get hasUnsent(): boolean {
    return this.#unsent.length > 0
  }

  next(): Next | null {
    const [index] = this.#unsent
    if (!this.isOpen || index === undefined) return null
    const reason = this.#holdsBack()
    if (!reason) return { kind: this.#mayRepeat(index) ? 'must' : this.#orMay, index, reason: this.#free() }
    this.#held = reason
    return { kind: 'not', reason }
  }

  // History

  connected(): void {
    this.connections++
    this.isOpen = true
    this.mustClose = false
    this.#persists = false
    this.#lastWasInterim = false
    this.#held = null
    this.#unsent.splice(0, Infinity, ...this.#open())
  }

  /** This request has reached the origin. @returns What is wrong with that. */
  sent(index: number): Reason | null {
    const next = this.next()
    if (next?.kind !== 'not' && next?.index === index) {
      this.#unsent.shift()
      this.#sends[index]!++
      this.waiting.push(index)
      return null
    }
    if (next?.kind === 'not' && this.#unsent[0] === index) return next.reason
    return this.#outOfTurn(index)
  }

  /** A final answer, to the oldest. @param ends - Whether its version or its options end the persistence. */
  answered(ends: 'close' | 'no keep-alive' | null): void {
    const index = this.waiting.shift() as number
    this.outcomes[index] = 'response'
    this.#lastWasInterim = false
    this.#persists = ends === null
    if (this.isDone) this.#over('R1', 'every request has its outcome')
    else if (ends) this.#over('R8', ENDS[ends])
    this.mustClose = !this.isOpen && (this.isDone || ends === 'close')
  }

  interim(): void {
    this.#lastWasInterim = true
  }

  /** FIN, RST, or what is no HTTP: the connection has ended with what was waiting. */
  lost(why: string): void {
    const wasSent = this.waiting.length > 0
    const posts = this.waiting.some((index) => !this.#mayRepeat(index))
    this.#over(posts || !wasSent ? 'R7' : 'R6', why)
  }

  refused(): void {
    for (const index of this.#open()) this.outcomes[index] = 'gave-up'
    this.isOpen = false
  }

  // --- internal ---

  /** An idempotent one has to follow; whether another one follows what is unanswered is up to the client. */
  get #orMay(): 'must' | 'may' {
    return this.waiting.length === 0 ? 'must' : 'may'
  }

  #open(): number[] {
    return [...this.outcomes.keys()].filter((index) => this.outcomes[index] === undefined)
  }

  #mayRepeat(index: number): boolean {
    return IDEMPOTENT.has(this.#asked[index]!.method)
  }

  #holdsBack(): Reason | null {
    if (this.waiting.length === 0) return null
    const names = this.waiting.map((index) => this.#asked[index]!)
    const alone = names.find(({ method }) => !IDEMPOTENT.has(method))
    if (!this.#persists) return this.#unproven()
    if (this.waiting.length >= this.#depth)
      return {
        requirement: 'R4',
        why: `${this.waiting.length} are unanswered, which is the depth`,
        over: `one of the ${this.waiting.length} that were unanswered has its answer`,
      }
    const final = this.#lastWasInterim ? 'final answer' : 'answer'
    const why = `${alone?.method} is not idempotent, and has no ${final}`
    return alone ? { requirement: 'R5', why, over: `${alone.method} has its final answer` } : null
  }

  #unproven(): Reason {
    const failed = this.connections > 1 && this.#ended.requirement !== 'R8'
    if (failed)
      return {
        requirement: 'R6',
        why: 'behind a failed pipeline, the new connection has to prove itself first',
        over: 'an answer has shown that the new connection persists',
      }
    if (this.#lastWasInterim)
      return {
        requirement: 'R3',
        why: 'no final answer has shown that the connection persists',
        over: 'a final answer has shown that the connection persists',
      }
    return {
      requirement: 'R2',
      why: 'no answer has shown yet that the connection persists',
      over: 'the answer has shown that this connection persists',
    }
  }

  /** What let the next one out: whatever has held it back, or the connection being new. */
  #free(): Reason {
    if (!this.#held) return this.connections > 1 ? this.#ended : { requirement: 'R1', why: 'it is the first' }
    const { requirement, why, over = why } = this.#held
    // A 1xx that came behind the answer has nothing to say about it.
    const blamed = this.#lastWasInterim ? 'R3' : requirement
    return { requirement: blamed, why: `what held it back is over: ${over}` }
  }

  #outOfTurn(index: number): Reason {
    const outcome = this.outcomes[index]
    if (outcome === 'response') return { requirement: 'R6', why: 'it has its answer: it is not sent again' }
    const requirement = this.#lostBy[index] ?? 'R7'
    if (outcome === 'not-repeatable')
      return { requirement, why: 'it was sent, and what is not idempotent is not sent again' }
    if (outcome === 'gave-up') return { requirement, why: 'it was sent twice: it is not sent again' }
    if (!this.isOpen)
      return { requirement: this.#ended.requirement, why: `nothing more there: ${this.#ended.why}` }
    const after = this.#ended.requirement === 'R8' ? 'R8' : 'R6'
    return { requirement: this.connections > 1 ? after : 'R1', why: 'requests are sent in their order' }
  }

  #over(requirement: string, why: string): void {
    this.#ended = { requirement, why }
    for (const index of this.waiting.splice(0)) {
      this.#lostBy[index] = requirement === 'R8' ? 'R8' : 'R7'
      if (!this.#mayRepeat(index)) this.outcomes[index] = 'not-repeatable'
      else if (this.#sends[index]! >= 2) this.outcomes[index] = 'gave-up'
    }
    this.isOpen = false
  }
}

const ENDS = {
  close: 'the answer said close',
  'no keep-alive': 'HTTP/1.0 without keep-alive does not persist',
} as const
