// An attempt reads all its bytes anew as a function of how its connection stands; a GET under way is an errand that a change makes outdated.
/* oxlint-disable max-lines -- a client and a cache, as one file is handed in */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { takeChunked } from '../../../../labs/kit/chunked.ts'
import { formatRequest } from '../../../../labs/kit/format.ts'
import { parseHead, parseRequestHead, parseResponseHead } from '../../../../labs/kit/head.ts'
import type { Address, Headers, Request, Response, RunningServer } from '../../../../labs/kit/http.ts'
import { field } from '../../../../labs/kit/http.ts'

/** The answer has begun and was cut short. */
export class TruncatedError extends Error {
  override readonly name = 'TruncatedError'
  readonly code = 'ETRUNCATED'
  /** Bytes of content that have come. */
  readonly received: number
  /** What the answer has promised; null where it has promised nothing. */
  readonly expected: number | null
  /** The answer as far as it has come. */
  readonly partial: Response

  constructor(partial: Response, expected: number | null) {
    super(`an answer cut short of ${expected ?? 'an unknown number of'} bytes`)
    this.partial = partial
    this.expected = expected
    this.received = partial.body.length
  }
}

interface FetchOptions {
  retries?: number
  mayRepeat?(request: Request): Promise<boolean>
}

/**
 * Sends a request to a server on 127.0.0.1, and again where that is right, until its answer is whole.
 *
 * @param options.retries - Further attempts at most; 1 if not given.
 * @param options.mayRepeat - Decides about requests that are not idempotent.
 * @throws TruncatedError when the answer stays a piece.
 */
export async function fetchWhole(
  port: number,
  request: Partial<Request>,
  options: FetchOptions = {},
): Promise<Response> {
  return fetchFrom({ host: '127.0.0.1', port }, request, options)
}

/**
 * A cache that many share, before one origin.
 *
 * @param options.now - The time, in milliseconds since 1970.
 * @param options.maxBytes - Of all stored bodies together.
 */
export async function startCache(
  origin: Address,
  options: { now(): number; maxBytes: number },
): Promise<RunningServer> {
  const desk = new Desk(origin, options.now, new Store(options.maxBytes))
  return new CacheServer(desk).listen()
}

// --- the client ---

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

type Outcome =
  | { readonly kind: 'whole'; readonly response: Response }
  | {
      readonly kind: 'cut'
      readonly response: Response
      readonly expected: number | null
    }
  | { readonly kind: 'lost' }
  | { readonly kind: 'hopeless'; readonly error: Error }

/** The piece of an answer that a failed attempt has left. */
interface Held {
  readonly response: Response
  readonly expected: number | null
  /** The tag by which the rest may be asked for. */
  readonly tag: string | null
}

async function fetchFrom(
  address: Address,
  wanted: Partial<Request>,
  { retries = 1, ...options }: FetchOptions,
): Promise<Response> {
  const request = complete(address, wanted)
  let held = null as Held | null
  let mayRepeat: boolean | null = IDEMPOTENT.has(request.method) ? true : null
  for (let left = retries; ; left--) {
    const rest: Request | null = held?.tag ? askForRest(request, held) : null
    const outcome: Outcome = await attempt(address, rest ?? request)
    if (outcome.kind === 'hopeless') throw outcome.error
    const next: Held | Response | null =
      rest && held ? afterRest(held, outcome) : afterAll(request, held, outcome)
    if (next && 'status' in next) return next
    held = next
    if (left > 0) mayRepeat ??= await ask(request, options)
    if (left <= 0 || !mayRepeat) throw failure(held)
  }
}

async function ask(request: Request, options: FetchOptions): Promise<boolean> {
  try {
    return (await options.mayRepeat?.(request)) === true
  } catch {
    return false
  }
}

function failure(held: Held | null): Error {
  if (held) return new TruncatedError(held.response, held.expected)
  return coded('ECONNRESET', 'the connection ended before an answer')
}

