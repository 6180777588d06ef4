import type { Lab, Requirement } from '../course/lab.ts'
import type { VerdictKind } from '../grading/verdict.ts'
import { requirementOf, type CheckResult, type SetupProblem } from './result.ts'

/** A run of one lab as far as it has come: what is shown while the verdicts arrive. */
export interface RunSoFar {
  readonly lab: Lab
  /** The graded file, relative to the root, with `/`. */
  readonly file: string
  readonly seed: number
  /** Why the lab could not be graded at all, or null. */
  readonly problem: SetupProblem | null
  /** Requirements that this run grades; empty for all. */
  readonly wanted: readonly string[]
  /** The checks that this run has, in order; empty until it has begun. */
  readonly planned: readonly CheckOf[]
  /** In the order in which they ended: some run at a time. */
  readonly checks: ReadonlyArray<CheckOf & CheckResult>
  readonly running: boolean
}

export interface CheckOf {
  readonly requirement: string
  readonly title: string
}

export interface RequirementSoFar {
  readonly requirement: Requirement
  /**
   * Known with the first check, in the order of the suite, that does not pass; so it is the same in
   * every run. Until all before it have ended, `waiting`.
   */
  readonly kind: VerdictKind | 'waiting'
  readonly checks: readonly CheckResult[]
  /** How many checks it has in this run. */
  readonly planned: number
}

/** Every requirement of the lab, in order. */
export function requirementsSoFar(run: RunSoFar): RequirementSoFar[] {
  const { lab, planned, checks, running, problem, wanted } = run
  return lab.requirements.map((requirement) => {
    const plan = planned.filter((check) => check.requirement === requirement.id)
    const own = inOrder(plan, checks)
    const blamed = checks.filter(
      (check) => check.requirement !== requirement.id && speaksOf(check, requirement),
    )
    const asked = wanted.length === 0 || wanted.includes(requirement.id)
    const rest = asked && !running && !problem && planned.length > 0 ? 'no-checks' : 'waiting'
    const kind = kindOf(plan, own, blamed) ?? rest
    const told = [...own.filter((check) => speaksOf(check, requirement)), ...blamed]
    return { requirement, kind, checks: told.length > 0 ? told : own, planned: plan.length }
  })
}

/** How a verdict stands to the one before the last save. */
export type Change = 'now green' | 'now red' | 'still red' | null

export function changeOf(before: VerdictKind | undefined, now: RequirementSoFar['kind']): Change {
  if (now === 'waiting' || before === undefined) return null
  if (now === 'passed') return before === 'passed' ? null : 'now green'
  if (now === 'not-started') return before === 'not-started' ? null : 'now red'
  return before === 'passed' || before === 'not-started' ? 'now red' : 'still red'
}

/** The verdicts that a run has come to, for the next one to be held against. */
export function kindsOf(run: RunSoFar): ReadonlyMap<string, VerdictKind> {
  const known = requirementsSoFar(run).flatMap(({ requirement, kind }) =>
    kind === 'waiting' ? [] : [[requirement.id, kind] as const],
  )
  return new Map(known)
}

// --- internal ---

/** Those that have ended, as the suite has them. */
function inOrder(plan: readonly CheckOf[], ended: RunSoFar['checks']): RunSoFar['checks'] {
  return plan.flatMap(({ requirement, title }) =>
    ended.filter((check) => check.requirement === requirement && check.title === title),
  )
}

/** A check of another requirement may have found that the promise of this one broke first. */
function speaksOf(check: CheckOf & CheckResult, { id }: Requirement): boolean {
  return requirementOf(check) === id
}

function kindOf(
  plan: readonly CheckOf[],
  own: RunSoFar['checks'],
  blamed: RunSoFar['checks'],
): VerdictKind | null {
  for (const [index, { title }] of plan.entries()) {
    const check = own[index]
    if (check?.title !== title) return null
    if (check.verdict.kind !== 'passed' && requirementOf(check) === check.requirement)
      return check.verdict.kind
  }
  if (blamed[0]) return blamed[0].verdict.kind
  // Where none of its checks came as far as its own promise, it is not proven.
  const proof = own.find(({ verdict }) => verdict.kind === 'passed') ?? own[0]
  return proof?.verdict.kind ?? null
}
