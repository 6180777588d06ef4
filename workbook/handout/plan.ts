import { MARKER_FILE, type Marker } from '../course/marker.ts'
import { hashOf, markerBytes, type Handout } from './handout.ts'

/** What has to be done to a folder so that it becomes the newer handout. */
export interface Plan {
  /** Path → new content, or null for a file that goes. The marker comes last. */
  readonly changes: ReadonlyMap<string, Buffer | null>
  /** The learner's own files whose starter has changed: they stay as they are. */
  readonly restarted: readonly string[]
  /** The learner's own files that belong to nothing any more, and stay. */
  readonly orphaned: readonly string[]
  /** The learner's own files of a lab that has another name now: they go to the backup. */
  readonly moved: readonly string[]
  /** Labs that the newer handout does not have, and that stay as they are. */
  readonly keptLabs: readonly string[]
  readonly marker: Marker
}

/** The content of a file in the folder; null where there is none. */
export type Read = (file: string) => Buffer | null

/**
 * Compares a student's copy with a newer handout. A file that the learner works in and has touched is
 * never changed.
 *
 * @param dropUntouched - Labs that the newer one does not have go, unless the learner has begun them.
 */
export function planUpdate(old: Marker, newer: Handout, read: Read, dropUntouched = false): Plan {
  const fates = fatesOf(old, newer, read, dropUntouched)
  const changes = new Map<string, Buffer | null>()
  const lists = { restarted: [] as string[], orphaned: [] as string[], moved: [] as string[] }
  for (const [file, bytes] of newer.files) {
    if (file === MARKER_FILE) continue
    const now = read(file)
    const held = now !== null && !now.equals(bytes) && isHeld(file, now, old, newer.marker)
    if (held && old.learner[file] !== newer.marker.learner[file]) lists.restarted.push(file)
    if (!held && !now?.equals(bytes)) changes.set(file, bytes)
  }
  for (const file of [...Object.keys(old.files), ...Object.keys(old.learner)]) {
    const now = newer.files.has(file) ? null : read(file)
    const fate = fates.get(labOf(file) ?? '')
    if (now === null || fate === 'kept') continue
    const touched = file in old.learner && hashOf(now) !== old.learner[file]
    if (touched && fate !== 'renamed') lists.orphaned.push(file)
    else changes.set(file, null)
    if (touched && fate === 'renamed') lists.moved.push(file)
  }
  const keptLabs = [...fates].flatMap(([id, fate]) => (fate === 'kept' ? [id] : []))
  const marker = merge(old, newer.marker, new Set(keptLabs))
  if (!read(MARKER_FILE)?.equals(markerBytes(marker))) changes.set(MARKER_FILE, markerBytes(marker))
  return { changes, ...lists, keptLabs, marker }
}

// --- internal ---

/** What becomes of a lab that the newer handout does not have. */
type Fate = 'kept' | 'dropped' | 'renamed'

function fatesOf(old: Marker, { marker }: Handout, read: Read, dropUntouched: boolean): Map<string, Fate> {
  const gone = old.labs.filter((id) => !marker.labs.includes(id))
  return new Map(
    gone.map((id) => {
      if (marker.labs.some((lab) => numberOf(lab) === numberOf(id))) return [id, 'renamed']
      return [id, dropUntouched && !isBegun(id, old, read) ? 'dropped' : 'kept']
    }),
  )
}

function isBegun(id: string, old: Marker, read: Read): boolean {
  return Object.entries(old.learner).some(([file, hash]) => {
    const now = labOf(file) === id ? read(file) : null
    return now !== null && hashOf(now) !== hash
  })
}

/** The learner's work: what was handed out to be written in, and is no longer as it was handed out. */
function isHeld(file: string, now: Buffer, old: Marker, marker: Marker): boolean {
  return file in marker.learner && hashOf(now) !== old.learner[file]
}

/** `labs/NN-name/…`, `suites/NN-name.mjs` and `suites/NN-name.fixture.mjs` belong to `NN-name`. */
function labOf(file: string): string | null {
  return /^(?:labs\/(\d\d-[^/]+)\/|suites\/(\d\d-[^/.]+)\.)/.exec(file)?.slice(1).find(Boolean) ?? null
}

function numberOf(id: string): string {
  return id.slice(0, 2)
}

/** What stays of the older one stays known, so that a later update finds it. */
function merge(old: Marker, marker: Marker, kept: ReadonlySet<string>): Marker {
  const stays = ([file]: [string, string]): boolean => kept.has(labOf(file) ?? '')
  const sorted = (entries: Array<[string, string]>): Record<string, string> =>
    Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
  const { labs, learner, files } = marker
  return {
    ...marker,
    labs: [...labs, ...kept].sort(),
    learner: sorted([...Object.entries(old.learner).filter(stays), ...Object.entries(learner)]),
    files: sorted([...Object.entries(old.files).filter(stays), ...Object.entries(files)]),
  }
}
