import type { CheckDefinition } from './lab.ts'
import type { Expected } from './programs.ts'
import type { Problem, Verdict } from './verdict.ts'

export interface CheckOutcome {
  readonly check: CheckDefinition
  readonly verdict: Verdict
}

/** Where the verdicts on a known program are not what they should be, a sentence each. */
export function disagreements(expected: Expected, outcomes: readonly CheckOutcome[]): string[] {
  return [...verdictsUnlike(expected, outcomes), ...outcomes.flatMap((outcome) => doubtIn(expected, outcome))]
}

// --- internal ---

function verdictsUnlike(expected: Expected, outcomes: readonly CheckOutcome[]): string[] {
  switch (expected.kind) {
    case 'passes':
      return outcomes.flatMap(({ check, verdict }) =>
        verdict.kind === 'passed' ? [] : [told(check, verdict)],
      )
    case 'not-started':
      return outcomes.flatMap(({ check, verdict }) =>
        verdict.kind === 'not-started' ? [] : [told(check, verdict)],
      )
    case 'fails':
      return [...notAsNamed(expected, outcomes), ...notSaid(expected, outcomes)]
  }
}

type Fails = Extract<Expected, { kind: 'fails' }>

function notAsNamed({ first, also }: Fails, outcomes: readonly CheckOutcome[]): string[] {
  const failed = new Map<string, CheckOutcome>()
  for (const outcome of outcomes) {
    const requirement = blamed(outcome)
    if (outcome.verdict.kind !== 'passed' && !failed.has(requirement)) failed.set(requirement, outcome)
  }
  const named = [first, ...also]
  const earlier = [...failed.keys()].filter((id) => numberOf(id) < numberOf(first))
  return [
    ...named.filter((id) => !failed.has(id)).map((id) => `${id} passed, and should have failed`),
    ...[...failed]
      .filter(([id]) => !named.includes(id))
      .map(([, { check, verdict }]) => told(check, verdict)),
    ...earlier.map((id) => `${id} fails before ${first}, which the first line names`),
  ]
}

/** The message of the first failure names the mistake. */
function notSaid({ first, says }: Fails, outcomes: readonly CheckOutcome[]): string[] {
  const failures = outcomes.filter(
    (outcome) => blamed(outcome) === first && outcome.verdict.kind !== 'passed',
  )
  if (says === null || failures.length === 0) return []
  const texts = failures.map(({ verdict }) => text(verdict as Problem))
  return texts.some((said) => said.includes(says))
    ? []
    : [`no failure of ${first} says "${says}": ${texts.join(' | ')}`]
}

/** The requirement whose promise broke. */
function blamed({ check, verdict }: CheckOutcome): string {
  return (verdict.kind !== 'passed' && verdict.blames) || check.requirement
}

function told(check: CheckDefinition, verdict: Verdict): string {
  const { title } = check
  return `${blamed({ check, verdict })} "${title}": ${verdict.kind}${verdict.kind === 'passed' ? '' : `: ${text(verdict)}`}`
}

function text({ expected, saw, detail }: Problem): string {
  return `expected ${expected}; saw ${saw} ${detail.join(' ')}`.trim()
}

function numberOf(requirement: string): number {
  return Number(requirement.slice(1))
}

/**
 * A process that had served a check before did not judge as a new one does. Where a program is wrong, it
 * may well depend on chance: on how the system cuts the stream, for instance.
 */
function doubtIn(expected: Expected, { check, verdict }: CheckOutcome): string[] {
  if (verdict.kind !== 'passed' || !verdict.doubt) return []
  if (expected.kind === 'fails' && [expected.first, ...expected.also].includes(check.requirement)) return []
  return [`${told(check, verdict.doubt)}, and passed in a new process`]
}
