import { Refusal, quoted } from './refusal.ts'

/** Gets the bytes of one kept file. */
export type Take = (segments: readonly string[], bytes: Buffer) => void

/** Folders that many submissions bring along and that are never graded. Nothing of them is written. */
const PASSED_OVER = new Set(['node_modules', '.git', '.hg', '.svn', '__MACOSX', '.cache', '.backup'])

/** Longer names cannot be written on the usual file systems. */
const LONGEST_SEGMENT_BYTES = 255

/** Of a whole path: it is written below folders of ours, and systems end at 1,024 or at 4,096. */
const LONGEST_PATH_BYTES = 700

/**
 * Letters that are no letters: control characters, halves of pairs, what stands for a byte that could not be
 * decoded, and marks that turn the direction of reading, with which a name shows as another one.
 */
const ODD = /[\p{Cc}\p{Cs}\uFFFD\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u

/**
 * The folders and the name of an archive's entry.
 *
 * @param name - As the archive has it, with `/`.
 * @returns Its segments; none for the top folder itself.
 * @throws Refusal
 */
export function segmentsOf(name: string, depth: number): string[] {
  refuseOddName(name)
  if (/^(?:\/|[a-z]:)/i.test(name) || name.includes('\\'))
    throw new Refusal('E_OUTSIDE', `it holds an absolute path: ${quoted(name)}`)
  const segments = name.split('/').filter((segment) => segment !== '' && segment !== '.')
  if (segments.includes('..'))
    throw new Refusal('E_OUTSIDE', `it holds a path that leaves its folder: ${quoted(name)}`)
  if (segments.length > depth)
    throw new Refusal('E_TOO_LARGE', `it holds folders more than ${depth} deep: ${quoted(name)}`)
  if (segments.some((segment) => Buffer.byteLength(segment) > LONGEST_SEGMENT_BYTES))
    throw new Refusal('E_NAME', `it holds a name that is too long: ${quoted(name)}`)
  return segments
}

/** @throws Refusal for a path that cannot be written, or shows as another one. */
export function refuseOddName(name: string): void {
  if (ODD.test(name)) throw new Refusal('E_NAME', `it holds a name with odd characters: ${quoted(name)}`)
  if (Buffer.byteLength(name) > LONGEST_PATH_BYTES)
    throw new Refusal('E_NAME', `it holds a path that is too long: ${quoted(name)}`)
}

/** Whether the entry lies in a folder that is never graded. */
export function isPassedOver(segments: readonly string[]): boolean {
  return segments.some((segment) => PASSED_OVER.has(segment))
}
