/** What a lease has sent, told and settled by now, as a function of what servers, the caller and the clock have done. */

/** What an OFFER or an ACK says. Addresses are numbers here. */
export interface Grant {
  readonly address: number
  readonly seconds: number
  readonly t1?: number
  readonly t2?: number
  /** Nothing of mask, routers and DNS servers. */
  readonly bare?: boolean
}

export interface Sent {
  readonly type: 'DISCOVER' | 'REQUEST' | 'DECLINE' | 'RELEASE'
  /** A number of a server, or all. */
  readonly to: number | 'all'
  /** Null where it is left to the program. */
  readonly xid: number | null
  readonly ciaddr: number | null
  readonly requested: number | null
  readonly server: number | null
}

export interface Held {
  readonly grant: Grant
  readonly server: number
  readonly renewAt: number
  readonly rebindAt: number
  readonly expiresAt: number
}

export type Outcome = Held | { readonly code: string } | null

export interface Said {
  readonly type: 'offer' | 'ack' | 'nak'
  readonly from: number
  readonly grant: Grant
  /** It is whole, and to us. */
  readonly counts: boolean
}

type Phase = 'rest' | 'selecting' | 'requesting' | 'probing' | 'declined' | 'bound' | 'renewing'

export class LeaseModel {
  now = 0
  /** `random()` gives so many sixteenths: every wait is a whole number of milliseconds. */
  dice = 8
  phase: Phase = 'rest'
  /** Since they were looked at last. */
  sent: Sent[] = []
  readonly calls: Outcome[] = []
  readonly changes: Array<Held | null> = []
  readonly probed: number[] = []
  held: Held | null = null
  #xid = 0
  #earlier = 0
  #sends = 0
  #beginnings = 0
  #nextAt = Infinity
  #since = 0
  #offer: Said | null = null
  #granted: Held | null = null

  /** How long until something happens by itself. */
  get left(): number {
    return this.#nextAt - this.now
  }

  get xid(): number {
    return this.#xid
  }

  /** The one before. */
  get earlier(): number {
    return this.#earlier
  }

  /** The request is so old that its lease would have ended. */
  wouldBeOver({ seconds }: Grant): boolean {
    return this.phase === 'renewing' && seconds !== FOREVER && this.#since + seconds * 1_000 <= this.now
  }

  begin(): string {
    this.calls.push(null)
    if (this.phase !== 'rest') {
      this.calls[this.calls.length - 1] = { code: 'EALREADY' }
      return 'R15'
    }
    this.#beginnings = 0
    this.#start()
    return 'R6'
  }

  hear({ type, from, grant, counts }: Said): string {
    if (!counts) return 'R7'
    if (this.phase === 'selecting' && type === 'offer') {
      this.#offer = { type, from, grant, counts }
      this.phase = 'requesting'
      this.#since = this.now
      this.#sends = 0
      this.#ask()
      return 'R6'
    }
    const isSettled = type === 'ack' || type === 'nak'
    if (this.phase === 'requesting' && isSettled && from === this.#offer?.from) {
      if (type === 'nak') return this.#start('R9')
      this.#granted = heldBy(grant, from, this.#since)
      this.phase = 'probing'
      this.#nextAt = Infinity
      this.probed.push(grant.address)
      return 'R6'
    }
    if (this.phase === 'renewing' && isSettled && this.held) {
      const isOwn = this.now < this.held.rebindAt
      if (isOwn && from !== this.held.server) return 'R11'
      if (type === 'nak') return this.#lose()
      this.#bind(heldBy(grant, from, this.#since))
      this.changes.push(this.held)
      this.tick(0)
      return isOwn ? 'R11' : 'R12'
    }
    return 'R7'
  }

