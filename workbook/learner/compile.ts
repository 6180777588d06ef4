import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { compileApart } from './compiler/compiler.ts'
import type { Answer, Source } from './compiler/messages.ts'
import { modulesWith } from './imports.ts'
import type { Program } from './messages.ts'

/** A learner's file made ready for the learner process. */
export interface Compiled {
  readonly program: Program
  /** Source map as JSON, from the bundle back to the files it was made of. */
  readonly map: string
  /** Modules of Node's that it may import. */
  readonly modules: readonly string[]
}

/** The file cannot be compiled, or imports what a lab may not import. */
export class CompileError extends Error {
  readonly code: 'E_SYNTAX' | 'E_FORBIDDEN_IMPORT'
  /** Lines with the place and a code frame, ready to print. */
  readonly lines: readonly string[]

  constructor(code: CompileError['code'], lines: readonly string[]) {
    super(lines.join('\n'))
    this.name = 'CompileError'
    this.code = code
    this.lines = lines
  }
}

const compiled = new WeakMap<Source, Promise<Compiled>>()

/**
 * Compiles a source the first time it is asked for: all checks of a run grade the same program.
 *
 * @throws CompileError
 */
export function compileOnce(source: Source): Promise<Compiled> {
  const known = compiled.get(source) ?? compile(source)
  compiled.set(source, known)
  return known
}

/** The same program with the map inside, for a debugger. */
export function withInlineMap({ program, map }: Compiled): Program {
  const base64 = Buffer.from(map).toString('base64')
  return {
    ...program,
    code: `${program.code}\n//# sourceMappingURL=data:application/json;base64,${base64}\n`,
  }
}

// --- internal ---

/** @throws CompileError */
async function compile(source: Source): Promise<Compiled> {
  const answer: Answer = (await compileApart(source)) ?? beyond(source)
  if (answer.kind === 'refused') throw new CompileError(answer.code, answer.lines)
  if (answer.kind === 'broken') throw new Error(answer.message)
  const program = { code: answer.code, identifier: pathToFileURL(source.file).href }
  return { program, map: answer.map, modules: modulesWith(source.modules) }
}

function beyond({ file }: Source): Answer {
  const why =
    'no compiler copes with it: something in it is nested deeper, or takes more time, than code that people write'
  return { kind: 'refused', code: 'E_SYNTAX', lines: [`${path.basename(file)}: ${why}`] }
}
