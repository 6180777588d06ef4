import type { CourseFault } from '../course/course-error.ts'
import { field, indent, textField, type View } from '../report/layout.ts'

/** A fault of the course, for the terminal: the place on a line of its own, so that an editor can open it. */
export function renderFinding({ file, line, expected, found, next }: CourseFault, view: View): string[] {
  return [
    view.paint('command', line === null ? file : `${file}:${line}`),
    ...indent([...textField('expected', expected, view), ...textField('found', found, view)], 2),
    // Not wrapped: it may hold a command to copy.
    ...indent(field('next', next.split('\n'), view), 2),
  ]
}
