import { lstatSync, readdirSync, type Stats } from 'node:fs'
import path from 'node:path'
import { BOUNDS, type Bounds } from './bounds.ts'
import { Budget } from './budget.ts'
import { isPassedOver } from './entry-name.ts'
import { isSystemError, Refusal, quoted } from './refusal.ts'

export interface FoundFile {
  /** Folders and name, relative to where the walk began. */
  readonly segments: readonly string[]
  readonly stats: Stats
}

/**
 * The regular files of a folder, no link followed.
 *
 * @throws Refusal at the first link, device, pipe or socket, and beyond the bounds.
 */
export function* walk(folder: string, bounds: Bounds = BOUNDS): Generator<FoundFile> {
  const budget = new Budget(bounds, Infinity)
  const open: Array<readonly string[]> = [[]]
  for (let above = open.pop(); above !== undefined; above = open.pop()) {
    for (const name of namesIn(path.join(folder, ...above), above)) {
      const segments = [...above, name]
      if (isPassedOver(segments)) continue
      budget.entry()
      const stats = lookAt(path.join(folder, ...segments), segments)
      if (stats.isDirectory()) open.push(deeper(segments, bounds))
      else yield { segments, stats: regular(segments, stats) }
    }
  }
}

// --- internal ---

function namesIn(folder: string, segments: readonly string[]): string[] {
  try {
    return readdirSync(folder).sort()
  } catch (error) {
    throw unreadable(error, segments)
  }
}

function lookAt(file: string, segments: readonly string[]): Stats {
  try {
    return lstatSync(file)
  } catch (error) {
    throw unreadable(error, segments)
  }
}

function unreadable(error: unknown, segments: readonly string[]): unknown {
  if (!isSystemError(error)) return error
  const name = segments.length === 0 ? 'it' : quoted(segments.join('/'))
  return new Refusal('E_UNREADABLE', `${name} cannot be read (${error.code ?? ''})`)
}

function deeper(segments: readonly string[], { depth }: Bounds): readonly string[] {
  if (segments.length <= depth) return segments
  throw new Refusal('E_TOO_LARGE', `it holds folders more than ${depth} deep`)
}

function regular(segments: readonly string[], stats: Stats): Stats {
  if (stats.isFile()) return stats
  const name = quoted(segments.join('/'))
  if (stats.isSymbolicLink()) throw new Refusal('E_LINK', `it holds a symbolic link: ${name}`)
  throw new Refusal('E_SPECIAL_FILE', `it holds a device, a pipe or a socket: ${name}`)
}
