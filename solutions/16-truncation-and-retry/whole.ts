/**
 * Lab 16: truncation and retry. A client that knows a whole answer from a piece, and a cache that trusts no piece.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-8 | RFC 9112 §8} (incomplete messages)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-15.3.7 | RFC 9110 §15.3.7} (206, and combining parts)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9111#section-3 | RFC 9111 §3 and §4} (storing, and using what is stored)
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { takeChunked } from '../../labs/kit/chunked.ts'
import { formatRequest } from '../../labs/kit/format.ts'
import { parseHead, parseRequestHead, parseResponseHead, type Head } from '../../labs/kit/head.ts'
import {
  field,
  type Address,
  type Headers,
  type Request,
  type Response,
  type RunningServer,
} from '../../labs/kit/http.ts'

// #region error
/** The answer has begun and was cut short. */
export class TruncatedError extends Error {
  override readonly name = 'TruncatedError'
  readonly code = 'ETRUNCATED'
  readonly received: number
  readonly expected: number | null
  readonly partial: Response

  constructor({ response, expected }: Part, cause?: unknown) {
    const received = response.body.length
    super(`an answer cut short: ${received} bytes of ${expected ?? 'nobody knows how many'}`, { cause })
    this.received = received
    this.expected = expected
    this.partial = response
  }
}
// #endregion error

// #region body
/** What has come of a body: all of it, a part, or what is all of it as soon as FIN comes. */
interface Body {
  readonly content: Buffer
  /** Null where nobody has said. */
  readonly expected: number | null
  readonly state: 'whole' | 'part' | 'whole at FIN'
}

/** RFC 9112 §6.3, for a message that may have a body. */
function readBody({ headers }: Head, rest: Buffer, withoutLength: Body['state']): Body {
  const length = field(headers, 'content-length')
  const coding = field(headers, 'transfer-encoding')
  if (coding !== null) return readChunks(coding, length, rest)
  if (length === null) return { content: rest, expected: null, state: withoutLength }
  if (!/^\d+$/.test(length)) throw new Error(`not a Content-Length: ${length}`)
  const expected = Number(length)
  const state = rest.length < expected ? 'part' : 'whole'
  return { content: rest.subarray(0, expected), expected, state }
}

function readChunks(coding: string, length: string | null, rest: Buffer): Body {
  // Two readers could find two ends here (RFC 9112 §11.2).
  if (length !== null) throw new Error('two lengths')
  if (coding.toLowerCase() !== 'chunked') throw new Error(`not a coding that shows its end: ${coding}`)
  const chunked = takeChunked(rest)
  if (chunked) return { content: chunked.body, expected: null, state: 'whole' }
  return { content: partOfChunks(rest), expected: null, state: 'part' }
}

/** The content of chunks that have not all come, with what is there of the last one. */
function partOfChunks(rest: Buffer): Buffer {
  const content: Buffer[] = []
  for (let at = 0; ;) {
    const start = rest.indexOf('\r\n', at) + 2
    if (start < 2) return Buffer.concat(content)
    const size = Number.parseInt(rest.toString('latin1', at, start), 16)
    // Behind the last chunk stand trailer fields, which are no content.
    if (size === 0) return Buffer.concat(content)
    const end = start + size
    content.push(rest.subarray(start, end))
    at = end + 2
  }
}
// #endregion body

// #region answer
/** An answer, as far as it has come. */
interface Part {
  readonly response: Response
  readonly expected: number | null
}

/** The answer at the front of these bytes; null while its head is not whole. */
function readAnswer(bytes: Buffer, method: string): (Part & Pick<Body, 'state'>) | null {
  const head = parseHead(bytes)
  if (!head) return null
  const start = parseResponseHead(head)
  const rest = bytes.subarray(head.length)
  // An interim answer says that the answer is still to come (RFC 9110 §15.2).
  if (start.status < 200) return readAnswer(rest, method)
  const hasNoBody = method === 'HEAD' || start.status === 204 || start.status === 304
  const body = hasNoBody ? NO_BODY : readBody(head, rest, 'whole at FIN')
  const response = { ...start, body: Uint8Array.from(body.content) }
  return { response, expected: body.expected, state: body.state }
}

