import path from 'node:path'
import type { Course, Lab } from '../course/lab.ts'
import type { CheckDefinition, LabDefinition } from '../grading/lab.ts'
import { starterOf } from '../grading/programs.ts'
import { runCheck } from '../grading/run-check.ts'
import { subjectOf, type Subject } from '../grading/subject.ts'
import type { Verdict } from '../grading/verdict.ts'
import { compileOnce, CompileError } from '../learner/compile.ts'
import { dismissKept } from '../learner/kept.ts'
import type { Limits } from '../learner/limits.ts'
import { compileProblem, gatherLab, type GatheredCheck } from '../report/gather.ts'
import type { CourseResult, LabResult, SetupProblem } from '../report/result.ts'
import { placeOf } from './locate.ts'
import type { Stage } from './stage.ts'
import { withTicksOf } from './ticks.ts'

export interface GraderOptions {
  readonly course: Course
  /** The labs to grade, each with its suite. */
  readonly suites: ReadonlyArray<{ readonly lab: Lab; readonly suite: LabDefinition }>
  readonly seed: number
  /** Another bound of a submission's wall time than usual. */
  readonly mostMilliseconds?: number
  /** Called as each check ends. */
  readonly onCheck: () => void
  /** Those that stand if not given. */
  readonly limits?: Partial<Limits>
}

/** Of one submission. A right one takes some ten seconds, and minutes where the machine is very busy. */
const MOST_MILLISECONDS = 30 * 60_000

/** Grades staged submissions with the teacher's own suites, one check after the other. */
export class Grader {
  readonly #options: GraderOptions
  /** What the checks say of a starter, which everybody has who has not begun: once is enough. */
  readonly #untouched = new Map<string, readonly GatheredCheck[]>()
  readonly #starters = new Map<string, string>()
  /** When the submission that is graded was begun, by performance.now(). */
  #began = 0

  constructor(options: GraderOptions) {
    this.#options = options
  }

  async grade(stage: Stage): Promise<CourseResult> {
    const { course, suites, seed } = this.#options
    const labs: LabResult[] = []
    this.#began = performance.now()
    try {
      for (const { lab, suite } of suites) labs.push(await this.#gradeLab(lab, suite, stage))
    } finally {
      await dismissKept()
    }
    return { course: course.version, seed, node: process.version, labs }
  }

  // --- internal ---

  async #gradeLab(lab: Lab, suite: LabDefinition, stage: Stage): Promise<LabResult> {
    const started = performance.now()
    const file = placeOf(lab)
    const [problem, checks] = stage.labs.has(lab.id)
      ? await this.#gradeFile(lab, suite, stage)
      : [missing(file, stage.nearMisses.get(lab.id)), []]
    return gatherLab(withTicksOf(stage.root, lab), [], {
      file,
      problem,
      checks,
      milliseconds: performance.now() - started,
    })
  }

  async #gradeFile(
    lab: Lab,
    suite: LabDefinition,
    stage: Stage,
  ): Promise<[SetupProblem | null, readonly GatheredCheck[]]> {
    const subject = this.#subject(lab, stage)
    try {
      const { program } = await compileOnce(subject.source)
      if (program.code === (await this.#starter(lab)))
        return [null, await this.#gradeStarter(lab, suite, subject)]
    } catch (error) {
      if (!(error instanceof CompileError)) throw error
      // What imports too much is convicted check by check, as everywhere.
      if (error.code !== 'E_FORBIDDEN_IMPORT')
        return [compileProblem(error.code, error.lines, lab, placeOf(lab)), []]
    }
    const unloadable = await this.#load(suite, subject)
    if (unloadable) return [null, suite.checks.map((check) => gathered(check, unloadable))]
    return [null, await this.#runAll(suite, subject)]
  }

  #subject(lab: Lab, stage: Stage): Subject {
    const { fixture } = subjectOf(this.#options.course.root, lab.id, '')
    const file = path.join(stage.root, placeOf(lab))
    const roots = [path.join(stage.root, 'labs')]
    return { root: stage.root, fixture, source: { file, roots, modules: lab.modules } }
  }

  /**
   * A program that does not get past its own import ends each check in the same way before the check has
   * begun; at a second of CPU each, once is enough too.
   *
   * @returns How it ends, or null where it loads.
   */
  async #load(suite: LabDefinition, subject: Subject): Promise<Verdict | null> {
    const probe = { lab: suite.id, requirement: '', title: 'the program loads', body: async () => undefined }
    const verdict = await this.#run(probe, subject)
    return verdict.kind === 'hung' || verdict.kind === 'crashed' ? verdict : null
  }

  async #runAll(suite: LabDefinition, subject: Subject): Promise<GatheredCheck[]> {
    const checks: GatheredCheck[] = []
    for (const check of suite.checks) checks.push(gathered(check, await this.#run(check, subject)))
    return checks
  }

  async #run(check: CheckDefinition, subject: Subject): Promise<Verdict> {
    const { seed, limits, mostMilliseconds = MOST_MILLISECONDS } = this.#options
    if (performance.now() - this.#began > mostMilliseconds) return spent(mostMilliseconds)
    const verdict = await runCheck(check, subject, { seed, ...(limits && { limits }) })
    this.#options.onCheck()
    return verdict
  }

  async #gradeStarter(lab: Lab, suite: LabDefinition, subject: Subject): Promise<readonly GatheredCheck[]> {
    const known = this.#untouched.get(lab.id) ?? (await this.#runAll(suite, subject))
    this.#untouched.set(lab.id, known)
    return known
  }

  async #starter(lab: Lab): Promise<string> {
    const known = this.#starters.get(lab.id)
    if (known !== undefined) return known
    const { source } = starterOf(this.#options.course.root, lab).subject
    const { program } = await compileOnce(source)
    this.#starters.set(lab.id, program.code)
    return program.code
  }
}

// --- internal ---

function spent(milliseconds: number): Verdict {
  const saw = `not run: the checks before it took all of the ${milliseconds / 60_000} minutes that a submission has`
  const nothing = { detail: [], frames: [], steps: [], wire: [], observed: {}, wrongAt: 0, milliseconds: 0 }
  return { kind: 'hung', expected: 'a program that lets go', saw, ...nothing }
}

function gathered({ requirement, title }: CheckDefinition, verdict: Verdict): GatheredCheck {
  return { requirement, title, verdict }
}

/** @param near - What its student may have meant, in a sentence. */
function missing(file: string, near: string | undefined): SetupProblem {
  const message = `${file} is not in the submission${near === undefined ? '' : `: ${near}`}.`
  return { code: 'E_MISSING_FILE', message, next: `hand in ${file}` }
}
