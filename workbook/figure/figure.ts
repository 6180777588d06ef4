/**
 * A figure: the record of one run as the pages draw it. `docs/figures/NAME.json` holds one each. Time
 * runs down, each lane is one party, and a segment is an arrow from one lane to another that leaves at
 * one time and arrives at a later one.
 */
export interface Figure {
  readonly format: 1
  /** A sentence that says what happens, for those who do not see the drawing and for the caption. */
  readonly title: string
  /** Two to five sentences: what the drawing shows, in words. */
  readonly description: string
  /** From left to right. */
  readonly lanes: ReadonlyArray<{ readonly id: string; readonly name: string }>
  readonly source: FigureSource
  /**
   * What `at`, `sent` and `arrived` count: milliseconds, round trips, or only the order of events. The
   * axis is labelled with it, except with `order`.
   */
  readonly unit: 'ms' | 'rtt' | 'order'
  /** Moments at which the axis counts from 0 again: where one drawing holds several runs, one below the other. */
  readonly restarts?: readonly number[]
  /** In the order of their beginning. */
  readonly events: readonly FigureEvent[]
}

/** Where the record comes from; the caption says it. */
export interface FigureSource {
  /** `recorded`: by our own ends of a real run; `captured`: packets on the wire; `computed`: virtual time. */
  readonly how: 'recorded' | 'captured' | 'computed'
  /** What makes it again, for example `npm run figures -- nagle`. */
  readonly command: string
  /** What it was made on, for example `Linux 6.18, Node 20.20`; empty where it does not matter. */
  readonly on: string
}

export type FigureEvent = SegmentEvent | SilenceEvent | StateEvent | NoteEvent

/** Something that travels: an arrow. */
export interface SegmentEvent {
  readonly kind: 'segment'
  readonly from: string
  readonly to: string
  readonly sent: number
  /** Null: lost on its way; the arrow ends in a cross. */
  readonly arrived: number | null
  /** What it carries, in a few words: `SYN`, `GET /a`, `200 OK, 512 B`, `ACK`. */
  readonly label: string
  readonly type: 'syn' | 'data' | 'ack' | 'fin' | 'rst'
  /** The number of the connection between these two lanes, from 1, where there are several. */
  readonly connection?: number
  /** How many segments travel back to back behind this one arrow, from 2; the arrow becomes a sheaf. */
  readonly count?: number
}

/** Nothing comes: a dotted stretch in one lane. */
export interface SilenceEvent {
  readonly kind: 'silence'
  readonly lane: string
  readonly from: number
  readonly to: number
  readonly label: string
}

/** A lane is in a state for a while: a bar beside it, `TIME-WAIT` for instance. */
export interface StateEvent {
  readonly kind: 'state'
  readonly lane: string
  readonly from: number
  /** Null: to the end of the figure. */
  readonly to: number | null
  readonly label: string
}

/** A remark at one moment, in one lane or across all. */
export interface NoteEvent {
  readonly kind: 'note'
  readonly lane: string | null
  readonly at: number
  readonly label: string
}
