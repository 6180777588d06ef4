import { readFileSync } from 'node:fs'
import { print } from './table.ts'

/** Ends the demo in peace where the system has no such table: only Linux shows it to programs. */
export function needsLinux(what: string): void {
  if (process.platform === 'linux') return
  print(
    `This demo reads ${what}, which only Linux has; run it on Linux, in WSL2 or in the dev container.`,
  )
  process.exit(0)
}

/** A setting of the kernel, such as `tcp_tw_reuse`; null where this kernel has none of that name. */
export function kernelSetting(name: string): string | null {
  try {
    return readFileSync(`/proc/sys/net/ipv4/${name}`, 'utf8').trim().replaceAll('\t', ' ')
  } catch {
    return null
  }
}
