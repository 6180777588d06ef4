import { SourceMap } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Compiled } from './compile.ts'

/** A place in a source file that the learner can open. */
export interface SourceFrame {
  /** Absolute path. */
  readonly file: string
  readonly line: number
  readonly column: number
  readonly function: string
}

/**
 * The frames of a stack that lie in the learner's program, at the lines the learner wrote. Frames of
 * Node and of the grader's child program are left out.
 */
export function learnerFrames(stack: string, { program, map }: Compiled): SourceFrame[] {
  const sourceMap = new SourceMap(JSON.parse(map) as ConstructorParameters<typeof SourceMap>[0])
  const folder = path.dirname(fileURLToPath(program.identifier))
  return stack.split('\n').flatMap((line) => {
    const frame = parseFrame(line)
    if (!frame?.place.startsWith(`${program.identifier}:`)) return []
    const [row = 1, column = 1] = frame.place
      .slice(program.identifier.length + 1)
      .split(':')
      .map(Number)
    const entry = sourceMap.findEntry(row - 1, column - 1)
    if (!('originalSource' in entry)) return []
    const file = path.resolve(folder, entry.originalSource)
    return [{ file, line: entry.originalLine + 1, column: entry.originalColumn + 1, function: frame.name }]
  })
}

// --- internal ---

/** `    at async entry (file:///…/entry.ts:12:5)`, or without a name. */
function parseFrame(line: string): { name: string; place: string } | null {
  const named = /^\s+at (?:async )?(.+?) \((.+)\)$/.exec(line)
  if (named) return { name: cleanName(named[1] ?? ''), place: named[2] ?? '' }
  const bare = /^\s+at (?:async )?(\S+:\d+:\d+)$/.exec(line)
  return bare ? { name: '', place: bare[1] ?? '' } : null
}

/** Modules from memory make V8 say `Module.entry`, and `new` and `Object.` say little. */
function cleanName(name: string): string {
  return name.replace(/^(?:Module|Object)\./, '').replace(/ \[as .+\]$/, '')
}
