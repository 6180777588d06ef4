import { CompileError, compileOnce, type Compiled } from '../learner/compile.ts'
import { LearnerProcess } from '../learner/process.ts'
import { takeKept } from '../learner/kept.ts'
import { takeProcess } from '../learner/spare.ts'
import {
  attempt,
  EXPECTED_INSIDE,
  explain,
  inputsOf,
  mayShare,
  problem,
  type Attempt,
  type RunOptions,
} from './attempt.ts'
import { besideOf } from './beside.ts'
import { conversationsOf, shorten, type Conversation } from './conversation.ts'
import type { Finding } from './conviction.ts'
import type { CheckDefinition } from './lab.ts'
import type { Subject } from './subject.ts'
import type { Passed, Problem, Verdict, VerdictKind } from './verdict.ts'

export type { RunOptions } from './attempt.ts'

/**
 * Runs one check against one program, in a learner process: a new one, or one that has served another
 * check of the same learner and is as good as new. Only a new one can fail the program. Never throws for
 * the learner's sake.
 */
export async function runCheck(
  check: CheckDefinition,
  subject: Subject,
  options: RunOptions,
): Promise<Verdict> {
  const started = performance.now()
  let compiled: Compiled
  try {
    compiled = await compileOnce(subject.source)
  } catch (error) {
    return problem(outside(error), null, started)
  }
  const given = { check, subject, compiled, options, started }
  if (!check.conversations) return judge({ ...given, play: check.body })
  return converse(
    { ...given, play: check.body },
    conversationsOf(check.conversations, inputsOf(given), options.scriptsOnly === true),
  )
}

// --- internal ---

/** These verdicts stand, whatever the process has served before: a program that calls todo() says so itself. */
const STANDS: readonly VerdictKind[] = ['passed', 'not-started']

/** By a process that has served before, and where that does not pass, by a new one. */
async function judge(given: Attempt): Promise<Verdict> {
  const { subject, options, started } = given
  const kept = mayShare(options) ? await takeKept(subject.root) : null
  const first = kept && (await attempt(given, kept))
  if (first && (STANDS.includes(first.kind) || options.hasty || options.signal?.aborted)) return first
  let process: LearnerProcess
  try {
    process = await start(options)
  } catch (error) {
    const finding = {
      ...explain(error),
      kind: 'grader-error',
      expected: 'a learner process that starts',
    } as const
    return problem(finding, null, started)
  }
  const verdict = await attempt(given, process)
  return first && verdict.kind === 'passed' ? inDoubt(verdict, first as Problem) : verdict
}

/**
 * Plays the conversations one after the other in one program, or each alone. What fails is played again alone, and
 * shortened, so that the learner reads the shortest that still shows the mistake.
 */
async function converse(given: Attempt, all: readonly Conversation[]): Promise<Verdict> {
  const batches = given.check.conversations?.alone ? all.map((one) => [one]) : [all]
  for (const [index, play] of batches.entries()) {
    const verdict = await judge({ ...given, play })
    if (verdict.kind === 'passed' && index < batches.length - 1 && !verdict.doubt) continue
    if (verdict.kind === 'passed' || !TELLS.includes(verdict.kind) || given.options.whole) return verdict
    const told = await shortest(given, play, verdict)
    const at = batches.length > 1 ? index : (verdict.conversation ?? 0)
    return told ? withBeside(given, all, at, told) : verdict
  }
  return judge({ ...given, play: [] })
}

/** Kinds that speak of what one conversation did. */
const TELLS: readonly VerdictKind[] = ['failed', 'crashed', 'hung', 'leaked', 'never-listened']

/** @returns null where it takes the ones before it: what they share in the program is the mistake. */
async function shortest(
  given: Attempt,
  played: readonly Conversation[],
  found: Problem,
): Promise<Problem | null> {
  const failed = played[found.conversation ?? 0]
  if (!failed) return null
  const again = async (one: Conversation): Promise<Problem | null> => {
    const verdict = await judge({ ...given, play: [one] })
    return verdict.kind === found.kind && verdict.blames === found.blames ? verdict : null
  }
  let told = await again(failed)
  if (!told) return null
  await shorten(failed, async (shorter) => {
    const verdict = given.options.signal?.aborted ? null : await again(shorter)
    told = verdict ?? told
    return verdict !== null
  })
  return told
}

/**
 * Where the mistake begins and ends: names, and no verdict depends on them. Whatever hangs may hang in all of them, and
 * each costs a second; and of a program that does not even load no conversation was played.
 */
async function withBeside(
  given: Attempt,
  all: readonly Conversation[],
  at: number,
  told: Problem,
): Promise<Problem> {
  if (told.kind === 'hung' || told.conversation === undefined || given.options.hasty) return told
  const once = { ...given, options: { ...given.options, hasty: true } }
  const beside = await besideOf(all, at, async (one) => {
    if (given.options.signal?.aborted) return null
    const { kind } = await judge({ ...once, play: [one] })
    return kind === 'passed' || TELLS.includes(kind) ? kind !== 'passed' : null
  })
  return { ...told, beside }
}

/** The learner is told: a program that does not do the same each time depends on chance. */
function inDoubt(verdict: Passed, doubt: Problem): Passed {
  const { kind, expected, saw } = doubt
  const told = `passed when it was repeated in a new process; before that ${kind}: expected ${expected}; saw ${saw}`
  return { ...verdict, doubt, measured: [...(verdict.measured ?? []), told] }
}

/** @throws Whatever is no import from outside the lab. */
function outside(error: unknown): Finding {
  if (!(error instanceof CompileError) || error.code !== 'E_FORBIDDEN_IMPORT') throw error
  const [saw = '', ...detail] = error.lines
  return { kind: 'forbidden', expected: EXPECTED_INSIDE, saw, detail }
}

async function start({ debugPort, limits }: RunOptions): Promise<LearnerProcess> {
  if (debugPort === undefined) return await takeProcess(limits)
  const process = new LearnerProcess(debugPort)
  await process.begin()
  return process
}
