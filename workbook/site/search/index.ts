import MiniSearch from 'minisearch'
import { nameOf } from '../layout/label.ts'
import type { Page } from '../page.ts'
import { SEARCH_OPTIONS, type Hit } from './options.ts'

/** The index of one language, as a script: `file://` lets a page load scripts, and nothing else. */
export function searchScript(pages: readonly Page[]): string {
  const search = new MiniSearch<Hit & { text: string }>(SEARCH_OPTIONS)
  let id = 0
  for (const each of pages) {
    const { source, outline } = each
    const page = nameOf(each)
    for (const { slug, heading, text, excerpt } of outline.sections) {
      const place = source.out + (slug === '' ? '' : `#${slug}`)
      search.add({ id: id++, place, page, heading: slug === '' ? '' : heading, excerpt, text })
    }
  }
  return `globalThis.workbookSearch(${JSON.stringify(JSON.stringify(search))})\n`
}
