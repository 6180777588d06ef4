import { isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml'
import { CourseError, quote } from './course-error.ts'

/** A value together with the line of the file where it stands. */
export interface Placed<T> {
  readonly value: T
  readonly line: number
}

/** What a field's errors need to name: the file, the lines, and a right line to show. */
export interface YamlPlace {
  readonly file: string
  readonly lines: LineCounter
  /** For example `minutes: 60`. */
  readonly example: string
}

/** One value of a YAML document, which knows its key and its place, so that each error can name them. */
export class YamlField {
  /** `needs`; for a value inside a map `weights.R4`. */
  readonly key: string
  readonly line: number
  readonly #node: unknown
  readonly #place: YamlPlace

  constructor(key: string, node: unknown, line: number, place: YamlPlace) {
    this.key = key
    this.line = line
    this.#node = node
    this.#place = place
  }

  /** The value as an error shows it. */
  get found(): string {
    const node = this.#node
    if (isSeq(node)) return 'a list'
    if (isMap(node)) return 'a map'
    if (isAlias(node)) return 'an alias'
    if (!isScalar(node) || node.value === null) return 'nothing'
    // As written: `01`, where the value is 1.
    if (typeof node.value === 'number') return `the number ${node.source ?? node.value}`
    return quote(typeof node.value === 'string' ? node.value : JSON.stringify(node.value))
  }

  get isNull(): boolean {
    return this.#node === null || (isScalar(this.#node) && this.#node.value === null)
  }

  /** A string that the pattern accepts. */
  text(pattern: RegExp, expected: string): Placed<string> {
    const value = this.#scalar()
    if (typeof value !== 'string' || !pattern.test(value)) throw this.error(expected)
    return { value, line: this.line }
  }

  /** A number that the predicate accepts. */
  number(accepts: (value: number) => boolean, expected: string): Placed<number> {
    const value = this.#scalar()
    if (typeof value !== 'number' || !accepts(value)) throw this.error(expected)
    return { value, line: this.line }
  }

  /** True: a fact that does not hold is left out. */
  holds(): true {
    if (this.#scalar() !== true) throw this.error('true, or no such line')
    return true
  }

  /** A list of strings that the pattern accepts, no two the same. */
  texts(pattern: RegExp, expected: string): Placed<string>[] {
    if (!isSeq(this.#node)) throw this.error('a list')
    const texts = this.#node.items.map((node) => this.#item(node).text(pattern, expected))
    const seen = new Set<string>()
    for (const { value, line } of texts) {
      if (seen.has(value)) throw this.error('different values', `${quote(value)} twice`, line)
      seen.add(value)
    }
    return texts
  }

  /** The fields of a map. */
  entries(): YamlField[] {
    if (!isMap(this.#node)) throw this.error('a map')
    return this.#node.items.map((pair: Pair) => {
      const name = isScalar(pair.key) ? String(pair.key.value) : 'a key that is not text'
      return new YamlField(`${this.key}.${name}`, pair.value, this.#lineOf(pair.key), this.#place)
    })
  }

  /** This value is wrong: the error shows a right one. */
  error(expected: string, found = this.found, line = this.line): CourseError {
    return new CourseError('E_COURSE_FRONT_MATTER', {
      file: this.#place.file,
      line,
      expected: `${expected} for \`${this.key}\``,
      found,
      next: `Write it like this: ${this.#place.example}`,
    })
  }

  #item(node: unknown): YamlField {
    return new YamlField(this.key, node, this.#lineOf(node), this.#place)
  }

  #lineOf(node: unknown): number {
    const range = (node as Node | null)?.range
    return range ? this.#place.lines.linePos(range[0]).line : this.line
  }

  #scalar(): unknown {
    return isScalar(this.#node) ? this.#node.value : null
  }
}
