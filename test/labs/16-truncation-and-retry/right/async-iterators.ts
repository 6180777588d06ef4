// Async iterators and maps: answers leave in chunks, what fails is 504, and a date stands beside each tag.
/* oxlint-disable max-lines -- a client and a cache, as one file is handed in */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Address, Headers, Request, Response, RunningServer } from '../../../../labs/kit/http.ts'
import { parseHead, parseRequestHead, parseResponseHead } from '../../../../labs/kit/head.ts'

export class TruncatedError extends Error {
  override name = 'TruncatedError'
  code = 'ETRUNCATED' as const
  received: number
  expected: number | null
  partial: Response
  constructor(partial: Response, expected: number | null) {
    super('truncated')
    this.received = partial.body.length
    this.expected = expected
    this.partial = partial
  }
}

const get = (headers: Headers, name: string): string | undefined => {
  const found = headers.filter(([given]) => given.toLowerCase() === name)
  return found.length > 0 ? found.map(([, value]) => value).join(', ') : undefined
}

class Flaw extends Error {}

/** Content so far, and whether that is all of it. */
function dechunk(bytes: Buffer): { content: Buffer; done: boolean } {
  const parts: Buffer[] = []
  let at = 0
  for (;;) {
    const eol = bytes.indexOf('\r\n', at)
    if (eol < 0) return { content: Buffer.concat(parts), done: false }
    const text = bytes.toString('latin1', at, eol).split(';')[0]?.trim() ?? ''
    if (!/^[\da-f]+$/i.test(text)) throw new Flaw('chunk size')
    const size = Number.parseInt(text, 16)
    if (size === 0) {
      const done = bytes.indexOf('\r\n\r\n', eol) >= 0
      return { content: Buffer.concat(parts), done }
    }
    parts.push(bytes.subarray(eol + 2, eol + 2 + size))
    at = eol + 2 + size + 2
    if (at > bytes.length) return { content: Buffer.concat(parts), done: false }
  }
}

interface Reading {
  content: Buffer
  done: boolean
  length: number | null
  toFin: boolean
}

function readContent(headers: Headers, bytes: Buffer): Reading {
  const coding = get(headers, 'transfer-encoding')
  const length = get(headers, 'content-length')
  if (length !== undefined && (coding !== undefined || !/^\d+$/.test(length))) throw new Flaw('length')
  if (coding !== undefined) {
    if (!/^chunked$/i.test(coding)) throw new Flaw('coding')
    return { ...dechunk(bytes), length: null, toFin: false }
  }
  if (length === undefined) return { content: bytes, done: false, length: null, toFin: true }
  const content = bytes.subarray(0, Number(length))
  return { content, done: content.length === Number(length), length: Number(length), toFin: false }
}

interface Outcome {
  response?: Response
  expected: number | null
  whole: boolean
  final: boolean
  error: unknown
}

async function exchange(to: Address, request: Request): Promise<Outcome> {
  const socket = connect(to.port, to.host)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  const outcome: Outcome = { expected: null, whole: false, final: false, error: null }
  try {
    await once(socket, 'connect')
  } catch (error) {
    return { ...outcome, final: true, error }
  }
  socket.write(bytesOf(`${request.method} ${request.target} HTTP/1.1`, request.headers, request.body))
  let bytes = Buffer.alloc(0)
  const look = (fin: boolean): boolean => {
    for (;;) {
      const head = parseHead(bytes)
      if (!head) return false
      const start = parseResponseHead(head)
      const rest = bytes.subarray(head.length)
      if (start.status < 200) {
        bytes = rest
        continue
      }
      const isBare = request.method === 'HEAD' || [204, 304].includes(start.status)
      const read = isBare
        ? { content: Buffer.alloc(0), done: true, length: null, toFin: false }
        : readContent(head.headers, rest)
      outcome.response = { ...start, body: new Uint8Array(read.content) }
      outcome.expected = read.length
      outcome.whole = read.done || (read.toFin && fin)
      return outcome.whole
    }
  }
  try {
    let isDone = false
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      bytes = Buffer.concat([bytes, chunk])
      isDone = look(false)
      if (isDone) break
    }
    if (!isDone) look(true)
  } catch (error) {
    outcome.error = error
    outcome.final = error instanceof Flaw || (error as { code?: string }).code?.startsWith('BAD_') === true
  }
  socket.destroy()
  await closed
  return outcome
}

