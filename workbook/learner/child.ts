import { spawn, type ChildProcess } from 'node:child_process'
import { learnerFlags } from './flags.ts'
import { hostBundle } from './bundles.ts'
import { REAL_TIME } from './limits.ts'

/** Should the grader be killed, the kernel ends a loop that nobody watches any more. */
export const CPU_SECONDS_OF_AN_ORPHAN = 60

/** @param debugPort - Port for the inspector; permissions and the kernel's bounds are off then. */
export function startChild(debugPort: number | null, clock: 'virtual' | 'real'): ChildProcess {
  const child = spawn(...command(debugPort, clock), {
    // A group of its own: one kill reaches everything that the program starts.
    detached: true,
    env: debugPort === null ? {} : process.env,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
  })
  letRest(child)
  for (const stream of [child.stdout, child.stderr]) (stream as { unref?(): void } | null)?.unref?.()
  return child
}

/** A process that serves no check must not keep the grader alive. */
export function letRest(child: ChildProcess): void {
  child.unref()
  child.channel?.unref()
}

// --- internal ---

/** What the kernel grants, should the watchdog come late; three times what the watchdog allows. */
const KILOBYTES_OF_DATA = 1024 * 1024

function command(debugPort: number | null, clock: 'virtual' | 'real'): [string, string[]] {
  const node = [process.execPath, ...learnerFlags(hostBundle(), debugPort)]
  if (debugPort !== null) return [process.execPath, node.slice(1)]
  // Somebody at a keyboard, or a load generator, may well keep it busy for longer than that.
  if (clock === 'real') return [process.execPath, [...node.slice(1), REAL_TIME]]
  const bounds = `ulimit -t ${CPU_SECONDS_OF_AN_ORPHAN}; ulimit -d ${KILOBYTES_OF_DATA}`
  return ['/bin/sh', ['-c', `${bounds}; exec "$@"`, 'sh', ...node]]
}
