import type { Token } from 'markdown-it'
import { wordsOf } from '../course/slug.ts'

/** What a page is about: for the navigation, the table of contents and the search. */
export interface Outline {
  /** The words of the first heading. */
  readonly title: string
  /** The beginning of the first paragraph. */
  readonly description: string
  readonly entries: readonly OutlineEntry[]
  readonly sections: readonly Section[]
}

export interface OutlineEntry {
  readonly level: 2 | 3
  readonly title: string
  readonly slug: string
}

/** The text under one heading, as the search finds it. */
export interface Section {
  /** Empty above the second heading. */
  readonly slug: string
  readonly heading: string
  readonly text: string
  /** The text, or its beginning; nothing of what is folded, or a result would tell a hint. */
  readonly excerpt: string
}

export function outlineOf(tokens: readonly Token[]): Outline {
  const headings = tokens.flatMap((token, index) => {
    if (token.type !== 'heading_open' || token.level !== 0) return []
    const title = wordsOf(tokens[index + 1]?.children ?? [])
    return [{ index, tag: token.tag, title, slug: String(token.attrGet('id')) }]
  })
  const title = headings.find(({ tag }) => tag === 'h1')?.title ?? ''
  const cuts = headings.filter(({ tag }) => tag === 'h2' || tag === 'h3')
  const first = tokens.slice(0, cuts[0]?.index)
  const sections = [
    sectionOf({ slug: '', title }, first),
    ...cuts.map((cut, number) => sectionOf(cut, tokens.slice(cut.index + 3, cuts[number + 1]?.index))),
  ]
  const paragraph = tokens.find(({ type, level }, index) => {
    return type === 'inline' && level === 1 && tokens[index - 1]?.type === 'paragraph_open'
  })
  return {
    title,
    description: beginning(plain(paragraph), DESCRIPTION),
    entries: cuts.map(({ tag, title: words, slug }) => ({ level: tag === 'h2' ? 2 : 3, title: words, slug })),
    sections,
  }
}

// --- internal ---

const DESCRIPTION = 160
/** Room for a word that was found further on: a result shows a part of it. */
const EXCERPT = 600

function sectionOf(
  { slug, title }: { readonly slug: string; readonly title: string },
  tokens: readonly Token[],
): Section {
  const texts = tokens.flatMap((token, index) => {
    if (tokens[index - 1]?.type === 'heading_open') return []
    return token.type === 'inline' || token.type === 'fence' ? [plain(token)] : []
  })
  const folded = tokens.findIndex(
    ({ type, content }) => type === 'html_block' && content.includes('<details'),
  )
  const open = folded === -1 ? tokens : tokens.slice(0, folded)
  const shown = open.filter(({ type }, index) => {
    return type === 'inline' && open[index - 1]?.type !== 'heading_open'
  })
  return {
    slug,
    heading: title,
    text: texts.join(' '),
    excerpt: beginning(shown.map(plain).join(' '), EXCERPT),
  }
}

function plain(token: Token | undefined): string {
  if (token?.type === 'fence') return token.content
  const words = (token?.children ?? []).map(({ type, content }) => {
    if (type === 'softbreak' || type === 'hardbreak') return ' '
    return type === 'html_inline' ? '' : content
  })
  return words.join('')
}

/** Cut between words. */
function beginning(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim()
  if (line.length <= length) return line
  const cut = line.slice(0, length)
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), length / 2))} …`
}
