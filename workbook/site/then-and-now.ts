import path from 'node:path'
import type { Token } from 'markdown-it'
import { slugOf } from '../course/slug.ts'
import { lineOf, type Draft } from './markdown/draft.ts'

/** Rows of "Then and now": what is often taught, what holds today, and where it is said. */
export interface ThenAndNow {
  /** Markdown of the three cells, as the page has it. */
  readonly taught: string
  readonly holds: string
  readonly source: string
  /** The page, and the heading above the row. */
  readonly file: string
  readonly fragment: string
}

/** The page that shows them all. */
export const ALL_ROWS = 'docs/then-and-now.md'

/** The rows of one page: of its boxes, and in a lab of the table under that heading. */
export function rowsOf(tokens: readonly Token[], draft: Draft): ThenAndNow[] {
  const rows: ThenAndNow[] = []
  let [fragment, inBox, underHeading] = ['', false, false]
  for (const [index, token] of tokens.entries()) {
    if (token.type === 'heading_open') {
      fragment = String(token.attrGet('id'))
      if (token.tag === 'h2') underHeading = draft.kind === 'lab' && isTheHeading(tokens[index + 1], draft)
    }
    if (token.type === 'box_open' && token.meta?.['kind'] === 'THEN-AND-NOW') {
      inBox = true
      if (draft.kind === 'chapter') checkBox(tokens, index, draft)
    }
    if (token.type === 'box_close') inBox = false
    if (token.type !== 'table_open' || !(inBox || underHeading)) continue
    for (const [taught = '', holds = '', source = ''] of cellsOf(tokens, index)) {
      rows.push({ taught, holds, source: source || sourcesIn(holds), file: draft.file, fragment })
    }
  }
  return rows
}

/**
 * The text of the page with all rows in it, in a table for each chapter.
 *
 * @param chapters - For each page the chapter that it is, or that it practises.
 */
export function withAllRows(
  text: string,
  rows: readonly ThenAndNow[],
  titles: ReadonlyMap<string, string>,
  chapters: ReadonlyMap<string, string>,
): string {
  const block = `${BEGIN}\n\n${partsOf(rows, titles, chapters)}\n\n${END}`
  const known = new RegExp(`${BEGIN}[\\s\\S]*?${END}`)
  if (known.test(text)) return text.replace(known, () => block)
  return `${text.trimEnd()}\n\n${block}\n`
}

/** The line where the table begins, counted from 1; null where there is none. */
export function lineOfRows(text: string): number | null {
  const at = text.indexOf(BEGIN)
  return at === -1 ? null : text.slice(0, at).split('\n').length
}

// --- internal ---

const BEGIN = '<!-- begin of all rows: npm run docs:sync writes them -->'
const END = '<!-- end of all rows -->'

function isTheHeading(inline: Token | undefined, { words }: Draft): boolean {
  const slug = slugOf(inline?.children ?? [])
  return slug === 'then-and-now' || slug === words.boxes['THEN-AND-NOW'].replaceAll(' ', '-')
}

function checkBox(tokens: readonly Token[], index: number, { file, problems }: Draft): void {
  const end = tokens.findIndex(({ type }, at) => at > index && type === 'box_close')
  const headers = tokens.slice(index, end).filter(({ type }) => type === 'th_open').length
  const box = tokens[index]
  if (headers === 3 || !box) return
  problems.add('E_COURSE_BOX', {
    file,
    line: lineOf(box),
    expected: 'a table | often taught | what holds today | source | in the box',
    found: headers === 0 ? 'no table' : `a table of ${headers} columns`,
    next: 'Give each row the section that says what holds today.',
  })
}

/** The Markdown of the cells of a table's body, row by row. */
function cellsOf(tokens: readonly Token[], start: number): string[][] {
  const rows: string[][] = []
  for (const [offset, { type, content }] of tokens.slice(start).entries()) {
    if (type === 'table_close') break
    if (type === 'tr_open') rows.push([])
    if (type === 'inline' && tokens[start + offset - 1]?.type === 'td_open') rows.at(-1)?.push(content)
  }
  return rows.filter((row) => row.length > 0)
}

/** The table of a lab has its sources in the sentences: `… (RFC 9112 §9.3)`. */
function sourcesIn(holds: string): string {
  return [...holds.matchAll(/\((RFC \d[^()]*)\)/g)].map((match) => match[1] ?? '').join('; ')
}

function partsOf(
  rows: readonly ThenAndNow[],
  titles: ReadonlyMap<string, string>,
  chapters: ReadonlyMap<string, string>,
): string {
  // What several pages correct stands here once, as the first of them has it.
  const once = grouped(rows, ({ taught }) => taught)
  const parts = grouped([...once.values()], ([first]) => chapters.get(first?.file ?? '') ?? '')
  return [...parts]
    .map(
      ([chapter, part]) =>
        `${chapter === '' ? '' : `## ${titles.get(chapter) ?? chapter}\n\n`}${tableOf(part, titles)}`,
    )
    .join('\n\n')
}

/** In the order in which their keys first come. */
function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}

function tableOf(rows: ReadonlyArray<readonly ThenAndNow[]>, titles: ReadonlyMap<string, string>): string {
  const lines = rows.map((same) => {
    const links = same.map(({ file, fragment }) => {
      const place = path.posix.relative(path.posix.dirname(ALL_ROWS), file)
      return `[${titles.get(file) ?? file}](${place}${fragment === '' ? '' : `#${fragment}`})`
    })
    const [{ taught, holds, source, file }] = same as [ThenAndNow]
    const cells = [taught, holds, source].map((cell) => rebased(cell, file).replaceAll('|', '\\|'))
    return `| ${[...cells, links.join('; ')].join(' | ')} |`
  })
  return ['| often taught | what holds today | source | page |', '| --- | --- | --- | --- |', ...lines].join(
    '\n',
  )
}

/** Links in a cell lead from its own page; here they lead from the page of all rows. */
function rebased(cell: string, file: string): string {
  return cell.replace(
    /\]\((?![a-z]+:)([^)\s#]*)(#[^)\s]*)?\)/g,
    (_, place: string, fragment: string = '') => {
      const target = place === '' ? file : path.posix.join(path.posix.dirname(file), place)
      return `](${path.posix.relative(path.posix.dirname(ALL_ROWS), target)}${fragment})`
    },
  )
}
