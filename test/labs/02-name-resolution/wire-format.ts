/** Messages as a name server writes them, with pointers and without. */

export type Data =
  | { readonly a: string }
  /** The eight groups. */
  | { readonly aaaa: readonly number[] }
  | { readonly cname: string }
  | { readonly soa: readonly [primary: string, mailbox: string, ...numbers: number[]] }
  | { readonly type: number; readonly bytes: Buffer }
  /** Names in data of a type that nobody is asked to know. */
  | { readonly type: number; readonly text: string }

export interface Entry {
  readonly name: string
  readonly type: number
  readonly class?: number
}

export interface Written {
  readonly name: string
  readonly ttl: number
  readonly class?: number
  readonly data: Data
}

export interface Sections {
  readonly id: number
  /** All sixteen bits; an answer without error if not given. */
  readonly flags?: number
  readonly question?: readonly Entry[]
  readonly answers?: readonly Written[]
  readonly authority?: readonly Written[]
  readonly additional?: readonly Written[]
}

export const ANSWER = 0x8180
export const TRUNCATED = 0x0200

/** `names`: pointers for whole names. `tails`: for the longest tail that was written before. */
export type Pointers = 'none' | 'names' | 'tails'

export function messageOf(sections: Sections, pointers: Pointers = 'tails'): Buffer {
  const { id, flags = ANSWER, question = [], answers = [], authority = [], additional = [] } = sections
  const writer = new Writer(pointers)
  const counts = [question, answers, authority, additional].map(({ length }) => length)
  writer.words(id, flags, ...counts)
  for (const entry of question) writer.entry(entry.name, entry.type, entry.class)
  for (const record of [...answers, ...authority, ...additional]) writer.record(record)
  return writer.bytes
}

export function typeOf(data: Data): number {
  if ('a' in data) return 1
  if ('aaaa' in data) return 28
  if ('cname' in data) return 5
  return 'soa' in data ? 6 : data.type
}

/** Labels behind their lengths, and no pointer. */
export function nameBytes(name: string): Buffer {
  const labels = name.split('.').filter(Boolean)
  return Buffer.concat([
    ...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.alloc(1),
  ])
}

export function wordBytes(...values: readonly number[]): Buffer {
  return Buffer.from(values.flatMap((value) => [value >>> 8, value & 0xff]))
}

export function longBytes(...values: readonly number[]): Buffer {
  return wordBytes(...values.flatMap((value) => [value >>> 16, value & 0xffff]))
}

// --- internal ---

class Writer {
  bytes = Buffer.alloc(0)
  readonly #pointers: Pointers
  readonly #places = new Map<string, number>()

  constructor(pointers: Pointers) {
    this.#pointers = pointers
  }

  add(bytes: Uint8Array): void {
    this.bytes = Buffer.concat([this.bytes, bytes])
  }

  words(...values: readonly number[]): void {
    this.add(wordBytes(...values))
  }

  name(name: string): void {
    const labels = name.split('.').filter(Boolean)
    for (const [index, label] of labels.entries()) {
      const tail = labels.slice(index).join('.')
      const place = this.#places.get(tail)
      const mayPoint = this.#pointers === 'tails' || (this.#pointers === 'names' && index === 0)
      if (place !== undefined && mayPoint) return this.words(0xc000 | place)
      if (this.bytes.length < 0x4000) this.#places.set(tail, place ?? this.bytes.length)
      this.add(Buffer.from([label.length, ...Buffer.from(label)]))
    }
    this.add(Buffer.alloc(1))
  }

  entry(name: string, type: number, of = 1): void {
    this.name(name)
    this.words(type, of)
  }

  record({ name, ttl, class: of, data }: Written): void {
    this.entry(name, typeOf(data), of)
    this.add(longBytes(ttl))
    const length = this.bytes.length
    this.words(0)
    this.#data(data)
    this.bytes.writeUInt16BE(this.bytes.length - length - 2, length)
  }

  #data(data: Data): void {
    if ('a' in data) this.add(Buffer.from(data.a.split('.').map(Number)))
    else if ('aaaa' in data) this.words(...data.aaaa)
    else if ('cname' in data) this.name(data.cname)
    else if ('soa' in data) {
      const [primary, mailbox, ...numbers] = data.soa
      this.name(primary)
      this.name(mailbox)
      this.add(longBytes(...numbers))
    } else this.add('bytes' in data ? data.bytes : nameBytes(data.text))
  }
}
