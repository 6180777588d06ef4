import type { Limits } from './limits.ts'
import { LearnerProcess } from './process.ts'

/**
 * Processes are started ahead, so that a check finds one ready. They hold nothing of any learner until
 * they are taken. One is starting on the other core while a check runs; with a second, short checks in
 * a row find one as well.
 */
const AHEAD = 2

const spares: LearnerProcess[] = []

/** A fresh process, ready for orders, that no check has used before. */
export async function takeProcess(limits?: Partial<Limits>): Promise<LearnerProcess> {
  const taken = nextAlive() ?? new LearnerProcess()
  warmUp()
  await taken.begin(limits)
  return taken
}

/** Starts the spares before the first check asks for one. */
export function warmUp(): void {
  while (spares.length < AHEAD) spares.push(new LearnerProcess())
}

export async function dismissSpares(): Promise<void> {
  const dismissed = spares.splice(0)
  for (const spare of dismissed) spare.kill()
  await Promise.all(dismissed.map(({ gone }) => gone))
}

// --- internal ---

function nextAlive(): LearnerProcess | undefined {
  for (let spare = spares.shift(); spare; spare = spares.shift()) if (!spare.end) return spare
  return undefined
}
