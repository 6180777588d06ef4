import {
  closeSync,
  constants,
  cpSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import type { Lab } from '../course/lab.ts'
import { BOUNDS } from './bounds.ts'
import { refuseOddName } from './entry-name.ts'
import { walk } from './folder.ts'
import { locate, type Placed } from './locate.ts'
import { isProgram } from './programs.ts'
import { isSystemError, Refusal, quoted } from './refusal.ts'

/** A submission made ready: its own programs and predictions beside the teacher's kit, in a folder of ours. */
export interface Stage {
  /** Absolute path; holds `labs/` alone. */
  readonly root: string
  /** Labs whose file is there, by id. */
  readonly labs: ReadonlySet<string>
  /** Lab id → what its student may have meant, in a sentence (near-miss.ts). */
  readonly nearMisses: ReadonlyMap<string, string>
}

/**
 * Copies the programs and predictions of a submission into an empty folder, and the course's own kit beside
 * them. The submission's kit, suites, packages and settings stay where they are, and are never read.
 *
 * @param submission - Absolute path of the folder, as handed in or as unpacked.
 * @param into - Absolute path of an empty folder.
 * @param root - The course whose kit is used.
 * @throws Refusal
 */
export function stage(submission: string, into: string, root: string, labs: readonly Lab[]): Stage {
  const programs = [...walk(submission)]
    .filter(({ segments, stats }) => isProgram(segments, stats.size, BOUNDS))
    .map(({ segments }) => segments.join('/'))
    .sort()
  const located = locate(programs, labs)
  if (located.files.length > BOUNDS.files)
    throw new Refusal(
      'E_TOO_LARGE',
      `it holds more than a submission has: more than ${BOUNDS.files} programs`,
    )
  for (const { from } of located.files) refuseOddName(from)
  for (const placed of located.files) copy(placed, submission, into)
  cpSync(path.join(root, 'labs/kit'), path.join(into, 'labs/kit'), { recursive: true })
  return { root: into, labs: located.labs, nearMisses: located.nearMisses }
}

// --- internal ---

function copy({ from, to }: Placed, submission: string, into: string): void {
  const target = path.join(into, to)
  mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 })
  writeFileSync(target, read(path.join(submission, from), from), { mode: 0o600 })
}

/** What was a file a moment ago may be a link by now, or without end: it is looked at once more, opened. */
function read(file: string, name: string): Buffer {
  try {
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const stats = fstatSync(descriptor)
      if (stats.isFile() && stats.size <= BOUNDS.programBytes) return readFileSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    if (!isSystemError(error)) throw error
    throw new Refusal('E_UNREADABLE', `${quoted(name)} cannot be read (${error.code ?? ''})`)
  }
  throw new Refusal('E_UNREADABLE', `${quoted(name)} changes while it is read`)
}
