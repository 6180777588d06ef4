import type { Line, Sent } from './replies.ts'

/**
 * What a right client has done by now, as a pure function of what servers have sent, how connections have ended, and what
 * `mayRepeat` has said. It knows nothing of sockets.
 */

export interface Wish {
  readonly method: string
  readonly retries?: number
  /** Whether the caller gives a function that decides. */
  readonly mayRepeat?: boolean
  /** The request brings a Range, or a precondition. */
  readonly isConditional?: boolean
}

/** What has come of an answer on the connection of an attempt. */
export interface Came {
  /** Null while its head is not whole. */
  readonly sent: Sent | null
  readonly content: Buffer
  readonly isWhole: boolean
  readonly end: 'open' | 'FIN' | 'RST'
}

export type Outcome =
  | { readonly is: 'pending' }
  | Readonly<{ is: 'resolved'; status: number; lines: readonly Line[]; content: Buffer }>
  | Readonly<{
      is: 'truncated'
      status: number
      lines: readonly Line[]
      content: Buffer
      expected: number | null
    }>
  | { readonly is: 'lost' }
  /** With any error. */
  | { readonly is: 'rejected' }

interface Held {
  readonly status: number
  readonly lines: readonly Line[]
  readonly content: Buffer
  readonly expected: number | null
  /** Null where its rest cannot be asked for. */
  readonly tag: string | null
}

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

export class FetchModel {
  /** Attempts that must have been made. */
  attempts = 1
  /** How often mayRepeat must have been asked. */
  asked = 0
  /** Nothing may happen before mayRepeat has answered. */
  waits = false
  outcome: Outcome = { is: 'pending' }
  /** Whose promise the last thing that happened is. */
  requirement = 'R1'
  /** In the words of a report. */
  why = 'nothing has come yet'
  held: Held | null = null
  readonly #wish: Wish

  constructor(wish: Wish) {
    this.#wish = wish
  }

  /** The fields with which the attempt under way must have asked for the rest alone. */
  get range(): { readonly range: string; readonly ifRange: string } | null {
    if (this.held?.tag == null || this.attempts < 2) return null
    return { range: `bytes=${this.held.content.length}-`, ifRange: this.held.tag }
  }

  came({ sent, content, isWhole, end }: Came): void {
    if (this.outcome.is !== 'pending' || this.waits) return
    if (sent && !sent.isHttp) return this.#settle({ is: 'rejected' }, 'R4', 'what came is no HTTP')
    if (!isWhole && end === 'open') return this.#waitFor(sent)
    if (!sent) return this.#failed(`${end} came before an answer`, 'R3')
    const isForRest = this.range !== null && [206, 416].includes(sent.status)
    if (isForRest) return this.#rest(sent, content)
    const cutBy = sent.framing === 'FIN' ? 'R2' : 'R3'
    this.held = this.#heldOf(sent, content)
    if (!isWhole) return this.#failed(`${end} came when ${content.length} bytes of content had`, cutBy)
    const first = sent.framing === 'FIN' ? 'R2' : 'R1'
    const requirement = this.attempts === 1 ? first : this.range ? 'R7' : this.#again
    const { status, lines } = sent
    this.#settle({ is: 'resolved', status, lines, content }, requirement, 'the answer is whole')
  }

  /** What mayRepeat has answered. */
  decided(isYes: boolean): void {
    if (!this.waits) return
    this.waits = false
    if (isYes) this.#next('mayRepeat has said yes')
    else this.#reject('R5', 'mayRepeat has not said yes')
  }

  // --- internal ---

  get #again(): 'R4' | 'R5' {
    return IDEMPOTENT.has(this.#wish.method) ? 'R4' : 'R5'
  }

  #waitFor(sent: Sent | null): void {
    if (this.attempts > 1 || !sent) return
    this.requirement = sent.framing === 'FIN' ? 'R2' : 'R1'
    this.why = 'the answer is not whole'
  }

  #heldOf({ status, lines, framing }: Sent, content: Buffer): Held {
    const fieldOf = (name: string) => lines.find(([given]) => given.toLowerCase() === name)?.[1] ?? null
    const tag = fieldOf('etag')
    const canGrow =
      this.#wish.method === 'GET' && !this.#wish.isConditional && status === 200 && content.length > 0
    const expected = framing === 'length' ? Number(fieldOf('content-length')) : null
    return { status, lines, content, expected, tag: canGrow && tag?.startsWith('"') ? tag : null }
  }

  #rest({ range, framing }: Sent, came: Buffer): void {
    const held = this.held
    if (!held) return
    const expected = range?.total ?? held.expected
    // A 206 to FIN is as long as its range says.
    const isTooLong = range !== null && came.length > range.size
    if (!range || expected === null || isTooLong) {
      this.held = { ...held, tag: null }
      return this.#failed('what came for the rest does not fit', 'R7')
    }
    const content = Buffer.concat([held.content, came])
    this.held = { ...held, content, expected }
    const { status, lines } = held
    if (content.length === expected)
      return this.#settle({ is: 'resolved', status, lines, content }, 'R7', 'all parts are there')
    this.#failed(
      `${expected - content.length} bytes are missing still${framing === 'FIN' ? ' at FIN' : ''}`,
      'R7',
    )
  }

  #failed(why: string, requirement: string): void {
    const { method, retries = 1, mayRepeat = false } = this.#wish
    if (this.attempts > retries)
      return this.#reject(this.attempts === 1 || requirement === 'R7' ? requirement : this.#again, why)
    if (this.#again === 'R4') return this.#next(why, requirement)
    if (!mayRepeat)
      return this.#reject('R5', `${why}; ${method} is not idempotent, and nobody allows it again`)
    if (this.asked > 0) return this.#next(why, requirement)
    this.asked = 1
    this.waits = true
    this.requirement = 'R5'
    this.why = `${why}, and mayRepeat has not answered`
  }

  #next(why: string, broke = ''): void {
    this.attempts++
    this.requirement = broke === 'R7' ? 'R7' : this.#again
    this.why = why
  }

  #reject(requirement: string, why: string): void {
    const held = this.held
    this.#settle(held ? { is: 'truncated', ...held } : { is: 'lost' }, requirement, why)
  }

  #settle(outcome: Outcome, requirement: string, why: string): void {
    this.outcome = outcome
    this.requirement = requirement
    this.why = why
  }
}
