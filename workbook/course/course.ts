import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { CourseError } from './course-error.ts'
import type { Course, Lab } from './lab.ts'
import { readMarker } from './marker.ts'
import { LAB_FOLDER, readLab } from './readme.ts'
import { readTextFile } from './text-file.ts'

export { findLab, UnknownLabError } from './find-lab.ts'

/**
 * Reads the whole course from its files.
 *
 * @param root - Absolute path of the checkout.
 * @throws CourseError at the first malformed file.
 */
export function readCourse(root: string): Course {
  const folders = labFolders(root)
  const numbers = new Set(folders.map(numberOf))
  const labs: Lab[] = folders.map((folder) => readLab(root, folder, numbers))
  return { version: readVersion(root), title: readMarker(root)?.title ?? null, root, labs }
}

/** Folders that begin with a digit, misnamed ones too: a lab must not vanish because of its name. */
function labFolders(root: string): string[] {
  const folders = entriesOf(root)
    .filter((entry) => /^\d/.test(entry.name) && !entry.isFile())
    .map(({ name }) => name)
    .sort()
  for (const [index, folder] of folders.entries()) {
    const previous = folders[index - 1]
    if (previous && numberOf(previous) === numberOf(folder)) throw duplicate(previous, folder)
  }
  return folders
}

function entriesOf(root: string) {
  try {
    return readdirSync(join(root, 'labs'), { withFileTypes: true })
  } catch (cause) {
    const next = 'Run the command in a checkout of the course.'
    const fault = { file: 'labs', line: null, expected: 'a folder of labs', found: 'none', next }
    throw new CourseError('E_COURSE_FOLDER', fault, { cause })
  }
}

function numberOf(folder: string): string {
  return LAB_FOLDER.exec(folder)?.[1] ?? folder
}

function duplicate(one: string, other: string): CourseError {
  const found = `${one} and ${other}`
  const expected = `one lab with the number ${numberOf(one)}`
  const next = 'Give one of them another number, or move it out of labs/.'
  return new CourseError('E_COURSE_FOLDER', { file: 'labs', line: null, expected, found, next })
}

function readVersion(root: string): string {
  const file = 'package.json'
  const version = parseJson(readTextFile(root, file))?.version
  if (typeof version === 'string') return version
  const expected = 'JSON with the "version" of the course'
  const next = 'Correct the file, for example: "version": "1.0.0"'
  throw new CourseError('E_COURSE_VERSION', { file, line: null, expected, found: 'none', next })
}

function parseJson(text: string): { version?: unknown } | null {
  try {
    return JSON.parse(text) as { version?: unknown } | null
  } catch {
    return null
  }
}
