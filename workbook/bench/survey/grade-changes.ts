import type { CheckDefinition } from '../../grading/lab.ts'
import { runCheck } from '../../grading/run-check.ts'
import { CompileError, compileOnce } from '../../learner/compile.ts'
import { inLanes } from '../lanes.ts'
import { Kills } from './kills.ts'
import type { Mutant } from './mutants.ts'
import { subjectWith, type Reference } from './reference.ts'
import { SurveyError } from './survey-error.ts'

/** What became of the small changes of a reference. */
export interface Tally {
  /** Those that compile, and have been graded. */
  changes: number
  killed: number
  /** Those that every check lets pass. */
  readonly survivors: Mutant[]
  readonly faults: Fault[]
}

/** A check that broke instead of judging: it did not look before it took what a program had returned. */
export interface Fault {
  readonly mutant: Mutant
  readonly check: CheckDefinition
  readonly saw: string
}

/**
 * Grades each small change of a reference until its first failure.
 *
 * @param checks - In the order of the suite.
 * @throws SurveyError where the reference itself fails: then every change would seem killed.
 */
export async function gradeChanges(
  reference: Reference,
  checks: readonly CheckDefinition[],
  seed: number,
  onMutant: (tally: Tally) => void,
): Promise<Tally> {
  await inLanes(checks, (check) => provePassed(reference, check, seed))
  const tally: Tally = { changes: 0, killed: 0, survivors: [], faults: [] }
  const kills = new Kills(checks)
  await inLanes(reference.mutants, async (mutant) => {
    await grade(reference, mutant, kills, seed, tally)
    onMutant(tally)
  })
  const byPlace = (one: Mutant, other: Mutant): number => one.start - other.start
  return { ...tally, survivors: tally.survivors.sort(byPlace) }
}

// --- internal ---

async function provePassed({ lab, subject }: Reference, check: CheckDefinition, seed: number): Promise<void> {
  const { kind } = await runCheck(check, subject, { seed })
  if (kind === 'passed') return
  const { requirement, title } = check
  const message = `The reference of lab ${lab.number} does not pass ${requirement} "${title}" (${kind}): nothing can be said of its changes.`
  throw new SurveyError(message, `npm run grade -- ${lab.number} ${requirement} --solutions --seed ${seed}`)
}

async function grade(
  reference: Reference,
  mutant: Mutant,
  kills: Kills,
  seed: number,
  tally: Tally,
): Promise<void> {
  const subject = subjectWith(reference, mutant)
  if (!(await compiles(subject.source))) return
  for (const check of kills.orderFor(mutant.start)) {
    const verdict = await runCheck(check, subject, { seed, whole: true, scriptsOnly: true })
    if (verdict.kind === 'passed') continue
    if (verdict.kind === 'grader-error') {
      tally.faults.push({ mutant, check, saw: verdict.saw })
      continue
    }
    kills.add(mutant.start, check)
    tally.changes++
    tally.killed++
    return
  }
  tally.changes++
  tally.survivors.push(mutant)
}

/** @throws Whatever is no mistake in the program's text. */
async function compiles(source: Parameters<typeof compileOnce>[0]): Promise<boolean> {
  try {
    await compileOnce(source)
    return true
  } catch (error) {
    if (error instanceof CompileError) return false
    throw error
  }
}
