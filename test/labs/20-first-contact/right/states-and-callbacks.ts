/* oxlint-disable max-lines -- a lease, a ping and a journey: each is short */
// One socket and one timer for the whole lease, a state with a name, and call-backs everywhere; TLS over a socket of net.
import { createSocket, type Socket } from 'node:dgram'
import net from 'node:net'
import tls from 'node:tls'

type Bytes = Uint8Array

interface Message {
  op: 1 | 2
  xid: number
  secs: number
  broadcast: boolean
  ciaddr: string
  yiaddr: string
  siaddr: string
  giaddr: string
  chaddr: string
  options: Record<number, Bytes>
}

interface Configuration {
  address: string
  mask: string | null
  routers: string[]
  dns: string[]
  server: string
  renewAt: number
  rebindAt: number
  expiresAt: number
}

interface Options {
  server: { host: string; port: number }
  clientPort: number
  mac: string
  now(): number
  random(): number
  inUse(address: string): Promise<boolean>
  onChange?(configuration: Configuration | null): void
}

function coded(code: string, message: string): Error {
  const error = new Error(message)
  Object.assign(error, { code })
  return error
}

const NOWHERE = '0.0.0.0'
const FIELDS = ['ciaddr', 'yiaddr', 'siaddr', 'giaddr'] as const

// --- messages ---

export function encodeDhcp(message: Message): Bytes {
  const bytes: number[] = [message.op, 1, 6, 0]
  const number = (value: number, size: number): void => {
    for (let shift = 8 * (size - 1); shift >= 0; shift -= 8) bytes.push(Math.floor(value / 2 ** shift) % 256)
  }
  number(message.xid, 4)
  number(message.secs, 2)
  number(message.broadcast ? 32_768 : 0, 2)
  for (const field of FIELDS) bytes.push(...message[field].split('.').map(Number))
  bytes.push(...message.chaddr.split(':').map((digits) => parseInt(digits, 16)))
  while (bytes.length < 236) bytes.push(0)
  bytes.push(99, 130, 83, 99)
  const codes = Object.keys(message.options).map(Number).reverse()
  for (const code of codes) {
    const data = [...(message.options[code] ?? [])]
    do {
      const part = data.splice(0, 255)
      bytes.push(code, part.length, ...part)
    } while (data.length > 0)
  }
  bytes.push(255)
  while (bytes.length < 300) bytes.push(0)
  return Uint8Array.from(bytes)
}

export function decodeDhcp(given: Bytes): Message {
  const bytes = [...given]
  const wrong = (why: string): never => {
    throw coded('EBADDHCP', why)
  }
  const text = bytes.slice(236, 240).join(' ')
  if (text !== '99 130 83 99') wrong('no cookie')
  const [op, htype, hlen] = bytes
  if ((op !== 1 && op !== 2) || htype !== 1 || hlen !== 6) wrong('not of an Ethernet')
  const options: Record<number, number[]> = {}
  const scan = (from: number, to: number): void => {
    let at = from
    while (at < to) {
      const code = bytes[at] ?? 0
      if (code === 255) return
      if (code === 0) {
        at++
        continue
      }
      const length = at + 1 < to ? (bytes[at + 1] ?? 0) : wrong('a code without a length')
      if (at + 2 + length > to) wrong('an option that is cut')
      options[code] = [...(options[code] ?? []), ...bytes.slice(at + 2, at + 2 + length)]
      at += 2 + length
    }
  }
  scan(240, bytes.length)
  const [overload = 0] = options[52] ?? []
  delete options[52]
  if (overload === 1 || overload === 3) scan(108, 236)
  if (overload === 2 || overload === 3) scan(44, 108)
  if (options[53]?.length !== 1) wrong('no type')
  const number = (at: number, size: number): number =>
    bytes.slice(at, at + size).reduce((sum, byte) => sum * 256 + byte, 0)
  const address = (at: number): string => bytes.slice(at, at + 4).join('.')
  return {
    op: op === 1 ? 1 : 2,
    xid: number(4, 4),
    secs: number(8, 2),
    broadcast: (bytes[10] ?? 0) >= 128,
    ciaddr: address(12),
    yiaddr: address(16),
    siaddr: address(20),
    giaddr: address(24),
    chaddr: bytes
      .slice(28, 34)
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join(':'),
    options: Object.fromEntries(Object.entries(options).map(([code, data]) => [code, Uint8Array.from(data)])),
  }
}

