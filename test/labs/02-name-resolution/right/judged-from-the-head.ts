/** In another style: answers are judged by their head before their records are read, lives begin at a moment, and close() empties a set of waits. */
/* oxlint-disable max-lines -- a whole resolver in one file, as a learner hands it in */
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import type { Address } from '../../../../labs/kit/http.ts'

type AddressType = 'A' | 'AAAA'

interface Question {
  readonly name: string
  readonly type: number
  readonly class: number
}

interface DnsRecord extends Question {
  readonly ttl: number
  readonly data: unknown
}

interface Head {
  readonly id: number
  readonly flags: Readonly<Record<string, boolean>>
  readonly code: number
  readonly question: Question[]
  readonly counts: readonly number[]
}

interface DnsMessage extends Omit<Head, 'counts'> {
  readonly answers: DnsRecord[]
  readonly authority: DnsRecord[]
}

interface Resolved {
  readonly addresses: string[]
  readonly canonical: string
  readonly ttl: number
}

const TYPES = { A: 1, CNAME: 5, SOA: 6, AAAA: 28 } as const
const INTERNET = 1
const MOST_ALIASES = 16

type Coded = Error & { code: string }

function coded(code: string, message: string): Coded {
  return Object.assign(new Error(message), { code })
}

/** One server has failed: the next one may still know. */
class ServerFailure extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

// ---- names ----

/** @throws EBADNAME */
function labelsOf(name: string): string[] {
  const labels = (name.endsWith('.') ? name.slice(0, -1) : name).split('.')
  const fits = (label: string) => /^[!-~]{1,63}$/.test(label)
  const encoded = labels.reduce((sum, label) => sum + label.length + 1, 1)
  if (!labels.every(fits) || encoded > 255)
    throw coded('EBADNAME', `not a name that can be asked for: ${JSON.stringify(name)}`)
  return labels
}

function fold(name: string): string {
  return name.toLowerCase()
}

export function encodeQuery(id: number, name: string, type: AddressType): Uint8Array {
  const header = Buffer.alloc(12)
  header.writeUInt16BE(id, 0)
  header.writeUInt16BE(0x0100, 2)
  header.writeUInt16BE(1, 4)
  const labels = labelsOf(name).map((label) =>
    Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')]),
  )
  const tail = Buffer.from([0, 0, TYPES[type], 0, INTERNET])
  return new Uint8Array(Buffer.concat([header, ...labels, tail]))
}

// ---- messages ----

function badResponse(why: string): Coded {
  return coded('EBADRESP', `not a DNS message: ${why}`)
}

/** Reads a message from the front; every byte is taken through here. */
class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  #take(count: number): Buffer {
    const end = this.#at + count
    if (end > this.#bytes.length) throw badResponse(`it ends before byte ${end}`)
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }

  #byte = (): number => this.#take(1).readUInt8()
  #word = (): number => this.#take(2).readUInt16BE()
  #long = (): number => this.#take(4).readUInt32BE()

  #name(): string {
    const labels: string[] = []
    let size = 1
    let runBegan = this.#at
    let resume: number | null = null
    for (;;) {
      const length = this.#byte()
      if (length === 0) break
      if (length >= 0xc0) {
        const target = ((length & 0x3f) << 8) | this.#byte()
        if (target >= runBegan) throw badResponse('a pointer does not lead to the front')
        resume ??= this.#at
        runBegan = this.#at = target
        continue
      }
      if (length > 63) throw badResponse('a length without a meaning')
      size += length + 1
      if (size > 255) throw badResponse('a name of more than 255 bytes')
      labels.push(this.#take(length).toString('latin1'))
    }
    if (resume !== null) this.#at = resume
    return labels.length === 0 ? '.' : labels.join('.')
  }

  head(): Head {
    const id = this.#word()
    const bits = this.#word()
    const [questions, ...counts] = [this.#word(), this.#word(), this.#word(), this.#word()]
    const flags = {
      response: (bits & 0x8000) !== 0,
      authoritative: (bits & 0x0400) !== 0,
      truncated: (bits & 0x0200) !== 0,
      recursionDesired: (bits & 0x0100) !== 0,
      recursionAvailable: (bits & 0x0080) !== 0,
    }
    const question = this.#times(questions, () => this.#question())
    return { id, flags, code: bits & 0xf, question, counts }
  }

  records(count: number): DnsRecord[] {
    return this.#times(count, () => {
      const about = this.#question()
      const ttl = this.#long()
      const length = this.#word()
      const end = this.#at + length
      const data = this.#data(about, length)
      if (this.#at !== end) throw badResponse('the data of a record has another length')
      return { ...about, ttl, data }
    })
  }

  #times<T>(count: number, read: () => T): T[] {
    const all: T[] = []
    while (all.length < count) all.push(read())
    return all
  }

  #question(): Question {
    return { name: this.#name(), type: this.#word(), class: this.#word() }
  }

  #data(about: Question, length: number): DnsRecord['data'] {
    if (about.class === INTERNET) {
      if (about.type === TYPES.A) return this.#take(4).join('.')
      if (about.type === TYPES.AAAA) return ipv6(this.#take(16))
      if (about.type === TYPES.CNAME) return this.#name()
      if (about.type === TYPES.SOA) return this.#soa()
    }
    return new Uint8Array(this.#take(length))
  }

  #soa(): unknown {
    return {
      primary: this.#name(),
      mailbox: this.#name(),
      serial: this.#long(),
      refresh: this.#long(),
      retry: this.#long(),
      expire: this.#long(),
      minimum: this.#long(),
    }
  }
}

