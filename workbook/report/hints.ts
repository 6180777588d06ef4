import { wordsOfHint } from '../course/hint-words.ts'
import type { Requirement } from '../course/lab.ts'
import { shown } from './shown.ts'
import { failedChecks, type FailedCheck } from './state.ts'
import type { RequirementResult } from './result.ts'

/**
 * The hints of a requirement in the order in which they are given: first those that go with the failure that its last
 * report showed, then those for everybody, then those that go with other failures.
 */
export function hintsInOrder({ hints }: Requirement, checks: RequirementResult['checks']): string[] {
  const [failed] = failedChecks({ checks })
  const said = failed ? saidBy(failed) : ''
  const rank = (hint: string): number => {
    const words = wordsOfHint(hint)
    if (words.length === 0) return 1
    return words.some((each) => said.includes(each)) ? 0 : 2
  }
  return [...hints].sort((one, other) => rank(one) - rank(other))
}

// --- internal ---

/** All that a report says of it, as one line. */
function saidBy({ title, verdict }: FailedCheck): string {
  const { steps, expected, saw, detail } = shown(verdict)
  return [title, ...steps, expected, saw, ...detail].join('\n').replace(/\s+/g, ' ')
}
