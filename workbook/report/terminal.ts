import { columnsOf, cut } from '../wire/columns.ts'
import { closeCourse, closeLab, seedLine } from './closing.ts'
import { renderFailure } from './failure.ts'
import { indent, INDENT, oneLine, padColumns, page, viewOf, wrap, type View } from './layout.ts'
import type { ReportOptions } from './options.ts'
import type { Style } from './paint.ts'
import { renderPredictions } from './predictions.ts'
import type { CourseResult, LabResult, RequirementResult } from './result.ts'
import { isUntouched, labState, outcomeOf, passedOf, stoppedAt, totalOf, type LabState } from './state.ts'
import { count, firstSentence, gradeCommand, markOf } from './words.ts'

/** Failures shown in full; each further one gets a line. */
const MAX_IN_FULL = 3

const STATE_MARKS: Readonly<Record<LabState, readonly [mark: string, style: Style]>> = {
  passed: ['✓', 'good'],
  'in progress': ['◐', 'warn'],
  'not started': ['○', 'quiet'],
  'does not compile': ['✗', 'bad'],
  'cannot be graded': ['✗', 'bad'],
  'workbook fault': ['!', 'warn'],
}

/** The report for a terminal: one lab in full, or the course as a table. Ends with a newline. */
export function renderResult(result: CourseResult, options: ReportOptions): string {
  const [only, ...others] = result.labs
  if (!only || others.length > 0) return renderCourse(result, options)
  const view = viewOf(options)
  return page([...labSections(only, view), [...seedLine(result, view), ...closeLab(only, view)]])
}

/** One lab: a line a requirement, the failures in full, the verdict and the next command. */
export function renderLab(result: LabResult, options: ReportOptions): string {
  const view = viewOf(options)
  return page([...labSections(result, view), closeLab(result, view)])
}

/** All labs as a table, where to begin, the points, and how to repeat the run. */
export function renderCourse(result: CourseResult, options: ReportOptions): string {
  const view = viewOf(options)
  const name = view.paint('strong', `The socket workbook ${result.course}`)
  const title = `${name} ${view.paint('quiet', `on Node ${result.node}`)}`
  const broken = result.labs.flatMap((each) => brokenLab(each, view)).slice(0, MAX_IN_FULL)
  return page([
    [title],
    courseTable(result, view),
    ...broken,
    [...seedLine(result, view), ...closeCourse(result, view)],
  ])
}

function labSections(result: LabResult, view: View): string[][] {
  if (result.problem) return [labTitle(result, view), problemLines(result.problem.message, view)]
  if (isUntouched(result)) return [labTitle(result, view), untouchedLines(result, view)]
  const failures = result.requirements.filter((each) => ['failed', 'fault'].includes(outcomeOf(each.kind)))
  const speaking = failures.filter((each) => stoppedAt(each) === null)
  const inFull = (speaking.length > 0 ? speaking : failures).slice(0, MAX_IN_FULL)
  const others = failures.filter((each) => !inFull.includes(each))
  return [
    labTitle(result, view),
    // A single requirement that failed says it all in full below.
    failures.length === 1 && result.requirements.length === 1 ? [] : requirementList(result, view),
    measuredLines(result, view),
    ...inFull.map((each) => renderFailure(result.lab, each, view)),
    others.map((each) => briefFailure(result, each, view)),
    renderPredictions(result, view),
  ]
}

function labTitle(result: LabResult, view: View): string[] {
  const title = wrap(`Lab ${result.lab.number}  ${result.lab.title}`, view.width)
  return [
    ...title.map((line) => view.paint('strong', line)),
    view.paint('quiet', cut(result.file, view.width)),
  ]
}

function untouchedLines(result: LabResult, view: View): string[] {
  const { minutes, requirements } = result.lab
  const size = `${count(requirements.length, 'requirement')}, about ${count(minutes, 'minute')}`
  return wrap(`Nothing is written yet: ${size}, all in front of you.`, view.width)
}

function problemLines(message: string, view: View): string[] {
  const [first = '', ...rest] = wrap(message, view.width - 2)
  return [`${view.paint('bad', '✗')} ${first}`, ...indent(rest, 2)]
}

function requirementList(result: LabResult, view: View): string[] {
  return result.requirements.map((each) => {
    const { mark, style } = markOf(each)
    const sentence = oneLine(firstSentence(each.requirement.text), view.width - INDENT)
    const text = style === 'quiet' ? view.paint('quiet', sentence) : sentence
    return view.paint(style, `${mark} ${each.requirement.id}`.padEnd(INDENT)) + text
  })
}

/** The figures of the learner's own run, where all that was measured is as it should be. */
function measuredLines(result: LabResult, view: View): string[] {
  const passed = result.requirements.filter(({ kind }) => kind === 'passed')
  const lines = passed.flatMap(({ requirement, checks }) => {
    const figures = checks.flatMap(({ verdict }) => verdict.measured ?? [])
    const [first, ...rest] = figures.flatMap((figure) => wrap(figure, view.width - INDENT))
    if (first === undefined) return []
    return [view.paint('quiet', `  ${requirement.id}`.padEnd(INDENT)) + first, ...indent(rest, INDENT)]
  })
  return lines.length === 0 ? [] : [view.paint('strong', 'Measured on your own wire'), ...lines]
}

function briefFailure(result: LabResult, failure: RequirementResult, view: View): string {
  const { mark, style } = markOf(failure)
  const before = stoppedAt(failure)
  const command = before === null ? gradeCommand(result.lab, failure.requirement.id) : ''
  const tail = before === null ? ' shows it' : `not reached: mend ${before} first`
  const room = view.width - INDENT - command.length - tail.length - 2
  const sentence = padColumns(oneLine(firstSentence(failure.requirement.text), room), room)
  const lead = view.paint(style, `${mark} ${failure.requirement.id}`.padEnd(INDENT))
  return `${lead}${sentence}  ${view.paint('command', command)}${tail}`
}

/** What keeps a lab from being graded, behind its number. */
function brokenLab({ lab, problem }: LabResult, view: View): string[][] {
  if (problem === null) return []
  const [first = '', ...rest] = wrap(problem.message, view.width - INDENT)
  const lead = view.paint('bad', `✗ ${lab.number}`.padEnd(INDENT))
  return [[`${lead}${first}`, ...indent(rest, INDENT)]]
}

function courseTable(result: CourseResult, view: View): string[] {
  const longestState = Math.max(...Object.keys(STATE_MARKS).map((state) => state.length))
  // Number, tally and state, with two columns between and two for the mark.
  const room = view.width - 4 - 2 - 8 - 2 - 2 - longestState
  const titles = result.labs.map((each) => oneLine(each.lab.title, room))
  const widest = Math.max(0, ...titles.map(columnsOf))
  return result.labs.map((each, index) => {
    const state = labState(each)
    const [mark, style] = STATE_MARKS[state]
    const tally = `${passedOf(each)} of ${totalOf(each)}`.padStart(8)
    const title = padColumns(titles[index] ?? '', widest)
    return [each.lab.number, title, tally, view.paint(style, `${mark} ${state}`)].join('  ')
  })
}
