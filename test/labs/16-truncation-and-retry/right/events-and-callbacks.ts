// Events and callbacks, and everything that is stored in one list with the number of its last use.
/* oxlint-disable max-lines -- a client and a cache, as one file is handed in */
import net, { type AddressInfo, type Socket } from 'node:net'
import { takeChunked } from '../../../../labs/kit/chunked.ts'
import { formatRequest } from '../../../../labs/kit/format.ts'
import { parseHead, parseRequestHead, parseResponseHead } from '../../../../labs/kit/head.ts'
import { field, type Address, type Headers, type Request, type Response } from '../../../../labs/kit/http.ts'

export class TruncatedError extends Error {
  readonly code = 'ETRUNCATED'
  readonly received: number
  readonly expected: number | null
  readonly partial: Response
  constructor(partial: Response, expected: number | null) {
    super('a piece')
    Object.assign(this, { name: 'TruncatedError' })
    this.partial = partial
    this.expected = expected
    this.received = partial.body.length
  }
}

type Result = {
  kind: 'whole' | 'cut' | 'none' | 'give up'
  response?: Response
  length: number | null
  error?: Error
}

/** All that is known of a body: content, its length on paper, and whether it is all there. */
function bodyIn(
  headers: Headers,
  bytes: Buffer,
): { content: Buffer; length: number | null; whole: boolean | 'at FIN' } {
  const [length, coding] = [field(headers, 'content-length'), field(headers, 'transfer-encoding')]
  if (coding !== null) {
    if (length !== null || coding.toLowerCase() !== 'chunked') throw new Error('framing')
    const all = takeChunked(bytes)
    if (all) return { content: all.body, length: null, whole: true }
    let [content, at] = [Buffer.alloc(0), 0]
    for (let end = bytes.indexOf('\r\n'); end >= 0; end = bytes.indexOf('\r\n', at)) {
      const size = Number.parseInt(bytes.toString('latin1', at, end), 16)
      if (size === 0) break
      content = Buffer.concat([content, bytes.subarray(end + 2, end + 2 + size)])
      at = end + size + 4
    }
    return { content, length: null, whole: false }
  }
  if (length === null) return { content: bytes, length: null, whole: 'at FIN' }
  if (!/^\d+$/.test(length)) throw new Error('framing')
  const content = bytes.subarray(0, Number(length))
  return { content, length: Number(length), whole: content.length === Number(length) }
}

function once(to: Address, request: Request, done: (result: Result) => void): void {
  let [bytes, fin, connected] = [Buffer.alloc(0), false, false]
  let result: Result = { kind: 'none', length: null }
  let failure: Error | undefined
  const socket = net.connect(to.port, to.host, () => {
    connected = true
    socket.write(formatRequest(request))
  })
  const look = () => {
    if (result.kind === 'whole' || result.kind === 'give up') return
    try {
      let head = parseHead(bytes)
      while (head && parseResponseHead(head).status < 200) {
        bytes = bytes.subarray(head.length)
        head = parseHead(bytes)
      }
      if (!head) return
      const start = parseResponseHead(head)
      const isBare = request.method === 'HEAD' || start.status === 204 || start.status === 304
      const nothing = { content: Buffer.alloc(0), length: null, whole: true } as const
      const { content, length, whole } = isBare ? nothing : bodyIn(head.headers, bytes.subarray(head.length))
      const isWhole = whole === 'at FIN' ? fin : whole
      result = {
        kind: isWhole ? 'whole' : 'cut',
        length,
        response: { ...start, body: Uint8Array.from(content) },
      }
    } catch (error) {
      result = { kind: 'give up', length: null, error: error as Error }
    }
    if (result.kind !== 'cut') socket.destroy()
  }
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk])
    look()
  })
  socket.on('end', () => {
    fin = true
    look()
  })
  socket.on('error', (error) => (failure = error))
  socket.on('close', () => {
    if (!connected) result = { kind: 'give up', length: null }
    const error = failure ?? Object.assign(new Error('no answer'), { code: 'ECONNRESET' })
    done({ error, ...result })
  })
}

const asksForPart = (headers: Headers) => headers.some(([name]) => /^range$|^if-/i.test(name))
const strongTag = (headers: Headers) => /^".*"$/.exec(field(headers, 'etag') ?? '')?.[0] ?? null

