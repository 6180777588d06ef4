/**
 * Lab 20: first contact.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc2131 | RFC 2131} (DHCP)
 * @see {@link https://www.rfc-editor.org/rfc/rfc2132 | RFC 2132} (its options)
 * @see {@link https://www.rfc-editor.org/rfc/rfc792 | RFC 792} (ICMP)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-4.3.4 | RFC 9110 §4.3.4} (certificates)
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import tls from 'node:tls'
import { formatRequest } from '../../labs/kit/format.ts'
import { parseHead, parseResponseHead } from '../../labs/kit/head.ts'
import { field, type Address, type Response } from '../../labs/kit/http.ts'

/** Options by their codes (RFC 2132). */
export type DhcpOptions = Readonly<Record<number, Uint8Array>>

/** With the names of RFC 2131 §2; addresses are dotted, `0.0.0.0` where there is none. */
export interface DhcpMessage {
  /** 1: from a client, 2: from a server. */
  readonly op: 1 | 2
  readonly xid: number
  readonly secs: number
  /** The flag by which a client asks for an answer to all. */
  readonly broadcast: boolean
  readonly ciaddr: string
  readonly yiaddr: string
  readonly siaddr: string
  readonly giaddr: string
  /** The client's hardware address: `02:00:00:00:00:0a`. */
  readonly chaddr: string
  readonly options: DhcpOptions
}

/** What a lease gives. Times are in milliseconds by `now()`, and Infinity where the lease has no end. */
export interface Configuration {
  readonly address: string
  readonly mask: string | null
  readonly routers: readonly string[]
  readonly dns: readonly string[]
  /** The server that granted it. */
  readonly server: string
  readonly renewAt: number
  readonly rebindAt: number
  readonly expiresAt: number
}

export interface LeaseOptions {
  /** What is sent here, all DHCP servers of the LAN hear: 255.255.255.255 and port 67. */
  readonly server: Address
  /** 68 on a LAN; 0 for any. */
  readonly clientPort: number
  readonly mac: string
  now(): number
  /** From 0 up to 1, and never 1. */
  random(): number
  /** Whether some machine answers to this address. */
  inUse(address: string): Promise<boolean>
  /** Called when the lease has been renewed, and with null when it is lost. */
  onChange?(configuration: Configuration | null): void
}

export interface Echo {
  readonly type: 'request' | 'reply'
  readonly id: number
  readonly sequence: number
  readonly data: Uint8Array
}

export interface PingOptions {
  readonly id: number
  readonly count: number
  readonly timeoutMs: number
  now(): number
  /** Calls `hear` with each packet that comes. Returns what ends that. */
  listen(hear: (packet: Uint8Array) => void): () => void
}

export interface PingReport {
  readonly sent: number
  readonly received: number
  /** From 0 to 1. */
  readonly loss: number
  readonly late: number
  readonly doubled: number
  /** Null where nothing was received. */
  readonly leastMs: number | null
  readonly meanMs: number | null
  readonly mostMs: number | null
}

export type Stage = 'lease' | 'name' | 'connection' | 'answer' | 'close' | 'release'

export interface VisitOptions {
  /** `http:` or `https:`, with a name or an IPv4 address. */
  readonly url: string
  readonly lease: Omit<LeaseOptions, 'onChange'>
  /** The address of a name, asked of these DNS servers. */
  resolve(name: string, servers: readonly string[]): Promise<string>
  /** The certificates that are trusted, as PEM. */
  readonly ca: string
}

export interface Journey {
  /** What was done, in its order. */
  readonly stages: readonly Stage[]
  readonly configuration: Configuration | null
  readonly response: Response | null
  readonly failure: { readonly stage: Stage; readonly code: string; readonly message: string } | null
}

function failure(code: string, message: string): Error & { code: string } {
  return Object.assign(new Error(message), { code })
}

// #region encode
const NONE = '0.0.0.0'
const COOKIE = Buffer.from([99, 130, 83, 99])
const [FIXED_BYTES, LEAST_BYTES] = [236, 300]
const [PAD, OVERLOAD, END] = [0, 52, 255]
/** Where the fields for names stand, which may hold options as well (RFC 2131 §4.1). */
const [SNAME, FILE] = [
  [44, 108],
  [108, 236],
] as const

