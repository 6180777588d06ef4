import path from 'node:path'
import type { TestCase, TestModule } from 'vitest/node'
import type { Verdict } from '../verdict.ts'
import type { CheckMeta, CompileProblem, Provided } from './provided.ts'

/** What one suite found. */
export interface SuiteRun {
  /** The lab's id. */
  readonly id: string
  readonly checks: ReadonlyArray<{ readonly requirement: string; readonly title: string; readonly verdict: Verdict }>
  readonly problem: CompileProblem | null
  readonly milliseconds: number
}

/** Called as each check ends, for progress on a terminal. */
export type OnCheck = (lab: string, requirement: string) => void

/** Runs the suites of some labs under Vitest, in this process, one after the other. */
export async function runSuites(ids: readonly string[], provided: Provided, onCheck?: OnCheck): Promise<SuiteRun[]> {
  const { createVitest } = await import('vitest/node')
  const runs: SuiteRun[] = []
  const reporter = {
    onTestCaseResult: (test: TestCase) => onCheck?.(test.module.moduleId, metaOf(test).requirement ?? ''),
    onTestRunEnd: (modules: readonly TestModule[]) => void runs.push(...modules.map(readModule)),
  }
  const { root } = provided
  const vitest = await createVitest(
    'test',
    {
      config: false,
      root,
      dir: path.join(root, 'test/labs'),
      include: ids.map((id) => `${id}.test.ts`),
      watch: false,
      // The learner's code runs in processes of its own, so the workers have nothing to isolate.
      pool: 'threads',
      isolate: false,
      fileParallelism: false,
      maxWorkers: 1,
      setupFiles: [path.join(root, 'workbook/grading/vitest/receive.ts')],
      provide: { workbook: provided },
      reporters: [reporter],
    },
    { logLevel: 'silent' },
  )
  await vitest.start()
  await vitest.close()
  return ids.map((id) => runs.find((run) => run.id === id) ?? { id, checks: [], problem: null, milliseconds: 0 })
}

// --- internal ---

function readModule(module: TestModule): SuiteRun {
  const tests = [...module.children.allTests()]
  return {
    id: path.basename(module.moduleId, '.test.ts'),
    checks: tests.flatMap((test) => {
      const { requirement, title, verdict } = metaOf(test)
      return requirement && title && verdict ? [{ requirement, title, verdict }] : []
    }),
    problem: tests.map((test) => metaOf(test).problem).find((problem) => problem !== undefined) ?? broken(module),
    milliseconds: Math.round(module.diagnostic().duration),
  }
}

/** The suite itself did not load: the course's fault. */
function broken(module: TestModule): CompileProblem | null {
  const [error] = module.errors()
  return error ? { code: 'E_SUITE', lines: [`the suite of this lab does not load: ${error.message}`] } : null
}

function metaOf(test: TestCase): CheckMeta {
  return test.meta() as CheckMeta
}
