import type { Problem, VerdictKind } from '../grading/verdict.ts'
import type { CheckResult, LabResult, RequirementResult } from './result.ts'

/** Where a lab stands, in the words of the course's table. */
export type LabState =
  | 'passed'
  | 'in progress'
  | 'not started'
  | 'does not compile'
  | 'cannot be graded'
  | 'workbook fault'

/** What a verdict means to the learner: `fault` is the workbook's own. */
export type Outcome = 'passed' | 'failed' | 'not-started' | 'fault'

/** A check that did not pass. */
export interface FailedCheck extends CheckResult {
  readonly verdict: Problem
}

export function outcomeOf(kind: VerdictKind): Outcome {
  if (kind === 'passed' || kind === 'not-started') return kind
  return kind === 'grader-error' || kind === 'no-checks' ? 'fault' : 'failed'
}

export function labState(result: LabResult): LabState {
  if (result.problem) return result.problem.code === 'E_SYNTAX' ? 'does not compile' : 'cannot be graded'
  const outcomes = result.requirements.map((each) => outcomeOf(each.kind))
  if (outcomes.includes('fault')) return 'workbook fault'
  if (outcomes.every((outcome) => outcome === 'not-started')) return 'not started'
  return outcomes.every((outcome) => outcome === 'passed') ? 'passed' : 'in progress'
}

/** Only some requirements of the lab were asked for. */
export function isPartial(result: LabResult): boolean {
  return result.problem === null && result.requirements.length < result.lab.requirements.length
}

/** The whole lab was graded, and none of it is written yet. */
export function isUntouched(result: LabResult): boolean {
  return labState(result) === 'not started' && !isPartial(result)
}

export function passedOf(result: LabResult): number {
  return result.requirements.filter((each) => each.kind === 'passed').length
}

/** The requirements that this result speaks of: those graded, or all if none could be. */
export function totalOf(result: LabResult): number {
  return result.requirements.length || result.lab.requirements.length
}

/** The checks that did not pass; the first of them decides the requirement. */
export function failedChecks(result: Pick<RequirementResult, 'checks'>): FailedCheck[] {
  return result.checks.flatMap(({ title, verdict }) =>
    verdict.kind === 'passed' ? [] : [{ title, verdict }],
  )
}

/**
 * The requirement at which all checks of this one stopped, because its promise broke before they came to theirs; null
 * where they speak of their own.
 */
export function stoppedAt(result: Pick<RequirementResult, 'requirement' | 'checks'>): string | null {
  const [first] = failedChecks(result)
  const { id } = result.requirement
  return first?.verdict.blames !== undefined && first.verdict.blames !== id ? first.verdict.blames : null
}

/** Those that speak of their own come before those that stopped where another one broke, which is to be mended first. */
export function speakingFirst<Each extends Pick<RequirementResult, 'requirement' | 'checks'>>(
  failures: readonly Each[],
): Each[] {
  const waits = (each: Each): number => (stoppedAt(each) === null ? 0 : 1)
  return [...failures].sort((one, other) => waits(one) - waits(other))
}
