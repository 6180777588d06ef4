/** A proxy that forwards, keeps connections and answers, and opens tunnels. */
import type { Address, Headers, RunningServer } from '../../labs/kit/http.ts'
import {
  conditionsOf,
  directives,
  entryOf,
  isFresh,
  Store,
  updated,
  type Entry,
  type Question,
} from './cache.ts'
import { aimOf, fieldsFor, forwarded, hopsLeft } from './forwarding.ts'
import { Hops } from './hops.ts'
import type { Limits } from './limits.ts'
import { httpDate, sendSlowly } from './origin.ts'
import { valueOf, type AnswerHead } from './reader.ts'
import { Relay, type Onward, type Watcher } from './relay.ts'
import { select } from './selecting.ts'
import { linesOf, listen, type Exchange } from './serving.ts'
import { openTunnel } from './tunnel.ts'

export interface ProxyOptions extends Limits {
  routes(host: string): Address | null
  readonly cacheBytes: number
  now(): number
}

export interface Stats {
  /** Connections of clients, and to origins, and those of them that idle. */
  readonly clients: number
  readonly origins: number
  readonly idle: number
  /** Requests, and those that were answered from what was stored, the origin unasked. */
  readonly requests: number
  readonly hits: number
  readonly storedBytes: number
}

/** No larger answer is kept: until it is whole, it stands in memory, however slowly its client reads. */
const LARGEST_KEPT = 524_288

// #region start
export async function startProxy(options: ProxyOptions): Promise<RunningServer & { stats(): Stats }> {
  const proxy = new Proxy(options)
  const handle = (exchange: Exchange): void => proxy.handle(exchange)
  const clients = await listen({ limits: options, keepsOldClients: false, handle })
  const close = async (): Promise<void> => {
    proxy.hops.endIdle()
    await clients.close()
    await proxy.hops.close()
  }
  const stats = (): Stats => ({
    clients: clients.open,
    origins: proxy.hops.open,
    idle: proxy.hops.idle,
    requests: proxy.requests,
    hits: proxy.hits,
    storedBytes: proxy.storedBytes,
  })
  return { port: clients.port, close, stats }
}
// #endregion start

class Proxy {
  readonly hops: Hops
  requests = 0
  hits = 0
  readonly #options: ProxyOptions
  readonly #store: Store
  readonly #underWay = new Set<Flight>()
  /** Those whose answers others wait for. */
  readonly #flights = new Map<string, Flight>()

  constructor(options: ProxyOptions) {
    this.#options = options
    this.hops = new Hops(options)
    this.#store = new Store(options.cacheBytes)
  }

  get storedBytes(): number {
    return this.#store.bytes
  }