const list = (data: Bytes | undefined): string[] => {
  const all: string[] = []
  if (data && data.length % 4 === 0)
    for (let at = 0; at < data.length; at += 4) all.push(data.slice(at, at + 4).join('.'))
  return all
}

const count = (data: Bytes | undefined): number | undefined =>
  data?.length === 4 ? new DataView(Uint8Array.from(data).buffer).getUint32(0) : undefined

// --- the lease ---

type State = 'nothing' | 'discovering' | 'requesting' | 'probing' | 'declining' | 'bound' | 'renewing'

export class Lease {
  private state: State = 'nothing'
  private socket: Socket | null = null
  private timer: NodeJS.Timeout | undefined
  private xid = 0
  private beginnings = 0
  private sends = 0
  private offer: Message | null = null
  private held: Configuration | null = null
  private asked = 0
  private settle: { resolve(held: Configuration): void; reject(error: Error): void } | null = null
  /** Of each thing that was waited for: what comes to an older one is nobody's. */
  private turn = 0

  private readonly options: Options

  constructor(options: Options) {
    this.options = options
  }

  begin(): Promise<Configuration> {
    if (this.state !== 'nothing') return Promise.reject(coded('EALREADY', 'there is one'))
    this.beginnings = 0
    const result = new Promise<Configuration>((resolve, reject) => {
      this.settle = { resolve, reject }
    })
    this.state = 'discovering'
    const socket = createSocket('udp4')
    this.socket = socket
    socket.on('message', (bytes) => this.hear(bytes))
    socket.on('error', (error) => this.giveUp(error))
    socket.bind(this.options.clientPort, () => {
      if (this.socket !== socket) return
      socket.setBroadcast(true)
      this.discover()
    })
    return result
  }

  release(): Promise<void> {
    const { held, socket, settle } = this
    this.stop(false)
    settle?.reject(coded('ECANCELLED', 'given back'))
    if (!socket) return Promise.resolve()
    return new Promise((resolve) => {
      const close = (): void => {
        // A socket that is being bound cannot be closed before it is.
        try {
          socket.close(() => resolve())
        } catch {
          resolve()
        }
      }
      if (!held) return close()
      const message = this.message(7, { ciaddr: held.address, options: { 54: this.four(held.server) } })
      socket.send(encodeDhcp(message), this.options.server.port, held.server, close)
    })
  }

  private stop(close: boolean): void {
    clearTimeout(this.timer)
    this.turn++
    this.state = 'nothing'
    this.held = null
    this.settle = null
    if (close) this.socket?.close()
    this.socket = null
  }

  private giveUp(error: Error): void {
    const { settle } = this
    this.stop(true)
    settle?.reject(error)
  }

  private four(address: string): Bytes {
    return Uint8Array.from(address.split('.').map(Number))
  }

  private message(type: number, rest: Partial<Message>): Message {
    const none = {
      secs: 0,
      broadcast: false,
      ciaddr: NOWHERE,
      yiaddr: NOWHERE,
      siaddr: NOWHERE,
      giaddr: NOWHERE,
    }
    const options = { ...rest.options, 53: Uint8Array.of(type) }
    return { op: 1, xid: this.xid, chaddr: this.options.mac, ...none, ...rest, options }
  }

  private transmit(message: Message, host = this.options.server.host): void {
    this.socket?.send(encodeDhcp(message), this.options.server.port, host)
  }

  /** Node counts no more than 2^31 milliseconds. */
  private at(moment: number, then: () => void): void {
    clearTimeout(this.timer)
    if (moment === Infinity) return
    const left = moment - this.options.now()
    this.timer =
      left > 1e9 ? setTimeout(() => this.at(moment, then), 1e9) : setTimeout(then, Math.max(0, left))
  }

