import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { archiveKind } from './archive-kind.ts'
import { BOUNDS, type Bounds } from './bounds.ts'
import { Budget } from './budget.ts'
import type { Take } from './entry-name.ts'
import { isSystemError, Refusal } from './refusal.ts'

/**
 * Unpacks the programs of an archive into an empty folder: regular files alone, with names that stay
 * inside. Whatever else is in it is looked at too, and refused where no honest archive has it.
 *
 * @throws Refusal; what was written so far is left for whoever made the folder to remove.
 */
export async function unpack(file: string, into: string, bounds: Bounds = BOUNDS): Promise<void> {
  const take: Take = (segments, bytes) => {
    const target = path.join(into, ...segments)
    mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 })
    writeFileSync(target, bytes, { flag: 'wx', mode: 0o600 })
  }
  try {
    const budget = new Budget(bounds, statSync(file).size)
    // Loaded here, so that a class of folders needs neither.
    if (archiveKind(file) === 'zip') await (await import('./zip-entries.ts')).readZip(file, budget, take)
    else await (await import('./tar-entries.ts')).readTar(file, budget, take)
  } catch (error) {
    throw asRefusal(error, file)
  }
}

// --- internal ---

/** What the libraries say of an archive whose end is missing. */
const CUT = /end of central directory|unexpected end of file|truncated|unexpected EOF/i

function asRefusal(error: unknown, file: string): unknown {
  if (error instanceof Refusal) return error
  if (isSystemError(error)) {
    // What is read is theirs; the disk that is written to is ours.
    const isTheirs = error.path === file || error.syscall === 'read'
    return isTheirs ? new Refusal('E_UNREADABLE', `it cannot be read (${error.code ?? ''})`) : error
  }
  const why = error instanceof Error ? error.message : String(error)
  const is = CUT.test(why) ? 'cut short, as by an upload that broke off' : 'broken'
  return new Refusal('E_ARCHIVE', `the archive is ${is}: ${why}`)
}
