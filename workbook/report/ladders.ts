import type { Lab, Requirement } from '../course/lab.ts'
import { allBytes } from './bytes-whole.ts'
import { drawLadder } from '../wire/ladder.ts'
import type { Wrong } from '../wire/ladder-rows.ts'
import { indent, INDENT, narrower, page, textField, wayFields, wrap, type View } from './layout.ts'
import type { RequirementRecord } from './record.ts'
import type { CheckResult } from './result.ts'
import { shown } from './shown.ts'
import { outcomeOf } from './state.ts'
import { count, gradeCommand } from './words.ts'

export interface LaddersOptions {
  /** For example `Graded just now`. */
  readonly made: string
  /** Every row, however long the run. */
  readonly full: boolean
  /** Every message, whole, below its ladder. */
  readonly bytes: boolean
  readonly view: View
}

/** The ladder of every check of a requirement, passed or not, from the record of its last run. */
export function renderLadders(
  lab: Lab,
  requirement: Requirement,
  record: RequirementRecord,
  { made, full, bytes, view }: LaddersOptions,
): string {
  const title = wrap(`${lab.number} ${requirement.id}  ${requirement.text}`, view.width)
  const checks = record.checks.map((check) => checkLines(check, { full, bytes }, view))
  return page([
    [...title.map((line) => view.paint('strong', line)), ...madeLines(lab, requirement, record, made, view)],
    ...(checks.length > 0 ? checks : [['This requirement has no check.']]),
    wayFields(
      [
        {
          key: 'keep it',
          go: `npm run ladder -- ${lab.number} ${requirement.id} --svg FILE`,
          note: 'or --html',
        },
        ...(bytes
          ? []
          : [
              {
                key: 'bytes',
                go: `npm run ladder -- ${lab.number} ${requirement.id} --bytes`,
                note: 'every message, whole',
              },
            ]),
      ],
      view,
    ),
  ])
}

/** Where a check went wrong, for whoever draws its wire; null where it passed. */
export function wrongOf({ verdict }: CheckResult): Wrong | null {
  if (verdict.kind === 'passed') return null
  const { expected, saw, wrongAt } = shown(verdict)
  return { at: wrongAt, expected, saw }
}

// --- internal ---

function madeLines(
  lab: Lab,
  { id }: Requirement,
  { seed }: RequirementRecord,
  made: string,
  view: View,
): string[] {
  const text = `${made}, seed ${seed}; ${gradeCommand(lab, id)} --seed ${seed} repeats it`
  return wrap(text, view.width).map((line) => view.paint('quiet', line))
}

function checkLines(
  check: CheckResult,
  { full, bytes }: Pick<LaddersOptions, 'full' | 'bytes'>,
  view: View,
): string[] {
  const { verdict, title } = check
  const passed = outcomeOf(verdict.kind) === 'passed'
  const inner = narrower(view, INDENT)
  const [first = '', ...rest] = wrap(title, inner.width)
  const mark = view.paint(passed ? 'good' : 'bad', (passed ? '✓' : '✗').padEnd(INDENT))
  const most = full ? Infinity : undefined
  const ladder = drawLadder(verdict.wire, {
    width: inner.wide,
    paint: view.paint,
    wrong: wrongOf(check),
    ...(most !== undefined && { maxRows: most }),
    ...(most !== undefined && { maxPrinted: most }),
  })
  const whole = bytes ? ['', ...allBytes(verdict.wire, inner.width)] : []
  const body = ladder.length > 0 ? ladder : [`No wire: ${verdict.kind}.`]
  return [`${mark}${first}`, ...indent([...rest, '', ...body, ...whole, ...endLines(check, inner)], INDENT)]
}

/** Beside the mark in the ladder, in full. */
function endLines({ verdict }: CheckResult, view: View): string[] {
  if (verdict.kind === 'passed') {
    const roundUp = count(verdict.wire.length, 'event')
    return ['', view.paint('quiet', `${roundUp}, ${verdict.milliseconds} ms`)]
  }
  const { expected, saw } = shown(verdict)
  return [
    '',
    ...(expected === '' ? [] : textField('expected', expected, view, 'good')),
    ...(saw === '' ? [] : textField('saw', saw, view, 'bad')),
  ]
}
