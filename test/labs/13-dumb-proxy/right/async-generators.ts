// RIGHT: pull style. Async iterators over sockets, bodies are streamed (never whole), one origin connection behind a lock, Connection/Keep-Alive of its own.
import { once } from 'node:events'
import net, { type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { parseHead, parseRequestHead, parseResponseHead, type Head } from '../../../../labs/kit/head.ts'
import { field, type Address, type Headers, type RunningServer } from '../../../../labs/kit/http.ts'

const CRLF = '\r\n'

class Source {
  buffered: Buffer = Buffer.alloc(0)
  over = false
  broken = false
  readonly #chunks: AsyncIterator<Buffer>
  #asking: Promise<boolean> | null = null
  constructor(socket: Socket) {
    this.#chunks = socket.iterator({ destroyOnReturn: false })
  }
  more(): Promise<boolean> {
    this.#asking ??= this.#ask().finally(() => (this.#asking = null))
    return this.#asking
  }
  async #ask(): Promise<boolean> {
    if (this.over) return false
    try {
      const { done, value } = await this.#chunks.next()
      if (done) return !(this.over = true)
      this.buffered = Buffer.concat([this.buffered, value])
      return true
    } catch {
      this.broken = this.over = true
      return false
    }
  }
  async head(): Promise<Head | null> {
    do {
      const head = parseHead(this.buffered)
      if (head) {
        this.buffered = this.buffered.subarray(head.length)
        return head
      }
    } while (await this.more())
    return null
  }
  take(most: number): Buffer {
    const taken = this.buffered.subarray(0, most)
    this.buffered = this.buffered.subarray(taken.length)
    return taken
  }
  async line(): Promise<string> {
    for (;;) {
      const end = this.buffered.indexOf(CRLF)
      if (end >= 0) return this.take(end + 2).toString('latin1', 0, end)
      if (!(await this.more())) throw new Error('cut off')
    }
  }
  async *exactly(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0;) {
      if (this.buffered.length === 0 && !(await this.more())) throw new Error('cut off')
      const piece = this.take(left)
      left -= piece.length
      if (piece.length > 0) yield piece
    }
  }
  async *chunks(): AsyncGenerator<Buffer> {
    for (;;) {
      const size = parseInt(await this.line(), 16)
      if (Number.isNaN(size)) throw new Error('no chunk')
      if (size === 0) break
      yield* this.exactly(size)
      await this.line()
    }
    while ((await this.line()) !== '') continue
  }
  async *rest(): AsyncGenerator<Buffer> {
    do {
      if (this.buffered.length > 0) yield this.take(this.buffered.length)
    } while (await this.more())
    if (this.broken) throw new Error('reset')
  }
  body(head: Head, isAnswer: boolean): AsyncGenerator<Buffer> {
    if (/chunked/i.test(field(head.headers, 'transfer-encoding') ?? '')) return this.chunks()
    const length = field(head.headers, 'content-length')
    if (length !== null) return this.exactly(Number(length))
    return isAnswer ? this.rest() : this.exactly(0)
  }
}

async function put(socket: Socket, data: string | Uint8Array): Promise<void> {
  if (socket.destroyed) return
  if (!socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data)) {
    await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => undefined)
  }
}

async function putBody(socket: Socket, body: AsyncIterable<Buffer>, inChunks: boolean): Promise<void> {
  for await (const piece of body) {
    if (inChunks) await put(socket, piece.length.toString(16).toUpperCase() + CRLF)
    await put(socket, piece)
    if (inChunks) await put(socket, CRLF)
  }
  if (inChunks) await put(socket, '0' + CRLF + CRLF)
}

const GONE = /^(connection|proxy-connection|keep-alive|te|transfer-encoding|upgrade)$/i

function passOn(headers: Headers, version: string): string[] {
  const named = (field(headers, 'connection') ?? '').split(',').map((one) => one.trim().toLowerCase())
  const lines = headers.filter(([name]) => !GONE.test(name) && !named.includes(name.toLowerCase()))
  return [...lines.map(([name, value]) => `${name}: ${value}`), `via: ${version} a`]
}