  // #region handle
  handle(exchange: Exchange): void {
    this.requests++
    const { head } = exchange
    const { method, target } = head
    if (/^https:/i.test(target)) return exchange.reply(501)
    if (method === 'CONNECT') return this.#connect(exchange)
    if (hopsLeft(head) === 0) return answerAsLast(exchange)
    const aim = aimOf(head)
    const address = this.#options.routes(aim.host)
    if (!address) return exchange.reply(502, `no way to ${aim.host}`)
    const key = `${aim.host} ${aim.target}`
    const isRead = (method === 'GET' || method === 'HEAD') && head.framing === 0
    if (isRead && this.#sendStored(exchange, key)) return
    const onward = { address, method, target: aim.target, headers: fieldsFor(head, aim) }
    if (isRead) this.#read(exchange, onward, key, true)
    else this.#relay(exchange, onward, new Passing(this.#isUnsafe(method) ? () => this.#forget(key) : null))
  }

  #connect(exchange: Exchange): void {
    const host = exchange.head.target.toLowerCase()
    const address = this.#options.routes(host)
    if (address) openTunnel(exchange, address, this.#options.headMs)
    else exchange.reply(502, `no way to ${host}`)
  }

  #relay(exchange: Exchange, onward: Onward, watcher: Watcher): void {
    // eslint-disable-next-line no-new
    new Relay(exchange, onward, this.hops, this.#options, watcher)
  }
  // #endregion handle

  // #region cache
  /** From what is stored, or from the origin; and where somebody has asked it already, behind them. */
  #read(exchange: Exchange, onward: Onward, key: string, mayWait: boolean): void {
    if (!mayWait && this.#sendStored(exchange, key)) return
    const entry = this.#store.find(key, onward.headers)
    if (onward.method === 'HEAD' || asksForLess(onward.headers))
      return this.#relay(exchange, onward, new Passing(null))
    const flight = this.#flights.get(key)
    if (!flight || directives(onward.headers).has('no-cache'))
      return this.#fetch(exchange, onward, key, entry, mayWait)
    if (!mayWait) return this.#fetch(exchange, onward, key, entry, false)
    flight.waiting.push(() => {
      if (!exchange.isGone) this.#read(exchange, onward, key, false)
    })
  }

  #sendStored(exchange: Exchange, key: string): boolean {
    const { headers } = exchange.head
    const entry = this.#store.find(key, headers)
    if (!entry || !isFresh(entry, headers, this.#options.now())) return false
    this.hits++
    this.#send(exchange, entry)
    return true
  }

  /** @param isShared - Whoever has waited in vain asks for itself alone. */
  #fetch(exchange: Exchange, onward: Onward, key: string, entry: Entry | null, isShared: boolean): void {
    const flight = new Flight(key)
    this.#underWay.add(flight)
    if (isShared && !this.#flights.has(key)) this.#flights.set(key, flight)
    const land = (): void => {
      this.#underWay.delete(flight)
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
      flight.land()
    }
    const question = { key, headers: onward.headers, askedAt: this.#options.now() }
    const conditions = entry ? conditionsOf(entry) : []
    const watcher = new Keeping(question, this.#options.now, {
      onSame: (head) => this.#renew(exchange, question, entry, head),
      onNew: () => entry && this.#store.remove(entry),
      onWhole: (whole) => {
        if (flight.isCurrent) this.#keep(whole, onward.headers)
      },
      onSettled: land,
    })
    this.#relay(exchange, { ...onward, headers: [...onward.headers, ...conditions] }, watcher)
  }

  #keep(entry: Entry, asked: Headers): void {
    const older = this.#store.find(entry.key, asked)
    if (older) this.#store.remove(older)
    this.#store.add(entry)
  }

  /** @returns Whether what is stored was meant. */
  #renew(exchange: Exchange, question: Question, entry: Entry | null, { headers }: AnswerHead): boolean {
    if (!entry) return false
    const news = updated(entry, headers)
    const { status, reason, body } = entry
    const renewed = entryOf(question, { status, reason, headers: news }, this.#options.now())
    this.#store.remove(entry)
    if (renewed) this.#store.add({ ...renewed, body })
    this.#send(exchange, renewed ? { ...renewed, body } : { ...entry, headers: news })
    return true
  }

  /** Unsafe and done: what was stored, and what is under way, belongs to the old days (RFC 9111 §4.4). */
  #forget(key: string): void {
    this.#store.removeAll(key)
    for (const flight of this.#underWay) if (flight.key === key) flight.isCurrent = false
    this.#flights.delete(key)
  }

  #isUnsafe(method: string): boolean {
    return !['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method)
  }

  #send(exchange: Exchange, { status, reason, headers, body, born }: Entry): void {
    const [tag, modified] = [valueOf(headers, 'etag'), valueOf(headers, 'last-modified')]
    const what = { length: body.length, tag, modified }
    const whole = { status: 200, from: 0, to: body.length } as const
    const selected = status === 200 ? select(exchange.head, what) : whole
    const { from, to } = selected
    if (selected.status === 416) return exchange.reply(416, '', [['Content-Range', `bytes */${body.length}`]])
    const age = `Age: ${Math.floor((this.#options.now() - born) / 1000)}\r\n`
    const fields = `${linesOf(headers)}${age}`
    if (selected.status === 304) {
      exchange.sendHead(`HTTP/1.1 304 Not Modified\r\n${fields}`)
      return exchange.end()
    }
    const isPart = selected.status === 206
    const line = isPart ? 'HTTP/1.1 206 Partial Content' : `HTTP/1.1 ${status} ${reason}`
    const part = isPart ? `Content-Range: bytes ${from}-${to - 1}/${body.length}\r\n` : ''
    const length = status === 204 ? '' : `Content-Length: ${to - from}\r\n`
    exchange.sendHead(`${line}\r\n${fields}${part}${length}`)
    if (exchange.head.method === 'HEAD') exchange.end()
    else sendSlowly(exchange, body.subarray(from, to))
  }
  // #endregion cache
}

