/**
 * Lab 18: many exchanges on one connection, which is what HTTP/2 is.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9113 | RFC 9113} (HTTP/2)
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { HpackDecoder, HpackEncoder, HpackError } from '../../labs/kit/hpack.ts'
import {
  field,
  type Handler,
  type Headers,
  type Request,
  type Response,
  type RunningServer,
} from '../../labs/kit/http.ts'
import { ERROR, FLAG, FRAME, nameOfError, PREFACE, SETTING } from '../../labs/kit/http2.ts'

// #region frames
export interface Frame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

/** Type, flags and number of the stream, behind three bytes of length (RFC 9113 §4.1). */
const HEAD_BYTES = 9

export function decodeFrames(bytes: Buffer): { frames: Frame[]; rest: Buffer } {
  const frames: Frame[] = []
  let at = 0
  while (bytes.length - at >= HEAD_BYTES) {
    const start = at + HEAD_BYTES
    const end = start + bytes.readUIntBE(at, 3)
    if (bytes.length < end) break
    const [type, flags] = [bytes.readUInt8(at + 3), bytes.readUInt8(at + 4)]
    frames.push({ type, flags, stream: number31(bytes, at + 5), payload: bytes.subarray(start, end) })
    at = end
  }
  return { frames, rest: bytes.subarray(at) }
}

export function encodeFrame({ type, flags, stream, payload }: Frame): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** The bit before a number of 31 bits means nothing, and is ignored. */
function number31(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) & 0x7f_ff_ff_ff
}
// #endregion frames

/** What everybody may send in one frame, and we never announce more (RFC 9113 §4.2). */
const MAX_FRAME = 16_384
const DEFAULT_WINDOW = 65_535
const MAX_WINDOW = 2 ** 31 - 1
const MAX_BLOCK = 65_536
const MAX_BODY = 1_048_576
/** Frames that cost us work and carry nothing, in so many milliseconds. */
const MAX_CHATTER = 1_000
const CHATTER_MS = 10_000
/** How long a peer that was told the end may take for its own FIN. */
const LINGER_MS = 1_000
/** DATA never fills the socket this far: what does is answers that nobody reads. */
const MAX_UNREAD = 262_144
const NOTHING = Buffer.alloc(0)

/** A stream error, or with stream 0 a connection error (RFC 9113 §5.4). */
class Fault extends Error {
  readonly stream: number
  readonly error: number

  constructor(stream: number, error: number) {
    super(`${nameOfError(error)} on stream ${stream}`)
    this.stream = stream
    this.error = error
  }
}

/** One exchange: open until both sides have ended it. */
class Stream {
  readonly id: number
  /** Bytes that the peer lets us send, and those that we let it send. */
  sendWindow: number
  receiveWindow: number
  /** Bytes that have come and were not given back to the peer's window. */
  owed = 0
  outgoing = NOTHING
  weEnded = false
  peerEnded = false
  head: Head | null = null
  /** Its answer is under way: the rest of it is read and dropped. */
  isRefused = false
  readonly #parts: Buffer[] = []
  received = 0

  constructor(id: number, sendWindow: number, receiveWindow: number) {
    this.id = id
    this.sendWindow = sendWindow
    this.receiveWindow = receiveWindow
  }

  get body(): Buffer {
    return Buffer.concat(this.#parts)
  }

  keep(data: Buffer): void {
    this.received += data.length
    if (!this.isRefused) this.#parts.push(data)
  }
}

interface Block {
  readonly stream: number
  readonly flags: number
  bytes: Buffer
}

/** What both ends of a connection do alike. */
abstract class Connection {
  protected readonly streams = new Map<number, Stream>()
  protected readonly socket: Socket
  /** The highest stream of the peer that we have taken. */
  protected lastStream = 0
  /** It ends with the last stream. */
  protected isLeaving = false
  /** The peer takes no further stream. */
  protected isDeaf = false
  protected peerMaxStreams = Infinity
  readonly #encoder = new HpackEncoder()
  readonly #decoder = new HpackDecoder()
  readonly #ownWindow: number
  #rest: Buffer = NOTHING
  /** Field lines that wait for their CONTINUATION. */
  #block: Block | null = null
  /** Those who have something to send, in the order of their turns. */
  readonly #turns = new Set<Stream>()
  /** Streams that we have reset, or never taken. */
  readonly #passedOver = new Set<number>()
  #initialSend = DEFAULT_WINDOW
  #initialReceive = DEFAULT_WINDOW
  #sendWindow = DEFAULT_WINDOW
  #receiveWindow = DEFAULT_WINDOW
  #owed = 0
  #sawSettings = false
  #isOver = false
  #chatter = { since: 0, count: 0 }

