import type { MarkdownIt, Token } from 'markdown-it'
import { draftOf } from './draft.ts'

/** A wide table scrolls in a region that a keyboard reaches, and the page does not. */
export function tables(md: MarkdownIt): void {
  md.renderer.rules['table_open'] = (tokens, index, _options, env) => {
    const { words, count, file } = draftOf(env)
    const open = tokens.slice(0, index).findLast(({ type }) => type === 'box_open' || type === 'box_close')
    const isOfProse =
      (open?.type === 'box_open' && open.meta?.['kind'] === 'THEN-AND-NOW') || ALL_ROWS_PAGE.test(file)
    if (isOfProse) nameCells(tokens, index)
    const label = md.utils.escapeHtml(words.table(++count.table, headersOf(tokens, index).join(', ')))
    return `<div class="table${isOfProse ? ' prose' : ''}" role="region" aria-label="${label}" tabindex="0">\n<table>\n`
  }
  md.renderer.rules['table_close'] = () => '</table>\n</div>\n'
  md.renderer.rules['th_open'] = (tokens, index, options, _env, self) => {
    const [open, words, close] = tokens.slice(index, index + 3)
    open?.attrSet('scope', 'col')
    // The corner above a column of names is no header: it names nothing.
    if (open && close && words?.content === '') {
      open.attrs = null
      open.tag = close.tag = 'td'
    }
    return self.renderToken(tokens, index, options)
  }
}

// --- internal ---

const ALL_ROWS_PAGE = /(?:^|\/)then-and-now\.md$/

function headersOf(tokens: readonly Token[], start: number): string[] {
  const end = tokens.findIndex(({ type }, index) => index > start && type === 'thead_close')
  const cells = tokens.slice(start, end).filter(({ type }) => type === 'inline')
  return cells.map(({ children }) => (children ?? []).map(({ content }) => content).join(''))
}

/** On a phone a row of sentences stands as a card, and each cell then needs its header beside it. */
function nameCells(tokens: readonly Token[], start: number): void {
  const headers = headersOf(tokens, start)
  let column = 0
  for (const token of tokens.slice(start)) {
    if (token.type === 'table_close') return
    if (token.type === 'tr_open') column = 0
    if (token.type === 'td_open') token.attrSet('data-header', headers[column++] ?? '')
  }
}
