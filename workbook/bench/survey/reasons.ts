import { existsSync } from 'node:fs'
import path from 'node:path'
import { CourseError, quote } from '../../course/course-error.ts'
import { readTextFile } from '../../course/text-file.ts'
import { squeezed, type Change } from './change.ts'

/** Why no check can tell a changed program from the reference. */
export interface Reason extends Change {
  readonly why: string
  /** Where it stands in the file, from 1. */
  readonly line: number
}

/** Relative to the root. */
export function reasonsFileOf(id: string): string {
  return `test/labs/${id}/survivors.md`
}

/**
 * Reads blocks of changes, each followed by the reason that they share:
 *
 *     ```diff
 *     @@ exportName
 *     -if (closed) return
 *     +if (true) return
 *     ```
 *
 *     Nobody calls this before the end: whoever is here has closed.
 *
 * @throws CourseError `E_COURSE_SURVIVORS` at the line that is not as it should be.
 */
export function readReasons(root: string, id: string): Reason[] {
  const file = reasonsFileOf(id)
  if (!existsSync(path.join(root, file))) return []
  const lines = readTextFile(root, file).split('\n')
  const fences = lines.flatMap((line, index) => (line.startsWith('```') ? [index] : []))
  return fences.flatMap((fence, index) => {
    if (index % 2 === 1) return []
    const close = fences[index + 1] ?? lines.length
    const why = proseBelow(lines, close)
    if (why === '') throw malformed(file, close + 1, 'the reason below the block', '')
    return changesBetween(file, lines, fence, close).map((change) => ({ ...change, why }))
  })
}

// --- internal ---

/** Up to the next block or heading. */
function proseBelow(lines: readonly string[], close: number): string {
  const end = lines.findIndex((line, index) => index > close && /^(?:#|```)/.test(line))
  return squeezed(lines.slice(close + 1, end === -1 ? lines.length : end).join(' '))
}

const PARTS = [
  { mark: '@@ ', expected: '"@@ " and the declaration around the change' },
  { mark: '-', expected: '"-" and the line as it is' },
  { mark: '+', expected: '"+" and the line with the change' },
] as const

function changesBetween(file: string, lines: readonly string[], fence: number, close: number) {
  const changes: Array<Change & { readonly line: number }> = []
  for (let at = fence + 1; at < Math.max(close, fence + 2); at += PARTS.length) {
    const [within = '', before = '', after = ''] = PARTS.map(({ mark, expected }, part) => {
      const text = lines[at + part] ?? ''
      if (!text.startsWith(mark)) throw malformed(file, at + part + 1, expected, text)
      return squeezed(text.slice(mark.length))
    })
    changes.push({ within, before, after, line: at + 1 })
  }
  return changes
}

function malformed(file: string, line: number, expected: string, text: string): CourseError {
  const found = text === '' ? 'an empty line' : quote(text)
  const next = 'Copy the change as npm run survey prints it, and say why no check can see it.'
  return new CourseError('E_COURSE_SURVIVORS', { file, line, expected, found, next })
}
