import { disagreements, type CheckOutcome } from '../grading/judge.ts'
import { firstDisagreements } from '../grading/known.ts'
import { seedOf, type FlakePlan } from './plan.ts'
import { inTurn, type Known } from './rotation.ts'

/** Verdicts on one program that are not what they should be. */
export interface Finding {
  readonly lab: string
  readonly file: string
  readonly seed: number
  readonly sentences: readonly string[]
}

export interface Tally {
  checks: number
  /** A program counts each time it is graded. */
  programs: number
  wrong: number
  /** Runs of which every program is graded. */
  runs: number
  seconds: number
}

/** Grades one program. */
export type Grade = (known: Known, seed: number) => Promise<readonly CheckOutcome[]>

export interface Watcher {
  onProgram(tally: Tally): void
  onFinding(finding: Finding): void
}

/** One phase of a flake count, run after run. Nothing is ever tried again. */
export async function runPhase(
  all: readonly Known[],
  plan: FlakePlan,
  grade: Grade,
  watcher: Watcher,
): Promise<Tally> {
  const started = performance.now()
  const elapsed = (): number => (performance.now() - started) / 1000
  const tally: Tally = { checks: 0, programs: 0, wrong: 0, runs: 0, seconds: 0 }
  const turns = allTurns(all, plan)
  const inOneRun = programsOf(all, plan, 0).length
  const lane = async (): Promise<void> => {
    for (const { known, seed } of turns) {
      if (plan.seconds !== null && elapsed() >= plan.seconds) return
      const outcomes = await grade(known, seed)
      const finding = findingOf(known, seed, outcomes, plan.whole)
      tally.checks += outcomes.length
      tally.wrong += finding?.sentences.length ?? 0
      tally.runs = Math.floor(++tally.programs / inOneRun)
      tally.seconds = elapsed()
      watcher.onProgram(tally)
      if (finding) watcher.onFinding(finding)
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return tally
}

/**
 * What a program's verdicts should not have been, or null.
 *
 * @param whole - Of a wrong program also what else it fails.
 */
export function findingOf(
  { suite, program }: Known,
  seed: number,
  outcomes: readonly CheckOutcome[],
  whole: boolean,
): Finding | null {
  // A fault of the grader's is wrong, whatever was expected.
  const faults = outcomes.filter(({ verdict }) => verdict.kind === 'grader-error')
  const sentences = [
    ...(whole ? disagreements : firstDisagreements)(program.expected, outcomes),
    ...faults.map(({ check }) => `${check.requirement} "${check.title}": grader-error`),
  ]
  return sentences.length === 0 ? null : { lab: suite.id, file: program.file, seed, sentences }
}

// --- internal ---

/** Checks at a time, each of another program: as many as a suite has under way in a normal run. */
const LANES = 3

/** Taken by the lanes in turn: a generator has one place for all of them. */
function* allTurns(all: readonly Known[], plan: FlakePlan): Generator<{ known: Known; seed: number }> {
  for (let run = 0; run < plan.runs; run++) {
    for (const known of programsOf(all, plan, run)) yield { known, seed: seedOf(plan, run) }
  }
}

/** By the seed, so that the seed of a finding brings the same programs again. */
function programsOf(all: readonly Known[], plan: FlakePlan, run: number): readonly Known[] {
  return plan.whole ? all : inTurn(all, seedOf(plan, run))
}
