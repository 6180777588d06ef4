import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from '../course/lab.ts'
import { slugOfText } from '../course/slug.ts'
import { readTextFile } from '../course/text-file.ts'
import { filesBelow } from './files.ts'
import type { Finding, Invariant, Readable } from './invariant.ts'
import { readPage, type Page } from './page.ts'

/** A link inside the course leads somewhere; what lies outside, nobody here can promise. */
export const links: Invariant = {
  name: 'links in pages',
  find(course) {
    const files = pagesOf(course.root)
    const pages = new Map(files.map((file) => [file, readPage(readTextFile(course.root, file))]))
    const sections = course.labs.flatMap((lab) => sectionsToRead(lab, pages))
    return [...files.flatMap((file) => findIn(course.root, file, pages)), ...pagesToRead(course), ...sections]
  },
}

// --- internal ---

const FOLDERS = ['docs', 'labs', 'solutions', 'test', 'workbook']

function pagesOf(root: string): string[] {
  const below = FOLDERS.flatMap((folder) => filesBelow(root, folder))
  return [...readdirSync(root), ...below].filter((file) => file.endsWith('.md'))
}

function findIn(root: string, file: string, pages: ReadonlyMap<string, Page>): Finding[] {
  const inside = (pages.get(file)?.links ?? []).filter(
    ({ target }) => !/^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(target),
  )
  return inside.flatMap(({ target, line }) => {
    const problem = problemOf(root, file, target, pages)
    return problem === null ? [] : [{ file, line, ...problem, next: 'Correct the link.' }]
  })
}

function problemOf(root: string, file: string, target: string, pages: ReadonlyMap<string, Page>) {
  const [place = '', fragment] = target.split('#', 2)
  const leadsTo = place === '' ? file : path.posix.join(path.posix.dirname(file), place)
  if (leadsTo.startsWith('../') || place.startsWith('/'))
    return { expected: 'a link inside the course', found: target }
  if (!existsSync(path.join(root, leadsTo)))
    return { expected: 'a link to something that exists', found: target }
  const page = pages.get(leadsTo)
  if (fragment === undefined || (page ? page.fragments.has(fragment) : isFile(root, leadsTo))) return null
  return { expected: `a heading of ${leadsTo} behind #`, found: target }
}

/** `#L10` of a source file is the code host's business. */
function isFile(root: string, file: string): boolean {
  return statSync(path.join(root, file)).isFile()
}

/** `read:` in a front matter is a link too. */
function pagesToRead({ root, labs }: Readable): Finding[] {
  return labs.flatMap(({ id, read }) => {
    if (read === null || existsSync(path.join(root, read))) return []
    const next = 'Write the page, or say `read: null`.'
    return [
      {
        file: `labs/${id}/README.md`,
        line: null,
        expected: 'a page for `read`',
        found: `${read}, which does not exist`,
        next,
      },
    ]
  })
}

/** So is each of its `sections`: a failure that names no section leaves the learner with a whole chapter. */
function sectionsToRead({ id, read, requirements }: Lab, pages: ReadonlyMap<string, Page>): Finding[] {
  return requirements.flatMap((requirement) => {
    const { section, line } = requirement
    const at = { file: `labs/${id}/README.md`, line }
    if (section === null) {
      if (read === null || !pages.has(read)) return []
      const next = `Name a heading of ${read} in \`sections\`.`
      return [{ ...at, expected: `a section that explains ${requirement.id}`, found: 'none', next }]
    }
    if (pages.get(section.page)?.fragments.has(slugOfText(section.heading))) return []
    const expected = `a heading of ${section.page} as the section of ${requirement.id}`
    return [{ ...at, expected, found: section.heading, next: 'Correct `sections`.' }]
  })
}
