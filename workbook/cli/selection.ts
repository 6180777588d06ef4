import { findLab, readCourse } from '../course/course.ts'
import type { Course, Lab } from '../course/lab.ts'
import { root } from '../bundle/root.ts'
import { UsageError } from './usage-error.ts'

/** Labs, and of each the requirements that were asked for; none means all. */
export interface Selection {
  readonly course: Course
  readonly labs: readonly Selected[]
}

export interface Selected {
  readonly lab: Lab
  readonly requirements: readonly string[]
}

/**
 * Reads `12 R3 R4 15` as lab 12 with two requirements, and lab 15 whole. No word means all labs.
 *
 * @param command - Its name, for the errors.
 * @throws UnknownLabError, UsageError
 */
export function select(words: readonly string[], command: string): Selection {
  const course = readCourse(root)
  if (words.length === 0) return { course, labs: course.labs.map((lab) => ({ lab, requirements: [] })) }
  const labs: Array<{ lab: Lab; requirements: string[] }> = []
  for (const word of words) {
    const last = labs.at(-1)
    if (!/^r\d+$/i.test(word)) labs.push({ lab: findLab(course, word), requirements: [] })
    else if (last) last.requirements.push(requirementOf(last.lab, word, command))
    else
      throw new UsageError(
        'E_NO_LAB',
        `${word} of which lab?`,
        `npm run ${command} -- LAB ${word.toUpperCase()}`,
      )
  }
  return { course, labs }
}

/**
 * The one lab that a command is about, and at most so many of its requirements.
 *
 * @throws UnknownLabError, UsageError
 */
export function selectOne(
  words: readonly string[],
  command: string,
  atMost: 0 | 1,
): Selected & { readonly course: Course } {
  if (words.length === 0)
    throw new UsageError('E_NO_LAB', 'Which lab?', `npm run ${command} -- LAB; npm run list shows them`)
  const { course, labs } = select(words, command)
  const [{ lab, requirements }] = labs as [Selected]
  const again = `npm run ${command} -- ${lab.number}`
  if (labs.length > 1) throw new UsageError('E_ONE_LAB', 'One lab at a time.', again)
  if (requirements.length <= atMost) return { course, lab, requirements }
  if (atMost === 0)
    throw new UsageError(
      'E_WHOLE_LAB',
      `This goes for a whole lab, not for ${requirements.join(' ')}.`,
      again,
    )
  throw new UsageError('E_ONE_REQUIREMENT', 'One requirement at a time.', `${again} ${requirements[0]}`)
}

// --- internal ---

function requirementOf(lab: Lab, word: string, command: string): string {
  const id = word.toUpperCase()
  if (lab.requirements.some((requirement) => requirement.id === id)) return id
  const known = `R1 to R${lab.requirements.length}`
  const again = `npm run ${command} -- ${lab.number} R1`
  throw new UsageError('E_UNKNOWN_REQUIREMENT', `Lab ${lab.number} has ${known}, and no ${id}.`, again)
}
