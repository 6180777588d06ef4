import { CourseError } from '../course/course-error.ts'
import type { Page } from './page.ts'

/** Links to an anchor that the page does not have. That the page is there was seen when it was read. */
export function fragmentProblems(pages: ReadonlyMap<string, Page>): CourseError[] {
  return [...pages.values()].flatMap(({ source: { file }, links }) =>
    links.flatMap(({ target, fragment, written, line }) => {
      const page = pages.get(target)
      if (fragment === null || !page || page.isBroken || page.anchors.has(fragment)) return []
      const expected = `a heading of ${target} behind #`
      return [
        new CourseError('E_COURSE_LINK', { file, line, expected, found: written, next: 'Correct the link.' }),
      ]
    }),
  )
}
