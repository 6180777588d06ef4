import { escapeBytes } from './bytes.ts'
import { columnsOf, cut, printable } from './columns.ts'
import { foldRows } from './ladder-fold.ts'
import { layOutLanes, nameColumn, type Lanes } from './ladder-lanes.ts'
import { LadderLine, type LadderPaint, type LadderStyle } from './ladder-line.ts'
import { ladderRows, type ArrowRow, type LadderRow, type RemarkRow, type Wrong } from './ladder-rows.ts'
import type { WireEvent } from './transcript.ts'

export interface LadderOptions {
  /** Columns; 60 or more. No line is wider. */
  readonly width: number
  /** Marks the place where the check went wrong. */
  readonly wrong?: Wrong | null
  /** Rows beside the printed lines; more are folded. 24 if not given. */
  readonly maxRows?: number
  /** Printed lines, of more the first ones; 40 if not given. */
  readonly maxPrinted?: number
  /** Colours a piece of a line. Without it the lines are plain text. */
  readonly paint?: LadderPaint
}

/** Labels and remarks stand this far right of the bar at their left: `│─── GET`. */
const LABEL = 5
/** What follows a label at the least: a space, two dashes and the arrow's head. */
const TAIL = 4
const PRINTED = 'you printed │ '
/** How it came, behind the fact; not inside of a value. */
const BEHIND_A_COLON = /(, saw [^:{["]*): .*$/
/** Columns of `✗ expected …` that say something. */
const LEAST_OF_WANTED = 24

/**
 * Draws a transcript as a space–time ladder: time runs down, the learner's program is the left lane,
 * each peer a lane to the right. Empty for an empty transcript.
 */
export function drawLadder(events: readonly WireEvent[], options: LadderOptions): string[] {
  if (events.length === 0) return []
  const { width, paint = (_style, text) => text } = options
  const lanes = layOutLanes(events, width)
  const rows = rowsOf(events, options)
  const lines = rows.map((row, index) => drawRow(row, rows[index - 1], lanes, width))
  return [drawNames(lanes, width), ...lines].map((line) => line.paint(paint))
}

/**
 * The bytes that the ladder of these options shows whole: their arrow is not folded away, and has room for all of them.
 */
export function shownWhole(events: readonly WireEvent[], options: LadderOptions): ReadonlySet<Uint8Array> {
  const lanes = layOutLanes(events, options.width)
  const rows = rowsOf(events, options)
  const whole = rows.flatMap((row) => {
    if (row.kind !== 'arrow' || typeof row.carries === 'string') return []
    const isWhole = labelOf(row, lanes, gapOf(row, lanes).room) === labelOf(row, lanes, Infinity)
    return isWhole ? [row.carries] : []
  })
  return new Set(whole)
}

export function drawNames(lanes: Lanes, width: number): LadderLine {
  const line = new LadderLine(width)
  for (const [index, name] of lanes.names.entries()) {
    line.put(nameColumn(name, lanes.bars[index] ?? 0, width), name, index === lanes.you ? 'you' : 'peer')
  }
  return line
}

/** @param before - The row above, which printed lines go on from. */
export function drawRow(
  row: LadderRow,
  before: LadderRow | undefined,
  lanes: Lanes,
  width: number,
): LadderLine {
  const line = new LadderLine(width)
  for (const bar of lanes.bars) line.put(bar, '│', 'lane')
  if (row.kind === 'arrow') drawArrow(line, row, lanes)
  else if (row.kind === 'wrong') drawWrong(line, row, lanes, width)
  else if (row.kind === 'printed') drawPrinted(line, row, before, lanes, width)
  else drawRemark(line, row, lanes, width)
  return line
}

function rowsOf(
  events: readonly WireEvent[],
  { wrong = null, maxRows, maxPrinted }: LadderOptions,
): LadderRow[] {
  return foldRows(ladderRows(events, wrong, maxPrinted), maxRows)
}

function drawArrow(line: LadderLine, row: ArrowRow, lanes: Lanes): void {
  const peer = lanes.barOf(row.lane)
  const [first, last] = [Math.min(peer, lanes.you), Math.max(peer, lanes.you)]
  const [left, right] = [lanes.bars[first] ?? 0, lanes.bars[last] ?? 0]
  const style: LadderStyle = row.carries === 'RST' ? 'reset' : row.from
  line.put(left + 1, '─'.repeat(right - left - 1), style)
  for (const crossed of lanes.bars.slice(first + 1, last)) line.put(crossed, '┼', style)
  const toRight = (row.from === 'you') === peer > lanes.you
  line.put(toRight ? right - 1 : left + 1, row.carries === 'RST' ? '✗' : toRight ? '▶' : '◀', style)
  const { near, room } = gapOf(row, lanes)
  line.put(near + LABEL - 1, ` ${labelOf(row, lanes, room)} `, style)
}

/** The label stands in the gap beside the peer, so that each conversation has a column of its own. */
function gapOf({ lane }: ArrowRow, lanes: Lanes): { readonly near: number; readonly room: number } {
  const peer = lanes.barOf(lane)
  const beside = peer > lanes.you ? peer - 1 : peer
  const [near, end] = [lanes.bars[beside] ?? 0, lanes.bars[beside + 1] ?? 0]
  return { near, room: end - near - LABEL - TAIL }
}

function labelOf(row: ArrowRow, lanes: Lanes, room: number): string {
  const mark = cut(lanes.markOf(row.lane, row.connection), room / 2)
  if (typeof row.carries === 'string') return `${mark}${row.carries}`
  const bytes = escapeBytes(row.carries, room - columnsOf(mark) - row.size.length - 1)
  return cut(`${mark}${bytes} ${row.size}`, room)
}

function drawRemark(line: LadderLine, row: RemarkRow, lanes: Lanes, width: number): void {
  const [left, right] = inside(lanes, width)
  const text = cut(printable(row.text), right - left)
  line.put(left - 1, ` ${text} `, row.kind === 'note' ? row.from : 'quiet')
}

/** The cross stands before the column of the remarks, where nothing else stands. */
function drawWrong(line: LadderLine, row: RemarkRow, lanes: Lanes, width: number): void {
  const [left, right] = inside(lanes, width)
  const text = printable(row.text)
  const room = right - left + 2
  line.put(left - 2, `${cut(markToFit(text, printable(row.saw ?? ''), room), room)} `, 'wrong')
}

/** What was seen is kept as long as there is room, and what should have been is cut: both stand below in full. */
function markToFit(text: string, saw: string, room: number): string {
  // The first words of what was seen are the fact; behind the colon stands how it came.
  const whole = [text, text.replace(BEHIND_A_COLON, '$1')].find((each) => columnsOf(each) <= room)
  if (whole !== undefined || saw === '') return whole ?? text
  const tail = `, saw ${saw}`
  const tails = [tail, tail.replace(BEHIND_A_COLON, '$1')]
  const fitting = tails.find((each) => room - columnsOf(each) >= LEAST_OF_WANTED)
  if (fitting === undefined) return `✗ saw ${saw}`
  return `${cut(text.slice(0, -tail.length), room - columnsOf(fitting))}${fitting}`
}

function drawPrinted(
  line: LadderLine,
  row: RemarkRow,
  before: LadderRow | undefined,
  lanes: Lanes,
  width: number,
): void {
  const [left, right] = inside(lanes, width)
  const lead = before?.kind === 'printed' ? '│ '.padStart(PRINTED.length) : PRINTED
  const text = cut(printable(row.text), right - left - lead.length)
  line.put(line.put(left, lead, 'quiet'), `${text} `, 'printed')
}

/** First and last column for a remark, between the outermost bars. */
function inside(lanes: Lanes, width: number): readonly [left: number, right: number] {
  const left = (lanes.bars[0] ?? 0) + LABEL
  const right = lanes.bars.length > 1 ? (lanes.bars.at(-1) ?? width) - 2 : width
  return [left, right]
}
