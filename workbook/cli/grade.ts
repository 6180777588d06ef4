import { writeFileSync } from 'node:fs'
import { toGradescope } from '../report/gradescope.ts'
import type { CourseResult } from '../report/result.ts'
import { toJson } from '../report/json.ts'
import { toJUnit } from '../report/junit.ts'
import { renderResult } from '../report/terminal.ts'
import type { Command, Input } from './command.ts'
import { gradeLabs } from './grade-labs.ts'
import { GRADESCOPE_FLAGS, readGradescope } from './gradescope-flags.ts'
import { remember } from './progress.ts'
import { select } from './selection.ts'
import { print, terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

const LARGEST_SEED = 999_999

export const grade: Command = {
  name: 'grade',
  summary: 'grades your programs and says what happened on the wire',
  usage: 'npm run grade -- [LAB [R…]] [--seed N] [--json] [--junit FILE] [--gradescope FILE] [--solutions]',
  options: {
    seed: { type: 'string' },
    json: { type: 'boolean' },
    junit: { type: 'string' },
    solutions: { type: 'boolean' },
    ...GRADESCOPE_FLAGS,
  },
  async run({ words, flags }: Input): Promise<number> {
    const selection = select(words, 'grade')
    const solutions = flags['solutions'] === true
    const seed = readSeed(flags['seed'])
    const gradescope = readGradescope(flags, selection)
    const result = await gradeLabs(selection, {
      seed,
      solutions,
      onCheck: showProgress(flags['json'] === true),
    })
    clearProgress()
    if (!solutions) remember(result)
    await print(flags['json'] === true ? toJson(result) : renderResult(result, terminal()))
    // Last, so that what cannot be written costs nobody the report.
    if (typeof flags['junit'] === 'string') writeReport(flags['junit'], toJUnit(result))
    if (typeof flags['gradescope'] === 'string')
      writeReport(flags['gradescope'], toGradescope(result, gradescope))
    return exitCode(result)
  },
}

/** @throws UsageError */
export function readSeed(given: string | boolean | undefined): number {
  if (given === undefined) return Math.floor(Math.random() * LARGEST_SEED)
  if (typeof given === 'string' && /^\d{1,9}$/.test(given)) return Number(given)
  throw new UsageError(
    'E_SEED',
    `A seed is a whole number, not ${JSON.stringify(given)}.`,
    'npm run grade -- LAB --seed 42',
  )
}

// --- internal ---

function exitCode({ labs }: CourseResult): number {
  const kinds = labs.flatMap(({ requirements }) => requirements.map(({ kind }) => kind))
  if (labs.some(({ problem }) => problem) || kinds.includes('grader-error') || kinds.includes('no-checks'))
    return 2
  return kinds.every((kind) => kind === 'passed') ? 0 : 1
}

function writeReport(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    throw new UsageError(
      'E_WRITE',
      `The report could not be written to ${file} (${code}).`,
      'name a file in a folder that exists',
    )
  }
}

/** A line that grows, on a terminal alone. */
function showProgress(quiet: boolean): () => void {
  const { stderr } = process
  if (quiet || stderr.isTTY !== true) return () => undefined
  let checks = 0
  return () => void stderr.write(`\r${++checks} checks done `)
}

function clearProgress(): void {
  if (process.stderr.isTTY === true) process.stderr.write('\r\u001B[K')
}
