import { root } from '../../workbook/bundle/root.ts'
import { disagreements } from '../../workbook/grading/judge.ts'
import type { LabDefinition } from '../../workbook/grading/lab.ts'
import type { KnownProgram } from '../../workbook/grading/programs.ts'
import { runCheck } from '../../workbook/grading/run-check.ts'
import { loadSuite } from '../../workbook/grading/suites.ts'

/** Runs every check of a lab on a program whose verdicts are known, and tells where they are others. */
export async function disagreementsWith(program: KnownProgram, id: string, seed: number): Promise<string[]> {
  const { checks } = await loadSuiteOnce(id)
  const outcomes = []
  for (const check of checks)
    outcomes.push({ check, verdict: await runCheck(check, program.subject, { seed }) })
  return disagreements(program.expected, outcomes)
}

// --- internal ---

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
