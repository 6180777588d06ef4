/* oxlint-disable max-lines -- a whole transport in one file, as a learner hands it in */
/** In another style: two halves that know nothing of each other, one endpoint for openers and listeners, and a close that forgets what is half open. */
import type { Address, FourTuple } from '../../../../labs/kit/http.ts'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

export type Flag = 'SYN' | 'ACK' | 'FIN' | 'RST'

export interface Segment {
  readonly sourcePort: number
  readonly destinationPort: number
  /** From 0 to 4,294,967,295. */
  readonly sequence: number
  readonly acknowledgement: number
  readonly flags: readonly Flag[]
  readonly window: number
  readonly payload: Uint8Array
}

export interface PipeOptions {
  /** The largest payload. */
  readonly mss: number
  /** How many bytes are taken in that have not been read. */
  readonly windowBytes: number
  /** The first wait for an acknowledgement. */
  readonly rtoMs: number
  /** How often one thing is sent in all. */
  readonly maxAttempts: number
  /** The sequence number of the SYN. */
  isn?(): number
}

export type Ending = 'clean' | 'reset' | 'timed-out'

export interface Pipe {
  /** The addresses and ports of the two UDP sockets. */
  readonly tuple: FourTuple
  /** Takes any number of bytes, at once. */
  write(bytes: Uint8Array): void
  /** Nothing more will be written. */
  end(): void
  /** Bytes in order, one at least; null at the end. */
  read(): Promise<Uint8Array | null>
  readonly closed: Promise<Ending>
}

export interface PipeListener {
  /** Of its UDP socket. */
  readonly port: number
  /** Takes no further pipes, and resolves when the last one is over. */
  close(): Promise<void>
}

const HEADER = 20
const BITS: ReadonlyArray<readonly [Flag, number]> = [
  ['FIN', 0x01],
  ['SYN', 0x02],
  ['RST', 0x04],
  ['ACK', 0x10],
]

/** The bytes of a segment, its checksum included. */
export function encodeSegment(segment: Segment): Uint8Array {
  const bytes = Buffer.alloc(HEADER + segment.payload.length)
  bytes.writeUInt16BE(segment.sourcePort, 0)
  bytes.writeUInt16BE(segment.destinationPort, 2)
  bytes.writeUInt32BE(segment.sequence, 4)
  bytes.writeUInt32BE(segment.acknowledgement, 8)
  bytes[13] = BITS.reduce((all, [flag, bit]) => all | (segment.flags.includes(flag) ? bit : 0), 0)
  bytes.writeUInt16BE(segment.window, 14)
  bytes.writeUInt16BE(segment.payload.length, 18)
  bytes.set(segment.payload, HEADER)
  bytes.writeUInt16BE(~sumOf(bytes) & 0xffff, 16)
  return bytes
}

/** @returns null for a segment that is damaged. */
export function decodeSegment(given: Uint8Array): Segment | null {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength)
  if (bytes.length < HEADER || bytes.length !== HEADER + bytes.readUInt16BE(18)) return null
  if (sumOf(bytes) !== 0xffff) return null
  const bits = bytes[13] ?? 0
  return {
    sourcePort: bytes.readUInt16BE(0),
    destinationPort: bytes.readUInt16BE(2),
    sequence: bytes.readUInt32BE(4),
    acknowledgement: bytes.readUInt32BE(8),
    flags: BITS.filter(([, bit]) => (bits & bit) !== 0).map(([flag]) => flag),
    window: bytes.readUInt16BE(14),
    payload: new Uint8Array(bytes.subarray(HEADER)),
  }
}

/** The sum in one's complement of all words. */
function sumOf(bytes: Buffer): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) {
    sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
    sum = (sum & 0xffff) + (sum >>> 16)
  }
  return sum
}

/** How many numbers a segment takes. */
function lengthOf({ flags, payload }: Segment): number {
  return payload.length + (flags.includes('SYN') ? 1 : 0) + (flags.includes('FIN') ? 1 : 0)
}

/** Counts the numbers of one direction from its SYN, which is 0, in plain integers. */
class Numbers {
  readonly #first: number

  constructor(first: number) {
    this.#first = first >>> 0
  }

