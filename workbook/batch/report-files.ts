import { createHash } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { toJson } from '../report/json.ts'
import type { CourseResult } from '../report/result.ts'
import { reportPage } from './report-page.ts'
import { isUntouched, labState } from '../report/state.ts'
import { renderCourse, renderLab, renderResult } from '../report/terminal.ts'

/** Names that a report may have; no submission is looked for among them. */
export const REPORT = /\.report\.(?:json|txt|html)$/

const PLAIN = { color: false, width: 80 } as const
/** With `.report.json` behind it, and what it is written as first, no file system finds it too long. */
const LONGEST_NAME_BYTES = 200

/** What the report of a submission is called: by its name, however long that is. */
export function reportName(submission: string): string {
  if (Buffer.byteLength(submission) <= LONGEST_NAME_BYTES) return `${submission}.report`
  const hash = createHash('sha256').update(submission).digest('hex').slice(0, 12)
  return `${Buffer.from(submission)
    .subarray(0, LONGEST_NAME_BYTES - 16)
    .toString('utf8')}-${hash}.report`
}

/** Writes a submission's report, to be read by its student (.txt, and .html in a browser) and by programs (.json). */
export function writeReports(folder: string, name: string, result: CourseResult): void {
  writeWhole(path.join(folder, `${name}.json`), toJson(result))
  const report = studentReport(result)
  writeWhole(path.join(folder, `${name}.txt`), report)
  writeWhole(path.join(folder, `${name}.html`), reportPage(name.replace(/\.report$/, ''), report))
}

/** Beside and then renamed: a reader finds the old report or the new one, and a link is replaced, not followed. */
export function writeWhole(file: string, text: string): void {
  const beside = `${file}.${process.pid}.new`
  writeFileSync(beside, text, { flag: 'w' })
  renameSync(beside, file)
}

// --- internal ---

/** The course as a table, then each lab that is begun and not finished, in full. */
function studentReport(result: CourseResult): string {
  if (result.labs.length <= 1) return renderResult(result, PLAIN)
  const open = result.labs.filter((lab) => {
    return lab.problem === null && !isUntouched(lab) && labState(lab) !== 'passed'
  })
  const rule = `\n${'─'.repeat(PLAIN.width)}\n\n`
  return [renderCourse(result, PLAIN), ...open.map((lab) => renderLab(lab, PLAIN))].join(rule)
}
