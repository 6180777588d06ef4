import path from 'node:path'
import { Writable } from 'node:stream'
import type { InlineConfig, TestCase, TestModule } from 'vitest/node'
import { suiteFilesOf } from '../../course/suite-files.ts'
import { hostBundle } from '../../learner/bundles.ts'
import type { Verdict } from '../verdict.ts'
import type { CheckMeta, CompileProblem, GradedCheck, PlannedCheck, Provided } from './provided.ts'
import { SuiteThread } from './thread.ts'

/** What one suite found. */
export interface SuiteRun {
  /** The lab's id. */
  readonly id: string
  readonly checks: ReadonlyArray<{
    readonly requirement: string
    readonly title: string
    readonly verdict: Verdict
  }>
  readonly problem: CompileProblem | null
  readonly milliseconds: number
}

/** Called as each check ends: for progress, and for the first verdict on a screen. */
export type OnCheck = (graded: GradedCheck) => void
/** Called before the first check of a suite. */
export type OnPlan = (planned: readonly PlannedCheck[]) => void

/**
 * While one check waits for its program, for the kernel or for an end to come, another one uses the
 * time. More than these gain nothing: the thread that grades is one.
 */
const CHECKS_AT_A_TIME = 3

/** Vitest, loaded and ready to run suites again and again. */
export interface Suites {
  /**
   * Runs the suites of some labs, one after the other; one call at a time. Programs are read anew each
   * time; a suite is read once, so whoever changes one opens anew.
   */
  run(ids: readonly string[], provided: Provided, onCheck?: OnCheck, onPlan?: OnPlan): Promise<SuiteRun[]>
  /** Ends the run under way, in no time: what it finds from here on means nothing. */
  cancel(): void
  /** Nothing is to run for a while: starts learner processes ahead, for checks that may need a new one. */
  stockUp(checks: number): void
  close(): Promise<void>
}

/** Loads Vitest in this process, which has to be plain Node. */
export async function openSuites(root: string): Promise<Suites> {
  // The bundler puts it beside the child program.
  const program = path.join(path.dirname(hostBundle()), 'suite.mjs')
  const thread = new SuiteThread(program)
  const { createVitest } = await import('vitest/node')
  const alias = [{ find: /^(?:\.\.\/)+workbook\/grading\/lab\.ts$/, replacement: program }]
  const vitest = await createVitest(
    'test',
    config(root, thread),
    { logLevel: 'silent', resolve: { alias } },
    // It would hide the cursor of any terminal, also of one that shows the code for that.
    { stdout: new Writable({ write: (_chunk, _encoding, done) => done() }) },
  )
  let runs = 0
  return {
    cancel: () => thread.cancel(runs),
    stockUp: (checks) => thread.stockUp(checks),
    async run(ids, provided, onCheck, onPlan) {
      vitest.provide('workbook', { ...provided, run: ++runs })
      thread.onNews = (news) => ('graded' in news ? onCheck?.(news.graded) : onPlan?.(news.planned))
      const files = ids.map((id) => path.join(root, suiteFilesOf(root, id).suite))
      const specifications = files.map((file) => vitest.getRootProject().createSpecification(file))
      const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications)
      await thread.atRest
      return ids.map((id, index) => {
        const module = testModules.find(({ moduleId }) => moduleId === files[index])
        return module ? readModule(id, module) : notRun(id, unhandledErrors)
      })
    },
    async close() {
      await vitest.close()
      await thread.close()
    },
  }
}

/** Runs the suites of some labs once. */
export async function runSuites(
  ids: readonly string[],
  provided: Provided,
  onCheck?: OnCheck,
  onPlan?: OnPlan,
): Promise<SuiteRun[]> {
  const suites = await openSuites(provided.root)
  const runs = await suites.run(ids, provided, onCheck, onPlan)
  await suites.close()
  return runs
}

// --- internal ---

function config(root: string, thread: SuiteThread): InlineConfig & { config: false } {
  return {
    config: false,
    root,
    watch: false,
    pool: { name: thread.name, createPoolWorker: () => thread },
    // The learner's code runs in processes of its own, so the thread has nothing to isolate.
    isolate: false,
    fileParallelism: false,
    maxWorkers: 1,
    maxConcurrency: CHECKS_AT_A_TIME,
    // An empty one: without any, Vitest prints.
    reporters: [{}],
  }
}

function readModule(id: string, module: TestModule): SuiteRun {
  const tests = [...module.children.allTests()]
  return {
    id,
    checks: tests.flatMap((test) => {
      const { requirement, title, verdict } = metaOf(test)
      return requirement && title && verdict ? [{ requirement, title, verdict }] : []
    }),
    problem:
      tests.map((test) => metaOf(test).problem).find((problem) => problem !== undefined) ??
      broken(module.errors()),
    milliseconds: Math.round(module.diagnostic().duration),
  }
}

/** The thread ended before the suite had. */
function notRun(id: string, errors: readonly unknown[]): SuiteRun {
  return { id, checks: [], problem: broken(errors as Failure[]), milliseconds: 0 }
}

/** Vitest's own sentence says where it was; its cause says why. */
interface Failure {
  readonly message: string
  readonly cause?: Failure
}

/** The suite itself did not load: the course's fault. */
function broken([error]: readonly Failure[]): CompileProblem | null {
  if (!error) return null
  return {
    code: 'E_SUITE',
    lines: [`the suite of this lab does not load: ${(error.cause ?? error).message}`],
  }
}

function metaOf(test: TestCase): CheckMeta {
  return test.meta() as CheckMeta
}
