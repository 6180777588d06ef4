import type { CourseFault } from '../course/course-error.ts'
import type { Lab } from '../course/lab.ts'

/** Something that holds in every good state of the course, and can be seen without running a program. */
export interface Invariant {
  /** What it is about, as a line of `npm run check` says it. */
  readonly name: string
  find(course: Readable): Finding[] | Promise<Finding[]>
  /** A figure worth seeing although nothing is wrong. */
  note?(course: Readable): string
}

/** A place where an invariant does not hold: what was found, what was expected, what to do. */
export type Finding = CourseFault

/** What of the course can be read; each README that cannot is a finding of its own. */
export interface Readable {
  /** Absolute path of the checkout. */
  readonly root: string
  readonly labs: readonly Lab[]
  /** Names of all folders of labs, the unreadable ones too. */
  readonly folders: readonly string[]
}
