import { CourseError } from '../course/course-error.ts'
import { readCourse } from '../course/course.ts'
import type { Live } from '../report/live.ts'
import { courseProgress } from './progress.ts'

/** How far each lab is, for a page. */
export interface PageProgress {
  readonly lab: string
  readonly passed: number
  readonly all: number
}

/** @param live - A run whose verdicts may not have been remembered yet. */
export function progressOf(root: string, live: Live | null): PageProgress[] {
  try {
    return courseProgress(readCourse(root)).map(({ lab, passed }) => ({
      lab: lab.id,
      passed: live?.lab === lab.id ? passedIn(live, passed) : passed,
      all: lab.requirements.length,
    }))
  } catch (error) {
    // The page of what stops the build tells.
    if (error instanceof CourseError) return []
    throw error
  }
}

// --- internal ---

/** A run of some requirements says nothing about the others. */
function passedIn({ requirements }: Live, before: number): number {
  if (requirements.some(({ kind }) => kind === 'waiting')) return before
  return requirements.filter(({ kind }) => kind === 'passed').length
}
