import type { GradedCheck, PlannedCheck } from '../grading/vitest/provided.ts'
import type { CourseResult } from '../report/result.ts'
import { subjectOf } from './grade-labs.ts'
import { LiveFile } from './live.ts'
import type { Selection } from './selection.ts'
import { Tracker } from './tracker.ts'

/** Tells a page how a run of one lab or of several goes on, one lab after the other. */
export class LiveRun {
  readonly #file = new LiveFile()
  readonly #trackers: ReadonlyMap<string, Tracker>
  #current = ''

  constructor({ course, labs }: Selection, seed: number) {
    const trackers = labs.map(({ lab, requirements }) => {
      const { file } = subjectOf(course.root, lab)
      const of = { lab, file, seed, wanted: requirements }
      return [lab.id, new Tracker(of, (run) => this.#file.write(run))] as const
    })
    this.#trackers = new Map(trackers)
  }

  planned(planned: readonly PlannedCheck[]): void {
    this.#turnTo(planned[0]?.lab ?? '')
    this.#trackers.get(this.#current)?.planned(planned)
  }

  graded(graded: GradedCheck): void {
    this.#turnTo(graded.lab)
    this.#trackers.get(graded.lab)?.graded(graded)
  }

  /** What kept a lab from being graded is known only here. */
  ended({ labs }: CourseResult): void {
    for (const { lab, problem } of labs.filter((each) => each.problem || each.lab.id === this.#current)) {
      this.#turnTo(lab.id)
      this.#trackers.get(lab.id)?.ended(problem)
      this.#file.flush()
    }
  }

  // --- internal ---

  /** The lab before has ended; what was to be written of it is written first. */
  #turnTo(lab: string): void {
    if (lab === this.#current) return
    this.#trackers.get(this.#current)?.ended(null)
    this.#file.flush()
    this.#current = lab
    this.#file.begin()
  }
}