const says = (headers: Headers, option: string): boolean =>
  (field(headers, 'connection') ?? '').split(',').some((one) => one.trim().toLowerCase() === option)

async function listen(accept: (socket: Socket) => void): Promise<net.Server> {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, accept).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}
const portOf = (server: net.Server): number => (server.address() as net.AddressInfo).port

export async function startSmartProxy(next: Address): Promise<RunningServer> {
  let upstream: { socket: Socket; source: Source } | null = null
  const upstreams = new Set<Promise<unknown>>()
  const clients = new Map<Socket, { source: Source; busy: boolean }>()
  let closing = false
  let queue: Promise<unknown> = Promise.resolve()

  const reach = (): { socket: Socket; source: Source } => {
    const socket = net.connect({ ...next, noDelay: true })
    socket.on('error', () => undefined)
    const gone = new Promise((resolve) => socket.once('close', resolve))
    upstreams.add(gone)
    void gone.then(() => upstreams.delete(gone))
    return { socket, source: new Source(socket) }
  }
  const drop = (): void => {
    upstream?.socket.end()
    upstream?.socket.resume()
    upstream = null
  }
  /** While it is idle we look for its FIN. */
  const watch = (mine: { socket: Socket; source: Source }): void => {
    void mine.source.more().then((came) => {
      if (!came && upstream === mine) drop()
    })
  }
  async function answer(client: Socket, source: Source, head: Head): Promise<boolean> {
    const { method, target, version, headers } = parseRequestHead(head)
    const keep = version === '1.1' && !says(headers, 'close')
    const mine = (upstream ??= reach())
    const inChunks = field(headers, 'transfer-encoding') !== null
    const lines = [`${method} ${target} HTTP/1.1`, ...passOn(headers, version)]
    if (inChunks) lines.push('Transfer-Encoding: chunked')
    await put(mine.socket, lines.join(CRLF) + CRLF + CRLF)
    await putBody(mine.socket, source.body(head, false), inChunks)
    const back = await mine.source.head()
    if (!back) {
      drop()
      await put(
        client,
        `HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n${keep ? '' : 'Connection: close\r\n'}\r\n`,
      )
      return keep
    }
    const response = parseResponseHead(back)
    const length = field(response.headers, 'content-length')
    const toChunks = length === null && version === '1.1'
    const stays = keep && !closing
    const out = [
      `HTTP/1.1 ${response.status} ${response.reason}`,
      ...passOn(response.headers, response.version),
    ]
    if (toChunks) out.push('Transfer-Encoding: chunked')
    out.push(
      stays ? 'Keep-Alive: timeout=60' : 'Connection: close',
      ...(stays ? ['Connection: Keep-Alive'] : []),
    )
    await put(client, out.join(CRLF) + CRLF + CRLF)
    try {
      await putBody(client, mine.source.body(back, true), toChunks)
    } catch {
      client.destroy()
      drop()
      return false
    }
    if (response.version === '1.0' || says(response.headers, 'close') || mine.source.over) drop()
    else watch(mine)
    return stays
  }
  const server = await listen(async (client) => {
    const source = new Source(client)
    const state = { source, busy: false }
    clients.set(client, state)
    client.on('error', () => undefined)
    client.once('close', () => clients.delete(client))
    try {
      for (let keep = true; keep; state.busy = false) {
        const head = await source.head()
        if (!head) break
        state.busy = true
        const before = queue
        const mine = before.then(() => answer(client, source, head))
        queue = mine.catch(() => undefined)
        keep = await mine
        if (closing) break
      }
    } catch {
      client.destroy()
    }
    client.end()
    client.resume()
  })
  return {
    port: portOf(server),
    async close() {
      closing = true
      const closed = once(server, 'close')
      server.close()
      for (const [client, { busy, source }] of clients)
        if (!busy && source.buffered.length === 0) client.end()
      await closed
      drop()
      while (upstreams.size > 0) await Promise.all(upstreams)
      await turn()
    },
  }
}

