import type { Lab } from '../course/lab.ts'
import { textField, wayFields, wrap, type View, type Way } from './layout.ts'
import type { Style } from './paint.ts'
import { pointsOf } from './points.ts'
import type { CourseResult, LabResult, RequirementResult } from './result.ts'
import { isPartial, isUntouched, labState, outcomeOf, passedOf, speakingFirst, totalOf } from './state.ts'
import { count, gradeCommand, hintCommand, readmeOf } from './words.ts'

/** The last lines of a report: the verdict, then where to go. The last of them names the next command. */

export function closeLab(result: LabResult, view: View): string[] {
  const { lab, problem } = result
  if (problem) return [...verdict(result, view), ...textField('next', problem.next, view)]
  if (labState(result) === 'passed' && !isPartial(result)) return closePassed(result, view)
  return [
    ...verdict(result, view),
    ...wayFields(isUntouched(result) ? waysIn(result, 'R1') : waysOn(result, lab), view),
  ]
}

export function closeCourse(result: CourseResult, view: View): string[] {
  if (result.labs.length === 0)
    return ['No lab was graded.', ...wayFields([{ key: 'next', go: 'npm run list' }], view)]
  const unfinished = firstUnfinished(result)
  const passed = result.labs.reduce((sum, each) => sum + passedOf(each), 0)
  const total = result.labs.reduce((sum, each) => sum + totalOf(each), 0)
  const tally = `${passed} of ${count(total, 'requirement')} passed, ${pointsText(result.labs)}.`
  if (!unfinished) return closeFinished(tally, view)
  const { number, title } = unfinished.lab
  const where = labState(unfinished) === 'not started' ? 'Where to begin' : 'Where to go on'
  return [
    tally,
    '',
    ...painted(`${where}: lab ${number}, ${title}`, 'strong', view),
    ...wayFields(waysIn(unfinished), view),
  ]
}

/** Whose handout it was, and how to draw the same inputs again. */
export function seedLine(result: CourseResult, view: View): string[] {
  const { title, course } = result
  const [only, ...others] = result.labs
  const own = only && others.length === 0 ? repeatCommand(only) : 'npm run grade --'
  const command = only?.file.startsWith('solutions/') ? `${own} --solutions` : own
  return [
    ...(title ? painted(`${title} · the socket workbook ${course}`, 'quiet', view) : []),
    ...painted(`seed ${result.seed}; ${command} --seed ${result.seed} repeats this run`, 'quiet', view),
  ]
}

/** A lab that only the workbook's own fault holds up comes last. */
function firstUnfinished(result: CourseResult): LabResult | undefined {
  const unfinished = result.labs.filter((each) => labState(each) !== 'passed')
  return unfinished.find((each) => labState(each) !== 'workbook fault') ?? unfinished[0]
}

function closePassed(result: LabResult, view: View): string[] {
  const all =
    result.requirements.length === 1 ? 'The requirement' : `All ${result.requirements.length} requirements`
  const warm = `${all} passed, ${pointsText([result])}. Well done: it keeps its promises.`
  const go = `npm run solution -- ${result.lab.number}`
  const compare: Way = { key: 'compare', go, note: 'how the reference does it' }
  const ways: Way[] = [
    ...(result.noSolution ? [] : [compare]),
    { key: 'labs', go: 'npm run list', note: 'all of them, and which comes next' },
  ]
  return [...painted(warm, 'good', view), ...wayFields(ways, view)]
}

function closeFinished(tally: string, view: View): string[] {
  const warm = 'You have built all of it, and all of it holds. Well done.'
  return [
    ...painted(`${tally} ${warm}`, 'good', view),
    ...wayFields([{ key: 'next', go: 'npm run list' }], view),
  ]
}

function verdict(result: LabResult, view: View): string[] {
  const graded = isPartial(result) ? 'graded requirement' : 'requirement'
  const tally = `${passedOf(result)} of ${count(totalOf(result), graded)} passed`
  const said = result.problem || isUntouched(result) ? labState(result) : tally
  return painted(`Lab ${result.lab.number}: ${said}, ${pointsText([result])}.`, 'strong', view)
}

/** The first failure that speaks of its own comes first; what is not written yet comes when nothing fails. */
function waysOn(result: LabResult, lab: Lab): Way[] {
  const [failed] = speakingFirst(result.requirements.filter((each) => outcomeOf(each.kind) === 'failed'))
  const open = result.requirements.find((each) => each.kind === 'not-started')
  if (failed) return [{ key: 'next', go: hintCommand(lab, failed.requirement.id) }]
  if (open) return [openWay(result, open), { key: 'next', go: hintCommand(lab, open.requirement.id) }]
  return [{ key: 'next', go: gradeCommand(lab), note: isPartial(result) ? 'the whole lab' : 'once more' }]
}

/** Into a lab that is not finished: what to read, what to open, what to run. */
function waysIn(result: LabResult, requirement?: string): Way[] {
  const { lab } = result
  const unpredicted = lab.predictions.some((each) => !each.choices.some((choice) => choice.ticked))
  const predict: Way = { key: 'predict', go: `labs/${lab.id}/predictions.md`, note: 'before you write' }
  return [
    { key: 'read', go: readmeOf(lab) },
    ...(lab.read === null ? [] : [{ key: 'behind it', go: lab.read }]),
    ...(unpredicted ? [predict] : []),
    openWay(
      result,
      result.requirements.find((each) => each.kind !== 'passed'),
    ),
    { key: 'next', go: gradeCommand(lab, requirement) },
  ]
}

function openWay(result: LabResult, open: RequirementResult | undefined): Way {
  const way = { key: 'open', go: result.file }
  return open?.kind === 'not-started' ? { ...way, note: `look for TODO(${open.requirement.id})` } : way
}

function repeatCommand(result: LabResult): string {
  const ids = isPartial(result) ? result.requirements.map((each) => each.requirement.id).join(' ') : undefined
  return gradeCommand(result.lab, ids)
}

function pointsText(results: readonly LabResult[]): string {
  const { earned, possible } = pointsOf(results)
  return `${earned} of ${count(possible, 'point')}`
}

function painted(text: string, style: Style, view: View): string[] {
  return wrap(text, view.width).map((line) => view.paint(style, line))
}
