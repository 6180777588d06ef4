import { CODE_LENGTHS } from './hpack-tables.ts'

/** The end of a string, as a symbol: it is never sent, and its first bits fill the last byte. */
const END = 256

/** A string in the Huffman code of HPACK (RFC 7541 §5.2). */
export function encodeHuffman(bytes: Uint8Array): Buffer {
  const out: number[] = []
  let [bits, count] = [0, 0]
  for (const byte of bytes) {
    const { code, length } = CODES[byte] as Code
    // At most 7 bits are left and 30 come: too many for the operators of 32 bits.
    bits = bits * 2 ** length + code
    for (count += length; count >= 8; count -= 8) {
      const unit = 2 ** (count - 8)
      out.push(Math.floor(bits / unit))
      bits %= unit
    }
  }
  if (count > 0) out.push((bits << (8 - count)) | (0xff >> count))
  return Buffer.from(out)
}

/** @returns The bytes; null where the code is broken: it spells the end, or is not filled up with its first bits. */
export function decodeHuffman(bytes: Uint8Array): Buffer | null {
  const out: number[] = []
  let [node, depth, isFill] = [TREE, 0, true]
  for (const byte of bytes)
    for (let mask = 0x80; mask > 0; mask >>= 1) {
      const bit = (byte & mask) === 0 ? 0 : 1
      const next = node[bit]
      if (next === END || next === undefined) return null
      depth++
      isFill &&= bit === 1
      if (typeof next === 'number') {
        out.push(next)
        ;[node, depth, isFill] = [TREE, 0, true]
      } else node = next
    }
  return depth < 8 && isFill ? Buffer.from(out) : null
}

// --- internal ---

interface Code {
  readonly code: number
  readonly length: number
}

/** A symbol, or the two ways on. */
type Branch = [zero?: Branch | number, one?: Branch | number]

const CODES = codes()
const TREE = tree()

function codes(): readonly Code[] {
  const found: Code[] = []
  let [code, before] = [0, 0]
  const symbols = CODE_LENGTHS.map((length, symbol) => ({ length, symbol }))
  for (const { length, symbol } of symbols.sort(
    (a, b) => a.length - b.length || a.symbol - b.symbol,
  )) {
    code *= 2 ** (length - before)
    before = length
    found[symbol] = { code: code++, length }
  }
  return found
}

function tree(): Branch {
  const root: Branch = []
  for (const [symbol, { code, length }] of CODES.entries()) {
    let node = root
    for (let place = length - 1; place > 0; place--) {
      const bit = (code >> place) & 1
      node = (node[bit] ??= []) as Branch
    }
    node[code & 1] = symbol
  }
  return root
}
