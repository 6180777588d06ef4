import type { Check } from './check.ts'

export type CheckBody = (check: Check) => Promise<void>

export interface CheckDefinition {
  readonly lab: string
  /** For example `R3`. */
  readonly requirement: string
  /** A claim: `an idle connection is closed after idleMs, not before`. */
  readonly title: string
  readonly body: CheckBody
}

export interface LabDefinition {
  readonly id: string
  readonly checks: readonly CheckDefinition[]
}

/** Adds a check of one requirement to the lab. */
export type AddCheck = (requirement: string, title: string, body: CheckBody) => void

/**
 * Defines a lab's suite. Under Vitest each check becomes a test; the tool's own tests collect the
 * definition and run it against solutions and wrong programs.
 *
 * @param id - The lab's folder name.
 * @param define - Adds the checks, in the order of the requirements.
 */
export function lab(id: string, define: (suite: { check: AddCheck }) => void): void {
  void id
  void define
}