  constructor(socket: Socket, first: Buffer, settings: ReadonlyArray<readonly [number, number]>) {
    this.socket = socket
    this.#ownWindow = settings.find(([name]) => name === SETTING.INITIAL_WINDOW_SIZE)?.[1] ?? DEFAULT_WINDOW
    const payload = Buffer.alloc(settings.length * 6)
    settings.forEach(([name, value], index) =>
      payload.writeUInt32BE(value, payload.writeUInt16BE(name, index * 6)),
    )
    socket.write(first)
    this.#write(FRAME.SETTINGS, 0, 0, payload)
    socket.on('data', (bytes: Buffer) => this.#receive(bytes))
    socket.on('drain', () => {
      socket.resume()
      this.#pump()
    })
    socket.on('end', () => this.#peerIsGone())
    socket.on('error', (error) => this.dropAll(error))
    socket.on('close', () => this.dropAll(new Error('the connection is closed')))
  }

  // What the two roles make of it.
  protected abstract opened(id: number): Stream | null
  protected abstract ended(stream: Stream): void
  protected abstract lost(stream: Stream, error: Error): void
  protected abstract isIdle(id: number): boolean
  protected abstract readHead(id: number, fields: Headers): Head
  /** More of it is to come. */
  protected abstract goesOn(stream: Stream): void

  /** Says that no further stream will be taken, and ends when the last one has. */
  leave(): void {
    if (!this.isLeaving) this.#goAway(ERROR.NO_ERROR)
    this.isLeaving = true
    this.settle()
  }

  protected open(id: number): Stream {
    const stream = new Stream(id, this.#initialSend, this.#initialReceive)
    this.streams.set(id, stream)
    return stream
  }

  /** A head and a body, as the windows allow. */
  protected send(stream: Stream, fields: Headers, body: Uint8Array): void {
    const block = this.#encoder.encode(fields)
    const end = body.length === 0 ? FLAG.END_STREAM : 0
    for (let at = 0; at === 0 || at < block.length; at += MAX_FRAME) {
      const last = at + MAX_FRAME >= block.length ? FLAG.END_HEADERS : 0
      const [type, flags] = at === 0 ? [FRAME.HEADERS, end | last] : [FRAME.CONTINUATION, last]
      this.#write(type, flags, stream.id, block.subarray(at, at + MAX_FRAME))
    }
    if (body.length === 0) return this.#weEnd(stream)
    stream.outgoing = Buffer.from(body)
    this.#turns.add(stream)
    this.#pump()
  }

  protected reset(id: number, error: number): void {
    this.#write(FRAME.RST_STREAM, 0, id, uint32(error))
    this.passOver(id)
    this.forget(id, named(error))
  }

  /** What comes on it was under way, and means nothing. */
  protected passOver(id: number): void {
    this.#passedOver.add(id)
    const [oldest] = this.#passedOver
    if (this.#passedOver.size > MAX_CHATTER && oldest !== undefined) this.#passedOver.delete(oldest)
  }

  protected forget(id: number, error: Error): void {
    const stream = this.streams.get(id)
    if (!stream) return
    this.streams.delete(id)
    this.#turns.delete(stream)
    this.lost(stream, error)
    this.settle()
  }

  protected dropAll(error: Error): void {
    this.#isOver = true
    this.isLeaving = true
    this.isDeaf = true
    for (const id of this.streams.keys()) this.forget(id, error)
    this.settle()
  }

  /** Sends FIN when nothing is left to do. */
  protected settle(): void {
    const { writableEnded, destroyed } = this.socket
    if (this.isLeaving && this.streams.size === 0 && !writableEnded && !destroyed) this.#end()
  }

  // --- internal ---

  // #region receive
  #receive(bytes: Buffer): void {
    if (this.#isOver) return
    const all = Buffer.concat([this.#rest, bytes])
    const behind = this.afterPreface(all)
    const { frames, rest } = decodeFrames(behind ?? NOTHING)
    this.#rest = behind ? rest : all
    for (const frame of frames) this.#guard(() => this.#take(frame))
    // It is refused by its head alone: nobody waits for sixteen megabytes to refuse them.
    if (rest.length >= 3) this.#guard(() => sized(rest.readUIntBE(0, 3) <= MAX_FRAME))
  }

  /** What stands behind the preface, where this side awaits one; null while it is not whole. */
  protected afterPreface(bytes: Buffer): Buffer | null {
    return bytes
  }

  #guard(act: () => void): void {
    if (this.#isOver) return
    try {
      act()
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      if (error.stream === 0) return this.fail(error.error)
      this.reset(error.stream, error.error)
      this.#guard(() => this.#countChatter())
    }
  }

  protected fail(error: number): void {
    this.#goAway(error)
    this.dropAll(named(error))
  }

  /** FIN, and time for the peer to read what came before it; whatever it sends is read and dropped. */
  #end(): void {
    this.socket.resume()
    this.socket.end(() => {
      if (this.socket.destroyed) return
      const linger = setTimeout(() => this.socket.destroy(), LINGER_MS)
      this.socket.once('close', () => clearTimeout(linger))
    })
  }

  #take(frame: Frame): void {
    const { type, stream } = frame
    sized(frame.payload.length <= MAX_FRAME)
    if (!this.#sawSettings) legal(type === FRAME.SETTINGS && (frame.flags & FLAG.ACK) === 0)
    // Nothing may come between a HEADERS and its CONTINUATION: the block is one, in several frames.
    if (this.#block) legal(type === FRAME.CONTINUATION && stream === this.#block.stream)
    if (type === FRAME.SETTINGS || type === FRAME.PING || type === FRAME.GOAWAY) legal(stream === 0)
    else if (type !== FRAME.WINDOW_UPDATE && type <= FRAME.CONTINUATION) legal(stream !== 0)
    if (type === FRAME.DATA) this.#data(frame)
    else if (type === FRAME.HEADERS) this.#headers(frame)
    else if (type === FRAME.RST_STREAM) this.#resetByPeer(frame)
    else if (type === FRAME.SETTINGS) this.#settings(frame)
    else if (type === FRAME.PUSH_PROMISE) legal(false)
    else if (type === FRAME.PING) this.#ping(frame)
    else if (type === FRAME.GOAWAY) this.goneAway(frame.payload)
    else if (type === FRAME.WINDOW_UPDATE) this.#windowUpdate(frame)
    else if (type === FRAME.CONTINUATION) this.#continuation(frame)
  }
  // #endregion receive

  #headers({ stream, flags, payload }: Frame): void {
    const plain = withoutPadding(flags, payload)
    legal((flags & FLAG.PRIORITY) === 0 || plain.length >= 5)
    this.#block = { stream, flags, bytes: (flags & FLAG.PRIORITY) === 0 ? plain : plain.subarray(5) }
    if ((flags & FLAG.END_HEADERS) !== 0) this.#blockIsWhole()
  }

  #continuation({ flags, payload }: Frame): void {
    const block = this.#block
    if (!block) throw new Fault(0, ERROR.PROTOCOL_ERROR)
    if (payload.length === 0) this.#countChatter()
    if (block.bytes.length + payload.length > MAX_BLOCK) throw new Fault(0, ERROR.ENHANCE_YOUR_CALM)
    block.bytes = Buffer.concat([block.bytes, payload])
    if ((flags & FLAG.END_HEADERS) !== 0) this.#blockIsWhole()
  }

  #blockIsWhole(): void {
    const { stream: id, flags, bytes } = this.#block as Block
    this.#block = null
    // Decoded whatever becomes of the stream: the table belongs to the connection.
    const fields = this.#decode(bytes)
    if (this.#passedOver.has(id)) return
    const stream = this.streams.get(id) ?? this.opened(id)
    if (!stream) return
    if (stream.peerEnded) throw new Fault(id, ERROR.STREAM_CLOSED)
    const isEnd = (flags & FLAG.END_STREAM) !== 0
    if (!fields) stream.head = TOO_LARGE
    // Behind the head, trailers: they end the stream, and nobody asks for them here.
    else if (stream.head && !stream.head.isInterim) wellFormed(id, isEnd && fields.every(isField))
    else stream.head = this.readHead(id, fields)
    if (isEnd) this.#peerEnds(stream)
    else this.goesOn(stream)
  }

  #decode(block: Buffer): Headers | null {
    try {
      return this.#decoder.decode(block)
    } catch (error) {
      throw error instanceof HpackError ? new Fault(0, ERROR.COMPRESSION_ERROR) : error
    }
  }

  // #region flow
  #data({ stream: id, flags, payload }: Frame): void {
    legal(!this.isIdle(id))
    const { length } = payload
    this.#receiveWindow -= length
    if (this.#receiveWindow < 0) throw new Fault(0, ERROR.FLOW_CONTROL_ERROR)
    // The connection's window is given back whatever becomes of the stream, and padding counts (RFC 9113 §6.9.1).
    this.#owed += length
    if (this.#owed * 2 >= DEFAULT_WINDOW) {
      this.#write(FRAME.WINDOW_UPDATE, 0, 0, uint32(this.#owed))
      this.#receiveWindow += this.#owed
      this.#owed = 0
    }
    const data = withoutPadding(flags, payload)
    const isEnd = (flags & FLAG.END_STREAM) !== 0
    if (data.length === 0 && !isEnd) this.#countChatter()
    const stream = this.streams.get(id)
    if (!stream) return
    if (stream.peerEnded) throw new Fault(id, ERROR.STREAM_CLOSED)
    stream.receiveWindow -= length
    if (stream.receiveWindow < 0) throw new Fault(id, ERROR.FLOW_CONTROL_ERROR)
    wellFormed(id, stream.head !== null && !stream.head.isInterim)
    stream.keep(data)
    stream.owed += length
    if (isEnd) this.#peerEnds(stream)
    else this.goesOn(stream)
    if (!isEnd) this.#giveBack(stream)
  }

  #giveBack(stream: Stream): void {
    if (stream.owed === 0 || stream.owed * 2 < this.#initialReceive) return
    this.#write(FRAME.WINDOW_UPDATE, 0, stream.id, uint32(stream.owed))
    stream.receiveWindow += stream.owed
    stream.owed = 0
  }

  /** DATA in turns: who has sent a frame goes to the end of the queue. */
  #pump(): void {
    for (const stream of this.#turns) {
      if (this.socket.writableNeedDrain || this.#sendWindow <= 0) return
      const room = Math.min(stream.sendWindow, this.#sendWindow, MAX_FRAME)
      if (room <= 0) continue
      const piece = stream.outgoing.subarray(0, room)
      stream.outgoing = stream.outgoing.subarray(room)
      stream.sendWindow -= piece.length
      this.#sendWindow -= piece.length
      this.#turns.delete(stream)
      const isEnd = stream.outgoing.length === 0
      this.#write(FRAME.DATA, isEnd ? FLAG.END_STREAM : 0, stream.id, piece)
      if (isEnd) this.#weEnd(stream)
      else this.#turns.add(stream)
    }
  }

  #windowUpdate({ stream: id, payload }: Frame): void {
    sized(payload.length === 4)
    legal(id === 0 || !this.isIdle(id))
    const increment = number31(payload, 0)
    const stream = this.streams.get(id)
    if (increment === 0 && (id === 0 || stream)) throw new Fault(id, ERROR.PROTOCOL_ERROR)
    if (id === 0) this.#sendWindow = grown(0, this.#sendWindow, increment)
    else if (stream) stream.sendWindow = grown(id, stream.sendWindow, increment)
    this.#pump()
  }
  // #endregion flow

  #settings({ flags, payload }: Frame): void {
    sized(payload.length % 6 === 0)
    this.#sawSettings = true
    if ((flags & FLAG.ACK) !== 0) {
      sized(payload.length === 0)
      return this.#ownSettingsHold()
    }
    this.#countChatter()
    for (let at = 0; at < payload.length; at += 6)
      this.#set(payload.readUInt16BE(at), payload.readUInt32BE(at + 2))
    this.#write(FRAME.SETTINGS, FLAG.ACK, 0, NOTHING)
    this.#pump()
    this.settle()
  }

  #set(name: number, value: number): void {
    if (name === SETTING.HEADER_TABLE_SIZE) this.#encoder.limitTable(value)
    if (name === SETTING.ENABLE_PUSH) legal(value <= 1)
    if (name === SETTING.MAX_FRAME_SIZE) legal(value >= MAX_FRAME && value < 2 ** 24)
    if (name === SETTING.MAX_CONCURRENT_STREAMS) this.peerMaxStreams = value
    if (name !== SETTING.INITIAL_WINDOW_SIZE) return
    if (value > MAX_WINDOW) throw new Fault(0, ERROR.FLOW_CONTROL_ERROR)
    // It changes windows that are in use, too, and may take them below zero (RFC 9113 §6.9.2).
    for (const stream of this.streams.values())
      stream.sendWindow = grown(0, stream.sendWindow, value - this.#initialSend)
    this.#initialSend = value
  }

  /** Only now does the peer keep to our window: before, it knew of none but the default. */
  #ownSettingsHold(): void {
    const change = this.#ownWindow - this.#initialReceive
    this.#initialReceive = this.#ownWindow
    for (const stream of this.streams.values()) {
      stream.receiveWindow += change
      if (!stream.peerEnded) this.#giveBack(stream)
    }
  }

  #ping({ flags, payload }: Frame): void {
    sized(payload.length === 8)
    if ((flags & FLAG.ACK) !== 0) return
    this.#countChatter()
    this.#write(FRAME.PING, FLAG.ACK, 0, payload)
  }

