import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fromHighlighter } from '@shikijs/markdown-it/core'
import MarkdownIt from 'markdown-it'
import type { HighlighterCore, LanguageInput } from 'shiki/core'

/** Colours code in both themes at once, with classes: the reader's browser needs no script for it. */

/** Code of one fence or file. */
export interface Code {
  readonly code: string
  readonly language: string
}

export const LANGUAGES = ['ts', 'js', 'json', 'http', 'sh', 'yaml', 'css', 'md', 'diff', 'text'] as const
type Language = (typeof LANGUAGES)[number]

export function isLanguage(name: string): name is Language {
  return (LANGUAGES as readonly string[]).includes(name)
}

/** Has to be called, and awaited, with all code that `highlight` will be given. Loads only what is new. */
export async function prepare(all: readonly Code[]): Promise<void> {
  for (const { code, language } of all) {
    const key = keyOf(code, language)
    if (!isLanguage(language) || done.has(key)) continue
    done.set(key, withClasses((await highlighterOf(language))(code, language, '')))
  }
}

/** @returns A `<pre>` element. */
export function highlight(code: string, language: string): string {
  const html = done.get(keyOf(code, language))
  if (html === undefined && isLanguage(language)) throw new Error(`not prepared: ${language}`)
  return html ?? `<pre class="shiki" tabindex="0"><code>${escape(code)}</code></pre>`
}

/** The rules for the classes of colours that stand in this HTML. */
export function colourRules(pages: Iterable<string>): { readonly light: string; readonly dark: string } {
  const classes = new Set<string>()
  for (const page of pages) for (const [each] of page.matchAll(CLASS)) classes.add(each)
  const rules = (pick: (pair: string[]) => string | undefined): string => {
    return [...classes]
      .sort()
      .map((each) => `.${each}{color:#${pick(each.split('-'))}}`)
      .join('')
  }
  return { light: rules(([, light]) => light), dark: rules(([, , dark]) => dark) }
}

/** Colouring is by far the slowest part of a build, and code seldom changes: what is done is kept. */
export function readColours(root: string): void {
  try {
    const kept = JSON.parse(readFileSync(keptFile(root), 'utf8')) as Array<[string, string]>
    for (const [key, html] of kept) done.set(key, html)
  } catch {
    // There is none, or it is damaged: everything is coloured anew.
  }
}

export function keepColours(root: string): void {
  const file = keptFile(root)
  const own = `${file}.${process.pid}`
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(own, JSON.stringify([...done]))
  renameSync(own, file)
}

// --- internal ---

type Highlight = (code: string, language: string, attributes: string) => string

const THEMES = { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' } as const
const CLASS = /\bc-[0-9a-f]{6}-[0-9a-f]{6}\b/g
const done = new Map<string, string>()
let core: Promise<HighlighterCore> | undefined

/** Grammars, loaded when the first code of their language comes. */
const GRAMMARS: Readonly<Record<Exclude<Language, 'text'>, LanguageInput>> = {
  ts: () => import('shiki/langs/typescript.mjs'),
  js: () => import('shiki/langs/javascript.mjs'),
  json: () => import('shiki/langs/json.mjs'),
  http: () => import('shiki/langs/http.mjs'),
  sh: () => import('shiki/langs/shellscript.mjs'),
  yaml: () => import('shiki/langs/yaml.mjs'),
  css: () => import('shiki/langs/css.mjs'),
  md: () => import('shiki/langs/markdown.mjs'),
  diff: () => import('shiki/langs/diff.mjs'),
}

async function highlighterOf(language: Language): Promise<Highlight> {
  core ??= makeCore()
  const highlighter = await core
  if (language !== 'text') await highlighter.loadLanguage(GRAMMARS[language])
  const md = new MarkdownIt()
  fromHighlighter(highlighter as never, { themes: THEMES, defaultColor: false })(md)
  return md.options.highlight as Highlight
}

async function makeCore(): Promise<HighlighterCore> {
  const [{ createHighlighterCore }, { createOnigurumaEngine }] = await Promise.all([
    import('shiki/core'),
    import('shiki/engine/oniguruma'),
  ])
  return createHighlighterCore({
    // Its regular expressions are ready at once; those of the other engine are translated first.
    engine: createOnigurumaEngine(import('shiki/wasm')),
    themes: [
      import('shiki/themes/github-light-high-contrast.mjs'),
      import('shiki/themes/github-dark-high-contrast.mjs'),
    ],
    langs: [],
  })
}

/** Colours as classes: shorter than the style of every word, and the theme can be switched. */
function withClasses(html: string): string {
  return html
    .replace(/^<pre class="[^"]*" style="[^"]*"/, '<pre class="shiki"')
    .replace(/ style="([^"]*)"/g, (_, style: string) => {
      const [light, dark] = ['light', 'dark'].map((theme) => {
        return new RegExp(`--shiki-${theme}:#([0-9a-f]{6})`, 'i').exec(style)?.[1]?.toLowerCase()
      })
      return light === undefined || dark === undefined ? '' : ` class="c-${light}-${dark}"`
    })
}

function keyOf(code: string, language: string): string {
  return `${language} ${createHash('sha256').update(code).digest('base64url')}`
}

/** Another lockfile may mean another highlighter. */
function keptFile(root: string): string {
  const hash = createHash('sha256').update(readFileSync(path.join(root, 'package-lock.json')))
  hash.update(JSON.stringify(THEMES))
  return path.join(
    root,
    'node_modules/.cache/socket-workbook/colours',
    `${hash.digest('hex').slice(0, 16)}.json`,
  )
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