  /** Of a place in the stream, its number in a header. */
  wrap(place: number): number {
    return (this.#first + place) >>> 0
  }

  /** Of a number in a header, its place, which is near another one. */
  unwrap(number: number, near: number): number {
    return near + ((number - this.wrap(near)) | 0)
  }
}

/** What one piece of the outgoing stream is made of. */
interface Piece {
  readonly from: number
  readonly flags: readonly Flag[]
  readonly payload: Uint8Array
}

/** The outgoing direction: what is kept, what is on its way, and the one timer. */
class Sender {
  readonly #o: PipeOptions
  readonly #emit: (piece: Piece) => void
  readonly #onTimeout: () => void
  /** Bytes that are not acknowledged. The first has the place `#base`. */
  #bytes = Buffer.alloc(0)
  #base = 1
  #isEnded = false
  /** The oldest unacknowledged place, the next to be sent, and the first without room. */
  #oldest = 0
  #next = 0
  #edge = 1
  #timer: NodeJS.Timeout | null = null
  #wait: number
  #attempts = 0
  #isProbing = false

  constructor(o: PipeOptions, emit: (piece: Piece) => void, onTimeout: () => void) {
    this.#o = o
    this.#emit = emit
    this.#onTimeout = onTimeout
    this.#wait = o.rtoMs
  }

  get next(): number {
    return this.#next
  }

  get oldest(): number {
    return this.#oldest
  }

  /** The FIN is acknowledged. */
  get isDone(): boolean {
    return this.#isEnded && this.#oldest === this.#end
  }