/** A URL writes it as RFC 5952 §4 says. */
function ipv6(bytes: Buffer): string {
  const groups = bytes.toString('hex').match(/.{4}/g) ?? []
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}

export function decodeMessage(bytes: Uint8Array): DnsMessage {
  const reader = new Reader(bytes)
  const { counts, ...head } = reader.head()
  const [answers = [], authority = []] = counts.map((count) => reader.records(count))
  return { ...head, answers, authority }
}

// ---- one exchange with one server ----

interface Query {
  readonly id: number
  readonly name: string
  readonly type: AddressType
}

type Verdict = DnsMessage | 'cut' | null

function judge(bytes: Uint8Array, query: Query): Verdict {
  const [high = 0, low = 0, flags = 0] = bytes
  if ((high << 8) + low !== query.id || (flags & 0x80) === 0) return null
  try {
    const {
      question,
      flags: { truncated },
    } = new Reader(bytes).head()
    if (question.length !== 1 || !asks(question[0]!, query)) return null
    // A message that was cut need not be whole.
    if (truncated) return 'cut'
    return refuseCodes(decodeMessage(bytes))
  } catch (error) {
    if (error instanceof ServerFailure) throw error
    throw new ServerFailure('EBADRESP', (error as Error).message)
  }
}

function asks(question: Question, { name, type }: Query): boolean {
  const dotless = name.endsWith('.') ? name.slice(0, -1) : name
  return fold(question.name) === fold(dotless) && question.type === TYPES[type] && question.class === INTERNET
}

function refuseCodes(message: DnsMessage): DnsMessage {
  if (message.code === 0 || message.code === 3) return message
  const code = { 2: 'ESERVFAIL', 5: 'EREFUSED' }[message.code] ?? 'EBADRESP'
  throw new ServerFailure(code, `the server says RCODE ${message.code}`)
}

interface Hearing {
  heard(bytes: Uint8Array): void
  failed(error: Error): void
}
/** Opens a way to a server and sends; gives the function that closes it. */
type Transport = (server: Address, bytes: Uint8Array, hearing: Hearing) => (closed: () => void) => void

const overUdp: Transport = ({ host, port }, bytes, { heard, failed }) => {
  const socket = createSocket('udp4')
  socket.on('error', failed)
  socket.on('message', (message, from) => {
    if (from.address === host && from.port === port) heard(message)
  })
  // Bound first: what send() itself queues would still leave after close().
  socket.bind(0, () => socket.send(bytes, port, host))
  return (closed) => socket.close(closed)
}

const overTcp: Transport = ({ host, port }, bytes, { heard, failed }) => {
  const socket = connect({ host, port })
  let rest = Buffer.alloc(0)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  socket.write(Buffer.concat([length, bytes]))
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE()) {
      const end = 2 + rest.readUInt16BE()
      const message = rest.subarray(2, end)
      rest = rest.subarray(end)
      heard(message)
    }
  })
  socket.on('error', failed)
  socket.on('end', () => failed(coded('ECONNRESET', 'the server ended the connection')))
  return (closed) => {
    socket.once('close', () => closed())
    socket.destroy()
  }
}

