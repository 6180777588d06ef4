import { Socket } from 'node:net'
import { hasOnlyPipes, isAtRest } from './calm.ts'
import { resetClock } from './clock.ts'
import { datagramRows } from './datagrams.ts'
import { closeListeners } from './handles.ts'
import { bytesWritten, closeSockets } from './ledger.ts'
import { forgetNames } from './names.ts'
import { isPristine } from './pristine.ts'
import { forgetReferences } from './references.ts'

/**
 * Makes the process as good as new when a check has passed, so that the same program can be loaded
 * again for the next check: to start a process is most of what a check costs.
 */

/** A process whose program leaves much behind is given up. */
const MOST_RESIDENT_BYTES = 120 * 1024 * 1024

// Captured while nobody can have replaced them.
const nextTurn = setImmediate
const residentBytes = process.memoryUsage.rss
const activeHandles = (process as unknown as { _getActiveHandles(): object[] })._getActiveHandles.bind(process)

/**
 * Closes what is open, below the program, whose code does not run any more; nothing would wake it.
 *
 * @returns Whether the process is as it was before the program was loaded.
 */
export async function renew(): Promise<boolean> {
  // Something that is under way would come to an end in the middle of the next check.
  if (!isAtRest() || datagramRows().length > 0) return false
  closeListeners()
  closeSockets()
  resetClock()
  forgetNames()
  forgetReferences()
  // A handle is gone at the end of the turn in which it is closed.
  await turn()
  await turn()
  return isAtRest() && hasOnlyPipes() && !hasPrinted() && isPristine() && residentBytes() < MOST_RESIDENT_BYTES
}

// --- internal ---

/** Of sockets only those of standard output and error are left; Node itself opens one of them. */
function hasPrinted(): boolean {
  return activeHandles().some((handle) => handle instanceof Socket && bytesWritten(handle) > 0)
}

function turn(): Promise<void> {
  return new Promise((resolve) => void nextTurn(resolve))
}