  write(bytes: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes])
    this.flush()
  }

  end(): void {
    this.#isEnded = true
    this.flush()
  }

  /** Sends what the window allows. */
  flush(): void {
    const limit = Math.min(this.#edge, this.#end)
    while (this.#next < limit) {
      const piece = this.#piece(this.#next, limit)
      this.#next += sizeOf(piece)
      this.#emit(piece)
    }
    if (!this.#timer) this.#arm()
  }

  /** The oldest piece, without any change of the timer. */
  repeat(): void {
    this.#emit(this.#piece(this.#oldest, this.#next))
  }

  /** Everything before `place` has come, and from there on is room for so many. */
  acknowledged(place: number, window: number): void {
    if (place < this.#oldest) return
    this.#edge = place + window
    if (place > this.#oldest) this.#advance(place)
    else if (this.#edge > this.#oldest) this.#open()
    else if (this.#isProbing) this.#attempts = 0
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
  }

  /** The place after all that there is to send. */
  get #end(): number {
    return this.#base + this.#bytes.length + (this.#isEnded ? 1 : 0)
  }

  #advance(place: number): void {
    this.#oldest = place
    const gone = Math.min(Math.max(place - this.#base, 0), this.#bytes.length)
    this.#bytes = this.#bytes.subarray(gone)
    this.#base += gone
    this.#isProbing = false
    this.#attempts = 1
    this.stop()
  }

  /** The window was 0: the probe counts as not sent, and the waiting is over. */
  #open(): void {
    const isWaiting = this.#next === this.#oldest && this.#timer !== null
    if (!this.#isProbing && !isWaiting) return
    this.#isProbing = false
    this.#next = this.#oldest
    this.stop()
  }

  #piece(from: number, limit: number): Piece {
    if (from === 0) return { from, flags: ['SYN'], payload: new Uint8Array() }
    const dataEnd = this.#base + this.#bytes.length
    const to = Math.min(from + this.#o.mss, dataEnd, limit)
    const payload = this.#bytes.subarray(from - this.#base, Math.max(to - this.#base, 0))
    const isLast = this.#isEnded && from + payload.length === dataEnd && dataEnd < limit
    return { from, flags: isLast ? ['FIN'] : [], payload }
  }

  /** Starts the timer, with the first wait, where something is on its way or waits for room. */
  #arm(): void {
    const isOnItsWay = this.#next > this.#oldest
    if (!isOnItsWay && this.#next >= this.#end) return
    this.#attempts = isOnItsWay ? 1 : 0
    this.#wait = this.#o.rtoMs
    this.#timer = setTimeout(() => this.#expire(), this.#wait)
  }

  #expire(): void {
    this.#timer = null
    if (this.#attempts >= this.#o.maxAttempts) return this.#onTimeout()
    if (this.#next === this.#oldest) {
      this.#isProbing = true
      this.#next++
    }
    this.#attempts++
    this.#wait *= 2
    this.#timer = setTimeout(() => this.#expire(), this.#wait)
    this.repeat()
  }
}

function sizeOf({ flags, payload }: Piece): number {
  return payload.length + flags.length
}

interface Waiting {
  resolve(bytes: Uint8Array | null): void
  reject(error: Error): void
}

/** The incoming direction: puts together what comes, and keeps it until it is read. */
class Receiver {
  readonly #windowBytes: number
  #numbers = new Numbers(0)
  /** The place that is expected next. */
  #expected = 0
  #unread = Buffer.alloc(0)
  readonly #early = new Map<number, Uint8Array>()
  #finAt = Infinity
  #reader: Waiting | null = null
  #failure: Error | null = null

  constructor(windowBytes: number) {
    this.#windowBytes = windowBytes
  }

  /** The SYN has come. */
  begin(sequence: number): void {
    this.#numbers = new Numbers(sequence)
    this.#expected = 1
  }

  /** In a header: the number that is expected next. */
  get acknowledgement(): number {
    return this.#numbers.wrap(this.#expected)
  }

  get window(): number {
    return this.#windowBytes - this.#unread.length
  }

  /** The FIN has come, and everything before it. */
  get isDone(): boolean {
    return this.#expected > this.#finAt
  }

  take(segment: Segment): void {
    if (this.isDone) return
    const edge = this.#expected + this.window
    const place = this.#numbers.unwrap(segment.sequence, this.#expected)
    const start = place + (segment.flags.includes('SYN') ? 1 : 0)
    const end = start + segment.payload.length
    if (segment.flags.includes('FIN') && end < edge && end >= this.#expected) this.#finAt = end
    const from = Math.max(start, this.#expected)
    const bytes = segment.payload.subarray(from - start, Math.max(edge - start, 0))
    if (bytes.length > (this.#early.get(from)?.length ?? 0)) this.#early.set(from, bytes)
    this.#join()
    this.#serve()
  }

  read(): Promise<Uint8Array | null> {
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject }
      this.#serve()
    })
  }

  /** Nothing more comes. */
  fail(error: Error): void {
    this.#failure = error
    this.#serve()
  }

  /** Moves on over everything that has come without a gap. */
  #join(): void {
    for (let found = true; found;) {
      found = false
      for (const [start, bytes] of this.#early) {
        if (start > this.#expected) continue
        this.#early.delete(start)
        found = true
        this.#append(bytes.subarray(this.#expected - start))
      }
    }
    if (this.#expected === this.#finAt) this.#expected++
  }

  #append(bytes: Uint8Array): void {
    this.#unread = Buffer.concat([this.#unread, bytes])
    this.#expected += bytes.length
  }

  #serve(): void {
    const reader = this.#reader
    if (!reader || (this.#unread.length === 0 && !this.isDone && !this.#failure)) return
    this.#reader = null
    if (this.#unread.length > 0) {
      const bytes = this.#unread
      this.#unread = Buffer.alloc(0)
      reader.resolve(new Uint8Array(bytes))
    } else if (this.isDone) reader.resolve(null)
    else reader.reject(this.#failure as Error)
  }
}

type State = 'syn-sent' | 'syn-received' | 'open' | 'staying' | 'over'

interface Ends {
  /** It is open. */
  onOpen(): void
  /** It never was. */
  onRefused(error: Error): void
  /** Nothing of it is left. */
  onOver(): void
}

/** One pipe: two directions, and what holds them together. */
class PipeEnd implements Pipe {
  readonly tuple: FourTuple
  readonly closed: Promise<Ending>
  readonly #o: PipeOptions
  readonly #send: (segment: Segment) => void
  readonly #ends: Ends
  readonly #numbers: Numbers
  readonly #sender: Sender
  readonly #receiver: Receiver
  #state: State = 'syn-sent'
  #hasEnded = false
  #toldWindow = 0
  #stay: NodeJS.Timeout | null = null
  #resolveClosed!: (ending: Ending) => void

  constructor(tuple: FourTuple, o: PipeOptions, send: (segment: Segment) => void, ends: Ends) {
    this.tuple = tuple
    this.#o = o
    this.#send = send
    this.#ends = ends
    this.#numbers = new Numbers(o.isn?.() ?? Math.floor(Math.random() * 2 ** 32))
    this.#receiver = new Receiver(o.windowBytes)
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve))
    this.#sender = new Sender(
      o,
      (piece) => this.#emit(this.#numbers.wrap(piece.from), piece.flags, piece.payload),
      () => this.#fail('timed-out', 'ETIMEDOUT'),
    )
  }

  get isOpen(): boolean {
    return this.#state === 'open' || this.#state === 'staying'
  }

  /** Sends the first SYN, or the answer to one. */
  begin(syn?: Segment): void {
    if (syn) {
      this.#state = 'syn-received'
      this.#receiver.begin(syn.sequence)
    }
    this.#sender.flush()
  }

  write(bytes: Uint8Array): void {
    if (this.#state === 'over') return
    if (this.#hasEnded) throw new Error('written after the end')
    this.#sender.write(bytes)
  }

  end(): void {
    this.#hasEnded = true
    if (this.#state !== 'over') this.#sender.end()
  }

  read(): Promise<Uint8Array | null> {
    const bytes = this.#receiver.read()
    if (this.isOpen && this.#toldWindow === 0 && this.#receiver.window > 0) this.#acknowledge()
    return bytes
  }

  take(segment: Segment): void {
    if (this.#state === 'syn-sent') this.#takeAnswer(segment)
    else if (segment.flags.includes('RST')) this.#takeReset(segment)
    else if (this.#state === 'syn-received') this.#takeThird(segment)
    else this.#takeMore(segment)
  }

  /** Ends it without a word. */
  drop(): void {
    this.#sender.stop()
    if (this.#stay) clearTimeout(this.#stay)
    this.#state = 'over'
    this.#ends.onOver()
  }

  #takeAnswer(segment: Segment): void {
    const isForSyn = this.#placeOf(segment) === 1
    if (!isForSyn) return
    if (segment.flags.includes('RST')) return this.#fail('reset', 'ECONNREFUSED')
    if (!segment.flags.includes('SYN')) return
    this.#receiver.begin(segment.sequence)
    this.#state = 'open'
    this.#takeMore(segment)
    this.#ends.onOpen()
  }

  #takeThird(segment: Segment): void {
    const { flags } = segment
    if (flags.includes('SYN') && !flags.includes('ACK')) return this.#sender.repeat()
    if (this.#placeOf(segment) !== 1) return
    this.#state = 'open'
    this.#takeMore(segment)
    this.#ends.onOpen()
  }

  #takeReset(segment: Segment): void {
    if (segment.sequence !== this.#receiver.acknowledgement) return
    if (this.#state === 'staying') this.drop()
    else this.#fail('reset', 'ECONNRESET')
  }

  #takeMore(segment: Segment): void {
    const place = this.#placeOf(segment)
    if (place !== null) {
      if (place > this.#sender.next) return
      this.#sender.acknowledged(place, segment.window)
    }
    if (lengthOf(segment) > 0) {
      this.#receiver.take(segment)
      this.#acknowledge()
    }
    this.#sender.flush()
    this.#finish(segment.flags.includes('FIN'))
  }

  /** The place that it acknowledges; null where it acknowledges nothing. */
  #placeOf({ flags, acknowledgement }: Segment): number | null {
    return flags.includes('ACK') ? this.#numbers.unwrap(acknowledgement, this.#sender.oldest) : null
  }

  /** Both directions are done: it stays for a FIN that comes again. */
  #finish(isFin: boolean): void {
    if (!this.#sender.isDone || !this.#receiver.isDone) return
    if (this.#state === 'staying' && !isFin) return
    this.#state = 'staying'
    this.#resolveClosed('clean')
    if (this.#stay) clearTimeout(this.#stay)
    this.#stay = setTimeout(() => this.drop(), this.#o.rtoMs * 2 ** this.#o.maxAttempts)
  }

  #fail(ending: Ending, code: string): void {
    const wasOpen = this.isOpen
    const error = Object.assign(new Error(`${code}: the pipe is over`), { code })
    this.drop()
    if (!wasOpen) this.#ends.onRefused(error)
    this.#resolveClosed(ending)
    this.#receiver.fail(error)
  }

  #acknowledge(): void {
    this.#emit(this.#numbers.wrap(this.#sender.next), [], new Uint8Array())
  }

  #emit(sequence: number, flags: readonly Flag[], payload: Uint8Array): void {
    const isFirst = this.#state === 'syn-sent'
    this.#toldWindow = this.#receiver.window
    this.#send({
      sourcePort: this.tuple.localPort,
      destinationPort: this.tuple.remotePort,
      sequence,
      acknowledgement: isFirst ? 0 : this.#receiver.acknowledgement,
      flags: isFirst ? flags : [...flags, 'ACK'],
      window: this.#toldWindow,
      payload,
    })
  }
}

/** One UDP socket, and the pipes that share it. */
class Endpoint {
  readonly #socket: Socket
  readonly #o: PipeOptions
  readonly #pipes = new Map<string, PipeEnd>()
  readonly closed: Promise<unknown>
  #onPipe: ((pipe: Pipe) => void) | null

  private constructor(socket: Socket, o: PipeOptions, onPipe: ((pipe: Pipe) => void) | null) {
    this.#socket = socket
    this.#o = o
    this.#onPipe = onPipe
    this.closed = once(socket, 'close')
    socket.on('message', (bytes, from) => this.#take(bytes, { host: from.address, port: from.port }))
  }

  static async bind(o: PipeOptions, onPipe: ((pipe: Pipe) => void) | null): Promise<Endpoint> {
    const socket = createSocket('udp4')
    const endpoint = new Endpoint(socket, o, onPipe)
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return endpoint
  }

  get port(): number {
    return this.#socket.address().port
  }

  connect(remote: Address): Promise<Pipe> {
    return new Promise((resolve, reject) => {
      const pipe = this.#add(remote, () => resolve(pipe), reject)
      pipe.begin()
    })
  }

  /** Takes no further pipes. */
  close(): void {
    this.#onPipe = null
    for (const pipe of this.#pipes.values()) if (!pipe.isOpen) pipe.drop()
    this.#release()
  }

  #release(): void {
    if (this.#onPipe || this.#pipes.size > 0 || this.#isClosed) return
    this.#isClosed = true
    this.#socket.close()
  }

  #isClosed = false

  #add(remote: Address, onOpen: (pipe: Pipe) => void, onRefused: (error: Error) => void): PipeEnd {
    const key = `${remote.host}:${remote.port}`
    const local = this.#socket.address()
    const pipe: PipeEnd = new PipeEnd(
      {
        localAddress: local.address,
        localPort: local.port,
        remoteAddress: remote.host,
        remotePort: remote.port,
      },
      this.#o,
      (segment) => this.#send(segment, remote),
      {
        onOpen: () => onOpen(pipe),
        onRefused,
        onOver: () => {
          this.#pipes.delete(key)
          this.#release()
        },
      },
    )
    this.#pipes.set(key, pipe)
    return pipe
  }

  #take(bytes: Uint8Array, from: Address): void {
    const segment = decodeSegment(bytes)
    if (!segment || segment.sourcePort !== from.port || segment.destinationPort !== this.port) return
    const pipe = this.#pipes.get(`${from.host}:${from.port}`)
    if (pipe) return pipe.take(segment)
    const { flags } = segment
    if (flags.includes('RST')) return
    if (flags.includes('SYN') && !flags.includes('ACK') && this.#onPipe) this.#accept(segment, from)
    else this.#refuse(segment, from)
  }

  #accept(syn: Segment, from: Address): void {
    this.#add(
      from,
      (pipe) => this.#onPipe?.(pipe),
      () => {},
    ).begin(syn)
  }

  #refuse(segment: Segment, from: Address): void {
    const hasAck = segment.flags.includes('ACK')
    this.#send(
      {
        sourcePort: this.port,
        destinationPort: from.port,
        sequence: hasAck ? segment.acknowledgement : 0,
        acknowledgement: hasAck ? 0 : (segment.sequence + lengthOf(segment)) >>> 0,
        flags: hasAck ? ['RST'] : ['RST', 'ACK'],
        window: 0,
        payload: new Uint8Array(),
      },
      from,
    )
  }

  #send(segment: Segment, to: Address): void {
    // What the system does not take is as good as lost.
    this.#socket.send(encodeSegment(segment), to.port, to.host, () => {})
  }
}

/**
 * Opens a pipe to a listener.
 *
 * @throws An error with the code `ECONNREFUSED` or `ETIMEDOUT`.
 */
export async function openPipe(remote: Address, options: PipeOptions): Promise<Pipe> {
  const endpoint = await Endpoint.bind(options, null)
  return endpoint.connect(remote)
}

/**
 * Waits for pipes on a UDP socket on 127.0.0.1.
 *
 * @param onPipe - Called with each, when it is open.
 */
export async function listenPipes(onPipe: (pipe: Pipe) => void, options: PipeOptions): Promise<PipeListener> {
  const endpoint = await Endpoint.bind(options, onPipe)
  return {
    port: endpoint.port,
    async close() {
      endpoint.close()
      await endpoint.closed
    },
  }
}