// ---- what is remembered ----

/** How long something holds, from when on. */
interface Life {
  readonly at: number
  readonly ttl: number
}

function leftMs({ at, ttl }: Life, now: number): number {
  return ttl * 1000 - (now - at)
}

function shortest(lives: readonly Life[], now: number): Life {
  return lives.reduce((a, b) => (leftMs(b, now) < leftMs(a, now) ? b : a))
}

/** RFC 2181 §8. */
function ttlOf(record: DnsRecord): number {
  return record.ttl >= 0x8000_0000 ? 0 : record.ttl
}

type Finding =
  | { readonly addresses: readonly string[]; readonly canonical: string }
  | { readonly missing: 'ENOTFOUND' | 'ENODATA' }

interface Found {
  readonly finding: Finding
  /** Null is not kept. */
  readonly life: Life | null
}

export class Resolver {
  readonly options: {
    servers: readonly Address[]
    timeoutMs: number
    attempts: number
    now(): number
  }
  readonly #kept = new Map<string, Found>()
  readonly #underWay = new Map<string, Promise<Resolved>>()
  readonly #cancels = new Set<() => void>()
  #closed = false

  constructor(options: { servers: readonly Address[]; timeoutMs: number; attempts: number; now(): number }) {
    this.options = options
  }

  /** The addresses of a name, from what is kept or from a server. */
  async resolve(name: string, type: AddressType): Promise<Resolved> {
    this.#refuseWhenClosed()
    const asked = fold(labelsOf(name).join('.'))
    const key = `${asked} ${type}`
    const kept = this.#recall(key) ?? this.#recall(`${asked} *`)
    if (kept) return report(kept, asked, this.options.now())
    let running = this.#underWay.get(key)
    if (!running) {
      running = this.#lookUp(name, asked, type).finally(() => this.#underWay.delete(key))
      this.#underWay.set(key, running)
    }
    const result = await running
    return { ...result, addresses: [...result.addresses] }
  }

  /** Ends everything that is under way. */
  async close(): Promise<void> {
    this.#closed = true
    for (const cancel of this.#cancels) cancel()
    await Promise.allSettled(this.#underWay.values())
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw coded('ECANCELLED', 'the resolver is closed')
  }

  #recall(key: string): Found | undefined {
    const kept = this.#kept.get(key)
    if (!kept?.life || leftMs(kept.life, this.options.now()) > 0) return kept
    this.#kept.delete(key)
    return undefined
  }

  async #lookUp(name: string, asked: string, type: AddressType): Promise<Resolved> {
    const { found, at } = await this.#walk(name, asked, type)
    const all = 'missing' in found.finding && found.finding.missing === 'ENOTFOUND'
    if (found.life && leftMs(found.life, at) > 0) this.#kept.set(`${asked} ${all ? '*' : type}`, found)
    return report(found, asked, at)
  }

