import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { UsageError } from './usage-error.ts'

/**
 * Writes what somebody has asked for to the place that they have named. An earlier report there is lost only to a whole
 * new one.
 *
 * @throws UsageError `E_WRITE`
 */
export function writeReport(file: string, text: string): void {
  const beside = `${file}.${process.pid}.new`
  try {
    if (isDevice(file)) return writeFileSync(file, text)
    writeFileSync(beside, text)
    renameSync(beside, file)
  } catch (error) {
    takeAway(beside)
    const { code = '' } = error as NodeJS.ErrnoException
    throw new UsageError(
      'E_WRITE',
      `The report could not be written to ${file} (${code}).`,
      nextFor(code, file),
    )
  }
}

// --- internal ---

/** `/dev/stdout` is written to, and never replaced. */
function isDevice(file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats !== undefined && !stats.isFile() && !stats.isDirectory()
}

function nextFor(code: string, file: string): string {
  if (code === 'ENOENT') return `mkdir -p ${path.dirname(file)}, then run it again`
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'free some space, or name a file on another disk'
  if (code === 'EISDIR') return `name a file: ${file} is a folder`
  return 'name a file in a folder of yours'
}

function takeAway(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // Where nothing can be written, nothing can be taken away either.
  }
}
