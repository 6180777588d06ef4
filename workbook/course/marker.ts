import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { CourseError } from './course-error.ts'

/** The file that tells a handout from any other folder, and from the full checkout. */
export const MARKER_FILE = 'handout.json'

/** What a handout says of itself. `npm run update` tells by it what is the learner's and what is not. */
export interface Marker {
  readonly format: 1
  /** The course's name, from package.json. */
  readonly course: string
  /** The course's version, from package.json. */
  readonly version: string
  /** What the teacher calls the class, for example `Networks I, autumn 2026`. */
  readonly title: string | null
  /** Ids of the labs that it holds. */
  readonly labs: readonly string[]
  /** Files that the learner works in → SHA-256 of each as it was handed out. */
  readonly learner: Readonly<Record<string, string>>
  /** All other files → SHA-256. */
  readonly files: Readonly<Record<string, string>>
}

/**
 * @returns Null in a folder that is no handout.
 * @throws CourseError `E_COURSE_MARKER` where the file is damaged.
 */
export function readMarker(folder: string): Marker | null {
  const file = path.join(folder, MARKER_FILE)
  if (!existsSync(file)) return null
  const marker = parse(readFileSync(file, 'utf8'))
  if (isMarker(marker)) return marker
  throw new CourseError('E_COURSE_MARKER', {
    file: MARKER_FILE,
    line: null,
    expected: 'the description of a handout that npm run handout wrote',
    found: 'something else, or a newer format',
    next: 'Restore the file from the handout that you were given.',
  })
}

// --- internal ---

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isMarker(read: unknown): read is Marker {
  if (!isRecord(read) || read['format'] !== 1) return false
  const { course, version, title, labs, learner, files } = read
  return (
    typeof course === 'string' &&
    typeof version === 'string' &&
    (title === null || typeof title === 'string') &&
    Array.isArray(labs) &&
    labs.every((lab) => typeof lab === 'string') &&
    [learner, files].every((each) => isRecord(each) && Object.entries(each).every(isSafeEntry))
  )
}

/** A path that leaves the folder would let a forged marker name files of the learner's home. */
function isSafeEntry([file, hash]: [string, unknown]): boolean {
  return typeof hash === 'string' && !path.isAbsolute(file) && !file.split(/[/\\]/).includes('..')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
