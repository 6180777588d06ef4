import type { Lab } from '../course/lab.ts'
import { quoted } from './refusal.ts'

/**
 * Files that a student most likely means for a lab's, under a name that nobody looks for: another case, the number that
 * a browser adds, the `.txt` of an editor, the JavaScript of a compiler. They are named, and never graded.
 */

/** @param files - Paths with `/`. @returns The one for the lab, or undefined. */
export function nearMissOf(files: readonly string[], { entry }: Lab): string | undefined {
  const key = keyOf(entry)
  return files.find((file) => nameOf(file) !== entry && keyOf(nameOf(file)) === key)
}

/** `"Entry (1).ts" is in it, and the lab's file is called entry.ts`. */
export function tellNearMiss(file: string, { entry }: Lab): string {
  return `${quoted(file)} is in it, and the lab's file is called ${entry}`
}

// --- internal ---

const CODE = /\.(?:[cm]?[jt]s|[jt]sx)$/
/** Of a copy: `x (1)`, `x - Copy`, `Copy of x`, `x copy 2`, `x_v2`, `x-final`. */
const COPY = /^copy of |(?:\s*\(\d+\)|[\s_-]+(?:copy|kopie|final|v?\d+))+$/g

function nameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1)
}

/** What is left of a name when all is taken away that people and programs change by accident. */
function keyOf(name: string): string {
  const lower = name.normalize('NFKC').toLowerCase()
  const text = lower.replace(/(?:\.txt|\s+)+$/, '')
  if (!CODE.test(text)) return ''
  return (
    text
      .replace(CODE, '')
      .replace(COPY, '')
      .replace(/[^a-z0-9]/g, '') || text
  )
}
