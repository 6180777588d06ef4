import type { MarkdownIt, StateCore, Token } from 'markdown-it'
import { quote } from '../../course/course-error.ts'
import { figureHtml, recordOf } from '../figures.ts'
import { targetOf } from '../places.ts'
import { draftOf, lineOf, type Draft } from './draft.ts'

/** `![What happens](figures/NAME.svg)`, alone in a paragraph: a figure, drawn from its record. */
export function images(md: MarkdownIt): void {
  md.core.ruler.push('figures', (state: StateCore) => {
    const draft = draftOf(state.env)
    for (const [index, token] of state.tokens.entries()) {
      if (token.type === 'inline') look(state.tokens, index, token, draft)
    }
  })
  md.renderer.rules['figure'] = (tokens, index) => String(tokens[index]?.meta?.['html'])
  md.renderer.rules['nothing'] = () => ''
}

// --- internal ---

function look(tokens: Token[], index: number, inline: Token, draft: Draft): void {
  const children = inline.children ?? []
  const all = children.filter(({ type }) => type === 'image')
  if (all.length === 0) return
  const fault = { file: draft.file, line: lineOf(inline) }
  for (const image of all) {
    if (image.content.trim() !== '') continue
    const next = 'Say in the brackets what happens in the figure.'
    const found = `an image without words: ${quote(String(image.attrGet('src')))}`
    draft.problems.add('E_COURSE_FIGURE', { ...fault, expected: 'alternative text', found, next })
  }
  const source = decodeURI(String(all[0]?.attrGet('src') ?? ''))
  const [, name] = /^docs\/figures\/([\w-]+)\.svg$/.exec(targetOf(draft.file, source)) ?? []
  const paragraph = tokens[index - 1]
  if (name === undefined || children.length > 1 || paragraph?.type !== 'paragraph_open') {
    const expected = 'a figure alone in its paragraph: ![What happens](figures/NAME.svg)'
    const next = 'Figures are drawn from docs/figures/NAME.json; give it a paragraph of its own.'
    draft.problems.add('E_COURSE_FIGURE', { ...fault, expected, found: quote(inline.content), next })
    return
  }
  draft.uses.add(recordOf(name))
  const html = draft.problems.attempt(() => figureHtml(name, lineOf(inline), draft))
  paragraph.type = 'figure'
  paragraph.nesting = 0
  paragraph.meta = { html: html ?? '' }
  for (const token of [inline, tokens[index + 1]]) {
    if (token) Object.assign(token, { type: 'nothing', nesting: 0, children: null })
  }
}
