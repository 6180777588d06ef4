import path from 'node:path'
import { Refusal, quoted } from './refusal.ts'

/** What a lab's file can import, and the file itself. Nothing else of a submission is ever written or read. */
const EXTENSIONS = new Set(['.ts', '.mts', '.js', '.mjs', '.json', '.txt'])

/**
 * Whether the file may be one of the programs.
 *
 * @param bytes - Its size.
 * @throws Refusal for source code that is too long to be any.
 */
export function isProgram(segments: readonly string[], bytes: number, atMost: number): boolean {
  const extension = path.extname(segments.at(-1) ?? '')
  if (!EXTENSIONS.has(extension)) return false
  if (bytes <= atMost) return true
  if (extension !== '.ts') return false
  const limit = `${Math.round(atMost / 1024)} KiB`
  throw new Refusal('E_TOO_LARGE', `it holds a program of more than ${limit}: ${quoted(segments.join('/'))}`)
}
