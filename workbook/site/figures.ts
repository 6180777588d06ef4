import { CourseError } from '../course/course-error.ts'
import type { Figure, FigureSource } from '../figure/figure.ts'
import { readFigure } from '../figure/read-figure.ts'
import { drawFigure, widthOf } from '../figure/svg.ts'
import { figureTable } from '../figure/table.ts'
import { escapeHtml } from './html.ts'
import type { Words } from './layout/words.ts'
import type { Draft } from './markdown/draft.ts'

/** The one place where pages and figures meet. */

export function recordOf(name: string): string {
  return `docs/figures/${name}.json`
}

/**
 * A figure for a page: drawing, caption, and the same as a table.
 *
 * @param line - Where the page shows it.
 * @throws CourseError where there is no such record, or a broken one.
 */
export function figureHtml(name: string, line: number, { file, files, words, count }: Draft): string {
  const record = recordOf(name)
  if (files.kind(record) !== 'file') {
    const next = 'Correct the name, or record the figure: npm run figures'
    const found = `${record}, which does not exist`
    throw new CourseError('E_COURSE_FIGURE', { file, line, expected: 'the record of a figure', found, next })
  }
  const figure = readFigure(files.text(record), record)
  const number = ++count.figure
  const svg = drawFigure(figure)
  const made = [words.made(figure.source.how, figure.source.on), ...remarks(figure, svg, words)].join(' ')
  return `<div class="drawing">
<figure>
<div class="canvas" style="--width:${widthOf(svg)}" role="region" aria-label="${escapeHtml(words.drawing(number, figure.title))}" tabindex="0">
${withOwnIds(svg, `figure-${number}-`)}
</div>
<figcaption><span class="caption">${escapeHtml(figure.title)}</span> <span class="quiet">${escapeHtml(made)}${command(figure.source, words.again)}</span></figcaption>
</figure>
<details><summary>${escapeHtml(words.asTable)}</summary>
<p>${escapeHtml(figure.description)}</p>
<div class="table" role="region" aria-label="${escapeHtml(words.drawingAsTable(number, figure.title))}" tabindex="0">
${figureTable(figure)}
</div>
</details>
</div>
`
}

// --- internal ---

/** What a reader may take for granted and must not: that heights are times, and that every packet is drawn. */
function remarks({ source, events }: Figure, svg: string, words: Words): string[] {
  const kernels =
    source.how === 'recorded' && !events.some((event) => event.kind === 'segment' && event.type === 'ack')
  return [
    ...(svg.includes('<g class="axis rows"') ? [words.notToScale] : []),
    ...(kernels ? [words.notDrawn] : []),
  ]
}

function command(source: FigureSource, again: string): string {
  return source.command === '' ? '' : ` ${escapeHtml(again)} <code>${escapeHtml(source.command)}</code>`
}

/** Several drawings stand in one page, and an id may stand there once. */
function withOwnIds(svg: string, prefix: string): string {
  const list = (ids: string): string =>
    ids
      .split(/\s+/)
      .map((id) => prefix + id)
      .join(' ')
  return svg
    .replace(/^\s*<\?xml[^>]*\?>\s*/, '')
    .replace(/(\sid=")([^"]+)"/g, `$1${prefix}$2"`)
    .replace(/((?:url\(|href=")#)/g, `$1${prefix}`)
    .replace(
      /(\saria-(?:labelledby|describedby)=")([^"]+)"/g,
      (_, head: string, ids: string) => `${head}${list(ids)}"`,
    )
}