function complete(address: Address, wanted: Partial<Request>): Request {
  const { method = 'GET', target = '/', headers = [], body = new Uint8Array() } = wanted
  const added: Array<readonly [string, string]> = []
  if (field(headers, 'host') === null) added.push(['Host', `${address.host}:${address.port}`])
  if (!list(headers, 'connection').includes('close')) added.push(['Connection', 'close'])
  return { method, target, version: '1.1', headers: [...headers, ...added], body }
}

function isConditional(request: Request): boolean {
  return request.headers.some(([name]) => /^(?:range$|if-)/i.test(name))
}

function askForRest(request: Request, { response, tag }: Held): Request {
  const range = ['Range', `bytes=${response.body.length}-`] as const
  return { ...request, headers: [...request.headers, range, ['If-Range', tag ?? '']] }
}

/** What is held, or the answer, after an attempt that asked for everything. */
function afterAll(request: Request, held: Held | null, outcome: Outcome): Held | Response | null {
  if (outcome.kind === 'whole') return outcome.response
  if (outcome.kind !== 'cut') return held
  const { response, expected } = outcome
  const tag = field(response.headers, 'etag')
  const mayAsk =
    request.method === 'GET' &&
    response.status === 200 &&
    response.body.length > 0 &&
    isStrong(tag) &&
    !isConditional(request)
  return { response, expected, tag: mayAsk ? tag : null }
}

function isStrong(tag: string | null): boolean {
  return tag !== null && /^"[^"]*"$/.test(tag)
}

/** The same after an attempt that asked for the rest. */
function afterRest(held: Held, outcome: Outcome): Held | Response | null {
  if (outcome.kind === 'lost' || outcome.kind === 'hopeless') return held
  const { status } = outcome.response
  if (status === 416) return { ...held, tag: null }
  if (status !== 206) {
    if (outcome.kind === 'whole') return outcome.response
    const tag = field(outcome.response.headers, 'etag')
    const mayAsk = status === 200 && outcome.response.body.length > 0 && isStrong(tag)
    return {
      response: outcome.response,
      expected: outcome.expected,
      tag: mayAsk ? tag : null,
    }
  }
  return join(held, outcome) ?? { ...held, tag: null }
}

/** What is held and the 206 together; null if they do not fit. */
function join(
  held: Held,
  { kind, response: part }: Outcome & { response: Response },
): Held | Response | null {
  const have = held.response.body.length
  const range = contentRange(part.headers)
  const total = range?.total ?? held.expected
  if (!range || total === null || field(part.headers, 'etag') !== held.tag) return null
  if (held.expected !== null && total !== held.expected) return null
  if (range.first !== have || range.last < range.first || range.last >= total) return null
  const length = range.last - range.first + 1
  const stated = field(part.headers, 'content-length')
  if (stated !== null && Number(stated) !== length) return null
  const showsEnd = field(part.headers, 'transfer-encoding') !== null
  if (part.body.length > length) return null
  if (kind === 'whole' && showsEnd && part.body.length !== length) return null
  const body = Buffer.concat([held.response.body, part.body])
  const response = { ...held.response, body: Uint8Array.from(body) }
  return body.length === total ? response : { response, expected: total, tag: held.tag }
}

function contentRange(headers: Headers): {
  first: number
  last: number
  total: number | null
} | null {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(field(headers, 'content-range') ?? '')
  if (!match) return null
  const [, first, last, total] = match
  return {
    first: Number(first),
    last: Number(last),
    total: total === '*' ? null : Number(total),
  }
}

/** One connection, one request. Resolves when the connection is closed. */
function attempt(address: Address, request: Request): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect({ host: address.host, port: address.port })
    let bytes = Buffer.alloc(0)
    let outcome: Outcome | null = null
    let isConnected = false
    const finish = (end: 'open' | 'fin' | 'reset') => {
      outcome ??= read(bytes, request.method, end)
      if (outcome) socket.destroy()
    }
    socket.on('connect', () => (isConnected = true))
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
      finish('open')
    })
    socket.on('end', () => finish('fin'))
    socket.on('error', (error) => {
      if (!isConnected) outcome ??= { kind: 'hopeless', error }
      finish('reset')
    })
    socket.on('close', () => resolve(outcome ?? { kind: 'lost' }))
    socket.write(formatRequest(request))
  })
}

