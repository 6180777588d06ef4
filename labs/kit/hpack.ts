import { STATIC_TABLE } from './hpack-tables.ts'
import type { Headers } from './http.ts'
import { decodeHuffman, encodeHuffman } from './huffman.ts'

/**
 * HPACK (RFC 7541): how HTTP/2 writes fields. Each end has one encoder for what it sends and one decoder for what it
 * reads, for the whole connection: a block may change their tables, so every block has to be decoded, in the order in
 * which it came, whether anybody wants its fields or not.
 */

/** The bytes are no HPACK, and the table is lost: RFC 9113 §4.3 calls that a connection error. */
export class HpackError extends Error {
  readonly code = 'COMPRESSION_ERROR'
}

/** What a table may hold as long as nobody has said anything else (RFC 9113 §6.5.2). */
const TABLE_BYTES = 4_096

export class HpackDecoder {
  readonly #maxListBytes: number
  readonly #table = new DynamicTable()

  /**
   * @param options.maxListBytes - Fields that take more than this, each with 32 bytes added (RFC 9113 §6.5.2), are
   * not kept; 16,384 if not given.
   */
  constructor(options: { readonly maxListBytes?: number } = {}) {
    this.#maxListBytes = options.maxListBytes ?? 16_384
  }

  /**
   * @param block - A whole one: HEADERS and all its CONTINUATION.
   * @returns The fields, in order; null where they take more than `maxListBytes`. The table is right all the same.
   * @throws HpackError
   */
  decode(block: Uint8Array): Headers | null {
    const reader = new Reader(block)
    const fields: Array<readonly [string, string]> = []
    let size = 0
    while (!reader.isDone) {
      const field = this.#next(reader, size > 0)
      if (!field) continue
      size += sizeOf(field)
      if (size <= this.#maxListBytes) fields.push(field)
    }
    return size <= this.#maxListBytes ? fields : null
  }

  // --- internal ---

  /** One representation (RFC 7541 §6); null for a change of the table's size. */
  #next(reader: Reader, isBehindField: boolean): readonly [string, string] | null {
    const first = reader.peek
    if (first >= 0x80) return this.#entry(reader.integer(7))
    if (first >= 0x20 && first < 0x40) {
      const size = reader.integer(5)
      if (isBehindField || size > TABLE_BYTES)
        throw new HpackError(`a table of ${size} bytes was not offered here`)
      this.#table.limit(size)
      return null
    }
    const isKept = first >= 0x40
    const index = reader.integer(isKept ? 6 : 4)
    const name = index > 0 ? this.#entry(index)[0] : reader.string()
    const field = [name, reader.string()] as const
    if (isKept) this.#table.add(field)
    return field
  }

  #entry(index: number): readonly [string, string] {
    const entry =
      STATIC_TABLE[index - 1] ?? this.#table.entries[index - 1 - STATIC_TABLE.length]
    if (!entry) throw new HpackError(`no entry ${index} in the tables`)
    return entry
  }
}

export class HpackEncoder {
  readonly #table = new DynamicTable()
  /** Sizes that the other end has to be told of: the least one on the way, and the last one. */
  #sizes: number[] = []

  /** What the other end's SETTINGS_HEADER_TABLE_SIZE allows. The next block begins with it. */
  limitTable(bytes: number): void {
    const size = Math.min(bytes, TABLE_BYTES)
    this.#table.limit(size)
    this.#sizes = [...new Set([Math.min(size, ...this.#sizes), size])]
  }

