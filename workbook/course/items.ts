import type { Token } from 'markdown-it'
import { CourseError, quote, type CourseErrorCode } from './course-error.ts'
import { lineOf, plainText, type Section } from './markdown.ts'

/** A list item `- **R1** One sentence.` */
export interface Item {
  readonly id: string
  /** What follows the id, as plain text. */
  readonly text: string
  readonly line: number
}

/** The kind of list that is read: what its errors are called, and where. */
export interface ItemKind {
  readonly code: CourseErrorCode
  readonly file: string
}

const BLOCKS: Readonly<Record<string, string>> = {
  fence: 'a block of code',
  code_block: 'a block of code',
  bullet_list_open: 'a list',
  ordered_list_open: 'a list',
  table_open: 'a table',
  blockquote_open: 'a quotation',
  html_block: 'a block of HTML',
}

const LABEL = /^\*\*(R\d+)\*\*(?=\s|$)/

/**
 * Reads the list items of a section. Prose and code between the lists are free.
 *
 * @throws CourseError with the kind's code when an item has no id, no sentence, or more than sentences.
 */
export function readItems(section: Section, kind: ItemKind): Item[] {
  const swallowed = section.tokens.find(
    ({ type, content }) => type === 'html_block' && /^\s*[-*+] \*\*R\d/m.test(content),
  )
  if (swallowed) throw swallowedList(swallowed, kind)
  return splitItems(section.tokens).map((tokens) => readItem(tokens, kind))
}

/** The tokens of each item of the section's own lists, from `list_item_open` on. */
function splitItems(tokens: readonly Token[]): Token[][] {
  const items: Token[][] = []
  for (const [index, token] of tokens.entries()) {
    if (token.type !== 'list_item_open' || token.level !== 1) continue
    const length = tokens
      .slice(index)
      .findIndex(({ type, level }) => type === 'list_item_close' && level === 1)
    items.push(tokens.slice(index, index + length))
  }
  return items
}

function readItem([open, ...content]: Token[], kind: ItemKind): Item {
  const paragraphs = content.filter(({ type }) => type === 'inline')
  const source = paragraphs[0]?.content ?? ''
  const line = lineOf(open)
  const id = LABEL.exec(source)?.[1]
  if (id === undefined) throw unlabelled(source, line, kind)
  const other = content.find(({ type }) => !['inline', 'paragraph_open', 'paragraph_close'].includes(type))
  if (other) throw notSentences(id, other, kind)
  const text = paragraphs.map(plainText).join(' ').slice(id.length).trim()
  if (text === '') throw emptyItem(id, line, kind)
  return { id, text, line }
}

function unlabelled(source: string, line: number, { code, file }: ItemKind): CourseError {
  const found = source === '' ? 'an item without text' : quote(`- ${source}`)
  const next = 'Put the id of the requirement in front, in bold.'
  return new CourseError(code, {
    file,
    line,
    expected: 'an item such as `- **R1** One sentence.`',
    found,
    next,
  })
}

/** Reports print an item as running text, so a list or code in it would not survive. */
function notSentences(id: string, block: Token, { code, file }: ItemKind): CourseError {
  const expected = `only sentences in the item of ${id}`
  const found = BLOCKS[block.type] ?? 'another block'
  const next = 'Move it out of the list: reports print an item as one text.'
  return new CourseError(code, { file, line: lineOf(block), expected, found, next })
}

function emptyItem(id: string, line: number, { code, file }: ItemKind): CourseError {
  const next = 'Write what the learner should read.'
  return new CourseError(code, { file, line, expected: `a sentence after **${id}**`, found: 'nothing', next })
}

/** Without a blank line after it, an HTML tag takes the list for HTML. */
function swallowedList(block: Token, { code, file }: ItemKind): CourseError {
  const expected = 'a blank line between the HTML and the list'
  const next = 'Put blank lines around the list, or it is not shown as one.'
  return new CourseError(code, {
    file,
    line: lineOf(block),
    expected,
    found: 'the list inside the HTML',
    next,
  })
}
