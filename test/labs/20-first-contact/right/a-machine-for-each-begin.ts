/* oxlint-disable max-lines -- a lease, a ping and a journey: each is short */
// A machine of classes for each begin(), dead once it has stopped; one alarm for any moment, and no promise inside a lease; a journey whose stages race its loss.
import { createSocket, type Socket as Datagrams } from 'node:dgram'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { parseHead, parseResponseHead } from '../../../../labs/kit/head.ts'
import { formatRequest } from '../../../../labs/kit/format.ts'
import { field, type Address, type Response } from '../../../../labs/kit/http.ts'

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

const COOKIE = Buffer.from([99, 130, 83, 99])
const OPTIONS_AT = 240
const LEAST_LENGTH = 300
const NOWHERE = '0.0.0.0'

const TYPE = { DISCOVER: 1, OFFER: 2, REQUEST: 3, DECLINE: 4, ACK: 5, NAK: 6, RELEASE: 7 } as const
const OPTION = {
  pad: 0,
  mask: 1,
  routers: 3,
  dns: 6,
  requested: 50,
  leaseTime: 51,
  overload: 52,
  type: 53,
  server: 54,
  t1: 58,
  t2: 59,
  end: 255,
} as const

/** The bytes of a message. */
export function encodeDhcp(message: DhcpMessage): Uint8Array {
  const fixed = Buffer.alloc(OPTIONS_AT)
  fixed.set([message.op, 1, 6, 0])
  fixed.writeUInt32BE(message.xid, 4)
  fixed.writeUInt16BE(message.secs, 8)
  fixed.writeUInt16BE(message.broadcast ? 0x8000 : 0, 10)
  fixed.set(addressBytes(message.ciaddr), 12)
  fixed.set(addressBytes(message.yiaddr), 16)
  fixed.set(addressBytes(message.siaddr), 20)
  fixed.set(addressBytes(message.giaddr), 24)
  fixed.set(Buffer.from(message.chaddr.replaceAll(':', ''), 'hex'), 28)
  fixed.set(COOKIE, 236)
  const options = Object.entries(message.options).map(([code, data]) => encodeOption(Number(code), data))
  const bytes = Buffer.concat([fixed, ...options, Buffer.from([OPTION.end])])
  return bytes.length >= LEAST_LENGTH ? bytes : Buffer.concat([bytes], LEAST_LENGTH)
}

function encodeOption(code: number, data: Uint8Array): Buffer {
  const parts: Buffer[] = []
  let at = 0
  do {
    const piece = data.subarray(at, at + 255)
    parts.push(Buffer.from([code, piece.length]), Buffer.from(piece))
    at += 255
  } while (at < data.length)
  return Buffer.concat(parts)
}

/** @throws Error with the code `EBADDHCP`. */
export function decodeDhcp(bytes: Uint8Array): DhcpMessage {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (all.length < OPTIONS_AT || !all.subarray(236, OPTIONS_AT).equals(COOKIE)) throw badDhcp('no cookie')
  const op = all[0]
  if ((op !== 1 && op !== 2) || all[1] !== 1 || all[2] !== 6) throw badDhcp('another op, htype or hlen')
  return {
    op,
    xid: all.readUInt32BE(4),
    secs: all.readUInt16BE(8),
    broadcast: (all.readUInt16BE(10) & 0x8000) !== 0,
    ciaddr: addressAt(all, 12),
    yiaddr: addressAt(all, 16),
    siaddr: addressAt(all, 20),
    giaddr: addressAt(all, 24),
    chaddr: [...all.subarray(28, 34)].map((byte) => byte.toString(16).padStart(2, '0')).join(':'),
    options: decodeOptions(all),
  }
}

