import type { Side, WireEvent } from '../wire/transcript.ts'
import type { Figure, FigureEvent } from './figure.ts'
import { foldRows, rowsOf, type Row } from './transcript-rows.ts'
import { layOutPeers, type Peers } from './transcript-peers.ts'

export interface TranscriptFigureOptions {
  readonly title: string
  /** Told from the run where it is left out. */
  readonly description?: string
  /** What draws it again. */
  readonly command: string
  /** Index of the event at which it went wrong; without it the last one. */
  readonly wrongAt?: number
  /** Rows that are drawn; of a longer run, the beginning and what is around `wrongAt`. Default: 40. */
  readonly most?: number
}

/** Turns the record of a check's wire into a figure, in which only the order of events counts. */
export function figureFromTranscript(events: readonly WireEvent[], options: TranscriptFigureOptions): Figure {
  const { title, command, wrongAt = events.length - 1, most = MOST } = options
  const peers = layOutPeers(events)
  const rows = foldRows(rowsOf(events), wrongAt, most)
  const drawn = rows.length > 0 ? rows : [NOTHING]
  return {
    format: 1,
    title,
    description: options.description ?? describe(events, peers),
    lanes: peers.lanes,
    source: { how: 'recorded', command, on: '' },
    unit: 'order',
    events: drawn.flatMap((row, index) => eventOf(row, 2 * index, peers)),
  }
}

// --- internal ---

const MOST = 40
const NOTHING: Row = { kind: 'note', from: null, label: 'Nothing has passed on the wire.', first: 0, last: 0 }

/** What happens takes one step, and one is left before the next. */
function eventOf(row: Row, at: number, peers: Peers): FigureEvent {
  if (row.kind === 'silence') return { kind: 'silence', lane: 'you', from: at, to: at + 1, label: row.label }
  if (row.kind === 'note') return { kind: 'note', lane: laneOf(row.from, peers), at, label: row.label }
  const peer = peers.idOf(row.lane)
  const [from, to] = row.from === 'you' ? ['you', peer] : [peer, 'you']
  const label = `${peers.markOf(row.lane)}${row.label}`
  const connection = peers.numberOf(row.lane, row.connection)
  const segment = { kind: 'segment', from, to, sent: at, arrived: at + 1, label, type: row.type } as const
  return connection === null ? segment : { ...segment, connection }
}

/** A remark of the grader's stands in its lane where there is but one. */
function laneOf(from: Side | null, { lanes }: Peers): string | null {
  if (from === 'you') return 'you'
  return from === 'peer' && lanes.length === 2 ? (lanes[1]?.id ?? null) : null
}

function describe(events: readonly WireEvent[], { lanes }: Peers): string {
  const [you, ...others] = lanes.map(({ name }) => name)
  const count = (kind: WireEvent['kind']): number => events.filter((event) => event.kind === kind).length
  const parts = [
    `${plural(count('connect'), 'connection')} opened`,
    `data was sent ${count('data')} times`,
    `${count('fin')} FIN and ${count('rst')} RST were seen`,
  ]
  const between =
    others.length === 0 ? `The run of ${you}.` : `The wire between ${you} and ${others.join(', ')}.`
  return `${between} In all ${parts.join(', ')}. The table below tells it step by step.`
}

function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`
}
