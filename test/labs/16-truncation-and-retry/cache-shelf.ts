import type { Answer, Question } from './cache-state.ts'
import { valueOf } from './cache-rules.ts'

/** What is stored, in the order of its last use, and why something is not. */

export interface Entry extends Answer {
  readonly question: Question
  /** In milliseconds, when it came. */
  readonly age: number
  readonly cameAt: number
  readonly lifetime: number
  readonly asksAlways: boolean
  /** Whose promise it is that it is there; null where it is that of the script. */
  readonly requirement: string | null
  readonly why: string
  /** There was another one for the same fields when it came. */
  readonly hasReplaced?: boolean
}

interface Reason {
  readonly requirement: string
  readonly why: string
}

export class Shelf {
  readonly #maxBytes: number
  readonly #reasons = new Map<string, Reason>()
  #entries: Entry[] = []

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  isSame(one: Question, other: Question): boolean {
    return nameOf(one) === nameOf(other)
  }

  find(question: Question): Entry | null {
    return this.#entries.find((entry) => this.#isFor(entry, question)) ?? null
  }

  use(entry: Entry): void {
    this.remove(entry)
    this.#entries.push(entry)
  }

  remove(entry: Entry): void {
    this.#entries = this.#entries.filter((each) => each !== entry)
  }

  forget(question: Question, requirement: string, why: string): void {
    this.#entries = this.#entries.filter((each) => !this.isSame(each.question, question))
    this.explain(question, requirement, why)
  }

  add(entry: Entry): void {
    const size = entry.content.length
    const older = this.find(entry.question)
    if (older) this.remove(older)
    if (size > this.#maxBytes)
      return this.explain(
        entry.question,
        'R16',
        `its ${size} bytes are more than maxBytes, ${this.#maxBytes}`,
      )
    while (this.#size + size > this.#maxBytes) {
      const [oldest] = this.#entries
      if (!oldest) break
      this.remove(oldest)
      this.explain(oldest.question, 'R16', 'it had to go for another one')
    }
    this.#entries.push({ ...entry, hasReplaced: older !== null })
  }

  explain(question: Question, requirement: string, why: string): void {
    this.#reasons.set(nameOf(question), { requirement, why })
  }

  /** Why the origin has to be asked anew. */
  whyNothing(question: Question): Reason {
    const isOther = this.#entries.some((entry) => this.isSame(entry.question, question))
    if (isOther)
      return { requirement: 'R12', why: 'what is stored is for other values of the fields in Vary' }
    const nothing = { requirement: 'R8', why: 'nothing is stored for this target and host' }
    return this.#reasons.get(nameOf(question)) ?? nothing
  }

  // --- internal ---

  get #size(): number {
    return this.#entries.reduce((sum, { content }) => sum + content.length, 0)
  }

  #isFor({ question, lines }: Entry, other: Question): boolean {
    const names = (valueOf(lines, 'vary') ?? '').toLowerCase().split(/[\s,]+/)
    const agrees = (name: string) => valueOf(question.lines, name) === valueOf(other.lines, name)
    return this.isSame(question, other) && names.every((name) => name === '' || agrees(name))
  }
}

const nameOf = ({ host, target }: Question): string => `${target} at ${host.toLowerCase()}`
