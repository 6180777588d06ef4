import type { CodeTokens } from './code-tokens.ts'

/** Runs of tokens, each as one number, so that hundreds of programs are compared in a moment. */

/** Numbers that stand for tokens: the same text has the same number everywhere. */
const numbers = new Map<string, number>()

/**
 * One number for each `length` tokens in a row, at the place of the first. 52 bits tell a million of them
 * apart: that two differ and look alike is less likely than one in a thousand for a whole course.
 */
export function sequencesOf({ tokens }: Pick<CodeTokens, 'tokens'>, length: number): number[] {
  const ids = tokens.map(numberOf)
  const found: number[] = []
  for (let start = 0; start + length <= ids.length; start++) {
    let [high, low] = [0, 0]
    for (let at = start; at < start + length; at++) {
      const id = ids[at] ?? 0
      high = (Math.imul(high, 0x01000193) ^ id) | 0
      low = (Math.imul(low, 0x5bd1e995) + id + (low >>> 15)) | 0
    }
    found.push((high >>> 6) * 0x4000000 + (low >>> 6))
  }
  return found
}

// --- internal ---

function numberOf(token: string): number {
  const known = numbers.get(token)
  if (known !== undefined) return known
  // Spread, so that neighbours differ in many bits.
  const number = Math.imul(numbers.size + 1, 0x9e3779b1)
  numbers.set(token, number)
  return number
}
