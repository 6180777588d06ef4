import { closeSync, openSync, readSync } from 'node:fs'
import { Refusal } from './refusal.ts'

/** What a file is, by its first bytes: its name is whatever a browser or a student has made of it. */

/** Where `ustar` stands in the first header of a tar (POSIX.1-2024, pax). */
const USTAR_AT = 257
const HEAD_BYTES = 512

const OTHERS: ReadonlyArray<readonly [kind: string, head: string]> = [
  ['RAR', 'Rar!'],
  ['7-Zip', "7z\u00BC\u00AF'\u001C"],
  ['xz', '\u00FD7zXZ'],
  ['bzip2', 'BZh'],
  ['Zstandard', '(\u00B5/\u00FD'],
  ['PDF', '%PDF'],
]

/** @throws Refusal for what is plainly something else. */
export function archiveKind(file: string): 'zip' | 'tar' {
  const head = headOf(file)
  const text = head.toString('latin1')
  if (head.length === 0)
    throw new Refusal('E_ARCHIVE', 'the archive is empty, a file of 0 bytes: its upload has failed')
  if (text.startsWith('PK')) return 'zip'
  // RFC 1952 §2.3.1: ID1 and ID2.
  if (text.startsWith('\u001F\u008B') || text.startsWith('ustar', USTAR_AT)) return 'tar'
  if (/^(?:\u00EF\u00BB\u00BF)?\s*<(?:!doctype|html|head|\?xml)/i.test(text)) {
    const why = 'the archive is a web page: it was saved where somebody had to sign in first'
    throw new Refusal('E_ARCHIVE', why)
  }
  const other = OTHERS.find(([, mark]) => text.startsWith(mark))
  if (other)
    throw new Refusal(
      'E_ARCHIVE_KIND',
      `it is a file of ${other[0]}, whatever its name: hand in a .zip or a .tar.gz`,
    )
  return /\.zip$/i.test(file) ? 'zip' : 'tar'
}

// --- internal ---

function headOf(file: string): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  const descriptor = openSync(file, 'r')
  try {
    return head.subarray(0, readSync(descriptor, head, 0, head.length, 0))
  } finally {
    closeSync(descriptor)
  }
}
