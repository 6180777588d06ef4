import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { CourseError, quote } from '../course/course-error.ts'
import { readTextFile } from '../course/text-file.ts'

/** What the first lines of a wrong program say. */
export interface WrongProgram {
  /** Relative to the root, for example `test/mutants/NN-name/no-host.ts`. */
  readonly file: string
  /** The lowest requirement that fails. */
  readonly first: string
  /** Every other requirement that fails. */
  readonly also: readonly string[]
  /** Words that a failure of the first requirement must contain. */
  readonly says: string | null
  /** The mistake shows only where Node's major version is lower; later ones make it right. */
  readonly beforeNode: number | null
}

/** The wrong programs of a lab, in the order of their names. */
export function wrongProgramFiles(root: string, id: string): string[] {
  return programFiles(root, `test/mutants/${id}`)
}

/** The programs in a folder, in the order of their names; none where there is no such folder. */
export function programFiles(root: string, folder: string): string[] {
  if (!existsSync(path.join(root, folder))) return []
  const names = readdirSync(path.join(root, folder)).filter((name) => name.endsWith('.ts'))
  return names.sort().map((name) => `${folder}/${name}`)
}

/**
 * Reads `// fails: R2; also: R3 R5`, the mistake in the second line, and perhaps `// says: text` and
 * `// before: node 24`.
 *
 * @throws CourseError `E_COURSE_PROGRAM` at the line that is not as it should be.
 */
export function readWrongProgram(root: string, file: string): WrongProgram {
  const text = readTextFile(root, file)
  const [first = '', second = ''] = text.split('\n')
  const fails = /^\/\/ fails: (R\d+)(?:; also: (R\d+(?: R\d+)*))?$/.exec(first)
  if (!fails) throw malformed(file, 1, '"// fails: R2" or "// fails: R2; also: R3 R5"', first)
  if (!/^\/\/ (?!says: |before: )\S/.test(second))
    throw malformed(file, 2, 'a comment that tells the mistake', second)
  const before = /^\/\/ before: node (\d+)$/m.exec(text)?.[1]
  return {
    file,
    first: fails[1] ?? '',
    also: fails[2]?.split(' ') ?? [],
    says: /^\/\/ says: (.+)$/m.exec(text)?.[1] ?? null,
    beforeNode: before === undefined ? null : Number(before),
  }
}

// --- internal ---

function malformed(file: string, line: number, expected: string, text: string): CourseError {
  const found = text === '' ? 'an empty line' : quote(text)
  const next = 'Correct the line: CONTRIBUTING.md, "The wrong programs", tells its form.'
  return new CourseError('E_COURSE_PROGRAM', { file, line, expected, found, next })
}
