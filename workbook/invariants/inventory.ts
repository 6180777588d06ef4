import { existsSync } from 'node:fs'
import path from 'node:path'
import { linesOf } from './files.ts'
import type { Finding, Invariant, Readable } from './invariant.ts'

/** The list of what is taught and the labs tell the same: which lab practises which item. */
export const inventory: Invariant = {
  name: 'inventory',
  find(course) {
    if (!existsSync(path.join(course.root, FILE))) {
      return [
        {
          file: FILE,
          line: null,
          expected: 'the list of what is taught',
          found: 'none',
          next: 'Restore the file.',
        },
      ]
    }
    const items = readItems(course.root)
    return [...repeated(items), ...covered(course, items), ...linked(course, items)]
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
  /** Where its links lead, relative to docs/. */
  readonly links: readonly string[]
}

/** An item is one line: `- **1.01** A sentence. ([lab 01](…))`. */
function readItems(root: string): Item[] {
  return linesOf(root, FILE).flatMap(({ text, line }) => {
    const id = /^- \*\*([A-Z\d]\.\d{1,2})\*\* /.exec(text)?.[1]
    if (id === undefined) return []
    return [{ id, line, links: [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '') }]
  })
}

function repeated(items: readonly Item[]): Finding[] {
  return items.flatMap(({ id, line }, index) => {
    const first = items.slice(0, index).find((item) => item.id === id)
    if (!first) return []
    const next = 'Give the new item an id of its own.'
    return [
      { file: FILE, line, expected: 'each id once', found: `${id} again, after line ${first.line}`, next },
    ]
  })
}

function covered({ labs }: Readable, items: readonly Item[]): Finding[] {
  return labs.flatMap(({ id: lab, number, covers }) =>
    covers.flatMap((id): Finding[] => {
      const item = items.find((each) => each.id === id)
      const link = `../labs/${lab}/README.md`
      if (item?.links.includes(link)) return []
      if (item) {
        const next = `Write behind the item: ([lab ${number}](${link}))`
        return [
          {
            file: FILE,
            line: item.line,
            expected: `a link to labs/${lab}, which covers ${id}`,
            found: 'none',
            next,
          },
        ]
      }
      const next = `Correct \`covers\`, or add the item to ${FILE}.`
      return [
        {
          file: `labs/${lab}/README.md`,
          line: null,
          expected: `ids of ${FILE} in \`covers\``,
          found: id,
          next,
        },
      ]
    }),
  )
}

function linked({ labs }: Readable, items: readonly Item[]): Finding[] {
  return items.flatMap(({ id, line, links }) =>
    labs
      .filter((lab) => links.includes(`../labs/${lab.id}/README.md`) && !lab.covers.includes(id))
      .map((lab) => ({
        file: FILE,
        line,
        expected: `'${id}' in \`covers\` of labs/${lab.id}/README.md, to which ${id} links`,
        found: 'none',
        next: 'Add it there, or remove the link here.',
      })),
  )
}
