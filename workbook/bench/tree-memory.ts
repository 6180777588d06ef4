import { readdirSync, readFileSync } from 'node:fs'

const EVERY_MILLISECONDS = 200

/** Watches what a process and all that it has started hold in memory; Linux alone tells it in this way. */
export interface MemoryWatch {
  /** @returns The most bytes that were seen at once, or null where that cannot be seen. */
  stop(): number | null
}

export function watchMemory(pid: number): MemoryWatch {
  if (process.platform !== 'linux') return { stop: () => null }
  let peak = 0
  const look = (): void => void (peak = Math.max(peak, memoryOf(pid)))
  const timer = setInterval(look, EVERY_MILLISECONDS)
  return {
    stop() {
      clearInterval(timer)
      return peak
    },
  }
}

/** Bytes of the process and its descendants. A page that several of them share counts once in all. */
export function memoryOf(pid: number): number {
  const rows = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(rowOf)
  const family = new Set([pid])
  // A child has a higher number than its parent but for a wrap-around; going round until nothing is new covers both.
  for (let size = 0; size < family.size;) {
    size = family.size
    for (const row of rows) if (family.has(row.parent)) family.add(row.pid)
  }
  return [...family].reduce((sum, each) => sum + shareOf(each), 0)
}

// --- internal ---

function rowOf(name: string): Array<{ pid: number; parent: number }> {
  const stat = read(name, 'stat')
  // The command in parentheses may hold spaces; the fields after it are counted from 3 (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return stat === '' ? [] : [{ pid: Number(name), parent: Number(fields[1]) }]
}

/** Its proportional set: private pages, and its share of the others. */
function shareOf(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(read(String(pid), 'smaps_rollup'))?.[1] ?? 0) * 1024
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    // Gone meanwhile.
    return ''
  }
}