export function encodeDhcp(message: DhcpMessage): Buffer {
  const fixed = Buffer.alloc(FIXED_BYTES)
  // htype 1: Ethernet, whose addresses have 6 bytes.
  fixed.set([message.op, 1, 6], 0)
  fixed.writeUInt32BE(message.xid, 4)
  fixed.writeUInt16BE(message.secs, 8)
  fixed.writeUInt16BE(message.broadcast ? 0x8000 : 0, 10)
  const { ciaddr, yiaddr, siaddr, giaddr } = message
  for (const [index, address] of [ciaddr, yiaddr, siaddr, giaddr].entries())
    fixed.set(bytesOf(address), 12 + 4 * index)
  fixed.set(Buffer.from(message.chaddr.replaceAll(':', ''), 'hex'), 28)
  const options = Object.entries(message.options).flatMap(([code, data]) => optionParts(Number(code), data))
  const bytes = Buffer.concat([fixed, COOKIE, ...options, Buffer.from([END])])
  return Buffer.concat([bytes, Buffer.alloc(Math.max(0, LEAST_BYTES - bytes.length))])
}

/** What is longer than a length can say goes on in another option of the same code (RFC 3396 §5). */
function optionParts(code: number, data: Uint8Array): Uint8Array[] {
  const [part, rest] = [data.subarray(0, 255), data.subarray(255)]
  const own = [Buffer.from([code, part.length]), part]
  return rest.length > 0 ? [...own, ...optionParts(code, rest)] : own
}

function bytesOf(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number))
}
// #endregion encode

// #region decode
export function decodeDhcp(bytes: Uint8Array): DhcpMessage {
  const all = Buffer.from(bytes)
  const [op, htype, hlen] = all
  const hasCookie = all.subarray(FIXED_BYTES, FIXED_BYTES + 4).equals(COOKIE)
  if (!hasCookie || (op !== 1 && op !== 2) || htype !== 1 || hlen !== 6)
    throw failure('EBADDHCP', 'no DHCP message of an Ethernet')
  const options = readOptions(all)
  if (options[53]?.length !== 1) throw failure('EBADDHCP', 'a message without a type')
  const address = (at: number): string => dotted(all.subarray(at, at + 4))
  return {
    op,
    xid: all.readUInt32BE(4),
    secs: all.readUInt16BE(8),
    broadcast: (all.readUInt16BE(10) & 0x8000) !== 0,
    ciaddr: address(12),
    yiaddr: address(16),
    siaddr: address(20),
    giaddr: address(24),
    chaddr: (all.toString('hex', 28, 34).match(/../g) ?? []).join(':'),
    options,
  }
}

/** First those at the end, which may say that there are more: in `file`, in `sname`, or in both, in this order. */
function readOptions(all: Buffer): Record<number, Buffer> {
  const found: Record<number, Buffer> = {}
  collect(all.subarray(FIXED_BYTES + COOKIE.length), found)
  const overload = found[OVERLOAD]?.[0] ?? 0
  delete found[OVERLOAD]
  if (overload & 1) collect(all.subarray(...FILE), found)
  if (overload & 2) collect(all.subarray(...SNAME), found)
  return found
}

/** One that comes again goes on where it was (RFC 3396 §7). */
function collect(area: Buffer, found: Record<number, Buffer>): void {
  for (let at = 0; at < area.length;) {
    const code = area.readUInt8(at++)
    if (code === END) return
    if (code === PAD) continue
    const start = at + 1
    const end = start + (area[at] ?? Infinity)
    if (end > area.length) throw failure('EBADDHCP', `option ${code} is cut short`)
    found[code] = Buffer.concat([found[code] ?? Buffer.alloc(0), area.subarray(start, end)])
    at = end
  }
}

function dotted(bytes: Uint8Array): string {
  return bytes.join('.')
}

/** Every four bytes of an option; nothing where they are no addresses. */
function addressesIn(data: Uint8Array | undefined): string[] {
  if (!data || data.length % 4 !== 0) return []
  return Array.from({ length: data.length / 4 }, (_, index) =>
    dotted(data.subarray(4 * index, 4 * index + 4)),
  )
}

