import { createHash } from 'node:crypto'
import { MARKER_FILE, type Marker } from '../course/marker.ts'

/** A student's edition in memory. */
export interface Handout {
  readonly marker: Marker
  /** Path relative to its root, with `/` → content; the marker too. */
  readonly files: ReadonlyMap<string, Buffer>
}

/** What is in a marker besides the files. */
export type Facts = Pick<Marker, 'course' | 'version' | 'title' | 'labs'>

/** @param learner - Paths of the files that the learner works in. */
export function handoutOf(
  facts: Facts,
  content: ReadonlyMap<string, Buffer>,
  learner: readonly string[],
): Handout {
  const { course, version, title, labs } = facts
  const hashes = [...content].map(([file, bytes]) => [file, hashOf(bytes)] as const).sort(byName)
  const own = new Set(learner)
  const marker: Marker = {
    format: 1,
    course,
    version,
    title,
    labs,
    learner: Object.fromEntries(hashes.filter(([file]) => own.has(file))),
    files: Object.fromEntries(hashes.filter(([file]) => !own.has(file))),
  }
  return { marker, files: new Map([...content, [MARKER_FILE, markerBytes(marker)]]) }
}

export function markerBytes(marker: Marker): Buffer {
  return Buffer.from(`${JSON.stringify(marker, null, 2)}\n`)
}

export function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

// --- internal ---

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1
}
