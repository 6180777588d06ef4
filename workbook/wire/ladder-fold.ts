import type { LadderRow, RemarkRow } from './ladder-rows.ts'

/** The set-up of a run, which says who talks to whom. */
const KEPT_AT_START = 4
/** What follows upon a failure tells little. */
const KEPT_BEHIND = 4
/** Rows beside the printed lines. */
const MAX_ROWS = 24

/**
 * Folds the rows of a long ladder so that what is drawn lies around the point where it went wrong, or
 * at the end where nothing did; the first rows stay. Printed lines are not counted and always stay.
 *
 * @param most - Rows to be left, the folds and the mark among them; 8 at the least.
 */
export function foldRows(rows: readonly LadderRow[], most = MAX_ROWS): LadderRow[] {
  const drawn = rows.filter((row) => row.kind !== 'printed')
  if (drawn.length <= Math.max(8, most)) return [...rows]
  const folds = foldsOf(drawn, Math.max(8, most))
  return rows.flatMap((row) => {
    const fold = folds.find(({ hidden }) => hidden.has(row))
    if (!fold) return [row]
    return fold.hidden.values().next().value === row ? [fold.row] : []
  })
}

// --- internal ---

interface Fold {
  readonly row: RemarkRow
  readonly hidden: ReadonlySet<LadderRow>
}

function foldsOf(drawn: readonly LadderRow[], most: number): Fold[] {
  const mark = drawn.findIndex((row) => row.kind === 'wrong')
  const behind = mark === -1 ? 0 : drawn.length - 1 - mark
  // A fold takes a row itself, so it hides two at the least.
  const kept = behind > KEPT_BEHIND + 1 ? KEPT_BEHIND : behind
  const tail = behind > kept ? kept + 1 : kept
  const upTo = mark === -1 ? drawn.length : mark + 1
  const before = most - tail
  const hiddenBefore = upTo > before ? drawn.slice(KEPT_AT_START, upTo - (before - KEPT_AT_START - 1)) : []
  const hiddenBehind = behind > kept ? drawn.slice(upTo + kept) : []
  return [foldOf(hiddenBefore, 'earlier'), foldOf(hiddenBehind, 'later')].filter(
    ({ hidden }) => hidden.size > 0,
  )
}

function foldOf(hidden: readonly LadderRow[], when: 'earlier' | 'later'): Fold {
  const events = hidden.reduce((sum, row) => sum + row.events, 0)
  const text = `⋮ ${events} ${when} ${events === 1 ? 'event' : 'events'}`
  return { row: { kind: 'fold', from: 'you', text, events }, hidden: new Set(hidden) }
}