function longIn(data: Uint8Array | undefined): number | null {
  return data?.length === 4 ? Buffer.from(data).readUInt32BE() : null
}
// #endregion decode

// #region messages
const TYPES = { DISCOVER: 1, OFFER: 2, REQUEST: 3, DECLINE: 4, ACK: 5, NAK: 6, RELEASE: 7 } as const
type Type = keyof typeof TYPES
const FOREVER = 0xffff_ffff
/** Subnet mask, router, DNS server, lease time, T1, T2: what we would like to be told (option 55). */
const WISHES = Buffer.from([1, 3, 6, 51, 58, 59])

const isType = ({ options }: DhcpMessage, ...types: readonly Type[]): boolean =>
  types.some((type) => TYPES[type] === options[53]?.[0])

const serverOf = ({ options }: DhcpMessage): string | undefined => addressesIn(options[54])[0]

/** An offer or a grant that says all that it must. */
function isComplete(message: DhcpMessage): boolean {
  return message.yiaddr !== NONE && serverOf(message) !== undefined && longIn(message.options[51]) !== null
}

/** @param since - When it was asked for: from then on the server counts at the latest (RFC 2131 §4.4.1). */
function configurationOf(message: DhcpMessage, since: number): Configuration {
  const { yiaddr, options } = message
  const seconds = longIn(options[51]) ?? 0
  const [renew, rebind] = [longIn(options[58]) ?? seconds / 2, longIn(options[59]) ?? seconds * 0.875]
  const [t1, t2] = renew <= rebind && rebind <= seconds ? [renew, rebind] : [seconds / 2, seconds * 0.875]
  const at = (after: number): number => (seconds === FOREVER ? Infinity : since + after * 1_000)
  return {
    address: yiaddr,
    mask: addressesIn(options[1])[0] ?? null,
    routers: addressesIn(options[3]),
    dns: addressesIn(options[6]),
    server: serverOf(message) ?? NONE,
    renewAt: at(t1),
    rebindAt: at(t2),
    expiresAt: at(seconds),
  }
}
// #endregion messages

// #region ask
/** A message, and what is an answer to it. */
interface Question {
  readonly message: DhcpMessage
  to(): Address
  answers(message: DhcpMessage): boolean
  /** When to stop waiting for an answer to what was just sent; null: do not send it again. */
  nextAt(sent: number): number | null
}

const LONGEST_TIMER = 2 ** 31 - 1
const MOST_BEGINNINGS = 5
const AFTER_DECLINE_MS = 10_000
const LEAST_WAIT_MS = 60_000

/** A fault is a datagram like any other that is not for us. */
function read(bytes: Buffer): DhcpMessage | null {
  try {
    return decodeDhcp(bytes)
  } catch {
    return null
  }
}

async function transmit(socket: UdpSocket, message: DhcpMessage, { host, port }: Address): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.send(encodeDhcp(message), port, host, (error) => (error ? reject(error) : resolve()))
  })
}
// #endregion ask

// #region lease
export class Lease {
  readonly #options: LeaseOptions
  #held: Configuration | null = null
  /** From begin() until the lease is over. */
  #life: AbortController | null = null

  constructor(options: LeaseOptions) {
    this.#options = options
  }

