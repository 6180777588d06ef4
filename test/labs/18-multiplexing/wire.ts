import { FLAG, FRAME } from '../../../labs/kit/http2.ts'

const EMPTY = Buffer.alloc(0)

/** Frames as the grader writes and reads them (RFC 9113 §4.1): not by the reference's code. */

export interface Piece {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

export function frame(type: number, flags: number, stream: number, payload: Uint8Array = EMPTY): Buffer {
  const { length } = payload
  const head = [length >>> 16, (length >>> 8) & 255, length & 255, type, flags]
  const id = [(stream >>> 24) & 255, (stream >>> 16) & 255, (stream >>> 8) & 255, stream & 255]
  return Buffer.concat([Buffer.from([...head, ...id]), payload])
}

/** The frame that begins at this place; null where it is not whole. */
export function pieceAt(bytes: Buffer, at: number): Piece | null {
  if (bytes.length < at + 9) return null
  const end = at + 9 + ((bytes[at] ?? 0) << 16) + ((bytes[at + 1] ?? 0) << 8) + (bytes[at + 2] ?? 0)
  if (bytes.length < end) return null
  const stream = word(bytes, at + 5) % 2 ** 31
  return { type: bytes[at + 3] ?? 0, flags: bytes[at + 4] ?? 0, stream, payload: bytes.subarray(at + 9, end) }
}

export function settings(...pairs: ReadonlyArray<readonly [name: number, value: number]>): Buffer {
  return frame(
    FRAME.SETTINGS,
    0,
    0,
    Buffer.concat(pairs.map(([name, value]) => Buffer.from([0, name, ...bytesOf(value)]))),
  )
}

export const SETTINGS_ACK = frame(FRAME.SETTINGS, FLAG.ACK, 0)

export function windowUpdate(stream: number, bytes: number): Buffer {
  return frame(FRAME.WINDOW_UPDATE, 0, stream, Buffer.from(bytesOf(bytes)))
}

export function rst(stream: number, code: number): Buffer {
  return frame(FRAME.RST_STREAM, 0, stream, Buffer.from(bytesOf(code)))
}

export function goaway(last: number, code: number): Buffer {
  return frame(FRAME.GOAWAY, 0, 0, Buffer.from([...bytesOf(last), ...bytesOf(code)]))
}

/** DATA, with so many bytes of padding, the byte of its length not counted; null for none. */
export function data(
  stream: number,
  bytes: Uint8Array,
  isEnd: boolean,
  padding: number | null = null,
): Buffer {
  const flags = (isEnd ? FLAG.END_STREAM : 0) | (padding === null ? 0 : FLAG.PADDED)
  return frame(FRAME.DATA, flags, stream, padding === null ? bytes : padded(bytes, padding))
}

export interface HeadersForm {
  readonly isEnd: boolean
  readonly padding?: number | null
  readonly priority?: boolean
  /** Where the block is cut into CONTINUATION; an empty list leaves it whole. */
  readonly cuts?: readonly number[]
  /** Flags of CONTINUATION that mean nothing there (RFC 9113 §6.10). */
  readonly strayFlags?: number
}

/** A block as HEADERS and as many CONTINUATION as there are cuts. */
export function headers(
  stream: number,
  block: Buffer,
  { isEnd, padding = null, priority = false, cuts = [], strayFlags = 0 }: HeadersForm,
): Buffer {
  const places = [0, ...cuts.map((cut) => Math.min(cut, block.length)), block.length]
  const parts = places.slice(1).map((end, index) => block.subarray(places[index], end))
  const [first = EMPTY, ...further] = parts
  const flags =
    (isEnd ? FLAG.END_STREAM : 0) |
    (padding === null ? 0 : FLAG.PADDED) |
    (priority ? FLAG.PRIORITY : 0) |
    (further.length === 0 ? FLAG.END_HEADERS : 0)
  const inner = priority ? Buffer.concat([Buffer.from([0, 0, 0, 0, 15]), first]) : first
  return Buffer.concat([
    frame(FRAME.HEADERS, flags, stream, padding === null ? inner : padded(inner, padding)),
    ...further.map((part, index) =>
      frame(
        FRAME.CONTINUATION,
        strayFlags | (index === further.length - 1 ? FLAG.END_HEADERS : 0),
        stream,
        part,
      ),
    ),
  ])
}

/** What a payload holds without its padding; null where that is longer than it. */
export function unpadded({ flags, payload }: Piece): Buffer | null {
  if ((flags & FLAG.PADDED) === 0) return payload
  const end = payload.length - (payload[0] ?? 0)
  return payload.length > 0 && end >= 1 ? payload.subarray(1, end) : null
}

export function word(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4)
  return a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d
}

export function bytesOf(value: number): number[] {
  return [Math.floor(value / 2 ** 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
}

// --- internal ---

function padded(bytes: Uint8Array, padding: number): Buffer {
  return Buffer.concat([Buffer.from([padding]), bytes, Buffer.alloc(padding)])
}
