import { escapeHtml } from '../html.ts'
import type { Page } from '../page.ts'
import { wordsIn } from './words.ts'

/** How a page is called where it stands alone: `Chapter 1: TCP connections`. */
export function nameOf({ source, facts, outline }: Page): string {
  const title = facts.title ?? outline.title
  if (source.kind !== 'chapter' || source.number === null) return title
  return `${wordsIn(source.language).chapter(source.number)}: ${title}`
}

/** How the navigation calls a page (HTML): its number, and its title without it. */
export function labelOf({ source, facts, outline }: Page): string {
  const title = facts.title ?? outline.title
  if (source.number === null) return escapeHtml(title)
  const bare = title.replace(/^[^:：]*\d[:：]\s*/, '').replace(/^\d+[.\s]\s*/, '')
  return `<span class="number">${source.number}</span> ${escapeHtml(bare)}`
}
