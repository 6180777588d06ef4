/**
 * What a right resolver has asked and answered by now: a pure class. It knows callers, servers and the clock, and nothing of
 * sockets or bytes. Names are short words, addresses are numbers.
 */

export type Type = 'A' | 'AAAA'

/** A record of an answer: an address, or an alias. */
export interface Rec {
  readonly of: string
  readonly ttl: number
  readonly address?: number
  readonly alias?: string
  /** An address of the kind that was not asked for. */
  readonly other?: true
}

/** What a server says to one query. */
export type Reply =
  | {
      /** 0 if not given. */
      readonly code?: number
      readonly records?: readonly Rec[]
      /** TTL and minimum. */
      readonly soa?: readonly [ttl: number, minimum: number]
      /** The message was cut to fit. */
      readonly tc?: true
    }
  | 'nonsense'
  /** The connection ends before its answer. */
  | 'ended'

export interface Query {
  readonly server: number
  readonly over: 'UDP' | 'TCP'
  readonly name: string
  readonly type: Type
}

export type Result =
  | { readonly addresses: readonly number[]; readonly canonical: string; readonly ttl: number }
  /** Any code will do where it is null. */
  | { readonly code: string | null }

export interface Options {
  readonly servers: number
  readonly attempts: number
  readonly timeoutMs: number
}

/** A question under way: a call's, and of all that share it. */
export interface Lookup {
  readonly key: string
  readonly asked: string
  readonly type: Type
  readonly calls: number[]
  readonly seen: string[]
  name: string
  expires: number
  /** Which of all servers in all rounds is asked. */
  turn: number
  over: 'UDP' | 'TCP'
  waited: number
  /** When its last alias came. */
  aliasAt: number | null
}

type Known = { readonly expires: number } & (
  | { readonly addresses: readonly number[]; readonly canonical: string }
  | { readonly code: string }
)

const MOST_ALIASES = 16
const CODES: Readonly<Record<number, string>> = { 2: 'ESERVFAIL', 5: 'EREFUSED' }

export class Model {
  readonly options: Options
  /** Queries that the last step has caused. */
  due: Query[] = []
  readonly results = new Map<number, Result>()
  readonly lookups: Lookup[] = []
  now = 0
  closed = false
  readonly #known = new Map<string, Known>()
  /** How each question ended the last time. */
  readonly #ended = new Map<string, 'found' | 'absent' | 'failed'>()

  constructor(options: Options) {
    this.options = options
  }

  /** @returns Whose promise this step tries; so do the others. */
  call(call: number, asked: string, type: Type): string {
    this.due = []
    if (this.closed) {
      this.results.set(call, { code: 'ECANCELLED' })
      return 'R19'
    }
    const key = `${type} ${asked}`
    const shared = this.lookups.find((each) => each.key === key)
    const known = this.#known.get(key)
    if (known && known.expires > this.now) {
      this.results.set(call, this.#resultOf(known))
      return 'code' in known ? 'R17' : 'R16'
    }
    if (shared) {
      shared.calls.push(call)
      return 'R18'
    }
    const isSideBySide = this.lookups.length > 0
    const lookup: Lookup = {
      key,
      asked,
      type,
      calls: [call],
      seen: [asked],
      name: asked,
      expires: Infinity,
      turn: -1,
      over: 'UDP',
      waited: 0,
      aliasAt: null,
    }
    this.lookups.push(lookup)
    this.#next(lookup, null)
    const before = this.#ended.get(key)
    // Another type of the same name: what is kept of one says nothing about the other.
    const other = this.#ended.get(`${type === 'A' ? 'AAAA' : 'A'} ${asked}`)
    const kept = before ?? other
    if (kept) return kept === 'found' ? 'R16' : 'R17'
    return isSideBySide ? 'R18' : 'R7'
  }

  /** The answer to the query that this lookup waits for. */
  reply(lookup: Lookup, reply: Reply): string {
    this.due = []
    const { over } = lookup
    const isFailure = typeof reply === 'string' || ![0, 3].includes(reply.code ?? 0)
    const requirement = this.#promiseOf(lookup, reply)
    if (typeof reply === 'object' && reply.tc && over === 'UDP') this.#overTcp(lookup)
    else if (isFailure) this.#next(lookup, codeOf(reply))
    else this.#answered(lookup, reply)
    return requirement
  }

  /** Time passes for those who wait. */
  tick(milliseconds: number): string {
    this.due = []
    const isTcp = this.lookups.some(({ over }) => over === 'TCP')
    for (let left = milliseconds; left > 0;) {
      const step = Math.min(left, ...this.lookups.map(({ waited }) => this.options.timeoutMs - waited))
      left -= step
      for (const lookup of this.lookups.slice()) {
        lookup.waited += step
        if (lookup.waited >= this.options.timeoutMs) this.#next(lookup, 'ETIMEOUT')
      }
    }
    return isTcp ? 'R15' : 'R13'
  }

  /** Time passes for what is kept. */
  later(milliseconds: number): string {
    this.due = []
    this.now += milliseconds
    return 'R16'
  }

  close(): string {
    this.due = []
    this.closed = true
    for (const lookup of this.lookups.slice()) this.#settle(lookup, { code: 'ECANCELLED' })
    return 'R19'
  }

  #promiseOf({ over, asked, name, seen, aliasAt }: Lookup, reply: Reply): string {
    if (typeof reply === 'string') return over === 'TCP' ? 'R15' : 'R12'
    const { tc, code = 0, records = [] } = reply
    if (over === 'TCP') return [0, 3].includes(code) ? 'R14' : 'R15'
    if (tc) return 'R14'
    if (code === 3) return 'R11'
    if (code !== 0) return 'R12'
    const isOlder = aliasAt !== null && aliasAt !== this.now
    if (isOlder || records.some(({ ttl }) => ttl >= 0x7fff_ffff)) return 'R16'
    if (seen.length > 1 || records.some((each) => each.of !== asked || each.alias !== undefined)) return 'R10'
    return addressesOf(records, name).length > 0 ? 'R7' : 'R11'
  }