interface Options {
  retries?: number
  mayRepeat?(request: Request): Promise<boolean>
}
type Settle = (error: unknown, response?: Response) => void

class Fetch {
  held: { response: Response; length: number | null } | null = null
  resumes = false
  to: Address
  request: Request
  options: Options
  settle: Settle
  allowed: boolean
  left: number
  constructor(to: Address, request: Request, options: Options, settle: Settle) {
    this.to = to
    this.request = request
    this.options = options
    this.settle = settle
    this.left = options.retries ?? 1
    this.allowed = /^(GET|HEAD|OPTIONS|TRACE|PUT|DELETE)$/.test(request.method)
    this.attempt()
  }

  attempt(): void {
    const { held, request, resumes } = this
    const more: Array<[string, string]> = [['connection', 'close']]
    if (held && resumes) {
      more.push(['If-Range', strongTag(held.response.headers) ?? ''])
      more.push(['Range', `bytes=${held.response.body.length}-`])
    }
    once(this.to, { ...request, headers: [...request.headers, ...more] }, (result) =>
      this.judge(result, resumes),
    )
  }

  judge({ kind, response, length, error }: Result, resumed: boolean): void {
    if (kind === 'give up') return this.fail(error)
    if (response && resumed && this.held && [206, 416].includes(response.status)) {
      this.resumes = this.join(response, length)
      const { held } = this
      if (this.resumes && held.response.body.length === held.length) return this.settle(null, held.response)
    } else if (response) {
      if (kind === 'whole') return this.settle(null, response)
      const { method, headers } = this.request
      this.held = { response, length }
      this.resumes = method === 'GET' && !asksForPart(headers) && response.status === 200
      this.resumes &&= response.body.length > 0 && strongTag(response.headers) !== null
    }
    if (this.left-- <= 0) return this.fail(error)
    if (this.allowed) return this.attempt()
    const { mayRepeat } = this.options
    if (!mayRepeat) return this.fail(error)
    mayRepeat(this.request).then(
      (says) => {
        this.allowed = says
        if (says) this.attempt()
        else this.fail(error)
      },
      () => this.fail(error),
    )
  }

  join(response: Response, length: number | null): boolean {
    const { held } = this
    const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(field(response.headers, 'content-range') ?? '')
    const tag = strongTag(response.headers)
    if (
      !held ||
      !match ||
      response.status !== 206 ||
      tag === null ||
      tag !== strongTag(held.response.headers)
    )
      return false
    const [from, to] = [Number(match[1]), Number(match[2])]
    const total = match[3] === '*' ? held.length : Number(match[3])
    const isTotalRight = total !== null && total === (held.length ?? total) && to < total
    const isRangeRight =
      from === held.response.body.length && to >= from && response.body.length <= to - from + 1
    if (!isTotalRight || !isRangeRight || (length !== null && length !== to - from + 1)) return false
    const body = Uint8Array.from([...held.response.body, ...response.body])
    this.held = { response: { ...held.response, body }, length: total }
    return true
  }

  fail(error: unknown): void {
    this.settle(this.held ? new TruncatedError(this.held.response, this.held.length) : error)
  }
}

function retrieve(to: Address, request: Request, options: Options): Promise<Response> {
  return new Promise((resolve, reject) => {
    void new Fetch(to, request, options, (error, response) => (response ? resolve(response) : reject(error)))
  })
}

export function fetchWhole(port: number, given: Partial<Request>, options: Options = {}): Promise<Response> {
  const whole = {
    method: 'GET',
    target: '/',
    body: new Uint8Array(),
    headers: [],
    ...given,
    version: '1.1',
  } as const
  const host: Headers = field(whole.headers, 'host') === null ? [['Host', 'localhost']] : []
  return retrieve({ host: '127.0.0.1', port }, { ...whole, headers: [...whole.headers, ...host] }, options)
}

// --- the cache ---

interface Item {
  key: string
  varies: Array<[string, string | null]>
  response: Response
  /** The last instant at which it is not fresh any more. */
  stale: number
  born: number
  asks: boolean
  used: number
}
interface Flight {
  key: string
  late: boolean
  leads: boolean
  waiting: Array<(failed: boolean) => void>
}

