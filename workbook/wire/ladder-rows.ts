import type { Side, WireEvent } from './transcript.ts'

/** The rows of a ladder, before they are folded and drawn: what is merged, and what is cut. */

/** Where a check went wrong. */
export interface Wrong {
  /** Behind so many events of the transcript. */
  readonly at: number
  readonly expected: string
  readonly saw: string
}

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
  readonly kind: 'idle' | 'tick' | 'lookup' | 'note' | 'printed' | 'fold' | 'wrong'
  readonly from: Side
  readonly text: string
  /** What was seen where it went wrong, without what should have been. */
  readonly saw?: string
  readonly events: number
}

export type DataEvent = Extract<WireEvent, { kind: 'data' }>
type RemarkEvent = Extract<WireEvent, { kind: 'idle' | 'tick' | 'lookup' | 'note' | 'printed' }>

/** More consecutive chunks than this become one arrow. */
const LOOSE_CHUNKS = 3
const MAX_PRINTED = 40

/**
 * Turns a transcript into rows, at most 40 printed lines among them. Where the check went wrong a row
 * says so.
 */
export function ladderRows(
  events: readonly WireEvent[],
  wrong: Wrong | null = null,
  maxPrinted = MAX_PRINTED,
): LadderRow[] {
  const rowsOf = (part: readonly WireEvent[]): LadderRow[] => runsOf(part).flatMap(rowsOfRun)
  if (!wrong) return cutPrinted(rowsOf(events), maxPrinted)
  const saw = firstLine(wrong.saw)
  const mark: RemarkRow = { kind: 'wrong', from: 'you', text: markText(wrong), saw, events: 0 }
  const rows = [...rowsOf(events.slice(0, wrong.at)), mark, ...rowsOf(events.slice(wrong.at))]
  return cutPrinted(rows, maxPrinted)
}

/** What lies in further lines stands below the ladder in full. */
function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}

function markText({ expected, saw }: Wrong): string {
  const [wanted, seen] = [firstLine(expected), firstLine(saw)]
  if (wanted === '') return `✗ ${seen}`
  return seen === '' ? `✗ expected ${wanted}` : `✗ expected ${wanted}, saw ${seen}`
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
  if (before.kind !== 'data' || event.kind !== 'data' || before.described || event.described) return false
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
  return rowOfMany({ ...(chunks[0] as DataEvent), bytes: carries, length: total }, chunks.length)
}

/** Chunks of one direction as one row: `whole` has the first bytes of them, and the length of all. */
export function rowOfMany(whole: DataEvent, chunks: number): ArrowRow {
  const { from, lane, connection, bytes, length } = whole
  const size = `(${chunks} chunks, ${length} B)`
  return { kind: 'arrow', from, lane, connection, carries: bytes, size, events: chunks }
}

/** One event as a row of its own. */
export function rowOf(event: WireEvent): LadderRow {
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

function cutPrinted(rows: readonly LadderRow[], most: number): LadderRow[] {
  const printed = rows.filter((row) => row.kind === 'printed')
  const dropped = new Set<LadderRow>(printed.slice(most))
  const [first] = dropped
  const lines = dropped.size === 1 ? '1 more line' : `${dropped.size} more lines`
  const last: RemarkRow = { kind: 'printed', from: 'you', text: `… ${lines}`, events: dropped.size }
  return rows.flatMap((row) => {
    if (row === first) return [last]
    return dropped.has(row) ? [] : [row]
  })
}
