import { freemem } from 'node:os'
import { warmCompiler } from './compiler/compiler.ts'
import type { Limits } from './limits.ts'
import { LearnerProcess } from './process.ts'

/**
 * Processes are started ahead, so that a check finds one ready. They hold nothing of any learner until
 * they are taken. While checks run, two: one is starting on the other core while a check runs, and with
 * the second, short checks in a row find one as well.
 */
const AHEAD = 2
/** While nothing runs, more of them. Bytes that each holds of its own, and the share of what is free. */
const BYTES_OF_A_SPARE = 8 * 1024 * 1024
const SHARE_OF_FREE_MEMORY = 1 / 8
const MOST_IN_STOCK = 40

const spares: LearnerProcess[] = []
/** Ended as soon as a run goes on. */
let idle = new AbortController()

/** A new process, ready for orders, that no program has been in before. */
export async function takeProcess(limits?: Partial<Limits>): Promise<LearnerProcess> {
  stopStocking()
  const process = nextAlive() ?? new LearnerProcess()
  warmUp()
  await process.begin(limits)
  return process
}

/** Starts the spares before the first check asks for one. */
export function warmUp(): void {
  warmCompiler()
  while (spares.length < AHEAD) spares.push(new LearnerProcess())
}

/**
 * Between two runs: starts processes for checks of the next one, one after the other, until a run goes
 * on. To start one is most of what a check costs; here nobody waits for it.
 *
 * @param checks - How many checks may need a new one.
 */
export async function stockUp(checks: number): Promise<void> {
  stopStocking()
  idle = new AbortController()
  const { signal } = idle
  const bound = Math.min(checks, MOST_IN_STOCK, (freemem() * SHARE_OF_FREE_MEMORY) / BYTES_OF_A_SPARE)
  while (spares.length < bound && !signal.aborted) {
    const spare = new LearnerProcess()
    spares.push(spare)
    await spare.ready
  }
}

/** A run goes on, and needs the processor itself. */
export function stopStocking(): void {
  idle.abort()
}

export async function dismissSpares(): Promise<void> {
  await Promise.all(spares.splice(0).map((spare) => spare.close()))
}

// --- internal ---

function nextAlive(): LearnerProcess | undefined {
  for (let spare = spares.shift(); spare; spare = spares.shift()) if (!spare.end) return spare
  return undefined
}
