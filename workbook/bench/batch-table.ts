import type { BatchFigures } from './batch-figures.ts'

/** A batch may hold this much more in memory when the class grows tenfold, and counts as flat. */
export const FLAT = 1.15

/** The figures of batches as lines of text. */
export function renderBatches(all: readonly BatchFigures[]): string {
  const [first] = all
  if (!first) return ''
  const lines = [
    `Batches of ${first.labs} labs: solutions, wrong programs, starters, hostile ones, archives, mixed`,
    row(['submissions', 'at a time', 'seconds', 'a second', 'peak memory', 'wrong rows']),
    ...all.map((each) =>
      row([
        String(each.submissions),
        String(each.lanes),
        each.seconds.toFixed(1),
        each.perSecond.toFixed(2),
        each.peakBytes === null ? 'not told here' : `${Math.round(each.peakBytes / 2 ** 20)} MiB`,
        String(each.wrong.length),
      ]),
    ),
    ...growth(all),
    ...all.flatMap(({ wrong }) => wrong.map((sentence) => `  ✗ ${sentence}`)),
  ]
  return `${lines.join('\n')}\n`
}

// --- internal ---

function row(cells: readonly string[]): string {
  return `  ${cells.map((cell) => cell.padStart(13)).join('')}`
}

function growth(all: readonly BatchFigures[]): string[] {
  const [first, last] = [all[0], all.at(-1)]
  if (!first?.peakBytes || !last?.peakBytes || first === last) return []
  const times = last.peakBytes / first.peakBytes
  const grown = `${(last.submissions / first.submissions).toFixed(0)} times the submissions, ${times.toFixed(2)} times the memory`
  return [`  ${times <= FLAT ? 'flat' : 'NOT FLAT'}: ${grown}`]
}
