// A generator that is given bytes and yields when it wants more; pieces kept in lists and joined once; a loop over
// socket.iterator() and promises; codes by rules in tables; extra fields in answers; one write for head and body each.
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { field as valueOf } from '../../../../labs/kit/http.ts'
import type { Handler, Request, Response, RunningServer } from '../../../../labs/kit/http.ts'

type Pair = readonly [string, string]
type Line = { text: string; at: number }
type Field = { name: string; value: string; at: number }
type Message = (Request | Response) & { trailers: Pair[] }
type Start = { method?: string; target?: string; status?: number; reason?: string; version: '1.0' | '1.1' }
type Kind = 'request' | 'response'

const STATUS: Record<string, number> = { URI_TOO_LONG: 414, UNKNOWN_CODING: 501, VERSION_NOT_SPOKEN: 505 }
for (const code of ['HEAD_TOO_LARGE', 'TRAILERS_TOO_LARGE']) STATUS[code] = 431
for (const code of ['BODY_TOO_LARGE', 'EXTENSIONS_TOO_LARGE']) STATUS[code] = 413

export class FramingError extends Error {
  code: string
  status: number
  at: number
  messages: Message[] = []
  missing: number | null = null
  constructor(code: string, status: number, at: number) {
    super(code)
    ;[this.code, this.status, this.at] = [code, status, at]
  }
}

