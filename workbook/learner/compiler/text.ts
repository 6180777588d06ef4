import { isUtf8 } from 'node:buffer'
import { Refusal } from './refusal.ts'

const SAVE = 'save it as UTF-8 in your editor'
const LINE_FEED = 0x0a
const OPENING: ReadonlySet<number> = new Set(Buffer.from('([{'))
const CLOSING: ReadonlySet<number> = new Set(Buffer.from(')]}'))
const UTF_8_MARK = [0xef, 0xbb, 0xbf]
/** The byte order marks of UTF-32 and UTF-16; the longer one first, as it begins with the other. */
const MARKS: ReadonlyArray<readonly [name: string, mark: readonly number[]]> = [
  ['UTF-32', [0xff, 0xfe, 0, 0]],
  ['UTF-16', [0xff, 0xfe]],
  ['UTF-16', [0xfe, 0xff]],
]

/** Brackets in brackets; people write some ten. */
const DEEPEST = 1_000

/**
 * The text of a file, which is UTF-8 or none (RFC 3629). The compiler itself must not see anything else: of some bytes
 * it makes a map without end.
 *
 * @throws Refusal with the line.
 */
export function textOf(bytes: Buffer): string {
  const other = MARKS.find(([, mark]) => begins(bytes, mark))?.[0] ?? (isBareUtf16(bytes) ? 'UTF-16' : null)
  if (other) throw new Refusal('E_SYNTAX', `this file is ${other}, and not UTF-8: ${SAVE}`, 1)
  if (!isUtf8(bytes)) throw new Refusal('E_SYNTAX', `this line is not UTF-8: ${SAVE}`, firstOddLine(bytes))
  const deep = firstDeepLine(bytes)
  if (deep !== null) throw new Refusal('E_SYNTAX', `more than ${DEEPEST} brackets in each other`, deep)
  return bytes.subarray(begins(bytes, UTF_8_MARK) ? UTF_8_MARK.length : 0).toString('utf8')
}

// --- internal ---

function begins(bytes: Buffer, mark: readonly number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte)
}

/** Each other byte of ASCII in UTF-16 is a NUL: valid UTF-8, and no program. */
function isBareUtf16(bytes: Buffer): boolean {
  const nuls = [...bytes.subarray(0, 4)].map((byte) => byte === 0).join()
  return nuls === 'false,true,false,true' || nuls === 'true,false,true,false'
}

/** No byte of a longer character is a line feed, so each line can be looked at by itself. */
function firstOddLine(bytes: Buffer): number {
  for (let [line, start] = [1, 0]; ; line++) {
    const feed = bytes.indexOf(LINE_FEED, start)
    const end = feed === -1 ? bytes.length : feed
    if (feed === -1 || !isUtf8(bytes.subarray(start, end))) return line
    start = end + 1
  }
}

/** A compiler takes a stack for each. Those in texts count as well: it is a bound, and no parser. */
function firstDeepLine(bytes: Buffer): number | null {
  let [line, depth] = [1, 0]
  for (const byte of bytes) {
    if (byte === LINE_FEED) line++
    else if (OPENING.has(byte)) depth++
    else if (CLOSING.has(byte)) depth = Math.max(0, depth - 1)
    if (depth > DEEPEST) return line
  }
  return null
}
