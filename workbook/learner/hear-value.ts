import { isCount, isText, isTexts } from './hear-shapes.ts'
import { MARK } from './pack.ts'

/** A value on its way to the grader is gone through before it is unpacked, as far as its bounds go. */

/** Parts of one value: elements, fields, entries. */
const MOST_PARTS = 1_000_000
/** Of all its texts and buffers. */
const MOST_BYTES = 128 * 1024 * 1024
/** What pack() lets pass, marks included. */
const DEEPEST = 64

/** @returns What is wrong with it, or null. */
export function faultOfValue(value: unknown): string | null {
  return new Tour().faultOf(value, 0)
}

export function isErrorMark(value: unknown): boolean {
  const mark = value as Fields | null
  return typeof value === 'object' && mark?.[MARK] === 'error' && isMark(mark)
}

// --- internal ---

/** Counts a part each time that it is come to: what is held twice is unpacked twice. */
class Tour {
  #parts = 0
  #bytes = 0

  faultOf(value: unknown, depth: number): string | null {
    if (typeof value === 'string') return this.#take(0, value.length)
    if (typeof value !== 'object' || value === null) return null
    if (depth > DEEPEST) return `with a value nested deeper than ${DEEPEST}`
    if (ArrayBuffer.isView(value)) return this.#take(0, value.byteLength)
    if (Array.isArray(value)) return this.#all(value.length, () => value, depth)
    if (value instanceof Map) return this.#all(2 * value.size, () => [...value].flat(), depth)
    if (value instanceof Set) return this.#all(value.size, () => [...value], depth)
    const fault = MARK in value ? faultOfMark(value) : null
    if (fault !== null) return fault
    const keys = Object.keys(value)
    return (
      this.#take(0, keys.join('').length) ??
      this.#all(keys.length, () => Object.values(value) as unknown[], depth)
    )
  }

  /** An array may say that it is longer than what it holds: its length is looked at first. */
  #all(count: number, values: () => readonly unknown[], depth: number): string | null {
    const tooMany = this.#take(count, 0)
    if (tooMany !== null) return tooMany
    for (const value of values()) {
      const fault = this.faultOf(value, depth + 1)
      if (fault !== null) return fault
    }
    return null
  }

  #take(parts: number, bytes: number): string | null {
    this.#parts += parts
    this.#bytes += bytes
    if (this.#parts > MOST_PARTS) return `with a value of more than ${MOST_PARTS} parts`
    return this.#bytes > MOST_BYTES ? `with a value of more than ${MOST_BYTES / 2 ** 20} MiB` : null
  }
}

type Fields = Readonly<Record<string, unknown>>

function faultOfMark(mark: object): string | null {
  return isMark(mark as Fields) ? null : 'with a mark that no program makes'
}

function isMark({ [MARK]: kind, id, methods, error, fields }: Fields): boolean {
  switch (kind) {
    case 'function':
      return isCount(id)
    case 'instance':
      return isCount(id) && isTexts(methods)
    case 'error':
      return typeof error === 'object' && error !== null && isPackedError(error as Fields)
    case 'plain':
      return Array.isArray(fields) && fields.every((each) => Array.isArray(each) && isText(each[0]))
    default:
      return false
  }
}

function isPackedError({ name, message, stack, code, properties }: Fields): boolean {
  const texts = [name, message, stack, ...(code === undefined ? [] : [code])]
  return texts.every(isText) && typeof properties === 'object' && properties !== null
}
