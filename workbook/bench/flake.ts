import { root } from '../bundle/root.ts'
import { readCourse } from '../course/course.ts'
import type { CheckOutcome } from '../grading/judge.ts'
import { checksInTurn, isCaught } from '../grading/known.ts'
import { rightProgramsOf, solutionOf, wrongProgramsOf } from '../grading/programs.ts'
import { runCheck } from '../grading/run-check.ts'
import { loadSuite } from '../grading/suites.ts'
import { killTheRestAtExit } from '../learner/pids.ts'
import { stayWithParent } from './child.ts'
import { keepBusy } from './load.ts'
import { runPhase, type Tally } from './phase.ts'
import type { FlakePlan, Phase } from './plan.ts'
import { progressOn } from './progress.ts'
import type { Known } from './rotation.ts'
import { findingLines, tallyLine } from './words.ts'

/**
 * A program under tsx: counts wrong verdicts on the programs whose verdicts are known, first idle, then
 * with all cores busy. Exit code 1 if there is any.
 */

killTheRestAtExit()
stayWithParent()
const plan = JSON.parse(process.argv[2] ?? '') as FlakePlan
const progress = progressOn(process.stderr)
const known = await knownPrograms()
console.log(`${known.length} programs; seeds from ${plan.seed}`)
let wrongInAll = 0
if (plan.phase !== 'loaded') wrongInAll += (await phase('idle')).wrong
if (plan.phase !== 'idle') {
  const stop = keepBusy()
  wrongInAll += (await phase('loaded').finally(stop)).wrong
}
process.exit(wrongInAll === 0 ? 0 : 1)

// --- internal ---

async function knownPrograms(): Promise<Known[]> {
  const { labs } = readCourse(root)
  const found: Known[] = []
  for (const lab of labs.filter(({ id }) => plan.labs.length === 0 || plan.labs.includes(id))) {
    const suite = await loadSuite(root, lab.id)
    const [solutions, wrong] = [[solutionOf(root, lab)], wrongProgramsOf(root, lab)]
    const all = [...solutions, ...rightProgramsOf(root, lab), ...wrong]
    const programs = { solutions, wrong, all }[plan.only ?? 'all']
    found.push(...programs.map((program) => ({ suite, program })))
  }
  return found
}

async function phase(name: Phase): Promise<Tally> {
  const tally = await runPhase(known, plan, grade, {
    onProgram: (sofar) => progress.say(tallyLine(name, sofar, plan)),
    onFinding(finding) {
      progress.clear()
      console.log(findingLines(name, finding, plan.whole).join('\n'))
    },
  })
  progress.clear()
  console.log(tallyLine(name, tally, plan))
  return tally
}

/** A wrong program that has been caught as it should be needs no further check. */
async function grade({ suite, program }: Known, seed: number): Promise<CheckOutcome[]> {
  const { subject, expected } = program
  const outcomes: CheckOutcome[] = []
  for (const check of plan.whole ? suite.checks : checksInTurn(suite.checks, expected)) {
    outcomes.push({
      check,
      verdict: await runCheck(check, subject, { seed, whole: true, scriptsOnly: expected.kind === 'fails' }),
    })
    if (!plan.whole && isCaught(expected, outcomes)) break
  }
  return outcomes
}
