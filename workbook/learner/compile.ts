import { build, type BuildFailure, type Message, type Plugin } from 'esbuild'
import { realpathSync } from 'node:fs'
import { builtinModules } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { allowedModule, whyForbidden } from './imports.ts'
import type { Program } from './messages.ts'

/** A learner's file made ready for the learner process. */
export interface Compiled {
  readonly program: Program
  /** Source map as JSON, from the bundle back to the files it was made of. */
  readonly map: string
}

/** Where a program stands, and the folders from which it may import. */
export interface Source {
  /** Absolute path; the text may stand elsewhere. */
  readonly file: string
  /** Instead of what the file holds. */
  readonly text?: string
  readonly roots: readonly string[]
}

/** The file cannot be compiled, or imports what a lab may not import. */
export class CompileError extends Error {
  readonly code: 'E_SYNTAX' | 'E_FORBIDDEN_IMPORT' | 'E_MISSING_FILE'
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
  try {
    const { outputFiles = [] } = await build(options(source))
    const [map, code] = [outputFiles.find(isMap), outputFiles.find((file) => !isMap(file))]
    const program = { code: code?.text ?? '', identifier: pathToFileURL(source.file).href }
    return { program, map: map?.text ?? '' }
  } catch (error) {
    throw explain(error as BuildFailure, source)
  }
}

function options({ file, text, roots }: Source) {
  return {
    ...(text === undefined
      ? { entryPoints: [file] }
      : {
          stdin: { contents: text, sourcefile: file, resolveDir: path.dirname(file), loader: 'ts' as const },
        }),
    absWorkingDir: path.dirname(file),
    outfile: path.join(path.dirname(file), 'program.js'),
    bundle: true,
    write: false,
    format: 'esm' as const,
    platform: 'node' as const,
    target: 'node20',
    sourcemap: 'external' as const,
    logLevel: 'silent' as const,
    // The course's settings, not whatever tsconfig the learner's folder may hold.
    tsconfigRaw: '{}',
    plugins: [stayInside(roots)],
  }
}

const FORBIDDEN = 'forbidden: '

/** Lets imports resolve only to allowed modules and to files below the roots, links followed. */
function stayInside(roots: readonly string[]): Plugin {
  const real = roots.map((folder) => realpathSync(folder) + path.sep)
  const isInside = (file: string): boolean => real.some((folder) => realpathSync(file).startsWith(folder))
  return {
    name: 'stay-inside',
    setup(builder) {
      builder.onResolve({ filter: /.*/ }, async (asked) => {
        if (asked.kind === 'entry-point' || asked.pluginData === 'inner') return undefined
        const module = allowedModule(asked.path)
        if (module) return { path: module, external: true }
        if (isPackage(asked.path)) return refuse(asked.path, whyForbidden(asked.path))
        const { importer, resolveDir, kind } = asked
        const found = await builder.resolve(asked.path, { importer, resolveDir, kind, pluginData: 'inner' })
        if (found.errors.length > 0 || isInside(found.path)) return found
        return refuse(asked.path, 'a lab imports only from labs/')
      })
      builder.onLoad({ filter: /.*/ }, ({ path: file }) => {
        return isInside(file)
          ? undefined
          : refuse(path.basename(file), 'it stands outside labs/, or is a link that leads there')
      })
    },
  }
}

function isPackage(specifier: string): boolean {
  return !/^\.{0,2}\//.test(specifier) || builtinModules.includes(specifier)
}

function refuse(specifier: string, why: string) {
  return { errors: [{ text: `${FORBIDDEN}import of ${JSON.stringify(specifier)}: ${why}` }] }
}

function explain(failure: BuildFailure, { file }: Source): Error {
  if (!Array.isArray(failure.errors)) return failure
  const forbidden = failure.errors.find(({ text }) => text.startsWith(FORBIDDEN))
  if (forbidden)
    return new CompileError(
      'E_FORBIDDEN_IMPORT',
      place(forbidden, file, forbidden.text.slice(FORBIDDEN.length)),
    )
  const [first] = failure.errors
  if (!first) return failure
  return new CompileError('E_SYNTAX', place(first, file, first.text))
}

function place({ location }: Message, file: string, text: string): string[] {
  if (!location) return [`${path.basename(file)}: ${text}`]
  const { line, column, lineText } = location
  const number = String(line)
  return [
    `${path.basename(location.file)}:${line}:${column + 1}: ${text}`,
    `  ${number} │ ${lineText}`,
    `  ${' '.repeat(number.length)} ╵ ${' '.repeat(Buffer.from(lineText).subarray(0, column).toString().length)}^`,
  ]
}

function isMap({ path: name }: { readonly path: string }): boolean {
  return name.endsWith('.map')
}
