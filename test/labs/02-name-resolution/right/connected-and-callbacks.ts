/** In another style: connected sockets, callbacks, one list of events for each question, and targets that are kept as well. */
import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import dgram from 'node:dgram'
import net from 'node:net'
import type { Address } from '../../../../labs/kit/http.ts'

type Kind = 'A' | 'AAAA'
type Back<T> = (error: Error | null, value?: T) => void

class DnsError extends Error {
  readonly code: string
  constructor(code: string, message = code) {
    super(message)
    this.code = code
  }
}

const TYPE = { A: 1, AAAA: 28 }

export function encodeQuery(id: number, name: string, type: Kind): Uint8Array {
  const out = Buffer.alloc(600)
  out.writeUInt16BE(id, 0)
  out[2] = 1
  out[5] = 1
  let at = 12
  const text = name.endsWith('.') ? name.slice(0, -1) : name
  for (const label of text.split('.')) {
    const isPlain = [...label].every((char) => char > ' ' && char < '\u007f')
    if (label.length === 0 || label.length > 63 || !isPlain) throw new DnsError('EBADNAME')
    if (at + label.length + 2 > 12 + 255) throw new DnsError('EBADNAME')
    out[at] = label.length
    out.write(label, at + 1, 'ascii')
    at += 1 + label.length
  }
  out[at + 2] = TYPE[type]
  out[at + 4] = 1
  return out.subarray(0, at + 5)
}

const bad = (): never => {
  throw new DnsError('EBADRESP')
}

function nameAt(bytes: Buffer, from: number): { name: string; next: number } {
  const labels: string[] = []
  let [at, start, next, total] = [from, from, -1, 1]
  for (;;) {
    const length = bytes[at] ?? bad()
    if (length === 0) break
    if (length < 64) {
      if (at + 1 + length > bytes.length) bad()
      labels.push(bytes.toString('latin1', at + 1, at + 1 + length))
      total += length + 1
      if (total > 255) bad()
      at += length + 1
    } else {
      if (length < 192 || at + 1 >= bytes.length) bad()
      const to = bytes.readUInt16BE(at) - 0xc000
      if (next < 0) next = at + 2
      if (to >= start) bad()
      at = start = to
    }
  }
  return { name: labels.length > 0 ? labels.join('.') : '.', next: next < 0 ? at + 1 : next }
}

function textOfSix(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index))
  let best = { at: -1, length: 1 }
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (at + length < 8 && groups[at + length] === 0) length++
    if (length > best.length) best = { at, length }
  }
  const hex = (part: number[]): string => part.map((each) => each.toString(16)).join(':')
  if (best.at < 0) return hex(groups)
  return `${hex(groups.slice(0, best.at))}::${hex(groups.slice(best.at + best.length))}`
}

interface Entry {
  name: string
  type: number
  class: number
  ttl: number
  data: unknown
}

export function decodeMessage(given: Uint8Array) {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.length)
  if (bytes.length < 12) bad()
  let at = 12
  const question: { name: string; type: number; class: number }[] = []
  const u16 = (place: number): number => (place + 2 > bytes.length ? bad() : bytes.readUInt16BE(place))
  const u32 = (place: number): number => (place + 4 > bytes.length ? bad() : bytes.readUInt32BE(place))
  for (let count = u16(4); count > 0; count--) {
    const { name, next } = nameAt(bytes, at)
    question.push({ name, type: u16(next), class: u16(next + 2) })
    at = next + 4
  }
  const dataOf = (type: number, start: number, end: number): unknown => {
    if (type === 1) return end - start === 4 ? bytes.subarray(start, end).join('.') : bad()
    if (type === 28) return end - start === 16 ? textOfSix(bytes.subarray(start, end)) : bad()
    if (type === 5) {
      const { name, next } = nameAt(bytes, start)
      return next === end ? name : bad()
    }
    if (type !== 6) return bytes.subarray(start, end)
    const primary = nameAt(bytes, start)
    const mailbox = nameAt(bytes, primary.next)
    if (mailbox.next + 20 !== end) bad()
    const [serial, refresh, retry, expire, minimum] = [0, 4, 8, 12, 16].map((skip) =>
      u32(mailbox.next + skip),
    )
    return { primary: primary.name, mailbox: mailbox.name, serial, refresh, retry, expire, minimum }
  }
  const section = (count: number): Entry[] => {
    const entries: Entry[] = []
    while (entries.length < count) {
      const { name, next } = nameAt(bytes, at)
      const [type, of, ttl, length] = [u16(next), u16(next + 2), u32(next + 4), u16(next + 8)]
      const start = next + 10
      at = start + length
      if (at > bytes.length) bad()
      entries.push({ name, type, class: of, ttl, data: dataOf(of === 1 ? type : -1, start, at) })
    }
    return entries
  }
  const flags = bytes.readUInt16BE(2)
  const is = (bit: number): boolean => ((flags >> bit) & 1) === 1
  const [answers, authority] = [section(u16(6)), section(u16(8)), section(u16(10))]
  return {
    id: bytes.readUInt16BE(0),
    flags: {
      response: is(15),
      authoritative: is(10),
      truncated: is(9),
      recursionDesired: is(8),
      recursionAvailable: is(7),
    },
    code: flags & 15,
    question,
    answers: answers ?? [],
    authority: authority ?? [],
  }
}

