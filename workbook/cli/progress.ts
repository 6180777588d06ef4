import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../bundle/root.ts'
import type { Course } from '../course/lab.ts'
import type { VerdictKind } from '../grading/verdict.ts'
import type { LabProgress } from '../report/course-bar.ts'
import type { CourseResult } from '../report/result.ts'
import { tellable, withoutTold, type ToldPredictions } from '../report/predictions.ts'
import { writeWhole } from './atomic-write.ts'

/**
 * What the learner has reached, in one plain file that git ignores. It only remembers: a verdict is
 * always made anew. A broken file is started afresh.
 */
export interface Progress {
  readonly format: 1
  /** Lab id → requirement id → the last verdict. */
  readonly verdicts: Record<string, Record<string, VerdictKind>>
  /** `lab requirement` → how many hints were shown. */
  readonly hints: Record<string, number>
  /** Lab id → what its learner was told of the predictions. */
  readonly predictions?: Record<string, ToldPredictions>
}

const FILE = path.join(root, '.progress.json')

export function readProgress(): Progress {
  if (!existsSync(FILE)) return { format: 1, verdicts: {}, hints: {} }
  try {
    const read: unknown = JSON.parse(readFileSync(FILE, 'utf8'))
    if (isProgress(read)) return read
  } catch {
    // Told below, like any other damage.
  }
  process.stderr.write('.progress.json is damaged and begun afresh: npm run grade finds again what passes.\n')
  return { format: 1, verdicts: {}, hints: {} }
}

/** Whether it was said that nothing can be remembered: once is enough. */
let isTold = false

/** What is only remembered costs nobody a verdict. */
export function writeProgress(progress: Progress): void {
  const code = writeWhole(FILE, `${JSON.stringify(progress, null, 2)}\n`)
  if (code === null || isTold) return
  isTold = true
  process.stderr.write(
    `Your progress could not be written to .progress.json (${code}); the verdicts stand.\n`,
  )
}

export function remember({ labs }: CourseResult): void {
  const progress = readProgress()
  for (const { lab, requirements } of labs) {
    const verdicts = (progress.verdicts[lab.id] ??= {})
    for (const { requirement, kind } of requirements) verdicts[requirement.id] = kind
  }
  writeProgress(progress)
}

/** The result as it is shown: what was told of a prediction is not told again until it is another. */
export function withNews(result: CourseResult): CourseResult {
  const progress = readProgress()
  const told = { ...progress.predictions }
  const labs = result.labs.map((each) => withoutTold(each, told[each.lab.id] ?? {}))
  for (const each of result.labs) told[each.lab.id] = { ...told[each.lab.id], ...tellable(each) }
  writeProgress({ ...progress, predictions: told })
  return { ...result, labs }
}

/** How far the course is, as it was last graded. */
export function courseProgress({ labs }: Course): LabProgress[] {
  const { verdicts } = readProgress()
  return labs.map((lab) => {
    const own = verdicts[lab.id] ?? {}
    return { lab, passed: lab.requirements.filter(({ id }) => own[id] === 'passed').length }
  })
}

/** The lab is begun anew; which hints were read is not undone by that. */
export function forget(lab: string): void {
  const { verdicts, ...rest } = readProgress()
  const others = Object.entries(verdicts).filter(([id]) => id !== lab)
  writeProgress({ ...rest, verdicts: Object.fromEntries(others) })
}

// --- internal ---

function isProgress(read: unknown): read is Progress {
  if (!isRecord(read) || read['format'] !== 1) return false
  const { verdicts, hints, predictions = {} } = read
  if (!isRecord(verdicts) || !isRecord(hints)) return false
  if (!isRecord(predictions) || !Object.values(predictions).every(isRecord)) return false
  return Object.values(verdicts).every(isRecord) && Object.values(hints).every(Number.isInteger)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
