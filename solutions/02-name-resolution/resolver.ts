/**
 * Lab 02: name resolution. A stub resolver asks name servers over UDP, and over TCP where an answer does not fit.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc1035#section-4 | RFC 1035 §4} (messages)
 * @see {@link https://www.rfc-editor.org/rfc/rfc2308#section-5 | RFC 2308 §5} (remembering what is not there)
 * @see {@link https://www.rfc-editor.org/rfc/rfc5452#section-9 | RFC 5452 §9} (which answers count)
 */
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import type { Address } from '../../labs/kit/http.ts'

export type AddressType = 'A' | 'AAAA'

export interface Question {
  readonly name: string
  readonly type: number
  readonly class: number
}

export interface Soa {
  readonly primary: string
  readonly mailbox: string
  readonly serial: number
  readonly refresh: number
  readonly retry: number
  readonly expire: number
  readonly minimum: number
}

export interface DnsRecord extends Question {
  readonly ttl: number
  readonly data: string | Soa | Uint8Array
}

export interface DnsMessage {
  readonly id: number
  readonly flags: {
    readonly response: boolean
    readonly authoritative: boolean
    readonly truncated: boolean
    readonly recursionDesired: boolean
    readonly recursionAvailable: boolean
  }
  readonly code: number
  readonly question: Question[]
  readonly answers: DnsRecord[]
  readonly authority: DnsRecord[]
}

export interface Resolved {
  readonly addresses: string[]
  readonly canonical: string
  readonly ttl: number
}

const A = 1
const CNAME = 5
const SOA = 6
const AAAA = 28
const INTERNET = 1
const NUMBERS = { A, AAAA } as const

function failure(code: string, message: string): Error & { code: string } {
  return Object.assign(new Error(`${code}: ${message}`), { code })
}

// #region encode
export function encodeQuery(id: number, name: string, type: AddressType): Uint8Array {
  const recursionDesired = 0x0100
  const header = words(id, recursionDesired, 1, 0, 0, 0)
  return Buffer.concat([header, encodeName(name), words(NUMBERS[type], INTERNET)])
}

/** RFC 1035 §2.3.4 and §3.1. A dot at the end says that nothing is to be added, and we never add anything. */
function encodeName(name: string): Buffer {
  const labels = name.replace(/\.$/, '').split('.')
  const bytes = labels.map((label) => {
    if (!/^[!-~]{1,63}$/.test(label)) throw failure('EBADNAME', `the label ${JSON.stringify(label)}`)
    return Buffer.from([label.length, ...Buffer.from(label)])
  })
  const encoded = Buffer.concat([...bytes, Buffer.from([0])])
  if (encoded.length > 255) throw failure('EBADNAME', 'a name of more than 255 bytes')
  return encoded
}

function words(...values: readonly number[]): Buffer {
  return Buffer.from(values.flatMap((value) => [value >> 8, value & 0xff]))
}
// #endregion encode

// #region reader
/** Takes bytes from the front, and none that are not there. */
class Reader {
  at = 0
  readonly #bytes: Buffer

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes)
  }

  take(length: number): Buffer {
    if (this.at + length > this.#bytes.length) throw failure('EBADRESP', 'the message is cut short')
    this.at += length
    return this.#bytes.subarray(this.at - length, this.at)
  }

  byte(): number {
    return this.take(1).readUInt8()
  }

  word(): number {
    return this.take(2).readUInt16BE()
  }

  long(): number {
    return this.take(4).readUInt32BE()
  }

  /** Every pointer leads further to the front than the one before, so there is no loop (RFC 1035 §4.1.4). */
  name(): string {
    const labels: string[] = []
    let [start, size, end] = [this.at, 1, 0]
    for (let length = this.byte(); length > 0; length = this.byte()) {
      if (length >= 0xc0) {
        const target = ((length & 0x3f) << 8) | this.byte()
        if (target >= start) throw failure('EBADRESP', 'a pointer that does not lead back')
        end ||= this.at
        this.at = start = target
        continue
      }
      size += 1 + length
      if (length > 63 || size > 255) throw failure('EBADRESP', 'a name that is too long')
      labels.push(this.take(length).toString('latin1'))
    }
    this.at = end || this.at
    return labels.join('.') || '.'
  }
}
// #endregion reader

