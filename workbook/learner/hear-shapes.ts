/** Shapes of what a learner process says of itself. */

/** Longer texts are cut where they are made (pack-error.ts, host/); this is the bound on who does not. */
const LONGEST_TEXT = 100_000
export const LONGEST_NAME = 300
/** More than any check could look at: a program has at most 2,000 connections to the grader. */
const MOST_ROWS = 10_000
const MOST_TEXTS = 5_000

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_TEXT
}

/** As long as a name of the domain system can be (RFC 1035 §2.3.4), and some. */
export function isName(value: unknown): value is string {
  return isText(value) && value.length <= LONGEST_NAME
}

export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= MOST_TEXTS && value.every(isText)
}

/** A number of things, of bytes or of milliseconds. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

/** @returns What is wrong with an answer to a barrier, or null. */
export function faultOfCalm(value: unknown): string | null {
  if (!isRecord(value)) return ODD
  const { sockets, datagrams, timers, listening } = value
  const rows = [sockets, datagrams, listening]
  if (!rows.every((each) => Array.isArray(each))) return ODD
  if (rows.some((each) => (each as unknown[]).length > MOST_ROWS))
    return `of more than ${MOST_ROWS} sockets in one check`
  const isRight =
    (sockets as unknown[]).every(isSocket) &&
    (datagrams as unknown[]).every(isDatagram) &&
    (listening as unknown[]).every(isCount) &&
    isTimers(timers)
  return isRight ? null : ODD
}

// --- internal ---

const ODD = 'that no program sends'
const COUNTS = ['local', 'remote', 'read', 'written'] as const
const SWITCHES = ['finished', 'ended', 'destroyed', 'connecting', 'reading'] as const

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isSocket(row: unknown): boolean {
  return (
    isRecord(row) &&
    COUNTS.every((name) => isCount(row[name])) &&
    Number.isFinite(row['queued']) &&
    SWITCHES.every((name) => typeof row[name] === 'boolean')
  )
}

function isDatagram(row: unknown): boolean {
  return (
    isRecord(row) &&
    isCount(row['local']) &&
    typeof row['open'] === 'boolean' &&
    (row['only'] === null || typeof row['only'] === 'string') &&
    [row['sent'], row['received']].every((counts) => isRecord(counts) && Object.values(counts).every(isCount))
  )
}

function isTimers(row: unknown): boolean {
  return (
    isRecord(row) &&
    isCount(row['pending']) &&
    isCount(row['now']) &&
    (row['nextIn'] === null || typeof row['nextIn'] === 'number') &&
    typeof row['atOnce'] === 'boolean'
  )
}
