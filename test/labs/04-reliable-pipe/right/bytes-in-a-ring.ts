/* oxlint-disable max-lines -- a whole transport in one file, as a learner hands it in */
/** In another style: a class that keeps single bytes with a mark for each that has come, and one ACK for a turn of the loop. */
import dgram from 'node:dgram'
import { once } from 'node:events'
import type { Address, FourTuple } from '../../../../labs/kit/http.ts'

type Flag = 'SYN' | 'ACK' | 'FIN' | 'RST'
type Ending = 'clean' | 'reset' | 'timed-out'

interface Header {
  sequence: number
  acknowledgement: number
  flags: readonly Flag[]
  window: number
}
interface Segment extends Header {
  sourcePort: number
  destinationPort: number
  payload: Uint8Array
}
interface Options {
  mss: number
  windowBytes: number
  rtoMs: number
  maxAttempts: number
  isn?: () => number
}

const NAMES: ReadonlyArray<Flag | null> = ['FIN', 'SYN', 'RST', null, 'ACK']

/** 0 where everything is as it was summed. */
function folded(bytes: Buffer): number {
  let total = 0
  for (let at = 0; at + 1 < bytes.length; at += 2) total += bytes.readUInt16BE(at)
  if (bytes.length % 2 === 1) total += bytes.readUInt8(bytes.length - 1) * 256
  return 0xffff - (total % 0xffff || (total > 0 ? 0xffff : 0))
}

export function encodeSegment(given: Segment): Uint8Array {
  const head = Buffer.alloc(20)
  const words = [
    given.sourcePort,
    given.destinationPort,
    0,
    0,
    0,
    0,
    0,
    given.window,
    0,
    given.payload.length,
  ]
  for (const [index, word] of words.entries()) head.writeUInt16BE(word, index * 2)
  head.writeUInt32BE(given.sequence, 4)
  head.writeUInt32BE(given.acknowledgement, 8)
  head[13] = NAMES.reduce((sum, name, bit) => sum + (name && given.flags.includes(name) ? 2 ** bit : 0), 0)
  const all = Buffer.concat([head, given.payload])
  all.writeUInt16BE(folded(all), 16)
  return all
}

export function decodeSegment(given: Uint8Array): Segment | null {
  const all = Buffer.from(given)
  if (all.length < 20) return null
  const payload = all.subarray(20)
  if (payload.length !== all.readUInt16BE(18) || folded(all) !== 0) return null
  const bits = all[13] ?? 0
  return {
    sourcePort: all.readUInt16BE(0),
    destinationPort: all.readUInt16BE(2),
    sequence: all.readUInt32BE(4),
    acknowledgement: all.readUInt32BE(8),
    flags: NAMES.filter((name, bit): name is Flag => name !== null && (bits >> bit) % 2 === 1),
    window: all.readUInt16BE(14),
    payload,
  }
}

const wrap = (number: number): number => ((number % 2 ** 32) + 2 ** 32) % 2 ** 32
/** How far it is from one number to another, by the shorter way. */
function way(from: number, to: number): number {
  const there = wrap(to - from)
  return there < 2 ** 31 ? there : there - 2 ** 32
}
const marks = (flags: readonly Flag[]): number =>
  flags.filter((flag) => flag === 'SYN' || flag === 'FIN').length
const withCode = (code: string): Error => Object.assign(new Error(`${code}: the pipe`), { code })

type Post = (header: Header, payload: Uint8Array) => void

class Pipe {
  readonly tuple: FourTuple
  readonly closed: Promise<Ending>
  opened: (pipe: Pipe) => void = () => undefined
  gone: (error: Error | null) => void = () => undefined
  protected phase: 'asks' | 'answers' | 'open' | 'stays' | 'gone'
  private readonly options: Options
  private readonly post: Post
  private readonly first: number
  private out: number[] = []
  /** All of these stand for places in `out`, from 0 on; -1 is the SYN. */
  private base = -1
  private sent = -1
  private most = -1
  private room = 0
  private ends = false
  private count = 1
  private pause: number
  private alarm: NodeJS.Timeout | null = null
  private peer = 0
  private readonly ring: number[] = []
  private readonly here: boolean[] = []
  private got = 0
  private read0 = 0
  private last = Infinity
  private told = Infinity
  private owes = false
  private problem: Error | null = null
  private stay: NodeJS.Timeout | null = null
  private asked: ((settle: true) => void) | null = null
  private finish: (ending: Ending) => void = () => undefined

  constructor(tuple: FourTuple, options: Options, post: Post, syn: Segment | null) {
    this.tuple = tuple
    this.options = options
    this.post = post
    this.phase = syn ? 'answers' : 'asks'
    this.first = options.isn?.() ?? Date.now() % 2 ** 32
    this.pause = options.rtoMs
    if (syn) this.peer = wrap(syn.sequence + 1)
    this.closed = new Promise((resolve) => (this.finish = resolve))
    setImmediate(() => this.push())
  }

