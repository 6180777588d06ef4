import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { platform } from 'node:process'

/** What a process has used so far. */
export interface Usage {
  /** User and system time; null where the system tells only whole seconds. */
  readonly cpuSeconds: number | null
  readonly residentBytes: number
}

/** Linux counts CPU time for user space in hundredths of a second (USER_HZ), on every architecture. */
const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4096

/** @returns null when the process is gone. */
export function usageOf(pid: number): Usage | null {
  try {
    return platform === 'linux' ? fromProc(pid) : fromPs(pid)
  } catch {
    return null
  }
}

function fromProc(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The command in parentheses may hold spaces; the fields after it are counted from 3 (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [user, system, resident] = [fields[11], fields[12], fields[21]].map(Number)
  return {
    cpuSeconds: ((user ?? 0) + (system ?? 0)) / TICKS_PER_SECOND,
    residentBytes: (resident ?? 0) * PAGE_BYTES,
  }
}

function fromPs(pid: number): Usage {
  const kilobytes = Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }))
  return { cpuSeconds: null, residentBytes: kilobytes * 1024 }
}
