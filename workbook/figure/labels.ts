import { segmentLines } from './arrows.ts'
import type { Arrow, Bar, Label, Place } from './drawing.ts'
import { SIZES } from './drawing.ts'
import type { FigureEvent, NoteEvent, SilenceEvent, StateEvent } from './figure.ts'
import { angleOf } from './geometry.ts'
import type { Columns } from './lanes.ts'
import { STATE_LABEL } from './lanes.ts'
import { textWidth, wrapText } from './text.ts'

/** What each text of a figure says and where it would like to stand, best place first. */

/** @param badge - The connection's number, where its lanes have several. */
export function segmentLabel(arrow: Arrow, columns: Columns, badge: string | null): Omit<Label, 'event'> {
  const { event } = arrow
  const text = measured(segmentLines(event, columns), badge)
  return {
    ...text,
    kind: 'segment',
    align: 'middle',
    places: gapsOf(arrow, columns).flatMap((gap) => placesAlong(arrow, gap, text.width, text.height)),
    mayCover: arrow.shapes.slice(2),
    room: [
      ['before', event.sent],
      ['before', event.arrived ?? event.sent],
    ],
  }
}

/** @param edge - Outer edge of all bars beside the lane. */
export function stateLabel(
  event: StateEvent,
  bar: Bar,
  edge: number,
  columns: Columns,
): Omit<Label, 'event'> {
  const index = columns.indexOf(event.lane)
  const first = index === 0 && columns.lanes.length > 1
  const inner = index > 0 && index < columns.lanes.length - 1
  const width = inner ? columns.gap - 40 : STATE_LABEL
  const text = measured(wrapText(event.label, SIZES.text, width, 4), null)
  const away = text.width / 2 + SIZES.clear + 1
  const x = first ? edge - away : edge + away
  const highest = bar.top + text.height / 2 - 5
  return {
    ...text,
    kind: 'state',
    align: first ? 'end' : 'start',
    places: downFrom(x, highest, Math.max(highest, bar.bottom - text.height / 2 + 5)),
    mayCover: [],
    room: [event.to === null ? ['after', event.from] : ['before', event.to]],
  }
}

export function silenceLabel(
  event: SilenceEvent,
  top: number,
  bottom: number,
  columns: Columns,
): Omit<Label, 'event'> {
  const text = measured(wrapText(event.label, SIZES.text, besideWidth(columns), 4), null)
  const middle = (top + bottom) / 2
  return {
    ...text,
    kind: 'silence',
    align: sideOf(event.lane, columns),
    places: besides(event.lane, text.width, columns).flatMap((x) =>
      aroundOf(middle, Math.max(0, (bottom - top - text.height) / 2)).map((y) => upright(x, y)),
    ),
    mayCover: [],
    room: [['before', event.to]],
  }
}

/**
 * A remark in one lane, or across all.
 *
 * @param last - Nothing happens later: then it may stand farther down, under what still arrives.
 */
export function noteLabel(
  event: NoteEvent,
  y: number,
  last: boolean,
  columns: Columns,
): Omit<Label, 'event'> {
  if (event.lane === null) return remarkAcross(event, y, last, columns)
  const text = measured(wrapText(event.label, SIZES.text, besideWidth(columns), 4), null)
  return {
    ...text,
    kind: 'note',
    align: sideOf(event.lane, columns),
    places: besides(event.lane, text.width, columns).flatMap((x) =>
      [...aroundOf(y, text.height / 2 + 8), ...(last ? stepsDown(y, y + DOWN) : [])].map((at) =>
        upright(x, at),
      ),
    ),
    mayCover: [],
    room: [
      ['after', event.at],
      ['before', event.at],
    ],
  }
}

/** Whether two events are segments of different connections between the same lanes. */
export function hasSeveralConnections(events: readonly FigureEvent[], one: FigureEvent): boolean {
  if (one.kind !== 'segment' || one.connection === undefined) return false
  return events.some(
    (other) =>
      other.kind === 'segment' &&
      other.connection !== undefined &&
      other.connection !== one.connection &&
      [one.from, one.to].includes(other.from) &&
      [one.from, one.to].includes(other.to),
  )
}

// --- internal ---

const STEP = 7
const ALONG = 12
/** How far below the last moment a remark may stand: under a bundle that still arrives. */
const DOWN = 150

function measured(
  lines: readonly string[],
  badge: string | null,
): Pick<Label, 'lines' | 'badge' | 'width' | 'height'> {
  const widths = lines.map(
    (line, index) => textWidth(line, SIZES.text) + (index === 0 ? badgeWidth(badge) : 0),
  )
  return { lines, badge, width: Math.max(...widths), height: lines.length * SIZES.line }
}

