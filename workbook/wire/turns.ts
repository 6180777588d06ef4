import { connectionsByLane } from './ladder-lanes.ts'
import type { DataEvent } from './ladder-rows.ts'
import type { Side, WireEvent } from './transcript.ts'

/**
 * What one side of a connection sends before the other side speaks: often one message, in any number of pieces,
 * with whatever else happened between them.
 */
export interface Turn {
  readonly from: Side
  readonly lane: string
  readonly connection: number
  readonly pieces: readonly DataEvent[]
  /** Bytes of that side on the connection before this turn. */
  readonly offset: number
  /** Bytes of the turn; the transcript may have kept fewer. */
  readonly length: number
  /** Index of the last of its events. */
  readonly last: number
}

/** The turns of all connections, in the order in which they began. */
export function turnsOf(events: readonly WireEvent[]): Turn[] {
  const turns: Turn[] = []
  const sent = new Map<string, number>()
  for (const [index, event] of events.entries()) {
    if (event.kind !== 'data') continue
    const at = turns.findLastIndex((turn) => isSameConnection(turn, event))
    const open = turns[at]
    const key = `${event.connection} ${event.from}`
    const offset = sent.get(key) ?? 0
    sent.set(key, offset + event.length)
    if (open?.from === event.from && !event.described) turns[at] = longer(open, event, index)
    else turns.push(begun(event, offset, index))
  }
  return turns
}

/** The bytes of a turn as far as each piece was kept, up to the first gap. */
export function keptBytes({ pieces }: Turn): Buffer {
  const gap = pieces.findIndex(({ bytes, length, described }) => !described && bytes.length < length)
  const kept = gap === -1 ? pieces : pieces.slice(0, gap + 1)
  return Buffer.concat(kept.map(({ bytes }) => bytes))
}

/** `you to the origin`, or `the client, connection 2, to you`. */
export function wayOf({ from, lane, connection }: Turn, events: readonly WireEvent[]): string {
  const own = connectionsByLane(events).get(lane) ?? []
  const which = own.length > 1 ? `, connection ${own.indexOf(connection) + 1}` : ''
  return from === 'you' ? `you to ${lane}${which}` : `${lane}${which}${which && ','} to you`
}

// --- internal ---

/** UDP lanes have the learner's port for a connection, so the lane counts as well. */
function isSameConnection(turn: Turn, { lane, connection }: DataEvent): boolean {
  return turn.lane === lane && turn.connection === connection
}

function begun(event: DataEvent, offset: number, last: number): Turn {
  const { from, lane, connection, length } = event
  return { from, lane, connection, pieces: [event], offset, length, last }
}

function longer(turn: Turn, event: DataEvent, last: number): Turn {
  return { ...turn, pieces: [...turn.pieces, event], length: turn.length + event.length, last }
}