function decodeOptions(all: Buffer): DhcpOptions {
  const found = new Map<number, Buffer>()
  readOptions(all.subarray(OPTIONS_AT), found)
  const overload = found.get(OPTION.overload)
  const where = overload?.length === 1 ? overload[0]! : 0
  if (where === 1 || where === 3) readOptions(all.subarray(108, 236), found)
  if (where === 2 || where === 3) readOptions(all.subarray(44, 108), found)
  found.delete(OPTION.overload)
  if (found.get(OPTION.type)?.length !== 1) throw badDhcp('no message type')
  return Object.fromEntries([...found].map(([code, data]) => [code, Uint8Array.from(data)]))
}

/** Adds the options of one place to those that were found before. */
function readOptions(place: Buffer, found: Map<number, Buffer>): void {
  let at = 0
  while (at < place.length) {
    const code = place[at]!
    if (code === OPTION.end) return
    if (code === OPTION.pad) {
      at += 1
      continue
    }
    const from = at + 2
    const to = from + (place[at + 1] ?? Infinity)
    if (to > place.length) throw badDhcp(`option ${code} is cut short`)
    found.set(code, Buffer.concat([found.get(code) ?? Buffer.alloc(0), place.subarray(from, to)]))
    at = to
  }
}

function addressBytes(address: string): Uint8Array {
  return Uint8Array.from(address.split('.').map(Number))
}

