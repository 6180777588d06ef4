/** Bytes as a learner reads them: printable ASCII as it is, everything else escaped. */

const NAMED = new Map([
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x5c, '\\\\'],
])
/** Columns between the quotes of an explained difference. */
const WINDOW = 60
/** Columns of equal bytes that are kept before the difference, where not all fit. */
const LEAD = 36

/**
 * Escapes bytes as `\r`, `\n`, `\t`, `\\` and `\xNN`; bytes of 0x80 and more are never decoded.
 *
 * @param limit - The most columns of the result. What is cut off shows as `…`; an escape is never cut in two.
 */
export function escapeBytes(bytes: Uint8Array, limit = Number.POSITIVE_INFINITY): string {
  let text = ''
  for (let index = 0; index < bytes.length; index++) {
    const unit = escapeByte(bytes[index] ?? 0)
    // The last byte needs no column kept free for the ellipsis.
    const room = index === bytes.length - 1 ? limit : limit - 1
    if (text.length + unit.length > room) return `${text}…`
    text += unit
  }
  return text
}

/** Index of the first byte that differs, the shorter length if one is a prefix of the other, -1 if equal. */
export function firstDifference(actual: Uint8Array, expected: Uint8Array): number {
  const shorter = Math.min(actual.length, expected.length)
  for (let index = 0; index < shorter; index++) {
    if (actual[index] !== expected[index]) return index
  }
  return actual.length === expected.length ? -1 : shorter
}

/**
 * Lines that show where two byte strings part: both escaped, a caret under the first differing byte,
 * and its place. At most 74 columns. Empty if they are equal.
 */
export function explainDifference(actual: Uint8Array, expected: Uint8Array): string[] {
  const at = firstDifference(actual, expected)
  if (at === -1) return []
  const start = windowStart(actual, expected, at)
  const lead = start > 0 ? '…' : ''
  const shown = (bytes: Uint8Array): string => `"${lead}${escapeBytes(bytes.subarray(start), WINDOW)}"`
  const expectedLine = `expected  ${shown(expected)}`
  const sawLine = `saw       ${shown(actual)}`
  // Up to the difference both are equal, so one caret fits both lines.
  const column = 'expected  "'.length + lead.length + escapeBytes(expected.subarray(start, at)).length
  return [expectedLine, sawLine, `${' '.repeat(column)}^`, placeOf(actual, expected, at)]
}

function escapeByte(byte: number): string {
  const named = NAMED.get(byte)
  if (named !== undefined) return named
  if (byte >= 0x20 && byte <= 0x7e) return String.fromCharCode(byte)
  return `\\x${byte.toString(16).padStart(2, '0')}`
}

function windowStart(actual: Uint8Array, expected: Uint8Array, at: number): number {
  if (fits(actual) && fits(expected)) return 0
  let start = at
  let columns = 0
  while (start > 0) {
    columns += escapeByte(expected[start - 1] ?? 0).length
    if (columns > LEAD) return start
    start--
  }
  return 0
}

function fits(bytes: Uint8Array): boolean {
  return bytes.length <= WINDOW && escapeBytes(bytes).length <= WINDOW
}

/** Bytes are counted from 1 here, as people count. */
function placeOf(actual: Uint8Array, expected: Uint8Array, at: number): string {
  if (actual.length === 0) return `no byte came; ${were(expected.length)} expected`
  if (expected.length === 0) return `no byte was expected; ${actual.length} came`
  if (at === actual.length) return `ends after byte ${at}; ${more(expected.length - at)} expected`
  if (at === expected.length)
    return `goes on after byte ${at}, where the end was expected; ${actual.length - at} too many`
  const lengths = actual.length === expected.length ? '' : `; ${actual.length} came`
  return `the first difference is byte ${at + 1} of ${expected.length}${lengths}`
}

function were(count: number): string {
  return count === 1 ? '1 was' : `${count} were`
}

function more(count: number): string {
  return count === 1 ? '1 more was' : `${count} more were`
}

/** Text as its bytes; bytes as they are, not copied. */
export function asBytes(bytes: string | Uint8Array): Buffer {
  if (typeof bytes === 'string') return Buffer.from(bytes)
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
