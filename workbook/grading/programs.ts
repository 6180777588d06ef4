import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from '../course/lab.ts'
import { subjectOf, type Subject } from './subject.ts'
import {
  changedFileOf,
  readRightPatch,
  readWrongProgram,
  rightProgramFiles,
  textOf,
  wrongProgramFiles,
  type Patch,
  type WrongProgram,
} from './wrong-program.ts'

/** The programs of a lab whose verdicts are known before: they grade the suite. */
export interface KnownProgram {
  /** Relative to the root, for example `test/labs/NN-name/wrong/no-host.patch`. */
  readonly file: string
  readonly subject: Subject
  readonly expected: Expected
}

export type Expected =
  | { readonly kind: 'passes' }
  | { readonly kind: 'not-started' }
  /** Fails `first`, then exactly `also`, and no other requirement. */
  | {
      readonly kind: 'fails'
      readonly first: string
      readonly also: readonly string[]
      readonly says: string | null
    }

export function solutionOf(root: string, lab: Lab): KnownProgram {
  return program(root, lab, path.join('solutions', lab.id, lab.entry), { kind: 'passes' })
}

/** Right programs in other styles than the solution's: the wire is judged, and not the code. */
export function rightProgramsOf(root: string, lab: Lab): KnownProgram[] {
  return rightProgramFiles(root, lab.id).map((file) =>
    file.endsWith('.patch')
      ? patched(root, lab, readRightPatch(root, file), { kind: 'passes' })
      : program(root, lab, file, { kind: 'passes' }),
  )
}

/** The starter as it is handed out, whatever the learner has made of it. */
export function starterOf(root: string, lab: Lab): KnownProgram {
  const starter = path.join(root, 'labs', lab.id, '.starter')
  const known = program(root, lab, path.join('labs', lab.id, lab.entry), { kind: 'not-started' })
  return withText(known, readFileSync(starter, 'utf8'))
}

/**
 * The wrong programs that are wrong under this Node.
 *
 * @throws CourseError `E_COURSE_PROGRAM`, `E_COURSE_PATCH`
 */
export function wrongProgramsOf(root: string, lab: Lab): KnownProgram[] {
  const programs = wrongProgramFiles(root, lab.id).map((file) => readWrongProgram(root, file))
  return programs.filter(isWrongHere).map((wrong) => knownWrong(root, lab, wrong))
}

/**
 * A wrong program, ready to be graded.
 *
 * @throws CourseError `E_COURSE_PATCH`
 */
function knownWrong(root: string, lab: Lab, wrong: WrongProgram): KnownProgram {
  const { file, first, also, says, whole } = wrong
  const expected: Expected = { kind: 'fails', first, also, says }
  if (whole === null) return patched(root, lab, wrong, expected)
  return { ...withText(program(root, lab, file, expected), wrong.body), file }
}

// --- internal ---

/** The reference with one of its files changed. */
function patched(root: string, lab: Lab, patch: Patch, expected: Expected): KnownProgram {
  const reference = solutionOf(root, lab)
  const changed = path.join(path.dirname(reference.subject.source.file), changedFileOf(patch, lab.entry))
  const text = textOf(patch, readFileSync(changed, 'utf8'))
  return { ...withText(withChanged(reference, changed), text), file: patch.file, expected }
}

function program(root: string, lab: Lab, file: string, expected: Expected): KnownProgram {
  return { file, expected, subject: subjectOf(root, lab.id, path.join(root, file)) }
}

/** The same program as if this text stood in its file. */
function withText(known: KnownProgram, text: string): KnownProgram {
  return { ...known, subject: { ...known.subject, source: { ...known.subject.source, text } } }
}

/** The text that is to come stands in another file than the entry. */
function withChanged(known: KnownProgram, file: string): KnownProgram {
  return { ...known, subject: { ...known.subject, source: { ...known.subject.source, textOf: file } } }
}

function isWrongHere({ beforeNode }: WrongProgram): boolean {
  return beforeNode === null || Number.parseInt(process.versions.node, 10) < beforeNode
}
