import MarkdownIt, { type MarkdownIt as Parser, type StateCore, type Token } from 'markdown-it'

/** The part of a page from one h1 or h2 to the next. */
export interface Section {
  readonly level: 1 | 2
  /** The heading as plain text. */
  readonly title: string
  /** Line of the heading, counted from 1. */
  readonly line: number
  /** What stands under the heading. */
  readonly tokens: readonly Token[]
}

/** Built at the first use, once: constructing it costs more than reading a page. */
let parser: Parser | undefined

function markdown(): Parser {
  if (parser) return parser
  // With `html`, a <details> block is what it is on the page: HTML, with Markdown after a blank line.
  parser = new MarkdownIt({ html: true })
  parser.core.ruler.at('inline', parseWords)
  return parser
}

/** Parses the words of headings and lists only: nobody here reads prose, and it is most of a page. */
function parseWords({ tokens, md, env }: StateCore): void {
  for (const [index, token] of tokens.entries()) {
    const isProse = tokens[index - 1]?.type === 'paragraph_open' && token.level === 1
    if (token.type === 'inline' && !isProse) md.inline.parse(token.content, md, env, (token.children ??= []))
  }
}

/** Cuts a page at its h1 and h2 headings; what stands above the first is left out. */
export function readSections(page: string): Section[] {
  const tokens = markdown().parse(page, {})
  const starts = tokens.flatMap((token, index) => (isSectionHeading(token) ? [index] : []))
  return starts.map((start, index) => ({
    level: tokens[start]?.tag === 'h1' ? 1 : 2,
    title: plainText(tokens[start + 1]),
    line: lineOf(tokens[start]),
    // A heading is three tokens: open, inline, close.
    tokens: tokens.slice(start + 3, starts[index + 1]),
  }))
}

/** Headings inside a list or a quotation are nested deeper, and cut nothing. */
function isSectionHeading(token: Token): boolean {
  return token.type === 'heading_open' && token.level === 0 && (token.tag === 'h1' || token.tag === 'h2')
}

/** Line where a block begins, counted from 1. */
export function lineOf(block: Token | undefined): number {
  return (block?.map?.[0] ?? 0) + 1
}

/** The words of a paragraph or heading: no marks of emphasis or code, one space for a line's end. */
export function plainText(inline: Token | undefined): string {
  return (inline?.children ?? []).map(wordsOf).join('').replace(/\s+/g, ' ').trim()
}

/** The same for a piece of Markdown by itself. */
export function plainTextOf(source: string): string {
  return plainText(markdown().parseInline(source, {})[0])
}

function wordsOf(token: Token): string {
  if (token.type === 'softbreak' || token.type === 'hardbreak') return ' '
  return token.type === 'html_inline' ? '' : token.content
}
