import { findLab, readCourse } from '../course/course.ts'
import type { Course, Lab } from '../course/lab.ts'
import { root } from '../bundle/root.ts'
import { UsageError } from './usage-error.ts'

/** Labs, and of each the requirements that were asked for; none means all. */
export interface Selection {
  readonly course: Course
  readonly labs: ReadonlyArray<{ readonly lab: Lab; readonly requirements: readonly string[] }>
}

/**
 * Reads `12 R3 R4 15` as lab 12 with two requirements, and lab 15 whole. No word means all labs.
 *
 * @throws UnknownLabError, UsageError
 */
export function select(words: readonly string[]): Selection {
  const course = readCourse(root)
  if (words.length === 0) return { course, labs: course.labs.map((lab) => ({ lab, requirements: [] })) }
  const labs: Array<{ lab: Lab; requirements: string[] }> = []
  for (const word of words) {
    const last = labs.at(-1)
    if (!/^r\d+$/i.test(word)) labs.push({ lab: findLab(course, word), requirements: [] })
    else if (last) last.requirements.push(requirementOf(last.lab, word))
    else throw new UsageError('E_NO_LAB', `${word} of which lab?`, `npm run grade -- LAB ${word}`)
  }
  return { course, labs }
}

/** The one lab that a command is about. @throws UsageError without one. */
export function selectOne(words: readonly string[], usage: string): { lab: Lab; requirements: readonly string[] } {
  if (words.length === 0) throw new UsageError('E_NO_LAB', 'Which lab?', usage)
  const [first] = select(words).labs
  if (!first) throw new UsageError('E_NO_LAB', 'Which lab?', usage)
  return first
}

function requirementOf(lab: Lab, word: string): string {
  const id = word.toUpperCase()
  if (lab.requirements.some((requirement) => requirement.id === id)) return id
  const known = `R1 to R${lab.requirements.length}`
  throw new UsageError('E_UNKNOWN_REQUIREMENT', `Lab ${lab.number} has ${known}, and no ${id}.`, `npm run grade -- ${lab.number}`)
}