const isToken = (text: string) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)
// Beyond Latin-1 a character may become one when it is written: U+010D loses its upper byte.
// oxlint-disable-next-line no-control-regex -- these are what it is about
const hasControl = (text: string) => /[\x00-\x08\x0a-\x1f\x7f\u0100-\uffff]/.test(text)
const isBlank = (sign: string | undefined) => sign === ' ' || sign === '\t'
function strip(text: string): string {
  let [a, b] = [0, text.length]
  while (a < b && isBlank(text[a])) a++
  while (b > a && isBlank(text[b - 1])) b--
  return text.slice(a, b)
}
const isHost = (text: string) => /^(\[[0-9a-f:.]+\]|[-a-z0-9._~%!$&'()*+,;=]+)(:[0-9]*)?$/i.test(text)

class Reader {
  at = 0
  missing: number | null = null
  out: Message[] = []
  expects = false
  readonly methods: string[] = []
  #over = false
  #piece: Uint8Array = new Uint8Array(0)
  #i = 0
  readonly #run = this.#messages()
  readonly kind: Kind
  readonly maxHead: number
  readonly maxBody: number
  constructor(kind: Kind, { maxHeadBytes = 2 ** 14, maxBodyBytes = 2 ** 20 } = {}) {
    ;[this.kind, this.maxHead, this.maxBody] = [kind, maxHeadBytes, maxBodyBytes]
    this.#run.next()
  }
  feed(piece: Uint8Array): void {
    this.#piece = piece
    this.#i = 0
    this.#run.next()
  }
  finish(): void {
    this.#over = true
    this.#run.next()
  }
  fail(code: string, at: number): never {
    throw new FramingError(code, this.kind === 'response' ? 502 : (STATUS[code] ?? 400), at)
  }

  /** Some bytes of the piece, at most `most` of them; null at the FIN. */
  *#some(most: number): Generator<void, Uint8Array | null, void> {
    while (this.#i === this.#piece.length) {
      if (this.#over) return null
      yield
    }
    return this.#piece.subarray(this.#i, this.#i + most)
  }
  *#need(most: number): Generator<void, Uint8Array, void> {
    return (yield* this.#some(most)) ?? this.fail('TRUNCATED', this.at)
  }
  #used(count: number): void {
    this.#i += count
    this.at += count
  }
  *#line(room: number, full: (at: number) => void): Generator<void, Line, void> {
    const at = this.at
    const parts: Uint8Array[] = []
    let length = 0
    for (;;) {
      const some = yield* this.#need(Infinity)
      const end = some.indexOf(10)
      const part = end < 0 ? some : some.subarray(0, end + 1)
      if (length + part.length > room) full(at + room)
      parts.push(part)
      length += part.length
      this.#used(part.length)
      if (end >= 0) break
    }
    const text = Buffer.concat(parts).toString('latin1')
    if (text.at(-2) !== '\r') this.fail('BARE_LF', at)
    if (text.indexOf('\r') !== text.length - 2) this.fail('BARE_CR', at)
    return { text: text.slice(0, -2), at }
  }
  *#fields(room: number, code: string): Generator<void, Field[], void> {
    const found: Field[] = []
    for (let left = room; ;) {
      const line = yield* this.#line(left, (at) => this.fail(code, at))
      left -= line.text.length + 2
      if (line.text === '') return found
      this.#field(line, found)
    }
  }
  #field({ text, at }: Line, found: Field[]): void {
    const last = found.at(-1)
    if (isBlank(text[0])) {
      if (!last) this.fail('BAD_FIELD_LINE', at)
      if (this.kind === 'request') this.fail('FOLDED_LINE', at)
      if (hasControl(text)) this.fail('BAD_FIELD_VALUE', at)
      const more = strip(text)
      if (more !== '') last.value += (last.value === '' ? '' : ' ') + more
      return
    }
    const colon = text.indexOf(':')
    if (colon < 0) this.fail('BAD_FIELD_LINE', at)
    let name = text.slice(0, colon)
    if (this.kind === 'request' && isBlank(name.at(-1)) && isToken(strip(name)))
      this.fail('SPACE_BEFORE_COLON', at)
    name = strip(name)
    if (!isToken(name)) this.fail('BAD_FIELD_LINE', at)
    const value = text.slice(colon + 1)
    if (hasControl(value)) this.fail('BAD_FIELD_VALUE', at)
    found.push({ name, value: strip(value), at })
  }
  #start({ text, at }: Line): Start {
    const words = text.split(' ')
    const version = this.kind === 'request' ? (words[2] ?? '') : (words[0] ?? '')
    const bad = this.kind === 'request' ? 'BAD_REQUEST_LINE' : 'BAD_STATUS_LINE'
    if (!/^HTTP\/[0-9]\.[0-9]$/.test(version)) this.fail(bad, at)
    const spoken = version === 'HTTP/1.0' ? '1.0' : '1.1'
    if (this.kind === 'response') {
      const [, status = ''] = words
      const reason = text.slice(version.length + 1 + status.length + 1)
      if (!/^[0-9]{3}$/.test(status) || hasControl(reason)) this.fail(bad, at)
      if (version[5] !== '1') this.fail('VERSION_NOT_SPOKEN', at)
      return { status: +status, reason, version: spoken }
    }
    const [method = '', target = ''] = words
    if (words.length !== 3 || !isToken(method) || target === '') this.fail(bad, at)
    if (version[5] !== '1') this.fail('VERSION_NOT_SPOKEN', at)
    if (!this.#isTarget(method, target)) this.fail('BAD_TARGET', at)
    return { method, target, version: spoken }
  }
  #isTarget(method: string, target: string): boolean {
    for (const sign of target) if (sign <= ' ' || sign > '~' || sign === '#') return false
    if (method === 'CONNECT') return isHost(target) && /:[0-9]+$/.test(target) && !target.endsWith(']')
    if (target === '*') return method === 'OPTIONS'
    if (target.startsWith('/')) return true
    const rest = /^https?:\/\//i.exec(target)
    if (!rest) return false
    return isHost(target.slice(rest[0].length).split(/[/?]/)[0] ?? '')
  }
  *#body(length: number, parts: Uint8Array[], exact: boolean): Generator<void, void, void> {
    for (const end = this.at + length; this.at < end;) {
      this.missing = exact ? end - this.at : null
      parts.push(yield* this.#need(end - this.at))
      this.#used(parts.at(-1)?.length ?? 0)
    }
    this.missing = null
  }
  *#rest(parts: Uint8Array[] | null): Generator<void, void, void> {
    const most = this.at + this.maxBody
    for (let some = yield* this.#some(Infinity); some; some = yield* this.#some(Infinity)) {
      if (parts && this.at + some.length > most) this.fail('BODY_TOO_LARGE', most)
      parts?.push(some)
      this.#used(some.length)
    }
  }
  *#chunks(parts: Uint8Array[]): Generator<void, Pair[], void> {
    let extra = this.maxHead
    for (let total = 0; ;) {
      const start = this.at
      const { text, at } = yield* this.#line(extra + 18, () => this.fail('EXTENSIONS_TOO_LARGE', start))
      let i = 0
      while (i < text.length && /[0-9a-fA-F]/.test(text[i] ?? '')) i++
      const rest = text.slice(i)
      if (i < 1 || i > 16 || (rest !== '' && strip(rest)[0] !== ';') || hasControl(rest))
        this.fail('BAD_CHUNK_SIZE', at)
      if ((extra -= rest.length) < 0) this.fail('EXTENSIONS_TOO_LARGE', at)
      const size = Number(`0x${text.slice(0, i)}`)
      if ((total += size) > this.maxBody) this.fail('BODY_TOO_LARGE', at)
      if (size === 0) break
      yield* this.#body(size, parts, false)
      const end = this.at
      for (const wanted of [13, 10]) {
        const some = yield* this.#need(1)
        if (some[0] !== wanted) this.fail('BAD_CHUNK_END', end)
        this.#used(1)
      }
    }
    const trailers = yield* this.#fields(this.maxHead, 'TRAILERS_TOO_LARGE')
    return trailers.map(({ name, value }) => [name, value] as const)
  }
  *#messages(): Generator<void, void, void> {
    for (;;) {
      this.expects = false
      if (!(yield* this.#some(1))) return
      const from = this.at
      const code = this.kind === 'request' ? 'URI_TOO_LONG' : 'HEAD_TOO_LARGE'
      const first = yield* this.#line(this.maxHead, (at) => this.fail(code, at))
      if (first.text === '' && this.kind === 'request') continue
      const start = this.#start(first)
      const fields = yield* this.#fields(from + this.maxHead - this.at, 'HEAD_TOO_LARGE')
      const all = (name: string) => fields.filter((each) => each.name.toLowerCase() === name)
      if (this.kind === 'request') {
        const [host, other] = all('host')
        if (other) this.fail('TWO_HOSTS', other.at)
        if (host && host.value !== '' && !isHost(host.value)) this.fail('BAD_HOST', host.at)
        if (!host && start.version === '1.1') this.fail('NO_HOST', from)
      }
      const parts: Uint8Array[] = []
      let trailers: Pair[] = []
      const emit = () => {
        if (start.status !== undefined && (start.status > 199 || start.status === 101)) this.methods.shift()
        const headers = fields.map(({ name, value }) => [name, value] as const)
        this.out.push({ ...start, headers, body: Buffer.concat(parts), trailers } as unknown as Message)
      }
      const end = this.#endOf(start, all('content-length'), all('transfer-encoding'))
      this.expects =
        start.version === '1.1' && all('expect').some(({ value }) => value.toLowerCase() === '100-continue')
      if (end === 'tunnel') emit()
      if (end === 'tunnel') return yield* this.#rest(null)
      if (end === 'chunks') trailers = yield* this.#chunks(parts)
      else if (end === 'fin') yield* this.#rest(parts)
      else yield* this.#body(end, parts, true)
      emit()
    }
  }
  #endOf(start: Start, lengths: Field[], codings: Field[]): 'tunnel' | 'chunks' | 'fin' | number {
    const asked = this.methods[0] ?? 'GET'
    const status = start.status ?? 0
    if (status === 101 || (asked === 'CONNECT' && String(status).startsWith('2'))) return 'tunnel'
    const isBare = asked === 'HEAD' || status < 200 || [204, 304].includes(status)
    if (start.status !== undefined && isBare) return 0
    const [te, cl, last] = [codings[0], lengths[0], codings.at(-1)]
    if (te && cl) this.fail('BOTH_LENGTHS', te.at > cl.at ? te.at : cl.at)
    if (last) {
      if (start.version === '1.0') this.fail('CODING_IN_HTTP_1_0', last.at)
      const list = codings
        .flatMap(({ value }) => value.split(','))
        .map(strip)
        .filter(Boolean)
      const final = list.pop()?.toLowerCase()
      const name = (coding: string | undefined) => strip(coding?.split(';')[0] ?? '').toLowerCase()
      if (name(final) !== 'chunked') {
        if (this.kind === 'response') return 'fin'
        this.fail('CHUNKED_NOT_LAST', last.at)
      }
      if (final !== 'chunked' || list.some((coding) => name(coding) === 'chunked'))
        this.fail('BAD_CODING', last.at)
      if (list.length > 0 && this.kind === 'request') this.fail('UNKNOWN_CODING', last.at)
      return 'chunks'
    }
    if (!cl) return this.kind === 'request' ? 0 : 'fin'
    const seen = new Set<string>()
    for (const { value, at } of lengths) {
      const members = value.split(',').map(strip)
      if (!members.every((member) => /^[0-9]+$/.test(member))) this.fail('BAD_LENGTH', at)
      for (const member of members) seen.add(member)
      if (seen.size > 1) this.fail('CONFLICTING_LENGTHS', at)
    }
    if (Number([...seen][0]) > this.maxBody) this.fail('BODY_TOO_LARGE', cl.at)
    return Number([...seen][0])
  }
}

