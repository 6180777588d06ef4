import type { Lab } from '../course/lab.ts'
import type { Frame, Problem } from '../grading/verdict.ts'
import { columnsOf, printable } from '../wire/columns.ts'
import { drawLadder, shownWhole, type LadderOptions } from '../wire/ladder.ts'
import { besideLines } from './beside.ts'
import { decidingBytes } from './bytes-whole.ts'
import {
  field,
  indent,
  INDENT,
  KEY,
  narrower,
  padColumns,
  textField,
  wayFields,
  wrap,
  type View,
  type Way,
} from './layout.ts'
import type { RequirementResult } from './result.ts'
import { shown } from './shown.ts'
import { failedChecks, outcomeOf, stoppedAt, type FailedCheck } from './state.ts'
import {
  CAUSES,
  count,
  firstSentence,
  gradeCommand,
  hintCommand,
  markOf,
  readingFor,
  RULES,
} from './words.ts'

/** How much of a failure finds room. */
export interface FailureSize {
  /** Steps before the failure that are shown; of more, the last ones. */
  readonly steps: number
  /** Rows of the ladder beside printed lines; 0 leaves the ladder out. */
  readonly rows: number
  /** Printed lines in the ladder. */
  readonly printed: number
  /** Lines of the bytes behind the arrows nearest to the failure. */
  readonly bytes: number
  /** The wire, what was expected and seen, and where to go: for a screen that has no room for words about it. */
  readonly wireAlone?: true
}

const IN_FULL: FailureSize = { steps: 8, rows: 24, printed: 40, bytes: 40 }
const MAX_FRAMES = 5
/** Lines of detail up to this width keep their columns even where the terminal is narrower: carets. */
const LAID_OUT = 74

/** A requirement that did not pass, in full: what worked, the wire, what was expected, where to go. */
export function renderFailure(
  lab: Lab,
  result: RequirementResult,
  view: View,
  size: FailureSize = IN_FULL,
): string[] {
  const inner = narrower(view, INDENT)
  const before = stoppedAt(result)
  if (before !== null) return [...headline(result, view), ...indent(notReached(lab, before, inner), INDENT)]
  const [check, ...others] = failedChecks(result)
  const around = (lines: string[]): string[] => (size.wireAlone ? [] : lines)
  const sections = [
    around(causeLines(result.kind, inner)),
    ...(check ? checkSections(check, inner, size) : []),
    around(othersLines(result, others.length, inner)),
    nextLines(lab, result, inner),
  ]
  const body = sections.filter((section) => section.length > 0).flatMap((section) => ['', ...section])
  return [...headline(result, view), ...indent(body, INDENT)]
}

/** What a check showed, without the requirement's sentence and without a way on. */
export function checkSections(
  { title, verdict }: FailedCheck,
  view: View,
  size: FailureSize = IN_FULL,
): string[][] {
  const problem = shown(verdict)
  if (outcomeOf(problem.kind) === 'fault') return [faultLines(title, problem, view)]
  return [
    size.wireAlone ? [] : contextLines(title, problem, size.steps, view),
    ladderLines(problem, size, view),
    bytesLines(problem, size, view),
    findingLines(problem, view),
    ...(size.wireAlone
      ? []
      : [
          problem.detail.flatMap((line) => wrap(line, Math.max(view.width, LAID_OUT))),
          frameLines(problem.frames, view),
        ]),
  ]
}

/** A wire on which nothing has happened shows nothing. */
function ladderLines({ wire, ...problem }: Problem, size: FailureSize, view: View): string[] {
  return size.rows === 0 ? [] : drawLadder(wire, { ...ladderOf(problem, size, view), paint: view.paint })
}

/** What the arrows have no room for. */
function bytesLines({ wire, ...problem }: Problem, size: FailureSize, view: View): string[] {
  if (size.bytes === 0) return []
  const whole = shownWhole(wire, ladderOf(problem, size, view))
  const width = view.width - KEY
  return field(
    'bytes',
    decidingBytes(wire, { at: problem.wrongAt, width, shown: whole, most: size.bytes }),
    view,
  )
}

function ladderOf(
  { wrongAt, expected, saw }: Pick<Problem, 'wrongAt' | 'expected' | 'saw'>,
  { rows, printed }: FailureSize,
  { wide }: View,
): LadderOptions {
  return { width: wide, wrong: { at: wrongAt, expected, saw }, maxRows: rows, maxPrinted: printed }
}

