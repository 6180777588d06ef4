import { after, beginning, type Happening, type Sender, type Sizes } from './model.ts'

/** Histories of a sender as a report tells them. */

/** Rows of a story: before what went wrong, and behind it. */
const [BEFORE, BEHIND] = [8, 3]

/** All of them in a line, in the words of the page: `timedOut(6600), 2 × acked(1100)`. */
export function wordsOf(happenings: readonly Happening[]): string {
  const groups: Array<{ readonly word: string; times: number }> = []
  for (const word of happenings.map(wordOf)) {
    const last = groups.at(-1)
    if (last?.word === word) last.times++
    else groups.push({ word, times: 1 })
  }
  return groups.map(({ word, times }) => (times > 1 ? `${times} × ${word}` : word)).join(', ')
}

/** All that happened in a history, and the windows of the program behind each. */
export interface History {
  readonly happenings: readonly Happening[]
  readonly windows: readonly unknown[]
  /** Which of them went wrong. */
  readonly at: number
}

/** Window and threshold of a right sender, and the program's window, a row for each thing that happens. */
export function storyOf(sizes: Sizes, { happenings, windows, at }: History): string[] {
  let sender = beginning(sizes)
  const rows = happenings.map((happening, index) => {
    const before = sender
    sender = after(sender, happening, sizes)
    const why = sender.threshold === before.threshold ? '' : whyOf(happening, sender, sizes)
    return [wordOf(happening), String(sender.window), String(windows[index]), `${thresholdOf(sender)}${why}`]
  })
  const shown = [
    ['', 'right window', 'yours', 'right threshold'],
    ...rows.slice(Math.max(0, at + 1 - BEFORE), at + 1 + BEHIND),
  ]
  const widths = [0, 1, 2].map((column) => Math.max(...shown.map((row) => row[column]?.length ?? 0)))
  return shown.map(([what = '', window = '', yours = '', threshold = '']) =>
    [
      what.padEnd(widths[0] ?? 0),
      window.padStart(widths[1] ?? 0),
      yours.padStart(widths[2] ?? 0),
      threshold,
    ].join('  '),
  )
}

// --- internal ---

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