export class MessageParser {
  readonly reader: Reader
  #refused: FramingError | null = null
  constructor(kind: Kind, options: { maxHeadBytes?: number; maxBodyBytes?: number }) {
    this.reader = new Reader(kind, options)
  }
  answers = (method: string) => void this.reader.methods.push(method)
  push = (bytes: Uint8Array) => this.#step(() => this.reader.feed(bytes))
  end = () => this.#step(() => this.reader.finish())
  #step(act: () => void): Message[] {
    if (this.#refused) throw this.#refused
    this.reader.out = []
    try {
      act()
      return this.reader.out
    } catch (error) {
      if (!(error instanceof FramingError)) throw error
      this.#refused = new FramingError(error.code, error.status, error.at)
      const missing = error.code === 'TRUNCATED' ? this.reader.missing : null
      throw Object.assign(error, { messages: this.reader.out, missing })
    }
  }
}

export async function serveMessages(handler: Handler): Promise<RunningServer> {
  const stops: Array<() => void> = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    stops.push(converse(socket, handler))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const stop of stops) stop()
    })
  return { port: (server.address() as AddressInfo).port, close }
}

const isLast = ({ version, method, headers }: Request) =>
  version === '1.0' ||
  method === 'CONNECT' ||
  /(^|[, \t])close([, \t]|$)/i.test(valueOf(headers, 'connection') ?? '')

