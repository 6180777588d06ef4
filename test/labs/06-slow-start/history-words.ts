import { after, beginning, type Happening, type Sender, type Sizes } from './model.ts'

/** Histories of a sender as a report tells them. */

/** Rows of a story at most: the last ones decide. */
const MOST_ROWS = 10

/** All of them in a line, in the words of the page: `timedOut(6600), 2 × acked(1100)`. */
export function wordsOf(happenings: readonly Happening[]): string {
  return groupsOf(happenings)
    .map(({ word, times }) => (times > 1 ? `${times} × ${word}` : word))
    .join(', ')
}

/** What window and threshold of a right sender are on the way, a row for each thing that happens. */
export function storyOf(sizes: Sizes, happenings: readonly Happening[]): string[] {
  if (happenings.length === 0) return []
  let sender = beginning(sizes)
  const rows = [['at the beginning', String(sender.window), thresholdOf(sender)]]
  for (const { word, times, happening } of groupsOf(happenings)) {
    const before = sender
    for (let each = 0; each < times; each++) sender = after(sender, happening, sizes)
    const why = sender.threshold === before.threshold ? '' : whyOf(happening, sender, sizes)
    rows.push([
      times > 1 ? `${times} × ${word}` : word,
      String(sender.window),
      `${thresholdOf(sender)}${why}`,
    ])
  }
  const shown = [['what is right', 'window', 'threshold'], ...rows.slice(-MOST_ROWS)]
  const widths = [0, 1].map((column) => Math.max(...shown.map((row) => row[column]?.length ?? 0)))
  return shown.map(([what = '', window = '', threshold = '']) =>
    `${what.padEnd(widths[0] ?? 0)}  ${window.padStart(widths[1] ?? 0)}  ${threshold}`.trimEnd(),
  )
}

// --- internal ---

interface Group {
  readonly word: string
  readonly happening: Happening
  times: number
}

function groupsOf(happenings: readonly Happening[]): Group[] {
  const groups: Group[] = []
  for (const happening of happenings) {
    const word = wordOf(happening)
    const last = groups.at(-1)
    if (last?.word === word) last.times++
    else groups.push({ word, happening, times: 1 })
  }
  return groups
}

function wordOf(happening: Happening): string {
  if ('acked' in happening) return `acked(${happening.acked})`
  if ('duplicate' in happening) return `duplicateAck(${happening.duplicate})`
  if ('timeout' in happening) return `timedOut(${happening.timeout})`
  return `idle(${happening.idle.join(', ')})`
}

function thresholdOf({ threshold }: Sender): string {
  return threshold === Infinity ? 'none' : String(threshold)
}

function whyOf(happening: Happening, { threshold }: Sender, { mss }: Sizes): string {
  const inFlight =
    'timeout' in happening ? happening.timeout : 'duplicate' in happening ? happening.duplicate : 0
  return threshold === 2 * mss ? ', two MSS' : `, half of the ${inFlight} in flight`
}
