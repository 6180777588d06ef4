// Call-backs: requests of one piece go to the origin side by side, each on a connection of its own, and
// their answers wait for each other.
import net, { type AddressInfo, type Socket } from 'node:net'
import { formatRequest, formatResponse } from '../../../../labs/kit/format.ts'
import { parseHead, parseRequestHead, parseResponseHead } from '../../../../labs/kit/head.ts'
import { field, type Address, type Headers, type Request, type Response } from '../../../../labs/kit/http.ts'

interface Hop {
  readonly from: string
  readonly to: string
  readonly kind: 'request' | 'response' | 'close' | 'silence'
  readonly head?: string
}

export function startDumbProxy(next: Address, options: { after?: 'wait-for-origin' | 'close' } = {}) {
  return serve((client) => {
    let request = Buffer.alloc(0)
    let answer = Buffer.alloc(0)
    let origin: Socket | null = null
    client.on('data', (chunk) => {
      if (origin) return
      request = Buffer.concat([request, chunk])
      const end = endOf(request, 0)
      if (request.length < end) return
      origin = net.connect(next)
      origin.on('error', () => client.destroy())
      origin.on('end', () => client.end())
      origin.on('data', (piece) => {
        client.write(piece)
        answer = Buffer.concat([answer, piece])
        if (options.after !== 'close' || answer.length < endOf(answer, Infinity)) return
        client.end()
        origin?.end()
      })
      origin.write(request.subarray(0, end))
    })
    client.on('close', () => origin?.destroy())
    return { idle: () => request.length === 0, stop: () => undefined, left: () => origin ?? client.end() }
  })
}

function endOf(bytes: Buffer, otherwise: number): number {
  const head = parseHead(bytes)
  return head ? head.length + Number(field(head.headers, 'content-length') ?? otherwise) : Infinity
}

/** An answer's place in the order of the requests. */
interface Slot {
  readonly keeps: boolean
  response: Response | null
}

export async function startSmartProxy(next: Address) {
  const idle: Socket[] = []
  const origins = new Set<Socket>()
  const ask = (request: Request, answered: (response: Response) => void): void => {
    let bytes = Buffer.alloc(0)
    const leave = (): void => {
      origin.off('data', gather).off('end', end).off('close', fail)
    }
    const fail = (): void => {
      leave()
      origin.destroy()
      answered({ version: '1.1', status: 502, reason: 'Bad Gateway', headers: [], body: Buffer.alloc(0) })
    }
    const origin = idle.pop() ?? net.connect({ ...next, allowHalfOpen: false })
    const settle = (ended: boolean): void => {
      const whole = attempt(() => take(bytes, ended), fail)
      if (!whole) return
      leave()
      const response = { ...parseResponseHead(whole.head), body: whole.body }
      const kept = response.version === '1.1' && !named(response.headers).includes('close')
      if (kept && !ended) idle.push(origin)
      else origin.end()
      answered(response)
    }
    if (!origins.has(origin)) {
      origins.add(origin)
      origin.on('error', () => undefined)
      const forget = (): void => void (idle.includes(origin) && idle.splice(idle.indexOf(origin), 1))
      origin.on('end', forget)
      origin.on('close', () => {
        forget()
        origins.delete(origin)
      })
    }
    const gather = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk])
      settle(false)
    }
    const end = (): void => settle(true)
    origin.on('data', gather).on('end', end).on('close', fail)
    origin.write(formatRequest(forwarded(request)))
  }
  const server = await serve((client) => {
    let bytes = Buffer.alloc(0)
    const slots: Slot[] = []
    let stopped = false
    let over = false
    const flush = (): void => {
      for (let [slot] = slots; slot?.response; [slot] = slots) {
        slots.shift()
        const last = (stopped && slots.length === 0) || !slot.keeps
        const { headers, ...rest } = forwarded(slot.response)
        client.write(
          formatResponse({ ...rest, headers: last ? [...headers, ['Connection', 'close']] : headers }),
        )
        if (last) client.end()
      }
    }
    const look = (): void => {
      const refuse = (): void => {
        over = true
        client.end()
      }
      const whole = over ? null : attempt(() => take(bytes, false, 0), refuse)
      const start = whole && attempt(() => parseRequestHead(whole.head), refuse)
      if (!start) return
      bytes = bytes.subarray(whole.length)
      const request = { ...start, body: whole.body }
      const keeps = request.version === '1.1' && !named(request.headers).includes('close')
      over = !keeps
      const slot: Slot = { keeps, response: null }
      slots.push(slot)
      ask(request, (response) => {
        slot.response = response
        flush()
      })
      look()
    }
    client.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
      look()
    })
    return {
      idle: () => slots.length === 0 && bytes.length === 0,
      stop: () => void (stopped = true),
      left: () => {
        stopped = true
        if (slots.length === 0) client.end()
      },
    }
  })
  const close = async (): Promise<void> => {
    await server.close()
    for (const origin of origins) origin.end()
    await Promise.all([...origins].map((origin) => new Promise((resolve) => origin.once('close', resolve))))
  }
  return { port: server.port, close }
}

