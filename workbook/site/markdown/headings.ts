import type { MarkdownIt, StateCore, Token } from 'markdown-it'
import anchor from 'markdown-it-anchor'
import { slugOfText, wordsOf } from '../../course/slug.ts'
import { addAnchor, draftOf, lineOf } from './draft.ts'

/** Headings get the anchors that code hosts give them, and a link to themselves. */
export function headings(md: MarkdownIt): void {
  // The plug-in's types name another edition of markdown-it; the shapes are the same.
  const use = md.use.bind(md) as unknown as (plugin: typeof anchor, options: object) => void
  use(anchor, {
    level: 1,
    slugify: slugOfText,
    getTokensText: wordsOf,
    tabIndex: false,
    permalink: linkAfter,
  })
  md.core.ruler.push('heading_check', check)
}

// --- internal ---

/** Behind the heading, not inside: its name stays its words. An h1 is the page, which has a link already. */
function linkAfter(slug: string, _options: object, state: StateCore, index: number): void {
  if (state.tokens[index]?.tag === 'h1') return
  const title = wordsOf(state.tokens[index + 1]?.children ?? [])
  const label = state.md.utils.escapeHtml(draftOf(state.env).words.linkTo(title))
  const html = (content: string): Token => {
    return Object.assign(new state.Token('html_block', '', 0), { content, meta: { ours: true } })
  }
  const link = `<a class="anchor" href="#${slug}" aria-label="${label}"><span aria-hidden="true">#</span></a></div>\n`
  state.tokens.splice(index + 3, 0, html(link))
  state.tokens.splice(index, 0, html('<div class="heading">\n'))
}

function check({ tokens, env }: StateCore): void {
  const draft = draftOf(env)
  const all = tokens.filter(({ type }) => type === 'heading_open')
  for (const heading of all) addAnchor(draft, String(heading.attrGet('id')), lineOf(heading))
  const [first, second] = all.filter(({ tag }) => tag === 'h1')
  if (first && !second) return
  draft.problems.add('E_COURSE_PAGE', {
    file: draft.file,
    line: second ? lineOf(second) : 1,
    expected: 'one heading of the first level',
    found: second ? 'a second one' : 'none',
    next: second ? 'Make it a heading of the second level: ##.' : 'Begin the text with a line: # The title',
  })
}