  #resetByPeer({ stream: id, payload }: Frame): void {
    sized(payload.length === 4)
    legal(!this.isIdle(id))
    this.#countChatter()
    this.forget(id, named(payload.readUInt32BE(0)))
  }

  protected goneAway(payload: Buffer): void {
    sized(payload.length >= 8)
    this.isLeaving = true
    this.isDeaf = true
    this.settle()
  }

  /** Whoever makes us work for nothing may do so for a while, and not for ever. */
  #countChatter(): void {
    const now = Date.now()
    if (now - this.#chatter.since >= CHATTER_MS) this.#chatter = { since: now, count: 0 }
    if (++this.#chatter.count > MAX_CHATTER) throw new Fault(0, ERROR.ENHANCE_YOUR_CALM)
  }

  #peerEnds(stream: Stream): void {
    const { head, received, id } = stream
    wellFormed(id, head !== null && !head.isInterim && (head.length === null || head.length === received))
    stream.peerEnded = true
    this.ended(stream)
    this.#close(stream)
  }

  #weEnd(stream: Stream): void {
    stream.weEnded = true
    this.#close(stream)
  }

  #close(stream: Stream): void {
    if (!stream.weEnded || !stream.peerEnded) return
    this.streams.delete(stream.id)
    this.settle()
  }

  #peerIsGone(): void {
    this.isLeaving = true
    this.isDeaf = true
    const error = new Error('the peer has ended the connection')
    for (const stream of this.streams.values()) if (!stream.peerEnded) this.forget(stream.id, error)
    this.settle()
  }

  #goAway(error: number): void {
    this.#write(FRAME.GOAWAY, 0, 0, Buffer.concat([uint32(this.lastStream), uint32(error)]))
  }

  #write(type: number, flags: number, stream: number, payload: Buffer): void {
    if (!this.socket.writable) return
    this.socket.write(encodeFrame({ type, flags, stream, payload }))
    // Answers without a body need no window: a peer that does not read them is read no further.
    if (this.socket.writableLength > MAX_UNREAD) this.socket.pause()
  }
}

