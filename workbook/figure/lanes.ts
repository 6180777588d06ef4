import type { Lane } from './drawing.ts'
import { SIZES } from './drawing.ts'
import type { Figure, StateEvent } from './figure.ts'
import { textWidth, wrapText } from './text.ts'

/** Where the lanes stand: as far apart as their number lets a phone still show them. */
export interface Columns {
  readonly width: number
  /** Right edge of the axis' column; 0 without one. */
  readonly axis: number
  readonly lanes: readonly Lane[]
  /** Between two neighbours; what lies right of the only lane, where there is one. */
  readonly gap: number
  /** Bottom edge of the names. */
  readonly header: number
  xOf(id: string): number
  indexOf(id: string): number
}

/** Widest line of a state's label beside an outer lane. */
export const STATE_LABEL = 108
/** From a lane to the bar beside it. */
export const BAR_OFFSET = 7

export function layOutColumns(figure: Figure): Columns {
  const { lanes } = figure
  const gap = gapOf(figure)
  const names = lanes.map(({ name }) => wrapText(name, SIZES.text, Math.min(gap, MAX_NAME) - NAME_ROOM, 3))
  const axis = figure.unit === 'order' ? 0 : AXIS
  const first = axis + marginOf(figure, 0, names[0] ?? [])
  const xs = lanes.map((_, index) => first + index * gap)
  const last = xs.at(-1) ?? first
  const right = lanes.length === 1 ? gap : marginOf(figure, lanes.length - 1, names.at(-1) ?? [])
  const indexOf = (id: string): number => lanes.findIndex((lane) => lane.id === id)
  return {
    width: Math.ceil(last + right),
    axis,
    gap,
    header: TOP + Math.max(...names.map(({ length }) => length)) * SIZES.line + 2 * NAME_PADDING,
    lanes: lanes.map(({ id }, index) => ({ id, x: xs[index] ?? 0, name: names[index] ?? [] })),
    xOf: (id) => xs[indexOf(id)] ?? first,
    indexOf,
  }
}

/** Column of each bar beside its lane: states that hold at once stand side by side. */
export function barColumns(figure: Figure, lane: string): Map<StateEvent, number> {
  const columns = new Map<StateEvent, number>()
  for (const event of figure.events) {
    if (event.kind !== 'state' || event.lane !== lane) continue
    const taken = [...columns].filter(([other]) => atOnce(other, event)).map(([, column]) => column)
    let column = 0
    while (taken.includes(column)) column++
    columns.set(event, column)
  }
  return columns
}

/** Width of a name with its frame. */
export function nameWidth(lines: readonly string[]): number {
  return Math.max(...lines.map((line) => textWidth(line, SIZES.text))) + 2 * NAME_PADDING + 8
}

export const TOP = 6
export const NAME_PADDING = 5

// --- internal ---

const AXIS = 54
const MARGIN = 28
const MAX_NAME = 170
const NAME_ROOM = 30
const GAPS = [400, 320, 218, 154] as const
/** Margins for states take their room from the gap, down to this. */
const LEAST_GAP = 240
const MOST = 520

function gapOf(figure: Figure): number {
  const wanted = GAPS[figure.lanes.length - 1] ?? 140
  if (figure.lanes.length !== 2) return wanted
  const sides = (figure.unit === 'order' ? 0 : AXIS) + marginOf(figure, 0, []) + marginOf(figure, 1, [])
  return Math.max(LEAST_GAP, Math.min(wanted, MOST - sides))
}

function marginOf(figure: Figure, index: number, name: readonly string[]): number {
  const half = name.length === 0 ? 0 : nameWidth(name) / 2
  const columns = barColumns(figure, figure.lanes[index]?.id ?? '')
  if (columns.size === 0) return Math.max(MARGIN, half + SIZES.edge)
  const widest = Math.max(...[...columns.keys()].map(({ label }) => stateWidth(label)))
  const bars = BAR_OFFSET + (Math.max(...columns.values()) + 1) * SIZES.barStep
  return Math.max(half + SIZES.edge, bars + widest + 2 * SIZES.clear + SIZES.edge)
}

function stateWidth(label: string): number {
  return Math.max(...wrapText(label, SIZES.text, STATE_LABEL, 4).map((line) => textWidth(line, SIZES.text)))
}

function atOnce(a: StateEvent, b: StateEvent): boolean {
  return (a.to ?? Infinity) > b.from && (b.to ?? Infinity) > a.from
}
