import type { Known } from './layout/facts.ts'
import type { Page } from './page.ts'

/** The items of docs/inventory.md, for the pages that teach or practise them. */
export function inventoryOf(pages: ReadonlyMap<string, Page>): Known['inventory'] {
  const page = pages.get('docs/inventory.md')
  if (!page) return null
  const items = [...page.html().body.matchAll(ITEM)].map(
    ([, id = '', html = '']) => [id, sentence(html)] as const,
  )
  return { out: page.source.out, items: new Map(items) }
}

// --- internal ---

const ITEM = /<li id="item-[^"]+"><strong>([^<]+)<\/strong> ([\s\S]*?)<\/li>/g

/** Without the links behind it, which lead from the inventory. */
function sentence(html: string): string {
  return html.replace(/\s*\(<a [\s\S]*<\/a>\)$/, '').replace(/<\/?a\b[^>]*>/g, '')
}
