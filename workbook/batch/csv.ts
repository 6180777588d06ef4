import type { BatchResult } from './run.ts'
import type { Row } from './row.ts'
import { causeText } from './words.ts'

/** The batch as RFC 4180 has it: a line a submission, a column a requirement; UTF-8, CRLF. */
export function toCsv({ labs, rows }: BatchResult): string {
  const requirements = labs.flatMap((lab) => lab.requirements.map(({ id }) => ({ lab: lab.id, id })))
  const head = [
    'submission',
    'state',
    'earned',
    'possible',
    'cause',
    'report',
    ...labs.map(({ id }) => `${id} points`),
    ...requirements.map(({ lab, id }) => `${lab} ${id}`),
  ]
  const lines = rows.map((row) => [
    row.name,
    row.state,
    row.points.earned,
    row.points.possible,
    causeText(row),
    row.report === null ? '' : `${row.report}.txt`,
    ...labs.map(({ id }) => labOf(row, id)?.points.earned ?? 0),
    ...requirements.map(
      ({ lab, id }) => labOf(row, lab)?.requirements.find((each) => each.id === id)?.kind ?? '',
    ),
  ])
  return [head, ...lines].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('')
}

// --- internal ---

function labOf(row: Row, id: string) {
  return row.labs.find((lab) => lab.id === id)
}

/**
 * Names and messages are students' own, and a spreadsheet takes what begins like a formula for one: at the begin of a
 * cell, and behind what it takes for the end of one. In some countries that is a semicolon, and the signs are wide ones.
 */
const FORMULA = /(^|[;|\t\r\n])(?=\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g

function cell(value: string | number): string {
  const text = typeof value === 'string' ? value.replace(FORMULA, "$1'") : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