function bytesOf(startLine: string, headers: Headers, body: Uint8Array): Buffer {
  const hasLength = get(headers, 'content-length') !== undefined
  const length: Headers = body.length > 0 && !hasLength ? [['content-length', `${body.length}`]] : []
  const lines = [...headers, ...length].map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`${startLine}\r\n${lines.join('')}\r\n`, 'latin1'), body])
}

const isConditional = (headers: Headers) => headers.some(([name]) => /^(range$|if-)/i.test(name))
const strong = (headers: Headers): string | null => {
  const tag = get(headers, 'etag')
  return tag !== undefined && tag.startsWith('"') ? tag : null
}

interface Piece {
  response: Response
  expected: number | null
  grows: boolean
}

function grown(piece: Piece, next: Response, length: number | null): Piece | null {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(get(next.headers, 'content-range') ?? '')
  if (next.status !== 206 || !match || strong(next.headers) !== strong(piece.response.headers)) return null
  const [from, to] = [Number(match[1]), Number(match[2])]
  const total = match[3] === '*' ? piece.expected : Number(match[3])
  const have = piece.response.body.length
  if (total === null || (piece.expected !== null && piece.expected !== total)) return null
  if (from !== have || to < from || to >= total || next.body.length > to - from + 1) return null
  if (length !== null && length !== to - from + 1) return null
  const body = new Uint8Array([...piece.response.body, ...next.body])
  return { response: { ...piece.response, body }, expected: total, grows: true }
}

type Options = { retries?: number; mayRepeat?(request: Request): Promise<boolean> }

async function fetchFrom(
  to: Address,
  request: Request,
  { retries = 1, mayRepeat }: Options,
): Promise<Response> {
  let piece = null as Piece | null
  let mayGo = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'].includes(request.method)
  let error: unknown = null
  for (let attempt = 0; attempt <= retries; attempt++) {
    if (attempt > 0 && !mayGo) {
      mayGo = mayRepeat !== undefined && (await mayRepeat(request).catch(() => false)) === true
      if (!mayGo) break
    }
    const range: Headers = piece?.grows
      ? [
          ['range', `bytes=${piece.response.body.length}-`],
          ['if-range', strong(piece.response.headers) ?? ''],
        ]
      : []
    const headers: Headers = [...request.headers, ...range, ['connection', 'close']]
    const { response, expected, whole, final, error: why } = await exchange(to, { ...request, headers })
    error = why ?? Object.assign(new Error('no answer'), { code: 'ECONNRESET' })
    if (final) break
    if (!response) continue
    if (piece && range.length > 0 && (response.status === 206 || response.status === 416)) {
      const both = grown(piece, response, expected)
      if (both && both.response.body.length === both.expected) return both.response
      piece = both ?? { ...piece, grows: false }
      continue
    }
    if (whole) return response
    const grows = request.method === 'GET' && !isConditional(request.headers) && response.status === 200
    piece = {
      response,
      expected,
      grows: grows && response.body.length > 0 && strong(response.headers) !== null,
    }
  }
  throw piece ? new TruncatedError(piece.response, piece.expected) : error
}

export async function fetchWhole(
  port: number,
  given: Partial<Request>,
  options: Options = {},
): Promise<Response> {
  const headers: Array<readonly [string, string]> = [...(given.headers ?? [])]
  if (get(headers, 'host') === undefined) headers.unshift(['host', `127.0.0.1:${port}`])
  const { method = 'GET', target = '/', body = new Uint8Array() } = given
  return fetchFrom({ host: '127.0.0.1', port }, { method, target, version: '1.1', headers, body }, options)
}

// --- the cache ---

interface Stored {
  response: Response
  request: Request
  vary: string[]
  age: number
  cameAt: number
  lifetime: number
  ask: boolean
}

