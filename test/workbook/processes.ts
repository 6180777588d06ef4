import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hasMembers } from '../../workbook/learner/pids.ts'

/** Processes of others, as Linux shows them in /proc. */

/** Looks again at each turn of the event loop: other processes send us no events. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  while (!signal.aborted && !(await holds())) await new Promise((resolve) => setImmediate(resolve))
}

/** Running learner processes that were started from this checkout, which has a cache of its own. */
export function learnersOf(root: string): string[] {
  return pids().filter((pid) => {
    const command = readProcess(pid, 'cmdline')
    return command.includes(root) && command.includes('host.cjs')
  })
}

/** Whatever runs in this checkout: its command lines, and its learner processes. */
export function processesOf(root: string): string[] {
  return [...pids().filter((pid) => cwdOf(pid) === root), ...learnersOf(root)]
}

/** Whether anybody is alive in this process group: who has died and is not fetched yet is still listed in it. */
export function hasLivingMembers(group: number): boolean {
  if (process.platform !== 'linux') return hasMembers(group)
  return pids().some((pid) => {
    const [state, , ofGroup] = readProcess(pid, 'stat').split(') ').at(-1)?.split(' ') ?? []
    return Number(ofGroup) === group && state !== 'Z' && state !== 'X'
  })
}

/** Whatever runs on this machine, one line a process. Not every Linux has `ps`. */
export function commandLines(): string {
  if (process.platform !== 'linux') return execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
  return pids()
    .map((pid) => readProcess(pid, 'cmdline').replaceAll('\0', ' '))
    .join('\n')
}

export function readProcess(pid: string, file: 'cmdline' | 'stat'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    // Gone meanwhile.
    return ''
  }
}

// --- internal ---

function pids(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
}

function cwdOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}
