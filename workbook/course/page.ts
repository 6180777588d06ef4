import { CourseError } from './course-error.ts'
import type { FrontMatter } from './front-matter.ts'
import type { Section } from './markdown.ts'

/** The README of one lab while it is read. */
export interface Page {
  readonly file: string
  readonly number: string
  readonly facts: FrontMatter
  readonly sections: readonly Section[]
  /** Where an error about something missing points to. */
  readonly lastLine: number
}

/** @throws CourseError `E_COURSE_SECTION` unless the page has exactly one such h2. */
export function sectionOf({ file, sections, lastLine }: Page, title: string): Section {
  const [section, second] = sections.filter((each) => each.level === 2 && each.title === title)
  if (section && !second) return section
  throw new CourseError('E_COURSE_SECTION', {
    file,
    line: second?.line ?? lastLine,
    expected: `one heading "## ${title}"`,
    found: second ? 'a second one' : 'none in the page',
    next: second ? 'Join the two sections.' : 'Add the section.',
  })
}
