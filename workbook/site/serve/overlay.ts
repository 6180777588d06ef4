import type { CourseError } from '../../course/course-error.ts'
import { escapeHtml } from '../html.ts'

/** Pages that exist only while the site is served. */

/** A page that reloads itself when it has changed, and hears of verdicts. */
export function withEvents(html: string): string {
  return html.replace(
    '</body>',
    `<script>${LISTEN}</script>\n<script src="/assets/served.js"></script>\n</body>`,
  )
}

/** What stops the build, in place of every page; gone when it is mended. */
export function problemsHtml(problems: readonly CourseError[]): string {
  const items = problems.map(({ file, line, expected, found, next }) => {
    const place = line === null ? file : `${file}:${line}`
    const rows = { expected, found, next }
    const list = Object.entries(rows).map(([term, text]) => `<dt>${term}</dt><dd>${escapeHtml(text)}</dd>`)
    return `<li><code>${escapeHtml(place)}</code><dl>${list.join('')}</dl></li>`
  })
  const count = problems.length === 1 ? 'One problem stops' : `${problems.length} problems stop`
  return small(`${count} the build`, `<ol>${items.join('\n')}</ol>`)
}

export function missingHtml(file: string): string {
  return small('There is no such page', `<p><code>${escapeHtml(file)}</code></p><p><a href="/">Start</a></p>`)
}

// --- internal ---

/** In place of a page there is nothing to show beside. */
function withReload(html: string): string {
  return html.replace('</body>', `<script>${LISTEN}</script>\n</body>`)
}

/**
 * The pages' own script (client/served/) listens too; where there is none this goes on alone. The stream begins when both
 * are there: what comes before somebody listens is lost.
 */
const LISTEN = `addEventListener('DOMContentLoaded',()=>{
globalThis.workbookEvents=new EventSource('/events')
workbookEvents.addEventListener('reload',()=>location.reload())})`

const STYLE = `:root{color-scheme:light dark}body{max-width:50rem;margin:3rem auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.5rem}li{margin:1.2rem 0}dl{display:grid;grid-template-columns:6rem 1fr;gap:.2rem 1rem;margin:.4rem 0}dd{margin:0;overflow-wrap:anywhere}`

function small(title: string, body: string): string {
  return withReload(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`)
}
