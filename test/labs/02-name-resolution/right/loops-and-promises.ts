/** In another style: views on the bytes, loops over events and streams, and one object for each question. */
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Address } from '../../../../labs/kit/http.ts'

type Kind = 'A' | 'AAAA'

const coded = (code: string, message = code): Error => Object.assign(new Error(message), { code })
const codeOfKind = (kind: Kind): number => (kind === 'A' ? 1 : 28)

export function encodeQuery(id: number, name: string, kind: Kind): Uint8Array {
  const labels = name.split('.')
  if (labels.length > 1 && labels.at(-1) === '') labels.pop()
  const bytes = labels.flatMap((label) => [
    label.length,
    ...[...label].map((char) => char.codePointAt(0) ?? 0),
  ])
  const isRight = labels.every((label) => label !== '' && label.length <= 63) && bytes.length <= 254
  if (!isRight || /[^\u0021-\u007e]/u.test(labels.join(''))) throw coded('EBADNAME', `no name: ${name}`)
  return Uint8Array.of(
    id >>> 8,
    id & 255,
    1,
    0,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    ...bytes,
    0,
    0,
    codeOfKind(kind),
    0,
    1,
  )
}

interface Rec {
  name: string
  type: number
  class: number
  ttl: number
  data: unknown
}

function readerOf(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const need = (count: number): number => {
    if (at + count > bytes.byteLength) throw coded('EBADRESP', 'cut')
    at += count
    return at - count
  }
  const short = (): number => view.getUint16(need(2))
  const long = (): number => view.getUint32(need(4))
  const labels = (jumps: number, start: number): string[] => {
    const length = view.getUint8(need(1))
    if (length === 0) return []
    if (length > 191) {
      at--
      const target = short() & 0x3fff
      const back = at
      // No name has more than 127 labels, and each pointer leads back to before where one has begun to read.
      if (jumps > 300 || target >= start) throw coded('EBADRESP', 'pointers')
      at = target
      const rest = labels(jumps + 1, target)
      at = back
      return rest
    }
    if (length > 63) throw coded('EBADRESP', 'length')
    const label = Buffer.from(bytes.subarray(need(length), at)).toString('latin1')
    return [label, ...labels(jumps + 1, start)]
  }
  const name = (): string => {
    const all = labels(0, at)
    const size = all.reduce((sum, label) => sum + label.length + 1, 1)
    if (size > 255) throw coded('EBADRESP', 'long')
    return all.join('.') || '.'
  }
  const raw = (count: number): Uint8Array => bytes.slice(need(count), at)
  return { short, long, name, raw, at: () => at }
}

function six(groups: number[]): string {
  const zeros = groups.map((group) => (group === 0 ? '0' : 'x')).join('')
  for (let run = 8; run > 1; run--) {
    const at = zeros.indexOf('0'.repeat(run))
    if (at >= 0)
      return [groups.slice(0, at), groups.slice(at + run)]
        .map((part) => part.map((each) => each.toString(16)).join(':'))
        .join('::')
  }
  return groups.map((each) => each.toString(16)).join(':')
}

export function decodeMessage(bytes: Uint8Array) {
  const reader = readerOf(bytes)
  const { short, long, name, raw } = reader
  const [id, flags, questions, answers, authorities, additionals] = [
    short(),
    short(),
    short(),
    short(),
    short(),
    short(),
  ]
  const data = (type: number, length: number): unknown => {
    switch (type) {
      case 1:
        return [...raw(4)].join('.')
      case 28:
        return six([short(), short(), short(), short(), short(), short(), short(), short()])
      case 5:
        return name()
      case 6:
        return {
          primary: name(),
          mailbox: name(),
          serial: long(),
          refresh: long(),
          retry: long(),
          expire: long(),
          minimum: long(),
        }
      default:
        return raw(length)
    }
  }
  const many = <T>(count: number, read: () => T): T[] => {
    const all: T[] = []
    for (let index = 0; index < count; index++) all.push(read())
    return all
  }
  const entry = () => ({ name: name(), type: short(), class: short() })
  const record = (): Rec => {
    const head = entry()
    const ttl = long()
    const length = short()
    const end = reader.at() + length
    const read = data(head.class === 1 ? head.type : 0, length)
    if (reader.at() !== end) throw coded('EBADRESP', 'data')
    return { ...head, ttl, data: read }
  }
  const bit = (mask: number): boolean => Boolean(flags & mask)
  const message = {
    id,
    flags: {
      response: bit(1 << 15),
      authoritative: bit(1 << 10),
      truncated: bit(1 << 9),
      recursionDesired: bit(1 << 8),
      recursionAvailable: bit(1 << 7),
    },
    code: flags % 16,
    question: many(questions, entry),
    answers: many(answers, record),
    authority: many(authorities, record),
    additional: many(additionals, record),
  }
  return message
}

