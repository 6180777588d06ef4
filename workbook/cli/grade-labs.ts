import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from '../course/lab.ts'
import type { Provided } from '../grading/vitest/provided.ts'
import { runSuites } from '../grading/vitest/run.ts'
import { compileProblem, gatherLab } from '../report/gather.ts'
import type { CourseResult, SetupProblem } from '../report/result.ts'
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
      (run?.problem ? compileProblem(run.problem.code, run.problem.lines, lab, file) : null)
    const { checks = [], milliseconds = 0 } = run ?? {}
    return gatherLab(lab, requirements, { file, problem, checks, milliseconds })
  })
  return { course: course.version, seed: options.seed, node: process.version, labs: results }
}

// --- internal ---

function missingFile(root: string, lab: Lab, file: string): { id: string; problem: SetupProblem } | null {
  const shown = path.relative(root, file)
  const suite = `test/labs/${lab.id}.test.ts`
  if (!existsSync(path.join(root, suite))) {
    const problem = {
      code: 'E_NO_SUITE',
      message: `${suite} is missing: this lab cannot be graded.`,
      next: 'git checkout -- test',
    }
    return { id: lab.id, problem }
  }
  if (existsSync(file)) return null
  const next = shown.startsWith('solutions') ? 'npm run list' : `npm run reset -- ${lab.number}`
  return { id: lab.id, problem: { code: 'E_MISSING_FILE', message: `${shown} is missing.`, next } }
}
