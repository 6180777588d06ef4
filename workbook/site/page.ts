import type { Token } from 'markdown-it'
import { CourseError } from '../course/course-error.ts'
import { splitPage } from '../course/yaml-block.ts'
import type { SourceFiles } from './files.ts'
import { readPageFacts, type FactsAndBody, type PageFacts } from '../course/page-facts.ts'
import type { Code } from './colours/thread.ts'
import { escapeHtml } from './html.ts'
import { wordsIn } from './layout/words.ts'
import { addAnchor, type Draft, type PageLink } from './markdown/draft.ts'
import { codeBlock, readInfo } from './markdown/fences.ts'
import { parse, render } from './markdown/parser.ts'
import { once } from './once.ts'
import { outlineOf, type Outline } from './outline.ts'
import { Problems } from './problems.ts'
import { rowsOf, type ThenAndNow } from './then-and-now.ts'
import type { PageSource } from './tree.ts'

/** A page by itself: what it says, without the navigation around it. */
export interface Page {
  readonly source: PageSource
  readonly facts: PageFacts
  readonly outline: Outline
  /** All code that stands in it. */
  readonly code: readonly Code[]
  /** HTML, made when it is first asked for: by then its code has to be coloured. */
  html(): PageHtml
  readonly anchors: ReadonlySet<string>
  readonly links: readonly PageLink[]
  readonly rows: readonly ThenAndNow[]
  readonly problems: readonly CourseError[]
  /** The front matter could not be read, and so nothing else was. */
  readonly isBroken: boolean
  /** Whether it would come out the same from the files as they are now. */
  isFresh(source: PageSource, text: string): boolean
}

export interface PageHtml {
  /** Up to the end of the heading. */
  readonly heading: string
  /** Below it. */
  readonly body: string
}

/** Reads pages, and keeps what has not changed. */
export class Pages {
  readonly #files: SourceFiles
  readonly #kept = new Map<string, Page>()

  constructor(files: SourceFiles) {
    this.#files = files
  }

  /** @param text - Of the file; a start page that nobody has written has none there. */
  read(source: PageSource, text: string): Page {
    const kept = this.#kept.get(source.out)
    if (kept?.isFresh(source, text)) return kept
    const page = readPage(source, text, this.#files)
    this.#kept.set(source.out, page)
    return page
  }
}

// --- internal ---

const NO_FACTS: PageFacts = { title: null, covers: [], rfc: [] }

function readPage(source: PageSource, text: string, files: SourceFiles): Page {
  const draft = draftFor(source, files)
  const { facts, body } = draft.problems.attempt(() => split(source, text)) ?? { facts: NO_FACTS, body: '' }
  // A page whose front matter cannot be read is not read further: its faults would be no faults.
  const isBroken = draft.problems.found.length > 0
  const page = source.kind === 'code' ? readCode(source, text, draft) : readText(body, draft, isBroken)
  const rows = isBroken ? [] : rowsOf(page.tokens, draft)
  const seen = fingerprint(source, text, draft)
  return {
    source,
    facts,
    outline: page.outline,
    code: page.code,
    html: once(page.html),
    anchors: new Set(draft.anchors.keys()),
    links: draft.links,
    rows,
    problems: isBroken ? draft.problems.found.slice(0, 1) : draft.problems.found,
    isBroken,
    isFresh: (now, textNow) => fingerprint(now, textNow, draft) === seen,
  }
}

function draftFor({ file, out, language, kind }: PageSource, files: SourceFiles): Draft {
  const draft: Draft = {
    file,
    out,
    language,
    words: wordsIn(language),
    kind: kind === 'chapter' || kind === 'lab' ? kind : 'page',
    files,
    problems: new Problems(),
    anchors: new Map(),
    links: [],
    uses: new Set(),
    leadsTo: new Set(),
    count: { table: 0, code: 0, box: 0, figure: 0 },
  }
  // The layout's own: a page that takes one of them for a heading hears of it.
  for (const id of LAYOUT_IDS) addAnchor(draft, id, 0)
  return draft
}

const LAYOUT_IDS = ['site-text', 'site-pages', 'site-contents', 'site-search', 'site-results']

function split({ file, kind, language }: PageSource, text: string): FactsAndBody {
  if (kind === 'code') return { facts: NO_FACTS, body: '' }
  if (kind !== 'lab') return readPageFacts(text, file, kind === 'chapter')
  // The facts of a lab are read by course/; a translation need not repeat them.
  const isPlain = !text.startsWith('---') && language !== 'en'
  return { facts: NO_FACTS, body: isPlain ? text : splitPage(text, file).body }
}

interface Read extends Pick<Page, 'outline' | 'code' | 'html'> {
  readonly tokens: readonly Token[]
}

function readText(body: string, draft: Draft, isBroken: boolean): Read {
  const tokens = parse(body, isBroken ? { ...draft, problems: new Problems() } : draft)
  const end = tokens.findIndex(({ type, tag }) => type === 'heading_close' && tag === 'h1') + 1
  const html = (): PageHtml => {
    return { heading: render(tokens.slice(0, end), draft), body: render(tokens.slice(end), draft) }
  }
  return { tokens, outline: outlineOf(tokens), code: tokens.flatMap(codeOf), html }
}

function codeOf({ type, info, content }: Token): Code[] {
  return type === 'fence' ? [{ code: content, language: readInfo(info).language }] : []
}

/** The text of a source file as a page. */
function readCode({ file }: PageSource, text: string, draft: Draft): Read {
  const ending = /\.(\w+)$/.exec(file)?.[1] ?? 'text'
  const language = { mjs: 'js', yml: 'yaml', text: 'text' }[ending] ?? ending
  const html = (): PageHtml => ({
    heading: `<h1><code>${escapeHtml(file)}</code></h1>\n`,
    body: codeBlock(text, { language, file: null, region: null }, draft),
  })
  const outline = { title: file, description: '', entries: [], sections: [] }
  return { tokens: [], outline, code: [{ code: text, language }], html }
}

/** Everything that the page was made of. */
function fingerprint(source: PageSource, text: string, { uses, leadsTo, files }: Draft): string {
  const texts = [...uses].map((file) => (files.kind(file) === 'file' ? textOrFault(files, file) : null))
  const { kind, number, out } = source
  return JSON.stringify([kind, number, out, text, texts, [...leadsTo].map((file) => files.kind(file))])
}

function textOrFault(files: SourceFiles, file: string): string {
  try {
    return files.text(file)
  } catch (error) {
    if (error instanceof CourseError) return error.message
    throw error
  }
}
