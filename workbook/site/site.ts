import { existsSync } from 'node:fs'
import path from 'node:path'
import { CourseError } from '../course/course-error.ts'
import type { Lab } from '../course/lab.ts'
import { MARKER_FILE } from '../course/marker.ts'
import { Assets } from './assets.ts'
import { contentsText } from './contents.ts'
import { SourceFiles } from './files.ts'
import { getReady, isColouring, prepare, prepared } from './highlight.ts'
import { inventoryOf } from './inventory.ts'
import { labelOf, nameOf } from './layout/label.ts'
import { pageHtml } from './layout/page-html.ts'
import { missingPage, sitemap } from './elsewhere.ts'
import { courseFacts } from './layout/footer.ts'
import { wordsIn } from './layout/words.ts'
import { fragmentProblems } from './link-check.ts'
import { once } from './once.ts'
import { Pages, type Page } from './page.ts'
import { FIRST_LANGUAGE, languageOf, translationOf } from './places.ts'
import { inOrder, Problems, SiteError } from './problems.ts'
import { searchScript } from './search/index.ts'
import { ALL_ROWS, lineOfRows, withAllRows } from './then-and-now.ts'
import { LabCache, pageOutside, readLabs, readTrees, type PageSource, type Tree } from './tree.ts'

/** The built site: the path of each file in it, and its text, which is made when it is first asked for. */
export type Output = ReadonlyMap<string, () => string>

/** All pages as they are read, before anything is laid out. */
interface Reading {
  readonly labs: ReadonlyMap<string, Lab>
  readonly trees: readonly Tree[]
  /** By file of the checkout. */
  readonly pages: ReadonlyMap<string, Page>
  readonly problems: Problems
}

/** The page of all rows of "Then and now", as it is and as it should be. */
interface Rows {
  readonly text: string
  readonly wanted: string
}

/** For whom a site is built. */
export interface SiteOptions {
  /** By `npm run docs`, which has a script more. */
  readonly served?: boolean
  /** The address at which it will stand; null where nobody has said. */
  readonly base?: string | null
}

/** The site of a course. Built again, it reads, colours and draws only what has changed. */
export class Site {
  readonly files: SourceFiles
  readonly #isHandout: boolean
  readonly #pages: Pages
  readonly #options: Required<SiteOptions>
  readonly #labs = new LabCache()
  readonly #assets = new Assets()
  readonly #indexes = new Map<string, { readonly pages: readonly Page[]; readonly script: string }>()

  constructor(root: string, { served = false, base = null }: SiteOptions = {}) {
    this.files = new SourceFiles(root)
    this.#isHandout = existsSync(path.join(root, MARKER_FILE))
    this.#pages = new Pages(this.files)
    this.#options = { served, base }
  }