// #region decode
export function decodeMessage(bytes: Uint8Array): DnsMessage {
  const reader = new Reader(bytes)
  const id = reader.word()
  const flags = reader.word()
  const [questions = 0, answers = 0, authority = 0, additional = 0] = take(4, () => reader.word())
  const message = {
    id,
    flags: {
      response: (flags & 0x8000) !== 0,
      authoritative: (flags & 0x0400) !== 0,
      truncated: (flags & 0x0200) !== 0,
      recursionDesired: (flags & 0x0100) !== 0,
      recursionAvailable: (flags & 0x0080) !== 0,
    },
    code: flags & 0x000f,
    question: take(questions, () => readQuestion(reader)),
    answers: take(answers, () => readRecord(reader)),
    authority: take(authority, () => readRecord(reader)),
  }
  // Nobody here needs them; a message that is cut in the middle of them is cut all the same.
  take(additional, () => readRecord(reader))
  return message
}

function take<Part>(count: number, read: () => Part): Part[] {
  return Array.from({ length: count }, read)
}

function readQuestion(reader: Reader): Question {
  return { name: reader.name(), type: reader.word(), class: reader.word() }
}

function readRecord(reader: Reader): DnsRecord {
  const question = readQuestion(reader)
  const ttl = reader.long()
  const length = reader.word()
  const end = reader.at + length
  const data = readData(reader, question, length)
  if (reader.at !== end) throw failure('EBADRESP', 'data of another length than it says')
  return { ...question, ttl, data }
}

function readData(reader: Reader, { type, class: of }: Question, length: number): DnsRecord['data'] {
  if (of !== INTERNET) return reader.take(length)
  if (type === A) return reader.take(4).join('.')
  if (type === AAAA) return addressOf(take(8, () => reader.word()))
  if (type === CNAME) return reader.name()
  if (type === SOA) return readSoa(reader)
  return reader.take(length)
}

/** A URL writes an address as RFC 5952 §4 says. */
function addressOf(parts: readonly number[]): string {
  const long = parts.map((part) => part.toString(16)).join(':')
  return new URL(`http://[${long}]`).hostname.slice(1, -1)
}

/** RFC 1035 §3.3.13. */
function readSoa(reader: Reader): Soa {
  return {
    primary: reader.name(),
    mailbox: reader.name(),
    serial: reader.long(),
    refresh: reader.long(),
    retry: reader.long(),
    expire: reader.long(),
    minimum: reader.long(),
  }
}
// #endregion decode

