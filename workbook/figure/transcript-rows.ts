import { escapeBytes } from '../wire/bytes.ts'
import { printable } from '../wire/columns.ts'
import type { Side, WireEvent } from '../wire/transcript.ts'
import type { SegmentEvent } from './figure.ts'

/** A transcript as rows of a drawing: chunks that belong together are one, and a long run is folded. */
export type Row = Told & {
  /** Indexes of the events behind it. */
  readonly first: number
  readonly last: number
}

type Told =
  | {
      readonly kind: 'segment'
      readonly from: Side
      readonly lane: string
      readonly connection: number
      readonly type: SegmentEvent['type']
      readonly label: string
    }
  | { readonly kind: 'silence'; readonly label: string }
  /** `from` is null where it concerns all. */
  | { readonly kind: 'note'; readonly from: Side | null; readonly label: string }

export function rowsOf(events: readonly WireEvent[]): Row[] {
  return runsOf(events).map((run) => ({
    ...told(run.map(({ event }) => event)),
    first: run[0]?.index ?? 0,
    last: run.at(-1)?.index ?? 0,
  }))
}

/** Keeps the beginning and what lies around the place where it went wrong; what is left out is counted. */
export function foldRows(rows: readonly Row[], wrongAt: number, most: number): Row[] {
  if (rows.length <= most) return [...rows]
  const wrong = rows.findIndex(({ last }) => last >= wrongAt)
  const room = most - KEPT_AT_START - 2
  const end = Math.min(rows.length, (wrong < 0 ? rows.length - 1 : wrong) + 1 + Math.floor(room / 3))
  const start = Math.max(KEPT_AT_START, end - room)
  return [
    ...rows.slice(0, KEPT_AT_START),
    ...leftOut(rows.slice(KEPT_AT_START, start)),
    ...rows.slice(start, Math.max(end, start)),
    ...leftOut(rows.slice(Math.max(end, start))),
  ]
}

// --- internal ---

const KEPT_AT_START = 4
/** More consecutive chunks than this become one arrow. */
const LOOSE_CHUNKS = 3
/** More consecutive printed lines than this become one remark. */
const LOOSE_LINES = 3
const SHOWN_BYTES = 48

type Run = Array<{ readonly event: WireEvent; readonly index: number }>

function runsOf(events: readonly WireEvent[]): Run[] {
  const runs: Run[] = []
  for (const [index, event] of events.entries()) {
    const run = runs.at(-1)
    const before = run?.at(-1)?.event
    if (run && before && continues(before, event)) run.push({ event, index })
    else runs.push([{ event, index }])
  }
  return runs.flatMap((run) => (isLoose(run) ? run.map((one) => [one]) : [run]))
}

/** A few chunks, or a few lines, are worth an arrow or a remark each. */
function isLoose(run: Run): boolean {
  const kind = run[0]?.event.kind
  return (kind === 'data' && run.length <= LOOSE_CHUNKS) || (kind === 'printed' && run.length <= LOOSE_LINES)
}

function continues(before: WireEvent, event: WireEvent): boolean {
  if (before.kind === 'idle' && event.kind === 'idle') return before.note === event.note
  if (before.kind === 'printed') return event.kind === 'printed'
  if (before.kind !== 'data' || event.kind !== 'data') return false
  return before.from === event.from && before.lane === event.lane && before.connection === event.connection
}

function told(run: readonly WireEvent[]): Told {
  const event = run[0] as WireEvent
  switch (event.kind) {
    case 'connect':
      return segment(event, 'syn', 'SYN')
    case 'data':
      return segment(event, 'data', dataLabel(run))
    case 'fin':
      return segment(event, 'fin', 'FIN')
    case 'rst':
      return segment(event, 'rst', 'RST')
    case 'idle':
      return { kind: 'silence', label: idleLabel(event.note) }
    case 'tick':
      return { kind: 'note', from: null, label: `${event.by} ms pass; it is now ${event.now} ms` }
    case 'lookup':
      return { kind: 'note', from: 'you', label: printable(`looks up ${event.host}: ${event.answer}`) }
    case 'printed':
      return { kind: 'note', from: 'you', label: printedLabel(event.text, run.length) }
    case 'note':
      return { kind: 'note', from: event.from, label: printable(event.text) || '(no words)' }
  }
}

function segment(
  { from, lane, connection }: { readonly from: Side; readonly lane: string; readonly connection: number },
  type: SegmentEvent['type'],
  label: string,
): Told {
  return { kind: 'segment', from, lane, connection, type, label }
}

/** The first line of what was sent, and how much it was. */
function dataLabel(run: readonly WireEvent[]): string {
  const chunks = run.filter((event) => event.kind === 'data')
  const bytes = Buffer.concat(chunks.map((chunk) => chunk.bytes))
  const total = chunks.reduce((sum, { length }) => sum + length, 0)
  const end = bytes.indexOf('\r\n')
  const text = escapeBytes(end > 0 ? bytes.subarray(0, end) : bytes, SHOWN_BYTES)
  const size = chunks.length > 1 ? `${chunks.length} chunks, ${total} B` : `${total} B`
  return text === '' ? size : `${text} (${size})`
}

function idleLabel(note: string): string {
  return note === '' || note === 'idle' ? 'nothing more comes: idle' : `idle: ${printable(note)}`
}

function printedLabel(text: string, lines: number): string {
  const more = lines > 1 ? ` (and ${lines - 1} more lines)` : ''
  return `prints ${printable(text) || 'an empty line'}${more}`
}

function leftOut(rows: readonly Row[]): Row[] {
  const [first, last] = [rows[0]?.first, rows.at(-1)?.last]
  if (first === undefined || last === undefined) return []
  const count = last - first + 1
  const label = count === 1 ? '1 event is left out' : `${count} events are left out`
  return [{ kind: 'note', from: null, label, first, last }]
}