function control(headers: Headers): Map<string, string> {
  const found = new Map<string, string>()
  for (const part of (get(headers, 'cache-control') ?? '').match(/(?:[^,"]|"[^"]*")+/g) ?? []) {
    const at = part.indexOf('=')
    const name = (at < 0 ? part : part.slice(0, at)).trim().toLowerCase()
    found.set(
      name,
      at < 0
        ? ''
        : part
            .slice(at + 1)
            .trim()
            .replaceAll('"', ''),
    )
  }
  return found
}

const dateIn = (text: string | undefined): number | null =>
  text !== undefined && /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} .* GMT$/.test(text)
    ? Date.parse(text)
    : null
const seconds = (text: string | undefined): number => (/^\d+$/.test(text ?? '') ? Number(text) * 1000 : 0)

export async function startCache(
  origin: Address,
  { now, maxBytes }: { now(): number; maxBytes: number },
): Promise<RunningServer> {
  /** In the order of their last use. */
  const stored = new Set<Stored>()
  const leaders = new Map<string, { done: Promise<Response>; tainted: boolean }>()
  const fetching = new Set<{ key: string; tainted: boolean; promise?: Promise<Response> }>()
  const keyOf = ({ headers, target }: Request) => `${(get(headers, 'host') ?? '').toLowerCase()}|${target}`

  const find = (request: Request): Stored | undefined =>
    [...stored]
      .reverse()
      .find(
        (one) =>
          keyOf(one.request) === keyOf(request) &&
          one.vary.every((name) => get(one.request.headers, name) === get(request.headers, name)),
      )

  const ready = (request: Request): Response | null => {
    const one = find(request)
    const wish = control(request.headers)
    if (!one || one.ask || wish.has('no-cache')) return null
    const age = one.age + (now() - one.cameAt)
    if (age >= one.lifetime || (wish.has('max-age') && age > seconds(wish.get('max-age')))) return null
    stored.delete(one)
    stored.add(one)
    return { ...one.response, headers: [...one.response.headers, ['age', `${Math.floor(age / 1000)}`]] }
  }

  const store = (one: Stored): void => {
    const older = find(one.request)
    if (older) stored.delete(older)
    const size = one.response.body.length
    if (size > maxBytes) return
    const used = () => [...stored].reduce((sum, { response }) => sum + response.body.length, 0)
    for (const old of stored) if (used() + size > maxBytes) stored.delete(old)
    stored.add(one)
  }

  const candidate = (request: Request, response: Response, askedAt: number): Stored | null => {
    const { headers, status } = response
    const [said, cameAt] = [control(headers), now()]
    const vary = (get(headers, 'vary') ?? '')
      .split(',')
      .map((name) => name.trim().toLowerCase())
      .filter(Boolean)
    if (status === 206 || status === 304 || said.has('no-store') || said.has('private') || vary.includes('*'))
      return null
    if (control(request.headers).has('no-store')) return null
    const isShared = said.has('public') || said.has('s-maxage') || said.has('must-revalidate')
    if (get(request.headers, 'authorization') !== undefined && !isShared) return null
    const [given, expires] = [said.get('s-maxage') ?? said.get('max-age'), get(headers, 'expires')]
    const date = dateIn(get(headers, 'date')) ?? cameAt
    const lifetime =
      given !== undefined ? seconds(given) : expires !== undefined ? (dateIn(expires) ?? date) - date : null
    const isTagged = get(headers, 'etag') !== undefined || get(headers, 'last-modified') !== undefined
    if (lifetime === null && !(status === 200 && isTagged)) return null
    const age = Math.max(0, cameAt - date, seconds(get(headers, 'age')) + cameAt - askedAt)
    const kept = headers.filter(([name]) => name.toLowerCase() !== 'age')
    if (!isTagged && (lifetime ?? 0) <= age) return null
    return {
      request,
      vary,
      age,
      cameAt,
      lifetime: lifetime ?? 0,
      ask: said.has('no-cache'),
      response: { ...response, headers: kept },
    }
  }

  const forward = async (request: Request): Promise<Response> => {
    const response = await fetchFrom(origin, hop(request), {})
    const passed = hop(response)
    if (get(passed.headers, 'date') !== undefined) return passed
    return { ...passed, headers: [...passed.headers, ['date', new Date(now()).toUTCString()]] }
  }

  const ask = async (request: Request): Promise<Response> => {
    const fetch = { key: keyOf(request), tainted: false }
    fetching.add(fetch)
    const one = find(request)
    const [tag, modified] = one
      ? [get(one.response.headers, 'etag'), get(one.response.headers, 'last-modified')]
      : []
    const conditions: Headers = [
      ...(tag === undefined ? [] : [['if-none-match', tag] as const]),
      ...(modified === undefined ? [] : [['if-modified-since', modified] as const]),
    ]
    const askedAt = now()
    try {
      let response = await forward({ ...request, headers: [...request.headers, ...conditions] })
      if (one && response.status === 304) {
        const news = response.headers.filter(([name]) => !/^(content-length|via)$/i.test(name))
        const named = new Set(news.map(([name]) => name.toLowerCase()))
        const headers = [...one.response.headers.filter(([name]) => !named.has(name.toLowerCase())), ...news]
        response = { ...one.response, headers }
      }
      if (one) stored.delete(one)
      const next = fetch.tainted ? null : candidate(request, response, askedAt)
      if (next) store(next)
      return response
    } finally {
      fetching.delete(fetch)
    }
  }

  const answer = async (request: Request): Promise<Response> => {
    const key = keyOf(request)
    if (request.method !== 'GET' || isConditional(request.headers)) {
      const response = await forward(request)
      const isSafe = ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(request.method)
      if (isSafe || response.status >= 400) return response
      for (const one of stored) if (keyOf(one.request) === key) stored.delete(one)
      for (const fetch of fetching) if (fetch.key === key) fetch.tainted = true
      leaders.delete(key)
      return response
    }
    const hit = ready(request)
    if (hit) return hit
    const leader = leaders.get(key)
    if (leader && !control(request.headers).has('no-cache')) {
      await leader.done
      return ready(request) ?? ask(request)
    }
    const mine = { done: ask(request), tainted: false }
    leaders.set(key, mine)
    try {
      return await mine.done
    } finally {
      if (leaders.get(key) === mine) leaders.delete(key)
    }
  }

  const work = new Set<Promise<void>>()
  const idle = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    idle.add(socket)
    socket.on('error', () => undefined).once('data', () => idle.delete(socket))
    const job = serve(socket, answer).finally(() => work.delete(job))
    work.add(job)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const gone = new Promise((resolve) => server.close(resolve))
      for (const socket of idle) socket.end()
      await gone
      await Promise.all(work)
    },
  }
}

