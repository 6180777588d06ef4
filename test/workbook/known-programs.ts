import { root } from '../../workbook/bundle/root.ts'
import { disagreements, type CheckOutcome } from '../../workbook/grading/judge.ts'
import { checksInTurn, firstDisagreements, isCaught } from '../../workbook/grading/known.ts'
import type { CheckDefinition, LabDefinition } from '../../workbook/grading/lab.ts'
import type { KnownProgram } from '../../workbook/grading/programs.ts'
import { runCheck } from '../../workbook/grading/run-check.ts'
import { loadSuite } from '../../workbook/grading/suites.ts'

/** What fails fails again, for the same change; other inputs are drawn by `npm run bench -- --flake`. */
export const SEED = 20

/** All checks on wrong programs too: what else they fail, what they must pass, and that each check fails on one. */
export const WHOLE = process.env['WORKBOOK_WHOLE'] === '1'

/**
 * Runs the checks of a lab on a program whose verdicts are known, and tells where they are others.
 */
export async function disagreementsWith(program: KnownProgram, id: string, seed: number): Promise<string[]> {
  const { checks } = await loadSuiteOnce(id)
  const outcomes: CheckOutcome[] = []
  const { expected, subject } = program
  const isWrong = expected.kind === 'fails'
  for (const check of WHOLE ? checks : checksInTurn(checks, expected)) {
    if (!WHOLE && isCaught(expected, outcomes)) break
    const options = { seed, whole: true, scriptsOnly: isWrong, hasty: isWrong }
    outcomes.push({ check, verdict: await runCheck(check, subject, options) })
  }
  for (const { check, verdict } of outcomes)
    if (isWrong && verdict.kind !== 'passed') caught.add(nameOf(check))
  return WHOLE ? disagreements(expected, outcomes) : firstDisagreements(expected, outcomes)
}

/** Checks of a lab that no program of this run has failed. */
export async function neverFailed(id: string): Promise<string[]> {
  const { checks } = await loadSuiteOnce(id)
  return checks.map(nameOf).filter((name) => !caught.has(name))
}

// --- internal ---

/** Checks that a wrong program has failed. */
const caught = new Set<string>()

function nameOf({ lab, requirement, title }: CheckDefinition): string {
  return `${lab} ${requirement} ${title}`
}

const suites = new Map<string, Promise<LabDefinition>>()
let lastLoad: Promise<unknown> = Promise.resolve()

/** A module is evaluated once, so a suite can be received once; and one after the other, as one receiver hears all. */
function loadSuiteOnce(id: string): Promise<LabDefinition> {
  const known = suites.get(id)
  if (known) return known
  const suite = lastLoad.then(() => loadSuite(root, id))
  lastLoad = suite.catch(() => undefined)
  suites.set(id, suite)
  return suite
}
