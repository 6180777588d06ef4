import { readdirSync } from 'node:fs'
import { filesBelow, linesOf } from './files.ts'
import type { Finding, Invariant } from './invariant.ts'

/** A page sends nobody to a file or a folder that has moved. */
export const namedPlaces: Invariant = {
  name: 'places named in pages',
  find({ root }) {
    const files = FOLDERS.flatMap((folder) => filesBelow(root, folder))
    const places = [...new Set(files.flatMap(withFolders))].join('\n')
    const pages = files.filter((file) => /^(?:docs|labs)\/.*\.md$/.test(file))
    const own = readdirSync(root).filter((file) => file.endsWith('.md') && file !== HISTORY)
    return [...own, ...pages].flatMap((page) => findIn(root, page, places))
  },
}

// --- internal ---

const FOLDERS = ['docs', 'labs', 'solutions', 'test', 'workbook']

/** It tells of what has been. */
const HISTORY = 'CHANGELOG.md'

const PLACE = new RegExp(String.raw`(?<![\w./@-])(?:${FOLDERS.join('|')})/[\w./*-]*[\w*]`, 'g')

/** The lab that CONTRIBUTING.md invents. */
const INVENTED = /\/42-/

function withFolders(file: string): string[] {
  const parts = file.split('/')
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

function findIn(root: string, page: string, places: string): Finding[] {
  return linesOf(root, page).flatMap(({ text, line }) => {
    // The links' business.
    if (text.startsWith('read: ')) return []
    const lost = (text.match(PLACE) ?? []).filter((place) => !INVENTED.test(place) && !isThere(place, places))
    const next = 'Name the place where it stands today.'
    return lost.map((found) => ({ file: page, line, expected: 'a place that exists', found, next }))
  })
}

/** `NN-name`, `NAME`, `NN` and `*` stand for any name. */
function isThere(place: string, places: string): boolean {
  const parts = place.split(/NN-name|NAME|NN|\*/).map((part) => part.replaceAll('.', '\\.'))
  return new RegExp(`^${parts.join('[^/\\n]+')}$`, 'm').test(places)
}
