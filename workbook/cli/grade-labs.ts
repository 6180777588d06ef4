import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from '../course/lab.ts'
import { suiteFilesOf } from '../course/suite-files.ts'
import type { CompileProblem, Provided } from '../grading/vitest/provided.ts'
import { runSuites, type SuiteRun } from '../grading/vitest/run.ts'
import type {
  CheckResult,
  CourseResult,
  LabResult,
  RequirementResult,
  SetupProblem,
} from '../report/result.ts'
import type { Selection } from './selection.ts'

export interface GradeOptions {
  readonly seed: number
  /** Grades the references instead of the learner's files. */
  readonly solutions?: boolean
  readonly debugPort?: number
  readonly onCheck?: () => void
}

/** Grades what was selected: the learner's files, or the solutions. */
export async function gradeLabs({ course, labs }: Selection, options: GradeOptions): Promise<CourseResult> {
  const { root } = course
  const folder = options.solutions ? 'solutions' : 'labs'
  const programs = Object.fromEntries(
    labs.map(({ lab }) => [lab.id, path.join(root, folder, lab.id, lab.entry)]),
  )
  const missing = labs.flatMap(({ lab }) => missingFile(root, lab, programs[lab.id] ?? '') ?? [])
  const ready = labs.filter(({ lab }) => !missing.some(({ id }) => id === lab.id))
  const provided: Provided = {
    root,
    seed: options.seed,
    programs,
    only: Object.fromEntries(
      labs.flatMap(({ lab, requirements }) => (requirements.length > 0 ? [[lab.id, requirements]] : [])),
    ),
    debugPort: options.debugPort ?? null,
  }
  const runs =
    ready.length > 0
      ? await runSuites(
          ready.map(({ lab }) => lab.id),
          provided,
          options.onCheck,
        )
      : []
  const results = labs.map(({ lab, requirements }) => {
    const run = runs.find(({ id }) => id === lab.id)
    const file = path
      .relative(root, programs[lab.id] ?? '')
      .split(path.sep)
      .join('/')
    const problem =
      missing.find(({ id }) => id === lab.id)?.problem ??
      (run?.problem ? toProblem(run.problem, lab, file) : null)
    return labResult(root, lab, requirements, file, problem, run)
  })
  const { version, title } = course
  return { course: version, title, seed: options.seed, node: process.version, labs: results }
}

// --- internal ---

function missingFile(root: string, lab: Lab, file: string): { id: string; problem: SetupProblem } | null {
  const shown = path.relative(root, file)
  const { suite } = suiteFilesOf(root, lab.id)
  if (!existsSync(path.join(root, suite))) {
    const problem = {
      code: 'E_NO_SUITE',
      message: `${suite} is missing: this lab cannot be graded.`,
      next: `restore it from where you have the course, or git checkout -- ${suite}`,
    }
    return { id: lab.id, problem }
  }
  if (existsSync(file)) return null
  if (shown.startsWith('solutions')) {
    const message = `${shown} is missing: a student's edition holds no solutions.`
    return { id: lab.id, problem: { code: 'E_MISSING_FILE', message, next: 'npm run list' } }
  }
  const next = `npm run reset -- ${lab.number}`
  return { id: lab.id, problem: { code: 'E_MISSING_FILE', message: `${shown} is missing.`, next } }
}

function toProblem({ code, lines }: CompileProblem, lab: Lab, file: string): SetupProblem {
  const next = code === 'E_SYNTAX' ? `mend ${file}, then npm run grade -- ${lab.number}` : 'please report it'
  return { code, message: lines.join('\n'), next }
}

function labResult(
  root: string,
  lab: Lab,
  wanted: readonly string[],
  file: string,
  problem: SetupProblem | null,
  run?: SuiteRun,
): LabResult {
  const asked = lab.requirements.filter(({ id }) => wanted.length === 0 || wanted.includes(id))
  const requirements = problem ? [] : asked.map((requirement) => requirementResult(requirement, run))
  return { lab, file, problem, requirements, milliseconds: run?.milliseconds ?? 0, ...noSolution(root, lab) }
}

function noSolution(root: string, { id, entry }: Lab): Pick<LabResult, 'noSolution'> {
  return existsSync(path.join(root, 'solutions', id, entry)) ? {} : { noSolution: true }
}

function requirementResult(requirement: Lab['requirements'][number], run?: SuiteRun): RequirementResult {
  const checks: CheckResult[] = (run?.checks ?? [])
    .filter((check) => check.requirement === requirement.id)
    .map(({ title, verdict }) => ({ title, verdict }))
  const deciding = checks.find(({ verdict }) => verdict.kind !== 'passed')
  const kind = checks.length === 0 ? 'no-checks' : (deciding?.verdict.kind ?? 'passed')
  return { requirement, kind, checks }
}
