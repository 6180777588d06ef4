import { CourseError } from '../course/course-error.ts'
import type { Lab } from '../course/lab.ts'
import { LAB_FOLDER, readLab } from '../course/readme.ts'
import type { SourceFiles } from './files.ts'
import { wordsIn } from './layout/words.ts'
import { FIRST_LANGUAGE, outputOf, translationOf } from './places.ts'
import type { Problems } from './problems.ts'

/** The pages of the site and their order: chapters, each followed by the labs that practise it. */

export interface PageSource {
  /** Relative to the root of the checkout. */
  readonly file: string
  /** Relative to the site. */
  readonly out: string
  readonly language: string
  /** `contents`: a start page that nobody has written, so that it is made; `code`: the text of a file. */
  readonly kind: 'chapter' | 'lab' | 'page' | 'contents' | 'code'
  /** `5` of a chapter, `12` of a lab. */
  readonly number: string | null
  readonly lab: Lab | null
}

export interface Group {
  readonly title: string
  readonly entries: ReadonlyArray<{ readonly page: PageSource; readonly children: readonly PageSource[] }>
}

/** All pages of one language that the navigation shows. */
export interface Tree {
  readonly language: string
  readonly start: PageSource
  readonly groups: readonly Group[]
  /** As previous and next lead. */
  readonly order: readonly PageSource[]
}

/** English first. A language is there when it has a folder in docs/. */
export function readTrees(files: SourceFiles, labs: ReadonlyMap<string, Lab>): Tree[] {
  const others = files
    .names('docs')
    .filter((name) => /^[a-z]{2}$/.test(name) && files.kind(`docs/${name}`) === 'folder')
  return [FIRST_LANGUAGE, ...others].map((language) => readTree(files, labs, language))
}

/** By folder. What is wrong in a README is a problem of its page, and the others are there all the same. */
export function readLabs(files: SourceFiles, cache: LabCache, problems: Problems): Map<string, Lab> {
  const folders = files.names('labs').filter((name) => LAB_FOLDER.test(name))
  const numbers = new Set(folders.map((folder) => folder.slice(0, 2)))
  const labs = new Map<string, Lab>()
  for (const folder of folders) {
    const lab = problems.attempt(() => cache.read(files, folder, numbers))
    if (lab) labs.set(folder, lab)
  }
  return labs
}

/** Reads a lab again only when its README or its predictions have changed. */
export class LabCache {
  readonly #read = new Map<string, { readonly key: string; readonly result: Lab | CourseError }>()

  read(files: SourceFiles, folder: string, numbers: ReadonlySet<string>): Lab {
    const texts = ['README.md', 'predictions.md'].map((name) => textIfAny(files, `labs/${folder}/${name}`))
    const key = JSON.stringify([texts, ...numbers])
    const known = this.#read.get(folder)
    const result = known?.key === key ? known.result : readOrFault(files.root, folder, numbers)
    this.#read.set(folder, { key, result })
    if (result instanceof CourseError) throw result
    return result
  }
}

/** A page that the navigation does not show, because only links lead to it. */
export function pageOutside(file: string, language: string, lab: Lab | null): PageSource {
  // A lab that cannot be read is such a page, too: course/ has told why.
  const isLab = LAB_README.test(file)
  const kind = isLab ? 'lab' : file.endsWith('.md') ? 'page' : 'code'
  return { file, out: outputOf(file), language, kind, number: null, lab }
}

// --- internal ---

const LAB_README = /^labs\/\d[^/]*\/README(?:\.[a-z]{2})?\.md$/

/** Pages that are no chapters: what one looks up, and what is about the workbook itself. */
const REFERENCE = ['then-and-now.md', 'glossary.md', 'inventory.md', 'where-next.md']
const BEHIND = ['teachers.md', 'architecture.md', 'report-format.md']

function readTree(files: SourceFiles, labs: ReadonlyMap<string, Lab>, language: string): Tree {
  const words = wordsIn(language).groups
  const docs = language === FIRST_LANGUAGE ? 'docs' : `docs/${language}`
  const names = files.names(docs).filter((name) => name.endsWith('.md'))
  const page = (name: string, number: string | null = null): PageSource => {
    const file = `${docs}/${name}`
    return { file, out: outputOf(file), language, kind: number ? 'chapter' : 'page', number, lab: null }
  }
  const chapters = names.filter((name) => /^\d+-/.test(name)).sort((a, b) => parseInt(a) - parseInt(b))
  const labPages = [...labs.values()]
    .map((lab) => ({ lab, page: labPage(lab, language) }))
    .filter(({ page: { file } }) => files.kind(file) === 'file')
  const practising = (name: string): PageSource[] =>
    labPages.filter(({ lab }) => lab.read === `docs/${name}`).map((each) => each.page)
  const claimed = new Set(chapters.map((name) => `docs/${name}`))
  const unclaimed = labPages.filter(({ lab }) => lab.read === null || !claimed.has(lab.read))
  const kit = translationOf('labs/kit/README.md', language)
  const known = ['index.md', ...chapters, ...REFERENCE, ...BEHIND]
  const listed = (wanted: readonly string[]): PageSource[] =>
    wanted.filter((name) => names.includes(name)).map((name) => page(name))
  const groups = [
    group(
      words.chapters,
      chapters.map((name) => [page(name, String(parseInt(name))), practising(name)] as const),
    ),
    group(
      words.labs,
      unclaimed.map((each) => [each.page, []] as const),
    ),
    group(
      words.reference,
      [...listed(REFERENCE), ...(files.kind(kit) === 'file' ? [pageOutside(kit, language, null)] : [])].map(
        (each) => [each, []] as const,
      ),
    ),
    group(
      words.behind,
      listed([...BEHIND, ...names.filter((name) => !known.includes(name))]).map(
        (each) => [each, []] as const,
      ),
    ),
  ].filter(({ entries }) => entries.length > 0)
  const start: PageSource = { ...page('index.md'), kind: names.includes('index.md') ? 'page' : 'contents' }
  const order = [
    start,
    ...groups.flatMap(({ entries }) => entries.flatMap((each) => [each.page, ...each.children])),
  ]
  return { language, start, groups, order }
}

function group(title: string, entries: ReadonlyArray<readonly [PageSource, readonly PageSource[]]>): Group {
  return { title, entries: entries.map(([page, children]) => ({ page, children })) }
}

function labPage(lab: Lab, language: string): PageSource {
  const file = translationOf(`labs/${lab.id}/README.md`, language)
  return { file, out: outputOf(file), language, kind: 'lab', number: lab.number, lab }
}

function textIfAny(files: SourceFiles, file: string): string | null {
  try {
    return files.kind(file) === 'file' ? files.text(file) : null
  } catch (error) {
    if (error instanceof CourseError) return null
    throw error
  }
}

function readOrFault(root: string, folder: string, numbers: ReadonlySet<string>): Lab | CourseError {
  try {
    return readLab(root, folder, numbers)
  } catch (error) {
    if (error instanceof CourseError) return error
    throw error
  }
}