  /** @throws SiteError with everything that is wrong. */
  async build(): Promise<Output> {
    getReady()
    const reading = this.#read(({ code }) => prepare(code))
    const { pages, problems } = reading
    for (const page of pages.values()) problems.found.push(...page.problems)
    problems.found.push(...fragmentProblems(pages))
    // A handout of some labs still has the rows of all: its pages are as the checkout wrote them.
    if (problems.found.length === 0 && !this.#isHandout)
      problems.found.push(...outOfDate(this.#allRows(reading)))
    if (problems.found.length > 0) throw new SiteError(inOrder(problems.found))
    if (isColouring()) this.#makeMeanwhile(reading)
    await prepared()
    return this.#layOut(reading)
  }

  /** The style sheet or the script has changed, for those who work on the site itself. */
  forgetAssets(): void {
    this.#assets.forget()
  }

  /** The page of all "Then and now" rows as it is and as it should be; null without such a page. */
  syncedRows(): Rows | null {
    return this.#allRows(this.#read(() => undefined))
  }

  #allRows({ trees, pages }: Reading): Rows | null {
    if (!pages.has(ALL_ROWS)) return null
    const [tree] = trees
    const inTree = (tree?.order ?? []).flatMap(({ file }) => pages.get(file) ?? [])
    const titles = new Map(inTree.map((page) => [page.source.file, nameOf(page)]))
    // A row stands under the chapter that its page is, or belongs to.
    const chapters = new Map(
      (tree?.groups[0]?.entries ?? []).flatMap(({ page, children }) =>
        [page, ...children].map(({ file }) => [file, page.file] as const),
      ),
    )
    const text = this.files.text(ALL_ROWS)
    return {
      text,
      wanted: withAllRows(
        text,
        inTree.flatMap(({ rows }) => rows),
        titles,
        chapters,
      ),
    }
  }

  /** @param onPage - Called with each page as soon as it is read. */
  #read(onPage: (page: Page) => void): Reading {
    const problems = new Problems()
    const labs = readLabs(this.files, this.#labs, problems)
    const trees = readTrees(this.files, labs)
    const pages = new Map<string, Page>()
    const add = (source: PageSource, text: string | null): void => {
      if (text === null) return
      const page = this.#pages.read(source, text)
      pages.set(source.file, page)
      onPage(page)
    }
    for (const tree of trees) {
      const written = tree.order.filter(({ kind }) => kind !== 'contents')
      for (const source of written)
        add(
          source,
          problems.attempt(() => this.files.text(source.file)),
        )
      if (tree.start.kind === 'contents') add(tree.start, contentsText(tree, pages))
    }
    const starters = [...labs.values()].map(({ id, entry }) => `labs/${id}/${entry}`)
    for (let next = outside(pages, starters); next.length > 0; next = outside(pages, [])) {
      for (const file of next) {
        const source = pageOutside(file, languageOf(file), labOf(file, labs))
        add(source, problems.attempt(() => this.files.text(pristine(source))) ?? '')
      }
    }
    return { labs, trees, pages, problems }
  }

  async #layOut(reading: Reading): Promise<Output> {
    const { labs, trees, pages } = reading
    const output = new Map<string, () => string>()
    const sources = new Map([...pages].map(([file, { source }]) => [file, source]))
    const labels = new Map([...pages.values()].map((page) => [page.source.out, labelOf(page)]))
    const inventory = inventoryOf(pages)
    const { base } = this.#options
    const course = courseFacts(
      this.files.kind('package.json') === 'file' ? this.files.text('package.json') : null,
    )
    for (const page of pages.values()) {
      const tree = trees.find(({ language }) => language === page.source.language) ?? trees[0]
      if (!tree) continue
      const translations = trees.flatMap(({ language }) => {
        const other = sources.get(translationOf(page.source.file, language))
        return other && language !== page.source.language ? [other] : []
      })
      const standing = { tree, labels, labs, inventory, pages: sources, translations, course, base }
      output.set(
        page.source.out,
        once(() => pageHtml(page, standing)),
      )
    }
    const { script, style } = await this.#assets.read([...pages.values()].map((page) => page.html().body))
    output.set('assets/site.js', () => script)
    output.set('assets/style.css', () => style)
    if (this.#options.served) {
      const served = await this.#assets.served()
      output.set('assets/served.js', () => served)
    }
    this.#addElsewhere(output, trees)
    for (const tree of trees)
      output.set(`assets/search-${tree.language}.js`, () => this.#indexOf(tree, pages))
    return output
  }

  #addElsewhere(output: Map<string, () => string>, trees: readonly Tree[]): void {
    const { base } = this.#options
    output.set('404.html', () => missingPage(base, wordsIn(FIRST_LANGUAGE)))
    if (base === null) return
    const pages = trees.flatMap(({ order }) => order.map(({ out }) => out))
    output.set('sitemap.xml', () => sitemap(base, pages))
  }

  /** What needs no colours, for the time in which they come. Only a first build waits that long. */
  #makeMeanwhile({ trees, pages }: Reading): void {
    this.#assets.begin()
    if (this.#indexes.size > 0) return
    for (const tree of trees) this.#indexOf(tree, pages)
  }

  #indexOf({ language, order }: Tree, all: ReadonlyMap<string, Page>): string {
    const pages = order.flatMap(({ file }) => all.get(file) ?? [])
    const kept = this.#indexes.get(language)
    if (kept?.pages.length === pages.length && kept.pages.every((page, at) => page === pages[at]))
      return kept.script
    const script = searchScript(pages)
    this.#indexes.set(language, { pages, script })
    return script
  }
}

// --- internal ---

/** Files that are linked to and have no page yet. */
function outside(pages: ReadonlyMap<string, Page>, wanted: readonly string[]): string[] {
  const targets = [...pages.values()].flatMap(({ links }) => links.map(({ target }) => target))
  return [...new Set([...wanted, ...targets])].filter((file) => !pages.has(file))
}

function labOf(file: string, labs: ReadonlyMap<string, Lab>): Lab | null {
  return labs.get(/^labs\/([^/]+)\//.exec(file)?.[1] ?? '') ?? null
}

/** The learner's own file may hold half a solution: the page shows the starter as it was. */
function pristine({ file, lab }: PageSource): string {
  return lab && file === `labs/${lab.id}/${lab.entry}` ? `labs/${lab.id}/.starter` : file
}

/** Asked last: a page that cannot be read has no rows, which is no fault of the table's. */
function outOfDate(rows: Rows | null): CourseError[] {
  if (!rows || rows.text === rows.wanted) return []
  const fault = {
    expected: 'the rows of all chapters and labs',
    found: 'other rows',
    next: 'npm run docs:sync',
  }
  return [new CourseError('E_COURSE_THEN_AND_NOW', { file: ALL_ROWS, line: lineOfRows(rows.text), ...fault })]
}
