import type { SegmentEvent } from './figure.ts'

/** Colours for streams; more than these take turns. All of them are told apart by their labels as well. */
export const STREAM_COLOURS = ['data', 'state', 'fin', 'syn'] as const

/** The class of a segment that belongs to a stream, by its label: `stream 3: data, 800 B`; else empty. */
export function streamClass({ label }: Pick<SegmentEvent, 'label'>): string {
  const [, number] = /^stream (\d+)\b/.exec(label) ?? []
  // A client's streams have odd numbers (RFC 9113 §5.1.1).
  return number === undefined ? '' : ` stream-${((Number(number) - 1) / 2) % STREAM_COLOURS.length}`
}