function headline(result: RequirementResult, view: View): string[] {
  const { mark, style } = markOf(result)
  const lines = wrap(firstSentence(result.requirement.text), view.width - INDENT)
  const lead = `${mark} ${result.requirement.id}`.padEnd(INDENT)
  return lines.map((line, index) => {
    const text = view.paint('strong', line)
    return index === 0 ? view.paint(style, lead) + text : `${' '.repeat(INDENT)}${text}`
  })
}

function causeLines(kind: RequirementResult['kind'], view: View): string[] {
  const cause = kind === 'passed' ? undefined : CAUSES[kind]
  if (cause === undefined) return []
  const style = outcomeOf(kind) === 'fault' ? 'warn' : 'bad'
  return wrap(cause, view.width).map((line) => view.paint(style, line))
}

function contextLines(title: string, problem: Problem, most: number, view: View): string[] {
  if (most === 0) return textField('check', title, view)
  const { steps } = problem
  const hidden = steps.length - most
  const before = hidden > 0 ? [`… ${count(hidden, 'earlier step')}`] : []
  const worked = [...before, ...steps.slice(-most)].join('\n')
  return [
    ...textField('check', title, view),
    ...besideLines(problem, view),
    ...(steps.length > 0 ? textField('worked', worked, view, 'good') : []),
  ]
}

function findingLines({ expected, saw }: Problem, view: View): string[] {
  return [
    ...(expected === '' ? [] : textField('expected', expected, view, 'good')),
    ...(saw === '' ? [] : textField('saw', saw, view, 'bad')),
  ]
}

function frameLines(frames: readonly Frame[], view: View): string[] {
  const nearest = frames.slice(0, MAX_FRAMES)
  const names = nearest.map((frame) => printable(frame.function || '(anonymous)'))
  const widest = Math.max(0, ...names.map(columnsOf))
  const lines = nearest.map(({ file, line, column }, index) => {
    return `${padColumns(names[index] ?? '', widest)}  ${view.paint('command', `${printable(file)}:${line}:${column}`)}`
  })
  return field('at', lines, view)
}

/** Its checks say nothing of it yet. */
function notReached(lab: Lab, before: string, view: View): string[] {
  const text = `NOT REACHED: each check of it stopped where ${before} broke. Mend ${before} first.`
  return [
    '',
    ...wrap(text, view.width).map((line) => view.paint('bad', line)),
    '',
    ...wayFields([{ key: 'next', go: hintCommand(lab, before) }], view),
  ]
}

function othersLines(result: RequirementResult, others: number, view: View): string[] {
  if (others === 0) return []
  const text = `${count(others, 'other check')} of ${result.requirement.id} did not pass either.`
  return [view.paint('quiet', text)]
}

function faultLines(title: string, { saw }: Problem, view: View): string[] {
  return [...textField('check', title, view), ...(saw === '' ? [] : textField('reason', saw, view))]
}

function nextLines(lab: Lab, result: RequirementResult, view: View): string[] {
  const { id } = result.requirement
  if (result.kind === 'no-checks') return textField('next', 'Tell whoever gave you the workbook.', view)
  if (result.kind === 'grader-error') return graderErrorLines(gradeCommand(lab, id), view)
  const read = result.kind === 'forbidden' ? RULES : readingFor(lab, result.requirement)
  return nextAndRead(hintCommand(lab, id), read, view)
}

function graderErrorLines(command: string, view: View): string[] {
  const advice = 'If it breaks again, send this report, with its seed, to whoever gave you the workbook.'
  return [
    ...wayFields([{ key: 'next', go: command, note: 'once more' }], view),
    ...textField('', advice, view),
  ]
}

/** Both on one line where they fit. */
function nextAndRead(command: string, read: string, view: View): string[] {
  const ways: Way[] = [
    { key: 'next', go: command },
    { key: 'read', go: read },
  ]
  if (`next      ${command}      read ${read}`.length > view.width) return wayFields(ways, view)
  const { paint } = view
  const both = [paint('command', command), '      ', paint('quiet', 'read'), ' ', paint('command', read)]
  return field('next', [both.join('')], view)
}
