/* oxlint-disable max-lines -- a whole stack of HTTP/2 in one file, as a learner hands it in */
// Pulled, and not written: an engine that knows no socket packs each frame at the moment at which the socket takes it.

import { connect as connectTcp, createServer, type Socket } from 'node:net'
import { HpackDecoder, HpackEncoder, HpackError } from '../../../../labs/kit/hpack.ts'
import type { Handler, Headers, Request, Response, RunningServer } from '../../../../labs/kit/http.ts'
import { field } from '../../../../labs/kit/http.ts'
import { ERROR, FLAG, FRAME, nameOfError, PREFACE, SETTING } from '../../../../labs/kit/http2.ts'

export interface Frame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

type Field = readonly [name: string, value: string]

const EMPTY = Buffer.alloc(0)
const HEAD_BYTES = 9
const FRAME_BYTES = 16_384
const WINDOW = 65_535
const WINDOW_MOST = 2_147_483_647
const BLOCK_MOST = 65_536
const BODY_MOST = 1_048_576
/** So many frames of our own may wait for the socket before we stop to read the other end's. */
const CONTROL_MOST = 64
const CLOSED_REMEMBERED = 1_000
const LINGER_MS = 1_000

// --- frames ---

interface FrameHead {
  readonly length: number
  readonly type: number
  readonly flags: number
  readonly stream: number
}

function readHead(bytes: Buffer): FrameHead | null {
  if (bytes.length < HEAD_BYTES) return null
  return {
    length: bytes.readUIntBE(0, 3),
    type: bytes.readUInt8(3),
    flags: bytes.readUInt8(4),
    stream: bytes.readUInt32BE(5) & 0x7fffffff,
  }
}

/** Cuts whole frames off the front of some bytes; what is left is the beginning of the next one. */
export function decodeFrames(bytes: Buffer): { frames: Frame[]; rest: Buffer } {
  const frames: Frame[] = []
  let rest = bytes
  for (;;) {
    const head = readHead(rest)
    if (!head || rest.length < HEAD_BYTES + head.length) return { frames, rest }
    const { type, flags, stream, length } = head
    frames.push({ type, flags, stream, payload: rest.subarray(HEAD_BYTES, HEAD_BYTES + length) })
    rest = rest.subarray(HEAD_BYTES + length)
  }
}

export function encodeFrame(frame: Frame): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUIntBE(frame.payload.length, 0, 3)
  head.writeUInt8(frame.type, 3)
  head.writeUInt8(frame.flags, 4)
  head.writeUInt32BE((frame.stream & 0x7fffffff) >>> 0, 5)
  return Buffer.concat([head, frame.payload])
}

function numbers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, index) => bytes.writeUInt32BE(value, 4 * index))
  return bytes
}

function settingsFrame(settings: ReadonlyArray<readonly [number, number]>): Buffer {
  const payload = Buffer.alloc(6 * settings.length)
  settings.forEach(([id, value], index) => {
    payload.writeUInt16BE(id, 6 * index)
    payload.writeUInt32BE(value, 6 * index + 2)
  })
  return encodeFrame({ type: FRAME.SETTINGS, flags: 0, stream: 0, payload })
}

// --- errors ---

class StreamError extends Error {
  readonly stream: number
  readonly number: number
  constructor(stream: number, number: number) {
    super(`stream ${stream}: ${nameOfError(number)}`)
    this.stream = stream
    this.number = number
  }
}

class ConnectionError extends Error {
  readonly number: number
  constructor(number: number, why: string) {
    super(`${nameOfError(number)}: ${why}`)
    this.number = number
  }
}

function codedError(code: string, why: string): Error {
  return Object.assign(new Error(`${code}: ${why}`), { code })
}

// --- fields ---

const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/
const BAD_VALUE = /[\0\r\n]|^[ \t]|[ \t]$/
const HOP = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']

function isOfOneHop([name, value]: Field): boolean {
  return HOP.includes(name) || (name === 'te' && value.toLowerCase() !== 'trailers')
}

interface Section {
  readonly pseudo: ReadonlyMap<string, string>
  readonly fields: Field[]
}

/** Null for a malformed one. */
function parseSection(given: Headers, allowed: readonly string[]): Section | null {
  const pseudo = new Map<string, string>()
  const fields: Field[] = []
  for (const [name, value] of given) {
    if (BAD_VALUE.test(value)) return null
    if (name.startsWith(':')) {
      if (fields.length > 0 || pseudo.has(name) || !allowed.includes(name)) return null
      pseudo.set(name, value)
    } else if (!NAME.test(name) || isOfOneHop([name, value])) return null
    else fields.push([name, value])
  }
  return { pseudo, fields }
}

/** The stated length; null for none, NaN for what is no length. */
function statedLength(fields: Headers): number | null {
  const stated = field(fields, 'content-length')
  if (stated === null) return null
  return /^\d+$/.test(stated) ? Number(stated) : Number.NaN
}

