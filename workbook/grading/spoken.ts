import { inspect } from 'node:util'

/** Characters of a call; a ladder cuts it at its own width. */
const LONGEST = 500
/** An object of more methods is no plain one. */
const MOST_METHODS = 4
const BRIEF = { depth: 1, breakLength: Infinity, compact: true, maxArrayLength: 3, maxStringLength: 90 }

/**
 * A call as a step tells it, with what decides what it does: `serve({ maxWaiting: 3 })`.
 *
 * @param what - Without arguments: `serve()`.
 */
export function spoken(what: string, args: readonly unknown[]): string {
  const text = args.map(brief).join(', ')
  const whole = `${what.slice(0, -1)}${text})`
  if (!what.endsWith('()')) return what
  return whole.length > LONGEST ? `${whole.slice(0, LONGEST - 2)}…)` : whole
}

// --- internal ---

function brief(value: unknown): string {
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
  if (Array.isArray(value))
    return value.length > 3 ? `${value.length} of them` : `[${value.map(brief).join(', ')}]`
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return inspect(value, BRIEF)
  const all = Object.entries(value)
  // A socket of the program's: its methods say nothing.
  if (all.filter(([, field]) => typeof field === 'function').length > MOST_METHODS) return '{ … }'
  const fields = all.map(([name, field]) => `${name}: ${brief(field)}`)
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
}
