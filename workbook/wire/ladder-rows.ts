import type { Side, WireEvent } from './transcript.ts'

/** The rows of a ladder, before they are drawn: what is merged, what is cut, what is folded. */

export type LadderRow = ArrowRow | RemarkRow

export interface ArrowRow {
  readonly kind: 'arrow'
  readonly from: Side
  readonly lane: string
  readonly connection: number
  /** `SYN`, `FIN`, `RST`; bytes for data. */
  readonly carries: 'SYN' | 'FIN' | 'RST' | Uint8Array
  /** Said after the label: `(45 B)`; empty where nothing is to say. */
  readonly size: string
  /** Events of the transcript behind this row. */
  readonly events: number
}

export interface RemarkRow {
  readonly kind: 'idle' | 'tick' | 'lookup' | 'note' | 'printed' | 'fold'
  readonly from: Side
  readonly text: string
  readonly events: number
}

type DataEvent = Extract<WireEvent, { kind: 'data' }>
type RemarkEvent = Extract<WireEvent, { kind: 'idle' | 'tick' | 'lookup' | 'note' | 'printed' }>

/** More consecutive chunks than this become one arrow. */
const LOOSE_CHUNKS = 3
const MAX_PRINTED = 40
/** Rows beside the printed lines; of a longer ladder the beginning and the end are kept. */
const MAX_ROWS = 24
const KEPT_AT_START = 4

/** Turns a transcript into at most 24 rows, and at most 40 printed lines among them. */
export function ladderRows(events: readonly WireEvent[]): LadderRow[] {
  return fold(cutPrinted(runsOf(events).flatMap(rowsOfRun)))
}

/** Groups neighbours that may become one row: chunks of one direction, the same idle proof again. */
function runsOf(events: readonly WireEvent[]): WireEvent[][] {
  const runs: WireEvent[][] = []
  for (const event of events) {
    const run = runs.at(-1)
    const before = run?.at(-1)
    if (run && before && continues(before, event)) run.push(event)
    else runs.push([event])
  }
  return runs
}

function continues(before: WireEvent, event: WireEvent): boolean {
  if (before.kind === 'idle' && event.kind === 'idle') return before.note === event.note
  if (before.kind !== 'data' || event.kind !== 'data') return false
  return before.from === event.from && before.lane === event.lane && before.connection === event.connection
}

function rowsOfRun(run: WireEvent[]): LadderRow[] {
  const [first] = run
  if (first?.kind === 'idle') return [{ ...rowOf(first), events: run.length }]
  const chunks = run.filter((event) => event.kind === 'data')
  if (chunks.length > LOOSE_CHUNKS) return [mergedRow(chunks)]
  return run.map(rowOf)
}

function mergedRow(chunks: readonly DataEvent[]): ArrowRow {
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const carries = Buffer.concat(chunks.map((chunk) => chunk.bytes))
  const { from, lane, connection } = chunks[0] as DataEvent
  const size = `(${chunks.length} chunks, ${total} B)`
  return { kind: 'arrow', from, lane, connection, carries, size, events: chunks.length }
}

function rowOf(event: WireEvent): LadderRow {
  if (event.kind === 'data') return arrow(event, event.bytes, `(${event.length} B)`)
  if (event.kind === 'connect') return arrow(event, 'SYN')
  if (event.kind === 'fin') return arrow(event, 'FIN')
  if (event.kind === 'rst') return arrow(event, 'RST')
  const from = 'from' in event ? event.from : 'you'
  return { kind: event.kind, from, text: remark(event), events: 1 }
}

function arrow(
  event: { readonly from: Side; readonly lane: string; readonly connection: number },
  carries: ArrowRow['carries'],
  size = '',
): ArrowRow {
  const { from, lane, connection } = event
  return { kind: 'arrow', from, lane, connection, carries, size, events: 1 }
}

function remark(event: RemarkEvent): string {
  if (event.kind === 'idle') return `· · ${idleText(event.note)} · ·`
  // Not the stopwatch: terminals disagree on how wide that one is.
  if (event.kind === 'tick') return `◷ ${event.by} ms pass (now ${event.now})`
  if (event.kind === 'lookup') return `lookup ${event.host} → ${event.answer}`
  return event.text
}

/** A note that says only that the program is idle says nothing more. */
function idleText(note: string): string {
  return note === '' || note === 'idle' ? 'idle proven' : `idle proven: ${note}`
}

function cutPrinted(rows: readonly LadderRow[]): LadderRow[] {
  const printed = rows.filter((row) => row.kind === 'printed')
  const dropped = new Set<LadderRow>(printed.slice(MAX_PRINTED))
  const [first] = dropped
  const lines = dropped.size === 1 ? '1 more line' : `${dropped.size} more lines`
  const last: RemarkRow = { kind: 'printed', from: 'you', text: `… ${lines}`, events: dropped.size }
  return rows.flatMap((row) => {
    if (row === first) return [last]
    return dropped.has(row) ? [] : [row]
  })
}

/** The failure is at the end and the set-up at the start, so what goes is between them. */
function fold(rows: readonly LadderRow[]): LadderRow[] {
  const drawn = rows.filter((row) => row.kind !== 'printed')
  if (drawn.length <= MAX_ROWS) return [...rows]
  const kept = MAX_ROWS - 1 - KEPT_AT_START
  const folded = new Set(drawn.slice(KEPT_AT_START, -kept))
  const [first] = folded
  const events = [...folded].reduce((sum, row) => sum + row.events, 0)
  const mark: RemarkRow = { kind: 'fold', from: 'you', text: `⋮ ${events} earlier events`, events }
  return rows.flatMap((row) => {
    if (row === first) return [mark]
    return folded.has(row) ? [] : [row]
  })
}