function addressAt(bytes: Uint8Array, at: number): string {
  return bytes.subarray(at, at + 4).join('.')
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

const badDhcp = (why: string) => failure('EBADDHCP', `not a message of DHCP: ${why}`)

/** What `setTimeout` can count. */
const LONGEST_TIMER = 2 ** 31 - 1

/** One timer, for any moment by `now()`. Setting it again forgets what it was set to. */
class Alarm {
  #timer: NodeJS.Timeout | undefined
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  set(at: number, ring: () => void): void {
    this.clear()
    if (at === Infinity) return
    const left = at - this.#now()
    const check = () => (this.#now() >= at ? ring() : this.set(at, ring))
    this.#timer = setTimeout(check, Math.max(0, Math.min(Math.ceil(left), LONGEST_TIMER)))
  }

  clear(): void {
    clearTimeout(this.#timer)
  }
}

/** The states of RFC 2131's figure 5; PROBING and RESTING stand between REQUESTING and BOUND. */
type State = 'INIT' | 'SELECTING' | 'REQUESTING' | 'PROBING' | 'RESTING' | 'BOUND' | 'RENEWING'

const WAITS = [4000, 8000, 16_000, 32_000, 64_000]
const TRIES = { SELECTING: 5, REQUESTING: 4 }
const BEGINNINGS = 5
const REST = 10_000
const LEAST_RENEWAL = 60_000

interface Ends {
  granted(configuration: Configuration): void
  /** The lease never came to be. */
  failed(error: Error): void
  renewed(configuration: Configuration): void
  lost(): void
}

/**
 * The machine from `begin()` to the end of a lease: one state, one socket, one alarm. Datagrams and the alarm push it
 * from state to state. When it has stopped, nothing that still comes in moves it.
 */
class Machine {
  #state: State = 'INIT'
  #stopped = false
  readonly #socket: Datagrams = createSocket('udp4')
  readonly #alarm: Alarm
  readonly #options: LeaseOptions
  readonly #ends: Ends
  readonly #mac: string
  #beginnings = 0
  #xid = 0
  /** How often `#question` has been sent, and when first. */
  #tries = 0
  #askedAt = 0
  #question: Uint8Array = new Uint8Array()
  /** The server whose answers count. */
  #server = NOWHERE
  #configuration: Configuration | null = null

  constructor(options: LeaseOptions, ends: Ends) {
    this.#options = options
    this.#ends = ends
    this.#mac = options.mac.toLowerCase()
    this.#alarm = new Alarm(() => options.now())
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('message', (bytes) => this.#hear(bytes))
    this.#socket.bind(options.clientPort, () => {
      this.#socket.setBroadcast(true)
      this.#discover()
    })
  }

  get configuration(): Configuration | null {
    return this.#configuration
  }

  /** Ends it without a word to anybody but the server. */
  async release(): Promise<void> {
    const held = this.#configuration
    this.#still()
    try {
      if (held === null) return
      const ciaddr = held.address
      const options = { [OPTION.server]: addressBytes(held.server) }
      const bytes = this.#write(TYPE.RELEASE, { ciaddr, xid: this.#drawXid(), options })
      await new Promise<void>((resolve, reject) => {
        this.#socket.send(bytes, this.#options.server.port, held.server, (error) =>
          error ? reject(error) : resolve(),
        )
      })
    } finally {
      this.#socket.close()
    }
  }

  // -- asking ---------------------------------------------------------------------------------

  #discover(): void {
    if (this.#beginnings === BEGINNINGS) return this.#fail(failure('ENOLEASE', 'no server grants a lease'))
    this.#beginnings += 1
    this.#xid = this.#drawXid()
    this.#ask('SELECTING', this.#write(TYPE.DISCOVER, { broadcast: true, xid: this.#xid, options: {} }))
  }

  #request(offer: DhcpMessage): void {
    this.#server = serverOf(offer)!
    const options = {
      [OPTION.requested]: addressBytes(offer.yiaddr),
      [OPTION.server]: addressBytes(this.#server),
    }
    this.#ask('REQUESTING', this.#write(TYPE.REQUEST, { broadcast: true, xid: this.#xid, options }))
  }

  #ask(state: 'SELECTING' | 'REQUESTING', question: Uint8Array): void {
    this.#state = state
    this.#question = question
    this.#tries = 0
    this.#askedAt = this.#options.now()
    this.#try(state)
  }

  #try(state: 'SELECTING' | 'REQUESTING'): void {
    this.#toAll(this.#question)
    const wait = WAITS[this.#tries]! + (2 * this.#options.random() - 1) * 1000
    this.#tries += 1
    this.#alarm.set(this.#options.now() + wait, () => {
      if (this.#tries < TRIES[state]) this.#try(state)
      else if (state === 'REQUESTING') this.#discover()
      else this.#fail(failure('ENOLEASE', 'no server has answered'))
    })
  }

  async #probe(ack: DhcpMessage): Promise<void> {
    this.#state = 'PROBING'
    this.#alarm.clear()
    const configuration = this.#configure(ack)
    try {
      const taken = await this.#options.inUse(ack.yiaddr)
      if (this.#stopped) return
      if (taken) return this.#decline(configuration)
      this.#hold(configuration)
      this.#ends.granted(configuration)
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  #decline({ address, server }: Configuration): void {
    const options = { [OPTION.requested]: addressBytes(address), [OPTION.server]: addressBytes(server) }
    this.#toAll(this.#write(TYPE.DECLINE, { xid: this.#drawXid(), options }))
    this.#state = 'RESTING'
    if (this.#beginnings === BEGINNINGS) return this.#discover()
    this.#alarm.set(this.#options.now() + REST, () => this.#discover())
  }

  // -- keeping --------------------------------------------------------------------------------

  #hold(configuration: Configuration): void {
    this.#state = 'BOUND'
    this.#configuration = configuration
    this.#server = configuration.server
    this.#alarm.set(configuration.renewAt, () => this.#renew(configuration))
  }

  #renew(held: Configuration): void {
    this.#state = 'RENEWING'
    this.#xid = this.#drawXid()
    this.#askedAt = this.#options.now()
    this.#question = this.#write(TYPE.REQUEST, { ciaddr: held.address, xid: this.#xid, options: {} })
    this.#renewAgain(held)
  }

  #renewAgain(held: Configuration): void {
    const now = this.#options.now()
    if (now >= held.expiresAt) return this.#lose()
    const rebinding = now >= held.rebindAt
    if (rebinding) this.#toAll(this.#question)
    else this.#send(this.#question, held.server)
    const end = rebinding ? held.expiresAt : held.rebindAt
    const next = Math.min(end, now + Math.max(LEAST_RENEWAL, (end - now) / 2))
    this.#alarm.set(next, () => this.#renewAgain(held))
  }

  #lose(): void {
    this.#stop()
    this.#ends.lost()
  }

  // -- hearing --------------------------------------------------------------------------------

  #hear(bytes: Uint8Array): void {
    const answer = this.#answer(bytes)
    if (answer === null || this.#stopped) return
    const type = answer.options[OPTION.type]![0]
    if (this.#state === 'SELECTING' && type === TYPE.OFFER && grants(answer)) return this.#request(answer)
    if (this.#state !== 'REQUESTING' && this.#state !== 'RENEWING') return
    if (!this.#mayAnswer(answer)) return
    if (type === TYPE.NAK) return this.#state === 'REQUESTING' ? this.#discover() : this.#lose()
    if (type !== TYPE.ACK || !grants(answer)) return
    if (this.#state === 'REQUESTING') return void this.#probe(answer)
    const configuration = this.#configure(answer)
    this.#hold(configuration)
    this.#ends.renewed(configuration)
  }

  #answer(bytes: Uint8Array): DhcpMessage | null {
    try {
      const message = decodeDhcp(bytes)
      return message.op === 2 && message.xid === this.#xid && message.chaddr === this.#mac ? message : null
    } catch {
      return null
    }
  }

  #mayAnswer(answer: DhcpMessage): boolean {
    const server = serverOf(answer)
    if (server === null) return false
    const rebinding = this.#state === 'RENEWING' && this.#options.now() >= this.#configuration!.rebindAt
    return rebinding || server === this.#server
  }

  #configure(ack: DhcpMessage): Configuration {
    const mask = ack.options[OPTION.mask]
    return {
      address: ack.yiaddr,
      mask: mask?.length === 4 ? addressAt(mask, 0) : null,
      routers: addressesOf(ack.options[OPTION.routers]),
      dns: addressesOf(ack.options[OPTION.dns]),
      server: serverOf(ack)!,
      ...timesOf(ack.options, this.#askedAt),
    }
  }

  // -- sending and stopping ---------------------------------------------------------------------

  #write(
    type: number,
    fields: { xid: number; options: DhcpOptions; ciaddr?: string; broadcast?: boolean },
  ): Uint8Array {
    const none = { yiaddr: NOWHERE, siaddr: NOWHERE, giaddr: NOWHERE }
    const options = { ...fields.options, [OPTION.type]: Uint8Array.of(type) }
    const defaults = {
      op: 1,
      secs: 0,
      broadcast: false,
      ciaddr: NOWHERE,
      chaddr: this.#mac,
      ...none,
    } as const
    return encodeDhcp({ ...defaults, ...fields, options })
  }

  #toAll(bytes: Uint8Array): void {
    this.#send(bytes, this.#options.server.host)
  }

  /** What cannot be sent is as good as lost on the way: it will be sent again. */
  #send(bytes: Uint8Array, host: string): void {
    this.#socket.send(bytes, this.#options.server.port, host, () => {})
  }

  #drawXid(): number {
    return Math.floor(this.#options.random() * 2 ** 32)
  }

  #fail(error: Error): void {
    if (this.#stopped) return
    this.#stop()
    this.#ends.failed(error)
  }

  #stop(): void {
    this.#still()
    this.#socket.close()
  }

  #still(): void {
    this.#stopped = true
    this.#configuration = null
    this.#alarm.clear()
  }
}

