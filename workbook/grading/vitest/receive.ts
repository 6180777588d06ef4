import { afterAll, describe, inject, test } from 'vitest'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { readLab } from '../../course/readme.ts'
import { root as checkout } from '../../bundle/root.ts'
import { CompileError, type Source } from '../../learner/compile.ts'
import { dismissSpare, warmUp } from '../../learner/spare.ts'
import { receiveLabs, type CheckDefinition } from '../lab.ts'
import { runCheck, type RunOptions, type Subject } from '../run-check.ts'
import type { Verdict } from '../verdict.ts'
import type { CheckMeta, Provided } from './provided.ts'

/** Vitest's set-up file: makes each check of a suite a test. */

const provided: Provided = inject('workbook') ?? {
  root: checkout,
  seed: Date.now() % 1_000_000,
  programs: {},
  only: {},
  debugPort: null,
}

/** The check has bounds of its own; Vitest's is only the last resort against a broken suite. */
const TIMEOUT_MILLISECONDS = provided.debugPort === null ? 60_000 : 0

warmUp()
afterAll(dismissSpare)

receiveLabs(({ id, checks }) => {
  const subject = subjectOf(id)
  const wanted = provided.only[id]
  describe(id, () => {
    for (const check of checks) {
      if (wanted && !wanted.includes(check.requirement)) continue
      test(`${check.requirement} ${check.title}`, { timeout: TIMEOUT_MILLISECONDS }, ({ task }) =>
        grade(check, subject, task.meta as CheckMeta),
      )
    }
  })
})

// --- internal ---

async function grade(check: CheckDefinition, subject: Subject, meta: CheckMeta): Promise<void> {
  meta.requirement = check.requirement
  meta.title = check.title
  const options: RunOptions = { seed: provided.seed, ...(provided.debugPort && { debugPort: provided.debugPort }) }
  try {
    meta.verdict = await runCheck(check, subject, options)
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    meta.problem = { code: error.code, lines: error.lines }
    throw withoutStack(error.lines.join('\n'))
  }
  if (meta.verdict.kind !== 'passed') throw withoutStack(sentence(meta.verdict))
}

function subjectOf(id: string): Subject {
  const { root } = provided
  const file = provided.programs[id] ?? path.join(root, 'labs', id, readLab(root, id).entry)
  const fixture = path.join(root, 'test/labs', `${id}.host.ts`)
  return {
    root,
    source: { file, roots: rootsOf(root, file) },
    fixture: existsSync(fixture) ? { file: fixture, roots: [path.dirname(fixture)] } : null,
  }
}

/** A learner imports from labs/ alone; a solution also from its own folder. */
function rootsOf(root: string, file: string): Source['roots'] {
  const labs = path.join(root, 'labs')
  return file.startsWith(labs + path.sep) ? [labs] : [labs, path.dirname(file)]
}

function sentence(verdict: Exclude<Verdict, { kind: 'passed' }>): string {
  const { kind, expected, saw, detail } = verdict
  return [`${kind}`, `expected  ${expected}`, `saw       ${saw}`, ...detail].join('\n')
}

/** In an editor the message is all there is to see: the learner's wire, not the suite's source. */
function withoutStack(message: string): Error {
  const error = new Error(message)
  error.stack = ''
  return error
}
