/** What a right proxy has shown by now, as pure functions of what its clients and its origin have done. */

export type Fields = ReadonlyArray<readonly [name: string, value: string]>

// --- what goes on (RFC 9110 §7.6) ---

const ENDS_HERE = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  'proxy-authenticate',
  'proxy-authentication-info',
])
const NEVER_NAMED = new Set(['host', 'content-length', 'via', 'max-forwards'])

/** The fields that go on, in their order; lengths and Via are looked at apart. */
export function goesOn(fields: Fields): Fields {
  const named = fields
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.toLowerCase().split(','))
    .map((option) => option.trim())
    .filter((option) => !NEVER_NAMED.has(option))
  return fields.filter(([name]) => !ENDS_HERE.has(name.toLowerCase()) && !named.includes(name.toLowerCase()))
}

// --- the cache (RFC 9111) ---

/** What an origin says in a conversation. */
export interface Answer {
  readonly status: number
  readonly body: string
  readonly maxAge?: number
  readonly age?: number
  readonly tag?: string
  readonly vary?: boolean
  /** Of Cache-Control. */
  readonly says?: 'no-store' | 'private' | 'no-cache' | 'public'
}

export interface Ask {
  readonly id: number
  readonly client: number
  readonly method: string
  readonly target: string
  readonly host: string
  /** The value of the field that Vary names. */
  readonly language: string | null
  readonly authorized: boolean
  readonly noCache: boolean
  state: 'queued' | 'at the origin' | 'waits' | 'answered' | 'cut'
  /** Of the request at the origin. */
  condition: string | null
  /** What was stored when it was asked. */
  about: Stored | null
  /** Whose answer it waits for. */
  waitsFor: Ask | null
  shown: Shown | null
  askedAt: number
}

export interface Shown {
  readonly status: number
  readonly body: string
  /** Null where it comes from the origin. */
  readonly age: number | null
  readonly requirement: 'R16' | 'R17' | 'R9'
}

interface Stored {
  readonly key: string
  readonly language: string | null | undefined
  readonly answer: Answer
  readonly born: number
  readonly body: string
  /** The origin has said that it is still good, or its request was one that others waited for. */
  readonly isAsked: boolean
}

const SAFE = ['GET', 'HEAD']

export class ProxyModel {
  readonly asks: Ask[] = []
  #stored: Stored[] = []
  /** What was made invalid while it was under way. */
  readonly #outdated = new Set<Ask>()

  ask(
    given: Pick<Ask, 'client' | 'method' | 'target' | 'host' | 'language' | 'authorized' | 'noCache'>,
    now: number,
  ): Ask {
    const rest = {
      condition: null,
      about: null,
      waitsFor: null,
      shown: null,
      askedAt: now,
      state: 'queued' as const,
    }
    const ask: Ask = { ...given, ...rest, id: this.asks.length }
    this.asks.push(ask)
    this.goOn(now)
    return ask
  }

  /** Requests whose turn has come: the first of each client that is not answered. */
  goOn(now: number): void {
    for (const ask of this.asks) {
      const isFirst = !this.asks.some(
        (each) => each.client === ask.client && each.id < ask.id && !isOver(each),
      )
      if (ask.state === 'queued' && isFirst) this.#begin(ask, now, true)
    }
  }

