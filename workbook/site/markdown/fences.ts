import type { MarkdownIt, StateCore, Token } from 'markdown-it'
import { quote } from '../../course/course-error.ts'
import { nearest } from '../../course/nearest.ts'
import { highlight, isLanguage, LANGUAGES } from '../highlight.ts'
import { linkBetween, outputOf } from '../places.ts'
import { regionNames, regionOf } from '../regions.ts'
import { columnsOf, ROOM } from './columns.ts'
import { draftOf, lineOf, type Draft } from './draft.ts'

/** Where quoted code may stand: programs that are tested, and none that solves a lab; and traces that were recorded. */
const SOURCES = /^(?:(?:docs\/demos|labs\/kit)\/(?!.*\.\.)[\w./-]+|docs\/figures\/[\w-]+\.txt)$/

/** What stands behind the three backticks: `ts docs/demos/NAME.ts#region`. */
export interface FenceInfo {
  readonly language: string
  /** The file that the code is quoted from. */
  readonly file: string | null
  readonly region: string | null
}

export function readInfo(info: string): FenceInfo {
  const [language = '', source] = info.trim().split(/\s+/)
  const [file = null, region = null] = source?.split('#') ?? []
  return { language: language === '' ? 'text' : language, file, region }
}

/** Code: coloured, in a region that scrolls, and held against the file that it is quoted from. */
export function fences(md: MarkdownIt): void {
  md.core.ruler.push('fence_sources', ({ tokens, env }: StateCore) => {
    for (const token of tokens) if (token.type === 'fence') check(token, draftOf(env))
  })
  md.renderer.rules['fence'] = (tokens, index, _options, env) => {
    const { info = '', content = '' } = tokens[index] ?? {}
    return codeBlock(content, readInfo(info), draftOf(env))
  }
}

/** @returns HTML */
export function codeBlock(code: string, { language, file, region }: FenceInfo, draft: Draft): string {
  const { words, count, out } = draft
  const label = words.code(++count.code, file ?? language)
  const html = highlight(code, language).replace(
    /^<pre class="([^"]*)"(?: style="[^"]*")? tabindex="0">/,
    `<pre class="$1" tabindex="0" role="group" aria-label="${label}">`,
  )
  const kind = isTrace(file) ? 'code wraps' : 'code'
  const size = ` style="--cols:${columnsOf(code)}"`
  if (file === null) return `<div class="${kind}"${size}>${html}</div>\n`
  const source = `<a href="${linkBetween(out, outputOf(file))}"><code>${file}</code></a>`
  const part = region === null ? '' : ` <span class="quiet">${region}</span>`
  return `<figure class="${kind}"${size}>${html}<figcaption>${source}${part}</figcaption></figure>\n`
}

// --- internal ---

function check(token: Token, draft: Draft): void {
  const { language, file, region } = readInfo(token.info)
  const report = (expected: string, found: string, next: string): void =>
    draft.problems.add('E_COURSE_CODE', { file: draft.file, line: lineOf(token), expected, found, next })
  if (!isLanguage(language)) {
    const [near = 'text'] = nearest(language, LANGUAGES, 1)
    report(`a language of ${LANGUAGES.join(', ')}`, quote(language), `Write ${near}, for example.`)
  }
  const room = token.level === 0 ? ROOM.page : ROOM.box
  const columns = columnsOf(token.content)
  if (draft.kind !== 'page' && columns > room && !isTrace(file))
    report(`lines of at most ${room} columns`, `${columns} columns`, 'Break the longest line.')
  if (file === null) {
    if (language !== 'ts' || draft.kind !== 'chapter') return
    const next = 'Write ```ts docs/demos/NAME.ts#REGION, then npm run docs:sync'
    report('TypeScript that is quoted from a tested file', 'code without a source', next)
    return
  }
  draft.uses.add(file)
  const fault = faultOf(token.content, file, region, draft)
  if (fault) report(...fault)
  else draft.links.push({ line: lineOf(token), written: file, target: file, fragment: null })
}

/** What a tool printed stands as it was printed, and a line that is too long goes on below. */
function isTrace(file: string | null): boolean {
  return file?.endsWith('.txt') ?? false
}

function faultOf(
  body: string,
  file: string,
  region: string | null,
  { files }: Draft,
): [string, string, string] | null {
  if (!SOURCES.test(file)) {
    return ['code from docs/demos/ or labs/kit/', file, 'Quote another file, or move the code there.']
  }
  if (files.kind(file) !== 'file')
    return ['code from a file', `${file}, which does not exist`, 'Correct the name.']
  const text = files.text(file)
  const wanted = regionOf(text, region)
  if (wanted === null) {
    const names = regionNames(text)
    const next = names.length === 0 ? 'Mark it there: // #region NAME' : `The file has: ${names.join(', ')}.`
    return [`a region of ${file}`, quote(`#${String(region)}`), next]
  }
  if (wanted === body) return null
  const place = region === null ? file : `${file}#${region}`
  return [`the code of ${place}, word for word`, 'other code', 'npm run docs:sync']
}
