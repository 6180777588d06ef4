import { once } from 'node:events'
import type { Lab } from '../course/lab.ts'
import type { SuiteSamples } from './checks.ts'
import { startProgram } from './child.ts'
import { measureCold, type ColdFigures } from './cold.ts'
import { measureCourse, type CourseFigures } from './whole-course.ts'
import { quantile, spreadOf, type Spread } from './figures.ts'
import type { Progress } from './progress.ts'
import { measureSave, type SaveFigures } from './save.ts'
import { measureDocs, type DocsFigures } from './site.ts'

/** All that `npm run bench` measures, in milliseconds unless said otherwise. */
export interface Speeds {
  readonly course: CourseFigures
  readonly cold: ColdFigures
  readonly save: SaveFigures
  readonly checks: CheckFigures
  readonly docs: DocsFigures
}

/** Checks against their solutions, without Vitest. */
export interface CheckFigures {
  readonly samples: number
  readonly median: number
  readonly p99: number
  readonly suites: ReadonlyArray<{ readonly lab: string; readonly checks: number; readonly suite: Spread }>
}

const ROUNDS = 9
const CHECK_ROUNDS = 3

/** @param lab - The one that is graded side by side with Vitest. */
export async function measureSpeeds(root: string, lab: Lab, progress: Progress): Promise<Speeds> {
  progress.say('the whole course')
  const course = await measureCourse(root)
  const checks = course.labs.find((each) => each.lab === lab.id)?.checks ?? 0
  const round = (what: string) => (number: number) => progress.say(`${what}, round ${number} of ${ROUNDS}`)
  const cold = await measureCold(root, lab, checks, ROUNDS, round('a cold start beside Vitest'))
  const save = await measureSave(root, lab, checks, ROUNDS, round('a save beside Vitest'))
  const figures = await measureChecks(root, progress)
  const docs = await measureDocs(root, (number) => progress.say(`the pages, round ${number}`))
  progress.clear()
  return { course, cold, save, checks: figures, docs }
}

// --- internal ---

async function measureChecks(root: string, progress: Progress): Promise<CheckFigures> {
  const told: SuiteSamples[] = []
  const child = startProgram(root, 'checks.ts', [String(CHECK_ROUNDS)])
  child.on('message', (suite: SuiteSamples) => {
    told.push(suite)
    progress.say(`every check alone: lab ${suite.lab} done`)
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`workbook/bench/checks.ts ended with code ${String(code)}`)
  const samples = told.flatMap((suite) => suite.samples)
  return {
    samples: samples.length,
    median: quantile(samples, 0.5),
    p99: quantile(samples, 0.99),
    suites: told.map(({ lab, checks, suites }) => ({ lab, checks, suite: spreadOf(suites) })),
  }
}