// #region exchange
/** One query, on its way to one server. */
interface Query {
  readonly name: string
  readonly type: AddressType
  readonly server: Address
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

interface Wait {
  done(answer: DnsMessage): void
  failed(error: Error): void
}

/** Until an answer has come, something has failed, time is up, or the resolver is closed; then nothing is left open. */
function wait({ server, timeoutMs, signal }: Query, open: (wait: Wait) => () => void): Promise<DnsMessage> {
  const ended = new AbortController()
  const answer = new Promise<DnsMessage>((done, failed) => {
    const late = (): void => failed(failure('ETIMEOUT', `no answer from ${server.host}:${server.port}`))
    const timer = setTimeout(late, timeoutMs)
    const close = open({ done, failed })
    signal.addEventListener('abort', () => failed(signal.reason), { signal: ended.signal })
    ended.signal.addEventListener('abort', () => {
      clearTimeout(timer)
      close()
    })
  })
  return answer.finally(() => ended.abort())
}

/** Null: it answers something else, so the wait goes on (RFC 5452 §9.1). */
function answerTo({ name, type }: Query, id: number, bytes: Buffer): DnsMessage | null {
  const isResponse = bytes.length > 2 && (bytes.readUInt8(2) & 0x80) !== 0
  if (!isResponse || bytes.readUInt16BE() !== id) return null
  const message = decodeMessage(bytes)
  const [asked, ...others] = message.question
  if (asked === undefined || others.length > 0) return null
  const isOurs = lower(asked.name) === name && asked.type === NUMBERS[type] && asked.class === INTERNET
  return isOurs ? message : null
}

/** A socket of its own has a port that nobody can guess, and so it is with the number (RFC 5452 §9.2). */
function overUdp(query: Query): Promise<DnsMessage> {
  const { name, type, server } = query
  const id = randomInt(0x1_0000)
  const bytes = encodeQuery(id, name, type)
  return wait(query, ({ done, failed }) => {
    const socket = createSocket('udp4')
    socket.on('error', failed)
    socket.on('message', (message, { address, port }) => {
      if (address !== server.host || port !== server.port) return
      attempt(failed, () => {
        const answer = answerTo(query, id, message)
        if (answer) done(answer)
      })
    })
    socket.send(bytes, server.port, server.host)
    return () => socket.close()
  })
}

/** Each message behind its length, in two bytes (RFC 7766 §8). */
function overTcp(query: Query): Promise<DnsMessage> {
  const { name, type, server } = query
  const id = randomInt(0x1_0000)
  const bytes = encodeQuery(id, name, type)
  return wait(query, ({ done, failed }) => {
    let received: Buffer = Buffer.alloc(0)
    const socket = connect(server.port, server.host)
    socket.on('error', failed)
    socket.on('end', () => failed(failure('EBADRESP', 'the connection has ended before the answer')))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE()) {
        const message = received.subarray(2, 2 + received.readUInt16BE())
        received = received.subarray(2 + message.length)
        attempt(failed, () => {
          const answer = answerTo(query, id, message)
          if (answer) done(answer)
        })
      }
    })
    socket.write(Buffer.concat([words(bytes.length), bytes]))
    return () => socket.destroy()
  })
}

function attempt(failed: (error: Error) => void, body: () => void): void {
  try {
    body()
  } catch (error) {
    failed(error as Error)
  }
}
// #endregion exchange

// #region chain
const MOST_ALIASES = 16

/** Where the aliases lead, as far as these records know; `seen` are the names on the way. */
function follow(records: readonly DnsRecord[], type: AddressType, seen: Set<string>, from: string): Found {
  const own = records.filter((each) => lower(each.name) === from && each.class === INTERNET)
  const found = own.filter((each) => each.type === NUMBERS[type])
  const alias = own.find((each) => each.type === CNAME)
  if (found.length > 0 || !alias)
    return { name: from, ttl: leastTtl(found), addresses: found.map(({ data }) => data as string) }
  const target = lower(alias.data as string)
  if (seen.has(target)) throw failure('EBADRESP', `a loop of aliases at ${target}`)
  if (seen.size > MOST_ALIASES) throw failure('EBADRESP', `more than ${MOST_ALIASES} aliases`)
  const rest = follow(records, type, seen.add(target), target)
  return { ...rest, ttl: Math.min(rest.ttl, leastTtl([alias])) }
}

interface Found {
  readonly name: string
  readonly ttl: number
  readonly addresses: string[]
}

/** The top bit is no part of the number: such a TTL is 0 (RFC 2181 §8). */
function leastTtl(records: readonly DnsRecord[]): number {
  return Math.min(...records.map(({ ttl }) => (ttl > 0x7fff_ffff ? 0 : ttl)))
}

/** How long an absence may be remembered; without SOA not at all (RFC 2308 §5). */
function absenceTtl({ authority }: DnsMessage): number {
  const soa = authority.find(({ type, class: of }) => type === SOA && of === INTERNET)
  return soa ? Math.min(leastTtl([soa]), (soa.data as Soa).minimum) : 0
}

function lower(name: string): string {
  return name.toLowerCase()
}
// #endregion chain

// #region resolver
/** What is known, until it runs out: addresses, or that there are none. */
type Known = { readonly expires: number } & (
  | { readonly addresses: string[]; readonly canonical: string }
  | { readonly absent: 'ENOTFOUND' | 'ENODATA' }
)

