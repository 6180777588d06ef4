import path from 'node:path'
import { inspect } from 'node:util'
import { CompileError, compileOnce, withInlineMap, type Compiled } from '../learner/compile.ts'
import { LearnerEnded, type End } from '../learner/end.ts'
import { ALLOWED_MODULES } from '../learner/imports.ts'
import type { Limits } from '../learner/limits.ts'
import type { PackedError, Program } from '../learner/messages.ts'
import { TODO_CODE } from '../learner/messages.ts'
import { LearnerProcess } from '../learner/process.ts'
import { giveBack, takeKept } from '../learner/kept.ts'
import { takeProcess } from '../learner/spare.ts'
import { learnerFrames } from '../learner/stack.ts'
import { createCheck } from './check-context.ts'
import { Conviction, convict, type Finding } from './conviction.ts'
import type { CheckDefinition } from './lab.ts'
import { createRandom } from './random.ts'
import { notStarted } from './remote.ts'
import { Session } from './session.ts'
import type { Subject } from './subject.ts'
import type { Frame, Passed, Problem, Verdict, VerdictKind } from './verdict.ts'

export interface RunOptions {
  readonly seed: number
  /** Port for the inspector; the watchdog and the limits are off then. */
  readonly debugPort?: number
  /** Other bounds of the watchdog than usual. */
  readonly limits?: Partial<Limits>
  /** Ends the check at once; its verdict means nothing then. */
  readonly signal?: AbortSignal
}

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
  const kept = mayShare(options) ? await takeKept(subject.root) : null
  const first = kept && (await attempt({ check, subject, compiled, options, started }, kept))
  if (first && (STANDS.includes(first.kind) || options.signal?.aborted)) return first
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
  const verdict = await attempt({ check, subject, compiled, options, started }, process)
  return first && verdict.kind === 'passed' ? inDoubt(verdict, first as Problem) : verdict
}

// --- internal ---

/** These verdicts stand, whatever the process has served before: a program that calls todo() says so itself. */
const STANDS: readonly VerdictKind[] = ['passed', 'not-started']

const EXPECTED_INSIDE = 'a program that stays in the lab'

interface Attempt {
  readonly check: CheckDefinition
  readonly subject: Subject
  readonly compiled: Compiled
  readonly options: RunOptions
  /** By performance.now(). */
  readonly started: number
}

async function attempt(
  { check, subject, compiled, options, started }: Attempt,
  process: LearnerProcess,
): Promise<Verdict> {
  const session = new Session(process)
  const cancel = (): void => session.breakOff(new Error('the run was cancelled'))
  options.signal?.addEventListener('abort', cancel, { once: true })
  if (options.signal?.aborted) cancel()
  const finding = await perform(check, session, subject, compiled, options)
  options.signal?.removeEventListener('abort', cancel)
  const share = mayShare(options) && !options.signal?.aborted
  await session.close((served) => (share ? giveBack(served, subject.root) : served.close()))
  if (!finding) return { kind: 'passed', ...seen(session, started) }
  return problem(finding, session, started, frames(finding, compiled, subject.root))
}

/** The learner is told: a program that does not do the same each time depends on chance. */
function inDoubt(verdict: Passed, doubt: Problem): Passed {
  const { kind, expected, saw } = doubt
  const told = `passed when it was repeated in a new process; before that ${kind}: expected ${expected}; saw ${saw}`
  return { ...verdict, doubt, measured: [...(verdict.measured ?? []), told] }
}