/** What a handler or a caller gave, as HTTP/2 wants it. A length that is stated is made right, unless `length` is null. */
function outgoingFields(given: Headers, length: number | null): Field[] {
  const named = (field(given, 'connection') ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
  const fields = given
    .map(([name, value]): Field => [name.toLowerCase(), value.replace(/^[ \t]+|[ \t]+$/g, '')])
    .filter((each) => !isOfOneHop(each) && !(named.includes(each[0]) && each[0] !== 'te'))
  for (const [name, value] of fields)
    if (!NAME.test(name) || BAD_VALUE.test(value) || /[^\0-\xff]/.test(value))
      throw codedError('PROTOCOL_ERROR', `no field can be ${JSON.stringify([name, value])}`)
  if (length === null) return fields
  const first = fields.findIndex(([name]) => name === 'content-length')
  return fields
    .filter(([name], index) => name !== 'content-length' || index === first)
    .map(([name, value]): Field => [name, name === 'content-length' ? String(length) : value])
}

// --- what is kept ---

/** A body that grows: small pieces are copied, so that none of them holds a large buffer in memory. */
class Bytes {
  #store = EMPTY
  length = 0

  push(piece: Buffer): void {
    if (this.length + piece.length > this.#store.length) {
      const larger = Buffer.alloc(2 * (this.length + piece.length))
      this.#store.copy(larger, 0, 0, this.length)
      this.#store = larger
    }
    piece.copy(this.#store, this.length)
    this.length += piece.length
  }

  get value(): Buffer {
    return this.#store.subarray(0, this.length)
  }

  clear(): void {
    this.#store = EMPTY
    this.length = 0
  }
}

class Stream {
  readonly id: number
  sendWindow: number
  receiveWindow: number
  /** Bytes that we have read and not given back yet. */
  credit = 0
  head: Headers = []
  body: Uint8Array = EMPTY
  sent = 0
  /** Our END_STREAM has been pulled. */
  isSent = false
  section: Section | null = null
  readonly received = new Bytes()
  expected: number | null = null
  /** The other end's END_STREAM was here. */
  isReceived = false
  /** It has been answered early: what still comes is dropped. */
  isDiscarded = false
  /** A handler is at work for it. */
  isAtWork = false

  constructor(id: number, sendWindow: number, receiveWindow: number) {
    this.id = id
    this.sendWindow = sendWindow
    this.receiveWindow = receiveWindow
  }
}

type Ending = 'ended' | 'reset here' | 'reset there'

/** How the last streams ended; of older ones nothing is known but that they are older. */
class ClosedStreams {
  readonly #endings = new Map<number, Ending>()
  forgotten = 0

  add(id: number, how: Ending): void {
    this.#endings.set(id, how)
    if (this.#endings.size <= CLOSED_REMEMBERED) return
    const [oldest = 0] = this.#endings.keys()
    this.#endings.delete(oldest)
    this.forgotten = Math.max(this.forgotten, oldest)
  }

  get(id: number): Ending | undefined {
    return this.#endings.get(id)
  }
}

/** Fifty a second for ever, and a thousand at once. */
class Patience {
  #left = 1_000
  #at = Date.now()

  spend(): void {
    const now = Date.now()
    this.#left = Math.min(1_000, this.#left + (now - this.#at) / 20)
    this.#at = now
    if (--this.#left < 0) throw new ConnectionError(ERROR.ENHANCE_YOUR_CALM, 'too much work for nothing')
  }
}

// --- the engine ---

interface Block {
  readonly stream: number
  readonly isLast: boolean
  readonly bytes: Bytes
}

const BELONGS_TO_STREAM: number[] = [
  FRAME.DATA,
  FRAME.HEADERS,
  FRAME.PRIORITY,
  FRAME.RST_STREAM,
  FRAME.CONTINUATION,
]
const BELONGS_TO_CONNECTION: number[] = [FRAME.SETTINGS, FRAME.PING, FRAME.GOAWAY]

/** One end of a connection, without the connection: `feed` it, and `pull` what it has to say. */
abstract class Engine {
  protected readonly streams = new Map<number, Stream>()
  protected readonly closed = new ClosedStreams()
  protected isLeaving = false
  protected isPeerGone = false
  isFailed = false
  /** Somebody has something to say who was not asked by `feed`. */
  onWork: () => void = () => {}
  readonly #encoder = new HpackEncoder()
  readonly #decoder = new HpackDecoder()
  readonly #patience = new Patience()
  readonly #control: Buffer[] = []
  readonly #heads = new Set<Stream>()
  readonly #turns = new Set<Stream>()
  readonly #owed = new Set<Stream>()
  readonly #offeredWindow: number
  #input: Buffer = EMPTY
  #preface: Buffer
  #isGreeted = false
  #block: Block | null = null
  #sendWindow = WINDOW
  #streamSendWindow = WINDOW
  #receiveWindow = WINDOW
  #credit = 0
  #streamReceiveWindow = WINDOW

  constructor(preface: Buffer, offeredWindow: number) {
    this.#preface = preface
    this.#offeredWindow = offeredWindow
  }

  /** Has the other end never used this number? */
  protected abstract isIdle(id: number): boolean
  /** May HEADERS begin a stream of this number? */
  protected abstract mayBegin(id: number): boolean
  /** The stream that a block begins; null if nobody wants it. */
  protected abstract begin(id: number): Stream | null
  protected abstract onSection(stream: Stream, fields: Headers | null, isLast: boolean): void
  protected abstract onOversizedTrailers(stream: Stream): void
  protected abstract onMessage(stream: Stream): void
  protected abstract onSent(stream: Stream): void
  protected abstract onEnding(stream: Stream, how: Ending, code: number): void
  protected abstract onSetting(id: number, value: number): void
  protected abstract onSettings(): void
  protected abstract onGoaway(last: number): void
  protected abstract onPeerGone(): void
  protected abstract onFailure(error: Error): void
  protected abstract get lastTaken(): number
  /** With nothing to pull: is there nothing to come either? */
  abstract get isOver(): boolean

  // --- for the driver ---

  feed(bytes: Buffer): void {
    if (!this.isFailed) this.#input = this.#input.length > 0 ? Buffer.concat([this.#input, bytes]) : bytes
  }

  get isClogged(): boolean {
    return this.#control.length >= CONTROL_MOST
  }

  /** Takes what was fed, as far as there is room for what has to be said to it. */
  digest(): void {
    while (!this.isFailed && !this.isClogged) {
      let isAtEnd = false
      this.#attempt(() => {
        isAtEnd = !this.#step()
      })
      if (isAtEnd) return
    }
  }

  get hasFood(): boolean {
    const head = readHead(this.#input)
    return !this.isFailed && head !== null && this.#input.length >= HEAD_BYTES + head.length
  }

  pull(): Buffer | null {
    return this.#control.shift() ?? this.#giveBack() ?? this.#nextHead() ?? this.#nextData()
  }

  peerGone(): void {
    this.isPeerGone = true
    this.onPeerGone()
  }

  lost(error: Error): void {
    for (const stream of this.streams.values()) this.drop(stream, 'reset there', ERROR.NO_ERROR)
    this.onFailure(error)
  }

  // --- for both ends ---

  protected say(bytes: Buffer): void {
    if (!this.isFailed) this.#control.push(bytes)
  }

  protected sayGoaway(code: number): void {
    this.say(encodeFrame({ type: FRAME.GOAWAY, flags: 0, stream: 0, payload: numbers(this.lastTaken, code) }))
  }

  protected sayReset(id: number, code: number): void {
    this.say(encodeFrame({ type: FRAME.RST_STREAM, flags: 0, stream: id, payload: numbers(code) }))
  }

  protected createStream(id: number): Stream {
    const stream = new Stream(id, this.#streamSendWindow, this.#streamReceiveWindow)
    this.streams.set(id, stream)
    return stream
  }

  protected send(stream: Stream, head: Headers, body: Uint8Array): void {
    stream.head = head
    stream.body = body
    this.#heads.add(stream)
  }

  /** A stream error of the other end's making. */
  protected reset(id: number, code: number): void {
    this.sayReset(id, code)
    const stream = this.streams.get(id)
    if (stream) this.drop(stream, 'reset here', code)
    else this.closed.add(id, 'reset here')
    this.#patience.spend()
  }

  protected drop(stream: Stream, how: Ending, code: number): void {
    this.streams.delete(stream.id)
    this.closed.add(stream.id, how)
    for (const queue of [this.#heads, this.#turns, this.#owed]) queue.delete(stream)
    stream.received.clear()
    this.onEnding(stream, how, code)
  }

  protected fail(code: number, why: string): void {
    this.sayGoaway(code)
    this.isFailed = true
    this.#input = EMPTY
    this.#credit = 0
    this.lost(codedError(nameOfError(code), why))
  }

  protected spendPatience(): void {
    this.#patience.spend()
  }

  /** A message begins; its length is what it says, or what is known of it. */
  protected open(stream: Stream, section: Section, expected: number | null): void {
    if (Number.isNaN(expected)) throw new StreamError(stream.id, ERROR.PROTOCOL_ERROR)
    stream.section = section
    stream.expected = expected
  }

  protected accept(stream: Stream, data: Buffer): void {
    stream.received.push(data)
    if (stream.expected !== null && stream.received.length > stream.expected)
      throw new StreamError(stream.id, ERROR.PROTOCOL_ERROR)
  }

  // --- taking ---

  #attempt(step: () => void): void {
    try {
      step()
    } catch (error) {
      if (error instanceof StreamError) this.#attempt(() => this.reset(error.stream, error.number))
      else if (error instanceof ConnectionError) this.fail(error.number, error.message)
      else throw error
    }
  }

  /** False where more bytes are needed. */
  #step(): boolean {
    if (this.#preface.length > 0) return this.#takePreface()
    const head = readHead(this.#input)
    if (!head) return false
    this.#check(head)
    const length = HEAD_BYTES + head.length
    if (this.#input.length < length) return false
    const { type, flags, stream } = head
    const payload = this.#input.subarray(HEAD_BYTES, length)
    this.#input = this.#input.subarray(length)
    this.#isGreeted = true
    this.#take({ type, flags, stream, payload })
    return true
  }

  #takePreface(): boolean {
    const size = Math.min(this.#preface.length, this.#input.length)
    if (!this.#input.subarray(0, size).equals(this.#preface.subarray(0, size)))
      throw new ConnectionError(ERROR.PROTOCOL_ERROR, 'no preface')
    this.#preface = this.#preface.subarray(size)
    this.#input = this.#input.subarray(size)
    return this.#preface.length === 0
  }

  /** All that nine bytes can be wrong about. */
  #check({ type, flags, stream, length }: FrameHead): void {
    const wrong = (why: string) => new ConnectionError(ERROR.PROTOCOL_ERROR, why)
    if (!this.#isGreeted && (type !== FRAME.SETTINGS || (flags & FLAG.ACK) !== 0))
      throw wrong('the first frame is no SETTINGS')
    if (length > FRAME_BYTES) throw new ConnectionError(ERROR.FRAME_SIZE_ERROR, `${length} bytes`)
    if (this.#block && (type !== FRAME.CONTINUATION || stream !== this.#block.stream))
      throw wrong('a frame inside a block')
    if (!this.#block && type === FRAME.CONTINUATION) throw wrong('CONTINUATION of nothing')
    if (type === FRAME.PUSH_PROMISE) throw wrong('PUSH_PROMISE')
    if (stream === 0 ? BELONGS_TO_STREAM.includes(type) : BELONGS_TO_CONNECTION.includes(type))
      throw wrong(`type ${type} on stream ${stream}`)
    if (!isRightSize(type, flags, length))
      throw new ConnectionError(ERROR.FRAME_SIZE_ERROR, `type ${type} of ${length} bytes`)
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      case FRAME.DATA:
        return this.#takeData(frame)
      case FRAME.HEADERS:
        return this.#takeHeaders(frame)
      case FRAME.CONTINUATION:
        if (frame.payload.length === 0 && !(frame.flags & FLAG.END_HEADERS)) this.#patience.spend()
        return this.#takeFragment(frame.payload, frame.flags)
      case FRAME.PRIORITY:
        if (frame.payload.length !== 5 && this.streams.has(frame.stream))
          throw new StreamError(frame.stream, ERROR.FRAME_SIZE_ERROR)
        return
      case FRAME.RST_STREAM:
        return this.#takeReset(frame)
      case FRAME.SETTINGS:
        return this.#takeSettings(frame)
      case FRAME.PING:
        this.#patience.spend()
        if (!(frame.flags & FLAG.ACK)) this.say(encodeFrame({ ...frame, flags: FLAG.ACK }))
        return
      case FRAME.GOAWAY:
        return this.onGoaway(frame.payload.readUInt32BE(0) & 0x7fffffff)
      case FRAME.WINDOW_UPDATE:
        return this.#takeWindowUpdate(frame)
    }
  }

  #find(id: number): Stream | undefined {
    const stream = this.streams.get(id)
    if (!stream && this.isIdle(id))
      throw new ConnectionError(ERROR.PROTOCOL_ERROR, `nobody has opened stream ${id}`)
    return stream
  }

  #takeData(frame: Frame): void {
    const size = frame.payload.length
    if (size > this.#receiveWindow)
      throw new ConnectionError(ERROR.FLOW_CONTROL_ERROR, 'DATA beyond the window of the connection')
    this.#receiveWindow -= size
    this.#credit += size
    const data = withoutPadding(frame, 0)
    const isLast = (frame.flags & FLAG.END_STREAM) !== 0
    if (data.length === 0 && !isLast) this.#patience.spend()
    const stream = this.#find(frame.stream)
    if (!stream) return this.#late(frame.stream)
    if (stream.isReceived) throw new StreamError(stream.id, ERROR.STREAM_CLOSED)
    this.#count(stream, size, isLast)
    if (stream.isDiscarded) return this.#discard(stream, isLast)
    if (!stream.section) throw new StreamError(stream.id, ERROR.PROTOCOL_ERROR)
    this.accept(stream, data)
    if (isLast) this.#finish(stream)
  }

  /** Something comes on a stream that is gone. Where we have reset it, the other end could not know. */
  #late(id: number): void {
    if (this.closed.get(id) === 'ended')
      throw new ConnectionError(ERROR.STREAM_CLOSED, `stream ${id} has ended`)
  }

  #count(stream: Stream, size: number, isLast: boolean): void {
    if (size > 0 && size > stream.receiveWindow) throw new StreamError(stream.id, ERROR.FLOW_CONTROL_ERROR)
    stream.receiveWindow -= size
    if (isLast) {
      this.#owed.delete(stream)
    } else if (size > 0) {
      stream.credit += size
      this.#owed.add(stream)
    }
  }

  #discard(stream: Stream, isLast: boolean): void {
    if (!isLast) return
    stream.isReceived = true
    if (stream.isSent) this.drop(stream, 'ended', ERROR.NO_ERROR)
  }

  #finish(stream: Stream): void {
    stream.isReceived = true
    if (stream.expected !== null && stream.received.length !== stream.expected)
      throw new StreamError(stream.id, ERROR.PROTOCOL_ERROR)
    this.onMessage(stream)
  }

  #takeHeaders(frame: Frame): void {
    const { stream, flags } = frame
    if (!this.streams.has(stream) && !this.mayBegin(stream) && this.closed.get(stream) !== 'reset here') {
      this.#late(stream)
      throw new ConnectionError(ERROR.PROTOCOL_ERROR, `HEADERS on stream ${stream}`)
    }
    const fragment = withoutPadding(frame, flags & FLAG.PRIORITY ? 5 : 0)
    this.#block = { stream, isLast: (flags & FLAG.END_STREAM) !== 0, bytes: new Bytes() }
    this.#takeFragment(fragment, flags)
  }

  #takeFragment(fragment: Buffer, flags: number): void {
    const block = this.#block as Block
    block.bytes.push(fragment)
    if (block.bytes.length > BLOCK_MOST)
      throw new ConnectionError(ERROR.ENHANCE_YOUR_CALM, 'a block without end')
    if (!(flags & FLAG.END_HEADERS)) return
    this.#block = null
    const fields = this.#decode(block.bytes.value)
    const stream = this.streams.get(block.stream) ?? this.begin(block.stream)
    if (stream) this.#takeSection(stream, fields, block.isLast)
  }

  #decode(block: Buffer): Headers | null {
    try {
      return this.#decoder.decode(block)
    } catch (error) {
      if (error instanceof HpackError) throw new ConnectionError(ERROR.COMPRESSION_ERROR, error.message)
      throw error
    }
  }

  #takeSection(stream: Stream, fields: Headers | null, isLast: boolean): void {
    if (stream.isReceived) throw new StreamError(stream.id, ERROR.STREAM_CLOSED)
    if (stream.isDiscarded) return this.#discard(stream, isLast)
    if (!stream.section) this.onSection(stream, fields, isLast)
    else if (!isLast) throw new StreamError(stream.id, ERROR.PROTOCOL_ERROR)
    else if (!fields) this.onOversizedTrailers(stream)
    else if (!parseSection(fields, [])) throw new StreamError(stream.id, ERROR.PROTOCOL_ERROR)
    if (stream.isDiscarded) this.#discard(stream, isLast)
    else if (isLast) this.#finish(stream)
  }

  #takeReset(frame: Frame): void {
    const stream = this.#find(frame.stream)
    if (stream) this.drop(stream, 'reset there', frame.payload.readUInt32BE(0))
    this.onResetFrame()
  }

  protected onResetFrame(): void {}

  #takeSettings({ flags, payload }: Frame): void {
    this.#patience.spend()
    if (flags & FLAG.ACK) return this.#takeAck()
    for (let at = 0; at < payload.length; at += 6)
      this.#set(payload.readUInt16BE(at), payload.readUInt32BE(at + 2))
    this.say(encodeFrame({ type: FRAME.SETTINGS, flags: FLAG.ACK, stream: 0, payload: EMPTY }))
    this.onSettings()
  }

  /** From here on the other end knows of our window. */
  #takeAck(): void {
    const difference = this.#offeredWindow - this.#streamReceiveWindow
    this.#streamReceiveWindow = this.#offeredWindow
    for (const stream of this.streams.values()) stream.receiveWindow += difference
  }

  #set(id: number, value: number): void {
    if (id === SETTING.HEADER_TABLE_SIZE) this.#encoder.limitTable(value)
    if (id === SETTING.ENABLE_PUSH && value > 1)
      throw new ConnectionError(ERROR.PROTOCOL_ERROR, 'ENABLE_PUSH')
    if (id === SETTING.MAX_FRAME_SIZE && (value < FRAME_BYTES || value > 16_777_215))
      throw new ConnectionError(ERROR.PROTOCOL_ERROR, 'MAX_FRAME_SIZE')
    if (id === SETTING.INITIAL_WINDOW_SIZE) this.#resizeWindows(value)
    this.onSetting(id, value)
  }

  #resizeWindows(size: number): void {
    const difference = size - this.#streamSendWindow
    this.#streamSendWindow = size
    for (const stream of this.streams.values()) stream.sendWindow += difference
    if (
      [size, ...[...this.streams.values()].map((stream) => stream.sendWindow)].some(
        (each) => each > WINDOW_MOST,
      )
    )
      throw new ConnectionError(ERROR.FLOW_CONTROL_ERROR, 'a window too large')
  }

  #takeWindowUpdate(frame: Frame): void {
    const more = frame.payload.readUInt32BE(0) & 0x7fffffff
    if (frame.stream === 0) {
      if (more === 0) throw new ConnectionError(ERROR.PROTOCOL_ERROR, 'WINDOW_UPDATE of zero')
      this.#sendWindow += more
      if (this.#sendWindow > WINDOW_MOST)
        throw new ConnectionError(ERROR.FLOW_CONTROL_ERROR, 'a window too large')
      return
    }
    const stream = this.#find(frame.stream)
    if (!stream) return
    if (more === 0) throw new StreamError(stream.id, ERROR.PROTOCOL_ERROR)
    stream.sendWindow += more
    if (stream.sendWindow > WINDOW_MOST) throw new StreamError(stream.id, ERROR.FLOW_CONTROL_ERROR)
  }

  // --- giving ---

  #giveBack(): Buffer | null {
    if (this.#credit > 0) {
      const credit = this.#credit
      this.#receiveWindow += credit
      this.#credit = 0
      return windowUpdate(0, credit)
    }
    for (const stream of this.#owed) {
      this.#owed.delete(stream)
      const { credit } = stream
      stream.receiveWindow += credit
      stream.credit = 0
      return windowUpdate(stream.id, credit)
    }
    return null
  }

  /** A block is packed when it leaves, and leaves in one piece. */
  #nextHead(): Buffer | null {
    for (const stream of this.#heads) {
      this.#heads.delete(stream)
      const block = this.#encoder.encode(stream.head)
      const isLast = stream.body.length === 0
      if (isLast) this.#sent(stream)
      else this.#turns.add(stream)
      return cutBlock(stream.id, block, isLast)
    }
    return null
  }

  #nextData(): Buffer | null {
    for (const stream of this.#turns) {
      const left = stream.body.length - stream.sent
      const size = Math.min(FRAME_BYTES, this.#sendWindow, stream.sendWindow, left)
      if (size > 0) return this.#cutData(stream, size)
    }
    return null
  }

  #cutData(stream: Stream, size: number): Buffer {
    const payload = Buffer.from(stream.body.subarray(stream.sent, stream.sent + size))
    this.#sendWindow -= size
    stream.sendWindow -= size
    stream.sent += size
    this.#turns.delete(stream)
    const isLast = stream.sent === stream.body.length
    if (isLast) this.#sent(stream)
    else this.#turns.add(stream)
    return encodeFrame({ type: FRAME.DATA, flags: isLast ? FLAG.END_STREAM : 0, stream: stream.id, payload })
  }

  #sent(stream: Stream): void {
    stream.isSent = true
    if (stream.isReceived) this.drop(stream, 'ended', ERROR.NO_ERROR)
    else this.onSent(stream)
  }
}