export function badgeWidth(badge: string | null): number {
  return badge === null ? 0 : Math.max(SIZES.badge, textWidth(badge, SIZES.text - 2) + 8) + 5
}

function remarkAcross(event: NoteEvent, y: number, last: boolean, columns: Columns): Omit<Label, 'event'> {
  const { lanes, width, axis } = columns
  const [left = 0, right = width] = [lanes[0]?.x, lanes.length > 1 ? lanes.at(-1)?.x : width - 8]
  const room = lanes.length > 1 ? Math.max(right - left + 20, 240) : right - left - 24
  const lines = wrapText(event.label, SIZES.text, Math.min(room, width - axis - 40), 4)
  const bare = measured(lines, null)
  const text = { ...bare, width: bare.width + 20, height: bare.height + 8 }
  const x = Math.min((left + right) / 2, width - SIZES.edge - text.width / 2 - 2)
  return {
    ...text,
    kind: 'all',
    align: 'middle',
    places: downFrom(x, y + text.height / 2 + 8, y + text.height / 2 + (last ? DOWN : 14)),
    mayCover: [],
    room: [
      ['after', event.at],
      ['before', event.at],
    ],
  }
}

/** Pairs of neighbouring lanes that an arrow crosses; the one farthest right is its peer's. */
function gapsOf({ event }: Arrow, { lanes, xOf }: Columns): Array<readonly [left: number, right: number]> {
  const [from, to] = [xOf(event.from), xOf(event.to)]
  const [low, high] = [Math.min(from, to), Math.max(from, to)]
  const xs = lanes.map(({ x }) => x)
  return xs
    .slice(1)
    .map((right, index) => [Math.max(low, xs[index] ?? 0), Math.min(high, right)] as const)
    .filter(([left, right]) => right - left > 1)
    .reverse()
}

/** Above the line if possible, turned with it, in the middle if possible. */
function placesAlong(
  { from, to, depth }: Arrow,
  [left, right]: readonly [number, number],
  width: number,
  height: number,
): Place[] {
  const [start, end] = from.x < to.x ? [from, to] : [to, from]
  const angle = angleOf(start, end)
  const away = height / 2 + SIZES.clear + 1.5
  const half = (width / 2) * Math.cos(angle) + away * Math.abs(Math.sin(angle)) + 5
  // What was lost has its label near the piece of the way that it has made.
  const low = Math.max(left + half, Math.min(right - half, start.x))
  const high = Math.min(right - half, Math.max(left + half, end.x))
  const yAt = (x: number): number => start.y + (x - start.x) * Math.tan(angle)
  const inside = depth > height ? [[0, depth / 2] as const] : []
  const sides = [...inside, [-away, 0] as const, [away, depth] as const]
  return sides.flatMap(([across, down]) =>
    aroundOf((low + high) / 2, Math.max(0, (high - low) / 2), ALONG).map((x) => ({
      centre: { x: x - Math.sin(angle) * across, y: yAt(x) + Math.cos(angle) * across + down },
      angle,
    })),
  )
}

/** The middle, then ever farther from it on both sides. */
function aroundOf(middle: number, reach: number, step: number = STEP): number[] {
  const values = [middle]
  for (let away = step; away <= reach; away += step) values.push(middle - away, middle + away)
  return values
}

function downFrom(x: number, top: number, bottom: number): Place[] {
  return stepsDown(top, bottom).map((y) => upright(x, y))
}

function stepsDown(top: number, bottom: number): number[] {
  return Array.from({ length: Math.floor((bottom - top) / STEP) + 1 }, (_, index) => top + index * STEP)
}

function upright(x: number, y: number): Place {
  return { centre: { x, y }, angle: 0 }
}

/** Text beside a lane stands to its right, beside the last lane to its left. */
function sideOf(lane: string, { lanes, indexOf }: Columns): 'start' | 'end' {
  return lanes.length > 1 && indexOf(lane) === lanes.length - 1 ? 'end' : 'start'
}

function besides(lane: string, width: number, columns: Columns): number[] {
  const x = columns.xOf(lane)
  const away = width / 2 + 11
  const sides = sideOf(lane, columns) === 'end' ? [x - away] : [x + away]
  const index = columns.indexOf(lane)
  return index > 0 && index < columns.lanes.length - 1 ? [...sides, x - away] : sides
}

function besideWidth({ gap, lanes }: Columns): number {
  return lanes.length === 1 ? gap - 30 : Math.min(gap - 30, 200)
}
