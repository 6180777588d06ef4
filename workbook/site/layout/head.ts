import { escapeHtml } from '../html.ts'

/** What the head of a page tells to machines: search engines, and whoever shows a preview of a link. */
export interface HeadFacts {
  readonly name: string
  readonly site: string
  readonly description: string
  /** The address of this page; null where nobody has said where the site stands. */
  readonly address: string | null
}

export function headHtml({ name, site, description, address }: HeadFacts): string {
  const property = (key: string, value: string): string =>
    `<meta property="og:${key}" content="${escapeHtml(value)}">`
  const lines = [
    ...(description === '' ? [] : [`<meta name="description" content="${escapeHtml(description)}">`]),
    property('type', 'article'),
    property('site_name', site),
    property('title', name),
    ...(description === '' ? [] : [property('description', description)]),
    ...(address === null
      ? []
      : [property('url', address), `<link rel="canonical" href="${escapeHtml(address)}">`]),
    ICON,
  ]
  return `${lines.join('\n')}\n`
}

/** Two lanes and an arrow. It stands in the page: an icon of its own would be one request more. */
export const ICON = `<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='none' stroke-width='2' stroke='%230b57a4'%3E%3Cpath d='M2 1v14M14 1v14M3 5l9 4m-4 1 4.5-1L9 6.5'/%3E%3C/svg%3E">`
