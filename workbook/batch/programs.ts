import path from 'node:path'
import type { Bounds } from './bounds.ts'
import { Refusal, quoted } from './refusal.ts'

/**
 * What a lab's file can import, and the file itself. Of a submission these are written and read, and its
 * predictions, and nothing else.
 */
const EXTENSIONS = new Set(['.ts', '.mts', '.js', '.mjs', '.json', '.txt'])
/** What a student may have meant for one: it is named, and not read (near-miss.ts). */
const MEANT = new Set(['.cts', '.cjs', '.tsx', '.jsx'])

/** What its writer has ticked, beside a lab's file. */
const PREDICTIONS = 'predictions.md'

/**
 * Whether the file may be one of the programs, or says what their writer predicted.
 *
 * @param bytes - Its size.
 * @throws Refusal for source code that is too long to be any.
 */
export function isProgram(segments: readonly string[], bytes: number, bounds: Bounds): boolean {
  const name = segments.at(-1) ?? ''
  if (name === PREDICTIONS) return bytes <= bounds.predictionBytes
  const extension = path.extname(name).trim().toLowerCase()
  if (!EXTENSIONS.has(extension) && !MEANT.has(extension)) return false
  if (bytes <= bounds.programBytes) return true
  if (extension !== '.ts') return false
  const limit = `${Math.round(bounds.programBytes / 1024)} KiB`
  throw new Refusal('E_TOO_LARGE', `it holds a program of more than ${limit}: ${quoted(segments.join('/'))}`)
}
