import type { Check, Connection } from '../../../workbook/grading/check.ts'

/** How a connection is opened that does not read, and how so many small answers are asked for on it. */
export interface Filling {
  readonly open: () => Promise<Connection>
  readonly ask: (client: Connection, count: number) => Promise<void>
}

/** Answers of 15 KiB: more than any system takes for somebody who does not read. */
const MOST = 600

/** How far below what the first connection took the next ones begin: the system is never quite the same. */
const MARGINS = [4, 16, 64]

/**
 * Brings a connection to where the system takes no more, and one answer waits in the program: one that is small
 * enough for `write` to return true. What a program believes to have left is told from what has left by it.
 *
 * @returns The connection, and how many answers it is due; null where none got there.
 */
export async function fillToTheBrim(
  c: Check,
  { open, ask }: Filling,
): Promise<{ readonly client: Connection; readonly due: number } | null> {
  const fill = async (count: number): Promise<Filled> => {
    const client = await open()
    const before = await left(c)
    await ask(client, 1)
    const afterOne = await left(c)
    await ask(client, count - 1)
    const now = await left(c)
    return { client, size: afterOne - before, now, taken: (now - before) / (afterOne - before) }
  }
  const first = await fill(MOST)
  await first.client.reset({ now: true })
  for (const margin of MARGINS) {
    const count = Math.max(2, Math.floor(first.taken) - margin)
    const { client, size, taken, now } = await fill(count)
    let before = taken === count ? now : Infinity
    for (let due = count + 1; before < Infinity && due < MOST; due++) {
      await ask(client, 1)
      const after = await left(c)
      if (after - before < size) return { client, due }
      before = after
    }
    await client.reset({ now: true })
  }
  return null
}

// --- internal ---

interface Filled {
  readonly client: Connection
  /** Bytes of an answer. */
  readonly size: number
  /** Bytes that the system has taken by now. */
  readonly now: number
  /** Answers that the system has taken. */
  readonly taken: number
}

/** Bytes that the system has taken from the program, which is idle. */
async function left(c: Check): Promise<number> {
  return (await c.learner.passed()).left
}