  private draw(): void {
    this.xid = Math.floor(this.options.random() * 4_294_967_296)
  }

  private discover(): void {
    if (++this.beginnings > 5) return this.giveUp(coded('ENOLEASE', 'nobody has one for us'))
    this.draw()
    this.state = 'discovering'
    this.offer = null
    this.sends = 0
    this.ask()
  }

  private ask(): void {
    const { offer } = this
    const most = offer ? 4 : 5
    if (this.sends === most) return offer ? this.discover() : this.giveUp(coded('ENOLEASE', 'nobody answers'))
    const options = offer
      ? { 50: this.four(offer.yiaddr), 54: this.four(list(offer.options[54])[0] ?? '') }
      : {}
    this.transmit(
      this.message(offer ? 3 : 1, { broadcast: true, options: { 12: Buffer.from('pc'), ...options } }),
    )
    const wait = [4_000, 8_000, 16_000, 32_000, 64_000][this.sends++] ?? 0
    const more = 1_000 * (2 * this.options.random() - 1)
    this.at(this.options.now() + wait + more, () => this.ask())
  }

  private hear(bytes: Bytes): void {
    let message: Message
    try {
      message = decodeDhcp(bytes)
    } catch {
      return
    }
    if (message.op !== 2 || message.xid !== this.xid || message.chaddr !== this.options.mac) return
    const type = message.options[53]?.[0]
    const [server] = list(message.options[54])
    const isWhole =
      server !== undefined && message.yiaddr !== NOWHERE && count(message.options[51]) !== undefined
    if (this.state === 'discovering' && type === 2 && isWhole) {
      this.state = 'requesting'
      this.offer = message
      this.sends = 0
      this.asked = this.options.now()
      this.ask()
    } else if (
      this.state === 'requesting' &&
      server !== undefined &&
      server === list(this.offer?.options[54])[0]
    ) {
      if (type === 6) this.discover()
      if (type === 5 && isWhole) this.probe(this.read(message, server))
    } else if (this.state === 'renewing' && this.held) {
      if (this.options.now() < this.held.rebindAt && server !== this.held.server) return
      if (type === 6) this.lose()
      if (type !== 5 || !isWhole) return
      this.keep(this.read(message, server))
      this.options.onChange?.(this.held)
    }
  }

  private read({ yiaddr, options }: Message, server: string): Configuration {
    const seconds = count(options[51]) ?? 0
    let [t1, t2] = [count(options[58]) ?? seconds / 2, count(options[59]) ?? (seconds * 7) / 8]
    if (t1 > t2 || t2 > seconds) [t1, t2] = [seconds / 2, (seconds * 7) / 8]
    const forever = seconds === 2 ** 32 - 1
    const from = this.asked
    return {
      address: yiaddr,
      mask: list(options[1])[0] ?? null,
      routers: list(options[3]),
      dns: list(options[6]),
      server,
      renewAt: forever ? Infinity : from + t1 * 1_000,
      rebindAt: forever ? Infinity : from + t2 * 1_000,
      expiresAt: forever ? Infinity : from + seconds * 1_000,
    }
  }

  private probe(found: Configuration): void {
    clearTimeout(this.timer)
    this.state = 'probing'
    const turn = ++this.turn
    this.options.inUse(found.address).then(
      (isTaken) => {
        if (turn !== this.turn) return
        if (isTaken) return this.decline(found)
        const { settle } = this
        this.settle = null
        this.keep(found)
        settle?.resolve(found)
      },
      (error: Error) => {
        if (turn === this.turn) this.giveUp(error)
      },
    )
  }

  private decline({ address, server }: Configuration): void {
    this.state = 'declining'
    this.transmit(this.message(4, { options: { 50: this.four(address), 54: this.four(server) } }))
    this.at(this.options.now() + 10_000, () => this.discover())
  }

