import type { Lab, Requirement } from '../course/lab.ts'
import type { Verdict, VerdictKind } from '../grading/verdict.ts'

/** The result of one `grade`: everything that a report shows. Reports are pure functions of it. */
export interface CourseResult {
  /** Version of the course. */
  readonly course: string
  /** What the teacher calls a handout, if the course is one. */
  readonly title?: string | null
  /** Repeats this run's inputs: `--seed N`. */
  readonly seed: number
  readonly node: string
  readonly labs: readonly LabResult[]
}

export interface LabResult {
  readonly lab: Lab
  /** The graded file, relative to the root, with `/`. */
  readonly file: string
  /** Why the lab could not be graded at all (a syntax error, a missing file), or null. */
  readonly problem: SetupProblem | null
  readonly requirements: readonly RequirementResult[]
  readonly milliseconds: number
  /** This edition has no reference to compare with. */
  readonly noSolution?: true
}

export interface SetupProblem {
  /** Stable, for example `E_SYNTAX`. */
  readonly code: string
  readonly message: string
  /** The next command or step. */
  readonly next: string
}

export interface RequirementResult {
  readonly requirement: Requirement
  /** The first check that did not pass decides; `passed` when all did. */
  readonly kind: VerdictKind
  readonly checks: readonly CheckResult[]
}

export interface CheckResult {
  readonly title: string
  readonly verdict: Verdict
}

/** The requirement that a verdict speaks of: the one whose promise broke first. */
export function requirementOf(check: { readonly requirement: string; readonly verdict: Verdict }): string {
  return (check.verdict.kind !== 'passed' && check.verdict.blames) || check.requirement
}
