/** Lab 04: a reliable pipe of bytes over datagrams (RFC 9293 in the small). */
import dgram from 'node:dgram'
import type { Address, FourTuple } from '../../labs/kit/http.ts'

export type Flag = 'SYN' | 'ACK' | 'FIN' | 'RST'

export interface Segment {
  readonly sourcePort: number
  readonly destinationPort: number
  readonly sequence: number
  readonly acknowledgement: number
  readonly flags: readonly Flag[]
  readonly window: number
  readonly payload: Uint8Array
}

export interface PipeOptions {
  readonly mss: number
  readonly windowBytes: number
  readonly rtoMs: number
  readonly maxAttempts: number
  isn?(): number
}

export type Ending = 'clean' | 'reset' | 'timed-out'

export interface Pipe {
  readonly tuple: FourTuple
  write(bytes: Uint8Array): void
  end(): void
  read(): Promise<Uint8Array | null>
  readonly closed: Promise<Ending>
}

export interface PipeListener {
  readonly port: number
  close(): Promise<void>
}

// #region segment
const HEADER = 20
const BITS: Readonly<Record<Flag, number>> = { FIN: 0x01, SYN: 0x02, RST: 0x04, ACK: 0x10 }
const CHECKSUM_AT = 16

export function encodeSegment(segment: Segment): Uint8Array {
  const bytes = Buffer.alloc(HEADER + segment.payload.length)
  bytes.writeUInt16BE(segment.sourcePort, 0)
  bytes.writeUInt16BE(segment.destinationPort, 2)
  bytes.writeUInt32BE(segment.sequence, 4)
  bytes.writeUInt32BE(segment.acknowledgement, 8)
  for (const flag of segment.flags) bytes.writeUInt8(bytes.readUInt8(13) | BITS[flag], 13)
  bytes.writeUInt16BE(segment.window, 14)
  bytes.writeUInt16BE(segment.payload.length, 18)
  bytes.set(segment.payload, HEADER)
  bytes.writeUInt16BE(0xffff - sumOf(bytes), CHECKSUM_AT)
  return bytes
}

export function decodeSegment(given: Uint8Array): Segment | null {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength)
  if (bytes.length < HEADER || bytes.length - HEADER !== bytes.readUInt16BE(18)) return null
  if (sumOf(bytes) !== 0xffff) return null
  const bits = bytes.readUInt8(13)
  return {
    sourcePort: bytes.readUInt16BE(0),
    destinationPort: bytes.readUInt16BE(2),
    sequence: bytes.readUInt32BE(4),
    acknowledgement: bytes.readUInt32BE(8),
    flags: (Object.keys(BITS) as Flag[]).filter((flag) => (bits & BITS[flag]) !== 0),
    window: bytes.readUInt16BE(14),
    payload: bytes.subarray(HEADER),
  }
}

/** In one's complement: what is carried out at the top comes back in at the bottom (RFC 1071 §1). */
function sumOf(bytes: Buffer): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return sum
}
// #endregion segment

const NOTHING: Uint8Array = new Uint8Array(0)

function lengthOf({ payload, flags }: Pick<Segment, 'payload' | 'flags'>): number {
  return payload.length + (flags.includes('SYN') ? 1 : 0) + (flags.includes('FIN') ? 1 : 0)
}

// #region sender
/** What a sender sends. Numbers are counted from the SYN, which is 0: the first byte has number 1. */
interface Outgoing {
  readonly number: number
  readonly payload: Uint8Array
  readonly flags: readonly Flag[]
}

/** One direction, as its sender sees it. */
class Sender {
  readonly #options: PipeOptions
  readonly #opening: readonly Flag[]
  readonly #send: (segment: Outgoing) => void
  readonly #giveUp: () => void
  /** What is not acknowledged yet, or not sent; the first byte has the number `#start`. */
  #bytes = Buffer.alloc(0)
  #start = 1
  #fin = false
  /** The first number that is not acknowledged, and the first that is not sent. */
  #oldest = 0
  #next = 0
  #highest = 0
  /** The first number that the peer has no room for. */
  #edge = 1
  #attempts = 1
  #wait: number
  #timer: NodeJS.Timeout | null = null

