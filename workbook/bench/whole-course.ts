import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import type { JsonReport } from '../report/json.ts'
import { gradeSolutions } from './cold.ts'

/** All labs, graded with their solutions in one run. */
export interface CourseFigures {
  readonly seconds: number
  readonly labs: ReadonlyArray<{
    readonly lab: string
    readonly checks: number
    readonly milliseconds: number
  }>
}

/** For the seven labs that there are, on two idle cores. */
export const COURSE_BOUND = { seconds: 6 } as const

export async function measureCourse(root: string): Promise<CourseFigures> {
  const started = performance.now()
  const child = spawn(process.execPath, [...gradeSolutions(root), '--json'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { labs } = JSON.parse(await text(child.stdout)) as JsonReport
  const seconds = (performance.now() - started) / 1000
  return {
    seconds,
    labs: labs.map(({ id, requirements, milliseconds }) => ({
      lab: id,
      checks: requirements.reduce((sum, { checks }) => sum + checks.length, 0),
      milliseconds,
    })),
  }
}
