import { slugOfText } from '../course/slug.ts'
import { drawFigure } from '../figure/svg.ts'
import { figureTable } from '../figure/table.ts'
import { escapeXml } from '../figure/text.ts'
import type { Live, LiveFailure, LiveRequirement } from './live.ts'
import { count, firstSentence } from './words.ts'

/** Where a page of the docs stands, seen from the page that shows the run. */
export type LinkTo = (page: string) => string

/** A run as a page of the lab shows it, beside the text: one line, and below it what happened. */
export function liveHtml(live: Live, linkTo: LinkTo): { readonly summary: string; readonly body: string } {
  return {
    summary: summaryOf(live),
    body: `${problemHtml(live)}${failureHtml(live, linkTo)}${listHtml(live)}`,
  }
}

// --- internal ---

const MARKS: Readonly<Record<string, string>> = { passed: '✓', waiting: '·', 'not-started': '○' }

function summaryOf({ requirements, running, problem, failure, file }: Live): string {
  const passed = requirements.filter(({ kind }) => kind === 'passed').length
  const said = [`${escapeXml(file)}: ${passed} of ${count(requirements.length, 'requirement')} passed`]
  if (problem) said.push('it could not be graded')
  if (failure) said.push(`${failure.requirement} ${wordsOf(failure.kind)}`)
  if (running) said.push('running…')
  return said.join(' · ')
}

function problemHtml({ problem }: Live): string {
  return problem ? `<pre>${escapeXml(problem.message)}</pre><p>Next: ${code(problem.next)}</p>` : ''
}

function listHtml({ requirements }: Live): string {
  return `<ol class="live-list">${requirements.map(itemHtml).join('')}</ol>`
}

function itemHtml({ id, text, kind }: LiveRequirement): string {
  const mark = MARKS[kind] ?? '✗'
  const link = `<a href="#${id.toLowerCase()}">${id}</a>`
  return `<li class="live-${kind}"><b>${mark}</b> ${link} ${escapeXml(firstSentence(text))} <i>${wordsOf(kind)}</i></li>`
}

function failureHtml({ failure }: Live, linkTo: LinkTo): string {
  if (!failure) return ''
  const { requirement, check, expected, saw, detail, next } = failure
  const rows = { check, expected, saw }
  const list = Object.entries(rows).map(([term, text]) => `<dt>${term}</dt><dd>${escapeXml(text)}</dd>`)
  const more = detail.length > 0 ? `<pre>${escapeXml(detail.join('\n'))}</pre>` : ''
  const title = `<h2>${requirement} ${wordsOf(failure.kind)}</h2>`
  return `${title}<dl>${list.join('')}</dl>${more}${figureHtml(failure)}<p>Next: ${code(next)}${readHtml(failure, linkTo)}</p>`
}

function readHtml({ section }: LiveFailure, linkTo: LinkTo): string {
  if (!section) return ''
  const href = `${linkTo(section.page)}#${slugOfText(section.heading)}`
  return ` · Read: <a href="${escapeXml(href)}">${escapeXml(section.heading)}</a>`
}

function figureHtml({ figure }: LiveFailure): string {
  if (!figure) return ''
  const table = `<details><summary>The same as a table</summary>${figureTable(figure)}</details>`
  return `<figure>${drawFigure(figure)}${table}</figure>`
}

function wordsOf(kind: string): string {
  return kind.replace('-', ' ')
}

function code(text: string): string {
  return `<code>${escapeXml(text)}</code>`
}
