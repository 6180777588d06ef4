import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'

const LOOPS_PER_CORE = 2

/** Spins, and looks every 50 ms whether its parent still lives. */
const SPIN = `
process.on('disconnect', () => process.exit())
void (function spin() {
  const until = Date.now() + 50
  while (Date.now() < until);
  setImmediate(spin)
})()`

/**
 * Keeps all cores busy.
 *
 * @returns Ends it.
 */
export function keepBusy(): () => Promise<void> {
  const loops = Array.from({ length: LOOPS_PER_CORE * availableParallelism() }, spin)
  return async () => {
    await Promise.all(loops.map(end))
  }
}

// --- internal ---

function spin(): ChildProcess {
  return spawn(process.execPath, ['-e', SPIN], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
}

async function end(loop: ChildProcess): Promise<void> {
  const gone = once(loop, 'exit')
  loop.kill('SIGKILL')
  await gone
}
