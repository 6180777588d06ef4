import type { Limits } from './limits.ts'
import { LearnerProcess } from './process.ts'

/**
 * One process is always started ahead, so that a check finds it ready. It holds nothing of any
 * learner until it is taken.
 */
let spare: LearnerProcess | null = null

/** A fresh process, ready for orders, that no check has used before. */
export async function takeProcess(limits?: Partial<Limits>): Promise<LearnerProcess> {
  const taken = spare && !spare.end ? spare : new LearnerProcess()
  spare = new LearnerProcess()
  await taken.begin(limits)
  return taken
}

/** Starts the spare before the first check asks for it. */
export function warmUp(): void {
  spare ??= new LearnerProcess()
}

export async function dismissSpare(): Promise<void> {
  const dismissed = spare
  spare = null
  dismissed?.kill()
  await dismissed?.gone
}
