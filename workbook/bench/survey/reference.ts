import { readFileSync } from 'node:fs'
import type { Lab } from '../../course/lab.ts'
import { solutionOf } from '../../grading/programs.ts'
import type { Subject } from '../../grading/subject.ts'
import { mutantsOf, textWith, type Mutant } from './mutants.ts'

/** The program of a lab whose small changes are graded. */
export interface Reference {
  readonly lab: Lab
  /** Relative to the root. */
  readonly file: string
  readonly text: string
  readonly subject: Subject
  /** In the order of their places. */
  readonly mutants: readonly Mutant[]
}

export async function readReference(root: string, lab: Lab): Promise<Reference> {
  const { file, subject } = solutionOf(root, lab)
  const text = readFileSync(subject.source.file, 'utf8')
  return { lab, file, text, subject, mutants: await mutantsOf(file, text) }
}

/** The reference with one change: made when its turn comes, so that a survey of any length holds few texts. */
export function subjectWith({ text, subject }: Reference, mutant: Mutant): Subject {
  return { ...subject, source: { ...subject.source, text: textWith(text, mutant) } }
}
