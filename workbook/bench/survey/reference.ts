import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from '../../course/lab.ts'
import { solutionOf } from '../../grading/programs.ts'
import type { Subject } from '../../grading/subject.ts'
import { mutantsOf, textWith, type Mutant } from './mutants.ts'

/** A file of a lab's reference, whose small changes are graded. */
export interface Reference {
  readonly lab: Lab
  /** Relative to the root. */
  readonly file: string
  readonly text: string
  readonly subject: Subject
  /** In the order of their places. */
  readonly mutants: readonly Mutant[]
}

/** One for each file of it; first its entry. */
export async function readReferences(root: string, lab: Lab): Promise<Reference[]> {
  const { file: entry, subject } = solutionOf(root, lab)
  const folder = path.dirname(entry)
  const others = readdirSync(path.join(root, folder)).filter(
    (name) => name !== lab.entry && name.endsWith('.ts'),
  )
  const read = async (file: string): Promise<Reference> => {
    const textOf = path.join(root, file)
    const text = readFileSync(textOf, 'utf8')
    const source = { ...subject.source, textOf }
    return { lab, file, text, subject: { ...subject, source }, mutants: await mutantsOf(file, text) }
  }
  return await Promise.all([entry, ...others.sort().map((name) => path.join(folder, name))].map(read))
}

/** The reference with one change: made when its turn comes, so that a survey of any length holds few texts. */
export function subjectWith({ text, subject }: Reference, mutant: Mutant): Subject {
  return { ...subject, source: { ...subject.source, text: textWith(text, mutant) } }
}
