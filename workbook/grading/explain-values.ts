import { diffLines } from 'diff'
import { inspect } from 'node:util'
import { asBytes, explainDifference } from '../wire/bytes.ts'

/** Shorter ones are compared at a glance. */
const AT_A_GLANCE = 24
/** Columns of a line of a value. */
const WIDTH = 78
const MOST_LINES = 24

/**
 * Lines that show where two values part: texts with a caret under the first difference, lists and objects entry by
 * entry, `-` before what was expected and `+` before what was seen. Empty where a glance is enough.
 */
export function explainValues(actual: unknown, expected: unknown): string[] {
  if (typeof actual === 'string' && typeof expected === 'string') {
    const longest = Math.max(actual.length, expected.length)
    return longest > AT_A_GLANCE ? explainDifference(asBytes(actual), asBytes(expected)) : []
  }
  if (!isCompound(actual) || !isCompound(expected)) return []
  const [seen, wanted] = [linesOf(actual), linesOf(expected)]
  return seen.length + wanted.length > 2 ? compared(wanted, seen) : []
}

// --- internal ---

function isCompound(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function linesOf(value: unknown): string[] {
  return inspect(value, { depth: 4, breakLength: WIDTH, compact: 2, sorted: !Array.isArray(value) }).split(
    '\n',
  )
}

function compared(wanted: readonly string[], seen: readonly string[]): string[] {
  const parts = diffLines(`${wanted.join('\n')}\n`, `${seen.join('\n')}\n`)
  const lines = parts.flatMap(({ value, added, removed }) => {
    const mark = added ? '+' : removed ? '-' : ' '
    return value
      .trimEnd()
      .split('\n')
      .map((line) => `${mark} ${line}`)
  })
  const first = lines.findIndex((line) => !line.startsWith(' '))
  const from = Math.max(0, Math.min(first - 3, lines.length - MOST_LINES))
  const shown = lines.slice(from, from + MOST_LINES)
  const rest = lines.length - from - shown.length
  return [
    '- expected, + seen',
    ...(from > 0 ? [`  … ${from} lines that agree`] : []),
    ...shown,
    ...(rest > 0 ? [`  … ${rest} more`] : []),
  ]
}
