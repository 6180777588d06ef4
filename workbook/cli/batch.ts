import { existsSync, mkdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { toCsv } from '../batch/csv.ts'
import { toBatchHtml } from '../batch/html.ts'
import { toBatchJson } from '../batch/json.ts'
import { CourseBroken } from '../batch/lane.ts'
import { writeWhole } from '../batch/report-files.ts'
import { runBatch, type BatchProgress, type BatchResult } from '../batch/run.ts'
import { renderBatch, renderRow } from '../batch/table.ts'
import { root } from '../bundle/root.ts'
import { findLab, readCourse } from '../course/course.ts'
import type { Course, Lab } from '../course/lab.ts'
import { viewOf } from '../report/layout.ts'
import { rewrites } from '../wire/rewrites.ts'
import type { Command, Input } from './command.ts'
import { readSeed } from './grade.ts'
import { print, terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

const usage =
  'npm run batch -- DIR [--csv FILE] [--json FILE] [--html FILE] [--reports DIR] [--labs 01,03] [--seed N] [--jobs N] [--resume]'

export const batch: Command = {
  name: 'batch',
  grades: true,
  summary: 'grades a folder of submissions with your own suites',
  usage,
  options: {
    csv: { type: 'string' },
    json: { type: 'string' },
    html: { type: 'string' },
    reports: { type: 'string' },
    labs: { type: 'string' },
    seed: { type: 'string' },
    jobs: { type: 'string' },
    resume: { type: 'boolean' },
  },
  async run(input: Input): Promise<number> {
    const { flags } = input
    const course = readCourse(root)
    const labs = readLabs(course, flags['labs'])
    const folder = readFolder(input.words, course)
    const reports = typeof flags['reports'] === 'string' ? makeFolder(flags['reports']) : folder
    const seed = flags['seed'] === undefined ? null : readSeed(flags['seed'])
    const resume = flags['resume'] === true
    const progress = showProgress()
    const options = { folder, reports, course, labs, seed, resume, lanes: readJobs(flags['jobs']) }
    const result = await runBatch({ ...options, onProgress: progress.show }).catch(explain)
    progress.clear()
    await print(renderBatch(result, viewOf(terminal())))
    writeTables(result, reports, flags)
    return exitCode(result)
  },
}

// --- internal ---

function readLabs(course: Course, given: string | boolean | undefined): readonly Lab[] {
  if (typeof given !== 'string') return course.labs
  const wanted = new Set(
    given
      .split(',')
      .filter(Boolean)
      .map((word) => findLab(course, word).id),
  )
  return course.labs.filter(({ id }) => wanted.has(id))
}

/** @throws UsageError where it is no folder, or is one submission itself. */
function readFolder(words: readonly string[], { labs }: Course): string {
  const [word, ...others] = words
  if (word === undefined) throw new UsageError('E_NO_FOLDER', 'Which folder holds the submissions?', usage)
  if (others.length > 0) throw new UsageError('E_ONE_FOLDER', 'One folder at a time.', usage)
  const folder = path.resolve(word)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(
      'E_NO_FOLDER',
      `${word} is no folder.`,
      'unpack the submissions into a folder, one in each of its folders',
    )
  const inside = labs.find(({ id, entry }) =>
    [`labs/${id}`, `${id}/${entry}`, entry].some((each) => existsSync(path.join(folder, each))),
  )
  if (!inside) return folder
  const message = `${word} is a submission itself; name the folder that holds it.`
  throw new UsageError('E_ONE_SUBMISSION', message, `npm run batch -- ${path.dirname(word)}`)
}

function makeFolder(given: string): string {
  try {
    mkdirSync(given, { recursive: true })
    return path.resolve(given)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    throw new UsageError(
      'E_WRITE',
      `The reports cannot be written to ${given} (${code}).`,
      'name another folder',
    )
  }
}

function readJobs(given: string | boolean | undefined): number | null {
  if (given === undefined) return null
  if (typeof given === 'string' && /^[1-9]\d{0,2}$/.test(given)) return Number(given)
  throw new UsageError(
    'E_NUMBER',
    `--jobs takes a whole number from 1 to 999, not ${JSON.stringify(given)}.`,
    usage,
  )
}

/** Suites that cannot be loaded are the course's own, and no submission's. */
function explain(error: unknown): never {
  if (error instanceof CourseBroken)
    throw new UsageError(error.code, `A suite cannot be loaded: ${error.message}`, 'npm run check')
  throw error
}

function writeTables(result: BatchResult, reports: string, flags: Input['flags']): void {
  const tables: ReadonlyArray<readonly [flag: string, text: (file: string) => string]> = [
    ['csv', () => toCsv(result)],
    ['json', () => toBatchJson(result)],
    ['html', (file) => toBatchHtml(result, path.relative(path.dirname(path.resolve(file)), reports))],
  ]
  for (const [flag, text] of tables) {
    const file = flags[flag]
    if (typeof file !== 'string') continue
    try {
      writeWhole(file, text(file))
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      const message = `The table could not be written to ${file} (${code}); the reports are.`
      throw new UsageError('E_WRITE', message, 'name a file in a folder that exists, and add --resume')
    }
  }
}

/** 0 all were graded, 1 some were not, 2 the workbook itself had a fault. */
function exitCode({ rows }: BatchResult): number {
  if (rows.some(({ state }) => state === 'fault')) return 2
  return rows.every(({ state }) => state === 'graded') ? 0 : 1
}

/** On a terminal one line that rewrites itself; elsewhere a line for each submission. */
function showProgress(): { show(progress: BatchProgress): void; clear(): void } {
  const { stderr } = process
  const told = ({ done, left, kept }: BatchProgress): string => {
    const earlier = kept > 0 ? `, ${kept} from before` : ''
    return `${done} done, ${left} left${earlier}`
  }
  if (!rewrites(stderr)) {
    const show = (progress: BatchProgress): void => {
      if (progress.row) stderr.write(`${told(progress)}: ${renderRow(progress.row, 100)}\n`)
    }
    return { show, clear: () => undefined }
  }
  const show = (progress: BatchProgress): void => {
    stderr.write(`\r\u001B[K${`${told(progress)}; ${progress.checks} checks`.slice(0, stderr.columns - 1)}`)
  }
  return { show, clear: () => void stderr.write('\r\u001B[K') }
}
