import { readdirSync } from 'node:fs'
import { successorOf } from '../course/rfc.ts'
import { filesBelow, linesOf } from './files.ts'
import type { Finding, Invariant } from './invariant.ts'

/** What the course cites holds today. */
export const rfcReferences: Invariant = {
  name: 'RFC references',
  find: ({ root }) => citingFiles(root).flatMap((file) => findIn(root, file)),
}

// --- internal ---

const FOLDERS = ['docs', 'labs', 'solutions', 'test', 'workbook']
/** `RFC 9112`, and `rfc9112` as in an address. */
const REFERENCE = /\bRFC[ -]?(\d{3,5})\b/gi
/** A line that calls an RFC obsolete may name it: "Then and now" tells what used to be taught. */
const SAYS_SO = /\bobsolete/i

function citingFiles(root: string): string[] {
  const pages = readdirSync(root).filter((name) => name.endsWith('.md'))
  const files = FOLDERS.flatMap((folder) => filesBelow(root, folder))
  // The tests of the tool give wrong references on purpose.
  const citing = files.filter(
    (file) => /\.(?:md|ts|mjs|starter)$/.test(file) && !file.startsWith('test/workbook/'),
  )
  return [...pages, ...citing]
}

function findIn(root: string, file: string): Finding[] {
  return linesOf(root, file)
    .filter(({ text }) => !SAYS_SO.test(text))
    .flatMap(({ text, line }) =>
      [...text.matchAll(REFERENCE)].map(([found, number = '']) => ({ found, number, line })),
    )
    .flatMap(({ found, number, line }) => {
      const successor = successorOf(number)
      if (successor === null) return []
      const next = `Cite ${successor}, or say on this line that the old one is obsolete.`
      return [{ file, line, expected: 'an RFC that is current', found, next }]
    })
}