/** Under a debugger, or with other bounds, a process serves one check. */
function mayShare({ debugPort, limits }: RunOptions): boolean {
  return debugPort === undefined && limits === undefined
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

/** @returns Why the check did not pass, or null. */
async function perform(
  check: CheckDefinition,
  session: Session,
  subject: Subject,
  compiled: Compiled,
  { seed, debugPort }: RunOptions,
): Promise<Finding | null> {
  try {
    const context = createCheck(
      session,
      createRandom(`${seed} ${check.lab} ${check.requirement} ${check.title}`),
    )
    await load(session, subject, compiled, debugPort !== undefined)
    // The body may wait for something of its own that will now never come.
    await Promise.race([check.body(context), session.over])
    // A crash right after the last step still counts.
    await session.idle()
    return null
  } catch (error) {
    const finding = { wrongAt: session.wrongAt, ...explain(error) }
    const end = BY_SIGHT.includes(finding.kind) ? await hearOut(session) : null
    return end ? { wrongAt: finding.wrongAt, ...fromEnd(end) } : finding
  }
}

/** Kinds that come from what the grader saw, and not from what the process said. */
const BY_SIGHT: readonly VerdictKind[] = ['failed', 'never-listened', 'hung', 'leaked']

/**
 * The wire and the line to the process have no common order: the FIN of a program that crashes may be read before
 * its crash. Once the process has answered, everything has been heard that it had said before.
 *
 * @returns What ended the program, or null. A loop that begins behind a failure is not what was wrong first.
 */
async function hearOut(session: Session): Promise<End | null> {
  session.transcript.seal()
  try {
    await session.order({ op: 'hear-out' })
    return null
  } catch (error) {
    return error instanceof LearnerEnded && error.end.kind !== 'hung' ? error.end : null
  }
}

async function load(
  session: Session,
  { fixture }: Subject,
  compiled: Compiled,
  debug: boolean,
): Promise<void> {
  const beside: Program | null = fixture ? (await compileOnce(fixture)).program : null
  const program = debug ? withInlineMap(compiled) : compiled.program
  const order = { op: 'load', program, fixture: beside, modules: ALLOWED_MODULES, debug } as const
  let loaded: 'pending' | 'done' | PackedError = 'pending'
  const settle = (outcome: typeof loaded): void => {
    loaded = outcome
    session.changed()
  }
  session.order(order).then(
    () => settle('done'),
    (error: unknown) =>
      settle(error instanceof LearnerEnded ? 'pending' : (error as { error: PackedError }).error),
  )
  await session.until(() => loaded !== 'pending')
  judgeLoad(loaded)
}

function judgeLoad(loaded: 'pending' | 'done' | PackedError): void {
  if (loaded === 'done') return
  const expected = 'a program that loads'
  if (loaded === 'pending')
    convict('hung', expected, 'a top-level await that never ends: your program is idle')
  if (loaded.code === TODO_CODE) throw notStarted(loaded)
  convict('crashed', expected, `${loaded.name}: ${loaded.message}`, { stack: loaded.stack })
}

function explain(error: unknown): Finding {
  if (error instanceof Conviction) return error.finding
  if (error instanceof LearnerEnded) return fromEnd(error.end)
  const { stack, message } = error instanceof Error ? error : new Error(`threw ${inspect(error)}`)
  return { kind: 'grader-error', expected: 'a check that works', saw: message, detail: [String(stack)] }
}

const EXPECTED: Readonly<Record<End['kind'], string>> = {
  crashed: 'a program that goes on running',
  hung: 'a program that lets go',
  forbidden: EXPECTED_INSIDE,
}

function fromEnd({ kind, saw, stack }: End): Finding {
  return { kind, expected: EXPECTED[kind], saw, stack }
}

function frames({ stack }: Finding, compiled: Compiled, root: string): Frame[] {
  if (!stack) return []
  return learnerFrames(stack, compiled).map((frame) => ({
    ...frame,
    file: path.relative(root, frame.file).split(path.sep).join('/'),
  }))
}

function seen(session: Session | null, started: number) {
  return {
    steps: session?.steps ?? [],
    wire: session?.transcript.events ?? [],
    observed: session?.observed ?? {},
    explained: session?.explained ?? {},
    measured: session?.measured ?? [],
    milliseconds: Math.round(performance.now() - started),
  }
}

function problem(finding: Finding, session: Session | null, started: number, where: Frame[] = []): Verdict {
  const { kind, expected, saw, detail = [], wrongAt = 0 } = finding
  return { kind, expected, saw, detail, wrongAt, frames: where, ...seen(session, started) }
}
