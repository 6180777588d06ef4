import { columnsOf, cut } from './columns.ts'
import type { WireEvent } from './transcript.ts'

/** Where the lanes of a ladder stand, and how an arrow is named in them. */
export interface Lanes {
  /** Columns of the bars. */
  readonly bars: readonly number[]
  /** A name a bar. */
  readonly names: readonly string[]
  /** Index of the learner's bar: the first, or where the program stands between two kinds of peers, one between them. */
  readonly you: number
  /** Index of the peer's bar. */
  barOf(lane: string): number
  /** `#2 ` where the lane has several connections, `origin ` where the bar is shared, else empty. */
  markOf(lane: string, connection: number): string
}

/** Column of the first bar, which centres a short name above it. */
const FIRST_BAR = 1
/** Fewer columns between two bars leave no room for a label. */
const MIN_GAP = 30
const MAX_INSET = 4

/** Lays the lanes out; peers that find no room share the outermost bar of their side. */
export function layOutLanes(events: readonly WireEvent[], width: number): Lanes {
  const connections = connectionsByLane(events)
  const gaps = Math.max(1, Math.floor((width - MAX_INSET) / MIN_GAP))
  const { left, right } = sidesOf(events, [...connections.keys()])
  const sides = gaps < 2 && left.length > 0 ? { left: [], right: [...left, ...right] } : { left, right }
  const atRight = Math.min(sides.right.length, gaps - Math.min(1, sides.left.length))
  const groups = [
    ...shared(sides.left.toReversed(), gaps - atRight)
      .toReversed()
      .map((group) => group.toReversed()),
    ['you'],
    ...shared(sides.right, atRight),
  ]
  const you = groups.findIndex(([name]) => name === 'you')
  const barOf = (lane: string): number =>
    groups.findIndex((group, index) => index !== you && group.includes(lane))
  const markOf = (lane: string, connection: number): string => {
    const own = connections.get(lane) ?? []
    const isShared = (groups[barOf(lane)] ?? []).length > 1
    return `${isShared ? `${lane} ` : ''}${own.length > 1 ? `#${own.indexOf(connection) + 1} ` : ''}`
  }
  const names = groups.map((group) => cut(group.join(', '), MIN_GAP - 4))
  return { bars: barColumns(names, width), names, you, barOf, markOf }
}

/**
 * A program that some connect to, and that connects to others, stands between them, as a proxy does. Every other one
 * stands at the left of its peers.
 */
export function sidesOf(
  events: readonly WireEvent[],
  lanes: readonly string[],
): { readonly left: string[]; readonly right: string[] } {
  const whoConnects = (lane: string) =>
    events.find((event) => event.kind === 'connect' && event.lane === lane) as
      | Extract<WireEvent, { kind: 'connect' }>
      | undefined
  const came = lanes.filter((lane) => whoConnects(lane)?.from === 'peer')
  const isBetween = came.length > 0 && lanes.some((lane) => whoConnects(lane)?.from === 'you')
  const left = isBetween ? came : []
  return { left, right: lanes.filter((lane) => !left.includes(lane)) }
}

/** Connections are numbered within their lane, in the order of their first sign of life. */
export function connectionsByLane(events: readonly WireEvent[]): Map<string, number[]> {
  const lanes = new Map<string, number[]>()
  for (const event of events) {
    if (!('lane' in event)) continue
    const connections = lanes.get(event.lane) ?? []
    if (!connections.includes(event.connection)) connections.push(event.connection)
    lanes.set(event.lane, connections)
  }
  return lanes
}

/** Column at which a name stands centred over its bar, or as near as the line allows. */
export function nameColumn(name: string, bar: number, width: number): number {
  const columns = columnsOf(name)
  return Math.max(0, Math.min(bar - Math.floor(columns / 2), width - columns))
}

/** The last bar stands in so far that a short name is centred above it. */
function barColumns(names: readonly string[], width: number): number[] {
  if (names.length === 1) return [FIRST_BAR]
  const inset = Math.min(MAX_INSET, Math.ceil(columnsOf(names.at(-1) ?? '') / 2))
  const span = width - inset - FIRST_BAR
  return names.map((_, index) => FIRST_BAR + Math.round((index * span) / (names.length - 1)))
}

/** Each a group of its own, as many as there are; the rest joins the last. */
function shared(lanes: readonly string[], groups: number): string[][] {
  if (lanes.length === 0 || groups < 1) return []
  const own = lanes.slice(0, groups - 1).map((lane) => [lane])
  const rest = lanes.slice(groups - 1)
  return rest.length > 0 ? [...own, rest] : own
}
