import fs from 'node:fs'
import path from 'node:path'
import { readMarker } from '../course/marker.ts'
import { applyChanges } from './apply.ts'
import { bringHandout, type Brought } from './bring.ts'
import type { Handout } from './handout.ts'
import { HandoutError } from './handout-error.ts'
import { walk } from './walk.ts'

/** Where submissions are graded: each has its folder in autograder/, beside what all of them share. */
export const AUTOGRADERS = ['gradescope', 'actions', 'cluster'] as const
export type Autograder = (typeof AUTOGRADERS)[number]

/**
 * Writes the folder of an autograder: the course as a handout in `course/`, and around it what starts it.
 * Over an older one it keeps what the teacher has added, and a dated copy of what it replaces.
 *
 * @param root - Absolute path of the checkout.
 * @throws HandoutError `E_OUT_TAKEN`, and what bringHandout() throws.
 */
export function bringAutograder(root: string, kind: Autograder, folder: string, course: Handout): Brought {
  const inside = path.join(folder, 'course')
  if (fs.existsSync(folder) && fs.readdirSync(folder).length > 0 && !readMarker(inside)) {
    const message = `${folder} holds something else than an autograder: nothing was written.`
    throw new HandoutError('E_OUT_TAKEN', message, 'name a folder that does not exist yet')
  }
  fs.mkdirSync(folder, { recursive: true })
  const brought = bringHandout(inside, course)
  const files = filesOf(root, kind)
  const changes = [...files].filter(([file, bytes]) => !isThere(path.join(folder, file), file, bytes))
  applyChanges(folder, new Map(changes))
  for (const file of files.keys()) if (isProgram(file)) fs.chmodSync(path.join(folder, file), 0o755)
  return brought
}

// --- internal ---

const TEMPLATES = 'workbook/handout/autograder'

/** The teacher's own, once they are there. */
const TEACHERS = new Set(['submissions.txt', 'flags.txt'])

function filesOf(root: string, kind: Autograder): Map<string, Buffer> {
  return new Map(
    ['shared', kind].flatMap((part) => {
      const folder = path.join(root, TEMPLATES, part)
      return walk(folder, '').map(({ file }) => [file, fs.readFileSync(path.join(folder, file))] as const)
    }),
  )
}

function isThere(absolute: string, file: string, bytes: Buffer): boolean {
  if (!fs.existsSync(absolute)) return false
  return TEACHERS.has(file) || fs.readFileSync(absolute).equals(bytes)
}

function isProgram(file: string): boolean {
  return file.endsWith('.sh') || file === 'run_autograder'
}
