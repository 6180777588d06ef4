import type { Label, PlacedLabel } from './drawing.ts'
import { SIZES } from './drawing.ts'
import type { Figure } from './figure.ts'
import type { Columns } from './lanes.ts'
import { textWidth, wrapText } from './text.ts'

/**
 * Where so much happens at once that a label finds no place, a letter takes its place, and a key below
 * the drawing says what the letter stands for.
 */

/** The label as one letter. */
export function shortened(label: Label, short: readonly number[]): Label {
  if (!short.includes(label.event)) return label
  const letter = letterOf(short.indexOf(label.event))
  return { ...label, lines: [letter], badge: null, width: textWidth(letter, SIZES.text), height: SIZES.line }
}

/** The key's entries, below each other. */
export function keyOf(
  figure: Figure,
  short: readonly number[],
  columns: Columns,
  top: number,
): PlacedLabel[] {
  let y = top + GAP
  return short.map((event, index): PlacedLabel => {
    const said = `${letterOf(index)}: ${figure.events[event]?.label ?? ''}`
    const lines = wrapText(said, SIZES.text, columns.width - 2 * INDENT, 3)
    const width = Math.max(...lines.map((line) => textWidth(line, SIZES.text)))
    const height = lines.length * SIZES.line
    const place = { centre: { x: INDENT + width / 2, y: y + height / 2 }, angle: 0 }
    y += height + GAP
    return { ...EMPTY, event, lines, width, height, place }
  })
}

// --- internal ---

const GAP = 6
const INDENT = 10
const LETTERS = 26
const EMPTY = { kind: 'key', align: 'start', badge: null, places: [], mayCover: [], room: [] } as const

/** a to z, then a2 to z2, and so on. */
function letterOf(index: number): string {
  const turn = Math.floor(index / LETTERS)
  return `${String.fromCharCode('a'.charCodeAt(0) + (index % LETTERS))}${turn === 0 ? '' : turn + 1}`
}