  private keep(held: Configuration): void {
    this.held = held
    this.state = 'bound'
    this.at(held.renewAt, () => {
      this.draw()
      this.state = 'renewing'
      this.asked = this.options.now()
      this.renew(held)
    })
  }

  private renew(held: Configuration): void {
    const now = this.options.now()
    if (now >= held.expiresAt) return this.lose()
    const isOwn = now < held.rebindAt
    this.transmit(this.message(3, { ciaddr: held.address }), isOwn ? held.server : undefined)
    const end = isOwn ? held.rebindAt : held.expiresAt
    this.at(Math.min(end, now + Math.max(60_000, (end - now) / 2)), () => this.renew(held))
  }

  private lose(): void {
    this.stop(true)
    this.options.onChange?.(null)
  }
}

// --- ping ---

function sumOf(bytes: Bytes): number {
  const view = new DataView(Uint8Array.from([...bytes, 0]).buffer)
  let sum = 0
  for (let at = 0; at + 1 < view.byteLength; at += 2) sum += view.getUint16(at)
  while (sum >= 65_536) sum = Math.floor(sum / 65_536) + (sum % 65_536)
  return sum
}

interface Echo {
  type: 'request' | 'reply'
  id: number
  sequence: number
  data: Bytes
}

export function encodeEcho({ type, id, sequence, data }: Echo): Bytes {
  const packet = new Uint8Array(8 + data.length)
  const view = new DataView(packet.buffer)
  view.setUint8(0, type === 'reply' ? 0 : 8)
  view.setUint16(4, id)
  view.setUint16(6, sequence)
  packet.set(data, 8)
  view.setUint16(2, 65_535 - sumOf(packet))
  return packet
}

export function decodeEcho(packet: Bytes): Echo | null {
  if (packet.length < 8 || packet[1] !== 0 || sumOf(packet) !== 65_535) return null
  const type = packet[0] === 0 ? 'reply' : packet[0] === 8 ? 'request' : null
  if (!type) return null
  const [a = 0, b = 0, c = 0, d = 0] = packet.subarray(4, 8)
  return { type, id: a * 256 + b, sequence: c * 256 + d, data: packet.slice(8) }
}

interface PingOptions {
  id: number
  count: number
  timeoutMs: number
  now(): number
  listen(hear: (packet: Bytes) => void): () => void
}

export function ping(send: (packet: Bytes) => void, options: PingOptions): Promise<unknown> {
  const FIRST = 65_530
  return new Promise((resolve) => {
    const all: Array<{
      sequence: number
      at: number
      state: 'waited for' | 'lost' | 'answered'
      ms: number | null
      data: Bytes
    }> = []
    let [late, doubled] = [0, 0]
    let timer: NodeJS.Timeout | undefined
    const finish = (): void => {
      stop()
      const times = all.flatMap(({ ms }) => (ms === null ? [] : [ms])).sort((a, b) => a - b)
      const mean = times.length > 0 ? times.reduce((a, b) => a + b, 0) / times.length : null
      const loss = 1 - times.length / all.length
      const lost = all.length - times.length
      resolve({
        sent: all.length,
        received: times.length,
        loss: lost === 0 ? 0 : times.length === 0 ? loss : lost / all.length,
        late,
        doubled,
        leastMs: times[0] ?? null,
        meanMs: mean,
        mostMs: times.at(-1) ?? null,
      })
    }
    const next = (): void => {
      clearTimeout(timer)
      if (all.length === options.count) return finish()
      const data = Uint8Array.from({ length: 56 }, (_, index) => (index + all.length) % 256)
      const one = {
        sequence: (FIRST + all.length) % 65_536,
        at: options.now(),
        state: 'waited for' as const,
        ms: null,
        data,
      }
      all.push(one)
      timer = setTimeout(() => {
        Object.assign(one, { state: 'lost' })
        next()
      }, options.timeoutMs)
      send(encodeEcho({ type: 'request', id: options.id, sequence: one.sequence, data }))
    }
    const stop = options.listen((packet) => {
      const echo = decodeEcho(packet)
      const one = all.find(({ sequence }) => sequence === echo?.sequence)
      if (!echo || !one || echo.type !== 'reply' || echo.id !== options.id) return
      if (Buffer.compare(Buffer.from(echo.data), Buffer.from(one.data)) !== 0) return
      if (one.state === 'answered') {
        doubled++
        return
      }
      const wasWaited = one.state === 'waited for'
      one.state = 'answered'
      if (!wasWaited) {
        late++
        return
      }
      one.ms = options.now() - one.at
      next()
    })
    next()
  })
}

