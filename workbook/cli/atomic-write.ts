import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/**
 * Writes beside and renames, so that whoever reads meanwhile, or an interrupted run, finds a whole file.
 *
 * @returns The system's code where it cannot be written, else null: what we only remember costs nobody
 *   a verdict.
 */
export function writeWhole(file: string, text: string): string | null {
  const beside = `${file}.${process.pid}.new`
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(beside, text)
    renameSync(beside, file)
    return null
  } catch (error) {
    attempt(() => rmSync(beside, { force: true }))
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
}

// --- internal ---

/** Where nothing can be written, nothing can be taken away either. */
function attempt(act: () => void): void {
  try {
    act()
  } catch {
    // What stopped the writing is told.
  }
}