  async begin(): Promise<Configuration> {
    if (this.#life) throw failure('EALREADY', 'there is a lease, or one is being asked for')
    const life = (this.#life = new AbortController())
    try {
      this.#held = await this.#obtain(life.signal)
    } catch (error) {
      if (this.#life === life) this.#life = null
      throw error
    }
    void this.#keep(this.#held, life.signal)
    return this.#held
  }

  async release(): Promise<void> {
    const [held, life] = [this.#held, this.#life]
    this.#held = this.#life = null
    life?.abort(failure('ECANCELLED', 'the lease is given back'))
    if (!held) return
    const message = this.#message('RELEASE', { ciaddr: held.address, options: { 54: bytesOf(held.server) } })
    await this.#tell(message, this.#serverAt(held.server))
  }

  // #region obtain
  async #obtain(signal: AbortSignal): Promise<Configuration> {
    const { server, now, inUse } = this.#options
    for (let beginning = 0; beginning < MOST_BEGINNINGS; beginning++) {
      const discover = this.#message('DISCOVER', { broadcast: true, options: { 55: WISHES } })
      const { xid } = discover
      const offer = await this.#ask(
        {
          message: discover,
          to: () => server,
          answers: (message) => isType(message, 'OFFER') && isComplete(message),
          nextAt: this.#backOff(5),
        },
        signal,
      )
      if (!offer) break
      const options = { 50: bytesOf(offer.yiaddr), 54: bytesOf(serverOf(offer) ?? NONE), 55: WISHES }
      const since = now()
      const answer = await this.#ask(
        {
          message: { ...this.#message('REQUEST', { broadcast: true, options }), xid },
          to: () => server,
          answers: (message) =>
            serverOf(message) === serverOf(offer) &&
            (isType(message, 'NAK') || (isType(message, 'ACK') && isComplete(message))),
          nextAt: this.#backOff(4),
        },
        signal,
      )
      if (!answer || isType(answer, 'NAK')) continue
      const configuration = configurationOf(answer, since)
      if (!(await unlessAborted(inUse(configuration.address), signal))) return configuration
      const refused = { 50: bytesOf(configuration.address), 54: bytesOf(configuration.server) }
      await this.#tell(this.#message('DECLINE', { options: refused }), server)
      await this.#until(now() + AFTER_DECLINE_MS, signal)
    }
    throw failure('ENOLEASE', 'nobody grants an address')
  }

  /** 4 s, 8 s and so on up to 64 s, each a second more or less (RFC 2131 §4.1). */
  #backOff(times: number): Question['nextAt'] {
    const { random } = this.#options
    let sent = 0
    return (at) => {
      if (sent === times) return null
      const wait = Math.min(4_000 * 2 ** sent++, 64_000)
      return at + wait + (2 * random() - 1) * 1_000
    }
  }
  // #endregion obtain

  // #region keep
  async #keep(first: Configuration, signal: AbortSignal): Promise<void> {
    try {
      for (let held: Configuration | null = first; held; held = await this.#renew(held, signal)) {
        if (held !== first) this.#change(held)
        await this.#until(held.renewAt, signal)
      }
    } catch {
      // Given back; or the system does not let us ask, and then the address is lost, too.
      if (signal.aborted) return
    }
    this.#life = null
    this.#change(null)
  }

