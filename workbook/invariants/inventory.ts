import { existsSync } from 'node:fs'
import path from 'node:path'
import { readPageFacts } from '../course/page-facts.ts'
import { readTextFile } from '../course/text-file.ts'
import { entriesOf, linesOf } from './files.ts'
import type { Finding, Invariant, Readable } from './invariant.ts'

/** The list of what is taught says the same as the pages: which chapter teaches an item, which lab practises it. */
export const inventory: Invariant = {
  name: 'inventory',
  find(course) {
    if (!existsSync(path.join(course.root, FILE))) {
      const expected = 'the list of what is taught'
      return [{ file: FILE, line: null, expected, found: 'none', next: 'Restore the file.' }]
    }
    const items = readItems(course.root)
    const pages = [...labPages(course), ...chapters(course.root)]
    return [...repeated(items), ...covered(pages, items), ...linked(pages, items)]
  },
  note({ root }) {
    const items = existsSync(path.join(root, FILE)) ? readItems(root) : []
    return `${items.filter(({ links }) => links.length === 0).length} of ${items.length} items open`
  },
}

// --- internal ---

const FILE = 'docs/inventory.md'

interface Item {
  readonly id: string
  readonly line: number
  /** Where its links lead, relative to docs/, without fragments. */
  readonly links: readonly string[]
}

/** A page that names the items which it covers. */
interface Covering {
  readonly file: string
  /** As in the text of a link: `lab 12`, `chapter 5`. */
  readonly name: string
  /** Relative to docs/. */
  readonly link: string
  readonly covers: readonly string[]
}

/** An item is one line: `- **1.01** A sentence. ([chapter 1](…), [lab 01](…))`. */
function readItems(root: string): Item[] {
  return linesOf(root, FILE).flatMap(({ text, line }) => {
    const id = /^- \*\*([A-Z\d]\.\d{1,2})\*\* /.exec(text)?.[1]
    if (id === undefined) return []
    return [
      { id, line, links: [...text.matchAll(/\]\(([^)\s#]+)[^)\s]*\)/g)].map((match) => match[1] ?? '') },
    ]
  })
}

function labPages({ labs }: Readable): Covering[] {
  return labs.map(({ id, number, covers }) => {
    return { file: `labs/${id}/README.md`, name: `lab ${number}`, link: `../labs/${id}/README.md`, covers }
  })
}

/** @throws CourseError where the front matter of a chapter cannot be read. */
function chapters(root: string): Covering[] {
  return entriesOf(root, 'docs').flatMap(({ name }) => {
    const number = /^(\d+)-.*\.md$/.exec(name)?.[1]
    if (number === undefined) return []
    const { facts } = readPageFacts(readTextFile(root, `docs/${name}`), `docs/${name}`, true)
    return [{ file: `docs/${name}`, name: `chapter ${number}`, link: name, covers: facts.covers }]
  })
}

function repeated(items: readonly Item[]): Finding[] {
  return items.flatMap(({ id, line }, index) => {
    const first = items.slice(0, index).find((item) => item.id === id)
    if (!first) return []
    const found = `${id} again, after line ${first.line}`
    return [
      { file: FILE, line, expected: 'each id once', found, next: 'Give the new item an id of its own.' },
    ]
  })
}

/** What a page says it covers has a link to the page. */
function covered(pages: readonly Covering[], items: readonly Item[]): Finding[] {
  return pages.flatMap(({ file, name, link, covers }) =>
    covers.flatMap((id): Finding[] => {
      const item = items.find((each) => each.id === id)
      if (item?.links.includes(link)) return []
      if (!item) {
        const next = `Correct \`covers\`, or add the item to ${FILE}.`
        return [{ file, line: null, expected: `ids of ${FILE} in \`covers\``, found: id, next }]
      }
      const expected = `a link to ${path.dirname(file) === 'docs' ? file : path.dirname(file)}, which covers ${id}`
      const next = `Write behind the item: ([${name}](${link}))`
      return [{ file: FILE, line: item.line, expected, found: 'none', next }]
    }),
  )
}

/** And the other way round. */
function linked(pages: readonly Covering[], items: readonly Item[]): Finding[] {
  return items.flatMap(({ id, line, links }) =>
    pages
      .filter(({ link, covers }) => links.includes(link) && !covers.includes(id))
      .map(({ file }) => ({
        file: FILE,
        line,
        expected: `'${id}' in \`covers\` of ${file}, to which ${id} links`,
        found: 'none',
        next: 'Add it there, or remove the link here.',
      })),
  )
}
