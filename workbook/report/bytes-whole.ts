import { escapeBytes } from '../wire/bytes.ts'
import { keptBytes, turnsOf, wayOf, type Turn } from '../wire/turns.ts'
import type { WireEvent } from '../wire/transcript.ts'
import { cutAtBodies } from './bodies.ts'
import { count } from './words.ts'

/** Bytes as people read a message: a line of the wire is a line here, with its line end shown. */

/** More of one turn than this says little: a body of a mebibyte. */
const LINES_OF_A_TURN = 14

/** Of one line of the wire: the head of what follows a body decides more often than its bytes do. */
const LINES_OF_A_LINE = { text: 10, other: 5 }
const NO_TEXT = /[^\t\r\n -~]/

/** The newest turns, of each side of each connection the last that the ladder does not show whole. */
const MOST_TURNS = 4

/**
 * What lies behind the arrows nearest to a failure, whole, where the ladder has no room for it.
 *
 * @param at - Behind so many events the check went wrong.
 * @param shown - Bytes that the ladder shows whole.
 * @param most - Lines at the most.
 */
export function decidingBytes(
  events: readonly WireEvent[],
  { at, width, shown, most }: { at: number; width: number; shown: ReadonlySet<Uint8Array>; most: number },
): string[] {
  const blocks: string[][] = []
  let left = most
  for (const turn of lastTurns(events.slice(0, at), shown)) {
    const block = [headOf(turn, events), ...linesOf(turn, width, LINES_OF_A_TURN)]
    if (block.length > left) break
    left -= block.length
    blocks.unshift(block)
  }
  return blocks.flat()
}

/** Every turn of a run, whole, in order, each with its place in its side's bytes. */
export function allBytes(events: readonly WireEvent[], width: number): string[] {
  return turnsOf(events).flatMap((turn) => [
    `${headOf(turn, events)}, bytes ${turn.offset} to ${turn.offset + turn.length - 1}`,
    ...linesOf(turn, width, Infinity),
  ])
}

// --- internal ---

/** The newest first. */
function lastTurns(events: readonly WireEvent[], shown: ReadonlySet<Uint8Array>): Turn[] {
  const hidden = turnsOf(events).filter((turn) => !isShown(turn, shown))
  const newest = hidden.sort((one, other) => other.last - one.last)
  const seen = new Set<string>()
  const firsts = newest.filter(({ lane, connection, from }) => {
    const key = `${lane} ${connection} ${from}`
    return !seen.has(key) && seen.add(key)
  })
  return firsts.slice(0, MOST_TURNS)
}

/** One arrow in the ladder, with room for all of it. */
function isShown({ pieces: [first, ...others] }: Turn, shown: ReadonlySet<Uint8Array>): boolean {
  return others.length === 0 && first !== undefined && shown.has(first.bytes)
}

function headOf(turn: Turn, events: readonly WireEvent[]): string {
  const pieces = turn.pieces.length > 1 ? ` in ${turn.pieces.length} pieces` : ''
  return `${wayOf(turn, events)}, ${turn.length} B${pieces}`
}

function linesOf(turn: Turn, width: number, most: number): string[] {
  const bytes = keptBytes(turn)
  const lines = cutAtBodies(bytes).flatMap(({ bytes: part, body }) => [
    ...linesOnTheWire(part).flatMap((line) => lineOf(line, width - 2, most < Infinity)),
    ...(body === null ? [] : [`(the end of a body of ${body} B)`]),
  ])
  const shown = lines.length > most ? lines.slice(0, most - 1) : lines
  const lost = turn.pieces.some(({ described }) => described) ? 0 : turn.length - bytes.length
  const more = moreLine(lines.length - shown.length, lost)
  return [...shown, ...more].map((line) => `  ${line}`)
}

/** @param brief - A long one without its middle: what comes behind it may begin there, without a line end of its own. */
function lineOf(line: Buffer, width: number, brief: boolean): string[] {
  const lines = folded(escapeBytes(line), width)
  const most = LINES_OF_A_LINE[NO_TEXT.test(line.toString('latin1')) ? 'other' : 'text']
  if (!brief || lines.length <= most) return lines
  const hidden = `… ${count(lines.length - 4, 'line')} of it …`
  return [...lines.slice(0, 3), hidden, ...lines.slice(-1)]
}

function moreLine(lines: number, bytes: number): string[] {
  const more = [
    ...(lines > 0 ? [count(lines, 'more line')] : []),
    ...(bytes > 0 ? [`${bytes} B that the record has not kept`] : []),
  ]
  return more.length > 0 ? [`… ${more.join(', and ')}`] : []
}

/** Each with its line end. */
function linesOnTheWire(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let start = 0; start < bytes.length;) {
    const feed = bytes.indexOf(0x0a, start)
    const end = feed === -1 ? bytes.length : feed + 1
    lines.push(bytes.subarray(start, end))
    start = end
  }
  return lines
}

/** Cut at the width, never inside an escape. */
function folded(text: string, width: number): string[] {
  const units = text.match(/\\x[0-9a-f]{2}|\\.|[^]/g) ?? []
  const lines = ['']
  for (const unit of units) {
    if ((lines.at(-1) ?? '').length + unit.length > width) lines.push('')
    lines[lines.length - 1] += unit
  }
  return lines
}
