import type { SegmentEvent } from './figure.ts'
import type { Point, Shape } from './geometry.ts'

/** A figure laid out: everything has its place, in the units of the viewBox, and nothing is drawn yet. */
export interface Drawing {
  readonly width: number
  readonly height: number
  /** Where the lanes end; below them stands the key, if there is one. */
  readonly bottom: number
  readonly lanes: readonly Lane[]
  readonly axis: Axis
  readonly arrows: readonly Arrow[]
  readonly bars: readonly Bar[]
  readonly silences: ReadonlyArray<Stretch>
  readonly dots: readonly Point[]
  readonly labels: readonly PlacedLabel[]
}

export interface Lane {
  readonly id: string
  readonly x: number
  /** The name, broken into lines. */
  readonly name: readonly string[]
}

export interface Axis {
  /** Right edge of its column; 0 where only the order counts. */
  readonly x: number
  readonly title: readonly string[]
  readonly ticks: ReadonlyArray<{ readonly y: number; readonly text: string }>
  /** Whether equal distances are equal times: then faint lines go across. */
  readonly linear: boolean
  /** Where much time is left out. */
  readonly breaks: readonly number[]
}

export interface Arrow {
  readonly event: SegmentEvent
  readonly from: Point
  /** Its head, or the cross of what was lost. */
  readonly to: Point
  /** How far a sheaf reaches down from the line; 0 for a single segment. */
  readonly depth: number
  readonly shapes: readonly Shape[]
}

/** A piece of one lane. */
export interface Stretch {
  readonly x: number
  readonly top: number
  readonly bottom: number
}

/** A state beside its lane. */
export interface Bar extends Stretch {
  readonly width: number
  /** It goes on after the end of the figure. */
  readonly open: boolean
}

export type LabelKind = 'segment' | 'silence' | 'state' | 'note' | 'all' | 'key'

export interface Place {
  readonly centre: Point
  /** Radians. */
  readonly angle: number
}

/** A text that looks for a place. */
export interface Label {
  readonly kind: LabelKind
  readonly event: number
  readonly lines: readonly string[]
  readonly align: 'start' | 'middle' | 'end'
  /** The number of the connection, where there are several. */
  readonly badge: string | null
  readonly width: number
  readonly height: number
  /** Best first. */
  readonly places: readonly Place[]
  /** Shapes that it may cover: a sheaf of its own. */
  readonly mayCover: readonly Shape[]
  /** Where more room would help: before or after these moments, the first one first. */
  readonly room: ReadonlyArray<readonly ['before' | 'after', number]>
}

export interface PlacedLabel extends Label {
  readonly place: Place
}

/** Sizes that all parts of a drawing share, in its units. */
export const SIZES = {
  text: 15,
  line: 18,
  head: 10,
  /** Of the free room around a text. */
  clear: 3,
  edge: 4,
  badge: 19,
  bar: 9,
  barStep: 13,
} as const