  /** From name to name, until one has addresses or surely has none. */
  async #walk(name: string, asked: string, type: AddressType): Promise<{ found: Found; at: number }> {
    const way = new Set([asked])
    const lives: Life[] = []
    for (let current = name; ;) {
      const { message, at } = await this.#ask(current, type)
      const aliases = follow(message.answers, way)
      lives.push(...aliases.map((alias) => ({ at, ttl: ttlOf(alias) })))
      const canonical = [...way].at(-1)!
      const records = recordsOf(message.answers, canonical, TYPES[type])
      if (message.code === 0 && records.length > 0) {
        lives.push(...records.map((record) => ({ at, ttl: ttlOf(record) })))
        const finding = { addresses: records.map(({ data }) => data as string), canonical }
        return { found: { finding, life: shortest(lives, at) }, at }
      }
      if (message.code === 3 || aliases.length === 0) {
        const missing = message.code === 3 ? 'ENOTFOUND' : 'ENODATA'
        return { found: { finding: { missing }, life: absence(message, lives, at) }, at }
      }
      current = aliases.at(-1)!.data as string
    }
  }

  /** The answer to one question, from the first server that has one. */
  async #ask(name: string, type: AddressType): Promise<{ message: DnsMessage; at: number }> {
    const { servers, attempts } = this.options
    let last: ServerFailure | undefined
    for (let round = 0; round < attempts; round++) {
      for (const server of servers) {
        try {
          return await this.#askServer(server, name, type)
        } catch (error) {
          if (!(error instanceof ServerFailure)) throw error
          last = error
        }
      }
    }
    const asked = servers.map(({ host, port }) => `${host}:${port}`).join(', ')
    throw coded(last?.code ?? 'ETIMEOUT', `no answer about ${name} from ${asked}: ${last?.message}`)
  }

  async #askServer(server: Address, name: string, type: AddressType) {
    const first = await this.#exchange(overUdp, server, { id: randomInt(0x1_0000), name, type })
    if (first.message !== 'cut') return { message: first.message, at: first.at }
    const second = await this.#exchange(overTcp, server, { id: randomInt(0x1_0000), name, type })
    if (second.message === 'cut') throw new ServerFailure('EBADRESP', 'cut to fit, over TCP too')
    return { message: second.message, at: second.at }
  }

  #exchange(
    transport: Transport,
    server: Address,
    query: Query,
  ): Promise<{ message: DnsMessage | 'cut'; at: number }> {
    this.#refuseWhenClosed()
    const bytes = encodeTarget(query)
    const { timeoutMs, now } = this.options
    return new Promise((resolve, reject) => {
      let over = false
      const end = (settle: () => void) => {
        if (over) return
        over = true
        clearTimeout(timer)
        this.#cancels.delete(cancel)
        shut(settle)
      }
      const fail = (code: string, message: string) => end(() => reject(new ServerFailure(code, message)))
      const cancel = () => end(() => reject(coded('ECANCELLED', 'the resolver is closed')))
      const timer = setTimeout(() => fail('ETIMEOUT', `silence for ${timeoutMs} ms`), timeoutMs)
      const heard = (message: Uint8Array) => {
        if (over) return
        try {
          const verdict = judge(message, query)
          const at = now()
          if (verdict) end(() => resolve({ message: verdict, at }))
        } catch (error) {
          end(() => reject(error))
        }
      }
      const failed = (error: Error) => fail((error as Coded).code, error.message)
      this.#cancels.add(cancel)
      const shut = transport(server, bytes, { heard, failed })
    })
  }
}

/** A name that came from a server and that nobody can ask for is that server's fault, and not the caller's. */
function encodeTarget({ id, name, type }: Query): Uint8Array {
  try {
    return encodeQuery(id, name, type)
  } catch {
    throw coded('EBADRESP', `an alias leads to ${JSON.stringify(name)}, which cannot be asked for`)
  }
}

function recordsOf(records: readonly DnsRecord[], name: string, type: number): DnsRecord[] {
  return records.filter(
    (record) => record.class === INTERNET && record.type === type && fold(record.name) === name,
  )
}

/** The aliases that lead on from the last name of the way, which grows by their targets. */
function follow(records: readonly DnsRecord[], way: Set<string>): DnsRecord[] {
  const aliases: DnsRecord[] = []
  for (;;) {
    const [alias] = recordsOf(records, [...way].at(-1)!, TYPES.CNAME)
    if (!alias) return aliases
    const target = fold(alias.data as string)
    if (way.has(target)) throw coded('EBADRESP', `the aliases go round in a circle at ${target}`)
    if (way.size > MOST_ALIASES) throw coded('EBADRESP', `more than ${MOST_ALIASES} aliases`)
    way.add(target)
    aliases.push(alias)
  }
}

function absence(message: DnsMessage, lives: readonly Life[], at: number): Life | null {
  const soa = message.authority.find(({ type, class: of }) => type === TYPES.SOA && of === INTERNET)
  if (!soa) return null
  const ttl = Math.min(ttlOf(soa), (soa.data as { minimum: number }).minimum)
  return shortest([...lives, { at, ttl }], at)
}

function report({ finding, life }: Found, asked: string, now: number): Resolved {
  if ('missing' in finding) {
    const why = finding.missing === 'ENOTFOUND' ? 'does not exist' : 'has no such records'
    throw coded(finding.missing, `${asked} ${why}`)
  }
  const ttl = Math.max(0, Math.floor(leftMs(life!, now) / 1000))
  return { addresses: [...finding.addresses], canonical: finding.canonical, ttl }
}
