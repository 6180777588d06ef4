import { toGradescope } from '../report/gradescope.ts'
import type { CourseResult } from '../report/result.ts'
import { renderCourseBar } from '../report/course-bar.ts'
import { viewOf } from '../report/layout.ts'
import { isPartial, labState } from '../report/state.ts'
import { toJson } from '../report/json.ts'
import { toJUnit } from '../report/junit.ts'
import { renderResult } from '../report/terminal.ts'
import { renderTypeNotes } from '../report/type-notes.ts'
import { rewrites } from '../wire/rewrites.ts'
import type { Command, Input } from './command.ts'
import { gradeLabs } from './grade-labs.ts'
import { GRADESCOPE_FLAGS, readGradescope } from './gradescope-flags.ts'
import { courseProgress, remember, withNews } from './progress.ts'
import { LiveRun } from './live-run.ts'
import { fingerprintsOf, keepRuns } from './runs.ts'
import { select, type Selection } from './selection.ts'
import { print, terminal } from './terminal.ts'
import { typeErrorsOf, type TypeError } from './type-errors.ts'
import { UsageError } from './usage-error.ts'
import { writeReport } from './write-report.ts'

const LARGEST_SEED = 999_999

export const grade: Command = {
  name: 'grade',
  grades: true,
  summary: 'grades your programs and says what happened on the wire',
  usage: 'npm run grade -- [LAB [R…]] [--seed N] [--json] [--junit FILE] [--gradescope FILE] [--solutions]',
  options: {
    seed: { type: 'string' },
    json: { type: 'boolean' },
    junit: { type: 'string' },
    solutions: { type: 'boolean' },
    ...GRADESCOPE_FLAGS,
  },
  async run({ words, flags }: Input): Promise<number> {
    const selection = select(words, 'grade')
    const solutions = flags['solutions'] === true
    const seed = readSeed(flags['seed'])
    const json = flags['json'] === true
    const fingerprints = fingerprintsOf(selection)
    const live = solutions ? null : new LiveRun(selection, seed)
    const say = showProgress(json)
    const gradescope = readGradescope(flags, selection)
    const types = solutions || json ? null : typeErrorsOf(selection.labs.map(({ lab }) => lab))
    const result = await gradeLabs(selection, {
      seed,
      solutions,
      onPlan: (planned) => live?.planned(planned),
      onCheck: (graded) => {
        say()
        live?.graded(graded)
      },
    })
    clearProgress()
    live?.ended(result)
    if (!solutions) remember(result)
    const shown = solutions || json ? result : withNews(result)
    await print(json ? toJson(result) : renderResult(shown, terminal()))
    if (!solutions && !json) await print(afterLab(selection, result))
    await print(typeNotes(selection, await types))
    if (!solutions) keepRuns(result, fingerprints)
    // Last, so that what cannot be written costs nobody the report.
    if (typeof flags['junit'] === 'string') writeReport(flags['junit'], toJUnit(result))
    if (typeof flags['gradescope'] === 'string')
      writeReport(flags['gradescope'], toGradescope(result, gradescope))
    return exitCode(result)
  },
}

/** @throws UsageError */
export function readSeed(given: string | boolean | undefined): number {
  if (given === undefined) return Math.floor(Math.random() * LARGEST_SEED)
  if (typeof given === 'string' && /^\d{1,9}$/.test(given)) return Number(given)
  throw new UsageError(
    'E_SEED',
    `A seed is a whole number, not ${JSON.stringify(given)}.`,
    'npm run grade -- LAB --seed 42',
  )
}

// --- internal ---

function exitCode({ labs }: CourseResult): number {
  const kinds = labs.flatMap(({ requirements }) => requirements.map(({ kind }) => kind))
  if (labs.some(({ problem }) => problem) || kinds.includes('grader-error') || kinds.includes('no-checks'))
    return 2
  return kinds.every((kind) => kind === 'passed') ? 0 : 1
}

/** Where a lab has just been passed: how far the course is, and what comes next. */
function afterLab({ course, labs }: Selection, { labs: [only, ...others] }: CourseResult): string {
  if (!only || others.length > 0 || labs.length > 1) return ''
  if (labState(only) !== 'passed' || isPartial(only)) return ''
  return `\n${renderCourseBar(courseProgress(course), viewOf(terminal())).join('\n')}\n`
}

/** Behind the report, which waits for nothing. */
function typeNotes({ labs }: Selection, found: readonly TypeError[] | null): string {
  const [only, ...others] = labs
  const command = only && others.length === 0 ? `npm run types -- ${only.lab.number}` : 'npm run types'
  const lines = renderTypeNotes(found ?? [], command, viewOf(terminal()))
  return lines.length > 0 ? `\n${lines.join('\n')}\n` : ''
}

/** A line that grows, on a terminal alone. */
function showProgress(quiet: boolean): () => void {
  const { stderr } = process
  if (quiet || !rewrites(stderr)) return () => undefined
  let checks = 0
  return () => void stderr.write(`\r${++checks} checks done `)
}

function clearProgress(): void {
  if (rewrites(process.stderr)) process.stderr.write('\r\u001B[K')
}
