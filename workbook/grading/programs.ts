import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from '../course/lab.ts'
import { subjectOf, type Subject } from './subject.ts'
import { programFiles, readWrongProgram, wrongProgramFiles, type WrongProgram } from './wrong-program.ts'

/** The programs of a lab whose verdicts are known before: they grade the suite. */
export interface KnownProgram {
  /** Relative to the root, for example `test/mutants/NN-name/no-host.ts`. */
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
export function alternativesOf(root: string, lab: Lab): KnownProgram[] {
  const files = programFiles(root, `test/alternatives/${lab.id}`)
  return files.map((file) => program(root, lab, file, { kind: 'passes' }))
}

/** The starter as it is handed out, whatever the learner has made of it. */
export function starterOf(root: string, lab: Lab): KnownProgram {
  const starter = path.join(root, 'labs', lab.id, '.starter')
  const known = program(root, lab, path.join('labs', lab.id, lab.entry), { kind: 'not-started' })
  const source = { ...known.subject.source, text: readFileSync(starter, 'utf8') }
  return { ...known, subject: { ...known.subject, source } }
}

/**
 * The wrong programs that are wrong under this Node.
 *
 * @throws CourseError `E_COURSE_PROGRAM`
 */
export function wrongProgramsOf(root: string, lab: Lab): KnownProgram[] {
  const programs = wrongProgramFiles(root, lab.id).map((file) => readWrongProgram(root, file))
  return programs.filter(isWrongHere).map(({ file, first, also, says }) => {
    return program(root, lab, file, { kind: 'fails', first, also, says })
  })
}

// --- internal ---

function program(root: string, lab: Lab, file: string, expected: Expected): KnownProgram {
  return { file, expected, subject: subjectOf(root, lab.id, path.join(root, file)) }
}

function isWrongHere({ beforeNode }: WrongProgram): boolean {
  return beforeNode === null || Number.parseInt(process.versions.node, 10) < beforeNode
}