function uint32(data: Uint8Array | undefined): number | null {
  return data?.length === 4 ? Buffer.from(data).readUInt32BE() : null
}

function serverOf(message: DhcpMessage): string | null {
  const data = message.options[OPTION.server]
  return data?.length === 4 ? addressAt(data, 0) : null
}

function grants(message: DhcpMessage): boolean {
  return (
    message.yiaddr !== NOWHERE &&
    serverOf(message) !== null &&
    uint32(message.options[OPTION.leaseTime]) !== null
  )
}

function addressesOf(data: Uint8Array | undefined): string[] {
  return Array.from({ length: Math.floor((data?.length ?? 0) / 4) }, (_, index) =>
    addressAt(data!, 4 * index),
  )
}

/** The three moments of a lease that was asked for at this one. */
function timesOf(
  options: DhcpOptions,
  since: number,
): Pick<Configuration, 'renewAt' | 'rebindAt' | 'expiresAt'> {
  const seconds = uint32(options[OPTION.leaseTime])!
  if (seconds === 0xffffffff) return { renewAt: Infinity, rebindAt: Infinity, expiresAt: Infinity }
  const usual = { t1: seconds / 2, t2: (seconds * 7) / 8 }
  const told = { t1: uint32(options[OPTION.t1]) ?? usual.t1, t2: uint32(options[OPTION.t2]) ?? usual.t2 }
  const { t1, t2 } = told.t1 < told.t2 && told.t2 < seconds ? told : usual
  return { renewAt: since + t1 * 1000, rebindAt: since + t2 * 1000, expiresAt: since + seconds * 1000 }
}