// --- the journey ---

interface VisitOptions {
  url: string
  lease: Options
  resolve(name: string, servers: readonly string[]): Promise<string>
  ca: string
}

export function visit({ url, lease: given, resolve: lookUp, ca }: VisitOptions): Promise<unknown> {
  const { protocol, hostname, host, port, pathname, search } = new URL(url)
  const isSecure = protocol === 'https:'
  const isAddress = net.isIPv4(hostname)
  return new Promise((resolve) => {
    const stages: string[] = []
    let stage = 'lease'
    let configuration: Configuration | null = null
    let response: unknown = null
    let plain: net.Socket | null = null
    let isOver = false
    const finish = (failed: NodeJS.ErrnoException | null, isLost = false): void => {
      if (isOver) return
      isOver = true
      plain?.destroy()
      const failure = failed && { stage, code: failed.code ?? 'EFAILED', message: failed.message }
      const tell = (): void => resolve({ stages, configuration, response, failure })
      if (!configuration || isLost) return tell()
      lease.release().then(() => {
        stages.push('release')
        tell()
      }, tell)
    }
    const done = (next: string): void => {
      stages.push(stage)
      stage = next
    }
    const lease = new Lease({
      ...given,
      onChange: (held) => {
        if (!held) finish(coded('ELEASELOST', 'the lease is over'), true)
      },
    })
    const go = (address: string): void => {
      if (isOver) return
      plain = net.connect({ host: address, port: port ? Number(port) : isSecure ? 443 : 80 })
      plain.on('error', (error) => (stage === 'close' ? undefined : finish(error)))
      if (!isSecure) {
        plain.on('connect', () => talk(plain as net.Socket))
        return
      }
      const named = isAddress ? { host: address } : { servername: hostname, host: hostname }
      const secure = tls.connect({ socket: plain, ca: [ca], ...named }, () => talk(secure))
      secure.on('error', (error) => (stage === 'close' ? undefined : finish(error)))
    }
    const talk = (socket: net.Socket): void => {
      done('answer')
      const chunks: Buffer[] = []
      socket.write(
        `GET ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\naccept: */*\r\nconnection: close\r\n\r\n`,
      )
      const look = (isEnd: boolean): void => {
        if (stage !== 'answer') return
        const all = Buffer.concat(chunks)
        const blank = all.indexOf('\r\n\r\n')
        const [start = '', ...lines] = all.subarray(0, Math.max(0, blank)).toString('latin1').split('\r\n')
        const headers = lines.map(
          (line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const,
        )
        const length = headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1]
        const body = all.subarray(blank + 4)
        const isWhole = blank >= 0 && (length === undefined ? isEnd : body.length >= Number(length))
        if (!isWhole) return isEnd ? finish(coded('ETRUNCATED', 'it is cut')) : undefined
        response = {
          version: start.slice(5, 8),
          status: Number(start.slice(9, 12)),
          reason: start.slice(13),
          headers,
          body: length === undefined ? body : body.subarray(0, Number(length)),
        }
        done('close')
        socket.end()
      }
      socket.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        look(false)
      })
      socket.on('end', () => look(true))
      socket.on('close', () => {
        if (stage !== 'close' || isOver) return
        done('release')
        finish(null)
      })
    }
    lease.begin().then((held) => {
      configuration = held
      done(isAddress ? 'connection' : 'name')
      if (isAddress) return go(hostname)
      lookUp(hostname, held.dns).then((address) => {
        if (isOver) return
        done('connection')
        go(address)
      }, finish)
    }, finish)
  })
}
