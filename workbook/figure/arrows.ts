import type { Arrow } from './drawing.ts'
import { SIZES } from './drawing.ts'
import type { Figure, SegmentEvent } from './figure.ts'
import { between, box, shape, stroke, type Point } from './geometry.ts'
import type { Columns } from './lanes.ts'
import type { Scale } from './scale.ts'
import { wrapText } from './text.ts'

/** The arrows of a figure, in the order of its segments. */
export function layOutArrows(figure: Figure, columns: Columns, scale: Scale): Arrow[] {
  const drop = usualDrop(figure, scale)
  const shifts = bundleShifts(figure, columns, scale, drop)
  return segmentsOf(figure).map((event) => {
    const shift = shifts.get(event) ?? 0
    const top = scale.yOf(event.sent) + shift
    const arrival = event.arrived === null ? top + drop : scale.yOf(event.arrived) + shift
    const from = { x: columns.xOf(event.from), y: top }
    const end = { x: columns.xOf(event.to), y: Math.max(arrival, top + LEAST_DROP) }
    const to = event.arrived === null ? between(from, end, LOST_AT) : end
    const depth = depthOf(event)
    return { event, from, to, depth, shapes: shapesOf(from, to, depth, event.arrived === null) }
  })
}

/** The label of a segment, broken so that it fits between two lanes. */
export function segmentLines({ label, connection }: SegmentEvent, { gap }: Columns): string[] {
  const room = gap - LABEL_ROOM - (connection === undefined ? 0 : SIZES.badge)
  return wrapText(label, SIZES.text, room, MAX_LINES)
}

/** Units between two lines of a sheaf. */
export const SHEAF_LINE = 1.6

// --- internal ---

/** What arrives in the moment in which it was sent still leans a little. */
const LEAST_DROP = 12
const LOST_AT = 0.62
/** Between a label in a bundle and the arrows around it. */
const PITCH = 11
/** A sheaf is thin, so that on an axis of time its segments leave and arrive as good as together. */
const SHEAF = { least: 3.2, perSegment: 0.12, most: 16 }
const LABEL_ROOM = 36
const MAX_LINES = 4
const LINE = 4
/** Half of the cross of what was lost. */
const CROSS = 9

function segmentsOf({ events }: Figure): SegmentEvent[] {
  return events.filter((event) => event.kind === 'segment')
}

/**
 * Segments that leave one lane for another at one moment stand below each other, with room for their
 * labels, which the slant makes higher.
 *
 * @returns How far each segment moves down.
 */
function bundleShifts(
  figure: Figure,
  columns: Columns,
  { yOf }: Scale,
  drop: number,
): Map<SegmentEvent, number> {
  const shifts = new Map<SegmentEvent, number>()
  const used = new Map<string, number>()
  for (const event of segmentsOf(figure)) {
    const { sent, arrived, from, to } = event
    const bundle = [sent, arrived, from, to].join(' ')
    const before = used.get(bundle)
    const fall = arrived === null ? drop : yOf(arrived) - yOf(sent)
    const slant = Math.hypot(1, fall / (columns.xOf(from) - columns.xOf(to)))
    const room = (segmentLines(event, columns).length * SIZES.line + PITCH) * slant
    const shift = before === undefined ? 0 : before + room
    shifts.set(event, shift)
    used.set(bundle, shift + depthOf(event))
  }
  return shifts
}

function depthOf({ count = 0 }: SegmentEvent): number {
  return count === 0 ? 0 : Math.min(SHEAF.least + count * SHEAF.perSegment, SHEAF.most)
}

/** How far down a segment that was lost would have come: as the others do. */
function usualDrop(figure: Figure, scale: Scale): number {
  const drops = segmentsOf(figure).flatMap(({ sent, arrived }) =>
    arrived === null ? [] : [scale.yOf(arrived) - scale.yOf(sent)],
  )
  return Math.max(
    2 * LEAST_DROP,
    ...drops
      .sort((a, b) => a - b)
      .slice(0, Math.ceil(drops.length / 2))
      .slice(-1),
  )
}

/** The line, the head with its room, and the body of a sheaf. */
function shapesOf(from: Point, to: Point, depth: number, lost: boolean): Arrow['shapes'] {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const neck = between(to, from, Math.min(1, (SIZES.head + 2) / length))
  const head = lost ? box(to.x - CROSS, to.y - CROSS, 2 * CROSS, 2 * CROSS) : stroke(neck, to, SIZES.head + 2)
  const shapes = [stroke(from, to, LINE), head]
  if (depth === 0) return shapes
  const below = ({ x, y }: Point): Point => ({ x, y: y + depth })
  return [...shapes, shape([from, to, below(to), below(from)])]
}
