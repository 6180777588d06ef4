import { CourseError, quote } from '../course/course-error.ts'
import type { Placed } from './json-lines.ts'

/** The members of one object of a record, read one by one; what is missing, wrong or unknown is an error with its line. */
export class Fields {
  readonly #file: string
  readonly #line: number
  readonly #what: string
  readonly #members: ReadonlyMap<string, Placed>
  readonly #read = new Set<string>()

  /** @param what - What the object is, with its article: `a segment`. */
  constructor(placed: Placed, file: string, what: string) {
    this.#file = file
    this.#line = placed.line
    this.#what = what
    if (!(placed.value instanceof Map)) throw figureError(file, placed.line, what, shown(placed))
    this.#members = placed.value as ReadonlyMap<string, Placed>
  }

  has(name: string): boolean {
    return this.#members.has(name)
  }

  /** @throws CourseError where the member is missing. */
  get(name: string, expected: string): Placed {
    this.#read.add(name)
    const placed = this.#members.get(name)
    if (placed) return placed
    throw figureError(this.#file, this.#line, `"${name}" in ${this.#what}: ${expected}`, 'none')
  }

  /** A text that is not empty. */
  text(name: string): string {
    const placed = this.get(name, 'a text')
    if (typeof placed.value === 'string' && placed.value.trim() !== '') return placed.value
    return this.fail(name, 'a text that is not empty')
  }

  /** A text that may be empty. */
  anyText(name: string): string {
    const { value } = this.get(name, 'a text')
    return typeof value === 'string' ? value : this.fail(name, 'a text')
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const expected = `one of ${choices.join(', ')}`
    const { value } = this.get(name, expected)
    return choices.find((choice) => choice === value) ?? this.fail(name, expected)
  }

  number(name: string): number {
    const { value } = this.get(name, 'a number')
    return typeof value === 'number' ? value : this.fail(name, 'a number')
  }

  numberOrNull(name: string): number | null {
    const { value } = this.get(name, 'a number or null')
    return value === null || typeof value === 'number' ? value : this.fail(name, 'a number or null')
  }

  /** A whole number from `least`; undefined where the member is missing. */
  count(name: string, least: number): number | undefined {
    if (!this.has(name)) return undefined
    const { value } = this.get(name, 'a number')
    if (typeof value === 'number' && Number.isInteger(value) && value >= least) return value
    return this.fail(name, `a whole number from ${least}`)
  }

  items(name: string, expected: string): readonly Placed[] {
    const { value } = this.get(name, expected)
    return Array.isArray(value) ? (value as readonly Placed[]) : this.fail(name, expected)
  }

  /** To be called last: what nobody has asked for has no place here. */
  end(): void {
    const unknown = [...this.#members.keys()].find((name) => !this.#read.has(name))
    if (unknown === undefined) return
    const line = this.#members.get(unknown)?.line ?? this.#line
    throw figureError(this.#file, line, `in ${this.#what} only ${[...this.#read].join(', ')}`, `"${unknown}"`)
  }

  /** Throws that a member is not as expected. */
  fail(name: string, expected: string, found?: string): never {
    const placed = this.#members.get(name)
    const said = found ?? (placed ? shown(placed) : 'none')
    throw figureError(this.#file, placed?.line ?? this.#line, `"${name}" to be ${expected}`, said)
  }
}

export function figureError(file: string, line: number, expected: string, found: string): CourseError {
  const next = 'Correct the record, or record it again: npm run figures.'
  return new CourseError('E_COURSE_FIGURE', { file, line, expected, found, next })
}

/** A value as an error shows it. */
export function shown({ value }: Placed): string {
  if (typeof value === 'string') return value.trim() === '' ? 'an empty text' : quote(value)
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
  return Array.isArray(value) ? 'a list' : 'an object'
}
