import path from 'node:path'
import { BroadcastChannel, threadId } from 'node:worker_threads'
import { afterAll, beforeAll, expect } from 'vitest'
import { bundle } from '../../workbook/bundle/bundle.mjs'
import { HOST_BUNDLE } from '../../workbook/bundle/parts.mjs'
import { root } from '../../workbook/bundle/root.ts'
import type { CheckBody } from '../../workbook/grading/lab.ts'
import { runCheck, type RunOptions } from '../../workbook/grading/run-check.ts'
import type { Subject } from '../../workbook/grading/subject.ts'
import type { Problem, Verdict } from '../../workbook/grading/verdict.ts'
import { COMPILER_VARIABLE, HOST_VARIABLE } from '../../workbook/learner/bundles.ts'
import { dismissAll } from '../../workbook/learner/kept.ts'
import { NEWS_CHANNEL, type News } from '../../workbook/learner/pids.ts'
import { hasLivingMembers, until } from './processes.ts'
import { warmUp } from '../../workbook/learner/spare.ts'

/**
 * The grading engine for tests of it: a program, given as text or as a file of test/hostile, and the
 * body of a check make a verdict.
 */

export type Options = Partial<RunOptions> & Partial<Subject>

const labs = path.join(root, 'labs')

const paths = await bundle(HOST_BUNDLE)
process.env[HOST_VARIABLE] ??= paths['host.cjs']
process.env[COMPILER_VARIABLE] ??= paths['compiler.cjs']

/** To be called once in a test file; proves at its end that no learner process is left. */
export function useEngine(): void {
  const processes = watchProcesses()
  beforeAll(warmUp)
  afterAll(async () => {
    await dismissAll()
    expect({ leftBehind: await processes.left() }).toEqual({ leftBehind: [] })
  })
}

/** The body of a check that calls one export and awaits it. */
export function calling(name: string, ...args: readonly unknown[]): CheckBody {
  return async ({ learner }) => {
    await learner.call(name, ...args)
  }
}

/** @param text - TypeScript, as if it stood in labs/. */
export function gradeText(text: string, body: CheckBody, options: Options = {}): Promise<Verdict> {
  const file = path.join(labs, 'program.ts')
  return grade({ file, text, roots: [labs] }, body, options)
}

export const NOTHING: CheckBody = async () => undefined
export const PID = 'export const pid = (): number => process.pid\n'

/** Runs a check and tells in which process, beside its verdict. */
export async function gradeAndAsk(
  text: string,
  body: CheckBody = NOTHING,
  options: Options = {},
): Promise<{ verdict: Verdict; pid: string | undefined }> {
  const verdict = await gradeText(
    PID + text,
    async (check) => {
      check.observe('pid', String(await check.learner.call('pid')))
      await body(check)
    },
    options,
  )
  return { verdict, pid: verdict.observed['pid'] }
}

/** @param name - Of a file in test/hostile, without `.ts`. */
export function gradeHostile(name: string, body: CheckBody, options?: Options): Promise<Verdict> {
  return gradeFile(`test/hostile/${name}.ts`, body, options)
}

/**
 * @param file - Relative to the checkout.
 * @param modules - Of Node's, besides those of every lab.
 */
export function gradeFile(
  file: string,
  body: CheckBody,
  options: Options = {},
  modules: readonly string[] = [],
): Promise<Verdict> {
  const absolute = path.join(root, file)
  return grade({ file: absolute, roots: [labs, path.dirname(absolute)], modules }, body, options)
}

/** The verdict in one line, without what differs from run to run. */
export function told(verdict: Verdict): string {
  return verdict.kind === 'passed'
    ? 'passed'
    : `${verdict.kind}: expected ${verdict.expected}; saw ${verdict.saw}`
}

/** @throws When the check passed. */
export function problemOf(verdict: Verdict): Problem {
  if (verdict.kind === 'passed') throw new Error('the check passed')
  return verdict
}

/** How often a test repeats what must come out the same each time; WORKBOOK_RUNS raises it. */
export function times(usual: number): number {
  return Math.max(usual, Number(process.env['WORKBOOK_RUNS'] ?? 0))
}

// --- internal ---

function grade(source: Subject['source'], body: CheckBody, options: Options): Promise<Verdict> {
  const { seed = 1, fixture = null, ...rest } = options
  const check = { lab: '00-test', requirement: 'R1', title: 'a test of the engine', body }
  return runCheck(check, { root, fixture, ...rest, source }, { seed, ...rest })
}

/** Far more than a killed process needs. */
const DYING_MILLISECONDS = 20_000

/** Hears of every learner process that this thread starts from here on. */
function watchProcesses(): { left(): Promise<number[]> } {
  const alive = new Map<number, boolean>()
  const channel = new BroadcastChannel(NEWS_CHANNEL)
  let heard = (): void => undefined
  channel.onmessage = (event) => {
    const { pid, alive: lives, thread } = (event as { data: News }).data
    if (thread === threadId) alive.set(pid, lives)
    heard()
  }
  return {
    /** Waits until all are reported gone, and what they had started as well; else those that have a member still. */
    async left() {
      while ([...alive.values()].includes(true)) await new Promise<void>((resolve) => void (heard = resolve))
      channel.close()
      const members = (): number[] => [...alive.keys()].filter(hasLivingMembers)
      // The group was killed with its leader; who is in it ends in his own time.
      await until(() => members().length === 0, AbortSignal.timeout(DYING_MILLISECONDS))
      return members()
    },
  }
}
