import type { MarkdownIt, StateCore, Token } from 'markdown-it'
import { quote } from '../../course/course-error.ts'
import { nearest } from '../../course/nearest.ts'
import { BOX_KINDS, type BoxKind } from '../layout/words.ts'
import { draftOf, lineOf } from './draft.ts'

/**
 * Boxes: a block quote whose first line is `[!KIND] Title`. On a code host it reads as a quotation; here
 * it becomes a note with a heading of its own.
 */
export function boxes(md: MarkdownIt): void {
  md.core.ruler.before('inline', 'boxes', markBoxes)
  md.renderer.rules['box_open'] = (tokens, index, _options, env) => {
    const kind = tokens[index]?.meta?.['kind'] as BoxKind
    const { words, count } = draftOf(env)
    const id = `site-box-${++count.box}`
    return `<div class="box box-${kind.toLowerCase()}" role="note" aria-labelledby="${id}">
<p class="box-title" id="${id}"><span class="box-kind">${words.boxes[kind]}</span> `
  }
  md.renderer.rules['box_title_close'] = () => '</p>\n'
  md.renderer.rules['box_close'] = () => '</div>\n'
}

// --- internal ---

const MARK = /^\[!([^\]\n]*)\][ \t]*([^\n]*)(?:\n|$)/

function markBoxes(state: StateCore): void {
  const open: Token[] = []
  for (const [index, token] of state.tokens.entries()) {
    if (token.type === 'blockquote_open') {
      const mark = MARK.exec(state.tokens[index + 2]?.content ?? '')
      if (mark) {
        const depth = open.filter(({ type }) => type === 'box_open').length
        markBox(state, index, mark, depth)
      }
      open.push(token)
    } else if (token.type === 'blockquote_close') {
      if (open.pop()?.type === 'box_open') token.type = 'box_close'
    }
  }
  state.tokens = state.tokens.flatMap((token) => {
    if (token.type === 'nothing') return []
    return token.type === 'box_open' ? [token, ...titleOf(token, state)] : [token]
  })
}

function titleOf(box: Token, { Token: Make }: StateCore): Token[] {
  const words = Object.assign(new Make('inline', '', 0), {
    content: String(box.meta?.['title']),
    map: box.map,
    level: box.level + 1,
    children: [],
  })
  return [words, new Make('box_title_close', '', 0)]
}

function markBox({ tokens, env }: StateCore, index: number, mark: RegExpExecArray, depth: number): void {
  const draft = draftOf(env)
  const [box, paragraph, inline, close] = tokens.slice(index, index + 4)
  const [line, kind = '', title = ''] = mark
  if (!box || !paragraph || !inline || !close) return
  const fault = { file: draft.file, line: lineOf(box) }
  if (!isKind(kind)) {
    const [near = ''] = nearest(kind, BOX_KINDS, 1)
    const expected = `a box of one of the kinds ${BOX_KINDS.join(', ')}`
    const next = `Write [!${near}], or take the mark away.`
    draft.problems.add('E_COURSE_BOX', { ...fault, expected, found: quote(`[!${kind}]`), next })
    return
  }
  if (depth > 1) {
    const next = 'Move the innermost box out of the others.'
    draft.problems.add('E_COURSE_BOX', {
      ...fault,
      expected: 'a box in at most one other box',
      found: `${quote(`[!${kind}]`)} in two`,
      next,
    })
  }
  box.type = 'box_open'
  box.meta = { kind, title: title.trim() }
  inline.content = inline.content.slice(line.length)
  if (inline.content === '') for (const token of [paragraph, inline, close]) token.type = 'nothing'
  else if (inline.map) inline.map = [inline.map[0] + 1, inline.map[1]]
}

function isKind(kind: string): kind is BoxKind {
  return (BOX_KINDS as readonly string[]).includes(kind)
}
