import { CourseError, type CourseErrorCode, type CourseFault } from '../course/course-error.ts'

/** Everything that is wrong with the pages, in the order of their files: nobody mends one at a time. */
export class SiteError extends Error {
  override readonly name = 'SiteError'
  readonly code = 'E_SITE'
  readonly problems: readonly CourseError[]

  constructor(problems: readonly CourseError[]) {
    super(problems.map(({ message }) => message).join('\n'))
    this.problems = problems
  }
}

/** Collects what is wrong in one page. */
export class Problems {
  readonly found: CourseError[] = []

  add(code: CourseErrorCode, fault: CourseFault): void {
    this.found.push(new CourseError(code, fault))
  }

  /** What the action gives, or null where it found a fault of the course. */
  attempt<T>(action: () => T): T | null {
    try {
      return action()
    } catch (error) {
      if (!(error instanceof CourseError)) throw error
      this.found.push(error)
      return null
    }
  }
}

/** By file, then by line; what two have found is told once. */
export function inOrder(problems: readonly CourseError[]): CourseError[] {
  const once = new Map(problems.map((problem) => [problem.message, problem]))
  return [...once.values()].sort(
    (a, b) => (a.file === b.file ? 0 : a.file < b.file ? -1 : 1) || (a.line ?? 0) - (b.line ?? 0),
  )
}
