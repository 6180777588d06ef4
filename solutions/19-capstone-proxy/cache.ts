/** What is kept of answers, for whom, and for how long (RFC 9111). */
import type { Headers } from '../../labs/kit/http.ts'
import { membersOf, valueOf, type AnswerHead } from './reader.ts'

// #region directives
/** The directives of Cache-Control: names without case, values with or without quotes (RFC 9111 §5.2). */
export function directives(headers: Headers): Map<string, string> {
  const text = valueOf(headers, 'cache-control')
  if (text === null) return NONE
  const list = text.matchAll(/([^\s,="]+)(?:=(?:"([^"]*)"|([^\s,"]*)))?/g)
  return new Map([...list].map(([, name = '', quoted, token]) => [name.toLowerCase(), quoted ?? token ?? '']))
}

const NONE = new Map<string, string>()

/** What is no number of seconds makes stale (RFC 9111 §4.2.1). */
function milliseconds(seconds: string | null | undefined): number {
  return seconds && /^\d+$/.test(seconds) ? Number(seconds) * 1000 : 0
}

/** A date in its one form of today (RFC 9110 §5.6.7); null for anything else, as `0`. */
function parseDate(text: string | null): number | null {
  const isDate = text !== null && /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)
  return isDate ? Date.parse(text) : null
}

/** How long an answer stays fresh, for a cache that many share (RFC 9111 §4.2.1); null where it does not say. */
function lifetimeOf(headers: Headers): number | null {
  const said = directives(headers)
  const seconds = said.get('s-maxage') ?? said.get('max-age')
  if (seconds !== undefined) return milliseconds(seconds)
  const expires = valueOf(headers, 'expires')
  if (expires === null) return null
  return (parseDate(expires) ?? 0) - (parseDate(valueOf(headers, 'date')) ?? Infinity)
}

/** The age with which an answer came in (RFC 9111 §4.2.3). */
function ageOf(headers: Headers, askedAt: number, cameAt: number): number {
  const apparent = cameAt - (parseDate(valueOf(headers, 'date')) ?? cameAt)
  return Math.max(0, apparent, milliseconds(valueOf(headers, 'age')) + (cameAt - askedAt))
}
// #endregion directives

// #region entry
export interface Question {
  readonly key: string
  readonly headers: Headers
  readonly askedAt: number
}

export interface Entry {
  readonly key: string
  /** The request fields that its Vary names, as they were. */
  readonly vary: ReadonlyArray<readonly [name: string, value: string | null]>
  readonly status: number
  readonly reason: string
  readonly headers: Headers
  readonly body: Buffer
  /** When its age was 0. */
  readonly born: number
  readonly lifetime: number
  /** Nobody gets it unless the origin has been asked. */
  readonly asksAlways: boolean
}

/** What may be kept as soon as the body is whole; null where RFC 9111 §3 forbids it, or where it would be of no use. */
export function entryOf(
  { key, headers: asked, askedAt }: Question,
  { status, reason, headers }: Pick<AnswerHead, 'status' | 'reason' | 'headers'>,
  cameAt: number,
): Entry | null {
  const said = directives(headers)
  const vary = membersOf(headers, 'vary')
  const [lifetime, age] = [lifetimeOf(headers), ageOf(headers, askedAt, cameAt)]
  const isTagged = valueOf(headers, 'etag') !== null || valueOf(headers, 'last-modified') !== null
  const asksAlways = said.has('no-cache')
  const isOfUse = isTagged || (lifetime !== null && lifetime > age && !asksAlways)
  const isFinal = (lifetime !== null || status === 200) && status !== 206 && status !== 304
  if (!isOfUse || !isFinal || vary.includes('*') || !isForAll(asked, said)) return null
  return {
    key,
    vary: vary.map((name) => [name, valueOf(asked, name)]),
    status,
    reason,
    headers: headers.filter(([name]) => name.toLowerCase() !== 'age'),
    body: Buffer.alloc(0),
    born: cameAt - age,
    lifetime: lifetime ?? 0,
    asksAlways,
  }
}

function isForAll(asked: Headers, said: Map<string, string>): boolean {
  if (said.has('no-store') || said.has('private') || directives(asked).has('no-store')) return false
  // What was said to somebody with a name is for others only if the origin says so (RFC 9111 §3.5).
  const isOpen = said.has('public') || said.has('s-maxage') || said.has('must-revalidate')
  return isOpen || valueOf(asked, 'authorization') === null
}

/** RFC 9111 §3.2: the new fields replace those of their names; the age is that of the new answer. */
export function updated(stored: Entry, news: Headers): Headers {
  const names = new Set(['age', ...news.map(([name]) => name.toLowerCase())])
  return [...stored.headers.filter(([name]) => !names.has(name.toLowerCase())), ...news]
}

/** The fields that ask whether it is still good (RFC 9111 §4.3.1). */
export function conditionsOf({ headers }: Entry): Headers {
  const [tag, date] = [valueOf(headers, 'etag'), valueOf(headers, 'last-modified')]
  if (tag !== null) return [['If-None-Match', tag]]
  return date === null ? [] : [['If-Modified-Since', date]]
}

/** Whether it may be given out unasked. */
export function isFresh(entry: Entry, asked: Headers, now: number): boolean {
  const wishes = directives(asked)
  const age = now - entry.born
  if (entry.asksAlways || age >= entry.lifetime || wishes.has('no-cache')) return false
  const oldest = wishes.get('max-age')
  return oldest === undefined || age <= milliseconds(oldest)
}
// #endregion entry

// #region store
/** At most so many bytes; what was used last stands last. */
export class Store {
  readonly #maxBytes: number
  readonly #entries = new Map<string, Entry[]>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  find(key: string, asked: Headers): Entry | null {
    const variants = this.#entries.get(key)
    if (!variants) return null
    this.#entries.delete(key)
    this.#entries.set(key, variants)
    return variants.find(({ vary }) => vary.every(([name, value]) => valueOf(asked, name) === value)) ?? null
  }

  add(entry: Entry): void {
    const size = sizeOf(entry)
    if (size > this.#maxBytes) return
    const variants = this.#entries.get(entry.key) ?? []
    this.#entries.delete(entry.key)
    this.#entries.set(entry.key, [...variants, entry])
    this.#bytes += size
    for (const key of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes) return
      this.removeAll(key)
    }
  }

  remove(entry: Entry): void {
    const variants = this.#entries.get(entry.key) ?? []
    const others = variants.filter((each) => each !== entry)
    if (others.length === variants.length) return
    this.#bytes -= sizeOf(entry)
    if (others.length > 0) this.#entries.set(entry.key, others)
    else this.#entries.delete(entry.key)
  }

  removeAll(key: string): void {
    for (const entry of this.#entries.get(key) ?? []) this.#bytes -= sizeOf(entry)
    this.#entries.delete(key)
  }
}

/** Fields take room too: many small answers are not nothing. */
function sizeOf({ key, headers, body }: Entry): number {
  return headers.reduce((sum, [name, value]) => sum + name.length + value.length, key.length + body.length)
}
// #endregion store
