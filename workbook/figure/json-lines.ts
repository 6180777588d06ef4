/** JSON read with the line of every value, so that an error can say where it is. */

export interface Placed {
  /** Counted from 1. */
  readonly line: number
  readonly value: PlacedValue
}

export type PlacedValue = string | number | boolean | null | readonly Placed[] | ReadonlyMap<string, Placed>

/** The text is not JSON (RFC 8259). */
export class JsonFault extends Error {
  override readonly name = 'JsonFault'
  readonly line: number
  readonly expected: string
  readonly found: string

  constructor(line: number, expected: string, found: string) {
    super(`line ${line}: expected ${expected}, found ${found}`)
    this.line = line
    this.expected = expected
    this.found = found
  }
}

/** @throws JsonFault at the first place that is not JSON; a name that comes twice in an object is one too. */
export function readJson(text: string): Placed {
  const reader = new Reader(text)
  const root = reader.value()
  reader.end()
  return root
}

// --- internal ---

const SCALAR = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/y
const FOUND = 30

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(): Placed {
    this.#skipSpace()
    const line = this.#line()
    if (this.#take('{')) return { line, value: this.#members() }
    if (this.#take('[')) return { line, value: this.#items() }
    return { line, value: this.#scalar() }
  }

  end(): void {
    this.#skipSpace()
    if (this.#at < this.#text.length) this.#fail('the end of the file')
  }

  #members(): Map<string, Placed> {
    const members = new Map<string, Placed>()
    if (this.#take('}')) return members
    do {
      this.#skipSpace()
      const line = this.#line()
      if (this.#text[this.#at] !== '"') this.#fail('a name in quotes')
      const name = this.#scalar() as string
      if (members.has(name)) throw new JsonFault(line, 'each name once', `"${name}" again`)
      if (!this.#take(':')) this.#fail(`":" after "${name}"`)
      members.set(name, this.value())
    } while (this.#take(','))
    if (!this.#take('}')) this.#fail('"," or "}"')
    return members
  }

  #items(): Placed[] {
    const items: Placed[] = []
    if (this.#take(']')) return items
    do items.push(this.value())
    while (this.#take(','))
    if (!this.#take(']')) this.#fail('"," or "]"')
    return items
  }

  #scalar(): string | number | boolean | null {
    SCALAR.lastIndex = this.#at
    const token = SCALAR.exec(this.#text)?.[0]
    if (token === undefined) this.#fail('a value')
    try {
      const value = JSON.parse(token) as string | number | boolean | null
      this.#at += token.length
      return value
    } catch {
      return this.#fail(token.startsWith('"') ? 'a string of JSON' : 'a number')
    }
  }

  #take(character: string): boolean {
    this.#skipSpace()
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #skipSpace(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at++
  }

  #line(): number {
    return this.#text.slice(0, this.#at).split('\n').length
  }

  #fail(expected: string): never {
    const rest = this.#text.slice(this.#at).split('\n')[0]?.trimEnd() ?? ''
    const found = rest === '' ? 'nothing' : `"${rest.length > FOUND ? `${rest.slice(0, FOUND - 1)}…` : rest}"`
    const place = this.#at < this.#text.length && rest === '' ? 'the end of the line' : found
    throw new JsonFault(this.#line(), expected, place)
  }
}