// #region server
class ServerConnection extends Connection {
  readonly #handler: Handler
  readonly #maxStreams: number
  #sawPreface = false
  /** The highest stream that the client has opened, be it behind our GOAWAY. */
  #highest = 0
  /** A reset ends a stream and not its handler: as long as that is at work, its place is taken. */
  readonly #atWork = new Set<Stream>()

  constructor(
    socket: Socket,
    handler: Handler,
    { maxStreams, windowBytes }: { readonly maxStreams: number; readonly windowBytes: number },
  ) {
    super(socket, NOTHING, [
      [SETTING.MAX_CONCURRENT_STREAMS, maxStreams],
      [SETTING.INITIAL_WINDOW_SIZE, windowBytes],
    ])
    this.#handler = handler
    this.#maxStreams = maxStreams
  }

  protected override afterPreface(bytes: Buffer): Buffer | null {
    if (this.#sawPreface) return bytes
    const length = Math.min(bytes.length, PREFACE.length)
    if (!bytes.subarray(0, length).equals(PREFACE.subarray(0, length))) {
      this.fail(ERROR.PROTOCOL_ERROR)
      return null
    }
    this.#sawPreface = length === PREFACE.length
    return this.#sawPreface ? bytes.subarray(length) : null
  }

  protected override isIdle(id: number): boolean {
    return id % 2 === 0 || id > this.#highest
  }

  protected override opened(id: number): Stream | null {
    legal(id % 2 === 1 && id > this.#highest)
    this.#highest = id
    // Behind our GOAWAY: it has not been touched, and its client knows (RFC 9113 §6.8).
    if (this.isLeaving) return (this.passOver(id), null)
    this.lastStream = id
    const orphans = [...this.#atWork].filter((stream) => !this.streams.has(stream.id))
    if (this.streams.size + orphans.length >= this.#maxStreams) throw new Fault(id, ERROR.REFUSED_STREAM)
    return this.open(id)
  }

  protected override readHead(id: number, fields: Headers): Head {
    const head = headOf(id, fields, [':method', ':scheme', ':path', ':authority'])
    wellFormed(
      id,
      [':method', ':scheme', ':path'].every((name) => head.pseudo.get(name)),
    )
    return head
  }

  protected override goesOn(stream: Stream): void {
    this.#refuses(stream)
  }

  protected override ended(stream: Stream): void {
    if (!this.#refuses(stream)) void this.#answer(stream, requestOf(stream))
  }

  protected override lost(): void {}

  async #answer(stream: Stream, request: Request): Promise<void> {
    this.#atWork.add(stream)
    let response = statusOnly(500)
    try {
      response = await this.#handler(request)
    } catch {
      // Its caller learns no more than the status.
    }
    this.#atWork.delete(stream)
    if (this.streams.has(stream.id)) this.#respond(stream, request.method, response)
  }

  #respond(stream: Stream, method: string, { status, headers, body }: Response): void {
    const isBodiless = method === 'HEAD' || status === 204 || status === 304
    const fields = endToEnd(headers).filter(([name]) => isBodiless || name !== 'content-length')
    const length = isBodiless ? [] : [['content-length', `${body.length}`] as const]
    this.send(stream, [[':status', `${status}`], ...fields, ...length], isBodiless ? NOTHING : body)
  }

  /** Answers what is too large before it is whole (RFC 9113 §8.1). */
  #refuses(stream: Stream): boolean {
    const status = stream.head === TOO_LARGE ? 431 : stream.received > MAX_BODY ? 413 : null
    if (status === null || stream.isRefused) return stream.isRefused
    stream.isRefused = true
    this.#respond(stream, 'GET', statusOnly(status))
    return true
  }
}

export async function serveH2(
  handler: Handler,
  options: { maxStreams: number; windowBytes: number },
): Promise<RunningServer> {
  const connections = new Set<ServerConnection>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const connection = new ServerConnection(socket, handler, options)
    connections.add(connection)
    socket.once('close', () => connections.delete(connection))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
      for (const connection of connections) connection.leave()
      await closed
    },
  }
}
// #endregion server

