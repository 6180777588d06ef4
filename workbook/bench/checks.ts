import { existsSync } from 'node:fs'
import path from 'node:path'
import { readCourse } from '../course/course.ts'
import { solutionOf } from '../grading/programs.ts'
import { runCheck } from '../grading/run-check.ts'
import { loadSuite } from '../grading/suites.ts'
import { killTheRestAtExit } from '../learner/pids.ts'
import { root } from '../bundle/root.ts'
import { stayWithParent, tellParent } from './child.ts'

/** A program under tsx: times every check against the solution, and tells the samples to its parent. */

/** What one suite took against its solution. */
export interface SuiteSamples {
  readonly lab: string
  readonly checks: number
  /** Milliseconds of each check, all rounds. */
  readonly samples: readonly number[]
  /** Milliseconds of the whole suite, by round. */
  readonly suites: readonly number[]
}

const SEED = 1

killTheRestAtExit()
stayWithParent()
const rounds = Number(process.argv[2])
for (const lab of readCourse(root).labs.filter(({ id }) => existsSync(path.join(root, 'solutions', id)))) {
  const { checks } = await loadSuite(root, lab.id)
  const { subject } = solutionOf(root, lab)
  const [samples, suites]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const started = performance.now()
    for (const check of checks) {
      const before = performance.now()
      await runCheck(check, subject, { seed: SEED + round })
      samples.push(performance.now() - before)
    }
    suites.push(performance.now() - started)
  }
  await tellParent({ lab: lab.id, checks: checks.length, samples, suites } satisfies SuiteSamples)
}
process.exit()
