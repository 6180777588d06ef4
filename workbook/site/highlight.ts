import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { coloured, wakeThread } from './colours/coloured.ts'
import type { Code } from './colours/thread.ts'

/** Coloured code: what pages ask for, what is done, and what is kept for the next build. */

export const LANGUAGES = ['ts', 'js', 'json', 'http', 'sh', 'yaml', 'css', 'md', 'diff', 'text'] as const
type Language = (typeof LANGUAGES)[number]

export function isLanguage(name: string): name is Language {
  return (LANGUAGES as readonly string[]).includes(name)
}

/** Where nothing is kept there will be much to do. */
export function getReady(): void {
  if (done.size === 0) wakeThread()
}

/** Has this code coloured, which begins at once. Only what is new is work. */
export function prepare(all: readonly Code[]): void {
  for (const each of all) {
    const key = keyOf(each.code, each.language)
    if (!isLanguage(each.language) || done.has(key) || coming.has(key)) continue
    const html = coloured(each)
      .then((text) => void done.set(key, text))
      .finally(() => void coming.delete(key))
    coming.set(key, html)
  }
}

/** Whether code that was asked for is not coloured yet. */
export function isColouring(): boolean {
  return coming.size > 0
}

/** Has to be awaited, after `prepare` and before `highlight`. */
export async function prepared(): Promise<void> {
  await Promise.all(coming.values())
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

/** Where it cannot be kept, the next build does it again. */
export function keepColours(root: string): void {
  const file = keptFile(root)
  const own = `${file}.${process.pid}`
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(own, JSON.stringify([...done]))
    renameSync(own, file)
  } catch {
    // A full disk, or a folder of somebody else's: the pages are built all the same.
  }
}

// --- internal ---

const CLASS = /\bc-[0-9a-f]{6}-[0-9a-f]{6}\b/g
const done = new Map<string, string>()
const coming = new Map<string, Promise<void>>()

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