  #change(held: Configuration | null): void {
    this.#held = held
    this.#options.onChange?.(held)
  }

  /** First its own server is asked, then anybody (RFC 2131 §4.4.5). Null: the address is lost. */
  async #renew(held: Configuration, signal: AbortSignal): Promise<Configuration | null> {
    const { server, now } = this.#options
    const isRenewing = (): boolean => now() < held.rebindAt
    const since = now()
    const answer = await this.#ask(
      {
        message: this.#message('REQUEST', { ciaddr: held.address, options: { 55: WISHES } }),
        to: () => (isRenewing() ? this.#serverAt(held.server) : server),
        answers: (message) =>
          (!isRenewing() || serverOf(message) === held.server) &&
          (isType(message, 'NAK') || (isType(message, 'ACK') && isComplete(message))),
        nextAt: (at) => {
          if (at >= held.expiresAt) return null
          const end = at < held.rebindAt ? held.rebindAt : held.expiresAt
          return Math.min(end, at + Math.max(LEAST_WAIT_MS, Math.floor((end - at) / 2)))
        },
      },
      signal,
    )
    return answer && isType(answer, 'ACK') ? configurationOf(answer, since) : null
  }
  // #endregion keep

  #serverAt(host: string): Address {
    return { host, port: this.#options.server.port }
  }

  #message(type: Type, { options = {}, ...rest }: Partial<DhcpMessage>): DhcpMessage {
    const xid = Math.floor(this.#options.random() * 2 ** 32)
    const none = { secs: 0, broadcast: false, ciaddr: NONE, yiaddr: NONE, siaddr: NONE, giaddr: NONE }
    const own = {
      op: 1,
      xid,
      chaddr: this.#options.mac,
      options: { 53: Buffer.of(TYPES[type]), ...options },
    } as const
    return { ...none, ...own, ...rest }
  }

  /** Sends until an answer comes; null where none does. */
  async #ask(question: Question, signal: AbortSignal): Promise<DhcpMessage | null> {
    const { message, to, answers, nextAt } = question
    const { mac, now } = this.#options
    const socket = await this.#open()
    const over = new AbortController()
    const answered = new Promise<DhcpMessage>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('message', (bytes) => {
        const answer = read(bytes)
        const isForUs = answer?.op === 2 && answer.xid === message.xid && answer.chaddr === mac
        if (isForUs && answers(answer)) resolve(answer)
      })
    })
    try {
      for (;;) {
        const next = nextAt(now())
        if (next === null) return null
        await transmit(socket, message, to())
        const wait = this.#until(next, AbortSignal.any([signal, over.signal]))
        const answer = await Promise.race([answered, wait])
        signal.throwIfAborted()
        if (answer) return answer
      }
    } finally {
      over.abort()
      socket.close()
    }
  }

  /** To whom nobody answers. */
  async #tell(message: DhcpMessage, to: Address): Promise<void> {
    const socket = await this.#open()
    await transmit(socket, message, to).finally(() => socket.close())
  }

  async #open(): Promise<UdpSocket> {
    const socket = createSocket('udp4').bind(this.#options.clientPort)
    await once(socket, 'listening')
    socket.setBroadcast(true)
    return socket
  }

  /** In steps that a timer can count. */
  async #until(at: number, signal: AbortSignal): Promise<void> {
    for (let left = at - this.#options.now(); left > 0; left = at - this.#options.now())
      await pause(Math.min(left, LONGEST_TIMER), undefined, { signal }).catch(() => signal.throwIfAborted())
  }
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  const value = await Promise.race([promise, aborted])
  signal.throwIfAborted()
  return value
}
// #endregion lease

// #region echo
const [REPLY, REQUEST] = [0, 8]

export function encodeEcho({ type, id, sequence, data }: Echo): Buffer {
  const head = Buffer.from([
    type === 'request' ? REQUEST : REPLY,
    0,
    0,
    0,
    id >> 8,
    id,
    sequence >> 8,
    sequence,
  ])
  const packet = Buffer.concat([head, data])
  packet.writeUInt16BE(checksum(packet), 2)
  return packet
}

/** Null: damaged, or no echo. */
export function decodeEcho(bytes: Uint8Array): Echo | null {
  const packet = Buffer.from(bytes)
  const [type, code] = packet
  if (packet.length < 8 || code !== 0 || (type !== REPLY && type !== REQUEST) || checksum(packet) !== 0)
    return null
  return {
    type: type === REQUEST ? 'request' : 'reply',
    id: packet.readUInt16BE(4),
    sequence: packet.readUInt16BE(6),
    data: packet.subarray(8),
  }
}

/** The complement of the sum of all words, carries added in (RFC 1071). Over a packet with its checksum it is 0. */
function checksum(bytes: Buffer): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes.readUInt8(at) << 8) | (bytes[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum >>> 16) + (sum & 0xffff)
  return ~sum & 0xffff
}
// #endregion echo

// #region ping
export async function ping(send: (packet: Uint8Array) => void, options: PingOptions): Promise<PingReport> {
  const { id, count, timeoutMs, now, listen } = options
  const data = Buffer.from('are you there, and do you hear me?')
  const sentAt: number[] = []
  const answered = new Set<number>()
  const times: number[] = []
  let [late, doubled] = [0, 0]
  let waiting: { readonly sequence: number; done(): void } | null = null
  const stop = listen((packet) => {
    const echo = decodeEcho(packet)
    const isOurs = echo?.type === 'reply' && echo.id === id && data.equals(echo.data)
    const at = isOurs ? sentAt[echo.sequence] : undefined
    if (!isOurs || at === undefined) return
    if (answered.has(echo.sequence)) return void doubled++
    answered.add(echo.sequence)
    if (waiting?.sequence !== echo.sequence) return void late++
    times.push(now() - at)
    waiting.done()
  })
  for (let sequence = 0; sequence < count; sequence++) {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        waiting = null
        resolve()
      }
      const timer = setTimeout(done, timeoutMs)
      waiting = { sequence, done }
      sentAt[sequence] = now()
      send(encodeEcho({ type: 'request', id, sequence, data }))
    })
  }
  stop()
  const received = times.length
  const some = received > 0
  return {
    sent: count,
    received,
    loss: (count - received) / count,
    late,
    doubled,
    leastMs: some ? Math.min(...times) : null,
    meanMs: some ? times.reduce((sum, time) => sum + time, 0) / received : null,
    mostMs: some ? Math.max(...times) : null,
  }
}
// #endregion ping

