import path from 'node:path'
import { inspect } from 'node:util'
import { compileOnce, withInlineMap, type Compiled } from '../learner/compile.ts'
import { LearnerEnded, type End } from '../learner/end.ts'
import type { Limits } from '../learner/limits.ts'
import type { PackedError, Program } from '../learner/messages.ts'
import { TODO_CODE } from '../learner/messages.ts'
import type { LearnerProcess } from '../learner/process.ts'
import { giveBack } from '../learner/kept.ts'
import { learnerFrames } from '../learner/stack.ts'
import { createCheck } from './check-context.ts'
import { Conviction, convict, type Finding } from './conviction.ts'
import type { Conversation } from './conversation.ts'
import type { CheckBody, CheckDefinition } from './lab.ts'
import { createRandom } from './random.ts'
import { notStarted, Remote } from './remote.ts'
import { Session } from './session.ts'
import type { Subject } from './subject.ts'
import type { Frame, Verdict, VerdictKind } from './verdict.ts'
import { confirmOpen } from './witness.ts'

export interface RunOptions {
  readonly seed: number
  /** Port for the inspector; the watchdog and the limits are off then. */
  readonly debugPort?: number
  /** Other bounds of the watchdog than usual. */
  readonly limits?: Partial<Limits>
  /** Ends the check at once; its verdict means nothing then. */
  readonly signal?: AbortSignal
  /** A conversation that failed is told as it was: shortening it costs a few dozen more. */
  readonly whole?: boolean
  /** Nothing is drawn: what is known to be wrong has to be caught without the help of chance. */
  readonly scriptsOnly?: boolean
  /** A failure stands, though the process has served before: for programs whose failure is known, and never for a learner's verdict. */
  readonly hasty?: boolean
}

/** One check, or some conversations of one, against one program. */
export interface Attempt {
  readonly check: CheckDefinition
  /** The check's body, or the conversations to be played. */
  readonly play: CheckBody | readonly Conversation[]
  readonly subject: Subject
  readonly compiled: Compiled
  readonly options: RunOptions
  /** By performance.now(). */
  readonly started: number
}

export const EXPECTED_INSIDE = 'a program that stays in the lab'

/** In this learner process, which then serves the next check or ends. */
export async function attempt(given: Attempt, process: LearnerProcess): Promise<Verdict> {
  const { subject, compiled, options, started } = given
  const session = new Session(process)
  const cancel = (): void => session.breakOff(new Error('the run was cancelled'))
  options.signal?.addEventListener('abort', cancel, { once: true })
  if (options.signal?.aborted) cancel()
  const finding = await perform(given, session)
  options.signal?.removeEventListener('abort', cancel)
  const share = mayShare(options) && !options.signal?.aborted
  await session.close((served) => (share ? giveBack(served, subject.root) : served.close()))
  if (!finding) return { kind: 'passed', ...seen(session, started) }
  return problem(finding, session, started, frames(finding, compiled, subject.root))
}

/** Under a debugger, or with other bounds, a process serves one check. */
export function mayShare({ debugPort, limits }: RunOptions): boolean {
  return debugPort === undefined && limits === undefined
}

/** @returns Why the check did not pass, or null. */
async function perform(given: Attempt, session: Session): Promise<Finding | null> {
  const { subject, compiled, options, play } = given
  try {
    await load(session, subject, compiled, options.debugPort !== undefined)
    // The body may wait for something of its own that will now never come.
    const body = typeof play === 'function' ? scene(given, play, session) : playAll(given, play, session)
    await Promise.race([body, session.over])
    // A crash right after the last step still counts.
    await confirmOpen(session)
    return null
  } catch (error) {
    const finding = { wrongAt: session.wrongAt, ...explain(error) }
    const end = BY_SIGHT.includes(finding.kind) ? await hearOut(session) : null
    return end ? { wrongAt: finding.wrongAt, ...fromEnd(end) } : finding
  }
}

function scene(given: Attempt, body: CheckBody, session: Session): Promise<void> {
  return body(createCheck(session, createRandom(inputsOf(given))))
}

async function playAll({ check }: Attempt, all: readonly Conversation[], session: Session): Promise<void> {
  const remote = new Remote(session)
  for (const [index, { name, steps, seed }] of all.entries()) {
    await session.nextConversation(index)
    remote.rejected.clear()
    session.step(/^drawn \d+$/.test(name) ? 'a drawn conversation' : name)
    await check.conversations?.play(createCheck(session, createRandom(seed), remote), steps)
    // What comes of it late is still its own.
    await session.idle()
  }
}

/** What draws the inputs of a check: others in each run, and in each check. */
export function inputsOf({ check, options }: Pick<Attempt, 'check' | 'options'>): string {
  return `${options.seed} ${check.lab} ${check.requirement} ${check.title}`
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
  const { modules } = compiled
  const order = { op: 'load', program, fixture: beside, modules, debug } as const
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

export function explain(error: unknown): Finding {
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

export function problem(
  finding: Finding,
  session: Session | null,
  started: number,
  where: Frame[] = [],
): Verdict {
  const { kind, expected, saw, detail = [], wrongAt = 0, blames } = finding
  const whose = {
    ...(blames && { blames }),
    ...(session?.conversation !== null && { conversation: session?.conversation ?? 0 }),
  }
  return { kind, expected, saw, detail, wrongAt, frames: where, ...whose, ...seen(session, started) }
}
