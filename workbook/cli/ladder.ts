import { root } from '../bundle/root.ts'
import type { Lab, Requirement } from '../course/lab.ts'
import { drawFigure } from '../figure/svg.ts'
import { standalone } from '../figure/standalone.ts'
import { figureOfCheck } from '../report/check-figure.ts'
import { allBytes } from '../report/bytes-whole.ts'
import { renderLadders } from '../report/ladders.ts'
import { viewOf } from '../report/layout.ts'
import type { RequirementRecord } from '../report/record.ts'
import type { CheckResult, CourseResult } from '../report/result.ts'
import { renderResult } from '../report/terminal.ts'
import { count } from '../report/words.ts'
import type { Command, Input } from './command.ts'
import { fingerprintOf } from './fingerprint.ts'
import { readSeed } from './grade.ts'
import { gradeLabs } from './grade-labs.ts'
import { remember } from './progress.ts'
import { fingerprintsOf, keepRuns, readRun } from './runs.ts'
import { selectOne } from './selection.ts'
import { print, terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'
import { writeReport } from './write-report.ts'

export const ladder: Command = {
  name: 'ladder',
  summary: 'draws the wire of your last run again, for checks that passed and failed alike',
  usage: 'npm run ladder -- LAB [R] [--full] [--bytes] [--svg FILE] [--html FILE] [--check N]',
  options: {
    full: { type: 'boolean' },
    bytes: { type: 'boolean' },
    svg: { type: 'string' },
    html: { type: 'string' },
    check: { type: 'string' },
  },
  async run({ words, flags }: Input): Promise<number> {
    const { course, lab, requirements } = selectOne(words, 'ladder', 1)
    const requirement = lab.requirements.find(({ id }) => id === requirements[0]) ?? firstOpen(lab)
    const kept = keptRun(lab, requirement)
    if (kept) return await show(lab, requirement, kept, madeAt(kept), flags)
    const selection = { course, labs: [{ lab, requirements: [requirement.id] }] }
    const fingerprints = fingerprintsOf(selection)
    const result = await gradeLabs(selection, { seed: readSeed(undefined) })
    remember(result)
    keepRuns(result, fingerprints)
    const fresh = runOf(result, requirement)
    if (fresh) return await show(lab, requirement, fresh, 'Graded just now', flags)
    await print(renderResult(result, terminal()))
    return 2
  },
}

// --- internal ---

/** The first that did not pass when it was last graded: what somebody wants to look at. */
function firstOpen(lab: Lab): Requirement {
  const { requirements = {} } = readRun(lab) ?? {}
  const failed = lab.requirements.find(({ id }) =>
    requirements[id]?.checks.some(({ verdict }) => verdict.kind !== 'passed'),
  )
  return failed ?? (lab.requirements[0] as Requirement)
}

/** Only of the very files that are here now. */
function keptRun(lab: Lab, { id }: Requirement): RequirementRecord | null {
  const kept = readRun(lab)?.requirements[id]
  return kept && kept.of === fingerprintOf(root, lab) ? kept : null
}

function runOf({ labs, seed }: CourseResult, { id }: Requirement): RequirementRecord | null {
  const graded = labs[0]?.requirements.find(({ requirement }) => requirement.id === id)
  return graded ? { when: '', seed, of: '', checks: graded.checks } : null
}

/** In the learner's own time. */
function madeAt({ when }: RequirementRecord): string {
  const date = new Date(when)
  const two = (number: number): string => String(number).padStart(2, '0')
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  return `From your last run, ${day} at ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`
}

async function show(
  lab: Lab,
  requirement: Requirement,
  record: RequirementRecord,
  made: string,
  flags: Input['flags'],
): Promise<number> {
  const options = {
    made,
    full: flags['full'] === true,
    bytes: flags['bytes'] === true,
    view: viewOf(terminal()),
  }
  const { svg, html } = flags
  if (typeof svg !== 'string' && typeof html !== 'string') {
    await print(renderLadders(lab, requirement, record, options))
    return 0
  }
  const again = `npm run ladder -- ${lab.number} ${requirement.id}`
  const check = chosen(record, flags['check'], again)
  const figure = figureOfCheck(lab, requirement.id, check)
  if (typeof svg === 'string') await write(svg, drawFigure(figure), check)
  if (typeof html === 'string')
    await write(html, standalone(figure, allBytes(check.verdict.wire, 100)), check)
  return 0
}

/** The check asked for; without a number the first that did not pass, else the first. */
function chosen({ checks }: RequirementRecord, given: string | boolean | undefined, again: string) {
  const failed = checks.find(({ verdict }) => verdict.kind !== 'passed')
  const check = given === undefined ? (failed ?? checks[0]) : checks[Number(given) - 1]
  if (check) return check
  throw new UsageError(
    'E_CHECK',
    `There is no check ${String(given ?? 1)}: this requirement has ${count(checks.length, 'check')}.`,
    again,
  )
}

async function write(file: string, text: string, { title }: CheckResult): Promise<void> {
  writeReport(file, text)
  await print(`${file}: ${title}\n`)
}
