import type { VerdictKind } from '../grading/verdict.ts'
import { pointsOf, type Points } from '../report/points.ts'
import type { CheckResult, CourseResult, LabResult, RequirementResult } from '../report/result.ts'
import { shown } from '../report/shown.ts'
import { labState, type LabState } from '../report/state.ts'

/** What a batch keeps of one submission; its whole report is a file of its own. */
export interface Row {
  /** Its name in the folder of submissions. */
  readonly name: string
  /**
   * - `graded`   the verdicts stand
   * - `refused`  it is no submission, or one that nobody should open: `cause` says why
   * - `fault`    the workbook's own fault kept some of it from being judged: `cause` says where
   */
  readonly state: 'graded' | 'refused' | 'fault'
  /** What stands out: why it was refused, or how its program broke down. */
  readonly cause: Cause | null
  readonly points: Points
  readonly labs: readonly RowLab[]
  /** Wall time; never decides anything. */
  readonly milliseconds: number
  /** File name of its report in the folder of reports, without `.txt` and `.json`; null without one. */
  readonly report: string | null
  /** As the submission was when it was graded. */
  readonly stamp: string
}

export interface Cause {
  /**
   * Of a Refusal, or the kind of a verdict; `E_GRADER` for a grader that ended, `E_SYNTAX` for a program that does not
   * compile, `E_NEAR_MISS` for a lab that is not there, or untouched, and has a file of nearly its name.
   */
  readonly code: string
  readonly message: string
}

export interface RowLab {
  readonly id: string
  readonly state: LabState
  readonly points: Points
  /** Why the lab could not be graded, or null. */
  readonly problem: Cause | null
  readonly requirements: readonly RowRequirement[]
}

export interface RowRequirement {
  readonly id: string
  readonly kind: VerdictKind
  /** What was seen where it did not pass; one line. */
  readonly saw: string
}

export type RowFacts = Pick<Row, 'name' | 'stamp' | 'milliseconds' | 'report'>

/** @param nearMisses - Lab id → what its student may have meant, in a sentence. */
export function rowOf(
  result: CourseResult,
  facts: RowFacts,
  nearMisses: ReadonlyMap<string, string> = new Map(),
): Row {
  const labs = result.labs.map(rowLab)
  const cause = causeOf(labs) ?? uncompiled(labs) ?? nearMiss(labs, nearMisses)
  const state = labs.some((lab) => lab.state === 'workbook fault') ? 'fault' : 'graded'
  return { ...facts, state, cause, points: pointsOf(result.labs), labs }
}

/** A submission without verdicts. @param possible - Points that it could have had. */
export function rowWithout(
  state: 'refused' | 'fault',
  cause: Cause,
  possible: number,
  { name, stamp, milliseconds }: Omit<RowFacts, 'report'>,
): Row {
  return { name, state, cause, points: { earned: 0, possible }, labs: [], milliseconds, report: null, stamp }
}

// --- internal ---

const LONGEST_LINE = 160

/** Worst first: what a teacher wants to know of a submission before all else. */
const NOTABLE: readonly VerdictKind[] = [
  'grader-error',
  'no-checks',
  'forbidden',
  'hung',
  'crashed',
  'never-listened',
  'leaked',
]

function rowLab(result: LabResult): RowLab {
  const { problem } = result
  return {
    id: result.lab.id,
    state: labState(result),
    points: pointsOf([result]),
    problem: problem && { code: problem.code, message: firstLine(problem.message) },
    requirements: result.requirements.map(rowRequirement),
  }
}

function rowRequirement({ requirement, kind, checks }: RequirementResult): RowRequirement {
  return { id: requirement.id, kind, saw: firstLine(checks.map(sawOf).find((saw) => saw !== '') ?? '') }
}

function sawOf({ verdict }: CheckResult): string {
  return verdict.kind === 'passed' ? '' : shown(verdict).saw
}

function causeOf(labs: readonly RowLab[]): Cause | null {
  const requirements = labs.flatMap((lab) => lab.requirements)
  for (const kind of NOTABLE) {
    const found = requirements.find((each) => each.kind === kind)
    if (found) return { code: kind, message: found.saw }
  }
  return null
}

function uncompiled(labs: readonly RowLab[]): Cause | null {
  return labs.find(({ problem }) => problem?.code === 'E_SYNTAX')?.problem ?? null
}

/** Beside a lab that is done, an older copy means nothing. */
function nearMiss(labs: readonly RowLab[], nearMisses: ReadonlyMap<string, string>): Cause | null {
  const open = labs.filter(
    ({ problem, state }) => problem?.code === 'E_MISSING_FILE' || state === 'not started',
  )
  const [message] = open.flatMap(({ id }) => nearMisses.get(id) ?? [])
  return message === undefined ? null : { code: 'E_NEAR_MISS', message: firstLine(message) }
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n')
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1)}…` : line
}
