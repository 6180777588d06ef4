import { dismissCompiler } from './compiler/compiler.ts'
import { CPU_SECONDS_OF_AN_ORPHAN } from './child.ts'
import { LIMITS } from './limits.ts'
import type { LearnerProcess } from './process.ts'
import { dismissSpares, stopStocking } from './spare.ts'
import { usageOf } from './usage.ts'

/**
 * To start a process is most of what a check costs. So one that has served a check is made as good as new
 * (host/renew.ts), and serves the next check of the same learner. One that cannot be made so ends.
 */

/** As many as checks are under way at a time. */
const MOST_KEPT = 3
const MOST_CHECKS = 100
/** The kernel bounds the CPU time of a process (child.ts); no check is to be the one that reaches it. */
const MOST_CPU_SECONDS = CPU_SECONDS_OF_AN_ORPHAN - LIMITS.checkCpuSeconds - 5

const kept: Array<{ readonly process: LearnerProcess; readonly owner: string }> = []

/**
 * @param owner - Whose programs the process has served: a process never serves two learners.
 * @returns Ready for orders; null if there is none.
 */
export async function takeKept(owner: string): Promise<LearnerProcess | null> {
  const index = kept.findIndex((each) => each.owner === owner && !each.process.end)
  const [found] = index === -1 ? [] : kept.splice(index, 1)
  if (!found) return null
  stopStocking()
  await found.process.begin()
  return found.process
}

/** Takes a process back when its check is over. */
export async function giveBack(process: LearnerProcess, owner: string): Promise<void> {
  if (isUsedUp(process) || !(await process.renew())) return await process.close()
  kept.push({ process, owner })
  await Promise.all(kept.splice(0, kept.length - MOST_KEPT).map((oldest) => oldest.process.close()))
}

/** The next learner begins with new ones. */
export async function dismissKept(): Promise<void> {
  await Promise.all(kept.splice(0).map(({ process }) => process.close()))
}

/** Nothing is graded any more. */
export async function dismissAll(): Promise<void> {
  await Promise.all([dismissKept(), dismissSpares(), dismissCompiler()])
}

// --- internal ---

function isUsedUp({ uses, pid }: LearnerProcess): boolean {
  return uses >= MOST_CHECKS || (usageOf(pid)?.cpuSeconds ?? 0) > MOST_CPU_SECONDS
}
