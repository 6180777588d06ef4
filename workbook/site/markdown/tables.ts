import type { MarkdownIt, Token } from 'markdown-it'
import { draftOf } from './draft.ts'

/** A wide table scrolls in a region that a keyboard reaches, and the page does not. */
export function tables(md: MarkdownIt): void {
  md.renderer.rules['table_open'] = (tokens, index, _options, env) => {
    const { words, count } = draftOf(env)
    const label = md.utils.escapeHtml(words.table(++count.table, headersOf(tokens, index)))
    return `<div class="table" role="region" aria-label="${label}" tabindex="0">\n<table>\n`
  }
  md.renderer.rules['table_close'] = () => '</table>\n</div>\n'
  md.renderer.rules['th_open'] = (tokens, index, options, _env, self) => {
    tokens[index]?.attrSet('scope', 'col')
    return self.renderToken(tokens, index, options)
  }
}

// --- internal ---

function headersOf(tokens: readonly Token[], start: number): string {
  const end = tokens.findIndex(({ type }, index) => index > start && type === 'thead_close')
  const cells = tokens.slice(start, end).filter(({ type }) => type === 'inline')
  return cells.map(({ children }) => (children ?? []).map(({ content }) => content).join('')).join(', ')
}
