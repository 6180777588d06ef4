import type { Course, Lab } from './lab.ts'
import { nearest } from './nearest.ts'

/** What was typed names no lab. */
export class UnknownLabError extends Error {
  override readonly name = 'UnknownLabError'
  readonly code = 'E_UNKNOWN_LAB'
  /** Folder names of the labs that come nearest, best first. */
  readonly nearest: readonly string[]

  constructor(words: string, near: readonly string[]) {
    const hint = near.length === 0 ? '' : ` The nearest: ${near.join(', ')}.`
    super(`No lab is called "${words}".${hint} To see all labs: npm run list`)
    this.nearest = near
  }
}

/**
 * Finds a lab by what a learner types: its number with or without the zero, its folder's name, the name
 * without the number, or a path to or into its folder.
 *
 * @throws UnknownLabError `E_UNKNOWN_LAB`
 */
export function findLab(course: Course, words: string): Lab {
  const typed = words.trim().toLowerCase()
  const segments = typed.split(/[/\\]/).filter((segment) => segment !== '' && segment !== '.')
  const lab =
    segments.length > 1
      ? course.labs.findLast(({ id }) => segments.includes(id))
      : course.labs.find((each) => namesOf(each).includes(segments[0] ?? ''))
  if (lab) return lab
  throw new UnknownLabError(words, nearestLabs(course, segments.at(-1) ?? ''))
}

function namesOf(lab: Lab): string[] {
  return [lab.id, lab.number, String(Number(lab.number)), nameOf(lab)]
}

/** The folder's name without the number. */
function nameOf(lab: Lab): string {
  return lab.id.slice(lab.number.length + 1)
}

function nearestLabs({ labs }: Course, typed: string): string[] {
  if (/^\d+$/.test(typed)) return neighbours(labs, Number(typed))
  const name = typed.replace(/^\d+-?/, '')
  const near = nearest(name, labs.map(nameOf), 2)
  return near.flatMap((each) => labs.filter((lab) => nameOf(lab) === each).map(({ id }) => id))
}

/** The labs before and after a number that no lab has. */
function neighbours(labs: readonly Lab[], number: number): string[] {
  const before = labs.findLast((lab) => Number(lab.number) < number)
  const after = labs.find((lab) => Number(lab.number) > number)
  return [before, after].flatMap((lab) => (lab ? [lab.id] : []))
}