function isRightSize(type: number, flags: number, length: number): boolean {
  if (type === FRAME.PING) return length === 8
  if (type === FRAME.RST_STREAM || type === FRAME.WINDOW_UPDATE) return length === 4
  if (type === FRAME.SETTINGS) return flags & FLAG.ACK ? length === 0 : length % 6 === 0
  return type !== FRAME.GOAWAY || length >= 8
}

function windowUpdate(stream: number, bytes: number): Buffer {
  return encodeFrame({ type: FRAME.WINDOW_UPDATE, flags: 0, stream, payload: numbers(bytes) })
}

/** @param fixed - Bytes of a priority, which stand in front of what is wanted. */
function withoutPadding({ payload, flags }: Frame, fixed: number): Buffer {
  const isPadded = (flags & FLAG.PADDED) !== 0
  const before = (isPadded ? 1 : 0) + fixed
  if (payload.length < before)
    throw new ConnectionError(ERROR.FRAME_SIZE_ERROR, 'a frame without what it announces')
  const end = payload.length - (isPadded ? payload.readUInt8(0) : 0)
  if (end < before) throw new ConnectionError(ERROR.PROTOCOL_ERROR, 'padding as long as the payload')
  return payload.subarray(before, end)
}

function cutBlock(stream: number, block: Buffer, isLast: boolean): Buffer {
  const frames: Buffer[] = []
  for (let at = 0; at === 0 || at < block.length; at += FRAME_BYTES) {
    const isEnd = at + FRAME_BYTES >= block.length
    const type = at === 0 ? FRAME.HEADERS : FRAME.CONTINUATION
    const flags = (isEnd ? FLAG.END_HEADERS : 0) | (at === 0 && isLast ? FLAG.END_STREAM : 0)
    frames.push(encodeFrame({ type, flags, stream, payload: block.subarray(at, at + FRAME_BYTES) }))
  }
  return Buffer.concat(frames)
}