function said(headers: Headers, word: string): string | null {
  const bare = (field(headers, 'cache-control') ?? '').replace(/"[^"]*"/g, (quoted) =>
    quoted.replaceAll(',', ' '),
  )
  for (const directive of bare.split(',')) {
    const [name = '', value = ''] = directive.trim().split('=')
    if (name.toLowerCase() === word) return value
  }
  return null
}
const number = (text: string | null) => (text !== null && /^\d+$/.test(text) ? Number(text) : 0)
const instant = (text: string | null) => (text?.endsWith(' GMT') ? Date.parse(text) : Number.NaN)
const key = ({ headers, target }: Request) => JSON.stringify([field(headers, 'host')?.toLowerCase(), target])

class Cache {
  items: Item[] = []
  uses = 0
  flights = new Set<Flight>()
  origin: Address
  now: () => number
  room: number
  constructor(origin: Address, now: () => number, room: number) {
    this.origin = origin
    this.now = now
    this.room = room
  }

  async answer(request: Request): Promise<Response> {
    if (request.method !== 'GET' || asksForPart(request.headers)) return await this.pass(request)
    const refreshes = said(request.headers, 'no-cache') !== null
    const stored = this.fresh(request)
    if (stored) return stored
    const leader = [...this.flights].find((each) => each.leads && !each.late && each.key === key(request))
    if (!leader || refreshes) return await this.fetch(request, true)
    const failed = await new Promise<boolean>((resolve) => leader.waiting.push(resolve))
    if (failed) throw new Error('as for the others')
    return this.fresh(request) ?? (await this.fetch(request, false))
  }

  item(request: Request): Item | undefined {
    const own = this.items.filter((item) => item.key === key(request))
    return own.find(({ varies }) => varies.every(([name, value]) => field(request.headers, name) === value))
  }

  fresh(request: Request): Response | null {
    const item = this.item(request)
    const [limit, now] = [said(request.headers, 'max-age'), this.now()]
    if (!item || item.asks || said(request.headers, 'no-cache') !== null || now >= item.stale) return null
    if (limit !== null && now - item.born > number(limit) * 1000) return null
    item.used = ++this.uses
    const age = Math.floor((now - item.born) / 1000)
    return { ...item.response, headers: [['Age', `${age}`], ...item.response.headers] }
  }

  async pass(request: Request): Promise<Response> {
    const response = await this.ask(request)
    if (/^(GET|HEAD|OPTIONS|TRACE)$/.test(request.method) || response.status > 399) return response
    this.items = this.items.filter((item) => item.key !== key(request))
    for (const flight of this.flights) flight.late ||= flight.key === key(request)
    return response
  }

  async ask(request: Request): Promise<Response> {
    const response = onwards(await retrieve(this.origin, onwards(request), {}))
    if (field(response.headers, 'date') !== null) return response
    return { ...response, headers: [...response.headers, ['Date', new Date(this.now()).toUTCString()]] }
  }

  async fetch(request: Request, leads: boolean): Promise<Response> {
    const flight: Flight = { key: key(request), late: false, leads, waiting: [] }
    const [item, asked] = [this.item(request), this.now()]
    this.flights.add(flight)
    let failed = true
    try {
      const tag = item && field(item.response.headers, 'etag')
      const date = item && field(item.response.headers, 'last-modified')
      const wish: Headers = tag ? [['if-none-match', tag]] : date ? [['if-modified-since', date]] : []
      let response = await this.ask({ ...request, headers: [...wish, ...request.headers] })
      if (item && response.status === 304) response = merged(item.response, response)
      this.items = this.items.filter((each) => each !== item)
      if (!flight.late) this.keep(request, response, asked)
      failed = false
      return response
    } finally {
      this.flights.delete(flight)
      for (const wake of flight.waiting) wake(failed)
    }
  }

