import { inspect } from 'node:util'

/** Characters of a call in a ladder, where it shares its line with two lanes. */
const LONGEST = 58
const BRIEF = { depth: 1, breakLength: Infinity, compact: true, maxArrayLength: 3, maxStringLength: 40 }

/**
 * A call as a step tells it, with what decides what it does: `serve({ maxWaiting: 3 })`.
 *
 * @param what - Without arguments: `serve()`.
 */
export function spoken(what: string, args: readonly unknown[]): string {
  const text = args.map(brief).join(', ')
  const whole = `${what.slice(0, -1)}${text})`
  return !what.endsWith('()') || whole.length > LONGEST ? what : whole
}

// --- internal ---

function brief(value: unknown): string {
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
  if (Array.isArray(value))
    return value.length > 3 ? `${value.length} of them` : `[${value.map(brief).join(', ')}]`
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return inspect(value, BRIEF)
  const fields = Object.entries(value).map(([name, field]) => `${name}: ${brief(field)}`)
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
}
