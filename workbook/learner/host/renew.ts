import { Socket } from 'node:net'
import { hasOnlyPipes, whenCalm } from './calm.ts'
import { resetClock } from './clock.ts'
import { forgetClosedDatagrams, openDatagramPorts } from './datagrams.ts'
import { closeListeners } from './handles.ts'
import { bytesWritten, closeSockets } from './ledger.ts'
import { forgetNames } from './names.ts'
import { isPristine } from './pristine.ts'
import { forgetReferences } from './references.ts'
import { outputTaken } from './stand-in.ts'
import { forgetTimers } from './timeout.ts'

/**
 * Makes the process as good as new when a check is over, so that a program can be loaded again
 * for the next one: to start a process is most of what a check costs.
 */

/** A process whose program leaves much behind is given up. */
const MOST_RESIDENT_BYTES = 120 * 1024 * 1024
/** Of the event loop, until a program is given up that does not come to rest. */
const TURNS = 20

// Captured while nobody can have replaced them.
const residentBytes = process.memoryUsage.rss
const activeHandles = (process as unknown as { _getActiveHandles(): object[] })._getActiveHandles.bind(
  process,
)

/**
 * Closes what is open, below the program, whose code does not run any more; nothing would wake it.
 *
 * @returns Whether the process is as it was before the program was loaded.
 */
export async function renew(): Promise<boolean> {
  // What is under way would come to its end in the middle of the next check.
  if (!(await isCalmSoon()) || openDatagramPorts().length > 0) return false
  closeListeners()
  closeSockets()
  forgetClosedDatagrams()
  resetClock()
  forgetTimers()
  forgetNames()
  forgetReferences()
  // A handle is gone at the end of the turn in which it is closed.
  return (
    (await isCalmSoon()) &&
    hasOnlyPipes() &&
    !outputTaken() &&
    !hasPrinted() &&
    isPristine() &&
    residentBytes() < MOST_RESIDENT_BYTES
  )
}

// --- internal ---

/** A write that waits for its peer is work here. */
function isCalmSoon(): Promise<boolean> {
  return whenCalm(() => 0, TURNS)
}

/** Of sockets only those of standard output and error are left; Node itself opens one of them. */
function hasPrinted(): boolean {
  return activeHandles().some((handle) => handle instanceof Socket && bytesWritten(handle) > 0)
}
