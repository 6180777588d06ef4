import { connectionsByLane, sidesOf } from '../wire/ladder-lanes.ts'
import type { WireEvent } from '../wire/transcript.ts'

/** The lanes of a learner's run: the program on the left or, as a proxy, in the middle, and each peer of the grader's. */
export interface Peers {
  readonly lanes: ReadonlyArray<{ readonly id: string; readonly name: string }>
  idOf(lane: string): string
  /** The connection's number among those of its lane, from 1; null where it is the only one. */
  numberOf(lane: string, connection: number): number | null
  /** The peer's name, where several share a lane. */
  markOf(lane: string): string
}

export function layOutPeers(events: readonly WireEvent[]): Peers {
  const connections = connectionsByLane(events)
  const names = [...connections.keys()]
  const own = names.length > MOST_PEERS ? names.slice(0, MOST_PEERS - 1) : names
  const sharing = names.slice(own.length)
  const indexOf = (lane: string): number => (own.includes(lane) ? own.indexOf(lane) : own.length)
  const shown = [...own, ...(sharing.length > 0 ? [`${sharing.length} other peers`] : [])]
  const { left } = sidesOf(events, own)
  const peers = shown.map((name, index) => ({ id: `peer-${index + 1}`, name }))
  const isLeft = ({ name }: { readonly name: string }): boolean => left.includes(name)
  return {
    lanes: [...peers.filter(isLeft), { id: 'you', name: 'you' }, ...peers.filter((peer) => !isLeft(peer))],
    idOf: (lane) => `peer-${indexOf(lane) + 1}`,
    numberOf: (lane, connection) => {
      const all = connections.get(lane) ?? []
      return all.length > 1 ? all.indexOf(connection) + 1 : null
    },
    markOf: (lane) => (sharing.includes(lane) ? `${lane}: ` : ''),
  }
}

// --- internal ---

const MOST_PEERS = 3
