// Async generators: one connection to the next hop for everybody, on which requests take turns.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { takeChunked } from '../../../../labs/kit/chunked.ts'
import { formatRequest, formatResponse } from '../../../../labs/kit/format.ts'
import { parseHead, parseRequestHead, parseResponseHead, type Head } from '../../../../labs/kit/head.ts'
import { field, type Address, type Headers, type Request, type Response } from '../../../../labs/kit/http.ts'

function* members(headers: Headers): Generator<string> {
  for (const [name, value] of headers) if (name.toLowerCase() === 'connection') yield* value.split(',')
}

export function connectionOptions(headers: Headers): string[] {
  const options = new Set<string>()
  for (const member of members(headers)) options.add(member.trim().toLowerCase())
  options.delete('')
  return Array.from(options)
}

const NEVER = [
  'Connection',
  'Keep-Alive',
  'Proxy-Connection',
  'TE',
  'Transfer-Encoding',
  'Upgrade',
  'Proxy-Authenticate',
]

export function fieldsToRemove(headers: Headers): string[] {
  const names = new Set(connectionOptions(headers))
  for (const own of ['via', 'host', 'content-length', 'max-forwards']) names.delete(own)
  for (const name of NEVER) names.add(name.toLowerCase())
  if (headers.some(([name]) => /^transfer-encoding$/i.test(name))) names.add('content-length')
  return [...names]
}

export function forward<M extends Request | Response>(
  message: M,
  { name: own, received }: { name: string; received: '1.0' | '1.1' },
): M {
  const removed = new Set(fieldsToRemove(message.headers))
  const isCounted = isLimited(message)
  const headers = message.headers.flatMap(([name, value]) => {
    const lower = name.toLowerCase()
    if (removed.has(lower)) return []
    return [[name, isCounted && lower === 'max-forwards' ? fewer(value) : value] as const]
  })
  return { ...message, version: '1.1' as const, headers: headers.concat([['Via', `${received} ${own}`]]) }
}

function isLimited(message: Request | Response): boolean {
  return 'method' in message && (message.method === 'TRACE' || message.method === 'OPTIONS')
}

const fewer = (value: string): string =>
  /^\d+$/.test(value) ? String(Math.min(Number(value) - 1, 2 ** 53 - 1)) : value

export function persists({
  request,
  response,
  role,
}: {
  request: Request
  response: Response
  role: 'client' | 'server' | 'proxy'
}): boolean {
  const [asks, answers] = [connectionOptions(request.headers), connectionOptions(response.headers)]
  if ([...asks, ...answers].includes('close')) return false
  const { version } = role === 'client' ? response : request
  const agreed = asks.includes('keep-alive') && answers.includes('keep-alive')
  return version === '1.1' || (agreed && role !== 'proxy')
}

// --- streams ---

type Cut = readonly [head: Head, body: Uint8Array, behind: number]

/** Messages of one stream, in order; throws at what is none, and where the stream ends within one. */
async function* messagesOf(
  socket: Socket,
  withoutLength: 'nothing' | 'to the end',
  waits: (forTheFirstByte: boolean) => void = () => undefined,
): AsyncGenerator<Cut> {
  let bytes = Buffer.alloc(0)
  let ended = false
  socket.once('end', () => (ended = true))
  for (;;) {
    const head = parseHead(bytes)
    const size = head && sizeOf(head, bytes.subarray(head.length), withoutLength === 'nothing' ? 0 : null)
    if (head && size === 'to the end' && ended) return yield [head, bytes.subarray(head.length), 0]
    if (head && size && size !== 'to the end') {
      bytes = bytes.subarray(head.length + size.length)
      yield [head, size.body, bytes.length]
      continue
    }
    if (ended || socket.errored || socket.destroyed) break
    waits(bytes.length === 0)
    const chunk = await nextOf(socket)
    waits(false)
    if (chunk) bytes = Buffer.concat([bytes, chunk])
  }
  if (bytes.length > 0 || socket.errored) throw new Error('cut off')
}

/** Whatever comes next: bytes, or null for an end. */
function nextOf(socket: Socket): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const done = (chunk: Buffer | null): void => {
      socket.pause()
      for (const off of ['end', 'close'] as const) socket.off(off, end)
      socket.off('data', done)
      resolve(chunk)
    }
    const end = (): void => done(null)
    socket.once('data', done).once('end', end).once('close', end)
    socket.resume()
  })
}