const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade']

function forwarded<Message extends Request | Response>(message: Message): Message {
  const isChunked = field(message.headers, 'transfer-encoding') !== null
  const gone = [...HOP_BY_HOP, ...named(message.headers), ...(isChunked ? ['content-length'] : [])]
  const headers = message.headers.filter(([name]) => !gone.includes(name.toLowerCase()))
  return { ...message, version: '1.1', headers: [...headers, ['Via', `${message.version} relay`]] }
}

function named(headers: Headers, name = 'connection'): string[] {
  const options = (field(headers, name) ?? '').split(',')
  return options.map((option) => option.trim().toLowerCase())
}

function take(bytes: Buffer, ended: boolean, otherwise = ended ? null : Infinity) {
  const head = parseHead(bytes)
  if (!head) return null
  const rest = bytes.subarray(head.length)
  if (field(head.headers, 'transfer-encoding') !== null) {
    const chunks: Buffer[] = []
    for (let at = 0; ;) {
      const line = rest.indexOf('\r\n', at)
      if (line < 0) return null
      const size = Number.parseInt(rest.toString('latin1', at, line), 16)
      if (size === 0) {
        const end = rest.indexOf('\r\n\r\n', line)
        return end < 0 ? null : { head, body: Buffer.concat(chunks), length: head.length + end + 4 }
      }
      chunks.push(rest.subarray(line + 2, line + 2 + size))
      at = line + size + 4
    }
  }
  const length = Number(field(head.headers, 'content-length') ?? otherwise ?? rest.length)
  return rest.length < length ? null : { head, body: rest.subarray(0, length), length: head.length + length }
}

export function explainHang(hops: readonly Hop[]): { culprit: string; header: string } | null {
  for (const { from: culprit, to: asker } of hops.filter(({ kind }) => kind === 'silence')) {
    if (!isSilent(hops, culprit, asker) || due(hops, culprit, asker) === 0) continue
    const others = new Set(hops.map(({ to }) => to))
    if ([...others].some((other) => due(hops, other, culprit) > 0)) continue
    const received = hops.filter((hop) => hop.kind === 'request' && hop.to === culprit).map(headOf)
    const sent = hops.filter((hop) => hop.kind === 'request' && hop.from === culprit).map(headOf)
    const both = (test: (head: string) => boolean): boolean => received.some(test) && sent.some(test)
    const asks = (name: string): RegExp =>
      new RegExp(`^${name}:(.*,)?[ \\t]*keep-alive[ \\t]*(,|\\r?$)`, 'im')
    if (both((head) => asks('proxy-connection').test(head))) return { culprit, header: 'Proxy-Connection' }
    if (both((head) => asks('connection').test(head))) return { culprit, header: 'Connection' }
    if (both((head) => /^.* HTTP\/1\.1(\r\n|$)/.test(head))) return { culprit, header: 'HTTP-version' }
  }
  return null
}

function headOf({ head = '' }: Hop): string {
  return head
}

function due(hops: readonly Hop[], debtor: string, creditor: string): number {
  let count = 0
  for (const { from, to, kind } of hops) {
    if (from === creditor && to === debtor && kind === 'request') count++
    if (from === debtor && to === creditor && kind === 'response') count--
    count = Math.max(0, count)
    if ([from, to].includes(debtor) && [from, to].includes(creditor) && kind === 'close') count = 0
  }
  return count
}

/** Nothing came on this hop after the silence. */
function isSilent(hops: readonly Hop[], one: string, other: string): boolean {
  const between = hops.filter(({ from, to }) => [from, to].includes(one) && [from, to].includes(other))
  const last = between.map(({ kind }) => kind !== 'silence').lastIndexOf(true)
  return between.slice(last + 1).some(({ from }) => from === one)
}

function attempt<Value>(make: () => Value, orElse: () => void): Value | null {
  try {
    return make()
  } catch {
    orElse()
    return null
  }
}

interface Conversation {
  idle(): boolean
  stop(): void
  left(): void
}

function serve(accept: (client: Socket) => Conversation): Promise<{ port: number; close(): Promise<void> }> {
  const open = new Map<Socket, Conversation>()
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    const conversation = accept(client)
    open.set(client, conversation)
    client.on('end', () => conversation.left())
    client.on('close', () => open.delete(client))
    client.on('error', () => undefined)
  })
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const [client, conversation] of open) {
        conversation.stop()
        if (conversation.idle()) client.end()
      }
    })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ port: (server.address() as AddressInfo).port, close }))
  })
}