/** What the bytes of a connection amount to; null while more has to come. */
function read(bytes: Buffer, method: string, end: 'open' | 'fin' | 'reset'): Outcome | null {
  try {
    for (let at = 0; ;) {
      const head = parseHead(bytes.subarray(at))
      if (!head) return end === 'open' ? null : { kind: 'lost' }
      const start = parseResponseHead(head)
      at += head.length
      if (start.status >= 200) return readBody(start, bytes.subarray(at), method, end)
    }
  } catch (error) {
    return { kind: 'hopeless', error: error as Error }
  }
}

function readBody(
  start: Omit<Response, 'body'>,
  bytes: Buffer,
  method: string,
  end: 'open' | 'fin' | 'reset',
): Outcome | null {
  const whole = (body: Buffer): Outcome => ({
    kind: 'whole',
    response: { ...start, body: Uint8Array.from(body) },
  })
  const cut = (body: Buffer, expected: number | null): Outcome | null =>
    end === 'open' ? null : { kind: 'cut', response: { ...start, body: Uint8Array.from(body) }, expected }
  if (hasNoBody(method, start.status)) return whole(Buffer.alloc(0))
  const length = bodyLength(start.headers)
  if (length === 'chunked') {
    const chunked = takeChunked(bytes)
    return chunked ? whole(chunked.body) : cut(chunksSoFar(bytes), null)
  }
  if (length === null) return end === 'fin' ? whole(bytes) : cut(bytes, null)
  return bytes.length < length ? cut(bytes, length) : whole(bytes.subarray(0, length))
}

function hasNoBody(method: string, status: number): boolean {
  return method === 'HEAD' || status === 204 || status === 304
}

function bodyLength(headers: Headers): number | 'chunked' | null {
  const coding = field(headers, 'transfer-encoding')
  const stated = field(headers, 'content-length')
  if (coding !== null) {
    if (stated !== null || coding.trim().toLowerCase() !== 'chunked')
      throw coded('BAD_LENGTH', 'two lengths, or an unknown coding')
    return 'chunked'
  }
  if (stated === null) return null
  if (!/^\d+$/.test(stated)) throw coded('BAD_LENGTH', `not a length: ${stated}`)
  return Number(stated)
}

/** The content of a chunked body that is not whole. */
function chunksSoFar(bytes: Buffer): Buffer {
  const pieces: Buffer[] = []
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) break
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (size === 0) break
    pieces.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
  return Buffer.concat(pieces)
}

// --- the store ---

interface Entry {
  readonly key: string
  readonly response: Response
  /** The fields that Vary names, with the values of the request that brought the answer. */
  readonly varied: ReadonlyArray<readonly [name: string, value: string | null]>
  /** When its age was 0, on the clock of `now()`. */
  readonly bornAt: number
}

/** Answers, the one that was not used for the longest time first. */
class Store {
  #entries: Entry[] = []
  readonly #maxBytes: number

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  find(key: string, request: Request): Entry | null {
    return this.#entries.findLast((entry) => agrees(entry, key, request)) ?? null
  }

