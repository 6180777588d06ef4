import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import type { Row } from './row.ts'

/**
 * What a batch has done, in a file that only grows: a line for the run, then one for each submission as
 * soon as it is graded. Whatever ends the run leaves every line whole but the last.
 */
export interface JournalHead {
  readonly format: 1
  /** Version of the course. */
  readonly course: string
  /** Of the suites, the pages and the kit that the verdicts rest on. */
  readonly suites: string
  readonly node: string
  readonly seed: number
  /** Ids of the labs that are graded. */
  readonly labs: readonly string[]
  /** Where submissions are unpacked; removed by whoever comes next if the run could not. */
  readonly scratch: string
}

export interface Journal {
  readonly head: JournalHead
  readonly rows: readonly Row[]
}

/**
 * Reads a journal, and cuts off a last line that was not written to its end.
 *
 * @returns null where there is none, or none that can be read.
 */
export function readJournal(file: string): Journal | null {
  if (!existsSync(file)) return null
  const text = readFileSync(file, 'utf8')
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole))
  try {
    const [head, ...rows] = whole.split('\n').filter(Boolean).map(parse)
    if (!isHead(head)) return null
    return { head, rows: rows as unknown as Row[] }
  } catch {
    return null
  }
}

export function beginJournal(file: string, head: JournalHead): void {
  writeFileSync(file, line(head), { flag: 'wx' })
}

/** One write a line, which the system takes as a whole. */
export function addRow(file: string, row: Row): void {
  appendFileSync(file, line(row))
}

// --- internal ---

function line(value: object): string {
  return `${JSON.stringify(value)}\n`
}

function parse(text: string): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>
}

function isHead(value: unknown): value is JournalHead {
  if (typeof value !== 'object' || value === null) return false
  const { format, course, suites, seed, labs } = value as Record<string, unknown>
  return (
    format === 1 &&
    typeof course === 'string' &&
    typeof suites === 'string' &&
    Number.isInteger(seed) &&
    Array.isArray(labs)
  )
}