  write(bytes: Uint8Array): void {
    for (const byte of bytes) this.out.push(byte)
    this.push()
  }

  end(): void {
    this.ends = true
    this.push()
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      if (this.read0 < Math.min(this.got, this.last)) return this.some()
      if (this.got > this.last) return null
      if (this.problem) throw this.problem
      await new Promise((resolve) => (this.asked = resolve))
    }
  }

  hear(segment: Segment): void {
    const { flags, sequence, acknowledgement } = segment
    const isOurs = acknowledgement === wrap(this.first + 1)
    if (flags.includes('RST')) {
      if (this.phase !== 'asks') {
        if (sequence === wrap(this.peer + this.got)) this.fail('reset', withCode('ECONNRESET'))
      } else if (isOurs && flags.includes('ACK')) this.fail('reset', withCode('ECONNREFUSED'))
      return
    }
    if (this.phase === 'asks') {
      if (!isOurs || !flags.includes('SYN') || !flags.includes('ACK')) return
      this.peer = wrap(sequence + 1)
      this.begin(segment)
      return this.owe()
    }
    if (flags.includes('SYN')) return this.phase === 'answers' ? this.again() : this.owe()
    if (!flags.includes('ACK')) return
    if (this.phase === 'answers') {
      if (!isOurs) return
      this.begin(segment)
    } else if (!this.heardAck(segment)) return this.owe()
    if (segment.payload.length + marks(flags) > 0) this.keep(segment)
    const isOver = this.base === this.out.length + 1 && this.got > this.last
    if (isOver && (this.phase === 'open' || flags.includes('FIN'))) this.rest()
  }

  // --- internal ---

  private begin(segment: Segment): void {
    this.phase = 'open'
    this.heardAck(segment)
    this.opened(this)
  }

  /** Bytes, and what FIN counts for. */
  private get total(): number {
    return this.out.length + (this.ends ? 1 : 0)
  }

  private heardAck({ acknowledgement, window }: Segment): boolean {
    const place = this.base + way(wrap(this.first + 1 + this.base), acknowledgement)
    if (place > this.most) return false
    if (place < this.base) return true
    const wasShut = this.room === 0 && this.base >= 0
    const isNews = place > this.base
    this.base = place
    this.sent = Math.max(this.sent, place)
    this.room = window
    if (wasShut && window > 0) this.sent = place
    if (isNews || (wasShut && window > 0)) {
      if (this.alarm) clearTimeout(this.alarm)
      this.alarm = null
      this.count = 1
      this.pause = this.options.rtoMs
    } else if (window === 0) this.count = 1
    this.push()
    return true
  }

  private push(): void {
    if (this.phase === 'gone') return
    if (this.sent === -1) this.emit(-1, 0)
    if (this.base >= 0)
      while (this.sent < Math.min(this.total, this.base + this.room))
        this.emit(this.sent, this.base + this.room)
    if (this.base >= this.total && this.base >= 0) return
    this.alarm ??= setTimeout(() => this.ring0(), this.pause)
  }

  /** Sends what begins there, up to a limit; what has never been sent is counted. */
  private emit(from: number, limit: number): void {
    const to = from < 0 ? 0 : Math.min(from + this.options.mss, limit, this.out.length)
    const hasFin = from >= 0 && this.ends && Math.max(from, to) === this.out.length && to < limit
    const flags: Flag[] = from >= 0 ? ['ACK'] : this.phase === 'asks' ? ['SYN'] : ['SYN', 'ACK']
    if (hasFin) flags.push('FIN')
    this.sent = Math.max(this.sent, to + (hasFin ? 1 : 0))
    this.most = Math.max(this.most, this.sent)
    this.tell(flags, from, Uint8Array.from(from < 0 ? [] : this.out.slice(from, to)))
  }

  private again(): void {
    this.emit(this.base, this.base < 0 ? 0 : this.sent)
  }

  private ring0(): void {
    this.alarm = null
    if (this.count === this.options.maxAttempts) return this.fail('timed-out', withCode('ETIMEDOUT'))
    this.pause *= 2
    if (this.sent > this.base) {
      this.count += 1
      this.again()
    } else this.emit(this.base, this.base + 1)
    this.push()
  }

  private keep({ sequence, payload, flags }: Segment): void {
    const from = this.got + way(wrap(this.peer + this.got), sequence)
    const edge = this.got + this.space
    for (const [index, byte] of payload.entries()) {
      const at = from + index
      if (at < this.got || at >= edge) continue
      this.ring[at] = byte
      this.here[at] = true
    }
    const behind = from + payload.length
    if (flags.includes('FIN') && behind >= this.got && behind < edge) this.last = behind
    while (this.here[this.got]) this.got += 1
    if (this.got === this.last) this.got += 1
    this.wake()
    this.owe()
  }

  private get space(): number {
    return this.options.windowBytes - (Math.min(this.got, this.last) - this.read0)
  }

  private some(): Uint8Array {
    const until = Math.min(this.got, this.last, this.read0 + 65_536)
    const bytes = Uint8Array.from(this.ring.slice(this.read0, until))
    this.read0 = until
    if (this.told === 0) this.owe()
    return bytes
  }

  private wake(): void {
    this.asked?.(true)
    this.asked = null
  }

  /** One ACK for all that comes in the same turn. */
  private owe(): void {
    if (this.owes) return
    this.owes = true
    setImmediate(() => {
      this.owes = false
      if (this.phase !== 'gone') this.tell(['ACK'], this.sent, new Uint8Array(0))
    })
  }

  private tell(flags: readonly Flag[], place: number, payload: Uint8Array): void {
    this.told = this.space
    const acknowledgement = flags.includes('ACK') ? wrap(this.peer + this.got) : 0
    this.post({ sequence: wrap(this.first + 1 + place), acknowledgement, flags, window: this.told }, payload)
  }

  private rest(): void {
    this.phase = 'stays'
    this.finish('clean')
    if (this.stay) clearTimeout(this.stay)
    const { rtoMs, maxAttempts } = this.options
    this.stay = setTimeout(() => this.leave(null), rtoMs * (1 << maxAttempts))
  }

  private fail(ending: Ending, problem: Error): void {
    this.problem = problem
    this.finish(ending)
    this.leave(problem)
  }

  private leave(problem: Error | null): void {
    this.phase = 'gone'
    for (const timer of [this.alarm, this.stay]) if (timer) clearTimeout(timer)
    this.gone(problem)
    this.wake()
  }
}

