import type { Verdict } from '../verdict.ts'

/** What the process that starts Vitest tells the worker in which the suites run. */
export interface Provided {
  readonly root: string
  readonly seed: number
  /** Absolute path of the program to grade, by lab id. */
  readonly programs: Readonly<Record<string, string>>
  /** Requirements to grade, by lab id; all of a lab that is not listed. */
  readonly only: Readonly<Record<string, readonly string[]>>
  /** Port for the inspector; the watchdog and the limits are off then. */
  readonly debugPort: number | null
}

/** A run as the thread of the suites gets it. */
export interface ProvidedRun extends Provided {
  /** Counts the runs of one thread, so that one of them can be cancelled. */
  readonly run: number
}

/** A check that is going to run. */
export interface PlannedCheck {
  /** The lab's id. */
  readonly lab: string
  readonly requirement: string
  readonly title: string
}

/** Why a program could not be compiled. */
export interface CompileProblem {
  readonly code: string
  readonly lines: readonly string[]
}

/** What a test tells about its check. */
export interface CheckMeta {
  requirement?: string
  title?: string
  verdict?: Verdict
  problem?: CompileProblem
}

/** One verdict, as soon as it is made. */
export interface GradedCheck {
  /** The lab's id. */
  readonly lab: string
  readonly requirement: string
  readonly title: string
  readonly verdict: Verdict
}

declare module 'vitest' {
  export interface ProvidedContext {
    workbook: Provided | ProvidedRun | null
  }
}