// #region client
interface Call {
  readonly request: Request
  readonly resolve: (response: Response) => void
  readonly reject: (error: Error) => void
  isSecond: boolean
}

class ClientConnection extends Connection {
  readonly #authority: string
  readonly #calls = new Map<Stream, Call>()
  readonly #waiting: Call[] = []
  #isClosing = false
  #nextId = 1

  constructor(socket: Socket, authority: string) {
    super(socket, PREFACE, [[SETTING.ENABLE_PUSH, 0]])
    this.#authority = authority
  }

  ask(request: Request): Promise<Response> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject, isSecond: false })
      this.settle()
    })
  }

  async whenClosed(): Promise<void> {
    if (!this.socket.destroyed) await new Promise((resolve) => this.socket.once('close', resolve))
  }

  protected override settle(): void {
    // Nobody has touched them: their caller may send them elsewhere.
    if (this.isDeaf) for (const { reject } of this.#waiting.splice(0)) reject(named(ERROR.REFUSED_STREAM))
    while (this.#waiting.length > 0 && this.streams.size < this.peerMaxStreams) this.#start()
    if (this.#waiting.length > 0) return
    if (this.#isClosing && this.streams.size === 0 && !this.isLeaving) super.leave()
    super.settle()
  }

  /** Says GOAWAY behind the last stream: a server may take it for the end of all requests. */
  override leave(): void {
    this.#isClosing = true
    this.settle()
  }

  #start(): void {
    const call = this.#waiting.shift() as Call
    const stream = this.open(this.#nextId)
    this.#nextId += 2
    this.#calls.set(stream, call)
    const { method, target, headers, body } = call.request
    const pseudo = {
      ':method': method,
      ':scheme': 'http',
      ':authority': field(headers, 'host') ?? this.#authority,
    }
    const fields = endToEnd(headers).filter(([name]) => name !== 'host')
    this.send(stream, [...Object.entries(pseudo), [':path', target], ...fields], body)
  }

  protected override isIdle(id: number): boolean {
    return id % 2 === 0 || id >= this.#nextId
  }

  protected override opened(): null {
    throw new Fault(0, ERROR.PROTOCOL_ERROR)
  }

  protected override readHead(id: number, fields: Headers): Head {
    const head = headOf(id, fields, [':status'])
    const status = head.pseudo.get(':status') ?? ''
    wellFormed(id, /^[1-9]\d\d$/.test(status))
    const isBodiless =
      this.#calls.get(this.streams.get(id) as Stream)?.request.method === 'HEAD' || status === '304'
    return { ...head, isInterim: status.startsWith('1'), length: isBodiless ? null : head.length }
  }

  protected override goesOn({ head, id }: Stream): void {
    if (head === TOO_LARGE) throw new Fault(id, ERROR.ENHANCE_YOUR_CALM)
  }

  protected override ended(stream: Stream): void {
    this.goesOn(stream)
    const { pseudo = new Map<string, string>(), headers = [] } = stream.head ?? {}
    const status = Number(pseudo.get(':status'))
    this.#calls.get(stream)?.resolve({ version: '1.1', status, reason: '', headers, body: stream.body })
    this.#calls.delete(stream)
    // The answer came before the request was whole: the rest of it is wanted no more.
    if (!stream.weEnded) this.reset(stream.id, ERROR.CANCEL)
  }

  protected override lost(stream: Stream, error: Error & { readonly code?: string }): void {
    const call = this.#calls.get(stream)
    this.#calls.delete(stream)
    if (!call) return
    if (error.code !== 'REFUSED_STREAM' || call.isSecond || this.isDeaf) return call.reject(error)
    // Refused means: nobody has touched it. So even a POST may be sent again (RFC 9113 §8.7).
    this.#waiting.unshift({ ...call, isSecond: true })
  }

  protected override goneAway(payload: Buffer): void {
    super.goneAway(payload)
    const last = number31(payload, 0)
    for (const id of this.streams.keys()) if (id > last) this.forget(id, named(ERROR.REFUSED_STREAM))
  }
}

export class H2Client {
  readonly #connection: ClientConnection
  #isClosed = false

  private constructor(connection: ClientConnection) {
    this.#connection = connection
  }

  static async connect(port: number): Promise<H2Client> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    await once(socket, 'connect')
    return new H2Client(new ClientConnection(socket, `127.0.0.1:${port}`))
  }

  async request(request: Partial<Request>): Promise<Response> {
    if (this.#isClosed) throw Object.assign(new Error('the client is closed'), { code: 'ECLOSED' })
    const whole = {
      method: 'GET',
      target: '/',
      version: '1.1',
      headers: [],
      body: NOTHING,
      ...request,
    } as const
    return await this.#connection.ask(whole)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#connection.leave()
    await this.#connection.whenClosed()
  }
}
// #endregion client

// #region fields
/** What stands before the body of a message, as it was read. */
interface Head {
  readonly pseudo: ReadonlyMap<string, string>
  readonly headers: Headers
  readonly length: number | null
  readonly isInterim: boolean
}

const TOO_LARGE: Head = { pseudo: new Map(), headers: [], length: null, isInterim: false }

/** @throws Fault where the fields are malformed (RFC 9113 §8.2, §8.3). */
function headOf(id: number, fields: Headers, known: readonly string[]): Head {
  const pseudo = new Map<string, string>()
  const headers: Array<readonly [string, string]> = []
  for (const [name, value] of fields) {
    const isPseudo = name.startsWith(':')
    const isInPlace = headers.length === 0 && known.includes(name) && !pseudo.has(name)
    wellFormed(id, isPseudo ? isInPlace && !BAD_VALUE.test(value) : isField([name, value]))
    if (isPseudo) pseudo.set(name, value)
    else headers.push([name, value])
  }
  const length = field(headers, 'content-length')
  wellFormed(id, length === null || /^\d+$/.test(length))
  return { pseudo, headers, length: length === null ? null : Number(length), isInterim: false }
}

/** What Connection was for has frames of its own now (RFC 9113 §8.2.2). */
const OF_ONE_HOP = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']

const BAD_VALUE = /[\0\r\n]|^[ \t]|[ \t]$/

function isField([name, value]: readonly [string, string]): boolean {
  const isLegal = /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) && !BAD_VALUE.test(value)
  return isLegal && !OF_ONE_HOP.includes(name) && (name !== 'te' || value.toLowerCase() === 'trailers')
}

/** The fields that go on to the other end, as HTTP/2 writes them. */
function endToEnd(headers: Headers): Headers {
  const listed = (field(headers, 'connection') ?? '')
    .toLowerCase()
    .split(',')
    .map((token) => token.trim())
  return headers
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name, value]) => isField([name, value]) && !listed.includes(name))
}

