import { disagreements, type CheckOutcome } from './judge.ts'
import type { CheckDefinition } from './lab.ts'
import type { Expected } from './programs.ts'

/**
 * A wrong program meets the checks of the requirement that it fails first, the cheaper ones before, and then the others,
 * until one of them catches it: all on all take an hour. What its checks found out about others is asked elsewhere.
 */
export function checksInTurn(
  checks: readonly CheckDefinition[],
  expected: Expected,
): readonly CheckDefinition[] {
  if (expected.kind !== 'fails') return checks
  const cost = ({ requirement, conversations }: CheckDefinition): number =>
    (requirement === expected.first ? 0 : 2) + (conversations ? 1 : 0)
  return [...checks].sort((one, other) => cost(one) - cost(other))
}

/** Of a wrong program: a check that blames the right requirement has failed, in the words that its header gives. */
export function isCaught(expected: Expected, outcomes: readonly CheckOutcome[]): boolean {
  return expected.kind === 'fails' && firstDisagreements(expected, outcomes).length === 0
}

/** Where the verdicts on a program are not what they should be; of a wrong one, those on the requirement that it fails first. */
export function firstDisagreements(expected: Expected, outcomes: readonly CheckOutcome[]): string[] {
  if (expected.kind !== 'fails') return disagreements(expected, outcomes)
  const own = outcomes.filter((outcome) => [null, expected.first].includes(blamedBy(outcome)))
  // Found by a check of another requirement, it is still the one that broke.
  const told = own.map(({ check, verdict }) => ({
    check: { ...check, requirement: expected.first },
    verdict,
  }))
  return disagreements({ ...expected, also: [] }, told)
}

// --- internal ---

function blamedBy({ check, verdict }: CheckOutcome): string | null {
  return verdict.kind === 'passed' ? null : (verdict.blames ?? check.requirement)
}