// #region visit
export async function visit(options: VisitOptions): Promise<Journey> {
  const { url, resolve, ca } = options
  const stages: Stage[] = []
  const lost = new AbortController()
  const onChange = (held: Configuration | null): void => {
    if (!held) lost.abort(failure('ELEASELOST', 'the address is not ours any more'))
  }
  const lease = new Lease({ ...options.lease, onChange })
  let stage: Stage = 'lease'
  let configuration: Configuration | null = null
  let response: Response | null = null
  let failed: Journey['failure'] = null
  const step = async <T>(name: Stage, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    stage = name
    const value = await unlessAborted(work(lost.signal), lost.signal)
    stages.push(name)
    return value
  }
  try {
    const { dns } = (configuration = await step('lease', () => lease.begin()))
    const { hostname } = new URL(url)
    const address = net.isIP(hostname) ? hostname : await step('name', () => resolve(hostname, dns))
    const socket = await step('connection', (signal) => connect(new URL(url), address, ca, signal))
    try {
      response = await step('answer', () => answerOver(socket, new URL(url)))
      await step('close', () => closed(socket))
    } finally {
      socket.destroy()
    }
  } catch (error) {
    const { code = 'EFAILED', message } = error as NodeJS.ErrnoException
    failed = { stage, code, message }
  }
  if (configuration && !lost.signal.aborted) {
    await lease.release()
    stages.push('release')
  }
  return { stages, configuration, response, failure: failed }
}

/** The name of the URL is what the certificate has to cover, and the name by which the server chooses it. */
async function connect(url: URL, address: string, ca: string, signal: AbortSignal): Promise<net.Socket> {
  const { hostname: host } = url
  const isSecure = url.protocol === 'https:'
  const place = { host: address, port: Number(url.port) || (isSecure ? 443 : 80) }
  const name = net.isIP(host) ? {} : { servername: host }
  const socket = isSecure ? tls.connect({ ...place, ...name, ca }) : net.connect(place)
  signal.addEventListener('abort', () => socket.destroy(), { once: true })
  await once(socket, isSecure ? 'secureConnect' : 'connect')
  return socket
}

function answerOver(socket: net.Socket, { pathname, search, host }: URL): Promise<Response> {
  const headers = [
    ['Host', host],
    ['Connection', 'close'],
  ] as const
  const target = pathname + search
  socket.write(formatRequest({ method: 'GET', target, version: '1.1', headers, body: Buffer.alloc(0) }))
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0)
    const look = (isEnd: boolean): void => {
      const head = parseHead(received)
      const length = head && field(head.headers, 'content-length')
      const body = received.subarray(head?.length ?? 0)
      const isWhole = head !== null && (length === null ? isEnd : body.length >= Number(length))
      if (isWhole)
        resolve({
          ...parseResponseHead(head),
          body: length === null ? body : body.subarray(0, Number(length)),
        })
      else if (isEnd) reject(failure('ETRUNCATED', `the answer ended after ${received.length} bytes`))
    }
    socket.on('error', reject)
    const lookSafely = (isEnd: boolean): void => {
      try {
        look(isEnd)
      } catch (error) {
        reject(error)
      }
    }
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      lookSafely(false)
    })
    socket.on('end', () => lookSafely(true))
  })
}

/** Our FIN, and theirs. A reset behind a whole answer is an end as well. */
async function closed(socket: net.Socket): Promise<void> {
  if (socket.closed) return
  const end = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.end()
  await end
}
// #endregion visit