function requestOf({ head, body }: Stream): Request {
  const { pseudo, headers } = head as Head
  const authority = pseudo.get(':authority')
  const [method = '', target = ''] = [pseudo.get(':method'), pseudo.get(':path')]
  const cookies = headers.filter(([name]) => name === 'cookie').map(([, value]) => value)
  const others = headers.filter(([name]) => name !== 'cookie' && (name !== 'host' || authority === undefined))
  return {
    method,
    target,
    version: '1.1',
    headers: [
      ...(authority === undefined ? [] : [['host', authority] as const]),
      ...others,
      // Cut into pieces for the sake of HPACK, and put together for everybody else (RFC 9113 §8.2.3).
      ...(cookies.length > 0 ? [['cookie', cookies.join('; ')] as const] : []),
    ],
    body,
  }
}

function statusOnly(status: number): Response {
  return { version: '1.1', status, reason: '', headers: [], body: NOTHING }
}
// #endregion fields

function named(error: number): Error & { readonly code: string } {
  return Object.assign(new Error(`the stream has ended with ${nameOfError(error)}`), {
    code: nameOfError(error),
  })
}

/** @throws Fault A connection error. */
function legal(holds: boolean): void {
  if (!holds) throw new Fault(0, ERROR.PROTOCOL_ERROR)
}

function sized(holds: boolean): void {
  if (!holds) throw new Fault(0, ERROR.FRAME_SIZE_ERROR)
}

/** @throws Fault A stream error: the message is malformed. */
function wellFormed(stream: number, holds: boolean): void {
  if (!holds) throw new Fault(stream, ERROR.PROTOCOL_ERROR)
}

/** The first byte says how many at the end are only there to hide the length. */
function withoutPadding(flags: number, payload: Buffer): Buffer {
  if ((flags & FLAG.PADDED) === 0) return payload
  const length = payload[0]
  if (length === undefined || length >= payload.length) throw new Fault(0, ERROR.PROTOCOL_ERROR)
  return payload.subarray(1, payload.length - length)
}

function grown(stream: number, window: number, by: number): number {
  if (window + by > MAX_WINDOW) throw new Fault(stream, ERROR.FLOW_CONTROL_ERROR)
  return window + by
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