  use(entry: Entry): void {
    if (!this.#entries.includes(entry)) return
    this.remove((other) => other === entry)
    this.#entries.push(entry)
  }

  remove(isGone: (entry: Entry) => boolean): void {
    this.#entries = this.#entries.filter((entry) => !isGone(entry))
  }

  put(entry: Entry): void {
    const size = entry.response.body.length
    if (size > this.#maxBytes) return
    while (this.#bytes + size > this.#maxBytes) this.#entries.shift()
    this.#entries.push(entry)
  }

  get #bytes(): number {
    return this.#entries.reduce((sum, { response }) => sum + response.body.length, 0)
  }
}

function agrees(entry: Entry, key: string, request: Request): boolean {
  return entry.key === key && entry.varied.every(([name, value]) => field(request.headers, name) === value)
}

function makeEntry(key: string, request: Request, response: Response, bornAt: number): Entry {
  const names = list(response.headers, 'vary').filter((name) => name !== '')
  const varied = names.map((name) => [name, field(request.headers, name)] as const)
  return { key, response, varied, bornAt }
}

// --- what a message says ---

function directives(headers: Headers): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const pattern = /([!#$%&'*+.^_`|~\w-]+)[ \t]*(?:=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^,"]*)))?/g
  for (const [, name = '', quoted, token] of (field(headers, 'cache-control') ?? '').matchAll(pattern))
    found.set(name.toLowerCase(), quoted ?? token?.trim() ?? '')
  return found
}

const DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

function date(headers: Headers, name: string): number | null {
  const text = field(headers, name) ?? ''
  const time = DATE.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? null : time
}

function milliseconds(seconds: string | null | undefined): number {
  return /^\d+$/.test(seconds ?? '') ? Number(seconds) * 1000 : 0
}

function lifetime({ response }: Entry, came: number): number {
  const control = directives(response.headers)
  const stated = control.get('s-maxage') ?? control.get('max-age')
  if (stated !== undefined) return milliseconds(stated)
  const expires = date(response.headers, 'expires')
  return expires === null ? 0 : expires - (date(response.headers, 'date') ?? came)
}

function validators(headers: Headers): Headers {
  const tag = field(headers, 'etag')
  if (tag) return [['If-None-Match', tag]]
  const modified = field(headers, 'last-modified')
  return modified && date(headers, 'last-modified') !== null ? [['If-Modified-Since', modified]] : []
}

function mayStore(request: Request, response: Response): boolean {
  const control = directives(response.headers)
  const { status, headers } = response
  if (directives(request.headers).has('no-store')) return false
  if (isForbidden(response)) return false
  const isShared = ['public', 's-maxage', 'must-revalidate'].some((name) => control.has(name))
  if (field(request.headers, 'authorization') !== null && !isShared) return false
  const saysHowLong = control.has('s-maxage') || control.has('max-age') || field(headers, 'expires') !== null
  if (status === 206 || status === 304) return false
  return saysHowLong || (status === 200 && validators(headers).length > 0)
}

function isForbidden({ headers }: Response): boolean {
  const control = directives(headers)
  return control.has('no-store') || control.has('private') || list(headers, 'vary').includes('*')
}

const OF_THE_HOP = ['connection', 'keep-alive', 'te', 'transfer-encoding', 'upgrade']

function endToEnd(headers: Headers): Headers {
  const gone = new Set([
    ...OF_THE_HOP,
    'proxy-connection',
    ...list(headers, 'connection').filter((name) => name !== ''),
  ])
  return headers.filter(([name]) => !gone.has(name.toLowerCase()))
}

function without(headers: Headers, ...names: string[]): Headers {
  return headers.filter(([name]) => !names.includes(name.toLowerCase()))
}

function list(headers: Headers, name: string): string[] {
  const members = (field(headers, name) ?? '').split(',')
  return members.map((member) => member.trim().toLowerCase())
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

// --- the desk ---

/** A GET that the origin is being asked for. */
interface Errand {
  readonly key: string
  isOutdated: boolean
}

class Desk {
  readonly #origin: Address
  readonly #now: () => number
  readonly #store: Store
  readonly #errands = new Set<Errand>()
  /** By key: what the next ones wait for. */
  readonly #leaders = new Map<string, Promise<Response>>()

  constructor(origin: Address, now: () => number, store: Store) {
    this.#origin = origin
    this.#now = now
    this.#store = store
  }

  async answer(request: Request): Promise<Response> {
    if (request.method !== 'GET' || isConditional(request)) return this.#pass(request)
    const key = keyOf(request)
    const stored = this.#fromStore(key, request)
    if (stored) return stored
    const leader = this.#leaders.get(key)
    if (!leader) return this.#lead(key, request)
    await leader
    return this.#fromStore(key, request) ?? this.#fetch(key, request)
  }

  async #pass(request: Request): Promise<Response> {
    const response = await this.#ask(request, [])
    const isSuccess = response.status >= 200 && response.status < 400
    if (!SAFE.has(request.method) && isSuccess) this.#invalidate(keyOf(request))
    return response
  }

  #invalidate(key: string): void {
    this.#store.remove((entry) => entry.key === key)
    for (const errand of this.#errands) if (errand.key === key) errand.isOutdated = true
    this.#leaders.delete(key)
  }

  #lead(key: string, request: Request): Promise<Response> {
    const leader = this.#fetch(key, request).finally(() => {
      if (this.#leaders.get(key) === leader) this.#leaders.delete(key)
    })
    this.#leaders.set(key, leader)
    return leader
  }

  /** The stored answer, if it may be used unasked. */
  #fromStore(key: string, request: Request): Response | null {
    const entry = this.#store.find(key, request)
    if (!entry || !this.#isUsable(entry, request)) return null
    this.#store.use(entry)
    return this.#withAge(entry)
  }

  #isUsable(entry: Entry, request: Request): boolean {
    const age = this.#now() - entry.bornAt
    const control = directives(request.headers)
    if (control.has('no-cache')) return false
    if (directives(entry.response.headers).has('no-cache')) return false
    if (control.has('max-age') && age > milliseconds(control.get('max-age'))) return false
    return age < lifetime(entry, entry.bornAt)
  }