/** A question to an origin, and who waits for its answer. */
class Flight {
  readonly key: string
  readonly waiting: Array<() => void> = []
  isCurrent = true

  constructor(key: string) {
    this.key = key
  }

  land(): void {
    for (const goOn of this.waiting.splice(0)) goOn()
  }
}

/** Whoever brings a range or a condition asks for something else than the whole. */
function asksForLess(headers: Headers): boolean {
  return headers.some(([name]) => /^(?:range|if-.*)$/i.test(name))
}

/** No hops are left, so we are the last recipient (RFC 9110 §7.6.2): TRACE shows what has come in, without secrets. */
function answerAsLast(exchange: Exchange): void {
  const { method, target, version, headers } = exchange.head
  if (method === 'OPTIONS') {
    exchange.begin(200, 'OK', [], 0)
    return exchange.end()
  }
  const shown = headers.filter(([name]) => !/^(?:proxy-)?authorization$|^cookie$/i.test(name))
  const body = Buffer.from(`TRACE ${target} HTTP/${version}\r\n${linesOf(shown)}\r\n`, 'latin1')
  exchange.begin(200, 'OK', [['Content-Type', 'message/http']], body.length)
  exchange.write(body)
  exchange.end()
}

// #region watchers
/** Where no body comes, its length says what would have come to somebody else (RFC 9110 §8.6). */
function onwardFields(head: AnswerHead): Headers {
  const length = valueOf(head.headers, 'content-length')
  const isBare = head.framing === 0 && length !== null && Number(length) !== 0
  return isBare ? [...forwarded(head), ['Content-Length', length]] : forwarded(head)
}

/** Nothing of it is kept. */
class Passing implements Watcher {
  readonly isInHaste = false
  readonly #onDone: (() => void) | null

  /** @param onDone - Called where it has worked. */
  constructor(onDone: (() => void) | null) {
    this.#onDone = onDone
  }

  onHead(head: AnswerHead): Headers {
    if (head.status < 400) this.#onDone?.()
    return onwardFields(head)
  }

  onPiece(): void {}
  onEnd(): void {}
  onLost(): void {}
}

interface Keeper {
  /** The origin says that what is stored is still good. */
  onSame(head: AnswerHead): boolean
  onNew(): void
  onWhole(entry: Entry): void
  /** It is kept, or never will be. */
  onSettled(): void
}

/** What may be kept is copied on its way, and kept when it is whole. */
class Keeping implements Watcher {
  readonly #question: Question
  readonly #now: () => number
  readonly #keeper: Keeper
  #entry: Entry | null = null
  #pieces: Buffer[] = []
  #bytes = 0

  constructor(question: Question, now: () => number, keeper: Keeper) {
    this.#question = question
    this.#now = now
    this.#keeper = keeper
  }

  get isInHaste(): boolean {
    return this.#entry !== null
  }

  onHead(head: AnswerHead): Headers | null {
    const headers = this.#dated(onwardFields(head))
    if (head.status === 304 && this.#keeper.onSame({ ...head, headers })) return null
    this.#keeper.onNew()
    const isSmall = typeof head.framing !== 'number' || head.framing <= LARGEST_KEPT
    this.#entry = isSmall ? entryOf(this.#question, { ...head, headers }, this.#now()) : null
    if (!this.#entry) this.#keeper.onSettled()
    return headers
  }

  onPiece(piece: Buffer): void {
    if (!this.#entry) return
    this.#bytes += piece.length
    if (this.#bytes > LARGEST_KEPT) return this.#drop()
    this.#pieces.push(piece)
  }

  onEnd(): void {
    if (this.#entry) this.#keeper.onWhole({ ...this.#entry, body: Buffer.concat(this.#pieces) })
    this.#keeper.onSettled()
  }

  /** Half an answer is none (RFC 9111 §3.3). */
  onLost(): void {
    this.#drop()
  }

  #drop(): void {
    this.#entry = null
    this.#pieces = []
    this.#keeper.onSettled()
  }

  #dated(headers: Headers): Headers {
    return valueOf(headers, 'date') === null ? [...headers, ['Date', httpDate(this.#now())]] : headers
  }
}
// #endregion watchers
