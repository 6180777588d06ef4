import { columnsOf, cut } from './columns.ts'
import type { WireEvent } from './transcript.ts'

/** Where the lanes of a ladder stand, and how an arrow is named in them. */
export interface Lanes {
  /** Columns of the bars; the first is the learner's, the others are peers. */
  readonly bars: readonly number[]
  /** A name a bar. */
  readonly names: readonly string[]
  /** Index of the peer's bar. */
  barOf(lane: string): number
  /** `#2 ` where the lane has several connections, `origin ` where the bar is shared, else empty. */
  markOf(lane: string, connection: number): string
}

/** Column of the learner's bar, which centres `you` above it. */
const FIRST_BAR = 1
/** Fewer columns between two bars leave no room for a label. */
const MIN_GAP = 30
const MAX_INSET = 4

/** Lays the lanes out; peers that find no room share the last bar. */
export function layOutLanes(events: readonly WireEvent[], width: number): Lanes {
  const connections = connectionsByLane(events)
  const peers = [...connections.keys()]
  const last = Math.min(peers.length, Math.max(1, Math.floor((width - MAX_INSET) / MIN_GAP)))
  const barOf = (lane: string): number => Math.min(peers.indexOf(lane) + 1, last)
  const sharers = peers.filter((lane) => barOf(lane) === last)
  const markOf = (lane: string, connection: number): string => {
    const own = connections.get(lane) ?? []
    const shared = barOf(lane) === last && sharers.length > 1
    return `${shared ? `${lane} ` : ''}${own.length > 1 ? `#${own.indexOf(connection) + 1} ` : ''}`
  }
  const names = namesOf(peers, last, sharers)
  return { bars: barColumns(names, width), names, barOf, markOf }
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

function namesOf(peers: readonly string[], last: number, sharers: readonly string[]): string[] {
  if (peers.length === 0) return ['you']
  const own = peers.slice(0, last - 1)
  return ['you', ...own, sharers.join(', ')].map((name) => cut(name, MIN_GAP - 4))
}