  keep(request: Request, response: Response, asked: number): void {
    const { headers, status, body } = response
    const has = (...words: string[]) => words.some((word) => said(headers, word) !== null)
    const names = (field(headers, 'vary') ?? '').split(/[ ,]+/).filter((name) => name !== '')
    if (has('no-store', 'private') || names.includes('*') || status === 206 || status === 304) return
    if (said(request.headers, 'no-store') !== null) return
    if (field(request.headers, 'authorization') !== null && !has('public', 's-maxage', 'must-revalidate'))
      return
    const now = this.now()
    const [date, expires] = [instant(field(headers, 'date')), field(headers, 'expires')]
    const seconds = said(headers, 's-maxage') ?? said(headers, 'max-age')
    const until = expires === null ? 0 : (instant(expires) || 0) - (Number.isNaN(date) ? now : date)
    const lasts = seconds === null ? until : number(seconds) * 1000
    const isNamed = field(headers, 'etag') !== null || field(headers, 'last-modified') !== null
    if (seconds === null && expires === null && (status !== 200 || !isNamed)) return
    const age = Math.max(0, now - (date || now), number(field(headers, 'age')) * 1000 + now - asked)
    if (!isNamed && (lasts <= age || has('no-cache'))) return
    const older = this.item(request)
    this.items = this.items.filter((each) => each !== older)
    if (body.length > this.room) return
    this.items.push({
      key: key(request),
      varies: names.map((name) => [name, field(request.headers, name)]),
      response: { ...response, headers: headers.filter(([name]) => name.toLowerCase() !== 'age') },
      born: now - age,
      stale: now - age + lasts,
      asks: has('no-cache'),
      used: ++this.uses,
    })
    while (this.items.reduce((sum, each) => sum + each.response.body.length, 0) > this.room) {
      const oldest = this.items.reduce((one, other) => (other.used < one.used ? other : one))
      this.items.splice(this.items.indexOf(oldest), 1)
    }
  }
}

function merged(old: Response, news: Response): Response {
  const fresh = news.headers.filter(([name]) => name.toLowerCase() !== 'content-length')
  const stays = old.headers.filter(([name]) => field(fresh, name) === null)
  return { ...old, headers: [...fresh, ...stays] }
}

function onwards<M extends Request | Response>(message: M): M {
  const list = `connection,keep-alive,proxy-connection,te,transfer-encoding,upgrade,${field(message.headers, 'connection') ?? ''}`
  const ends = list.split(',').map((name) => name.trim().toLowerCase())
  const headers = message.headers.filter(([name]) => !ends.includes(name.toLowerCase()))
  return { ...message, version: '1.1', headers: [...headers, ['Via', `${message.version} b`]] }
}

export function startCache(origin: Address, options: { now(): number; maxBytes: number }) {
  const cache = new Cache(origin, options.now, options.maxBytes)
  const quiet = new Set<Socket>()
  let running = 0
  let whenDone = (): void => undefined
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    let [bytes, isTaken] = [Buffer.alloc(0), false]
    quiet.add(socket)
    socket.on('error', () => undefined).on('close', () => quiet.delete(socket))
    socket.on('end', () => !isTaken && socket.end())
    socket.on('data', (chunk): void => {
      quiet.delete(socket)
      if (isTaken) return
      bytes = Buffer.concat([bytes, chunk])
      const request = requestIn(bytes)
      isTaken = request !== null
      if (request === 'bad') socket.destroy()
      if (request === 'bad' || !request) return
      running++
      const broken: Response = {
        version: '1.1',
        status: 502,
        reason: '',
        headers: [],
        body: new Uint8Array(),
      }
      void cache
        .answer(request)
        .catch(() => broken)
        .then((response) => {
          socket.end(bytesOf(response, request.method))
          if (--running === 0) whenDone()
        })
    })
  })
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      const isOver = () => !server.listening && running === 0
      server.close(() => (isOver() ? resolve() : (whenDone = resolve)))
      for (const socket of quiet) socket.end()
    })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ port: (server.address() as AddressInfo).port, close }))
  })
}

function requestIn(bytes: Buffer): Request | 'bad' | null {
  try {
    const head = parseHead(bytes)
    if (!head) return null
    const { content, whole } = bodyIn(head.headers, bytes.subarray(head.length))
    if (whole === false) return null
    return { ...parseRequestHead(head), body: Uint8Array.from(whole === true ? content : []) }
  } catch {
    return 'bad'
  }
}

function bytesOf({ status, reason, headers, body }: Response, method: string): Buffer {
  const isBare = method === 'HEAD' || status === 204 || status === 304
  const lines = headers
    .filter(([name]) => isBare || !/^content-length$/i.test(name))
    .map((pair) => pair.join(': '))
  if (!isBare) lines.push(`Content-Length: ${body.length}`)
  const head = [`HTTP/1.1 ${status} ${reason}`, ...lines, 'Connection: close', '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head, 'latin1'), isBare ? Buffer.alloc(0) : body])
}
