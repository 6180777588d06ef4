import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beginJournal, readJournal, type Journal, type JournalHead } from './journal.ts'
import { REPORT } from './report-files.ts'
import type { Row } from './row.ts'

/** File name of the journal among the reports. */
export const JOURNAL = 'batch.journal.jsonl'
/** Begins the names of folders that hold the results of earlier runs. */
const EARLIER = 'earlier-results-'
/** Begins the names of the folders in which submissions are unpacked: programs see it in their stacks, and it says nothing. */
export const SCRATCH = 'handed-in-'

/** Where the results of a batch lie: its journal and its reports. */
export interface Desk {
  readonly folder: string
  readonly journal: string
  /** What stands already, and is not graded again. */
  readonly rows: readonly Row[]
  /** Sentences for whoever started it. */
  readonly told: readonly string[]
}

/**
 * Opens the folder of the results. Earlier results stay where they are when they are gone on with, and
 * are moved aside, never written over, when they are not.
 */
export function openDesk(folder: string, head: JournalHead, resume: boolean): Desk {
  const journal = path.join(folder, JOURNAL)
  const earlier = readJournal(journal)
  if (earlier) removeScratch(earlier.head.scratch)
  const hasResults = existsSync(journal) && earlier?.rows.length !== 0
  const change = earlier ? changeOf(earlier.head, head) : 'Their journal cannot be read.'
  if (resume && hasResults && earlier && change === null)
    return { folder, journal, rows: latestOf(earlier), told: [] }
  const told = hasResults
    ? [`The earlier results are kept in ${setAside(folder, earlier)}; all is graded anew.`]
    : []
  if (resume) told.unshift(hasResults ? (change ?? '') : 'There is nothing to go on with: all is graded.')
  // A run that ended before its first row has left nothing to keep.
  rmSync(journal, { force: true })
  beginJournal(journal, head)
  return { folder, journal, rows: [], told: told.length > 0 ? [told.join(' ')] : [] }
}

/** What a run has written beside the submissions is none of them; a folder may be called what it likes. */
export function isOurs(name: string, isFolder: boolean): boolean {
  if (isFolder) return name.startsWith(EARLIER)
  return REPORT.test(name) || name === JOURNAL
}

// --- internal ---

/** Only what a run of ours can have made: the name comes from a file. */
function removeScratch(scratch: unknown): void {
  if (typeof scratch !== 'string' || path.dirname(scratch) !== realpathSync(tmpdir())) return
  if (path.basename(scratch).startsWith(SCRATCH)) rmSync(scratch, { recursive: true, force: true })
}

/** Why results of one run cannot stand beside those of another; null if they can. */
function changeOf(before: JournalHead, now: JournalHead): string | null {
  if (before.course !== now.course) return `They are of course ${before.course}, and this is ${now.course}.`
  if (before.suites !== now.suites) return 'The suites, the pages or the kit have changed since.'
  if (before.labs.join() !== now.labs.join()) return 'They are of other labs.'
  if (before.seed !== now.seed) return `They were drawn from seed ${before.seed}, and not from ${now.seed}.`
  return null
}

/** A submission that was handed in again has two rows; the last one stands. */
function latestOf({ rows }: Journal): Row[] {
  return [...new Map(rows.map((row) => [row.name, row])).values()]
}

/** Every report goes, also of a submission that is not here any more. @returns The name of their folder. */
function setAside(folder: string, earlier: Journal | null): string {
  const stamp = new Date().toISOString().replace(/[:.]/g, '-')
  const name = `${EARLIER}${earlier ? `${earlier.head.course}-` : ''}${stamp}`
  mkdirSync(path.join(folder, name))
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
  for (const { name: file } of entries) {
    if (isOurs(file, false)) renameSync(path.join(folder, file), path.join(folder, name, file))
  }
  return name
}
