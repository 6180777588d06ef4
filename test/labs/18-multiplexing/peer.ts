import { HpackDecoder, HpackEncoder, HpackError } from '../../../labs/kit/hpack.ts'
import type { Headers } from '../../../labs/kit/http.ts'
import { FLAG, FRAME, nameOfError, SETTING } from '../../../labs/kit/http2.ts'
import type { Connection } from '../../../workbook/grading/check.ts'
import { pieceAt, unpadded, word, type Piece } from './wire.ts'

/** What one side of a connection has said, as the grader reads it. It judges nothing but what no HTTP/2 is. */

/** A promise that did not hold. */
export interface Broken {
  readonly requirement: string
  readonly expected: string
  readonly saw: string
}

/** What has come on a stream. */
export interface Shown {
  /** Each section with a status or a request line, and trailers behind. */
  readonly sections: Headers[]
  body: Buffer
  ended: boolean
  /** The code of RST_STREAM. */
  reset: number | null
  /** Bytes that WINDOW_UPDATE has granted. */
  granted: number
  /** DATA that has come, with padding. */
  took: number
}

export interface Heard extends Piece {
  /** Bytes of DATA without padding. */
  readonly data: Buffer
}

/** HEADERS, DATA and what belongs to them. */
const MOST = 16_384

export class Peer {
  readonly wire: Connection
  readonly encoder = new HpackEncoder()
  readonly streams = new Map<number, Shown>()
  /** All frames, in order. */
  readonly heard: Heard[] = []
  readonly settings = new Map<number, number>()
  settingsSeen = 0
  settingsAcks = 0
  readonly pongs: string[] = []
  goaway: { readonly last: number; readonly code: number } | null = null
  granted = 0
  broken: Broken | null = null
  readonly #decoder = new HpackDecoder({ maxListBytes: 2 ** 20 })
  readonly #role: 'R2' | 'R15'
  #at: number
  #block: { readonly stream: number; readonly isEnd: boolean; parts: Buffer[] } | null = null

  /** @param skip - Bytes before the first frame: the preface of a client. */
  constructor(wire: Connection, skip = 0) {
    this.wire = wire
    this.#at = skip
    this.#role = skip === 0 ? 'R2' : 'R15'
  }

  /** Reads what has come since. @returns The frames that are new. */
  read(): Heard[] {
    const before = this.heard.length
    for (
      let piece = pieceAt(this.wire.received, this.#at);
      piece;
      piece = pieceAt(this.wire.received, this.#at)
    ) {
      this.#at += 9 + piece.payload.length
      const data = piece.type === FRAME.DATA ? unpadded(piece) : Buffer.alloc(0)
      this.heard.push({ ...piece, data: data ?? Buffer.alloc(0) })
      this.#take(piece, data)
    }
    return this.heard.slice(before)
  }

  /** Bytes of a frame that is not whole. */
  get left(): number {
    return this.wire.received.length - this.#at
  }

  on(stream: number): Shown {
    const known = this.streams.get(stream)
    if (known) return known
    const shown: Shown = {
      sections: [],
      body: Buffer.alloc(0),
      ended: false,
      reset: null,
      granted: 0,
      took: 0,
    }
    this.streams.set(stream, shown)
    return shown
  }

  // --- internal ---

  #wrong(requirement: string, expected: string, saw: string): void {
    this.broken ??= { requirement, expected, saw }
  }

  #take(piece: Piece, data: Buffer | null): void {
    const { type, flags, stream, payload } = piece
    const name = nameOfType(type)
    if (payload.length > MOST) {
      const requirement = this.#role === 'R2' && type === FRAME.HEADERS ? 'R4' : this.#role
      this.#wrong(requirement, 'frames of at most 16384 bytes', `${name} of ${payload.length}`)
    }
    if (this.heard.length === 1 && (type !== FRAME.SETTINGS || (flags & FLAG.ACK) !== 0))
      this.#wrong(this.#role, 'SETTINGS as the first frame from you', name)
    if (this.#block && (type !== FRAME.CONTINUATION || stream !== this.#block.stream))
      this.#wrong(
        'R4',
        `CONTINUATION of stream ${this.#block.stream}, and nothing in between`,
        `${name} on stream ${stream}`,
      )
    if (this.goaway && this.goaway.code !== 0)
      this.#wrong('R12', 'nothing behind your GOAWAY with an error', name)
    if (type === FRAME.DATA) this.#data(piece, data)
    else if (type === FRAME.HEADERS || type === FRAME.CONTINUATION) this.#section(piece)
    else if (type === FRAME.RST_STREAM) this.#reset(stream, word(payload, 0))
    else if (type === FRAME.SETTINGS) this.#settings(piece)
    else if (type === FRAME.PING && (flags & FLAG.ACK) !== 0) this.pongs.push(payload.toString('hex'))
    else if (type === FRAME.GOAWAY) this.goaway = { last: word(payload, 0), code: word(payload, 4) }
    else if (type === FRAME.WINDOW_UPDATE) this.#grants(stream, word(payload, 0))
    else if (type !== FRAME.PRIORITY && type <= FRAME.CONTINUATION)
      this.#wrong(this.#role, 'no such frame from you', name)
  }