  /** @param fields - Names in lower case, as HTTP/2 wants them; pseudo-fields first. */
  encode(fields: Headers): Buffer {
    const sizes = this.#sizes.map((size) => integer(0x20, 5, size))
    this.#sizes = []
    return Buffer.concat([...sizes, ...fields.flatMap((field) => this.#field(field))])
  }

  // --- internal ---

  #field(field: readonly [string, string]): Buffer[] {
    const [name, value] = field
    const { entries } = this.#table
    const whole = indexOf(entries, (entry) => entry[0] === name && entry[1] === value)
    if (whole > 0) return [integer(0x80, 7, whole)]
    const named = indexOf(entries, (entry) => entry[0] === name)
    const parts = [...(named > 0 ? [] : [string(name)]), string(value)]
    // Secrets stay out of the tables: who sees how long a block is could guess them (RFC 7541 §7.1).
    if (SECRETS.includes(name)) return [integer(0x10, 4, named), ...parts]
    this.#table.add(field)
    return [integer(0x40, 6, named), ...parts]
  }
}

// --- internal ---

const SECRETS = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie']

/** The newest entry first (RFC 7541 §2.3.2, §4). */
class DynamicTable {
  readonly entries: Array<readonly [string, string]> = []
  #bytes = 0
  #limit = TABLE_BYTES

  limit(bytes: number): void {
    this.#limit = bytes
    this.#evict(bytes)
  }

  /** An entry that is larger than the table empties it, and is no error (RFC 7541 §4.4). */
  add(field: readonly [string, string]): void {
    const size = sizeOf(field)
    this.#evict(this.#limit - size)
    if (size > this.#limit) return
    this.entries.unshift(field)
    this.#bytes += size
  }

  #evict(most: number): void {
    while (this.#bytes > most && this.entries.length > 0)
      this.#bytes -= sizeOf(this.entries.pop() as readonly [string, string])
  }
}

class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isDone(): boolean {
    return this.#at >= this.#bytes.length
  }

  get peek(): number {
    const byte = this.#bytes[this.#at]
    if (byte === undefined) throw new HpackError('the block ends in the middle of a field')
    return byte
  }

  /** @param prefix - How many bits of the first byte belong to it (RFC 7541 §5.1). */
  integer(prefix: number): number {
    const most = 2 ** prefix - 1
    let value = this.peek & most
    this.#at++
    if (value < most) return value
    for (let shift = 0; ; shift += 7) {
      const byte = this.peek
      this.#at++
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
      if (shift >= 28) throw new HpackError('an integer without an end')
    }
  }

  /** Latin-1: a field may hold any byte, and every byte keeps its value. */
  string(): string {
    const isCoded = this.peek >= 0x80
    const length = this.integer(7)
    const bytes = this.#bytes.subarray(this.#at, this.#at + length)
    if (bytes.length < length)
      throw new HpackError('the block ends in the middle of a string')
    this.#at += length
    const plain = isCoded ? decodeHuffman(bytes) : Buffer.from(bytes)
    if (!plain) throw new HpackError('a string is no Huffman code')
    return plain.toString('latin1')
  }
}

/** Name, value, and 32 bytes for the upkeep (RFC 7541 §4.1). */
function sizeOf([name, value]: readonly [string, string]): number {
  return name.length + value.length + 32
}

/** From 1, over both tables; 0 where there is none. */
function indexOf(
  entries: ReadonlyArray<readonly [string, string]>,
  is: (entry: readonly [string, string]) => boolean,
): number {
  const fixed = STATIC_TABLE.findIndex(is)
  if (fixed >= 0) return fixed + 1
  const index = entries.findIndex(is)
  return index < 0 ? 0 : index + 1 + STATIC_TABLE.length
}

function integer(mark: number, prefix: number, value: number): Buffer {
  const most = 2 ** prefix - 1
  if (value < most) return Buffer.from([mark | value])
  const bytes = [mark | most]
  let rest = value - most
  for (; rest >= 0x80; rest >>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Buffer.from([...bytes, rest])
}

function string(text: string): Buffer {
  const plain = Buffer.from(text, 'latin1')
  const coded = encodeHuffman(plain)
  return coded.length < plain.length
    ? Buffer.concat([integer(0x80, 7, coded.length), coded])
    : Buffer.concat([integer(0, 7, plain.length), plain])
}
