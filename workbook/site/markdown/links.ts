import type { MarkdownIt, StateCore, Token } from 'markdown-it'
import { quote } from '../../course/course-error.ts'
import { linkBetween, outputOf, targetOf } from '../places.ts'
import { addAnchor, draftOf, type Draft } from './draft.ts'

/** Links between pages lead to pages of the site; ids and addresses in raw HTML are looked at too. */
export function links(md: MarkdownIt): void {
  md.core.ruler.push('links', ({ tokens, env }: StateCore) => {
    const draft = draftOf(env)
    for (const token of tokens) {
      if (token.type === 'html_block' && token.meta?.['ours'] !== true)
        checkHtml(token.content, token.map?.[0] ?? 0, draft)
      if (token.type === 'inline') followAll(token, draft)
    }
  })
}

/**
 * What of the checkout becomes part of the site: pages and the text of source files. Suites, solutions
 * and wrong programs do not, and a link to them is shown as its words.
 */
function isPublished(target: string, draft: Pick<Draft, 'files'>): boolean {
  if (/^(?:solutions|test\/labs)(?:\/|$)/.test(target)) return false
  return (
    draft.files.kind(target) === 'file' && /\.(?:md|ts|mjs|json|ya?ml|css|sh)$|(?:^|\/)[A-Z]+$/.test(target)
  )
}

// --- internal ---

const OUTSIDE = /^(?:[a-z][a-z\d+.-]*:|\/\/)/i

function followAll(inline: Token, draft: Draft): void {
  let line = (inline.map?.[0] ?? 0) + 1
  const open: Token[] = []
  for (const token of inline.children ?? []) {
    if (token.type === 'softbreak' || token.type === 'hardbreak') line++
    if (token.type === 'html_inline' && token.meta?.['ours'] !== true)
      checkHtml(token.content, line - 1, draft)
    if (token.type === 'link_open') {
      follow(token, line, draft)
      open.push(token)
    }
    if (token.type === 'link_close') token.tag = open.pop()?.tag ?? 'a'
  }
}

function follow(token: Token, line: number, draft: Draft): void {
  const written = decodeURI(String(token.attrGet('href') ?? ''))
  if (OUTSIDE.test(written)) return
  const [place = '', fragment = null] = written.split('#')
  const target = landing(place === '' ? draft.file : targetOf(draft.file, place), draft)
  draft.leadsTo.add(target)
  const problem = problemOf(target, place, draft)
  if (problem !== null) {
    const fault = { expected: problem, found: written, next: 'Correct the link.' }
    draft.problems.add('E_COURSE_LINK', { file: draft.file, line, ...fault })
    return
  }
  if (!isPublished(target, draft)) {
    showAsWords(token, target)
    return
  }
  const isPage = target.endsWith('.md')
  draft.links.push({ line, written, target, fragment: isPage ? fragment : null })
  const behind = fragment === null || !isPage ? '' : `#${encodeURI(fragment)}`
  token.attrSet('href', (place === '' ? '' : linkBetween(draft.out, outputOf(target))) + behind)
}

/** A folder is its README, as on a code host. */
function landing(target: string, { files }: Draft): string {
  const folder = target.replace(/\/$/, '')
  const readme = `${folder}/README.md`
  return files.kind(folder) === 'folder' && files.kind(readme) === 'file' ? readme : folder
}

function problemOf(target: string, place: string, { files }: Draft): string | null {
  if (target.startsWith('..') || place.startsWith('/')) return 'a link inside the course'
  return files.kind(target) === null ? 'a link to something that exists' : null
}

function showAsWords(token: Token, target: string): void {
  token.tag = 'span'
  token.attrs = [
    ['class', 'elsewhere'],
    ['title', target],
  ]
}

/** @param before - Lines of the page above this piece. */
function checkHtml(html: string, before: number, draft: Draft): void {
  for (const match of html.matchAll(/<[a-z][^>]*?\s(id|name|href|src)="([^"]*)"/gi)) {
    const [, name = '', value = ''] = match
    const line = before + html.slice(0, match.index).split('\n').length
    if (name === 'id' || name === 'name') addAnchor(draft, value, line)
    else if (!OUTSIDE.test(value)) {
      const next = 'Write it in Markdown: [words](page.md), ![alt text](figures/NAME.svg)'
      const fault = { expected: 'no relative address in raw HTML', found: quote(value), next }
      draft.problems.add('E_COURSE_LINK', { file: draft.file, line, ...fault })
    }
  }
}