const NO_BODY: Body = { content: Buffer.alloc(0), expected: null, state: 'whole' }
// #endregion answer

// #region attempt
type Attempt =
  | { readonly is: 'whole'; readonly answer: Part }
  | { readonly is: 'cut'; readonly answer: Part; readonly error: Error | null }
  /** The connection ended before there was an answer. */
  | { readonly is: 'lost'; readonly error: Error }
  /** To try again would not help: nobody is there, or it speaks no HTTP. */
  | { readonly is: 'hopeless'; readonly error: Error }

/** Sends a request on a connection of its own, and settles when that is gone. */
async function attempt(to: Address, request: Request): Promise<Attempt> {
  const socket = connect(to)
  const [pieces, state]: [Buffer[], { fault?: Error; error?: Error; fin?: true; open?: true }] = [[], {}]
  let answer: ReturnType<typeof readAnswer> = null
  const read = (): void => {
    try {
      answer = readAnswer(Buffer.concat(pieces), request.method)
    } catch (error) {
      state.fault = error as Error
    }
    if (state.fault || answer?.state === 'whole') socket.destroy()
  }
  socket.on('connect', () => (state.open = true))
  socket.on('data', (piece: Buffer) => {
    pieces.push(piece)
    read()
  })
  socket.on('end', () => (state.fin = true))
  socket.on('error', (error) => (state.error = error))
  socket.write(formatRequest(request))
  await new Promise((resolve) => socket.once('close', resolve))
  return judge(answer, state)
}

function judge(
  answer: ReturnType<typeof readAnswer>,
  { fault, error, fin, open }: { fault?: Error; error?: Error; fin?: true; open?: true },
): Attempt {
  if (fault) return { is: 'hopeless', error: fault }
  if (error && !open) return { is: 'hopeless', error }
  if (!answer) return { is: 'lost', error: error ?? noAnswer() }
  const isWhole = answer.state === 'whole' || (answer.state === 'whole at FIN' && fin && !error)
  return isWhole ? { is: 'whole', answer } : { is: 'cut', answer, error: error ?? null }
}

function noAnswer(): Error {
  return Object.assign(new Error('the connection ended before the answer'), { code: 'ECONNRESET' })
}
// #endregion attempt

// #region whole
export interface FetchOptions {
  readonly retries?: number
  mayRepeat?(request: Request): Promise<boolean>
}

export async function fetchWhole(
  port: number,
  request: Partial<Request>,
  options: FetchOptions = {},
): Promise<Response> {
  const { method = 'GET', target = '/', headers = [], body = new Uint8Array() } = request
  const host = field(headers, 'host') === null ? ([['Host', `127.0.0.1:${port}`]] as const) : []
  return await retrieve(
    { host: '127.0.0.1', port },
    { method, target, version: '1.1', headers: [...host, ...headers], body },
    options,
  )
}

/** Sent twice, these are meant to have the effect of one (RFC 9110 §9.2.2). */
const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']

const CLOSE: Headers = [['Connection', 'close']]

async function retrieve(to: Address, request: Request, options: FetchOptions): Promise<Response> {
  const { retries = 1, mayRepeat = async () => false } = options
  const held = new Held(request)
  let isAllowed = IDEMPOTENT.includes(request.method)
  for (let left = retries; ; left--) {
    const range = held.missing
    const result = await attempt(to, { ...request, headers: [...request.headers, ...range, ...CLOSE] })
    const whole = held.take(result, range.length > 0)
    if (whole) return whole
    const failure = held.failure(result)
    if (left <= 0 || result.is === 'hopeless') throw failure
    isAllowed ||= await mayRepeat(request).catch(() => false)
    if (!isAllowed) throw failure
  }
}
// #endregion whole

// #region held
/** Whoever brings a range or a condition asks for something else than the whole. */
function asksForLess(headers: Headers): boolean {
  return headers.some(([name]) => /^(?:range|if-.*)$/i.test(name))
}

/** What is there of an answer, attempt by attempt. */
class Held {
  readonly #isPlainGet: boolean
  #part: Part | null = null
  #mayGrow = false

