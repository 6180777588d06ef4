import type { Course, Lab } from '../../course/lab.ts'
import type { VerdictKind } from '../../grading/verdict.ts'
import type { LabResult } from '../../report/result.ts'
import { kindsOf, type RunSoFar } from '../../report/so-far.ts'

/** What the watch knows; whoever shows it only reads. */
export interface WatchState {
  readonly course: Course
  readonly lab: Lab
  readonly run: RunSoFar
  /** The verdicts before the last save. */
  readonly before: ReadonlyMap<string, VerdictKind>
  /** The last run that came to its end. */
  readonly completed: RunSoFar | null
  readonly result: LabResult | null
  /** Milliseconds that the last run took. */
  readonly milliseconds: number
  /** Said until the next save: what a key has done, or why the files are looked at. */
  readonly note: string
}

export function beginState(course: Course, lab: Lab): WatchState {
  const run: RunSoFar = {
    lab,
    file: `labs/${lab.id}/${lab.entry}`,
    seed: 0,
    problem: null,
    wanted: [],
    planned: [],
    checks: [],
    running: true,
  }
  const none = { before: new Map(), completed: null, result: null, milliseconds: 0, note: '' }
  return { course, lab, run, ...none }
}

/** A run begins: what the last one came to is what it is held against. */
export function beginRun(state: WatchState, run: RunSoFar): WatchState {
  const { completed, before } = state
  // A file that did not compile has no verdicts: those before it still are the last ones.
  const known = completed && !completed.problem ? kindsOf(completed) : before
  return { ...state, lab: run.lab, run, before: known, result: null, note: '' }
}