  cameWhole(ask: Ask, answer: Answer, now: number): void {
    const key = keyOf(ask)
    const old = this.#find(ask)
    if (answer.status === 304 && ask.condition !== null && old) {
      const renewed = { ...old.answer, ...answer, status: old.answer.status, body: old.body }
      this.#stored = this.#stored.filter((each) => each !== old)
      const born = bornOf(ask, answer)
      if (mayBeKept(ask, renewed, now)) this.#stored.push({ ...old, answer: renewed, born, isAsked: true })
      ask.shown = {
        status: renewed.status,
        body: old.body,
        age: Math.floor((now - born) / 1000),
        requirement: 'R17',
      }
    } else {
      ask.shown = {
        status: answer.status,
        body: ask.method === 'HEAD' ? '' : answer.body,
        age: null,
        requirement: 'R9',
      }
      const isKept = ask.method === 'GET' && mayBeKept(ask, answer, now) && !this.#outdated.has(ask)
      // An answer that is not kept says nothing of another one that has been stored meanwhile.
      const gone = isKept ? old : ask.method === 'GET' ? ask.about : null
      this.#stored = this.#stored.filter((each) => each !== gone)
      if (isKept) {
        const language = answer.vary ? ask.language : undefined
        this.#stored.push({
          key,
          language,
          answer,
          born: bornOf(ask, answer),
          body: answer.body,
          isAsked: ask.condition !== null,
        })
      }
    }
    ask.state = 'answered'
    if (!SAFE.includes(ask.method) && answer.status < 400) this.#forget(key)
    this.#land(ask, now)
  }

  /** Cut short, or given up by its client. */
  wasCut(ask: Ask, now: number): void {
    const old = this.#find(ask)
    if (ask.condition !== null && old && ask.shown) this.#stored = this.#stored.filter((each) => each !== old)
    ask.state = 'cut'
    this.#land(ask, now)
  }

  // --- internal ---

  #begin(ask: Ask, now: number, mayWait: boolean): void {
    const stored = ask.method === 'GET' || ask.method === 'HEAD' ? this.#find(ask) : null
    if (stored && !ask.noCache && isFresh(stored, now)) {
      const age = Math.floor((now - stored.born) / 1000)
      const body = ask.method === 'HEAD' ? '' : stored.body
      ask.shown = {
        status: stored.answer.status,
        body,
        age,
        requirement: ask.waitsFor || stored.isAsked ? 'R17' : 'R16',
      }
      ask.state = 'answered'
      return this.goOn(now)
    }
    const leader = ask.method === 'GET' ? this.#leaderFor(ask) : null
    if (leader && mayWait && !ask.noCache) {
      ask.state = 'waits'
      ask.waitsFor = leader
      return
    }
    ask.state = 'at the origin'
    ask.askedAt = now
    ask.about = stored
    ask.condition = ask.method === 'GET' ? (stored?.answer.tag ?? null) : null
  }

  #leaderFor(ask: Ask): Ask | null {
    const isLeading = (each: Ask): boolean =>
      each !== ask &&
      each.method === 'GET' &&
      each.state === 'at the origin' &&
      // Whoever has waited in vain asks for itself alone.
      each.waitsFor === null &&
      keyOf(each) === keyOf(ask) &&
      !this.#outdated.has(each)
    return this.asks.find(isLeading) ?? null
  }

  #land(ask: Ask, now: number): void {
    for (const each of this.asks)
      if (each.state === 'waits' && each.waitsFor === ask) this.#begin(each, now, false)
    this.goOn(now)
  }

  #find(ask: Ask): Stored | null {
    const isFor = ({ key, language }: Stored): boolean =>
      key === keyOf(ask) && (language === undefined || language === ask.language)
    return this.#stored.find(isFor) ?? null
  }

  #forget(key: string): void {
    this.#stored = this.#stored.filter((each) => each.key !== key)
    for (const ask of this.asks)
      if (keyOf(ask) === key && ask.state === 'at the origin') this.#outdated.add(ask)
  }
}

export const isOver = ({ state }: Ask): boolean => state === 'answered' || state === 'cut'

const keyOf = ({ host, target }: Ask): string => `${host.toLowerCase().replace(/:80$/, '')} ${target}`

function isFresh({ answer, born }: Stored, now: number): boolean {
  return answer.says !== 'no-cache' && answer.maxAge !== undefined && now - born < answer.maxAge * 1000
}

/** When its age was 0, as far as the one who asked can know (RFC 9111 §4.2.3). */
const bornOf = ({ askedAt }: Ask, { age = 0 }: Answer): number => askedAt - age * 1000

function mayBeKept(ask: Ask, answer: Answer, now: number): boolean {
  const { status, maxAge, tag, says } = answer
  const age = (now - bornOf(ask, answer)) / 1000
  if (says === 'no-store' || says === 'private' || (ask.authorized && says !== 'public')) return false
  if (status !== 200 && maxAge === undefined) return false
  return tag !== undefined || (maxAge !== undefined && maxAge > age && says !== 'no-cache')
}
