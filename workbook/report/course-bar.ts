import type { Lab } from '../course/lab.ts'
import { wayFields, type View, type Way } from './layout.ts'
import { count } from './words.ts'

/** How many requirements of a lab have passed. */
export interface LabProgress {
  readonly lab: Lab
  readonly passed: number
}

const WIDTH = 24

/** The way through the course so far, and the lab that comes next. */
export function renderCourseBar(labs: readonly LabProgress[], view: View): string[] {
  const done = labs.filter(isDone).length
  const [passed, all] = [sum(labs.map((each) => each.passed)), sum(labs.map(requirementsOf))]
  const next = nextLab(labs)
  const ways: Way[] = next
    ? [{ key: 'next', go: `npm start -- ${next.number}`, note: `${next.title}, about ${next.minutes} min` }]
    : [{ key: 'next', go: 'npm run grade', note: 'all of it green once more' }]
  return [
    `${view.paint('quiet', 'course')}    ${bar(passed, all, view)}  ${done} of ${count(labs.length, 'lab')}, ${passed} of ${count(all, 'requirement')}`,
    ...wayFields(ways, view),
  ]
}

/** The first lab that is not finished, behind the given one if there is any, else from the start. */
export function nextLab(labs: readonly LabProgress[], after?: Lab): Lab | null {
  const open = labs.filter((each) => !isDone(each) && each.lab.id !== after?.id)
  const behind = open.find(({ lab }) => after !== undefined && Number(lab.number) > Number(after.number))
  return (behind ?? open[0])?.lab ?? null
}

/** Full only when all is done, and empty only when nothing is. */
function bar(passed: number, all: number, view: View): string {
  const share = all === 0 ? 0 : passed / all
  const cells = share === 1 ? WIDTH : Math.min(WIDTH - 1, Math.ceil(share * WIDTH))
  return view.paint('good', '█'.repeat(cells)) + view.paint('quiet', '░'.repeat(WIDTH - cells))
}

function isDone(each: LabProgress): boolean {
  return each.passed >= requirementsOf(each)
}

function requirementsOf({ lab }: LabProgress): number {
  return lab.requirements.length
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0)
}
