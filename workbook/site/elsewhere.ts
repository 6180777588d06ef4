import { escapeHtml } from './html.ts'
import { ICON } from './layout/head.ts'
import type { Words } from './layout/words.ts'

/** Files of the site that no page links to: for search engines, and for whoever asked for a page that is not there. */

/** A code host shows it at whatever path was asked for, so it needs nothing but itself. */
export function missingPage(base: string | null, words: Words): string {
  const start = base === null ? 'index.html' : base
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${words.notFound} · ${words.site}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
${ICON}
<style>:root{color-scheme:light dark;background:#fff;color:#1b1f24}a{color:#0b57a4}@media(prefers-color-scheme:dark){:root{background:#15181c;color:#e6e9ec}a{color:#8ab8f0}}body{max-width:40rem;margin:4rem auto;padding:0 1rem;font:1.0625rem/1.6 system-ui,sans-serif}</style>
</head>
<body>
<main>
<h1>${words.notFound}</h1>
<p>${words.moved} <a href="${escapeHtml(start)}">${words.site}</a></p>
</main>
</body>
</html>
`
}

/** @param base - The address of the site, with its last slash. */
export function sitemap(base: string, pages: readonly string[]): string {
  const entries = pages.map((out) => `<url><loc>${escapeHtml(addressOf(base, out))}</loc></url>`)
  return `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
${entries.join('\n')}
</urlset>
`
}

/** One address a page: a folder's page is the folder. */
export function addressOf(base: string, out: string): string {
  return base + encodeURI(out).replace(/(^|\/)index\.html$/, '$1')
}
