import type { BuildFailure, Message } from 'esbuild'
import path from 'node:path'

/** What esbuild says, as a learner reads it: the place, the line, a caret. */

/** A line of a program that was packed into one line is cut. */
const LONGEST_LINE = 160

interface Refused {
  readonly code: 'E_SYNTAX' | 'E_FORBIDDEN_IMPORT'
  readonly lines: readonly string[]
}

/** @param file - Name of the program, for what has no place. */
export function linesOf({ errors }: BuildFailure, file: string): Refused {
  const forbidden = errors.map(asComputed).find(({ detail }) => detail === 'E_FORBIDDEN_IMPORT')
  const code = forbidden ? 'E_FORBIDDEN_IMPORT' : 'E_SYNTAX'
  return { code, lines: place((forbidden ?? errors[0]) as Message, file) }
}

export function isFailure(error: unknown): error is BuildFailure {
  const { errors } = error as Partial<BuildFailure>
  return Array.isArray(errors) && errors.length > 0
}

// --- internal ---

/** Of `import(`./${name}.ts`)` esbuild says only that it finds nothing: it looks where nothing is (build.ts). */
function asComputed(message: Message): Message {
  if (!/^Could not resolve (?:import|require)\(/.test(message.text)) return message
  const text = 'import of a computed name: a lab imports by names that stand in the program'
  return { ...message, text, detail: 'E_FORBIDDEN_IMPORT' }
}

function place({ location, text, pluginName }: Message, file: string): string[] {
  if (!location) return [`${file}: ${text}`]
  const { line, column, lineText } = location
  const name = path.basename(location.file.replace(/^labs:/, ''))
  if (line === 0) return [`${name}: ${text}`]
  const where = `${name}:${line}:${column + 1}: ${text}`
  // The plugin (build.ts) has no line; at the end of a file the compiler has an empty one.
  if ((pluginName && lineText === '') || lineText.length > LONGEST_LINE) return [where]
  const number = String(line)
  const before = Buffer.from(lineText).subarray(0, column).toString().length
  return [where, `  ${number} │ ${lineText}`, `  ${' '.repeat(number.length)} ╵ ${' '.repeat(before)}^`]
}