  #withAge({ response, bornAt }: Entry): Response {
    const age = Math.floor((this.#now() - bornAt) / 1000)
    const headers = [...without(response.headers, 'age'), ['Age', String(age)] as const]
    return { ...response, headers }
  }

  async #fetch(key: string, request: Request): Promise<Response> {
    const errand: Errand = { key, isOutdated: false }
    this.#errands.add(errand)
    try {
      return await this.#fetchFor(errand, request)
    } finally {
      this.#errands.delete(errand)
    }
  }

  async #fetchFor(errand: Errand, request: Request): Promise<Response> {
    const { key } = errand
    const known = this.#store.find(key, request)
    const asked = this.#now()
    const conditions = known ? validators(known.response.headers) : []
    const response = await this.#ask(request, conditions)
    const bornAt = this.#bornAt(response, asked)
    const isGood = known !== null && conditions.length > 0 && response.status === 304
    const result = isGood ? renewed(known.response, response) : response
    const entry = makeEntry(key, request, result, bornAt)
    if (!errand.isOutdated) {
      this.#store.remove((other) => other === known || agrees(other, key, request))
      const mayKeep = isGood ? !isForbidden(result) : mayStore(request, result)
      if (mayKeep) this.#store.put(entry)
    }
    return isGood ? this.#withAge(entry) : response
  }

  #bornAt({ headers }: Response, asked: number): number {
    const now = this.#now()
    const apparent = now - (date(headers, 'date') ?? now)
    const corrected = milliseconds(field(headers, 'age')) + now - asked
    return now - Math.max(0, apparent, corrected)
  }

  async #ask(request: Request, conditions: Headers): Promise<Response> {
    const isFramed = request.headers.some(([name]) => /^(?:content-length|transfer-encoding)$/i.test(name))
    const length: Headers = isFramed ? [['Content-Length', String(request.body.length)]] : []
    const headers = [
      ...without(endToEnd(request.headers), 'content-length'),
      ...length,
      ...conditions,
      ['Via', `${request.version} cache`] as const,
    ]
    const response = await fetchFrom(this.#origin, { ...request, headers }, {})
    const fields = endToEnd(response.headers)
    const dated: Headers =
      field(fields, 'date') === null ? [...fields, ['Date', new Date(this.#now()).toUTCString()]] : fields
    return { ...response, headers: dated }
  }
}

function keyOf(request: Request): string {
  return `${(field(request.headers, 'host') ?? '').toLowerCase()} ${request.target}`
}

/** A stored answer after the 304 that has confirmed it. */
function renewed(stored: Response, { headers }: Response): Response {
  const fresh = without(headers, 'content-length')
  const names = new Set(fresh.map(([name]) => name.toLowerCase()))
  const kept = without(stored.headers, 'age').filter(([name]) => !names.has(name.toLowerCase()))
  return { ...stored, headers: [...kept, ...fresh] }
}

// --- the server ---

class CacheServer {
  readonly #desk: Desk
  readonly #idle = new Set<Socket>()
  readonly #tasks = new Set<Promise<void>>()
  readonly #server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket))
  #closed: Promise<void> | null = null

  constructor(desk: Desk) {
    this.#desk = desk
  }

  listen(): Promise<RunningServer> {
    return new Promise((resolve, reject) => {
      this.#server.on('error', reject)
      this.#server.listen(0, '127.0.0.1', () => {
        const { port } = this.#server.address() as AddressInfo
        resolve({ port, close: () => (this.#closed ??= this.#close()) })
      })
    })
  }

  async #close(): Promise<void> {
    const gone = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#idle) socket.end()
    this.#idle.clear()
    await gone
    await Promise.all(this.#tasks)
  }

  #serve(socket: Socket): void {
    let bytes = Buffer.alloc(0)
    let isDone = false
    this.#idle.add(socket)
    const finish = (response: Response | null, method = 'GET') => {
      isDone = true
      if (response) socket.end(formatAnswer(response, method))
      else socket.end()
    }
    socket.on('error', () => {})
    socket.on('close', () => this.#idle.delete(socket))
    socket.on('end', () => {
      this.#idle.delete(socket)
      if (!isDone) finish(null)
    })
    socket.on('data', (chunk) => {
      if (isDone || (this.#closed && bytes.length === 0 && !this.#idle.has(socket))) return
      this.#idle.delete(socket)
      bytes = Buffer.concat([bytes, chunk])
      try {
        const request = takeRequest(bytes)
        if (!request) return
        isDone = true
        this.#run(request, finish)
      } catch {
        finish(plain(400, 'Bad Request'))
      }
    })
  }

  #run(request: Request, finish: (response: Response, method: string) => void): void {
    const task = this.#desk
      .answer(request)
      .catch(() => plain(502, 'Bad Gateway'))
      .then((response) => finish(response, request.method))
      .finally(() => this.#tasks.delete(task))
    this.#tasks.add(task)
  }
}

function takeRequest(bytes: Buffer): Request | null {
  const head = parseHead(bytes)
  if (!head) return null
  const start = parseRequestHead(head)
  const length = bodyLength(start.headers) ?? 0
  const rest = bytes.subarray(head.length)
  if (length === 'chunked') {
    const chunked = takeChunked(rest)
    return chunked && { ...start, body: chunked.body }
  }
  return rest.length < length ? null : { ...start, body: rest.subarray(0, length) }
}

function plain(status: number, reason: string): Response {
  return { version: '1.1', status, reason, headers: [], body: new Uint8Array() }
}

function formatAnswer(response: Response, method: string): Buffer {
  const { status, reason, version, body } = response
  const isBare = hasNoBody(method, status)
  const headers = [
    ...(isBare
      ? response.headers
      : [...without(response.headers, 'content-length'), ['Content-Length', String(body.length)]]),
    ['Via', `${version} cache`],
    ['Connection', 'close'],
  ]
  const fields = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const head = Buffer.from(`HTTP/1.1 ${status} ${reason}\r\n${fields}\r\n`, 'latin1')
  return isBare ? head : Buffer.concat([head, body])
}