  /** The next server, or the end. */
  #next(lookup: Lookup, code: string | null): void {
    const { servers, attempts } = this.options
    lookup.turn++
    if (lookup.turn >= servers * attempts) {
      this.#ended.set(lookup.key, 'failed')
      return this.#settle(lookup, { code })
    }
    Object.assign(lookup, { over: 'UDP', waited: 0 })
    this.#send(lookup)
  }

  #overTcp(lookup: Lookup): void {
    Object.assign(lookup, { over: 'TCP', waited: 0 })
    this.#send(lookup)
  }

  #send({ turn, over, name, type }: Lookup): void {
    this.due.push({ server: turn % this.options.servers, over, name, type })
  }

  #answered(lookup: Lookup, reply: Exclude<Reply, string>): void {
    const { records = [], soa, code } = reply
    const before = lookup.name
    for (let alias = aliasOf(records, lookup); alias; alias = aliasOf(records, lookup)) {
      const target = alias.alias ?? ''
      if (lookup.seen.includes(target) || lookup.seen.length > MOST_ALIASES) {
        this.#ended.set(lookup.key, 'failed')
        return this.#settle(lookup, { code: 'EBADRESP' })
      }
      this.#expire(lookup, [ttlOf(alias)])
      lookup.seen.push(target)
      lookup.name = target
      lookup.aliasAt = this.now
    }
    const found = addressesOf(records, lookup.name)
    if (found.length === 0 && code !== 3 && lookup.name !== before) {
      lookup.turn = -1
      return this.#next(lookup, null)
    }
    if (found.length > 0) this.#expire(lookup, found.map(ttlOf))
    else this.#expire(lookup, soa ? [ttlOf({ ttl: soa[0] }), soa[1]] : [0])
    const { expires, name: canonical } = lookup
    const absent = code === 3 ? 'ENOTFOUND' : 'ENODATA'
    const known =
      found.length > 0
        ? { expires, addresses: found.map(({ address = 0 }) => address), canonical }
        : { expires, code: absent }
    const keys = known.code === 'ENOTFOUND' ? [`A ${lookup.asked}`, `AAAA ${lookup.asked}`] : [lookup.key]
    for (const key of keys) {
      this.#known.set(key, known)
      this.#ended.set(key, found.length > 0 ? 'found' : 'absent')
    }
    this.#settle(lookup, this.#resultOf(known))
  }

  #expire(lookup: Lookup, ttls: readonly number[]): void {
    lookup.expires = Math.min(lookup.expires, ...ttls.map((ttl) => this.now + ttl * 1_000))
  }

  #settle(lookup: Lookup, result: Result): void {
    this.lookups.splice(this.lookups.indexOf(lookup), 1)
    for (const call of lookup.calls) this.results.set(call, result)
  }

  #resultOf(known: Known): Result {
    if ('code' in known) return { code: known.code }
    const { addresses, canonical, expires } = known
    return { addresses, canonical, ttl: Math.max(0, Math.floor((expires - this.now) / 1_000)) }
  }
}

// --- internal ---

/** The alias of the name at which the lookup is, unless its addresses are there. */
function aliasOf(records: readonly Rec[], { name }: Lookup): Rec | undefined {
  if (addressesOf(records, name).length > 0) return undefined
  return records.find((each) => each.of === name && each.alias !== undefined)
}

function addressesOf(records: readonly Rec[], name: string): Rec[] {
  return records.filter((each) => each.of === name && each.address !== undefined && !each.other)
}

function ttlOf({ ttl }: Pick<Rec, 'ttl'>): number {
  return ttl > 0x7fff_ffff ? 0 : ttl
}

function codeOf(reply: Reply): string | null {
  if (reply === 'nonsense') return 'EBADRESP'
  if (reply === 'ended') return null
  return CODES[reply.code ?? 0] ?? 'EBADRESP'
}
