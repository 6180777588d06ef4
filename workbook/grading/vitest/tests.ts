import path from 'node:path'
import { describe, inject, test } from 'vitest'
import { root as checkout } from '../../bundle/root.ts'
import { readLab } from '../../course/readme.ts'
import { CompileError, compileOnce } from '../../learner/compile.ts'
import { LIMITS } from '../../learner/limits.ts'
import type { CheckDefinition, LabDefinition } from '../lab.ts'
import { runCheck, type RunOptions } from '../run-check.ts'
import { subjectOf, type Subject } from '../subject.ts'
import type { Verdict } from '../verdict.ts'
import type { CheckMeta, GradedCheck, PlannedCheck, Provided, ProvidedRun } from './provided.ts'

/** What an editor's Vitest grades, which provides nothing: the learner's own files. */
const LEARNERS_OWN: Provided = {
  root: checkout,
  seed: Date.now() % 1_000_000,
  programs: {},
  only: {},
  debugPort: null,
}

/** The check has bounds of its own; Vitest's is only the last resort against a broken suite. */
const TIMEOUT_MILLISECONDS = 2 * LIMITS.wallMilliseconds

/** Who hears of a run at once; Vitest gathers its own news for a tenth of a second. */
export interface Hearer {
  onPlanned(planned: readonly PlannedCheck[]): void
  onGraded(graded: GradedCheck): void
  /** Aborts when the run is cancelled. */
  signalOf(run: number): AbortSignal
}

/** Makes each check of a suite a test. Its verdict becomes the test's meta data. */
export function makeTests({ id, checks }: LabDefinition, hearer?: Hearer): void {
  const provided = inject('workbook') ?? LEARNERS_OWN
  const subject = subjectOf(provided.root, id, fileOf(id, provided))
  const wanted = provided.only[id] ?? checks.map(({ requirement }) => requirement)
  // Under the debugger one at a time: there is one port for it.
  const concurrent = provided.debugPort === null
  const timeout = concurrent ? TIMEOUT_MILLISECONDS : 0
  const graded = checks.filter(({ requirement }) => wanted.includes(requirement))
  const { run } = provided as Partial<ProvidedRun>
  const signal = run === undefined ? undefined : hearer?.signalOf(run)
  // Once a run: all of its checks grade the same text, whatever is saved meanwhile.
  compileOnce(subject.source).catch(() => undefined)
  hearer?.onPlanned(graded.map(({ requirement, title }) => ({ lab: id, requirement, title })))
  describe(id, { concurrent }, () => {
    for (const check of graded) {
      test(`${check.requirement} ${check.title}`, { timeout }, async ({ task, skip }) => {
        if (signal?.aborted) skip()
        const options = { seed: provided.seed, ...(signal && { signal }) }
        const verdict = await grade(check, subject, provided, options, task.meta as CheckMeta)
        if (signal?.aborted) return
        hearer?.onGraded({ lab: id, requirement: check.requirement, title: check.title, verdict })
        if (verdict.kind !== 'passed') throw withoutStack(sentence(verdict))
      })
    }
  })
}

// --- internal ---

async function grade(
  check: CheckDefinition,
  subject: Subject,
  { debugPort }: Provided,
  run: RunOptions,
  meta: CheckMeta,
): Promise<Verdict> {
  // Whoever steps through a failure wants it once, and not a dozen shorter ones behind it.
  const options: RunOptions = { ...run, ...(debugPort !== null && { debugPort, whole: true }) }
  meta.requirement = check.requirement
  meta.title = check.title
  try {
    return (meta.verdict = await runCheck(check, subject, options))
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    meta.problem = { code: error.code, lines: error.lines }
    throw withoutStack(error.lines.join('\n'))
  }
}

function fileOf(id: string, { root, programs }: Provided): string {
  return programs[id] ?? path.join(root, 'labs', id, readLab(root, id).entry)
}

function sentence(verdict: Exclude<Verdict, { kind: 'passed' }>): string {
  const { kind, expected, saw, detail } = verdict
  return [kind, `expected  ${expected}`, `saw       ${saw}`, ...detail].join('\n')
}

/** In an editor the message is all there is to see: the learner's wire, not the suite's source. */
function withoutStack(message: string): Error {
  const error = new Error(message)
  error.stack = ''
  return error
}
