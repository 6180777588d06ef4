/** What a journey has done by now, as a function of what servers and the clock have done. */

export type Stage = 'lease' | 'name' | 'connection' | 'answer' | 'close' | 'release'

export interface Destination {
  readonly scheme: 'http' | 'https'
  readonly by: 'name' | 'address'
  /** In the URL; none if not given. */
  readonly port?: number
  readonly target?: string
  /** The name begins as an address does. */
  readonly isLikeAddress?: true
  /** Nobody listens there. */
  readonly refuses?: true
  /** Its answer has a body of no bytes. */
  readonly isEmpty?: true
  /** The server takes the connection, and never says a word. */
  readonly silent?: true
  /** What the server's certificate covers; or it has run out, or another one is trusted. */
  readonly cert?: 'name' | 'address' | 'another name' | 'expired' | 'untrusted'
}

/** `more` goes on behind its length: that is not of the answer. */
export type Answer = 'whole' | 'more' | 'half' | 'to the FIN'

export type Says =
  | { readonly grants: number }
  /** The address, or the code of an error. */
  | { readonly resolves: true | 'ENOTFOUND' | 'ESERVFAIL' }
  | { readonly accepts: boolean }
  | { readonly answers: Answer }
  | { readonly ends: 'FIN' | 'RST' }
  | { readonly lost: true }

export class VisitModel {
  readonly stages: Stage[] = []
  failure: { readonly stage: Stage; readonly code: string } | null = null
  /** The stage that is under way. */
  stage: Stage = 'lease'
  hasAnswer = false
  isReleased = false
  readonly #to: Destination
  /** Of an answer. */
  #rest: 'length' | 'fin' | null = null

  constructor(to: Destination) {
    this.#to = to
  }

  get isOver(): boolean {
    return this.failure !== null || this.isReleased
  }

  /** The lease is there, and is not given back. */
  get isLeased(): boolean {
    return this.stages.includes('lease') && !this.isOver
  }

  /** A connection that the server has got. */
  get isConnected(): boolean {
    return this.stages.includes('connection') && !this.isOver
  }

  get mayAnswer(): boolean {
    return this.stage === 'answer' && !this.isOver && this.#rest === null
  }

  /** @returns Whose promise it tries; null where it means nothing. */
  take(says: Says): string | null {
    if (this.isOver) return null
    if ('grants' in says) return this.stage === 'lease' ? this.#granted() : null
    if ('resolves' in says)
      return this.stage === 'name'
        ? says.resolves === true
          ? this.#done('R21', 'connection')
          : this.#fail(says.resolves)
        : null
    if ('accepts' in says) return this.stage === 'connection' ? this.#connect(says.accepts) : null
    if ('answers' in says) return this.mayAnswer ? this.#answer(says.answers) : null
    if ('ends' in says) return this.isConnected ? this.#end(says.ends) : null
    return this.isLeased ? this.#lose() : null
  }

  // --- internal ---

  /** What is a name is a promise of its own. */
  #granted(): string {
    const { by, isLikeAddress } = this.#to
    return this.#done(isLikeAddress ? 'R21' : 'R20', by === 'name' ? 'name' : 'connection')
  }

  #connect(accepts: boolean): string {
    if (!accepts) return this.#fail('ECONNREFUSED')
    const { scheme, by, cert = by } = this.#to
    if (scheme === 'http') return this.#done('R20', 'answer')
    if (cert === 'expired') return this.#fail('CERT_HAS_EXPIRED', 'R22')
    if (cert === 'untrusted') return this.#fail('DEPTH_ZERO_SELF_SIGNED_CERT', 'R22')
    return cert === by ? this.#done('R22', 'answer') : this.#fail('ERR_TLS_CERT_ALTNAME_INVALID', 'R22')
  }

  #answer(how: Answer): string {
    this.#rest = how === 'to the FIN' ? 'fin' : 'length'
    if (how === 'whole' || how === 'more') this.#whole()
    return 'R20'
  }

  #end(how: 'FIN' | 'RST'): string {
    if (this.stage === 'close') return this.#closed(how === 'RST' ? 'R23' : 'R20')
    if (how === 'RST') return this.#fail('ECONNRESET')
    if (this.#rest !== 'fin') return this.#fail('ETRUNCATED')
    this.#whole()
    return this.#closed('R20')
  }

  #whole(): void {
    this.hasAnswer = true
    this.#done('R20', 'close')
  }

  #closed(about: string): string {
    this.#done(about, 'release')
    this.stages.push('release')
    this.isReleased = true
    return about
  }

  #lose(): string {
    this.failure = { stage: this.stage, code: 'ELEASELOST' }
    return 'R24'
  }

  #done(about: string, next: Stage): string {
    this.stages.push(this.stage)
    this.stage = next
    return about
  }

  #fail(code: string, about = 'R23'): string {
    this.failure = { stage: this.stage, code }
    this.stages.push('release')
    this.isReleased = true
    return about
  }
}