const FAILURES: Readonly<Record<number, string>> = { 2: 'ESERVFAIL', 5: 'EREFUSED' }

export class Resolver {
  readonly #options: {
    readonly servers: readonly Address[]
    readonly timeoutMs: number
    readonly attempts: number
    now(): number
  }
  readonly #known = new Map<string, Known>()
  readonly #pending = new Map<string, Promise<Known>>()
  readonly #closed = new AbortController()

  constructor(options: { servers: readonly Address[]; timeoutMs: number; attempts: number; now(): number }) {
    this.#options = options
  }

  async resolve(name: string, type: AddressType): Promise<Resolved> {
    encodeName(name)
    this.#closed.signal.throwIfAborted()
    const asked = lower(name.replace(/\.$/, ''))
    const known = await this.#knownAbout(asked, type)
    if ('absent' in known) throw failure(known.absent, `${asked} ${type}`)
    const { addresses, canonical, expires } = known
    const ttl = Math.max(0, Math.floor((expires - this.#options.now()) / 1_000))
    return { addresses: [...addresses], canonical, ttl }
  }

  async close(): Promise<void> {
    this.#closed.abort(failure('ECANCELLED', 'the resolver is closed'))
    await Promise.allSettled(this.#pending.values())
  }

  #knownAbout(name: string, type: AddressType): Known | Promise<Known> {
    const key = `${type} ${name}`
    const known = this.#known.get(key)
    if (known && known.expires > this.#options.now()) return known
    const pending = this.#pending.get(key) ?? this.#find(name, type)
    this.#pending.set(key, pending)
    const over = (): unknown => this.#pending.delete(key)
    pending.then(over, over)
    return pending
  }

  async #find(asked: string, type: AddressType): Promise<Known> {
    const seen = new Set([asked])
    let expires = Infinity
    for (let name = asked; ;) {
      const message = await this.#ask(name, type)
      const found = follow(message.answers, type, seen, name)
      const isEnd = found.addresses.length > 0 || message.code === 3 || found.name === name
      const ttl = found.addresses.length > 0 || !isEnd ? found.ttl : Math.min(found.ttl, absenceTtl(message))
      expires = Math.min(expires, this.#options.now() + ttl * 1_000)
      if (isEnd) return this.#remember(asked, type, knownFrom(message, found, expires))
      name = found.name
    }
  }

  /** That a name does not exist holds for all types (RFC 2308 §5). */
  #remember(name: string, type: AddressType, known: Known): Known {
    const isForAll = 'absent' in known && known.absent === 'ENOTFOUND'
    for (const each of isForAll ? Object.keys(NUMBERS) : [type]) this.#known.set(`${each} ${name}`, known)
    return known
  }

  async #ask(name: string, type: AddressType): Promise<DnsMessage> {
    const { servers, timeoutMs, attempts } = this.#options
    const { signal } = this.#closed
    let last = failure('ETIMEOUT', 'nobody was asked')
    for (let round = 0; round < attempts; round++)
      for (const server of servers) {
        try {
          return await askOne({ name, type, server, timeoutMs, signal })
        } catch (error) {
          signal.throwIfAborted()
          last = error as typeof last
        }
      }
    const all = servers.map(({ host, port }) => `${host}:${port}`).join(', ')
    throw failure(last.code, `${name} ${type}: no answer from ${all}; the last failure: ${last.message}`)
  }
}

async function askOne(query: Query): Promise<DnsMessage> {
  const short = await overUdp(query)
  const message = short.flags.truncated ? await overTcp(query) : short
  const isAnswer = message.code === 0 || message.code === 3
  if (!isAnswer) throw failure(FAILURES[message.code] ?? 'EBADRESP', `code ${message.code}`)
  return message
}

function knownFrom({ code }: DnsMessage, { name, addresses }: Found, expires: number): Known {
  if (code === 3) return { absent: 'ENOTFOUND', expires }
  if (addresses.length === 0) return { absent: 'ENODATA', expires }
  return { addresses, canonical: name, expires }
}
// #endregion resolver