  constructor({ method, headers }: Request) {
    this.#isPlainGet = method === 'GET' && !asksForLess(headers)
  }

  /** The fields that ask for the rest alone, and for all where that is a rest of something else by now. */
  get missing(): Headers {
    if (!this.#part || !this.#mayGrow) return []
    const { headers, body } = this.#part.response
    return [
      ['Range', `bytes=${body.length}-`],
      ['If-Range', strongTag(headers) ?? ''],
    ]
  }

  /** @returns The answer, if it is whole now. */
  take(result: Attempt, askedForRest: boolean): Response | null {
    if (result.is === 'lost' || result.is === 'hopeless') return null
    const { answer, is } = result
    if (this.#part && askedForRest && [206, 416].includes(answer.response.status)) {
      const both = joined(this.#part, answer)
      this.#mayGrow = both !== null
      this.#part = both ?? this.#part
      return both && both.response.body.length === both.expected ? both.response : null
    }
    this.#part = answer
    const { status, headers, body } = answer.response
    this.#mayGrow = this.#isPlainGet && status === 200 && body.length > 0 && strongTag(headers) !== null
    return is === 'whole' ? answer.response : null
  }

  failure(result: Attempt): Error {
    const cause = result.is === 'whole' ? null : result.error
    return this.#part ? new TruncatedError(this.#part, cause) : (cause ?? noAnswer())
  }
}

/** A weak one says that two versions mean the same, not that their bytes are the same (RFC 9110 §8.8.1). */
function strongTag(headers: Headers): string | null {
  const tag = field(headers, 'etag')
  return tag?.startsWith('"') ? tag : null
}

/** Both together, if the second is the same version and goes on where the first ends (RFC 9110 §15.3.7.3). */
function joined(held: Part, { response, expected: length }: Part): Part | null {
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(field(response.headers, 'content-range') ?? '')
  const tag = strongTag(response.headers)
  if (!range || response.status !== 206 || tag !== strongTag(held.response.headers)) return null
  const [first, last] = [Number(range[1]), Number(range[2])]
  const expected = range[3] === '*' ? held.expected : Number(range[3])
  const have = held.response.body
  if (expected === null || expected !== (held.expected ?? expected)) return null
  if (first !== have.length || last < first || last >= expected) return null
  const size = last - first + 1
  if ((length ?? size) !== size || response.body.length > size) return null
  const body = Buffer.concat([have, response.body])
  return { response: { ...held.response, body: Uint8Array.from(body) }, expected }
}
// #endregion held

// #region directives
/** The directives of Cache-Control: names without case, values with or without quotes (RFC 9111 §5.2). */
function directives(headers: Headers): Map<string, string> {
  const list = (field(headers, 'cache-control') ?? '').matchAll(/([^\s,="]+)(?:=(?:"([^"]*)"|([^\s,"]*)))?/g)
  return new Map([...list].map(([, name = '', quoted, token]) => [name.toLowerCase(), quoted ?? token ?? '']))
}

/** What is no number of seconds makes stale (RFC 9111 §4.2.1). */
function milliseconds(seconds: string | null | undefined): number {
  return seconds && /^\d+$/.test(seconds) ? Number(seconds) * 1000 : 0
}

/** A date in its one form of today (RFC 9110 §5.6.7); null for anything else, as `0`. */
function parseDate(text: string | null): number | null {
  const isDate = text !== null && /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)
  return isDate ? Date.parse(text) : null
}
// #endregion directives

// #region freshness
/** How long an answer stays fresh, for a cache that many share (RFC 9111 §4.2.1); null where it does not say. */
function lifetimeOf({ headers }: Response): number | null {
  const said = directives(headers)
  const seconds = said.get('s-maxage') ?? said.get('max-age')
  if (seconds !== undefined) return milliseconds(seconds)
  const expires = field(headers, 'expires')
  if (expires === null) return null
  return (parseDate(expires) ?? 0) - (parseDate(field(headers, 'date')) ?? Infinity)
}

/** The age with which an answer came in (RFC 9111 §4.2.3). */
function ageOf({ headers }: Response, askedAt: number, cameAt: number): number {
  const apparent = cameAt - (parseDate(field(headers, 'date')) ?? cameAt)
  const told = milliseconds(field(headers, 'age')) + (cameAt - askedAt)
  return Math.max(0, apparent, told)
}
// #endregion freshness

// #region store
interface Entry {
  readonly key: string
  /** The request fields that its Vary names, as they were. */
  readonly vary: ReadonlyArray<readonly [name: string, value: string | null]>
  readonly response: Response
  /** When its age was 0. */
  readonly born: number
  readonly lifetime: number
  /** Nobody gets it unless the origin has been asked. */
  readonly asksAlways: boolean
}

/** One origin has several hosts, and each has its own `/`. */
const keyOf = ({ headers, target }: Request): string =>
  `${(field(headers, 'host') ?? '').toLowerCase()} ${target}`

/** Null where RFC 9111 §3 forbids to keep it, or where it would never be of use. */
function entryOf(request: Request, response: Response, askedAt: number, cameAt: number): Entry | null {
  const said = directives(response.headers)
  const vary = namesIn(field(response.headers, 'vary'))
  const lifetime = lifetimeOf(response)
  const age = ageOf(response, askedAt, cameAt)
  const isTagged = ['etag', 'last-modified'].some((name) => field(response.headers, name) !== null)
  const asksAlways = said.has('no-cache')
  const isOfUse = isTagged || (lifetime !== null && lifetime > age && !asksAlways)
  const isFinal = lifetime !== null || response.status === 200
  if (!isOfUse || !isFinal || vary.includes('*') || !isForAll(request, response)) return null
  return {
    key: keyOf(request),
    vary: vary.map((name) => [name, field(request.headers, name)]),
    response: { ...response, headers: response.headers.filter(([name]) => !/^age$/i.test(name)) },
    born: cameAt - age,
    lifetime: lifetime ?? 0,
    asksAlways,
  }
}

function isForAll(request: Request, { status, headers }: Response): boolean {
  const said = directives(headers)
  if ([206, 304].includes(status) || said.has('no-store') || said.has('private')) return false
  if (directives(request.headers).has('no-store')) return false
  // What was said to somebody with a name is for others only if the origin says so (RFC 9111 §3.5).
  const isOpen = ['public', 's-maxage', 'must-revalidate'].some((name) => said.has(name))
  return field(request.headers, 'authorization') === null || isOpen
}

function namesIn(list: string | null): string[] {
  const names = (list ?? '').split(',').map((name) => name.trim().toLowerCase())
  return names.filter((name) => name !== '')
}

/** At most so many bytes of bodies; what was used last stands last. */
class Store {
  readonly #maxBytes: number
  #entries: Entry[] = []

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  find(request: Request): Entry | null {
    const isMeant = ({ key, vary }: Entry): boolean =>
      key === keyOf(request) && vary.every(([name, value]) => field(request.headers, name) === value)
    return this.#entries.findLast(isMeant) ?? null
  }

  use(entry: Entry): void {
    this.remove((each) => each === entry)
    this.#entries.push(entry)
  }

  add(entry: Entry): void {
    if (entry.response.body.length > this.#maxBytes) return
    this.#entries.push(entry)
    while (this.#size > this.#maxBytes) this.#entries.shift()
  }

  remove(isGone: (entry: Entry) => boolean): void {
    this.#entries = this.#entries.filter((entry) => !isGone(entry))
  }

  get #size(): number {
    return this.#entries.reduce((sum, { response }) => sum + response.body.length, 0)
  }
}
// #endregion store

// #region cache
/** A question that the origin has not answered yet. */
interface Question {
  readonly key: string
  readonly answer: Promise<Response>
}

const SAFE = ['GET', 'HEAD', 'OPTIONS', 'TRACE']

class Cache {
  readonly #origin: Address
  readonly #now: () => number
  readonly #store: Store
  /** What others may wait for. */
  readonly #questions = new Set<Question>()
  /** How often what is stored for a key was made invalid. */
  readonly #changes = new Map<string, number>()
  /** Also what nobody waits for any more: whoever asked may have left. */
  readonly #underway = new Set<Promise<Response>>()

  constructor(origin: Address, now: () => number, maxBytes: number) {
    this.#origin = origin
    this.#now = now
    this.#store = new Store(maxBytes)
  }

  async idle(): Promise<void> {
    await Promise.allSettled(this.#underway)
  }

  async answer(request: Request): Promise<Response> {
    if (request.method !== 'GET' || asksForLess(request.headers)) return await this.#pass(request)
    const wishes = directives(request.headers)
    const stored = this.#fresh(request, wishes)
    if (stored) return stored
    const key = keyOf(request)
    const question = [...this.#questions].find((each) => each.key === key)
    if (!question || wishes.has('no-cache')) return await this.#ask(request)
    await question.answer
    // It may have been for the other one alone.
    return this.#fresh(request, wishes) ?? (await this.#fetch(request))
  }

  /** What is stored for this request and may be given out unasked. */
  #fresh(request: Request, wishes: Map<string, string>): Response | null {
    const entry = this.#store.find(request)
    if (!entry || entry.asksAlways || wishes.has('no-cache')) return null
    const age = this.#now() - entry.born
    const oldest = wishes.get('max-age')
    if (age >= entry.lifetime || (oldest !== undefined && age > milliseconds(oldest))) return null
    return this.#use(entry)
  }

  #use(entry: Entry): Response {
    this.#store.use(entry)
    const age = ['Age', String(Math.floor((this.#now() - entry.born) / 1000))] as const
    return { ...entry.response, headers: [...entry.response.headers, age] }
  }

  async #pass(request: Request): Promise<Response> {
    const response = await this.#retrieve(request)
    const hasWorked = response.status >= 200 && response.status < 400
    if (!SAFE.includes(request.method) && hasWorked) this.#invalidate(keyOf(request))
    return response
  }

  /** What is under way belongs to the old days too. */
  #invalidate(key: string): void {
    this.#store.remove((entry) => entry.key === key)
    this.#changes.set(key, this.#changesOf(key) + 1)
    for (const question of this.#questions) if (question.key === key) this.#questions.delete(question)
  }

  #changesOf(key: string): number {
    return this.#changes.get(key) ?? 0
  }

  async #ask(request: Request): Promise<Response> {
    const question = { key: keyOf(request), answer: this.#fetch(request) }
    this.#questions.add(question)
    try {
      return await question.answer
    } finally {
      this.#questions.delete(question)
    }
  }

  /** Asks the origin, whether what is stored is still good if there is something, and keeps what may be kept. */
  async #fetch(request: Request): Promise<Response> {
    const stored = this.#store.find(request)
    const [askedAt, changes] = [this.#now(), this.#changesOf(keyOf(request))]
    const headers = [...request.headers, ...(stored ? conditionsOf(stored.response) : [])]
    const came = await this.#retrieve({ ...request, headers })
    const isSame = stored !== null && came.status === 304
    const response = isSame ? updated(stored.response, came) : came
    this.#store.remove((entry) => entry === stored)
    const entry = entryOf(request, response, askedAt, this.#now())
    if (entry && this.#changesOf(entry.key) === changes) this.#keep(request, entry)
    return response
  }

  #keep(request: Request, entry: Entry): void {
    const older = this.#store.find(request)
    this.#store.remove((each) => each === older)
    this.#store.add(entry)
  }

  async #retrieve(request: Request): Promise<Response> {
    const answer = retrieve(this.#origin, forwarded(request), {})
    this.#underway.add(answer)
    const response = await answer.finally(() => this.#underway.delete(answer))
    const dated = field(response.headers, 'date') === null
    const date: Headers = dated ? [['Date', new Date(this.#now()).toUTCString()]] : []
    const { headers } = forwarded(response)
    return { ...response, version: '1.1', headers: [...headers, ...date] }
  }
}

function conditionsOf({ headers }: Response): Headers {
  const [tag, date] = [field(headers, 'etag'), field(headers, 'last-modified')]
  if (tag !== null) return [['If-None-Match', tag]]
  return date === null ? [] : [['If-Modified-Since', date]]
}

/** RFC 9111 §3.2: the new fields replace those of their names; the age is that of the new answer. */
function updated(stored: Response, { headers }: Response): Response {
  const news = headers.filter(([name]) => name.toLowerCase() !== 'content-length')
  const names = new Set(['age', ...news.map(([name]) => name.toLowerCase())])
  const kept = stored.headers.filter(([name]) => !names.has(name.toLowerCase()))
  return { ...stored, headers: [...kept, ...news] }
}

/** What belongs to one hop stays there, stored or not (RFC 9110 §7.6.1, RFC 9111 §3.1). */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  'proxy-authenticate',
]

function forwarded<Message extends Request | Response>(message: Message): Message {
  const options = namesIn(field(message.headers, 'connection'))
  const ends = new Set([
    ...HOP_BY_HOP,
    ...options.filter((name) => name !== 'host' && name !== 'content-length'),
  ])
  const kept = message.headers.filter(([name]) => !ends.has(name.toLowerCase()))
  return { ...message, version: '1.1', headers: [...kept, ['Via', `${message.version} workbook`]] }
}
// #endregion cache

// #region server
export async function startCache(
  origin: Address,
  { now, maxBytes }: { now(): number; maxBytes: number },
): Promise<RunningServer> {
  const cache = new Cache(origin, now, maxBytes)
  const clients = new Set<Client>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const client = new Client(socket, (request) => cache.answer(request))
    clients.add(client)
    socket.once('close', () => clients.delete(client))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    const gone = once(server, 'close')
    server.close()
    for (const client of clients) client.endIfIdle()
    await gone
    await cache.idle()
  }
  return { port: (server.address() as AddressInfo).port, close }
}

/** One request, one answer, and FIN. */
class Client {
  readonly #socket: Socket
  #bytes = Buffer.alloc(0)
  #isServed = false

  constructor(socket: Socket, answer: (request: Request) => Promise<Response>) {
    this.#socket = socket
    socket.on('error', () => undefined)
    socket.on('end', () => {
      if (!this.#isServed) socket.end()
    })
    socket.on('data', (piece: Buffer) => {
      if (this.#isServed) return
      this.#bytes = Buffer.concat([this.#bytes, piece])
      void this.#serve(answer)
    })
  }

  endIfIdle(): void {
    if (this.#bytes.length === 0) this.#socket.end()
  }

  async #serve(answer: (request: Request) => Promise<Response>): Promise<void> {
    const request = this.#request()
    if (!request) return
    this.#isServed = true
    if (request === 'bad') return this.#send(plain(400, 'Bad Request'), 'GET')
    const response = await answer(request).catch(() => plain(502, 'Bad Gateway'))
    this.#send(response, request.method)
  }

  #request(): Request | 'bad' | null {
    try {
      const head = parseHead(this.#bytes)
      if (!head) return null
      const body = readBody(head, this.#bytes.subarray(head.length), 'whole')
      // Without a length a request has no body (RFC 9112 §6.3).
      const hasBody = ['content-length', 'transfer-encoding'].some(
        (name) => field(head.headers, name) !== null,
      )
      const content = Uint8Array.from(hasBody ? body.content : [])
      return body.state === 'whole' ? { ...parseRequestHead(head), body: content } : null
    } catch {
      return 'bad'
    }
  }

  #send({ status, reason, headers, body }: Response, method: string): void {
    const hasNoBody = method === 'HEAD' || status === 204 || status === 304
    const kept = headers.filter(([name]) => hasNoBody || name.toLowerCase() !== 'content-length')
    const length: Headers = hasNoBody ? [] : [['Content-Length', String(body.length)]]
    const lines = [...kept, ...length, ...CLOSE].map(([name, value]) => `${name}: ${value}\r\n`)
    const head = `HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}\r\n`
    this.#socket.end(Buffer.concat([Buffer.from(head, 'latin1'), hasNoBody ? Buffer.alloc(0) : body]))
  }
}

function plain(status: number, reason: string): Response {
  return { version: '1.1', status, reason, headers: [], body: Buffer.from(`${reason}\n`) }
}
// #endregion server