type Message = ReturnType<typeof decodeMessage>

interface Kept {
  until: number
  addresses?: string[]
  canonical?: string
  code?: string
}

interface Options {
  servers: readonly Address[]
  timeoutMs: number
  attempts: number
  now(): number
}

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

export class Resolver {
  readonly #o: Options
  readonly #kept: Record<string, Kept> = Object.create(null) as Record<string, Kept>
  readonly #callers = new Map<string, Back<Kept>[]>()
  readonly #running = new Set<() => void>()
  #isClosed = false

  constructor(options: Options) {
    this.#o = options
  }

  resolve(name: string, type: Kind): Promise<{ addresses: string[]; canonical: string; ttl: number }> {
    return new Promise((resolve, reject) => {
      encodeQuery(0, name, type)
      const plain = (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase()
      this.#lookup(plain, type, (error, kept) => {
        if (error || !kept) return reject(error ?? new Error('nothing'))
        if (kept.code) return reject(new DnsError(kept.code, `${name}: ${kept.code}`))
        const ttl = Math.max(0, Math.trunc((kept.until - this.#o.now()) / 1000))
        resolve({ addresses: kept.addresses ?? [], canonical: kept.canonical ?? '', ttl })
      })
    })
  }

  close(): Promise<void> {
    this.#isClosed = true
    for (const stop of this.#running) stop()
    return new Promise((resolve) => void setImmediate(resolve))
  }

  #lookup(name: string, type: Kind, back: Back<Kept>): void {
    if (this.#isClosed) return back(new DnsError('ECANCELLED'))
    const kept = this.#keptFor(name, type)
    if (kept) return back(null, kept)
    const key = `${name} ${type}`
    const callers = this.#callers.get(key)
    if (callers) return void callers.push(back)
    const all = [back]
    this.#callers.set(key, all)
    this.#chase(name, name, type, [], Number.POSITIVE_INFINITY, (error, found) => {
      this.#callers.delete(key)
      if (found) this.#kept[found.code === 'ENOTFOUND' ? name : key] = found
      for (const each of all) each(error, found)
    })
  }

  #keptFor(name: string, type: Kind): Kept | undefined {
    return [this.#kept[`${name} ${type}`], this.#kept[name]].find(
      (each) => each && this.#o.now() < each.until,
    )
  }

