import { escapeHtml } from '../html.ts'
import type { Page } from '../page.ts'

/** How the navigation calls a page (HTML): its number, and its title without it. */
export function labelOf({ source, facts, outline }: Page): string {
  const title = facts.title ?? outline.title
  if (source.number === null) return escapeHtml(title)
  const bare = title.replace(/^[^:：]*\d[:：]\s*/, '').replace(/^\d+[.\s]\s*/, '')
  return `<span class="number">${source.number}</span> ${escapeHtml(bare)}`
}
