import { build as bundle, type BuildOptions, type Loader, type Plugin } from 'esbuild'
import { realpathSync } from 'node:fs'
import { builtinModules } from 'node:module'
import path from 'node:path'
import { allowedModule, whyForbidden } from '../imports.ts'
import { isFailure, linesOf } from './explain.ts'
import type { Answer, Source } from './messages.ts'
import { OwnFiles } from './own-files.ts'
import { Refusal } from './refusal.ts'

/**
 * Makes one module of a program and what it imports. esbuild opens no file: it gets every text from us, by names in a
 * space of ours, where it looks for no package.json, no tsconfig.json and no source map.
 */
export async function build(source: Source): Promise<Answer> {
  try {
    const { outputFiles = [] } = await bundle(options(source))
    const ofMap = outputFiles.find((file) => file.path.endsWith('.map'))
    const ofCode = outputFiles.find((file) => file !== ofMap)
    return { kind: 'compiled', code: ofCode?.text ?? '', map: ownNames(ofMap?.text ?? '{}') }
  } catch (error) {
    if (!isFailure(error)) throw error
    return { kind: 'refused', ...linesOf(error, path.basename(source.file)) }
  }
}

// --- internal ---

const SPACE = 'labs'

/**
 * For an import whose name is computed, esbuild lists folders. From here it finds none, however often the name says
 * `../`; so such an import is decided when it is run, as all others of its kind.
 */
const NOWHERE = `/dev/null${'/0'.repeat(200)}`

const LOADERS: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.json': 'json',
  '.txt': 'text',
}

function options(source: Source): BuildOptions {
  return {
    entryPoints: ['entry'],
    absWorkingDir: '/',
    outfile: '/program.js',
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'external',
    legalComments: 'none',
    logLevel: 'silent',
    // The course's settings, not whatever the learner's folder may hold.
    tsconfigRaw: '{}',
    plugins: [ownFilesOnly(source)],
  }
}

/** Lets imports resolve only to allowed modules and to the learner's own files. */
function ownFilesOnly({ file, text, textOf = file, roots, modules }: Source): Plugin {
  const own = new OwnFiles(roots)
  const folder = path.dirname(file)
  // Named as they will be printed, relative to the entry.
  const real = new Map<string, string>()
  const named = (found: string): { path: string; namespace: string } => {
    const name = path.relative(folder, found)
    real.set(name, found)
    return { path: name, namespace: SPACE }
  }
  return {
    name: 'own-files-only',
    setup(builder) {
      builder.onResolve({ filter: /.*/ }, ({ path: asked, kind, importer }) => {
        if (kind === 'entry-point')
          return told(() => named(text === undefined || textOf !== file ? own.entry(file) : standing(file)))
        const module = allowedModule(asked, modules)
        if (module && kind === 'require-call') return refused(requires(asked, module))
        if (module) return { path: module, external: true }
        if (isPackage(asked)) return refused(forbidden(asked, whyForbidden(asked)))
        return told(() => {
          const found = own.resolve(asked, real.get(importer) ?? '')
          if (found !== null) return named(found)
          throw new Refusal('E_SYNTAX', `Could not resolve ${JSON.stringify(asked)}`)
        })
      })
      builder.onLoad({ filter: /.*/ }, ({ path: name, namespace }) => {
        const found = namespace === SPACE ? real.get(name) : undefined
        // What esbuild has found by itself is nobody's to read.
        if (found === undefined)
          return refused(forbidden('a computed name', 'write it at the top of the file'))
        return told(() => {
          const loader = LOADERS[path.extname(found)]
          if (!loader) throw new Refusal('E_SYNTAX', 'a lab imports .ts, .js, .json and .txt files')
          const contents = text !== undefined && found === standing(textOf) ? text : own.read(found)
          return { contents: withoutMaps(contents), loader, resolveDir: NOWHERE }
        }, name)
      })
    },
  }
}

/** Where a file would stand whose text is given. */
function standing(file: string): string {
  return path.join(realpathSync(path.dirname(file)), path.basename(file))
}

/** esbuild opens the map that a comment names. Escaped, the word is the same in code, and no such comment. */
function withoutMaps(text: string): string {
  return text.replaceAll('sourceMappingURL', String.raw`\u0073ourceMappingURL`)
}

function isPackage(specifier: string): boolean {
  return !/^\.{0,2}\//.test(specifier) || builtinModules.includes(specifier)
}

function forbidden(specifier: string, why: string): Refusal {
  return new Refusal('E_FORBIDDEN_IMPORT', `import of ${JSON.stringify(specifier)}: ${why}`)
}

/** It stands in older examples, and would fail when it is run, in words about bundling. */
function requires(asked: string, module: string): Refusal {
  const name = module.replace(/^node:/, '').replace(/\W.*$/, '')
  const why = `a lab's file is a module, which imports: import ${name} from '${module}'`
  return new Refusal('E_SYNTAX', `require(${JSON.stringify(asked)}): ${why}`)
}

/** @param name - Of the file that is loaded, where the refusal is about its content. */
function told<T>(act: () => T, name?: string): T | ReturnType<typeof refused> {
  try {
    return act()
  } catch (error) {
    if (error instanceof Refusal) return refused(error, name)
    throw error
  }
}

function refused(refusal: Refusal, name?: string) {
  const place =
    name === undefined || refusal.code === 'E_FORBIDDEN_IMPORT' ? {} : { location: at(name, refusal) }
  return { errors: [{ text: refusal.message, detail: refusal.code, ...place }] }
}

function at(file: string, { line }: Refusal) {
  return { file, namespace: SPACE, line: line ?? 0, column: 0, lineText: '' }
}

/** `labs:kit/http.ts` → `kit/http.ts` in the list of sources. */
function ownNames(map: string): string {
  const parsed = JSON.parse(map) as { sources?: string[] }
  return JSON.stringify({ ...parsed, sources: parsed.sources?.map((name) => name.replace(`${SPACE}:`, '')) })
}