function sizeOf({ headers }: Head, rest: Buffer, otherwise: 0 | null) {
  const [length, coding] = [field(headers, 'content-length'), field(headers, 'transfer-encoding')]
  if (length !== null && coding !== null) throw new Error('two lengths')
  if (coding !== null && !/^chunked$/i.test(coding)) throw new Error('what coding?')
  if (coding !== null) return takeChunked(rest)
  if (length === null && otherwise === null) return 'to the end'
  if (!/^\d+$/.test(length ?? '0')) throw new Error('no length')
  const size = Number(length ?? 0)
  return rest.length < size ? null : { body: rest.subarray(0, size), length: size }
}

// --- the hop ---

/** The one connection to the next hop, and the turns on it. */
class Turns {
  readonly #next: Address
  #last: Promise<unknown> = Promise.resolve()
  #line: { socket: Socket; answers: AsyncGenerator<Cut> } | null = null
  readonly sockets = new Set<Socket>()

  constructor(next: Address) {
    this.#next = next
  }

  async exchange(request: Request): Promise<Response> {
    const before = this.#last
    const { promise, resolve } = withResolvers()
    this.#last = promise
    await before
    try {
      return await this.#exchange(request)
    } finally {
      resolve()
    }
  }

  async #exchange(request: Request): Promise<Response> {
    if (this.#line && (this.#line.socket.readableEnded || this.#line.socket.destroyed)) this.end()
    this.#line ??= this.#open()
    const { socket, answers } = this.#line
    socket.off('data', this.#unasked).write(formatRequest(request))
    try {
      const { value } = await answers.next()
      if (!value) throw new Error('no answer')
      const response = { ...parseResponseHead(value[0]), body: value[1] }
      // What stands behind an answer is the answer to nothing.
      if (value[2] > 0 || !persists({ request, response, role: 'client' })) this.end()
      // Between two requests the stream flows, so that an end is seen.
      else socket.once('data', this.#unasked).resume()
      return response
    } catch (error) {
      this.end()
      throw error
    }
  }

  readonly #unasked = (): void => this.end()

  end(): void {
    this.#line?.socket.resume().end()
    this.#line = null
  }

  #open() {
    const socket = connect(this.#next)
    socket.on('error', () => undefined)
    this.sockets.add(socket)
    socket.once('close', () => this.sockets.delete(socket))
    return { socket, answers: messagesOf(socket, 'to the end') }
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined
  const promise = new Promise<void>((settle) => (resolve = settle))
  return { promise, resolve }
}

const own = (status: number, reason: string, headers: Headers, body: string | Buffer): Response => {
  return { version: '1.1', status, reason, headers, body: Buffer.from(body as string) }
}

export async function startHop(next: Address, { name }: { name: string }) {
  const turns = new Turns(next)
  let closing = false
  const idle = new Set<Socket>()

  async function answerTo(request: Request): Promise<Response> {
    if (isLimited(request) && field(request.headers, 'max-forwards') === '0') {
      if (request.method === 'OPTIONS') return own(200, 'Fine', [['Allow', 'OPTIONS, TRACE']], '')
      const secrets = ['cookie', 'authorization', 'proxy-authorization']
      const headers = request.headers.filter((line) => !secrets.includes(line[0].toLowerCase()))
      return own(200, 'OK', [['Content-Type', 'Message/HTTP']], formatRequest({ ...request, headers }))
    }
    const onward = forward(request, { name, received: request.version })
    const host = field(onward.headers, 'host') === null ? [['Host', next.host] as const] : []
    try {
      const response = await turns.exchange({ ...onward, headers: [...onward.headers, ...host] })
      return forward(response, { name, received: response.version })
    } catch (error) {
      return own(502, 'Bad Gateway', [], String(error))
    }
  }

  async function serve(client: Socket): Promise<void> {
    client.on('error', () => undefined)
    const mark = (isIdle: boolean): void => void (isIdle ? idle.add(client) : idle.delete(client))
    try {
      for await (const [head, body] of messagesOf(client, 'nothing', mark)) {
        if (!client.writable) break
        const request = { ...parseRequestHead(head), body }
        const answer = await answerTo(request)
        const stays = persists({ request, response: answer, role: 'proxy' }) && !closing
        const headers = stays ? answer.headers : [...answer.headers, ['Connection', 'close'] as const]
        client.write(formatResponse({ ...answer, headers }))
        if (!stays) break
      }
    } catch {
      if (client.writable)
        client.write(formatResponse(own(400, 'Bad Request', [['Connection', 'close']], '')))
    }
    idle.delete(client)
    client.resume().end()
  }

  const server = createServer({ allowHalfOpen: true }, (client) => void serve(client))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      closing = true
      const closed = once(server, 'close')
      server.close()
      for (const client of idle) client.end()
      await closed
      turns.end()
      await Promise.all([...turns.sockets].map((socket) => new Promise((gone) => socket.once('close', gone))))
    },
  }
}
