import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CourseError } from './course-error.ts'

/**
 * Reads a text file of the course. Line ends come back as `\n`, and a byte order mark is dropped: some
 * editors write them, and neither harms.
 *
 * @param file - Relative to the root, with `/`.
 * @throws CourseError `E_COURSE_FILE` when the file is missing, not a file, or not UTF-8.
 */
export function readTextFile(root: string, file: string): string {
  const bytes = readBytes(root, file)
  const text = bytes.toString('utf8')
  if (!isUtf8(bytes)) throw notUtf8(file, text)
  return text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
}

function readBytes(root: string, file: string): Buffer {
  try {
    return readFileSync(join(root, file))
  } catch (cause) {
    throw unreadable(file, cause)
  }
}

function unreadable(file: string, cause: unknown): CourseError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  const found =
    { ENOENT: 'no such file', EISDIR: 'a directory' }[code] ?? `a file that cannot be read (${code})`
  const fault = { file, line: null, expected: 'a text file', found, next: 'Restore the file.' }
  return new CourseError('E_COURSE_FILE', fault, { cause })
}

/** Decoding put U+FFFD at the first wrong byte, which tells its line. */
function notUtf8(file: string, decoded: string): CourseError {
  return new CourseError('E_COURSE_FILE', {
    file,
    line: decoded.slice(0, decoded.indexOf('\uFFFD')).split(/\r\n?|\n/).length,
    expected: 'text in UTF-8',
    found: 'bytes in another encoding',
    next: 'Save the file as UTF-8.',
  })
}
