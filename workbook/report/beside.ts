import type { Problem } from '../grading/verdict.ts'
import { oneLine, textField, type View } from './layout.ts'

/** Names on a screen of those that passed, the last ones before the failure; and columns of a name. */
const MOST_PASSED = 6
const COLUMNS_OF_A_NAME = 70

/** The border of the mistake: which conversations of the check passed, and which did not, the one that is told first. */
export function besideLines({ beside }: Problem, view: View): string[] {
  if (!beside || beside.told === '') return []
  const { told, passed, failed } = beside
  const hidden = passed.length - MOST_PASSED
  const before = hidden > 0 ? [`${hidden} more`] : []
  return [
    ...(passed.length > 0
      ? textField('passed', listed([...before, ...passed.slice(-MOST_PASSED)]), view, 'good')
      : []),
    ...textField('failed', listed([told, ...failed]), view, 'bad'),
  ]
}

// --- internal ---

function listed(names: readonly string[]): string {
  return names.map((name) => oneLine(name.replaceAll(/\r?\n/g, ' '), COLUMNS_OF_A_NAME)).join('; ')
}