  /** The answer to the question whether somebody has the address. */
  probe(inUse: boolean): string | null {
    const { address } = this.#granted?.grant ?? { address: 0 }
    if (this.phase !== 'probing' || !this.#granted) return null
    if (!inUse) {
      this.#bind(this.#granted)
      this.#settle(this.held)
      this.tick(0)
      return 'R6'
    }
    this.sent.push({
      ...NOBODY,
      type: 'DECLINE',
      to: 'all',
      xid: null,
      requested: address,
      server: this.#granted.server,
    })
    this.phase = 'declined'
    this.#nextAt = this.now + 10_000
    return 'R10'
  }

  release(): string {
    if (this.held)
      this.sent.push({
        ...NOBODY,
        type: 'RELEASE',
        to: this.held.server,
        xid: null,
        ciaddr: this.held.grant.address,
        server: this.held.server,
      })
    else if (this.phase !== 'rest') this.#settle({ code: 'ECANCELLED' })
    this.#rest()
    return 'R15'
  }

  /** @returns What the last thing was about that happened meanwhile; null where nothing did. */
  tick(milliseconds: number): string | null {
    const target = this.now + milliseconds
    let last: string | null = null
    while (this.#nextAt <= target) {
      // What was due before the lease was told is done now.
      this.now = Math.max(this.now, this.#nextAt)
      last = this.#fire()
    }
    this.now = target
    return last
  }

  // --- internal ---

  #fire(): string {
    if (this.phase === 'selecting') {
      if (this.#sends === 5) return this.#give('R8')
      this.#ask()
      return 'R8'
    }
    if (this.phase === 'requesting') {
      if (this.#sends === 4) return this.#start('R8')
      this.#ask()
      return 'R8'
    }
    if (this.phase === 'declined') return this.#start('R10')
    if (this.phase === 'bound') {
      this.phase = 'renewing'
      this.#draw()
      this.#since = this.now
      return this.#renew('R11')
    }
    const isLast = this.held !== null && this.now >= this.held.expiresAt
    return isLast ? this.#lose() : this.#renew('R13')
  }

  #start(about = 'R6'): string {
    if (this.#beginnings++ === 5) return this.#give(about)
    this.#draw()
    this.phase = 'selecting'
    this.#offer = null
    this.#sends = 0
    this.#ask()
    return about
  }

  #draw(): void {
    this.#earlier = this.#xid
    this.#xid = (this.dice << 28) >>> 0
  }

  #ask(): void {
    const { from: server, grant } = this.#offer ?? { from: null, grant: null }
    const type = this.#offer ? 'REQUEST' : 'DISCOVER'
    this.sent.push({ ...NOBODY, type, to: 'all', xid: this.#xid, requested: grant?.address ?? null, server })
    const wait = Math.min(4_000 * 2 ** this.#sends++, 64_000)
    this.#nextAt = this.now + wait + (this.dice - 8) * 125
  }

  #renew(about: string): string {
    const { held, now } = this
    if (!held) return about
    const isOwn = now < held.rebindAt
    this.sent.push({
      ...NOBODY,
      type: 'REQUEST',
      to: isOwn ? held.server : 'all',
      xid: this.#xid,
      ciaddr: held.grant.address,
    })
    const end = isOwn ? held.rebindAt : held.expiresAt
    this.#nextAt = Math.min(end, now + Math.max(60_000, Math.floor((end - now) / 2)))
    return now === held.rebindAt ? 'R12' : about
  }

  /** Its times run from the request, so the time to renew may be over when the answer comes: then it is asked at once. */
  #bind(held: Held): void {
    this.held = held
    this.phase = 'bound'
    this.#nextAt = held.renewAt
  }

  #lose(): string {
    this.#rest()
    this.changes.push(null)
    return 'R14'
  }

  #give(about: string): string {
    this.#settle({ code: 'ENOLEASE' })
    this.#rest()
    return about
  }

  /** Of all calls, the one that is under way. */
  #settle(outcome: Outcome): void {
    const index = this.calls.findIndex((call) => call === null)
    if (index >= 0) this.calls[index] = outcome
  }

  #rest(): void {
    this.phase = 'rest'
    this.held = null
    this.#offer = this.#granted = null
    this.#nextAt = Infinity
  }
}

// --- internal ---

const NOBODY = { ciaddr: null, requested: null, server: null } as const
export const FOREVER = 0xffff_ffff

function heldBy(grant: Grant, server: number, since: number): Held {
  const { seconds, t1 = seconds / 2, t2 = (seconds * 7) / 8 } = grant
  const isInOrder = t1 <= t2 && t2 <= seconds
  const [renew, rebind] = isInOrder ? [t1, t2] : [seconds / 2, (seconds * 7) / 8]
  const at = (after: number): number => (seconds === FOREVER ? Infinity : since + after * 1_000)
  return { grant, server, renewAt: at(renew), rebindAt: at(rebind), expiresAt: at(seconds) }
}
