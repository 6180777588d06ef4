/**
 * What one end of a pipe has shown by now, from what has come, what its program has done, and the time. Numbers are
 * counted from each side's SYN, which is number 0: the first byte has number 1.
 */

export interface Options {
  readonly mss: number
  readonly windowBytes: number
  readonly rtoMs: number
  readonly maxAttempts: number
}

export type Flag = 'SYN' | 'ACK' | 'FIN' | 'RST'
export type Role = 'opener' | 'listener'
export type State = 'CLOSED' | 'SYN-SENT' | 'SYN-RECEIVED' | 'ESTABLISHED' | 'OVER'
export type Ending = 'clean' | 'reset' | 'timed-out'

/** A segment of the peer's. */
export interface Coming {
  readonly number: number
  readonly flags: readonly Flag[]
  readonly length: number
  /** The acknowledged number; counts where ACK is among the flags. */
  readonly ack: number
  readonly window: number
}

/** What has to be on the wire behind one step. */
export interface Due {
  /** Numbers that are sent for the first time. */
  readonly from: number
  readonly to: number
  /** What is sent again, in order: segments that begin there and are at most so long. */
  readonly again: ReadonlyArray<{ readonly at: number; readonly most: number; readonly requirement: string }>
  /** Segments beside those: none, at least one that acknowledges, whatever it likes, or RST. */
  readonly answer: 'none' | 'some' | 'may' | 'reset'
  /** Whose promise the answer is, or that there is none. */
  readonly requirement: string
  /** Whatever is wrong behind this step breaks that promise. */
  readonly alone?: true
}

export class End {
  state: State
  oldest = 0
  next = 0
  /** The first number that the peer has no room for. */
  edge = 1
  written = 0
  ended = false
  /** The number that is expected next from the peer. */
  expected = 0
  /** Bytes that have come in order. */
  arrived = 0
  /** The number of the peer's FIN, once one has come within the window. */
  fin = Infinity
  read = 0
  now = 0
  dueAt: number | null = null
  lingersTo: number | null = null
  ending: Ending | null = null
  /** Whether the last segment has opened a window of 0. */
  reopened = false
  /** How often it has been open. */
  opened = 0
  readonly role: Role
  readonly options: Options
  #wait: number
  #attempts = 1
  #highest = 0
  readonly #early = new Set<number>()

  constructor(role: Role, options: Options) {
    this.role = role
    this.options = options
    this.#wait = options.rtoMs
    this.state = role === 'opener' ? 'SYN-SENT' : 'CLOSED'
  }

  /** What openPipe() does at once. */
  begin(): Due {
    return this.#sending(() => undefined)
  }

  /** Behind the last number that there is to send. */
  get end(): number {
    return 1 + this.written + (this.ended ? 1 : 0)
  }

  get unread(): number {
    return this.arrived - this.read
  }

  get window(): number {
    return this.options.windowBytes - this.unread
  }

  get isOpen(): boolean {
    return this.state === 'ESTABLISHED' && this.lingersTo === null
  }

  get finHasCome(): boolean {
    return this.expected > this.fin
  }

  /** Whether a window of 0 holds back what there is to send. */
  get isHeldBack(): boolean {
    return this.oldest >= 1 && this.edge <= this.oldest && this.oldest < this.end
  }

  write(length: number): Due {
    return this.#sending(() => void (this.written += length))
  }

  finish(): Due {
    return this.#sending(() => void (this.ended = true))
  }

  /** Bytes that the program has read by now. */
  hasRead(total: number): void {
    this.read = total
  }

  comes(segment: Coming): Due {
    const handshake = this.role === 'opener' ? 'R3' : 'R4'
    this.reopened = false
    if (segment.flags.includes('RST')) return this.#reset(segment)
    if (this.state === 'CLOSED' || this.state === 'OVER') return this.#toNobody(segment)
    if (this.state === 'SYN-SENT') {
      const fits = segment.flags.includes('SYN') && segment.flags.includes('ACK') && segment.ack === 1
      if (!fits) return this.#nothing('may', handshake)
      return this.#sending(() => this.#establish(segment, 1), 'some', handshake)
    }
    if (segment.flags.includes('SYN')) {
      if (this.state === 'ESTABLISHED') return this.#nothing('some', handshake)
      return { ...this.#nothing('none', 'R4'), again: [{ at: 0, most: 1, requirement: 'R4' }] }
    }
    if (!segment.flags.includes('ACK')) return this.#nothing('may', 'R9')
    if (this.state === 'SYN-RECEIVED') {
      if (segment.ack !== 1) return this.#nothing('may', 'R4')
      this.#establish(segment, this.expected)
      const due = this.#receive(segment)
      return { ...due, requirement: due.answer === 'some' ? 'R4' : 'R9' }
    }
    return this.#receive(segment)
  }

  /** Lets time pass. */
  later(milliseconds: number): Due {
    const until = this.now + milliseconds
    const again: Array<{ at: number; most: number; requirement: string }> = []
    while (this.dueAt !== null && this.dueAt <= until) {
      this.now = this.dueAt
      const requirement = this.#whoseTimer
      const sent = this.#fire()
      if (sent) again.push({ ...sent, requirement })
    }
    this.now = until
    if (this.lingersTo !== null && this.lingersTo <= until) this.#over(this.ending ?? 'clean')
    return { ...this.#nothing('none', this.#whoseTimer), again }
  }

  // --- internal ---

  get #whoseTimer(): string {
    if (this.state === 'OVER') return 'R8'
    return this.isHeldBack || this.next > this.edge ? 'R6' : 'R7'
  }

  #nothing(answer: Due['answer'], requirement: string): Due {
    return { from: this.next, to: this.next, again: [], answer, requirement }
  }

