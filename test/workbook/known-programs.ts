import { root } from '../../workbook/bundle/root.ts'
import { disagreements, type CheckOutcome } from '../../workbook/grading/judge.ts'
import type { CheckDefinition, LabDefinition } from '../../workbook/grading/lab.ts'
import type { KnownProgram } from '../../workbook/grading/programs.ts'
import { createRandom, type Random } from '../../workbook/grading/random.ts'
import { runCheck } from '../../workbook/grading/run-check.ts'
import { loadSuite } from '../../workbook/grading/suites.ts'

/** All checks on wrong programs too, as the flake count does it. */
const WHOLE = process.env['WORKBOOK_WHOLE'] === '1'
/** Requirements that a wrong program must pass and that look at it: all of them in `.ci/run`, else so many drawn ones. */
const OTHERS = process.env['WORKBOOK_EACH'] === '1' ? Infinity : 4

/**
 * Runs the checks of a lab on a program whose verdicts are known, and tells where they are others. A
 * wrong program meets every check of the requirement that it fails first, the checks of those that it
 * also fails until one does, and one drawn check of each of some requirements that it must pass: ten
 * thousand checks would take a quarter of an hour.
 */
export async function disagreementsWith(program: KnownProgram, id: string, seed: number): Promise<string[]> {
  const { checks } = await loadSuiteOnce(id)
  const outcomes: CheckOutcome[] = []
  for (const check of drawn(checks, program, seed)) {
    if (isSettled(check, program, outcomes)) continue
    const options = { seed, whole: true, scriptsOnly: program.expected.kind === 'fails' }
    outcomes.push({ check, verdict: await runCheck(check, program.subject, options) })
  }
  const { kind } = program.expected
  for (const { check, verdict } of outcomes)
    if (kind === 'fails' && verdict.kind !== 'passed') caught.add(nameOf(check))
  return disagreements(program.expected, outcomes)
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

function drawn(
  checks: readonly CheckDefinition[],
  { file, expected }: KnownProgram,
  seed: number,
): readonly CheckDefinition[] {
  if (WHOLE || expected.kind !== 'fails') return checks
  const random = createRandom(`${seed} ${file}`)
  const named = [expected.first, ...expected.also]
  const requirements = [...new Set(checks.map(({ requirement }) => requirement))]
  const others = some(
    requirements.filter((id) => !named.includes(id)),
    OTHERS,
    random,
  )
  return requirements.flatMap((id) => {
    const own = checks.filter(({ requirement }) => requirement === id)
    if (named.includes(id)) return own
    return others.has(id) ? [random.pick(own)] : []
  })
}

function some<T>(all: readonly T[], count: number, random: Random): ReadonlySet<T> {
  const drawn = new Set<T>()
  while (drawn.size < Math.min(count, all.length)) drawn.add(random.pick(all))
  return drawn
}

/** A requirement behind the first one has failed already, and this check of it on another program. */
function isSettled(check: CheckDefinition, { expected }: KnownProgram, outcomes: CheckOutcome[]): boolean {
  if (WHOLE || expected.kind !== 'fails' || !caught.has(nameOf(check))) return false
  const { requirement } = check
  const failed = outcomes.filter(({ verdict }) => verdict.kind !== 'passed')
  return expected.also.includes(requirement) && failed.some((each) => each.check.requirement === requirement)
}