// --- the server ---

class ServerEngine extends Engine {
  readonly #handler: Handler
  readonly #maxStreams: number
  #highest = 0
  #lastTaken = 0
  /** Handlers that work for a stream that is gone. */
  #orphans = 0

  constructor(handler: Handler, options: { maxStreams: number; windowBytes: number }) {
    super(PREFACE, options.windowBytes)
    this.#handler = handler
    this.#maxStreams = options.maxStreams
    this.say(
      settingsFrame([
        [SETTING.MAX_CONCURRENT_STREAMS, options.maxStreams],
        [SETTING.INITIAL_WINDOW_SIZE, options.windowBytes],
      ]),
    )
  }

  /** Takes no more streams, and is over when those that it has are. */
  leave(): void {
    if (this.isLeaving) return
    this.isLeaving = true
    this.sayGoaway(ERROR.NO_ERROR)
    this.onWork()
  }

  get isOver(): boolean {
    if (this.isFailed) return true
    // What a window still holds back after its FIN is held back for ever.
    if (this.isPeerGone) return [...this.streams.values()].every((stream) => !stream.isAtWork)
    return this.isLeaving && this.streams.size === 0
  }

  protected get lastTaken(): number {
    return this.#lastTaken
  }

  protected isIdle(id: number): boolean {
    if (id % 2 === 0 || id > this.#highest) return true
    return id > this.closed.forgotten && this.closed.get(id) === undefined
  }

  protected mayBegin(id: number): boolean {
    if (id % 2 === 0 || id <= this.#highest) return false
    this.#highest = id
    return true
  }

  protected begin(id: number): Stream | null {
    if (this.closed.get(id)) return null
    if (this.isLeaving) this.closed.add(id, 'reset here')
    else if (this.streams.size + this.#orphans >= this.#maxStreams) this.reset(id, ERROR.REFUSED_STREAM)
    else {
      this.#lastTaken = id
      return this.createStream(id)
    }
    return null
  }

  protected onSection(stream: Stream, fields: Headers | null): void {
    if (!fields) return this.#refuse(stream, 431)
    const section = parseSection(fields, [':method', ':scheme', ':path', ':authority'])
    if (!section || [':method', ':scheme', ':path'].some((name) => !section.pseudo.get(name)))
      throw new StreamError(stream.id, ERROR.PROTOCOL_ERROR)
    this.open(stream, section, statedLength(section.fields))
  }

  protected onOversizedTrailers(stream: Stream): void {
    this.#refuse(stream, 431)
  }

  protected override accept(stream: Stream, data: Buffer): void {
    super.accept(stream, data)
    if (stream.received.length > BODY_MOST) this.#refuse(stream, 413)
  }

  protected onMessage(stream: Stream): void {
    if (!stream.isDiscarded) void this.#serve(stream, requestOf(stream))
  }

  protected onSent(stream: Stream): void {
    this.sayReset(stream.id, ERROR.NO_ERROR)
    this.drop(stream, 'reset here', ERROR.NO_ERROR)
  }

  protected onEnding(stream: Stream): void {
    if (stream.isAtWork) this.#orphans++
  }

  protected override onResetFrame(): void {
    this.spendPatience()
  }

  protected onSetting(): void {}
  protected onSettings(): void {}

  protected onGoaway(): void {
    this.leave()
  }

  protected onPeerGone(): void {
    for (const stream of this.streams.values())
      if (!stream.isReceived) this.drop(stream, 'reset there', ERROR.CANCEL)
  }

  protected onFailure(): void {}

  #refuse(stream: Stream, status: number): void {
    stream.isDiscarded = true
    stream.received.clear()
    this.send(stream, [[':status', String(status)]], EMPTY)
  }

  async #serve(stream: Stream, request: Request): Promise<void> {
    stream.isAtWork = true
    const { head, body } = await answerOf(this.#handler, request)
    stream.isAtWork = false
    if (this.streams.get(stream.id) === stream) this.send(stream, head, body)
    else this.#orphans--
    this.onWork()
  }
}

function requestOf(stream: Stream): Request {
  const { pseudo, fields } = stream.section as Section
  const authority = pseudo.get(':authority')
  const cookies = fields.filter(([name]) => name === 'cookie').map(([, value]) => value)
  const headers: Field[] = authority === undefined ? [] : [['host', authority]]
  for (const [name, value] of fields) {
    if (name === 'host' && authority !== undefined) continue
    if (name !== 'cookie') headers.push([name, value])
    else if (cookies.length > 0) headers.push([name, cookies.splice(0).join('; ')])
  }
  return {
    method: pseudo.get(':method') ?? '',
    target: pseudo.get(':path') ?? '',
    version: '1.1',
    headers,
    body: stream.received.value,
  }
}

interface Answer {
  readonly head: Headers
  readonly body: Uint8Array
}

async function answerOf(handler: Handler, request: Request): Promise<Answer> {
  try {
    return formatAnswer(await handler(request), request.method)
  } catch {
    return { head: [[':status', '500']], body: EMPTY }
  }
}

function formatAnswer({ status, headers, body }: Response, method: string): Answer {
  if (!Number.isInteger(status) || status < 200 || status > 999) throw new Error(`no final status: ${status}`)
  const isBodiless = method === 'HEAD' || status === 204 || status === 304
  const fields = outgoingFields(headers, isBodiless ? null : body.length)
  const kept = status === 204 ? fields.filter(([name]) => name !== 'content-length') : fields
  return { head: [[':status', String(status)], ...kept], body: isBodiless ? EMPTY : body }
}

// --- the driver ---

/** Carries bytes between a socket and an engine; what the socket does not take stays in the engine. */
class Driver {
  readonly #socket: Socket
  readonly #engine: Engine
  #isEnded = false
  #isEndTold = false
  #linger: NodeJS.Timeout | undefined

  constructor(socket: Socket, engine: Engine) {
    this.#socket = socket
    this.#engine = engine
    engine.onWork = () => this.turn()
    socket.setNoDelay(true)
    socket.on('data', (bytes: Buffer) => {
      engine.feed(bytes)
      this.turn()
    })
    socket.on('drain', () => this.turn())
    socket.on('end', () => {
      this.#isEnded = true
      this.turn()
    })
    socket.on('finish', () => this.#lingerOn())
    let reason: Error = codedError('ECONNRESET', 'the connection is gone')
    socket.on('error', (error) => {
      reason = error
    })
    socket.on('close', () => {
      clearTimeout(this.#linger)
      engine.lost(reason)
    })
  }

  turn(): void {
    this.#socket.cork()
    do {
      this.#engine.digest()
      this.#push()
    } while (this.#engine.hasFood && !this.#engine.isClogged)
    this.#noticeEnd()
    this.#socket.uncork()
    if (this.#engine.isFailed) this.#lingerOn()
    if (this.#engine.isClogged && !this.#engine.isFailed) this.#socket.pause()
    else if (!this.#isEnded) this.#socket.resume()
  }

  #push(): void {
    const socket = this.#socket
    while (!socket.writableNeedDrain && !socket.writableEnded && !socket.destroyed) {
      const bytes = this.#engine.pull()
      if (bytes) socket.write(bytes)
      else if (this.#engine.isOver) socket.end()
      else return
    }
  }

  /** Its FIN comes after all that it has said. */
  #noticeEnd(): void {
    if (!this.#isEnded || this.#isEndTold || this.#engine.hasFood) return
    this.#isEndTold = true
    this.#engine.peerGone()
    this.#push()
  }

  /** The other end has a second for its FIN. */
  #lingerOn(): void {
    this.#linger ??= setTimeout(() => this.#socket.destroy(), LINGER_MS)
  }
}

/**
 * A server of HTTP/2 over clear text, on a port that the system chooses.
 *
 * @param options.maxStreams - How many streams of one connection may be open at once.
 * @param options.windowBytes - How many bytes of DATA a client may have under way on one stream.
 */
export async function serveH2(
  handler: Handler,
  options: { maxStreams: number; windowBytes: number },
): Promise<RunningServer> {
  const engines = new Set<ServerEngine>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const engine = new ServerEngine(handler, options)
    engines.add(engine)
    socket.on('close', () => engines.delete(engine))
    new Driver(socket, engine).turn()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  let closed: Promise<void> | null = null
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const engine of engines) engine.leave()
    })
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close: () => (closed ??= close()),
  }
}

// --- the client ---

interface Job {
  readonly head: Headers
  readonly body: Uint8Array
  readonly method: string
  readonly resolve: (response: Response) => void
  readonly reject: (error: Error) => void
  isRetried: boolean
}

class ClientEngine extends Engine {
  readonly #jobs = new Map<Stream, Job>()
  #waiting: Job[] = []
  #nextId = 1
  /** Until the server has spoken, what RFC 9113 §6.5.2 recommends as the least. */
  #maxStreams = 100
  #isSilent = true
  #isGreeted = false
  #isClosing = false
  /** Why nothing can be asked any more. */
  #refusal: Error | null = null

  constructor() {
    super(EMPTY, WINDOW)
    this.say(Buffer.concat([PREFACE, settingsFrame([[SETTING.ENABLE_PUSH, 0]])]))
  }

  ask(job: Job): void {
    if (this.#refusal) return job.reject(this.#refusal)
    this.#isSilent = false
    this.#waiting.push(job)
    this.#start()
    this.onWork()
  }

  close(): void {
    this.#isSilent = false
    this.#isClosing = true
    this.#refusal = codedError('ECLOSED', 'the client was closed')
    this.onWork()
  }

  override feed(bytes: Buffer): void {
    this.#isSilent = false
    super.feed(bytes)
  }

  /** Nothing leaves before the first request, so that all of it leaves together. */
  override pull(): Buffer | null {
    if (this.#isSilent) return null
    this.#leaveWhenDone()
    return super.pull()
  }

  get isOver(): boolean {
    return this.isFailed || this.isPeerGone || this.isLeaving
  }

  protected get lastTaken(): number {
    return 0
  }

  protected isIdle(id: number): boolean {
    return id % 2 === 0 || id >= this.#nextId
  }

  protected mayBegin(): boolean {
    return false
  }

  protected begin(): Stream | null {
    return null
  }

  protected onSection(stream: Stream, fields: Headers | null, isLast: boolean): void {
    const section = fields && parseSection(fields, [':status'])
    const status = section?.pseudo.get(':status') ?? ''
    if (!section || !/^[1-9]\d\d$/.test(status)) throw new StreamError(stream.id, ERROR.PROTOCOL_ERROR)
    if (status.startsWith('1')) {
      if (isLast || status === '101') throw new StreamError(stream.id, ERROR.PROTOCOL_ERROR)
      return
    }
    const isBodiless = this.#jobs.get(stream)?.method === 'HEAD' || status === '304'
    this.open(stream, section, isBodiless ? 0 : statedLength(section.fields))
  }

  protected onOversizedTrailers(stream: Stream): void {
    throw new StreamError(stream.id, ERROR.PROTOCOL_ERROR)
  }

  protected onMessage(stream: Stream): void {
    const job = this.#jobs.get(stream)
    this.#jobs.delete(stream)
    const { pseudo, fields } = stream.section as Section
    const body = stream.received.value
    job?.resolve({ version: '1.1', status: Number(pseudo.get(':status')), reason: '', headers: fields, body })
    if (!stream.isSent) this.sayReset(stream.id, ERROR.CANCEL)
    this.drop(stream, stream.isSent ? 'ended' : 'reset here', ERROR.NO_ERROR)
  }

  protected onSent(): void {}

  protected onEnding(stream: Stream, how: Ending, code: number): void {
    const job = this.#jobs.get(stream)
    this.#jobs.delete(stream)
    if (job && how === 'reset there' && code === ERROR.REFUSED_STREAM && !job.isRetried && this.#mayRetry) {
      job.isRetried = true
      this.#waiting.unshift(job)
    } else job?.reject(codedError(nameOfError(code), `stream ${stream.id} was reset`))
    this.#start()
  }

  protected onSetting(id: number, value: number): void {
    if (id === SETTING.ENABLE_PUSH && value > 0)
      throw new ConnectionError(ERROR.PROTOCOL_ERROR, 'ENABLE_PUSH')
    if (id !== SETTING.MAX_CONCURRENT_STREAMS) return
    this.#maxStreams = value
    this.#isGreeted = true
  }

  protected onSettings(): void {
    if (!this.#isGreeted) this.#maxStreams = Infinity
    this.#isGreeted = true
    this.#start()
  }

  protected onGoaway(last: number): void {
    const refused = codedError('REFUSED_STREAM', 'the server is leaving')
    this.#refusal ??= refused
    this.#isClosing = true
    this.#isGoing = true
    for (const job of this.#waiting.splice(0)) job.reject(refused)
    for (const stream of this.streams.values())
      if (stream.id > last) this.drop(stream, 'reset there', ERROR.REFUSED_STREAM)
  }

  protected onPeerGone(): void {
    this.lost(codedError('ECONNRESET', 'the server closed before the answer was whole'))
  }

  protected onFailure(error: Error): void {
    this.#refusal ??= error
    for (const job of this.#waiting.splice(0)) job.reject(error)
  }

  override lost(error: Error): void {
    this.#refusal ??= error
    this.#isGoing = true
    for (const job of this.#jobs.values()) job.reject(error)
    this.#jobs.clear()
    super.lost(error)
  }

  /** The server takes no new streams. */
  #isGoing = false

  get #mayRetry(): boolean {
    return !this.#isGoing
  }

  #start(): void {
    while (!this.#isGoing && this.streams.size < this.#maxStreams) {
      const job = this.#waiting.shift()
      if (!job) return
      const stream = this.createStream(this.#nextId)
      this.#nextId += 2
      this.#jobs.set(stream, job)
      this.send(stream, job.head, job.body)
    }
  }

  #leaveWhenDone(): void {
    if (this.isLeaving || !this.#isClosing || this.streams.size > 0 || this.#waiting.length > 0) return
    this.isLeaving = true
    this.sayGoaway(ERROR.NO_ERROR)
  }
}

/** A client with one connection. */
export class H2Client {
  readonly #engine: ClientEngine
  readonly #gone: Promise<void>
  readonly #authority: string

  private constructor(socket: Socket, port: number) {
    this.#engine = new ClientEngine()
    this.#authority = `127.0.0.1:${port}`
    this.#gone = new Promise((resolve) => socket.once('close', () => resolve()))
    new Driver(socket, this.#engine).turn()
  }

  /** Connects to 127.0.0.1. */
  static async connect(port: number): Promise<H2Client> {
    const socket = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true })
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve()
      })
    })
    return new H2Client(socket, port)
  }

  /**
   * Sends a request on a stream of its own and resolves with its response, whatever the status.
   *
   * @param request - What is left out: method GET, target `/`, no fields, no body.
   */
  async request(request: Partial<Request>): Promise<Response> {
    const { method = 'GET', target = '/', headers = [], body = EMPTY } = request
    const head: Field[] = [
      [':method', method],
      [':scheme', 'http'],
      [':authority', field(headers, 'host') ?? this.#authority],
      [':path', target],
      ...outgoingFields(headers, body.length).filter(([name]) => name !== 'host'),
    ]
    return await new Promise((resolve, reject) => {
      this.#engine.ask({ head, body, method, resolve, reject, isRetried: false })
    })
  }

  /** Finishes what is under way, and resolves when the connection is gone. */
  async close(): Promise<void> {
    this.#engine.close()
    await this.#gone
  }
}
