import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Coloured code: what pages ask for, what is done, and what is kept for the next build. */

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
    const { colour } = await import('./colours/colour.mjs')
    done.set(key, await colour(code, language))
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

const CLASS = /\bc-[0-9a-f]{6}-[0-9a-f]{6}\b/g
const done = new Map<string, string>()

function keyOf(code: string, language: string): string {
  return `${language} ${createHash('sha256').update(code).digest('base64url')}`
}

/** Another lockfile may mean another highlighter, and so does another use of it. */
function keptFile(root: string): string {
  const hash = createHash('sha256').update(readFileSync(path.join(root, 'package-lock.json')))
  for (const name of ['colour.mjs', 'pair.mjs'])
    hash.update(readFileSync(path.join(import.meta.dirname, 'colours', name)))
  return path.join(
    root,
    'node_modules/.cache/socket-workbook/colours',
    `${hash.digest('hex').slice(0, 16)}.json`,
  )
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
