import type { Figure } from './figure.ts'
import { sourceSentence } from './source-sentence.ts'
import { drawFigure } from './svg.ts'
import { figureTable } from './table.ts'
import { escapeXml } from './text.ts'

/**
 * A whole page around one figure: drawing, description and table. It needs no other file and no script.
 *
 * @param bytes - Every message of the run, in lines; what the arrows have no room for.
 */
export function standalone(figure: Figure, bytes: readonly string[] = []): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(figure.title)}</title>
<style>
${STYLE}
</style>
</head>
<body>
<main>
<h1>${escapeXml(figure.title)}</h1>
<p>${escapeXml(figure.description)}</p>
<figure>
${drawFigure(figure)}<figcaption>${escapeXml(sourceSentence(figure.source))}</figcaption>
</figure>
<h2>Step by step</h2>
<div class="wide">
${figureTable(figure)}</div>
${bytesHtml(bytes)}</main>
</body>
</html>
`
}

// --- internal ---

function bytesHtml(lines: readonly string[]): string {
  if (lines.length === 0) return ''
  return `<h2>Byte by byte</h2>\n<pre class="wide">${escapeXml(lines.join('\n'))}</pre>\n`
}

const STYLE = `:root{color-scheme:light dark}
body{margin:0;background:#fff;color:#1f2328;font:1rem/1.5 system-ui,sans-serif}
main{max-width:46rem;margin:0 auto;padding:1rem}
h1{font-size:1.4rem;line-height:1.25}
h2{font-size:1.15rem}
figure{margin:1.5rem 0;text-align:center}
figcaption{margin-top:.5rem;color:#57606a;font-size:.9rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
caption{text-align:left;color:#57606a;padding-bottom:.5rem}
th,td{border-top:1px solid #d8dee4;padding:.3rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
@media (prefers-color-scheme:dark){
body{background:#0d1117;color:#e6edf3}
figcaption,caption{color:#9da7b1}
th,td{border-color:#30363d}
}`