/** Requests and refusals wait in a list; one loop takes them out. */
function converse(socket: Socket, handler: Handler): () => void {
  const parser = new MessageParser('request', {})
  const todo: Array<Request | number> = []
  let [over, busy, told] = [false, false, false]
  const work = async () => {
    if (busy) return
    busy = true
    for (let next = todo.shift(); next !== undefined && !socket.destroyed; next = todo.shift()) {
      if (next === 100) socket.write('HTTP/1.1 100 Go On\r\n\r\n')
      else if (typeof next !== 'number') await answer(socket, handler, next)
      else socket.write(`HTTP/1.1 ${next} No\r\nConnection: Close\r\ncontent-length: 0\r\n\r\n`)
    }
    busy = false
    if (over && !socket.writableEnded) leave(socket)
  }
  const take = (messages: readonly Message[]) => {
    for (const message of messages as Array<Request & Message>) {
      if (over) return
      told = false
      todo.push(message.method === 'CONNECT' ? 501 : message)
      over = isLast(message)
    }
  }
  const read = (act: () => Message[]) => {
    if (over) return
    try {
      take(act())
      if (!over && parser.reader.expects && !told) told = todo.push(100) > 0
    } catch (error) {
      take((error as FramingError).messages)
      if (!over) todo.push((error as FramingError).status)
      over = true
    }
  }
  const stop = () => void ((over = true), work())
  const run = async () => {
    for await (const piece of socket.iterator({ destroyOnReturn: false })) {
      read(() => parser.push(piece as Buffer))
      void work()
    }
    read(() => parser.end())
  }
  void run().then(stop, stop)
  return stop
}

async function answer(socket: Socket, handler: Handler, request: Request): Promise<void> {
  let response: Response = { version: '1.1', status: 500, reason: 'Oh', headers: [], body: Buffer.alloc(0) }
  try {
    const given = await handler(request)
    if (isSound(given)) response = given
  } catch {}
  const { status, reason, headers, body } = response
  const bare = status === 204 || status === 304
  socket.write(`HTTP/1.1 ${status} ${reason}\r\n`, 'latin1')
  for (const [name, value] of headers)
    if (!['content-length', 'transfer-encoding'].includes(name.toLowerCase()))
      socket.write(`${name}: ${value}\r\n`, 'latin1')
  if (isLast(request)) socket.write('connection: close\r\n')
  socket.write(bare ? '\r\n' : `content-length:${body.length}\r\n\r\n`)
  if (!bare && request.method !== 'HEAD') socket.write(body)
}

function leave(socket: Socket): void {
  socket.end(() => {
    if (socket.destroyed) return
    const timer = setTimeout(() => socket.destroy(), 5_000)
    socket.once('close', () => clearTimeout(timer))
  })
}

const isSound = ({ status, reason, headers }: Response) =>
  Number.isInteger(status) &&
  status >= 200 &&
  !hasControl(reason) &&
  headers.every(([name, value]) => isToken(name) && !hasControl(value))