/** One lease: asked for, kept and given back. */
export class Lease {
  readonly #options: LeaseOptions
  #machine: Machine | null = null
  #cancel: (() => void) | null = null

  constructor(options: LeaseOptions) {
    this.#options = options
  }

  /** Settles with what the lease gives, or rejects with `ENOLEASE`, `ECANCELLED` or `EALREADY`. */
  async begin(): Promise<Configuration> {
    if (this.#machine !== null) throw failure('EALREADY', 'there is a lease, or one is asked for')
    return await new Promise((resolve, reject) => {
      const over = () => {
        this.#machine = null
        this.#cancel = null
      }
      this.#cancel = () => reject(failure('ECANCELLED', 'released before there was a lease'))
      this.#machine = new Machine(this.#options, {
        granted: (configuration) => {
          this.#cancel = null
          resolve(configuration)
        },
        failed: (error) => {
          over()
          reject(error)
        },
        renewed: (configuration) => this.#options.onChange?.(configuration),
        lost: () => {
          over()
          this.#options.onChange?.(null)
        },
      })
    })
  }

  async release(): Promise<void> {
    const machine = this.#machine
    const cancel = this.#cancel
    this.#machine = null
    this.#cancel = null
    await machine?.release()
    cancel?.()
  }
}

const ECHO = { request: 8, reply: 0 } as const
const ECHO_HEAD = 8

export function encodeEcho(echo: Echo): Uint8Array {
  const packet = Buffer.alloc(ECHO_HEAD + echo.data.length)
  packet[0] = ECHO[echo.type]
  packet.writeUInt16BE(echo.id, 4)
  packet.writeUInt16BE(echo.sequence, 6)
  packet.set(echo.data, ECHO_HEAD)
  packet.writeUInt16BE(checksum(packet), 2)
  return packet
}

export function decodeEcho(packet: Uint8Array): Echo | null {
  if (packet.length < ECHO_HEAD || checksum(packet) !== 0 || packet[1] !== 0) return null
  if (packet[0] !== ECHO.request && packet[0] !== ECHO.reply) return null
  const bytes = Buffer.from(packet)
  return {
    type: packet[0] === ECHO.request ? 'request' : 'reply',
    id: bytes.readUInt16BE(4),
    sequence: bytes.readUInt16BE(6),
    data: packet.slice(ECHO_HEAD),
  }
}

/** RFC 1071. */
function checksum(bytes: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) {
    sum += (bytes[at]! << 8) | (bytes[at + 1] ?? 0)
    if (sum > 0xffff) sum -= 0xffff
  }
  return ~sum & 0xffff
}

interface Sent {
  readonly at: number
  /** Whether an answer has come, in time or not. */
  answered: boolean
  over: boolean
  readonly answer: () => void
}

