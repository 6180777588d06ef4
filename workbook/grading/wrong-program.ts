import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { CourseError, quote } from '../course/course-error.ts'
import { readTextFile } from '../course/text-file.ts'
import { applyDiff } from './patch.ts'

/** A change of the reference. */
export interface Patch {
  /** Relative to the root. */
  readonly file: string
  /** The diff. */
  readonly body: string
  /** The line of the file where it begins, from 1. */
  readonly bodyLine: number
}

/** A plausible mistake: a diff against the reference, or a whole program where the mistake needs another design. */
export interface WrongProgram extends Patch {
  /** The mistake, in a sentence. */
  readonly mistake: string
  /** The lowest requirement that fails. */
  readonly first: string
  /** The line of the file that says so, from 1. */
  readonly firstLine: number
  /** Every other requirement that fails. */
  readonly also: readonly string[]
  /** Words that a failure of the first requirement must contain. */
  readonly says: string | null
  /** The mistake shows only where Node's major version is lower; later ones make it right. */
  readonly beforeNode: number | null
  /** Why it is a whole program; null for a patch. */
  readonly whole: string | null
}

/** The folder of a lab's wrong programs, relative to the root. */
export function wrongFolderOf(id: string): string {
  return `test/labs/${id}/wrong`
}

/** The wrong programs of a lab, in the order of their names. */
export function wrongProgramFiles(root: string, id: string): string[] {
  return filesIn(root, wrongFolderOf(id), /\.(?:patch|ts)$/)
}

/** The right programs of a lab in other styles, in the order of their names. */
export function rightProgramFiles(root: string, id: string): string[] {
  return filesIn(root, `test/labs/${id}/right`, /\.(?:patch|ts)$/)
}

/**
 * Reads the header of a wrong program, as a commit has its message: the mistake in a sentence, then
 * `fails: R2`, and perhaps `also: R3 R5`, `says: words` and `before: node 24`. In a whole program each line
 * is a comment, and `whole: reason` is one of them.
 *
 * @throws CourseError `E_COURSE_PROGRAM` at the line that is not as it should be.
 */
export function readWrongProgram(root: string, file: string): WrongProgram {
  const lines = readTextFile(root, file).split('\n')
  const isPatch = file.endsWith('.patch')
  const end = headerLength(lines, isPatch)
  const header = lines.slice(0, end).map((line) => (isPatch ? line : line.slice(3)))
  const mistake = header
    .filter((line) => !KEY.test(line))
    .join(' ')
    .trim()
  if (!mistake) throw malformed(file, 1, 'the mistake in a sentence', lines[0] ?? '')
  const value = (key: string): string | null =>
    header.find((line) => line.startsWith(`${key}: `))?.slice(key.length + 2) ?? null
  const requirements = (key: string, form: RegExp, example: string): string[] => {
    const text = value(key) ?? ''
    if (form.test(text)) return text.split(' ').filter(Boolean)
    throw malformed(file, lineOf(header, key), `"${key}: ${example}"`, text)
  }
  const [first = ''] = requirements('fails', /^R\d+$/, 'R2')
  const before = value('before')
  const whole = value('whole')
  if (!isPatch && !whole) throw malformed(file, end, '"// whole: why this is no patch"', 'none')
  return {
    file,
    mistake,
    first,
    firstLine: lineOf(header, 'fails'),
    also: requirements('also', /^(?:R\d+(?: R\d+)*)?$/, 'R3 R5'),
    says: value('says'),
    beforeNode: before === null ? null : Number(/^node (\d+)$/.exec(before)?.[1]),
    whole,
    body: lines.slice(isPatch ? end + 1 : end).join('\n'),
    bodyLine: isPatch ? end + 2 : end + 1,
  }
}

/** The file of the reference that a patch changes, as its diff names it: `greeting.ts`. */
export function changedFileOf({ body }: Patch, entry: string): string {
  return /^--- a\/([\w.-]+)$/m.exec(body)?.[1] ?? entry
}

/** Another choice that is as right as the reference's: a sentence, an empty line, and the diff. */
export function readRightPatch(root: string, file: string): Patch {
  const lines = readTextFile(root, file).split('\n')
  const end = headerLength(lines, true)
  return { file, body: lines.slice(end + 1).join('\n'), bodyLine: end + 2 }
}

/**
 * The text of a changed file, or of a whole program.
 *
 * @param reference - The text that a patch is applied to.
 * @throws CourseError `E_COURSE_PATCH` at the hunk that does not apply.
 */
export function textOf(program: Patch & Partial<Pick<WrongProgram, 'whole'>>, reference: string): string {
  if (program.whole) return program.body
  const changed = applyDiff(reference, program.body, program.bodyLine)
  if (typeof changed === 'string') return changed
  const { line, expected, found } = changed
  const [, id = '', name = ''] = /^test\/labs\/([^/]+)\/wrong\/(.+)\.patch$/.exec(program.file) ?? []
  const next = `The reference has changed: npm run wrong -- ${id} ${name}, and make the mistake again.`
  throw new CourseError('E_COURSE_PATCH', { file: program.file, line, expected, found: quote(found), next })
}

// --- internal ---

const KEY = /^(?:fails|also|says|before|whole): /

function filesIn(root: string, folder: string, form: RegExp): string[] {
  if (!existsSync(path.join(root, folder))) return []
  const names = readdirSync(path.join(root, folder)).filter((name) => form.test(name))
  return names.sort().map((name) => `${folder}/${name}`)
}

/** Of a patch up to the first empty line; of a program as long as there are comments. */
function headerLength(lines: readonly string[], isPatch: boolean): number {
  const end = lines.findIndex((line) => (isPatch ? line === '' : !line.startsWith('// ')))
  return end === -1 ? lines.length : end
}

function lineOf(header: readonly string[], key: string): number {
  const index = header.findIndex((line) => line.startsWith(`${key}:`))
  return index === -1 ? header.length : index + 1
}

function malformed(file: string, line: number, expected: string, text: string): CourseError {
  const found = text === '' ? 'nothing' : quote(text)
  const next = 'Correct the line: CONTRIBUTING.md, "The wrong programs", tells its form.'
  return new CourseError('E_COURSE_PROGRAM', { file, line, expected, found, next })
}
