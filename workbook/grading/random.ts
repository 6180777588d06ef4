import { asBytes } from '../wire/bytes.ts'
/** Inputs that a table of answers could not foresee, repeatable from a seed. */
export interface Random {
  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number
  /** `length` bytes of any value. */
  bytes(length: number): Buffer
  /** A lower-case word of 5 to 9 letters. */
  word(): string
  pick<T>(choices: readonly T[]): T
  /** The same bytes in 2 or more non-empty parts, cut at random places. */
  split(bytes: string | Uint8Array, parts?: number): Buffer[]
}

/** @param seed - Any text; the same text gives the same inputs on every machine. */
export function createRandom(seed: string): Random {
  const next = mulberry32(hash(seed))
  const integer = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  return {
    integer,
    bytes: (length) => Buffer.alloc(length).map(() => integer(0, 255)) as Buffer,
    word: () => Array.from({ length: integer(5, 9) }, () => String.fromCharCode(integer(97, 122))).join(''),
    pick<T>(choices: readonly T[]): T {
      const chosen = choices[integer(0, choices.length - 1)]
      if (chosen === undefined) throw new RangeError('pick() needs at least one choice')
      return chosen
    },
    split: (bytes, parts) => split(asBytes(bytes), integer, parts),
  }
}

function split(bytes: Buffer, integer: Random['integer'], parts = integer(2, 6)): Buffer[] {
  const cuts = new Set<number>([0, bytes.length])
  while (cuts.size <= Math.min(parts, bytes.length)) cuts.add(integer(1, bytes.length - 1))
  const sorted = [...cuts].sort((a, b) => a - b)
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end))
}

/** FNV-1a, 32 bits: spreads a short text over the seed space. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193)
  return value >>> 0
}

/** Mulberry32: a small generator with a 32-bit state, good enough to draw test inputs. */
function mulberry32(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