/** @param send - Carries a packet. What comes, `options.listen` tells. */
export async function ping(send: (packet: Uint8Array) => void, options: PingOptions): Promise<PingReport> {
  const data = Buffer.from('abcdefghijklmnopqrstuvwabcdefghi')
  const sent = new Map<number, Sent>()
  const trips: number[] = []
  let late = 0
  let doubled = 0

  const hear = (packet: Uint8Array): void => {
    const echo = decodeEcho(packet)
    if (echo?.type !== 'reply' || echo.id !== options.id || !data.equals(echo.data)) return
    const request = sent.get(echo.sequence)
    if (request === undefined) return
    if (request.answered) doubled += 1
    else if (request.over) late += 1
    else {
      trips.push(options.now() - request.at)
      request.answer()
    }
    request.answered = true
  }

  const ask = (sequence: number) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        request.over = true
        resolve()
      }, options.timeoutMs)
      const answer = () => {
        clearTimeout(timer)
        resolve()
      }
      const request: Sent = { at: options.now(), answered: false, over: false, answer }
      sent.set(sequence, request)
      try {
        send(encodeEcho({ type: 'request', id: options.id, sequence, data }))
      } catch (error) {
        clearTimeout(timer)
        reject(error)
      }
    })

  const stop = options.listen(hear)
  try {
    for (let number = 0; number < options.count; number += 1) await ask(number & 0xffff)
  } finally {
    stop()
  }
  return { ...summary(options.count, trips), late, doubled }
}

function summary(sent: number, trips: readonly number[]): Omit<PingReport, 'late' | 'doubled'> {
  const received = trips.length
  const loss = sent === 0 ? 0 : (sent - received) / sent
  if (received === 0) return { sent, received, loss, leastMs: null, meanMs: null, mostMs: null }
  const total = trips.reduce((sum, trip) => sum + trip, 0)
  const [leastMs, mostMs] = [Math.min(...trips), Math.max(...trips)]
  return { sent, received, loss, leastMs, meanMs: total / received, mostMs }
}

/** Lease, name, connection, answer, close, release. Never rejects. */
export async function visit(options: VisitOptions): Promise<Journey> {
  return await new Visit(options).run()
}

/** One journey. Each stage races against the loss of the lease. */
class Visit {
  readonly #options: VisitOptions
  readonly #lease: Lease
  readonly #stages: Stage[] = []
  #stage: Stage = 'lease'
  #configuration: Configuration | null = null
  #response: Response | null = null
  #failure: Journey['failure'] = null
  #line: Line | null = null
  #leaseLost = false
  #lose: (error: Error) => void = () => {}
  readonly #lost = new Promise<never>((_, reject) => {
    this.#lose = reject
  })

  constructor(options: VisitOptions) {
    this.#options = options
    // Nobody may be racing against it when it comes.
    this.#lost.catch(() => {})
    this.#lease = new Lease({ ...options.lease, onChange: (now) => now === null && this.#leaseGone() })
  }

  async run(): Promise<Journey> {
    await this.#attempt(() => this.#go())
    await this.#line?.cut()
    if (!this.#leaseLost) await this.#attempt(() => this.#giveBack())
    return {
      stages: this.#stages,
      configuration: this.#configuration,
      response: this.#response,
      failure: this.#failure,
    }
  }

  async #go(): Promise<void> {
    const url = new URL(this.#options.url)
    if (url.protocol !== 'http:' && url.protocol !== 'https:')
      throw failure('ERR_INVALID_PROTOCOL', `no way to go by ${url.protocol}`)
    const configuration = await this.#do('lease', () => this.#lease.begin())
    this.#configuration = configuration
    const named = isIP(url.hostname) === 0
    const address = named
      ? await this.#do('name', () => this.#options.resolve(url.hostname, configuration.dns))
      : url.hostname
    const line = await this.#do('connection', async () => {
      this.#line = new Line(url, address, this.#options.ca)
      await this.#line.ready()
      return this.#line
    })
    this.#response = await this.#do('answer', () => line.get(url))
    await this.#do('close', () => line.end())
  }

  async #giveBack(): Promise<void> {
    const held = this.#configuration !== null
    if (held) this.#stage = 'release'
    await this.#lease.release()
    if (held) this.#stages.push('release')
  }

  async #do<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
    this.#stage = stage
    const done = await Promise.race([this.#lost, work()])
    this.#stages.push(stage)
    return done
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const { code = 'EUNKNOWN', message } = error as NodeJS.ErrnoException
      this.#failure ??= { stage: this.#stage, code, message }
    }
  }

  #leaseGone(): void {
    this.#leaseLost = true
    void this.#line?.cut()
    this.#lose(failure('ELEASELOST', 'the lease was lost on the way'))
  }
}