  #grants(stream: number, bytes: number): void {
    if (bytes === 0) this.#wrong('R8', 'WINDOW_UPDATE of at least 1 byte', '0 bytes')
    if (stream === 0) this.granted += bytes
    else this.on(stream).granted += bytes
  }

  #reset(stream: number, code: number): void {
    const shown = this.on(stream)
    if (shown.reset !== null) return
    shown.reset = code
  }

  #settings({ flags, payload }: Piece): void {
    if ((flags & FLAG.ACK) !== 0) {
      this.settingsAcks++
      return
    }
    this.settingsSeen++
    for (let at = 0; at + 6 <= payload.length; at += 6)
      this.settings.set((payload[at] ?? 0) * 256 + (payload[at + 1] ?? 0), word(payload, at + 2))
  }

  #data({ stream, flags, payload }: Piece, bytes: Buffer | null): void {
    const shown = this.on(stream)
    const where = `stream ${stream}`
    if (!bytes) return this.#wrong('R4', `padding on ${where} that is shorter than its frame`, 'a longer one')
    if (shown.sections.length === 0) this.#wrong('R4', `HEADERS before DATA on ${where}`, 'DATA')
    if (shown.ended) this.#wrong('R4', `nothing on ${where} behind its END_STREAM`, 'DATA')
    if (shown.reset !== null) this.#wrong('R10', `nothing on ${where} behind RST_STREAM`, 'DATA')
    shown.body = Buffer.concat([shown.body, bytes])
    shown.took += payload.length
    if ((flags & FLAG.END_STREAM) !== 0) shown.ended = true
  }

  #section(piece: Piece): void {
    const { type, flags, stream } = piece
    const plain = type === FRAME.HEADERS ? unpadded(piece) : piece.payload
    const part =
      (type === FRAME.HEADERS && (flags & FLAG.PRIORITY) !== 0 ? plain?.subarray(5) : plain) ??
      Buffer.alloc(0)
    if (type === FRAME.HEADERS)
      this.#block = { stream, isEnd: (flags & FLAG.END_STREAM) !== 0, parts: [part] }
    else if (this.#block) this.#block.parts.push(part)
    else return this.#wrong('R4', 'HEADERS before CONTINUATION', 'CONTINUATION alone')
    if ((flags & FLAG.END_HEADERS) === 0) return
    const { isEnd, parts } = this.#block
    this.#block = null
    this.#fields(stream, Buffer.concat(parts), isEnd)
  }

  #fields(stream: number, block: Buffer, isEnd: boolean): void {
    const shown = this.on(stream)
    const where = `stream ${stream}`
    if (shown.ended) this.#wrong('R4', `nothing on ${where} behind its END_STREAM`, 'HEADERS')
    if (shown.reset !== null) this.#wrong('R10', `nothing on ${where} behind RST_STREAM`, 'HEADERS')
    try {
      shown.sections.push(this.#decoder.decode(block) ?? [])
    } catch (error) {
      if (!(error instanceof HpackError)) throw error
      this.#wrong('R4', `fields on ${where} by the table that both ends have`, error.message)
    }
    if (isEnd) shown.ended = true
  }
}

function nameOfType(type: number): string {
  return Object.entries(FRAME).find(([, number]) => number === type)?.[0] ?? `a frame of type ${type}`
}

/** `RST_STREAM with CANCEL`, or what else became of a stream. */
export function endOf({ ended, reset }: Shown): string {
  if (reset !== null) return `RST_STREAM with ${nameOfError(reset)}`
  return ended ? 'END_STREAM' : 'no end'
}

/** The windows that a side grants from the start, by its SETTINGS. */
export function initialWindow({ settings }: Peer): number {
  return settings.get(SETTING.INITIAL_WINDOW_SIZE) ?? 65_535
}
