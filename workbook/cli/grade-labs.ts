import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from '../course/lab.ts'
import { suiteFilesOf } from '../course/suite-files.ts'
import type { Provided } from '../grading/vitest/provided.ts'
import { runSuites, type OnCheck, type OnPlan, type SuiteRun } from '../grading/vitest/run.ts'
import { compileProblem, gatherLab } from '../report/gather.ts'
import type { CourseResult, LabResult, SetupProblem } from '../report/result.ts'
import { hasReference } from './reference.ts'
import type { Selection } from './selection.ts'

export interface GradeOptions {
  readonly seed: number
  /** Grades the references instead of the learner's files. */
  readonly solutions?: boolean
  readonly debugPort?: number
  readonly onCheck?: OnCheck
  readonly onPlan?: OnPlan
}

/** Grades what was selected: the learner's files, or the solutions. */
export async function gradeLabs({ course, labs }: Selection, options: GradeOptions): Promise<CourseResult> {
  const { root } = course
  const subjects = labs.map(({ lab, requirements }) => ({
    ...subjectOf(root, lab, options.solutions === true),
    requirements,
  }))
  const ready = subjects.filter(({ problem }) => problem === null)
  const provided = providedFor(root, ready, options)
  const runs = ready.length > 0 ? await runAll(ready, provided, options) : []
  const results = subjects.map(({ requirements, ...subject }) => {
    const run = runs.find(({ id }) => id === subject.lab.id)
    return labResult(subject, requirements, run)
  })
  const { version, title } = course
  return { course: version, title, seed: options.seed, node: process.version, labs: results }
}

/** A lab and the program that is graded. */
export interface GradedProgram {
  readonly lab: Lab
  /** Absolute. */
  readonly program: string
  /** Relative to the root, with `/`. */
  readonly file: string
  /** Why it cannot be graded. */
  readonly problem: SetupProblem | null
  /** False in a student's edition. */
  readonly hasSolution: boolean
}

export function subjectOf(root: string, lab: Lab, solutions = false): GradedProgram {
  const file = `${solutions ? 'solutions' : 'labs'}/${lab.id}/${lab.entry}`
  const program = path.join(root, file)
  const hasSolution = hasReference(root, lab)
  return { lab, program, file, problem: missingFile(root, lab, file), hasSolution }
}

/** What the suites are told about the programs; `requirements` are those asked for, none means all. */
export function providedFor(
  root: string,
  programs: ReadonlyArray<GradedProgram & { readonly requirements: readonly string[] }>,
  { seed, debugPort }: Pick<GradeOptions, 'seed' | 'debugPort'>,
): Provided {
  const only = programs.filter(({ requirements }) => requirements.length > 0)
  return {
    root,
    seed,
    programs: Object.fromEntries(programs.map(({ lab, program }) => [lab.id, program])),
    only: Object.fromEntries(only.map(({ lab, requirements }) => [lab.id, requirements])),
    debugPort: debugPort ?? null,
  }
}

/** What a suite found, as a report shows it. */
export function labResult(
  { lab, file, problem: before, hasSolution }: GradedProgram,
  wanted: readonly string[],
  run?: SuiteRun,
): LabResult {
  const { checks = [], problem: broken = null, milliseconds = 0 } = run ?? {}
  const problem = before ?? (broken ? compileProblem(broken.code, broken.lines, lab, file) : null)
  const result = gatherLab(lab, wanted, { file, problem, checks, milliseconds })
  return hasSolution ? result : { ...result, noSolution: true }
}

// --- internal ---

function runAll(ready: readonly GradedProgram[], provided: Provided, options: GradeOptions) {
  const ids = ready.map(({ lab }) => lab.id)
  return runSuites(ids, provided, options.onCheck, options.onPlan)
}

function missingFile(root: string, lab: Lab, file: string): SetupProblem | null {
  const { suite } = suiteFilesOf(root, lab.id)
  if (!existsSync(path.join(root, suite))) {
    const message = `${suite} is missing: this lab cannot be graded.`
    const next = `restore it from where you have the course, or git checkout -- ${suite}`
    return { code: 'E_NO_SUITE', message, next }
  }
  if (existsSync(path.join(root, file))) return null
  if (file.startsWith('solutions/')) {
    const message = `${file} is missing: a student's edition holds no solutions.`
    return { code: 'E_MISSING_FILE', message, next: 'npm run list' }
  }
  const next = `npm run reset -- ${lab.number}`
  return { code: 'E_MISSING_FILE', message: `${file} is missing.`, next }
}