/** The connection, by TCP or by TLS over it. */
class Line {
  readonly #socket: Socket
  readonly #ready: Promise<void>
  readonly #closed: Promise<void>

  constructor(url: URL, address: string, ca: string) {
    const secure = url.protocol === 'https:'
    const port = Number(url.port || (secure ? 443 : 80))
    // Without a servername, the certificate has to cover the host, which is the address then.
    const servername = isIP(url.hostname) === 0 ? { servername: url.hostname } : {}
    this.#socket = secure
      ? connectTls({ host: address, port, ca, rejectUnauthorized: true, ...servername })
      : connect({ host: address, port })
    this.#ready = new Promise((resolve, reject) => {
      this.#socket.once(secure ? 'secureConnect' : 'connect', resolve)
      this.#socket.on('error', reject)
    })
    this.#closed = new Promise((resolve) => this.#socket.once('close', () => resolve()))
  }

  ready(): Promise<void> {
    return this.#ready
  }

  get(url: URL): Promise<Response> {
    return new Promise((resolve, reject) => {
      const reader = new AnswerReader()
      const attempt = (read: () => Response | null) => {
        try {
          const response = read()
          if (response) resolve(response)
        } catch (error) {
          reject(error)
        }
      }
      this.#socket.on('data', (chunk) => attempt(() => reader.push(chunk)))
      this.#socket.on('end', () => attempt(() => reader.end()))
      this.#socket.on('error', reject)
      this.#socket.write(
        formatRequest({
          method: 'GET',
          target: url.pathname + url.search,
          version: '1.1',
          headers: [
            ['Host', url.host],
            ['Connection', 'close'],
          ],
          body: new Uint8Array(),
        }),
      )
    })
  }

  /** Our FIN, and the server's. A reset is an end, too. */
  async end(): Promise<void> {
    this.#socket.end()
    await this.#closed
  }

  async cut(): Promise<void> {
    this.#socket.destroy()
    await this.#closed
  }
}

/** One response, whose body has a length or goes on to the end. */
class AnswerReader {
  #bytes = Buffer.alloc(0)
  #done = false

  push(chunk: Uint8Array): Response | null {
    if (this.#done) return null
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    return this.#take(false)
  }

  end(): Response | null {
    if (this.#done) return null
    const response = this.#take(true)
    if (response === null) throw failure('ETRUNCATED', 'the answer was cut')
    return response
  }

  #take(ended: boolean): Response | null {
    const head = parseHead(this.#bytes)
    if (head === null) return null
    const start = parseResponseHead(head)
    const rest = this.#bytes.subarray(head.length)
    if (start.status < 200) {
      // An interim answer, such as 103; the one that counts follows.
      this.#bytes = rest
      return this.#take(ended)
    }
    const length = bodyLength(start)
    if (length === null ? !ended : rest.length < length) return null
    this.#done = true
    return { ...start, body: Uint8Array.from(rest.subarray(0, length ?? rest.length)) }
  }
}

/** Null: to the FIN. */
function bodyLength({ status, headers }: Omit<Response, 'body'>): number | null {
  if (status === 204 || status === 304) return 0
  const value = field(headers, 'content-length')
  if (value === null) return null
  if (!/^\d+$/.test(value)) throw failure('BAD_LENGTH', `not a Content-Length: ${value}`)
  return Number(value)
}
