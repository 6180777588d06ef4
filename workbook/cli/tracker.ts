import type { Lab } from '../course/lab.ts'
import type { GradedCheck, PlannedCheck } from '../grading/vitest/provided.ts'
import type { SetupProblem } from '../report/result.ts'
import type { RunSoFar } from '../report/so-far.ts'

/** Follows one lab's part of a run, and tells after each piece of news how far it has come. */
export class Tracker {
  #run: RunSoFar
  readonly #onChange: (run: RunSoFar) => void

  constructor(
    of: {
      readonly lab: Lab
      readonly file: string
      readonly seed: number
      readonly wanted: readonly string[]
    },
    onChange: (run: RunSoFar) => void,
  ) {
    this.#run = { ...of, problem: null, planned: [], checks: [], running: true }
    this.#onChange = onChange
  }

  get run(): RunSoFar {
    return this.#run
  }

  planned(planned: readonly PlannedCheck[]): void {
    this.#change({ planned: planned.filter(({ lab }) => lab === this.#run.lab.id) })
  }

  graded(graded: GradedCheck): void {
    if (graded.lab === this.#run.lab.id) this.#change({ checks: [...this.#run.checks, graded] })
  }

  /** @param problem - Why it could not be graded. */
  ended(problem: SetupProblem | null): void {
    this.#change({ running: false, problem })
  }

  #change(change: Partial<RunSoFar>): void {
    this.#run = { ...this.#run, ...change }
    this.#onChange(this.#run)
  }
}
