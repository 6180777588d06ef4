import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import type { JsonBatch } from '../batch/json.ts'
import type { Lab } from '../course/lab.ts'
import { makeClass } from './batch-class.ts'
import { wrongRows } from './batch-judge.ts'
import { watchMemory } from './tree-memory.ts'

/** What a batch of so many submissions took. */
export interface BatchFigures {
  readonly submissions: number
  readonly labs: number
  /** Submissions at a time. */
  readonly lanes: number
  readonly seconds: number
  readonly perSecond: number
  /** Most bytes that all its processes held at once; null where the system does not tell. */
  readonly peakBytes: number | null
  /** Rows that are not as they should be, a sentence each. */
  readonly wrong: readonly string[]
}

/** Makes a class in a temporary folder and grades it as a teacher would. */
export async function measureBatch(
  root: string,
  labs: readonly Lab[],
  size: number,
  onLine: (line: string) => void,
): Promise<BatchFigures> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'workbook-bench-')))
  try {
    const [submissions, results] = [path.join(folder, 'in'), path.join(folder, 'out')]
    mkdirSync(submissions)
    mkdirSync(results)
    const known = makeClass(root, labs, size, submissions)
    const started = performance.now()
    const [table, peakBytes] = await grade(root, labs, submissions, results, onLine)
    const seconds = (performance.now() - started) / 1000
    const lanes = Math.min(availableParallelism(), size)
    const wrong = wrongRows(known, table)
    return {
      submissions: size,
      labs: labs.length,
      lanes,
      seconds,
      perSecond: size / seconds,
      peakBytes,
      wrong,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

// --- internal ---

async function grade(
  root: string,
  labs: readonly Lab[],
  submissions: string,
  results: string,
  onLine: (line: string) => void,
): Promise<[JsonBatch, number | null]> {
  const file = path.join(results, 'table.json')
  const start = path.join(root, 'workbook/cli/start.mjs')
  const ids = labs.map(({ number }) => number).join(',')
  const args = [
    start,
    'batch',
    submissions,
    '--reports',
    results,
    '--json',
    file,
    '--labs',
    ids,
    '--seed',
    '1',
  ]
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const line = text.trim().split('\n').at(-1)
    if (line) onLine(line)
  })
  const memory = watchMemory(child.pid ?? 0)
  const [code] = (await once(child, 'close')) as [number | null]
  const peak = memory.stop()
  // 1: some were refused, as they should be.
  if (code !== 0 && code !== 1) throw new Error(`npm run batch ended with code ${String(code)}`)
  return [JSON.parse(readFileSync(file, 'utf8')) as JsonBatch, peak]
}