class Port {
  private readonly socket: dgram.Socket
  private readonly pipes = new Map<string, Pipe>()
  private leaving = false

  private constructor(socket: dgram.Socket) {
    this.socket = socket
  }

  static async open(greet: ((port: Port, from: Address, syn: Segment) => boolean) | null): Promise<Port> {
    const socket = dgram.createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const port = new Port(socket)
    socket.on('message', (bytes, { address: host, port: number }) => {
      const segment = decodeSegment(bytes)
      if (segment?.sourcePort !== number || segment.destinationPort !== port.number) return
      const from = { host, port: number }
      const pipe = port.pipes.get(JSON.stringify(from))
      const isSyn = segment.flags.join() === 'SYN'
      if (pipe) pipe.hear(segment)
      else if (!segment.flags.includes('RST') && !(isSyn && greet?.(port, from, segment)))
        port.refuse(from, segment)
    })
    return port
  }

  get number(): number {
    return this.socket.address().port
  }

  add({ host, port }: Address, options: Options, syn: Segment | null): Pipe {
    const tuple = { localAddress: '127.0.0.1', localPort: this.number, remoteAddress: host, remotePort: port }
    const post: Post = (header, payload) => this.send({ host, port }, header, payload)
    const pipe = new Pipe(tuple, options, post, syn)
    this.pipes.set(JSON.stringify({ host, port }), pipe)
    return pipe
  }

  remove({ host, port }: Address): void {
    this.pipes.delete(JSON.stringify({ host, port }))
    if (this.leaving && this.pipes.size === 0) this.socket.close()
  }

  async close(): Promise<void> {
    const closed = once(this.socket, 'close')
    this.leaving = true
    if (this.pipes.size === 0) this.socket.close()
    await closed
  }

  private refuse(to: Address, { flags, sequence, acknowledgement, payload }: Segment): void {
    const takes = payload.length + marks(flags)
    const header = flags.includes('ACK')
      ? ({ sequence: acknowledgement, acknowledgement: 0, flags: ['RST'] } as const)
      : ({ sequence: 0, acknowledgement: wrap(sequence + takes), flags: ['RST', 'ACK'] } as const)
    this.send(to, { ...header, window: 0 }, new Uint8Array(0))
  }

  private send({ host, port }: Address, header: Header, payload: Uint8Array): void {
    const bytes = encodeSegment({ ...header, payload, sourcePort: this.number, destinationPort: port })
    this.socket.send(bytes, port, host)
  }
}

export async function openPipe(remote: Address, options: Options): Promise<Pipe> {
  const port = await Port.open(null)
  const pipe = port.add(remote, options, null)
  void port.close()
  return await new Promise((resolve, reject) => {
    pipe.opened = resolve
    pipe.gone = (problem) => {
      port.remove(remote)
      if (problem) reject(problem)
    }
  })
}

export async function listenPipes(onPipe: (pipe: Pipe) => void, options: Options) {
  let closed: Promise<void> | null = null
  const port = await Port.open((own, from, syn) => {
    if (closed) return false
    const pipe = own.add(from, options, syn)
    pipe.opened = onPipe
    pipe.gone = () => own.remove(from)
    return true
  })
  return { port: port.number, close: () => (closed ??= port.close()) }
}