async function serve(socket: Socket, answer: (request: Request) => Promise<Response>): Promise<void> {
  let request: Request | null = null
  let bytes = Buffer.alloc(0)
  try {
    for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes = Buffer.concat([bytes, chunk])
      const head = parseHead(bytes)
      if (!head) continue
      const start = parseRequestHead(head)
      const { content, done, toFin } = readContent(head.headers, bytes.subarray(head.length))
      if (!done && !toFin) continue
      request = { ...start, body: new Uint8Array(toFin ? [] : content) }
      break
    }
  } catch {
    socket.end('HTTP/1.1 400 Bad\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
  }
  socket.resume()
  if (!request) return void socket.end()
  const failed: Response = {
    version: '1.1',
    status: 504,
    reason: 'Gateway',
    headers: [],
    body: new Uint8Array(),
  }
  const { status, reason, headers, body } = await answer(request).catch(() => failed)
  const isBare = request.method === 'HEAD' || status === 204 || status === 304
  const framing: Headers = isBare ? [] : [['transfer-encoding', 'chunked']]
  const own: Headers = [...headers.filter(([name]) => isBare || !/^content-length$/i.test(name)), ...framing]
  const head = bytesOf(`HTTP/1.1 ${status} ${reason}`, [...own, ['connection', 'Close']], new Uint8Array())
  const chunk =
    body.length > 0 ? [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')] : []
  socket.end(Buffer.concat(isBare ? [head] : [head, ...chunk, Buffer.from('0\r\n\r\n')]))
}

function hop<M extends Request | Response>(message: M): M {
  const named = (get(message.headers, 'connection') ?? '').toLowerCase().split(/[\s,]+/)
  const ends = /^(connection|keep-alive|proxy-connection|te|transfer-encoding|upgrade|proxy-authenticate)$/i
  const mine = message.headers.filter(([name]) => !ends.test(name) && !named.includes(name.toLowerCase()))
  return { ...message, version: '1.1', headers: [...mine, ['via', `${message.version} right`]] }
}
