import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { readCourse } from '../course/course.ts'
import type { Lab } from '../course/lab.ts'
import { loadSuite } from '../grading/suites.ts'
import { killTheRestAtExit } from '../learner/pids.ts'
import { warmUp } from '../learner/spare.ts'
import { Grader } from './grader.ts'
import type { Job, News, WorkerPlan } from './protocol.ts'
import { isSystemError, Refusal } from './refusal.ts'
import { reportName, writeReports } from './report-files.ts'
import { rowOf, rowWithout, type Row } from './row.ts'
import { stage, type Stage } from './stage.ts'
import { unpack } from './unpack.ts'

/**
 * A program under tsx: grades one submission after the other, as its parent hands them over. Whatever a
 * submission does to it is the parent's to notice; the parent grades nothing.
 */

const plan = JSON.parse(process.argv[2] ?? '') as WorkerPlan
killTheRestAtExit()
process.once('disconnect', leave)
// An interrupt at the keyboard reaches us too: it is the parent's to end us, or the row would blame the grader.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('message', (job: Job) => void grade(job))
if (!process.connected) leave()
warmUp()
const grader = await prepare()
if (grader) tell({ event: 'ready' })

// --- internal ---

/** The parent is gone, however it ended: nobody else is there to clear up. */
function leave(): never {
  rmSync(plan.scratch, { recursive: true, force: true })
  process.exit(130)
}

function tell(news: News): void {
  if (process.connected) process.send?.(news)
}

async function prepare(): Promise<Grader | null> {
  try {
    const course = readCourse(plan.root)
    const suites = []
    for (const lab of course.labs.filter(({ id }) => plan.labs.includes(id)))
      suites.push({ lab, suite: await loadSuite(plan.root, lab.id) })
    return new Grader({ course, suites, seed: plan.seed, onCheck: () => tell({ event: 'check' }) })
  } catch (error) {
    tell({ event: 'broken', message: error instanceof Error ? error.message : String(error) })
    return null
  }
}

async function grade(job: Job): Promise<void> {
  const started = performance.now()
  const facts = () => ({
    name: job.name,
    stamp: job.stamp,
    milliseconds: Math.round(performance.now() - started),
  })
  tell({ event: 'row', row: await rowFor(job, facts) })
}

async function rowFor(job: Job, facts: () => Omit<Parameters<typeof rowOf>[1], 'report'>): Promise<Row> {
  const labs = readCourse(plan.root).labs.filter(({ id }) => plan.labs.includes(id))
  const desk = mkdtempSync(path.join(plan.scratch, 'submission-'))
  try {
    const staged = await open(job, desk, labs)
    const result = await (grader as Grader).grade(staged)
    const report = reportName(job.name)
    writeReports(plan.reports, report, result)
    return rowOf(result, { ...facts(), report }, staged.nearMisses)
  } catch (error) {
    const possible = labs.flatMap((lab) => lab.requirements).reduce((sum, { weight }) => sum + weight, 0)
    if (error instanceof Refusal)
      return rowWithout('refused', { code: error.code, message: error.message }, possible, facts())
    return rowWithout('fault', { code: 'E_GRADER', message: told(error) }, possible, facts())
  } finally {
    rmSync(desk, { recursive: true, force: true })
  }
}

async function open({ path: file, kind, refusal }: Job, desk: string, labs: readonly Lab[]): Promise<Stage> {
  if (kind === 'refused') throw new Refusal(refusal?.code ?? 'E_UNREADABLE', refusal?.message ?? '')
  const [unpacked, staged] = [path.join(desk, 'unpacked'), path.join(desk, 'staged')]
  mkdirSync(unpacked)
  mkdirSync(staged)
  if (kind === 'folder') return stage(file, staged, plan.root, labs)
  await unpack(file, unpacked)
  return stage(unpacked, staged, plan.root, labs)
}

function told(error: unknown): string {
  if (isSystemError(error)) return `${error.path ?? 'a file'} cannot be read or written (${error.code ?? ''})`
  return error instanceof Error ? error.message : String(error)
}
