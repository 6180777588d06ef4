/** Stable codes: what kind of file or part of it is malformed. */
export type CourseErrorCode =
  | 'E_COURSE_FILE'
  | 'E_COURSE_FOLDER'
  | 'E_COURSE_VERSION'
  | 'E_COURSE_FRONT_MATTER'
  | 'E_COURSE_RFC'
  | 'E_COURSE_NEEDS'
  | 'E_COURSE_TITLE'
  | 'E_COURSE_SECTION'
  | 'E_COURSE_REQUIREMENT'
  | 'E_COURSE_HINT'
  | 'E_COURSE_WEIGHT'
  | 'E_COURSE_READ'
  | 'E_COURSE_PREDICTION'
  | 'E_COURSE_PROGRAM'
  | 'E_COURSE_PATCH'
  | 'E_COURSE_SURVIVORS'
  | 'E_COURSE_FIGURE'
  | 'E_COURSE_MARKER'
  | 'E_COURSE_PAGE'
  | 'E_COURSE_BOX'
  | 'E_COURSE_ANCHOR'
  | 'E_COURSE_LINK'
  | 'E_COURSE_CODE'
  | 'E_COURSE_THEN_AND_NOW'

export interface CourseFault {
  /** Relative to the root, with `/`. */
  readonly file: string
  /** Counted from 1; null where no line is at fault, as in a missing file. */
  readonly line: number | null
  readonly expected: string
  readonly found: string
  /** What to do about it: one sentence. */
  readonly next: string
}

/** A file of the course is not as its format demands. */
export class CourseError extends Error {
  override readonly name = 'CourseError'
  readonly code: CourseErrorCode
  readonly file: string
  readonly line: number | null
  readonly expected: string
  readonly found: string
  readonly next: string

  constructor(code: CourseErrorCode, fault: CourseFault, options?: ErrorOptions) {
    const place = fault.line === null ? fault.file : `${fault.file}:${fault.line}`
    super(`${place}: expected ${fault.expected}, found ${fault.found}. ${fault.next}`, options)
    this.code = code
    this.file = fault.file
    this.line = fault.line
    this.expected = fault.expected
    this.found = fault.found
    this.next = fault.next
  }
}

/** A piece of a file as an error shows it: in quotes, on one line, cut at 60 characters. */
export function quote(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return `"${line.length > 60 ? `${line.slice(0, 59)}…` : line}"`
}