type Message = ReturnType<typeof decodeMessage>

interface Outcome {
  readonly until: number
  readonly code: string | null
  readonly addresses: string[]
  readonly canonical: string
}

interface Options {
  readonly servers: readonly Address[]
  readonly timeoutMs: number
  readonly attempts: number
  now(): number
}

export class Resolver {
  readonly #options: Options
  readonly #store = new Map<string, Promise<Outcome>>()
  readonly #until = new Map<string, number>()
  readonly #stop = new AbortController()

  constructor(options: Options) {
    this.#options = options
  }

  async resolve(name: string, kind: Kind) {
    encodeQuery(0, name, kind)
    if (this.#stop.signal.aborted) throw coded('ECANCELLED')
    const { addresses, canonical, code, until } = await this.#outcome(
      name.replace(/\.$/, '').toLowerCase(),
      kind,
    )
    if (code !== null) throw coded(code, `${name} ${kind}`)
    return { canonical, addresses, ttl: Math.floor(Math.max(0, until - this.#options.now()) / 1000) }
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.allSettled(this.#store.values())
  }

  /** One promise for a question, as long as it is under way and as long as its result is kept. */
  #outcome(name: string, kind: Kind): Promise<Outcome> {
    const key = JSON.stringify([name, kind])
    const stored = this.#store.get(key)
    if (stored && (this.#until.get(key) ?? Infinity) > this.#options.now()) return stored
    this.#until.delete(key)
    const outcome = new Question(name, kind, this.#options, this.#stop.signal).answer()
    this.#store.set(key, outcome)
    outcome.then(
      (result) => {
        this.#until.set(key, result.until)
        if (result.code !== 'ENOTFOUND') return
        const other = JSON.stringify([name, kind === 'A' ? 'AAAA' : 'A'])
        const isUnderWay = this.#store.has(other) && !this.#until.has(other)
        if (isUnderWay) return
        this.#store.set(other, outcome)
        this.#until.set(other, result.until)
      },
      () => this.#store.delete(key),
    )
    return outcome
  }
}

class Question {
  readonly #kind: Kind
  readonly #options: Options
  readonly #closed: AbortSignal
  readonly #names: string[]
  #until = Infinity

  constructor(name: string, kind: Kind, options: Options, closed: AbortSignal) {
    this.#names = [name]
    this.#kind = kind
    this.#options = options
    this.#closed = closed
  }

  async answer(): Promise<Outcome> {
    for (;;) {
      const asked = this.#names.at(-1) ?? ''
      const message = await this.#ask(asked)
      const now = this.#options.now()
      for (let moved = true; moved;) {
        moved = false
        const here = this.#names.at(-1) ?? ''
        const own = message.answers.filter((each) => each.name.toLowerCase() === here && each.class === 1)
        const hits = own.filter((each) => each.type === codeOfKind(this.#kind))
        if (hits.length > 0) {
          this.#lasts(now, hits)
          return {
            until: this.#until,
            code: null,
            addresses: hits.map((each) => each.data as string),
            canonical: here,
          }
        }
        const alias = own.find((each) => each.type === 5)
        if (!alias) break
        this.#lasts(now, [alias])
        this.#goTo((alias.data as string).toLowerCase())
        moved = true
      }
      if (message.code === 3 || this.#names.at(-1) === asked) {
        const soa = message.authority.find((each) => each.type === 6 && each.class === 1)
        const minimum = (soa?.data as { minimum: number } | undefined)?.minimum ?? 0
        this.#lasts(now, [{ ttl: minimum }, { ttl: soa?.ttl ?? 0 }])
        return {
          until: this.#until,
          code: message.code === 3 ? 'ENOTFOUND' : 'ENODATA',
          addresses: [],
          canonical: '',
        }
      }
    }
  }

  #goTo(name: string): void {
    if (this.#names.includes(name) || this.#names.length === 17) throw coded('EBADRESP', 'aliases')
    this.#names.push(name)
  }

  #lasts(now: number, records: readonly { ttl: number }[]): void {
    for (const { ttl } of records)
      this.#until = Math.min(this.#until, now + (ttl > 2_147_483_647 ? 0 : ttl * 1000))
  }

  async #ask(name: string): Promise<Message> {
    const { servers, attempts } = this.#options
    let failure = coded('ETIMEOUT')
    for (const server of Array.from({ length: attempts }, () => servers).flat()) {
      const result = await this.#askOne(name, server).catch((error: unknown) => error as Error)
      if (this.#closed.aborted) throw coded('ECANCELLED')
      if (!(result instanceof Error)) return result
      failure = result
    }
    const { code = 'EBADRESP' } = failure as { code?: string }
    throw coded(
      code,
      `${name}: ${code} from ${servers.map(({ host, port }) => `${host}:${port}`).join(', ')}`,
    )
  }

  async #askOne(name: string, server: Address): Promise<Message> {
    const short = await this.#limited((signal) => this.#overUdp(name, server, signal))
    const message = short.flags.truncated
      ? await this.#limited((signal) => this.#overTcp(name, server, signal))
      : short
    if (message.code === 2) throw coded('ESERVFAIL')
    if (message.code === 5) throw coded('EREFUSED')
    if (message.code !== 0 && message.code !== 3) throw coded('EBADRESP')
    return message
  }

  /** Time, close() and the work run against each other; what is left then is told to stop. */
  async #limited(work: (signal: AbortSignal) => Promise<Message>): Promise<Message> {
    const over = new AbortController()
    const { signal } = over
    const stop = (): void => over.abort()
    this.#closed.addEventListener('abort', stop, { once: true })
    const late = sleep(this.#options.timeoutMs, null, { signal }).then(() => {
      throw coded('ETIMEOUT')
    })
    try {
      return await Promise.race([work(signal), late])
    } finally {
      over.abort()
      late.catch(() => undefined)
      this.#closed.removeEventListener('abort', stop)
    }
  }

  async #overUdp(name: string, { host, port }: Address, signal: AbortSignal): Promise<Message> {
    const socket = createSocket('udp4')
    signal.addEventListener('abort', () => socket.close())
    const id = randomInt(65_536)
    return await new Promise((resolve, reject) => {
      socket.on('error', reject)
      socket.on('message', (bytes, from) => {
        if (from.port !== port || from.address !== host) return
        try {
          const message = this.#matching(bytes, id, name)
          if (message) resolve(message)
        } catch (error) {
          reject(error)
        }
      })
      socket.send(encodeQuery(id, name, this.#kind), port, host)
    })
  }

  async #overTcp(name: string, { host, port }: Address, signal: AbortSignal): Promise<Message> {
    const socket = createConnection(port, host)
    signal.addEventListener('abort', () => socket.destroy())
    await once(socket, 'connect')
    const id = randomInt(65_536)
    const query = encodeQuery(id, name, this.#kind)
    socket.write(Buffer.from([0, query.length, ...query]))
    for await (const bytes of messagesOf(socket)) {
      const message = this.#matching(bytes, id, name)
      if (message) return message
    }
    throw coded('EBADRESP', 'no answer before the end')
  }

  #matching(bytes: Buffer, id: number, name: string): Message | null {
    if (bytes.length < 3 || bytes.readUInt16BE(0) !== id || bytes.readUInt8(2) < 128) return null
    const message = decodeMessage(bytes)
    const shown = message.question.map((each) => `${each.name.toLowerCase()} ${each.type} ${each.class}`)
    return shown.join() === `${name} ${codeOfKind(this.#kind)} 1` ? message : null
  }
}

async function* messagesOf(socket: Socket): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0)
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk as Buffer])
    for (let end = endOf(rest); end <= rest.length; end = endOf(rest)) {
      yield rest.subarray(2, end)
      rest = rest.subarray(end)
    }
  }
}

function endOf(bytes: Buffer): number {
  return bytes.length < 2 ? Infinity : 2 + bytes.readUInt16BE()
}
