import { count } from '../report/words.ts'
import type { Finding, Tally } from './phase.ts'
import type { FlakePlan } from './plan.ts'

/** The lines of a flake count. */

/** `idle    0 wrong verdicts in 1200 checks of 64 programs; 2 of 2 runs in 31 s`. */
export function tallyLine(phase: string, tally: Tally, { runs }: FlakePlan): string {
  const wrong = count(tally.wrong, 'wrong verdict')
  const graded = `${count(tally.checks, 'check')} of ${count(tally.programs, 'program')}`
  return `${phase.padEnd(7)} ${wrong} in ${graded}; ${tally.runs} of ${count(runs, 'run')} in ${Math.round(tally.seconds)} s`
}

/** What was wrong, and how to see it again. */
export function findingLines(
  phase: string,
  { lab, file, seed, sentences }: Finding,
  whole = false,
): string[] {
  const again = `npm run bench -- --flake 1 --seed ${seed} --labs ${lab}${whole ? ' --whole' : ''}`
  return [
    `✗ ${phase}, seed ${seed}: ${file}`,
    ...sentences.map((each) => `    ${each}`),
    `    again  ${again}`,
  ]
}