  /** Something that may let further numbers leave. */
  #sending(change: () => void, answer: Due['answer'] = 'none', requirement = 'R5'): Due {
    change()
    const from = this.next
    if (this.state !== 'OVER') {
      this.next = Math.max(from, Math.min(this.edge, this.end))
      this.#highest = Math.max(this.#highest, this.next)
      if (this.oldest < this.end) this.dueAt ??= this.now + this.#wait
    }
    return { from, to: this.next, again: [], answer, requirement }
  }

  #establish(segment: Coming, expected: number): void {
    this.state = 'ESTABLISHED'
    this.opened++
    this.expected = expected
    this.#acknowledge(1, segment.window)
  }

  #toNobody(segment: Coming): Due {
    // The socket of an opener is closed by then.
    if (this.role === 'opener') return this.#nothing('none', 'R13')
    const isSyn = segment.flags.includes('SYN') && !segment.flags.includes('ACK')
    if (this.state === 'OVER' || !isSyn) return this.#nothing('reset', 'R12')
    this.state = 'SYN-RECEIVED'
    this.expected = 1
    return this.#sending(() => undefined, 'none', 'R4')
  }

  #reset(segment: Coming): Due {
    const counts =
      this.state === 'SYN-SENT'
        ? segment.flags.includes('ACK') && segment.ack === 1
        : segment.number === this.expected
    const requirement = this.state === 'SYN-SENT' ? 'R3' : this.state === 'SYN-RECEIVED' ? 'R4' : 'R12'
    const isThere = this.state !== 'CLOSED' && this.state !== 'OVER'
    if (isThere && counts) this.#over('reset')
    return { ...this.#nothing(isThere && !counts ? 'may' : 'none', requirement), alone: true }
  }

  #receive(segment: Coming): Due {
    if (segment.ack > this.#highest) return { ...this.#nothing('may', 'R5'), alone: true }
    const takes = segment.length + (segment.flags.includes('FIN') ? 1 : 0)
    const isNew = segment.number + takes > this.expected
    const isOutside = segment.number + takes > this.expected + this.window
    const hadFin = this.finHasCome
    const due = this.#sending(
      () => {
        if (segment.ack >= this.oldest) this.#acknowledge(segment.ack, segment.window)
        this.#keep(segment)
      },
      takes > 0 ? 'some' : 'none',
      segment.flags.includes('FIN') && (isNew || hadFin) ? 'R11' : isOutside ? 'R10' : 'R9',
    )
    if (this.ended && this.oldest === this.end && this.finHasCome) this.#linger(segment.flags.includes('FIN'))
    return due
  }

  #acknowledge(ack: number, window: number): void {
    const opens = this.edge <= this.oldest && window > 0
    const isNew = ack > this.oldest
    this.reopened = opens
    this.oldest = ack
    this.edge = ack + window
    this.next = opens ? ack : Math.max(this.next, ack)
    if (isNew || opens) {
      this.#attempts = 1
      this.#wait = this.options.rtoMs
      this.dueAt = null
    } else if (window === 0) this.#attempts = 1
  }

  /** What lies within the window stays, until what is before it has come. */
  #keep({ number, length, flags }: Coming): void {
    const edge = this.expected + this.window
    const behind = number + length
    for (let at = Math.max(number, this.expected); at < Math.min(behind, edge); at++) this.#early.add(at)
    if (flags.includes('FIN') && behind >= this.expected && behind < edge) this.fin = behind
    while (this.#early.delete(this.expected)) {
      this.expected++
      this.arrived++
    }
    if (this.expected === this.fin) this.expected++
  }

  #linger(begins: boolean): void {
    if (this.lingersTo !== null && !begins) return
    this.ending = 'clean'
    this.lingersTo = this.now + this.options.rtoMs * 2 ** this.options.maxAttempts
  }

  #fire(): { readonly at: number; readonly most: number } | null {
    if (this.#attempts === this.options.maxAttempts) {
      this.#over('timed-out')
      return null
    }
    this.#wait *= 2
    this.dueAt = this.now + this.#wait
    if (this.next > this.oldest) this.#attempts++
    else {
      this.next = this.oldest + 1
      this.#highest = Math.max(this.#highest, this.next)
    }
    return { at: this.oldest, most: this.next - this.oldest }
  }

  #over(ending: Ending): void {
    this.ending ??= ending
    this.state = 'OVER'
    this.dueAt = null
    this.lingersTo = null
  }
}
