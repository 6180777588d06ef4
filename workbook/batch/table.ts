import { columnsOf, cut } from '../wire/columns.ts'
import { oneLine, padColumns, page, textField, type View } from '../report/layout.ts'
import { count } from '../report/words.ts'
import type { BatchResult } from './run.ts'
import type { Row } from './row.ts'
import { causeText, LAB_SIGNS } from './words.ts'

const WIDEST_NAME = 32

/** The batch for a terminal: a line a submission, then what was graded and what was not. */
export function renderBatch(result: BatchResult, view: View): string {
  return page([
    [
      view.paint(
        'strong',
        `${count(result.rows.length, 'submission')} of course ${result.course}, seed ${result.seed}`,
      ),
    ],
    rowLines(result, view),
    closing(result, view),
  ])
}

/** `alice  12 of 40 points  ✓◐○`, for a line of progress. */
export function renderRow(row: Row, width: number): string {
  const points = `${row.points.earned} of ${row.points.possible}`
  const labs = row.labs.map(({ state }) => LAB_SIGNS[state]).join('')
  return oneLine(
    `${cut(row.name, WIDEST_NAME)}  ${[points, labs, causeText(row)].filter(Boolean).join('  ')}`,
    width,
  )
}

// --- internal ---

function rowLines({ rows, labs }: BatchResult, view: View): string[] {
  if (rows.length === 0) return []
  const width = Math.min(WIDEST_NAME, Math.max(10, ...rows.map(({ name }) => columnsOf(name))))
  const heads = `${padColumns('', width)}  ${'points'.padStart(11)}  ${labs.map(({ number }) => number).join(' ')}`
  return [view.paint('quiet', heads), ...rows.flatMap((row) => rowLine(row, labs.length, width, view))]
}

function rowLine(row: Row, labs: number, width: number, view: View): string[] {
  const name = padColumns(oneLine(row.name, width), width)
  const points = `${row.points.earned} of ${row.points.possible}`.padStart(11)
  const signs = row.labs.map(({ state }) => `${LAB_SIGNS[state]} `).join(' ')
  const line = `${name}  ${points}  ${padColumns(signs, labs * 3)}`
  const cause = causeText(row)
  if (cause === '') return [line.trimEnd()]
  const style = row.state === 'graded' ? 'quiet' : 'warn'
  const room = view.width - columnsOf(line) - 1
  if (room >= columnsOf(cause)) return [`${line} ${view.paint(style, cause)}`]
  return [
    line.trimEnd(),
    `${' '.repeat(width + 2)}${view.paint(style, oneLine(cause, view.width - width - 2))}`,
  ]
}

function closing({ rows, others, told, milliseconds }: BatchResult, view: View): string[] {
  const of = (state: Row['state']): number => rows.filter((row) => row.state === state).length
  const parts = [
    `${of('graded')} graded`,
    ...(of('refused') > 0 ? [`${of('refused')} not graded`] : []),
    ...(of('fault') > 0 ? [`${of('fault')} with a fault of the workbook's`] : []),
  ]
  const passedOver =
    others.length === 0 ? [] : [`Passed over, as it is no submission: ${others.slice(0, 5).join(', ')}`]
  return [
    `${parts.join(', ')}, in ${(milliseconds / 1000).toFixed(1)} s.`,
    ...[...told, ...passedOver].flatMap((text) => textField('note', text, view)),
  ]
}
