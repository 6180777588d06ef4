import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { SCRATCH } from '../../workbook/batch/desk.ts'
import type { JsonBatch } from '../../workbook/batch/json.ts'
import { tarGzOf, zipOf } from '../../workbook/bench/archive-writers.ts'
import type { Checkout, Run } from './checkout.ts'
import { GREETING } from './greeting-lab.ts'

/** Submissions of the lab that CONTRIBUTING.md builds, in a copy of the checkout, and what a batch says of them. */

export const ENTRY = 'labs/42-greeting/greeting.ts'
/** The lab has two requirements, of which the second weighs 2. */
export const SILENT = GREETING.replace('socket.write(', 'void (')
export const ZIPPED = zipOf([{ name: `wrapped/${ENTRY}`, bytes: GREETING, method: 8 }])
export const TARRED = tarGzOf([{ name: ENTRY, bytes: GREETING }])

/** Names below the checkout's `in/`, and what they hold. */
export function handIn(checkout: Checkout, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [file, content] of Object.entries(files)) {
    const target = path.join(checkout.root, 'in', file)
    mkdirSync(path.dirname(target), { recursive: true })
    writeFileSync(target, content)
  }
}

/** Runs a batch of lab 42 with a folder of its own for what is temporary. */
export async function runBatch(
  checkout: Checkout,
  args = '',
): Promise<Run & { batch: JsonBatch; scratch: string[] }> {
  const env = environment(checkout)
  const run = await checkout.run(`batch in --labs 42 --json out.json ${args}`, env)
  if (!checkout.exists('out.json')) throw new Error(`the batch wrote no table: ${run.stderr}`)
  const batch = JSON.parse(checkout.read('out.json')) as JsonBatch
  return { ...run, batch, scratch: scratchOf(env.TMPDIR) }
}

export function environment(checkout: Checkout): { TMPDIR: string } {
  const TMPDIR = path.join(checkout.root, 'temporary')
  mkdirSync(TMPDIR, { recursive: true })
  return { TMPDIR }
}

/** Folders of a batch that still stand. */
export function scratchOf(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.startsWith(SCRATCH))
}

/** `alice graded 3 of 3 passed passed`, a line a submission. */
export function linesOf({ submissions }: JsonBatch): string[] {
  return submissions.map(({ name, state, points, cause, labs }) => {
    const kinds = labs.flatMap(
      ({ problem, requirements }) => problem?.code ?? requirements.map(({ kind }) => kind),
    )
    return [name, state, `${points.earned} of ${points.possible}`, ...kinds, cause?.code ?? '']
      .join(' ')
      .trim()
  })
}

/** Command lines of running processes that name the checkout; only Linux shows them. */
export function processesOf({ root }: Checkout): string[] {
  return pids()
    .map(commandOf)
    .filter((command) => command.includes(root))
}

/** Numbers of the workers of a batch in the checkout. */
export function workersOf({ root }: Checkout): number[] {
  return pids()
    .filter((pid) => commandOf(pid).includes(`${root}/workbook/batch/worker.ts`))
    .map(Number)
}

/** Looks again at each turn of the event loop: other processes send us no events. */
export async function until(holds: () => boolean, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !holds()) await new Promise((resolve) => setImmediate(resolve))
}

// --- internal ---

function pids(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    // Gone meanwhile.
    return ''
  }
}
