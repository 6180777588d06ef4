import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Lab } from '../course/lab.ts'
import { shareOfBound, spreadOf, type Spread } from './figures.ts'
import { makeTrivialProject } from './trivial.ts'

/** `npm run grade` of one lab from a cold start, beside a bare `vitest run` of one trivial file. */
export interface ColdFigures {
  readonly lab: string
  readonly checks: number
  readonly grade: Spread
  readonly bare: Spread
  /** Of the bound, in the median of the rounds. */
  readonly share: number
}

export const COLD_BOUND = { timesBare: 1.5, millisecondsACheck: 45 } as const

export async function measureCold(
  root: string,
  lab: Lab,
  checks: number,
  rounds: number,
  onRound: (round: number) => void,
): Promise<ColdFigures> {
  const trivial = makeTrivialProject(root)
  const bare = (): Promise<number> => {
    return timeOf(
      [path.join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--pool=threads'],
      trivial.folder,
    )
  }
  const grade = (): Promise<number> => timeOf([...gradeSolutions(root), lab.number], root)
  try {
    // What is written once and then kept is there before the first round.
    await bare()
    await grade()
    const [bares, grades]: [number[], number[]] = [[], []]
    for (let round = 1; round <= rounds; round++) {
      onRound(round)
      bares.push(await bare())
      grades.push(await grade())
    }
    const { timesBare, millisecondsACheck } = COLD_BOUND
    const bounds = bares.map((each) => timesBare * each + millisecondsACheck * checks)
    const share = shareOfBound(grades, bounds)
    return { lab: lab.id, checks, grade: spreadOf(grades), bare: spreadOf(bares), share }
  } finally {
    trivial.remove()
  }
}

/** Arguments for Node. */
export function gradeSolutions(root: string): string[] {
  return [path.join(root, 'workbook/cli/start.mjs'), 'grade', '--solutions']
}

// --- internal ---

/** @throws Error when the program fails, so that no failure is taken for a speed. */
async function timeOf(args: readonly string[], cwd: string): Promise<number> {
  const started = performance.now()
  const child = spawn(process.execPath, args, { cwd, stdio: 'ignore' })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with code ${String(code)}`)
  return performance.now() - started
}
