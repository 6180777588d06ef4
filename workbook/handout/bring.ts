import fs from 'node:fs'
import path from 'node:path'
import { MARKER_FILE, readMarker, type Marker } from '../course/marker.ts'
import { applyChanges, refuseOddFile, type Disk } from './apply.ts'
import { hashOf, type Handout } from './handout.ts'
import { HandoutError } from './handout-error.ts'
import { planUpdate, type Plan } from './plan.ts'

/** What was done to a folder. */
export interface Brought extends Omit<Plan, 'changes'> {
  /** Null where the folder was made anew. */
  readonly before: Marker | null
  readonly changed: number
  /** Relative to the folder; null where nothing was replaced. */
  readonly backup: string | null
}

/**
 * Writes a handout to a folder: anew where there is nothing yet, otherwise over an older handout of the same
 * course, whose learner's files stay.
 *
 * @throws HandoutError `E_OUT_TAKEN`, and what bringUpdate() throws.
 */
export function bringHandout(folder: string, handout: Handout): Brought {
  const marker = readMarker(folder)
  if (marker) return bringUpdate(folder, marker, handout, { dropUntouched: true })
  if (fs.existsSync(folder) && fs.readdirSync(folder).length > 0) {
    const message = `${folder} holds something else than a handout: nothing was written.`
    throw new HandoutError('E_OUT_TAKEN', message, 'name a folder that does not exist yet')
  }
  writeAnew(folder, handout)
  const { size } = handout.files
  const lists = { restarted: [], orphaned: [], moved: [], keptLabs: [] }
  return { before: null, changed: size, backup: null, marker: handout.marker, ...lists }
}

/** @throws HandoutError `E_OTHER_COURSE`, `E_OLDER`, and what applyChanges() throws. */
export function bringUpdate(
  folder: string,
  before: Marker,
  newer: Handout,
  { dropUntouched = false, disk }: { readonly dropUntouched?: boolean; readonly disk?: Disk } = {},
): Brought {
  refuseOther(before, newer.marker)
  const { changes, ...told } = planUpdate(before, newer, readerOf(folder), dropUntouched)
  const backup = applyChanges(folder, changes, disk)
  return { ...told, before, changed: changes.size, backup }
}

/**
 * The handout that stands in a folder, as it was handed out.
 *
 * @throws HandoutError `E_CHANGED` where a file is no longer that.
 */
export function readHandout(folder: string, marker: Marker): Handout {
  const read = readerOf(folder)
  const pristine = (file: string): Buffer | null => {
    const starter = path.posix.join(path.posix.dirname(file), '.starter')
    return read(starter in marker.files && file.endsWith('.ts') ? starter : file)
  }
  const files = [
    ...Object.entries(marker.files).map(([file, hash]) => [file, hash, read(file)] as const),
    ...Object.entries(marker.learner).map(([file, hash]) => [file, hash, pristine(file)] as const),
  ].map(([file, hash, bytes]): [string, Buffer] => {
    if (bytes && hashOf(bytes) === hash) return [file, bytes]
    const message = `${file} is ${bytes ? 'no longer as it was handed out' : 'missing'}, so this copy cannot be brought to others.`
    throw new HandoutError('E_CHANGED', message, 'unpack the newer handout afresh, and run the command there')
  })
  return { marker, files: new Map([...files, [MARKER_FILE, read(MARKER_FILE) ?? Buffer.alloc(0)]]) }
}

// --- internal ---

/** Beside, then in one step, so that an interrupted run leaves nothing that looks whole. */
function writeAnew(folder: string, { files }: Handout): void {
  const beside = `${folder}.new-${process.pid}`
  try {
    for (const [file, bytes] of files) {
      fs.mkdirSync(path.dirname(path.join(beside, file)), { recursive: true })
      fs.writeFileSync(path.join(beside, file), bytes)
    }
    fs.renameSync(beside, folder)
  } catch (error) {
    fs.rmSync(beside, { recursive: true, force: true })
    throw error
  }
}

function readerOf(folder: string): (file: string) => Buffer | null {
  return (file) => {
    try {
      refuseOddFile(folder, file)
      return fs.readFileSync(path.join(folder, file))
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') return null
      throw error
    }
  }
}

function refuseOther(before: Marker, { course, version }: Marker): void {
  if (before.course !== course) {
    const message = `The folder is a handout of another course, ${before.course}: nothing was changed.`
    throw new HandoutError('E_OTHER_COURSE', message, 'name a handout of this course')
  }
  if (!isOlder(version, before.version)) return
  const message = `The folder has version ${before.version}, and this is ${version}: nothing was changed.`
  throw new HandoutError('E_OLDER', message, 'run the command in the newer edition')
}

/** `0.9.1` is older than `0.10.0`. */
function isOlder(a: string, b: string): boolean {
  return a.localeCompare(b, 'en', { numeric: true }) < 0
}
