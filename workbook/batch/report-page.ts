import { escapeXml } from '../figure/text.ts'
import { STYLE } from './html-style.ts'
import { text } from './html-text.ts'

/**
 * A submission's report as a page: the same text, which a browser would otherwise show in whatever encoding it guesses.
 *
 * @param report - As its student reads it.
 */
export function reportPage(name: string, report: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${text(name)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${text(name)}</h1>
<pre tabindex="0">${report.split('\n').map(lineHtml).join('\n')}</pre>
</main>
</body>
</html>
`
}

// --- internal ---

/** The marks at the beginning of a line have the colours that a terminal gives them. */
function lineHtml(line: string): string {
  const [, space = '', mark = '', rest = line] = /^(\s*)([✓✗])(.*)$/.exec(line) ?? []
  if (mark === '') return escapeXml(line)
  return `${space}<span class="${mark === '✓' ? 'good' : 'bad'}">${mark}</span>${escapeXml(rest)}`
}
