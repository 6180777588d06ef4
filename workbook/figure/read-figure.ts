import { CourseError } from '../course/course-error.ts'
import type { Figure } from './figure.ts'

/** @throws CourseError `E_COURSE_FIGURE` when the text is no figure's record. */
export function readFigure(text: string, file: string): Figure {
  const broken = (line: number | null, expected: string, found: string): CourseError =>
    new CourseError('E_COURSE_FIGURE', {
      file,
      line,
      expected,
      found,
      next: 'npm run figures makes it anew.',
    })
  try {
    const figure = JSON.parse(text) as Figure
    if (figure.format !== 1) throw broken(1, '"format": 1', String(figure.format))
    if (figure.lanes.length === 0) throw broken(1, 'at least one lane', 'none')
    return figure
  } catch (error) {
    if (error instanceof CourseError) throw error
    throw broken(1, 'the record of a figure', (error as Error).message)
  }
}
