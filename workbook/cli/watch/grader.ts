import { CourseError } from '../../course/course-error.ts'
import type { Course, Lab } from '../../course/lab.ts'
import { readLab } from '../../course/readme.ts'
import type { Provided } from '../../grading/vitest/provided.ts'
import { openSuites, type SuiteRun, type Suites } from '../../grading/vitest/run.ts'
import type { CheckResult, CourseResult } from '../../report/result.ts'
import type { RunSoFar } from '../../report/so-far.ts'
import { suiteFingerprint } from '../fingerprint.ts'
import { labResult, providedFor, subjectOf } from '../grade-labs.ts'
import { Tracker } from '../tracker.ts'

export interface GraderEvents {
  /** After each piece of news of the newest run, and only of that one. */
  readonly onChange: (run: RunSoFar) => void
  readonly onDone: (result: CourseResult, run: RunSoFar) => void
}

/**
 * Grades a lab again and again in one warm process. Who asks in the middle of a run gets a new one: the
 * old one is cancelled, and nothing of it is heard any more.
 */
export class Grader {
  readonly #course: Course
  readonly #events: GraderEvents
  readonly #newSeed: () => number
  #suites: Suites | null = null
  /** Lab id → what stands for the text of its suite that the warm process has read. */
  readonly #read = new Map<string, string>()
  #wanted: Lab | null = null
  #loop: Promise<void> | null = null
  #closed = false

  constructor(course: Course, newSeed: () => number, events: GraderEvents) {
    this.#course = course
    this.#newSeed = newSeed
    this.#events = events
  }

  grade(lab: Lab): void {
    this.#wanted = lab
    this.#suites?.cancel()
    this.#loop ??= this.#work()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#suites?.cancel()
    await this.#loop
    await this.#suites?.close()
  }

  // --- internal ---

  async #work(): Promise<void> {
    while (this.#wanted && !this.#closed) {
      const lab = this.#wanted
      this.#wanted = null
      await this.#gradeOnce(lab)
    }
    this.#loop = null
  }

  async #gradeOnce(old: Lab): Promise<void> {
    const { root, version } = this.#course
    const seed = this.#newSeed()
    const lab = rereadLab(root, old)
    const subject = { ...subjectOf(root, lab), requirements: [] }
    const tracker = new Tracker({ lab, file: subject.file, seed, wanted: [] }, (run) => {
      // The end is told once, with the result.
      if (run.running && this.#isNewest) this.#events.onChange(run)
    })
    this.#events.onChange(tracker.run)
    const provided = providedFor(root, [subject], { seed })
    const run = subject.problem ? undefined : await this.#run(lab, provided, tracker)
    if (!this.#isNewest) return
    const result = labResult(subject, [], run)
    tracker.ended(result.problem)
    this.#events.onDone({ course: version, seed, node: process.version, labs: [result] }, tracker.run)
    this.#suites?.stockUp(tracker.run.checks.filter(needsANewProcess).length)
  }

  get #isNewest(): boolean {
    return this.#wanted === null && !this.#closed
  }

  async #run(lab: Lab, provided: Provided, tracker: Tracker): Promise<SuiteRun | undefined> {
    const suites = await this.#openFor(lab)
    if (!this.#isNewest) return undefined
    const [run] = await suites.run(
      [lab.id],
      provided,
      (graded) => tracker.graded(graded),
      (planned) => tracker.planned(planned),
    )
    return run
  }

  /** A suite is read once: whoever writes one gets a new process for the new text. */
  async #openFor(lab: Lab): Promise<Suites> {
    const text = suiteFingerprint(this.#course.root, lab)
    if ((this.#read.get(lab.id) ?? text) !== text) {
      await this.#suites?.close()
      this.#suites = null
      this.#read.clear()
    }
    this.#read.set(lab.id, text)
    return (this.#suites ??= await openSuites(this.#course.root))
  }
}

/** If it comes to the same end in the next run: only a new process can fail a program. */
function needsANewProcess({ verdict }: CheckResult): boolean {
  return verdict.kind !== 'passed' && verdict.kind !== 'not-started'
}

/** The page may have changed too; a broken one must not end the watch. */
function rereadLab(root: string, lab: Lab): Lab {
  try {
    return readLab(root, lab.id)
  } catch (error) {
    if (error instanceof CourseError) return lab
    throw error
  }
}
