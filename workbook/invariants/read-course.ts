import { CourseError } from '../course/course-error.ts'
import { readCourse } from '../course/course.ts'
import { readLab } from '../course/readme.ts'
import { entriesOf } from './files.ts'
import type { Finding, Readable } from './invariant.ts'

/** Reads every lab that can be read. The faults of the others do not hide what is wrong elsewhere. */
export function readReadable(root: string): {
  readonly course: Readable
  readonly findings: readonly Finding[]
} {
  const folders = entriesOf(root, 'labs').map(({ name }) => name)
  const labFolders = folders.filter((name) => /^\d/.test(name))
  const findings: Finding[] = []
  const labs = labFolders.flatMap((folder) => attempt(() => readLab(root, folder), findings) ?? [])
  // What only the whole course shows: numbers, `needs`, the version.
  if (findings.length === 0) attempt(() => readCourse(root), findings)
  return { course: { root, labs, folders: labFolders }, findings }
}

// --- internal ---

function attempt<T>(read: () => T, findings: Finding[]): T | null {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof CourseError)) throw error
    findings.push(error)
    return null
  }
}