  #chase(asked: string, name: string, type: Kind, aliases: string[], until: number, back: Back<Kept>): void {
    const kept = name === asked ? undefined : this.#keptFor(name, type)
    if (kept) return back(null, { ...kept, until: Math.min(kept.until, until) })
    this.#rounds(name, type, 0, null, (error, message) => {
      if (error || !message) return back(error)
      const now = this.#o.now()
      let at = name
      let least = until
      const lasts = (ttl: number): void =>
        void (least = Math.min(least, now + 1000 * (ttl >= 2 ** 31 ? 0 : ttl)))
      for (;;) {
        const own = message.answers.filter((each) => each.class === 1 && same(each.name, at))
        const found = own.filter((each) => each.type === TYPE[type])
        if (found.length > 0) {
          for (const { ttl } of found) lasts(ttl)
          const result = { until: least, addresses: found.map(({ data }) => String(data)), canonical: at }
          return back(null, result)
        }
        const alias = own.find((each) => each.type === 5)
        if (!alias) break
        lasts(alias.ttl)
        aliases.push(at)
        at = String(alias.data).toLowerCase()
        if (aliases.length > 16 || aliases.includes(at))
          return back(new DnsError('EBADRESP', 'aliases without end'))
      }
      if (message.code === 0 && at !== name) return this.#chase(asked, at, type, aliases, least, back)
      const soa = message.authority.find((each) => each.type === 6)
      lasts(soa?.ttl ?? 0)
      if (soa) lasts((soa.data as { minimum: number }).minimum)
      return back(null, { until: least, code: message.code === 3 ? 'ENOTFOUND' : 'ENODATA' })
    })
  }

  #rounds(name: string, type: Kind, turn: number, last: Error | null, back: Back<Message>): void {
    const { servers, attempts, timeoutMs } = this.#o
    if (this.#isClosed) return back(new DnsError('ECANCELLED'))
    const server = servers[turn % servers.length]
    if (turn === attempts * servers.length || !server) {
      const all = servers.map(({ host, port }) => `${host}:${port}`).join(' and ')
      return back(Object.assign(last ?? new Error(), { message: `${name}: ${all} did not answer` }))
    }
    const next = (error: Error): void => this.#rounds(name, type, turn + 1, error, back)
    const judge: Back<Message> = (error, message) => {
      if (error || !message) return next(error ?? new Error())
      if (message.code === 0 || message.code === 3) return back(null, message)
      return next(new DnsError({ 2: 'ESERVFAIL', 5: 'EREFUSED' }[message.code] ?? 'EBADRESP'))
    }
    this.#once(
      timeoutMs,
      (done) => askOverUdp(server, name, type, done),
      (error, message) => {
        if (!message?.flags.truncated) return judge(error, message)
        this.#once(timeoutMs, (done) => askOverTcp(server, name, type, done), judge)
      },
    )
  }

  /** Whatever comes first: an answer, an error, the end of the wait, or close(). */
  #once(ms: number, start: (done: Back<Message>) => () => void, back: Back<Message>): void {
    const done: Back<Message> = (error, message) => {
      if (!this.#running.delete(stop)) return
      clearTimeout(timer)
      release()
      back(error, message)
    }
    const stop = (): void => done(new DnsError('ECANCELLED'))
    this.#running.add(stop)
    const timer = setTimeout(() => done(new DnsError('ETIMEOUT')), ms)
    const release = start(done)
  }
}

function readAnswer(bytes: Buffer, id: number, name: string, type: Kind): Message | null {
  if (bytes.length < 12 || bytes.readUInt16BE(0) !== id || bytes.readInt8(2) >= 0) return null
  const message = decodeMessage(bytes)
  const [asked] = message.question
  const isOne = message.question.length === 1 && asked?.class === 1 && asked.type === TYPE[type]
  return isOne && asked && same(asked.name, name) ? message : null
}

function askOverUdp(server: Address, name: string, type: Kind, done: Back<Message>): () => void {
  const id = randomBytes(2).readUInt16BE()
  const socket = dgram.createSocket({ type: 'udp4' })
  socket.on('error', (error) => done(error))
  socket.on('message', (bytes) => {
    try {
      const message = readAnswer(bytes, id, name, type)
      if (message) done(null, message)
    } catch (error) {
      done(error as Error)
    }
  })
  let isOver = false
  socket.connect(server.port, server.host, () => {
    if (!isOver) socket.send(encodeQuery(id, name, type))
  })
  return () => {
    isOver = true
    socket.close()
  }
}

function askOverTcp(server: Address, name: string, type: Kind, done: Back<Message>): () => void {
  const id = randomBytes(2).readUInt16BE()
  const chunks: Buffer[] = []
  const socket = net.connect({ host: server.host, port: server.port, noDelay: true }, () => {
    const query = encodeQuery(id, name, type)
    socket.write(Buffer.of(query.length >> 8, query.length & 255))
    socket.write(query)
  })
  socket.on('readable', () => {
    for (let chunk = socket.read() as Buffer | null; chunk; chunk = socket.read() as Buffer | null)
      chunks.push(chunk)
    let all = Buffer.concat(chunks.splice(0))
    try {
      while (all.length > 1 && all.length - 2 >= all.readUInt16BE(0)) {
        const end = 2 + all.readUInt16BE(0)
        const message = readAnswer(all.subarray(2, end), id, name, type)
        if (message) return done(null, message)
        all = all.subarray(end)
      }
      chunks.push(all)
    } catch (error) {
      done(error as Error)
    }
  })
  socket.on('error', (error) => done(error))
  socket.on('close', () => done(new DnsError('ECONNRESET')))
  return () => void socket.destroy()
}
