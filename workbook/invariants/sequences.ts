/** Runs of tokens, each as one number, so that hundreds of programs are compared in a moment. */

/** Numbers that stand for tokens: the same text has the same number everywhere. */
const numbers = new Map<string, number>()

/**
 * Calls `seen` with a number for each `length` tokens in a row, and with the place of the first. The number
 * has 52 bits: that two of a million runs differ and look alike is less likely than one in a thousand.
 */
export function eachSequence(
  tokens: readonly string[],
  length: number,
  seen: (sequence: number, start: number) => void,
): void {
  const ids = Int32Array.from(tokens, numberOf)
  const [highest, lowest] = [power(HIGH, length), power(LOW, length)]
  let [high, low] = [0, 0]
  for (let at = 0; at < ids.length; at++) {
    const [comes, goes] = [ids[at] ?? 0, at < length ? 0 : (ids[at - length] ?? 0)]
    high = (Math.imul(high, HIGH) + comes - Math.imul(goes, highest)) | 0
    low = (Math.imul(low, LOW) + Math.imul(comes, SPREAD) - Math.imul(Math.imul(goes, SPREAD), lowest)) | 0
    // The low bits of such a sum know only the low bits of the tokens.
    if (at >= length - 1) seen((high >>> 6) * 0x4000000 + (low >>> 6), at - length + 1)
  }
}

// --- internal ---

const HIGH = 0x01000193
const LOW = 0x5bd1e995
const SPREAD = 0x2c1b3c6d

function power(base: number, exponent: number): number {
  return Array.from({ length: exponent }).reduce((product: number) => Math.imul(product, base), 1)
}

function numberOf(token: string): number {
  const known = numbers.get(token)
  if (known !== undefined) return known
  // Spread, so that neighbours differ in many bits.
  const number = Math.imul(numbers.size + 1, 0x9e3779b1)
  numbers.set(token, number)
  return number
}
