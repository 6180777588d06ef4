import type { Lab } from '../course/lab.ts'
import { filesBelow, linesOf } from './files.ts'
import type { Finding, Invariant } from './invariant.ts'

/** The tool finds the labs by their folders, so that a new lab is new files and no changed code. */
export const namelessTool: Invariant = {
  name: 'workbook/ names no lab',
  find: ({ root, labs }) => {
    const names = labs.flatMap(namesOf)
    const pattern = new RegExp(`(?<![\\w$-])(?:${names.map(escape).join('|')})(?![\\w$-])`)
    if (names.length === 0) return []
    return filesBelow(root, 'workbook').flatMap((file) => findIn(root, file, pattern))
  },
}

// --- internal ---

/** What the tool itself has counted since before there was a lab: a link's own word. */
const OWN = new Set(['roundTrips'])

/** Those that nobody else would think of: `serve` and `Client` are everybody's words, and so may be a file's name. */
function namesOf({ id, entry, exports }: Lab): string[] {
  const file = entry.includes('-') ? entry.replace(/\.ts$/, '') : entry
  return [id, file, ...exports.filter((name) => /[a-z][A-Z]/.test(name) && !OWN.has(name))]
}

function escape(name: string): string {
  return name.replace(/[$.]/g, '\\$&')
}

function findIn(root: string, file: string, pattern: RegExp): Finding[] {
  return linesOf(root, file).flatMap(({ text, line }) => {
    const [found] = pattern.exec(text) ?? []
    if (found === undefined) return []
    const next = 'Take it from the course, or say it in general: NN-name, entry.ts, exportName.'
    return [{ file, line, expected: 'no name of a lab, of its file or its exports', found, next }]
  })
}
