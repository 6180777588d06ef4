import { availableParallelism } from 'node:os'

/** While one check waits for its program or for the kernel, another one uses the time. */
const LANES = availableParallelism() + 1

/**
 * Does a work for each of them, several at a time: each is taken by the lane that is free first. Ends, also with
 * an error, when nothing is under way any more.
 */
export async function inLanes<T>(all: readonly T[], work: (each: T) => Promise<void>): Promise<void> {
  const turns = all.values()
  const lane = async (): Promise<void> => {
    for (const each of turns) await work(each)
  }
  const ends = await Promise.allSettled(Array.from({ length: LANES }, lane))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}
