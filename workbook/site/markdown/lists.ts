import type { MarkdownIt, StateCore, Token } from 'markdown-it'
import { addAnchor, draftOf, lineOf, type Draft } from './draft.ts'

/** Items of lists that others link to: requirements and items of the inventory; and boxes to tick. */
export function lists(md: MarkdownIt): void {
  md.core.ruler.push('list_anchors', ({ tokens, env, Token: Make }: StateCore) => {
    const draft = draftOf(env)
    for (const [index, item] of tokens.entries()) {
      const inline = tokens[index + 2]
      if (item.type !== 'list_item_open' || inline?.type !== 'inline') continue
      showTick(inline, Make)
      const id = idOf(inline.children ?? [])
      // Hints carry the ids of their requirements again; a link leads to the first.
      if (id === null || draft.anchors.has(id)) continue
      item.attrSet('id', id)
      if (/^r\d+$/.test(id)) linkBehind(inline, id, draft, Make)
      addAnchor(draft, id, lineOf(item))
    }
  })
}

/** Where `**1.01**` of the inventory, or `**R1**` of a lab, can be linked to. */
export function itemId(label: string): string | null {
  if (/^R\d+$/.test(label)) return label.toLowerCase()
  return /^[A-Z\d]\.\d{1,2}$/.test(label) ? `item-${label.toLowerCase().replace('.', '-')}` : null
}

// --- internal ---

function idOf(children: readonly Token[]): string | null {
  const [empty, strong, label] = children[0]?.content === '' ? children : [null, ...children]
  return empty !== undefined && strong?.type === 'strong_open' ? itemId(label?.content ?? '') : null
}

/** A requirement can be linked to, as a heading can. */
function linkBehind(inline: Token, id: string, { words }: Draft, Make: typeof Token): void {
  const link = new Make('html_inline', '', 0)
  link.content = ` <a class="anchor" href="#${id}" aria-label="${words.linkTo(id.toUpperCase())}"><span aria-hidden="true">#</span></a>`
  link.meta = { ours: true }
  inline.children?.push(link)
}

/** `- [ ] a. …` in predictions: a box as it stands in the file. While pages are served it can be ticked here. */
function showTick(inline: Token, Make: typeof Token): void {
  const [first] = inline.children ?? []
  const [mark, tick] = /^\[([ x])\] /i.exec(first?.content ?? '') ?? []
  if (first?.type !== 'text' || mark === undefined) return
  first.content = first.content.slice(mark.length)
  const box = new Make('html_inline', '', 0)
  box.content =
    tick === ' '
      ? '<span class="tick" aria-hidden="true"></span>'
      : '<span class="tick ticked" aria-hidden="true">✓</span><span class="unseen">✓ </span>'
  inline.children?.unshift(box)
}
