import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import type { Course, Lab } from '../course/lab.ts'
import { isOurs, JOURNAL, openDesk, SCRATCH } from './desk.ts'
import { suitesHash } from './fingerprint.ts'
import { addRow, readJournal } from './journal.ts'
import { Lane, WorkerLost } from './lane.ts'
import type { Job } from './protocol.ts'
import type { RefusalCode } from './refusal.ts'
import { rowWithout, type Row } from './row.ts'
import { findSubmissions, type Submission } from './submissions.ts'

export interface BatchOptions {
  /** Absolute path of the folder of submissions. */
  readonly folder: string
  /** Absolute path of the folder for the journal and the reports. */
  readonly reports: string
  readonly course: Course
  /** The labs to grade. */
  readonly labs: readonly Lab[]
  /** null draws one, or takes that of the run that is gone on with. */
  readonly seed: number | null
  readonly resume: boolean
  /** Submissions at a time; as many as there are cores if null. */
  readonly lanes: number | null
  readonly onProgress: (progress: BatchProgress) => void
}

export interface BatchProgress {
  readonly done: number
  readonly left: number
  /** Submissions that an earlier run has graded. */
  readonly kept: number
  readonly checks: number
  /** The row that has just come, or null at the begin and between. */
  readonly row: Row | null
}

/** Everything that a batch found. */
export interface BatchResult {
  readonly course: string
  readonly node: string
  readonly seed: number
  readonly labs: readonly Lab[]
  /** In the order of the names. */
  readonly rows: readonly Row[]
  /** Plain files among the submissions, which were passed over. */
  readonly others: readonly string[]
  /** Sentences about earlier results. */
  readonly told: readonly string[]
  readonly milliseconds: number
}

/** Grades a folder of submissions. */
export async function runBatch(options: BatchOptions): Promise<BatchResult> {
  const started = performance.now()
  const { course, labs } = options
  const scratch = mkdtempSync(path.join(realpathSync(tmpdir()), SCRATCH))
  const clear = (): void => rmSync(scratch, { recursive: true, force: true })
  process.once('exit', clear)
  try {
    const seed = options.seed ?? earlierSeed(options) ?? Math.floor(Math.random() * 1_000_000)
    const head = {
      format: 1,
      course: course.version,
      suites: suitesHash(course.root, labs),
      node: process.version,
      seed,
      labs: labs.map(({ id }) => id),
      scratch,
    } as const
    const desk = openDesk(options.reports, head, options.resume)
    const { submissions, others } = findSubmissions(options.folder, (name, isFolder) => {
      return isOurs(name, isFolder) || path.join(options.folder, name) === options.reports
    })
    const rows = await gradeAll(submissions, desk.rows, { ...options, seed, scratch, journal: desk.journal })
    const milliseconds = performance.now() - started
    return {
      course: course.version,
      node: process.version,
      seed,
      labs,
      rows,
      others,
      told: desk.told,
      milliseconds,
    }
  } finally {
    process.off('exit', clear)
    clear()
  }
}

// --- internal ---

function earlierSeed({ reports, resume }: BatchOptions): number | undefined {
  return resume ? readJournal(path.join(reports, JOURNAL))?.head.seed : undefined
}

const UNREADABLE: RefusalCode = 'E_UNREADABLE'

interface Running extends BatchOptions {
  readonly seed: number
  readonly scratch: string
  readonly journal: string
}

async function gradeAll(
  submissions: readonly Submission[],
  standing: readonly Row[],
  options: Running,
): Promise<Row[]> {
  const rows = new Map<string, Row>()
  for (const { name, stamp } of submissions) {
    const row = standing.find((each) => each.name === name && each.stamp === stamp)
    if (row && isLasting(row)) rows.set(name, row)
  }
  const open = submissions.filter(({ name }) => !rows.has(name))
  const progress = tally(rows.size, open.length, options.onProgress)
  const queue = open.values()
  const count = Math.min(options.lanes ?? availableParallelism(), open.length)
  const lanes = Array.from({ length: count }, () => new Lane(planOf(options), progress.check))
  const turn = async (lane: Lane): Promise<void> => {
    for (const submission of queue) {
      const row = await rowFrom(lane, submission, options.labs)
      addRow(options.journal, row)
      rows.set(row.name, row)
      progress.row(row)
    }
  }
  try {
    await Promise.all(lanes.map(turn))
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()))
  }
  return submissions.flatMap(({ name }) => rows.get(name) ?? [])
}

/**
 * Whether grading once more would say the same. A fault of ours may be mended, and what could not be read
 * may be readable. Each run tries such a one once, in a process that it can lose: nothing goes round.
 */
function isLasting({ state, cause }: Row): boolean {
  return state !== 'fault' && cause?.code !== UNREADABLE
}

function planOf({ course, labs, seed, scratch, reports }: Running) {
  return { root: course.root, labs: labs.map(({ id }) => id), seed, scratch, reports }
}

/** A grader that is lost is a row like any other, marked as our fault; this run does not try the submission again. */
async function rowFrom(lane: Lane, submission: Submission, labs: readonly Lab[]): Promise<Row> {
  const { name, path: file, kind, refusal, stamp } = submission
  const started = performance.now()
  const job: Job = {
    name,
    path: file,
    kind,
    stamp,
    refusal: refusal && { code: refusal.code, message: refusal.message },
  }
  try {
    return await lane.grade(job)
  } catch (error) {
    if (!(error instanceof WorkerLost)) throw error
    const possible = labs.flatMap((lab) => lab.requirements).reduce((sum, { weight }) => sum + weight, 0)
    const milliseconds = Math.round(performance.now() - started)
    return rowWithout('fault', { code: error.code, message: error.message }, possible, {
      name,
      stamp,
      milliseconds,
    })
  }
}

/** Counts what is done and left, and tells at each step. */
function tally(kept: number, open: number, onProgress: BatchOptions['onProgress']) {
  let [done, checks] = [0, 0]
  const tell = (row: Row | null): void => onProgress({ done, left: open - done, kept, checks, row })
  tell(null)
  return {
    check: () => {
      checks++
      tell(null)
    },
    row: (row: Row) => {
      done++
      tell(row)
    },
  }
}