  /** @param opening - The flags of its first segment, which takes number 0. */
  constructor(
    options: PipeOptions,
    opening: readonly Flag[],
    send: (segment: Outgoing) => void,
    giveUp: () => void,
  ) {
    this.#options = options
    this.#opening = opening
    this.#send = send
    this.#giveUp = giveUp
    this.#wait = options.rtoMs
  }

  get oldest(): number {
    return this.#oldest
  }

  get next(): number {
    return this.#next
  }

  get isOver(): boolean {
    return this.#fin && this.#oldest === this.#end
  }

  write(bytes: Uint8Array): void {
    if (this.#fin) throw new Error('write() after end()')
    this.#bytes = Buffer.concat([this.#bytes, bytes])
    this.flush()
  }

  end(): void {
    this.#fin = true
    this.flush()
  }

  /** Sends what the peer's window allows. */
  flush(): void {
    while (this.#next < Math.min(this.#edge, this.#end)) this.#sendNext(this.#edge)
    // Nothing may be under way where the window is 0: its opening may have been told, and lost.
    if (this.#oldest < this.#end) this.#timer ??= setTimeout(() => this.#timedOut(), this.#wait)
  }

  /** The oldest one again, unasked: its peer shows that it has not got it. */
  repeat(): void {
    this.#send(this.#segmentAt(this.#oldest, this.#next))
  }

  /** @returns Whether it acknowledges what was sent, so that the rest of its segment counts. */
  acknowledged(number: number, window: number): boolean {
    if (number > this.#highest) return false
    if (number < this.#oldest) return true
    const isNew = number > this.#oldest
    const opens = this.#edge <= this.#oldest && window > 0
    this.#drop(number)
    this.#edge = number + window
    // What was sent as a probe found no room: it is sent as if for the first time.
    if (opens) this.#next = number
    if (isNew || opens) this.#begin()
    // Whoever answers is there, and only has no room.
    else if (window === 0) this.#attempts = 1
    this.flush()
    return true
  }

  stop(): void {
    clearTimeout(this.#timer ?? undefined)
    this.#timer = null
  }

  // --- internal ---

  /** Behind the last number that there is to send. */
  get #end(): number {
    return this.#start + this.#bytes.length + (this.#fin ? 1 : 0)
  }

  #sendNext(limit: number): void {
    const segment = this.#segmentAt(this.#next, limit)
    this.#next += lengthOf(segment)
    this.#highest = Math.max(this.#highest, this.#next)
    this.#send(segment)
  }

  #segmentAt(number: number, limit: number): Outgoing {
    if (number < 1) return { number, payload: NOTHING, flags: this.#opening }
    const from = number - this.#start
    const payload = this.#bytes.subarray(from, from + Math.min(this.#options.mss, limit - number))
    const behind = number + payload.length
    const ends = this.#fin && behind === this.#start + this.#bytes.length && behind < limit
    return { number, payload, flags: ends ? ['ACK', 'FIN'] : ['ACK'] }
  }

  #drop(number: number): void {
    const acknowledged = Math.min(number - this.#start, this.#bytes.length)
    if (acknowledged > 0) {
      this.#bytes = this.#bytes.subarray(acknowledged)
      this.#start += acknowledged
    }
    this.#oldest = number
    this.#next = Math.max(this.#next, number)
  }

  /** What is the oldest now has its first wait before it (RFC 6298 §5.3). */
  #begin(): void {
    this.stop()
    this.#attempts = 1
    this.#wait = this.#options.rtoMs
  }

  /** The oldest one again, and nothing else; then twice the wait (RFC 6298 §5.4 to §5.6). */
  #timedOut(): void {
    this.#timer = null
    if (this.#attempts === this.#options.maxAttempts) return this.#giveUp()
    this.#wait *= 2
    if (this.#next > this.#oldest) {
      this.#attempts++
      this.repeat()
      // A window of 0 is probed with one number (RFC 9293 §3.8.6.1).
    } else this.#sendNext(this.#oldest + 1)
    this.flush()
  }
}
// #endregion sender

// #region receiver
/** The other direction, as its receiver sees it. */
class Receiver {
  readonly #room: number
  /** What came too early, by the number of its first byte. */
  readonly #early = new Map<number, Uint8Array>()
  #fin = Infinity
  readonly #ready: Uint8Array[] = []
  #unread = 0
  /** The number that is expected next. */
  next = 1

  constructor(room: number) {
    this.#room = room
  }

  get window(): number {
    return this.#room - this.#unread
  }

  get isOver(): boolean {
    return this.next > this.#fin
  }

  /** Keeps what lies within the window, and takes over what is complete. */
  put(number: number, payload: Uint8Array, hasFin: boolean): void {
    const edge = this.next + this.window
    const fin = number + payload.length
    if (hasFin && fin >= this.next && fin < edge) this.#fin = fin
    const inside = payload.subarray(0, Math.max(0, edge - number))
    if (inside.length > (this.#early.get(number)?.length ?? 0)) this.#early.set(number, inside)
    const starts = [...this.#early.keys()].sort((a, b) => a - b)
    for (const start of starts) if (start <= this.next) this.#move(start)
    if (this.next === this.#fin) this.next++
  }

  /** Takes out what is there. */
  take(): Uint8Array | null {
    if (this.#unread === 0) return null
    this.#unread = 0
    return Buffer.concat(this.#ready.splice(0))
  }

  // --- internal ---

  /** What was too early is next, or has come meanwhile. */
  #move(number: number): void {
    const fresh = this.#early.get(number)?.subarray(this.next - number) ?? NOTHING
    this.#early.delete(number)
    if (fresh.length > 0) this.#ready.push(fresh)
    this.#unread += fresh.length
    this.next += fresh.length
  }
}
// #endregion receiver

/** What a connection needs of the socket that it shares with others. */
interface Line {
  readonly tuple: FourTuple
  send(segment: Unaddressed): void
  opened(pipe: Pipe): void
  /** Nothing more comes of this connection. */
  over(error: Error | null): void
}

type Unaddressed = Omit<Segment, 'sourcePort' | 'destinationPort'>

// #region connection
/** One end of a pipe. */
class Connection implements Pipe {
  readonly tuple: FourTuple
  readonly closed: Promise<Ending>
  readonly #line: Line
  readonly #options: PipeOptions
  readonly #sender: Sender
  readonly #receiver: Receiver
  /** The number on the wire that stands for number 0, in each direction. */
  readonly #ownFirst: number
  #peersFirst = 0
  #state: 'SYN-SENT' | 'SYN-RECEIVED' | 'ESTABLISHED' | 'LINGERING'
  /** The window that the peer was told last. */
  #told = 0
  #error: Error | null = null
  #reader: { resolve(bytes: Uint8Array | null): void; reject(error: Error): void } | null = null
  #linger: NodeJS.Timeout | undefined
  #settle: (ending: Ending) => void = () => undefined

  /** @param syn - The peer's, where the peer has begun. */
  constructor(line: Line, options: PipeOptions, syn: Segment | null) {
    this.#line = line
    this.#options = options
    this.tuple = line.tuple
    this.closed = new Promise((resolve) => void (this.#settle = resolve))
    this.#receiver = new Receiver(options.windowBytes)
    this.#ownFirst = options.isn?.() ?? Math.floor(Math.random() * 2 ** 32)
    this.#state = syn ? 'SYN-RECEIVED' : 'SYN-SENT'
    if (syn) this.#peersFirst = syn.sequence
    this.#sender = new Sender(
      options,
      syn ? ['SYN', 'ACK'] : ['SYN'],
      (segment) => this.#send(segment),
      () => this.#break('timed-out', failure('ETIMEDOUT', this.tuple)),
    )
    this.#sender.flush()
  }

  write(bytes: Uint8Array): void {
    if (!this.#error) this.#sender.write(bytes)
  }

  end(): void {
    if (!this.#error) this.#sender.end()
  }

  read(): Promise<Uint8Array | null> {
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject }
      this.#serveReader()
    })
  }

  receive(segment: Segment): void {
    if (segment.flags.includes('RST')) this.#receiveReset(segment)
    else if (this.#state === 'SYN-SENT') this.#receiveFirst(segment)
    else if (segment.flags.includes('SYN')) this.#receiveSynAgain()
    else if (segment.flags.includes('ACK')) this.#receiveNext(segment)
  }

  // --- internal ---

  #receiveFirst(segment: Segment): void {
    const { flags, sequence, acknowledgement, window } = segment
    if (!flags.includes('ACK')) return
    if (acknowledgement !== wrapped(this.#ownFirst + 1)) return this.#line.send(resetFor(segment))
    if (!flags.includes('SYN')) return
    this.#peersFirst = sequence
    this.#state = 'ESTABLISHED'
    this.#sender.acknowledged(1, window)
    this.#acknowledge()
    this.#line.opened(this)
  }

  /** The answer to it was lost: SYN and ACK, or the ACK to those two. */
  #receiveSynAgain(): void {
    if (this.#state === 'SYN-RECEIVED') this.#sender.repeat()
    else this.#acknowledge()
  }

  #receiveNext(segment: Segment): void {
    const { acknowledgement, window, sequence, payload, flags } = segment
    const acknowledged = numberOf(acknowledgement, this.#ownFirst, this.#sender.oldest)
    if (this.#state === 'SYN-RECEIVED') {
      if (acknowledged !== 1) return this.#line.send(resetFor(segment))
      this.#state = 'ESTABLISHED'
      this.#line.opened(this)
    }
    // What acknowledges something that was never sent is dropped as a whole (RFC 9293 §3.10.7.4).
    if (!this.#sender.acknowledged(acknowledged, window)) return this.#acknowledge()
    if (lengthOf(segment) > 0) {
      const number = numberOf(sequence, this.#peersFirst, this.#receiver.next)
      this.#receiver.put(number, payload, flags.includes('FIN'))
      this.#acknowledge()
      this.#serveReader()
    }
    if (this.#sender.isOver && this.#receiver.isOver) this.#stay(flags.includes('FIN'))
  }

  /** Whoever knows the ports cannot know the number (RFC 9293 §3.10.7.4). */
  #receiveReset({ sequence, acknowledgement, flags }: Segment): void {
    if (this.#state === 'SYN-SENT') {
      if (flags.includes('ACK') && acknowledgement === wrapped(this.#ownFirst + 1))
        this.#break('reset', failure('ECONNREFUSED', this.tuple))
    } else if (sequence === wrapped(this.#peersFirst + this.#receiver.next)) {
      this.#break('reset', failure('ECONNRESET', this.tuple))
    }
  }

  /** The last ACK may be lost: the peer's FIN comes again then, for as long as it is patient. */
  #stay(hasFin: boolean): void {
    if (this.#state === 'LINGERING' && !hasFin) return
    this.#state = 'LINGERING'
    this.#settle('clean')
    clearTimeout(this.#linger)
    const { rtoMs, maxAttempts } = this.#options
    this.#linger = setTimeout(() => this.#line.over(null), rtoMs * 2 ** maxAttempts)
  }

  #break(ending: Ending, error: Error): void {
    clearTimeout(this.#linger)
    this.#sender.stop()
    this.#error = error
    this.#settle(ending)
    this.#line.over(error)
    this.#serveReader()
  }

  #serveReader(): void {
    if (!this.#reader) return
    const { resolve, reject } = this.#reader
    const bytes = this.#receiver.take()
    if (bytes) resolve(bytes)
    else if (this.#receiver.isOver) resolve(null)
    else if (this.#error) reject(this.#error)
    else return
    this.#reader = null
    if (bytes && this.#told === 0 && !this.#error) this.#acknowledge()
  }

  #acknowledge(): void {
    this.#send({ number: this.#sender.next, payload: NOTHING, flags: ['ACK'] })
  }

  #send({ number, payload, flags }: Outgoing): void {
    this.#told = this.#receiver.window
    this.#line.send({
      sequence: wrapped(this.#ownFirst + number),
      acknowledgement: flags.includes('ACK') ? wrapped(this.#peersFirst + this.#receiver.next) : 0,
      flags,
      window: this.#told,
      payload,
    })
  }
}
// #endregion connection

/** Sequence numbers wrap at 2^32 (RFC 9293 §3.4). */
function wrapped(number: number): number {
  return number >>> 0
}

/** The number that is meant on the wire: of all that wrap to it, the one that is nearest. */
function numberOf(onWire: number, first: number, near: number): number {
  return near + ((onWire - wrapped(first + near)) | 0)
}

function failure(code: string, { remoteAddress, remotePort }: FourTuple): Error {
  return Object.assign(new Error(`${code} ${remoteAddress}:${remotePort}`), { code })
}

/** RFC 9293 §3.10.7.1. */
function resetFor(segment: Segment): Unaddressed {
  const rest = { window: 0, payload: NOTHING }
  if (segment.flags.includes('ACK'))
    return { ...rest, sequence: segment.acknowledgement, acknowledgement: 0, flags: ['RST'] }
  const acknowledgement = wrapped(segment.sequence + lengthOf(segment))
  return { ...rest, sequence: 0, acknowledgement, flags: ['RST', 'ACK'] }
}

// #region socket
/** One UDP socket, and the pipes that share it. */
class PipeSocket {
  readonly #socket: dgram.Socket
  readonly #pipes = new Map<string, Connection>()
  /** Called where a SYN has come for no pipe; none are taken without it. */
  onSyn: ((remote: Address, syn: Segment) => void) | null = null
  #closesWhenEmpty = false

  private constructor(socket: dgram.Socket) {
    this.#socket = socket
    socket.on('message', (bytes, from) => this.#receive(bytes, { host: from.address, port: from.port }))
  }

  static async bind(): Promise<PipeSocket> {
    const socket = dgram.createSocket('udp4')
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject).bind(0, '127.0.0.1', resolve)
    })
    return new PipeSocket(socket)
  }

  get port(): number {
    return this.#socket.address().port
  }

  connect(
    remote: Address,
    options: PipeOptions,
    syn: Segment | null,
    told: { opened(pipe: Pipe): void; failed?(error: Error): void },
  ): void {
    const { address, port } = this.#socket.address()
    const tuple = {
      localAddress: address,
      localPort: port,
      remoteAddress: remote.host,
      remotePort: remote.port,
    }
    const key = keyOf(remote)
    const line: Line = {
      tuple,
      send: (segment) => this.#send(segment, remote),
      opened: (pipe) => told.opened(pipe),
      over: (error) => {
        this.#pipes.delete(key)
        if (error) told.failed?.(error)
        this.#closeIfEmpty()
      },
    }
    this.#pipes.set(key, new Connection(line, options, syn))
  }

  /** Resolves when the last pipe is gone. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => void this.#socket.once('close', resolve))
    this.#closesWhenEmpty = true
    this.#closeIfEmpty()
    return closed
  }

  // --- internal ---

  #receive(bytes: Uint8Array, from: Address): void {
    const segment = decodeSegment(bytes)
    if (!segment || segment.sourcePort !== from.port || segment.destinationPort !== this.port) return
    const pipe = this.#pipes.get(keyOf(from))
    const { flags } = segment
    if (pipe) pipe.receive(segment)
    else if (flags.includes('RST')) return
    else if (flags.includes('SYN') && !flags.includes('ACK') && this.onSyn) this.onSyn(from, segment)
    else this.#send(resetFor(segment), from)
  }

  #send(segment: Unaddressed, { host, port }: Address): void {
    this.#socket.send(encodeSegment({ ...segment, sourcePort: this.port, destinationPort: port }), port, host)
  }

  #closeIfEmpty(): void {
    if (!this.#closesWhenEmpty || this.#pipes.size > 0) return
    this.#closesWhenEmpty = false
    this.#socket.close()
  }
}

function keyOf({ host, port }: Address): string {
  return `${host}:${port}`
}
// #endregion socket

export async function openPipe(remote: Address, options: PipeOptions): Promise<Pipe> {
  const socket = await PipeSocket.bind()
  const opening = new Promise<Pipe>((resolve, reject) => {
    socket.connect(remote, options, null, { opened: resolve, failed: reject })
  })
  void socket.close()
  return await opening
}

export async function listenPipes(onPipe: (pipe: Pipe) => void, options: PipeOptions): Promise<PipeListener> {
  const socket = await PipeSocket.bind()
  let closed: Promise<void> | null = null
  socket.onSyn = (remote, syn) => socket.connect(remote, options, syn, { opened: onPipe })
  return {
    port: socket.port,
    close() {
      socket.onSyn = null
      return (closed ??= socket.close())
    },
  }
}
