/**
 * What a right server has shown on one connection by now: from what the client has sent, and what the handler has
 * given back. It knows nothing of sockets.
 */

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

export interface Sent {
  readonly name: string
  readonly method: string
  /** The request says `close`; the handler's answer to it does. */
  readonly closes: boolean
  readonly answerCloses: boolean
}

/** Whose promise it is, and why. */
export interface Reason {
  readonly requirement: string
  readonly why: string
}

export class ServerModel {
  /** How many of what has come the handler has been given; what has come is given in its order. */
  given = 0
  /** How many answers have left. */
  answered = 0
  readonly #maxWaiting: number
  readonly #come: Sent[] = []
  readonly #ready = new Set<number>()
  /** Nothing that comes from here on is taken. */
  #over: Reason | null = null
  /** Answers up to this one leave, and none behind it. */
  #last = Infinity
  /** What has come by then and was not given may be answered or left: the first of them. */
  #free = Infinity
  /** Since close(): a server that leaves nothing of what has come. None is given a request before it is. */
  #eager: ServerModel | null = null

  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting
  }

  /** A close was said, by a request or in an answer. */
  get saidClose(): boolean {
    return this.#last < Infinity
  }

  /** Something has come that the handler has not been given: not yet, or never. */
  get holdsBack(): boolean {
    return this.given < this.#come.length
  }

  /** Those the handler has, and whose answers have not left, the oldest first. */
  get waiting(): number[] {
    const from = this.answered
    return Array.from({ length: Math.max(0, this.given - from) }, (_, index) => from + index)
  }

  /** Why the server has sent its FIN; null while it must not. */
  get fin(): Reason | null {
    const due = this.#free < Infinity ? this.given : this.#come.length
    return this.answered >= Math.min(due, this.#last) ? this.#over : null
  }

  // History

  /** A whole request. @param index - Its place among those of this connection. */
  came(sent: Sent): void {
    this.#come.push(sent)
    this.#go()
  }

  ready(index: number): void {
    this.#ready.add(index)
    this.#go()
    this.#eager?.ready(index)
  }

  /** FIN from the client. */
  ended(): void {
    this.#over ??= { requirement: 'R12', why: 'the client has closed its output, and has its answers' }
    this.#go()
  }

  /** close() of the server. */
  closing(): void {
    if (this.given < this.#come.length) this.#free = this.given
    this.#eager ??= this.#asItIs()
    this.#over ??= { requirement: 'R12', why: 'close() was called, and nothing is in progress here' }
    this.#go()
  }

  /** The handler has been given so many. @returns Why one of them is too many; null where none is. */
  handed(count: number): Reason | null {
    const most = this.#eager ?? this
    if (count > most.given) return most.#isHeld(most.given)
    while (this.given < count) this.#hand()
    this.#go()
    return null
  }

  // Promises

  /** Whose promise it is that the handler has this one. */
  lets(index: number): Reason {
    const { method, closes } = this.#come[index] as Sent
    if (closes) return { requirement: 'R11', why: 'it says close, and is the last one' }
    if (index === this.answered) return { requirement: 'R9', why: 'all before it are answered' }
    const requirement = SAFE.has(method) ? 'R10' : 'R9'
    return { requirement, why: `fewer than ${this.#maxWaiting} wait, and all of them are of safe methods` }
  }

  /** Whose promise it is that this answer is on the wire. */
  answers(index: number): Reason {
    if (index === this.#last - 1) return { requirement: 'R11', why: 'it is the last one, and due' }
    if (this.#over)
      return { requirement: this.#over.requirement, why: 'it was due before the connection ends' }
    return { requirement: 'R9', why: 'it is ready, and all before it are answered' }
  }

  /** Why this answer must not be on the wire. */
  keepsBack(index: number): Reason {
    if (index >= this.#last) return { requirement: 'R11', why: 'it stands behind the close' }
    const first = this.#come[this.answered]
    return { requirement: 'R9', why: `${first?.name ?? 'what comes first'} is not answered yet` }
  }

  /** The answer that says close: the one to a request with close, or the handler's own. */
  saysClose(index: number): boolean {
    return index === this.#last - 1
  }

  /** Whose promise it is that the connection is still open. */
  get staysOpen(): Reason {
    return this.#over ?? { requirement: 'R9', why: 'nobody has said close' }
  }

  // --- internal ---

  #asItIs(): ServerModel {
    const copy = new ServerModel(this.#maxWaiting)
    copy.given = this.given
    copy.answered = this.answered
    copy.#come.push(...this.#come)
    for (const index of this.#ready) copy.#ready.add(index)
    copy.#over = this.#over
    copy.#last = this.#last
    return copy
  }

  #go(): void {
    for (let again = true; again;) again = this.#give() || this.#leave()
  }

  #give(): boolean {
    if (this.given >= Math.min(this.#come.length, this.#free) || this.#isHeld(this.given)) return false
    this.#hand()
    return true
  }

  #hand(): void {
    const { closes } = this.#come[this.given++] as Sent
    if (closes) this.#ends(this.given, 'the request said close, and is answered')
  }

  /** Why the handler must not have this one yet. */
  #isHeld(index: number): Reason | null {
    if (index >= this.#last) return { requirement: 'R11', why: 'it came behind the close' }
    const sent = this.#come[index] as Sent
    const waiting = this.waiting.map((each) => this.#come[each] as Sent)
    const [first] = waiting
    if (!first) return null
    const alone = [sent, ...waiting].find(({ method }) => !SAFE.has(method))
    if (alone)
      return {
        requirement: 'R9',
        why: `${first.name} is not answered yet, and ${alone.name} is handled alone`,
      }
    if (waiting.length < this.#maxWaiting) return null
    return { requirement: 'R10', why: `${waiting.length} wait, and maxWaiting is ${this.#maxWaiting}` }
  }

  #leave(): boolean {
    const index = this.answered
    if (index >= Math.min(this.given, this.#last) || !this.#ready.has(index)) return false
    this.answered++
    if (this.#come[index]?.answerCloses) this.#ends(this.answered, 'the answer said close')
    return true
  }

  #ends(last: number, why: string): void {
    this.#last = Math.min(this.#last, last)
    this.#over = { requirement: 'R11', why }
  }
}