export async function startDumbProxy(
  next: Address,
  options: { after?: 'wait-for-origin' | 'close' } = {},
): Promise<RunningServer> {
  const quiet = new Set<Socket>()
  const relay = async (client: Socket): Promise<void> => {
    const source = new Source(client)
    if (!(await source.more())) return void client.end()
    quiet.delete(client)
    let size: number
    for (;;) {
      const head = parseHead(source.buffered)
      size = head ? head.length + Number(field(head.headers, 'content-length') ?? 0) : Infinity
      if (source.buffered.length >= size) break
      if (!(await source.more())) return void client.end()
    }
    const origin = net.connect({ ...next, allowHalfOpen: true })
    origin.on('error', () => client.destroy())
    client.once('close', () => origin.destroy())
    origin.write(source.take(size))
    void (async () => {
      while (await source.more()) source.buffered = Buffer.alloc(0)
    })()
    let seen: Buffer = Buffer.alloc(0)
    let whole = false
    for await (const chunk of origin.iterator({ destroyOnReturn: false })) {
      await put(client, chunk)
      if (options.after !== 'close') continue
      seen = Buffer.concat([seen, chunk])
      const head = parseHead(seen)
      whole =
        head !== null &&
        seen.length >= head.length + Number(field(head.headers, 'content-length') ?? Infinity)
      if (whole) break
    }
    client.end()
    origin.end()
    origin.resume()
  }
  const server = await listen((client) => {
    quiet.add(client)
    client.on('error', () => undefined)
    client.once('close', () => quiet.delete(client))
    relay(client).catch(() => client.destroy())
  })
  return {
    port: portOf(server),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const client of quiet) client.end()
      }),
  }
}

export interface Hop {
  readonly from: string
  readonly to: string
  readonly kind: 'request' | 'response' | 'close' | 'silence'
  readonly head?: string
}

/** Backwards: for each ordered pair, look at what is last. */
export function explainHang(hops: readonly Hop[]): { culprit: string; header: string } | null {
  const names = [...new Set(hops.flatMap(({ from, to }) => [from, to]))]
  const between = (a: string, b: string): Hop[] =>
    hops.filter(({ from, to }) => (from === a && to === b) || (from === b && to === a))
  const owes = (a: string, b: string): boolean => {
    let due = 0
    for (const { from, kind } of between(a, b)) {
      if (kind === 'close') due = 0
      if (kind === 'request' && from === b) due++
      if (kind === 'response' && from === a && due > 0) due--
    }
    return due > 0
  }
  /** Worth something only if nothing but silences follows between the two. */
  const isSilent = (a: string, b: string): boolean => {
    const all = between(a, b)
    const lastEvent = all.map(({ kind }) => kind !== 'silence').lastIndexOf(true)
    return all.slice(lastEvent + 1).some(({ from }) => from === a)
  }
  for (const culprit of names) {
    if (!names.some((other) => owes(culprit, other) && isSilent(culprit, other))) continue
    if (names.some((other) => owes(other, culprit))) continue
    const heads = (test: (hop: Hop) => boolean): string[] =>
      hops.filter((hop) => hop.kind === 'request' && test(hop)).map(({ head = '' }) => head)
    const received = heads(({ to }) => to === culprit)
    const sent = heads(({ from }) => from === culprit)
    for (const header of ['Proxy-Connection', 'Connection']) {
      const asks = (head: string): boolean =>
        head
          .split(/\r?\n/)
          .slice(1)
          .filter((line) => line.slice(0, line.indexOf(':')).trim().toLowerCase() === header.toLowerCase())
          .some((line) =>
            line
              .slice(line.indexOf(':') + 1)
              .split(',')
              .some((o) => o.trim().toLowerCase() === 'keep-alive'),
          )
      if (received.some(asks) && sent.some(asks)) return { culprit, header }
    }
    const is11 = (head: string): boolean => /^\S+ \S+ HTTP\/1\.1(\r?\n|$)/.test(head)
    if (received.some(is11) && sent.some(is11)) return { culprit, header: 'HTTP-version' }
  }
  return null
}
