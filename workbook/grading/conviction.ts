import type { ProblemKind } from './verdict.ts'

/** What a check found, before the session adds steps and wire. */
export interface Finding {
  readonly kind: ProblemKind
  readonly expected: string
  readonly saw: string
  readonly detail?: readonly string[]
  /** Behind which event of the wire it went wrong, where that is not the last one; counted from 1. */
  readonly wrongAt?: number
  /** The requirement whose promise broke, where it is not the check's own. */
  readonly blames?: string
  /** V8 stack in the learner process, if an error was thrown there. */
  readonly stack?: string
}

/** Ends a check. Thrown by everything that a suite awaits; only run-check.ts catches it. */
export class Conviction extends Error {
  readonly code = 'E_CONVICTED'
  readonly finding: Finding

  constructor(finding: Finding) {
    super(`${finding.kind}: expected ${finding.expected}; saw ${finding.saw}`)
    this.name = 'Conviction'
    this.finding = finding
  }
}

export function convict(
  kind: ProblemKind,
  expected: string,
  saw: string,
  more: Partial<Finding> = {},
): never {
  throw new Conviction({ kind, expected, saw, ...more })
}
