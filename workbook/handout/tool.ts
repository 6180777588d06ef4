import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { CLI_BUNDLE } from '../bundle/parts.mjs'
import { importsOf, namedIn, packageOf } from './imports.ts'
import { walk } from './walk.ts'

/** The tool as far as a student needs it. */
export interface Tool {
  readonly files: Map<string, Buffer>
  /** Names of the packages that it imports. */
  readonly packages: ReadonlySet<string>
}

/**
 * Follows the imports from where the command line begins. What a student's commands do not reach stays
 * here, so a command comes along by being listed in cli/main.ts.
 */
export function pickTool(root: string): Tool {
  const files = new Map<string, Buffer>()
  const packages = new Set<string>()
  const waiting = [
    'workbook/cli/start.mjs',
    ...Object.values(CLI_BUNDLE).map(({ entry }) => `workbook/${entry}`),
  ]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file) || !existsSync(path.join(root, file))) continue
    const bytes = file === REPLACED ? Buffer.from(NO_TEACHER) : readFileSync(path.join(root, file))
    files.set(file, bytes)
    waiting.push(...besides(root, file))
    if (!isCode(file)) continue
    const { files: started, loaders } = namedIn(bytes.toString('utf8'))
    waiting.push(...started)
    for (const specifier of [...importsOf(bytes.toString('utf8')), ...loaders]) {
      const name = packageOf(specifier)
      if (name === null) waiting.push(path.posix.join(path.posix.dirname(file), specifier))
      else packages.add(name)
    }
  }
  return { files, packages }
}

// --- internal ---

/** Of these come only the files that are reached; of any other folder all, as some are read by their path. */
const BY_IMPORT = new Set(['cli', 'handout', 'invariants', 'bench', 'batch', 'grading', 'report'])

const REPLACED = 'workbook/cli/teacher.ts'

const NO_TEACHER = `import type { Command } from './command.ts'

/** In a full checkout these are the commands of teachers and maintainers. */
export const TEACHER_COMMANDS: readonly Command[] = []

/** A handout is brought to others as it is. */
export const makeHandout: null = null
`

function isCode(file: string): boolean {
  return /\.m?ts$|\.mjs$/.test(file)
}

/** The types of a plain module, and what else its folder holds. */
function besides(root: string, file: string): string[] {
  const [, folder = ''] = file.split('/')
  const types = file.replace(/\.mjs$/, '.d.mts')
  if (BY_IMPORT.has(folder)) return [types]
  return walk(root, `workbook/${folder}`).flatMap((found) => (found.plain ? [found.file] : []))
}
