import { lstatSync, readdirSync, type Stats } from 'node:fs'
import path from 'node:path'
import { walk } from './folder.ts'
import { isSystemError, Refusal } from './refusal.ts'

/** One thing in the folder of submissions that is to be graded, or to be told why not. */
export interface Submission {
  /** Its name in the folder, `alice` or `bob.tar.gz`. */
  readonly name: string
  /** Absolute path. */
  readonly path: string
  readonly kind: 'folder' | 'archive' | 'refused'
  /** Why it is refused without being opened, or null. */
  readonly refusal: Refusal | null
  /** Says whether it has changed since: sizes and times of what it holds. */
  readonly stamp: string
}

export interface Found {
  readonly submissions: readonly Submission[]
  /** Names of plain files that are none. */
  readonly others: readonly string[]
}

const ARCHIVE = /\.(?:zip|tar|tar\.gz|tgz)$/i
const OTHER_ARCHIVE = /\.(?:rar|7z|gz|bz2|xz|zst|tbz2?|txz|lzh|alz|egg|cab|arj|z)$/i

/**
 * What stands in the folder, sorted as people sort: `s2` before `s10`.
 *
 * @param isOurs - Says what a run has written there.
 */
export function findSubmissions(folder: string, isOurs: (name: string, isFolder: boolean) => boolean): Found {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.') && !isOurs(entry.name, entry.isDirectory()))
    .map(({ name }) => name)
  const collator = new Intl.Collator('en', { numeric: true })
  names.sort((a, b) => collator.compare(a, b) || (a < b ? -1 : 1))
  const seen = names.map((name) => ({ name, submission: lookAt(folder, name) }))
  return {
    submissions: seen.flatMap(({ submission }) => submission ?? []),
    others: seen.filter(({ submission }) => submission === null).map(({ name }) => name),
  }
}

// --- internal ---

function lookAt(folder: string, name: string): Submission | null {
  const file = path.join(folder, name)
  const refuse = (code: Refusal['code'], message: string): Submission => {
    return { name, path: file, kind: 'refused', refusal: new Refusal(code, message), stamp: code }
  }
  try {
    const stats = lstatSync(file)
    if (stats.isSymbolicLink()) return refuse('E_LINK', 'it is a link: put the folder itself here')
    if (stats.isDirectory()) return { name, path: file, kind: 'folder', refusal: null, stamp: stampOf(file) }
    if (ARCHIVE.test(name))
      return archive(name, file, stats) ?? refuse('E_SPECIAL_FILE', 'it is no regular file')
    if (!OTHER_ARCHIVE.test(name)) return null
    return refuse('E_ARCHIVE_KIND', 'an archive of this kind is not read: hand in a .zip or a .tar.gz')
  } catch (error) {
    if (!isSystemError(error)) throw error
    return refuse('E_UNREADABLE', `it cannot be read (${error.code ?? ''})`)
  }
}

function archive(name: string, file: string, stats: Stats): Submission | null {
  if (!stats.isFile()) return null
  return {
    name,
    path: file,
    kind: 'archive',
    refusal: null,
    stamp: `${stats.size} ${Math.round(stats.mtimeMs)}`,
  }
}

/** A folder that is refused is so each time; what else changes it changes a size or a time. */
function stampOf(folder: string): string {
  let [files, bytes, newest] = [0, 0, 0]
  try {
    for (const { stats } of walk(folder)) {
      files++
      bytes += stats.size
      newest = Math.max(newest, stats.mtimeMs, stats.ctimeMs)
    }
  } catch (error) {
    return error instanceof Refusal ? error.code : 'E_UNREADABLE'
  }
  return `${files} ${bytes} ${Math.round(newest)}`
}
