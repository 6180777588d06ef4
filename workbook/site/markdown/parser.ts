import MarkdownIt, { type MarkdownIt as Parser, type Token } from 'markdown-it'
import cjkFriendly from 'markdown-it-cjk-friendly'
import footnote from 'markdown-it-footnote'
import { boxes } from './boxes.ts'
import type { Draft } from './draft.ts'
import { fences } from './fences.ts'
import { headings } from './headings.ts'
import { images } from './images.ts'
import { links } from './links.ts'
import { lists } from './lists.ts'
import { tables } from './tables.ts'

let parser: Parser | undefined

/** A page as a row of tokens; what the rules saw on the way stands in the draft. */
export function parse(body: string, draft: Draft): Token[] {
  return markdown().parse(body, { draft })
}

/** @returns HTML */
export function render(tokens: Token[], draft: Draft): string {
  const md = markdown()
  return md.renderer.render(tokens, md.options, { draft })
}

// --- internal ---

function markdown(): Parser {
  if (parser) return parser
  parser = new MarkdownIt({ html: true })
  // Their types name another edition of markdown-it; the shapes are the same.
  const use = parser.use.bind(parser) as unknown as (plugin: unknown) => Parser
  for (const plugin of [cjkFriendly, footnote]) use(plugin)
  // Headings before links: a link to a heading of its own page has to find it.
  for (const plugin of [boxes, headings, lists, links, images, fences, tables]) parser.use(plugin)
  return parser
}
