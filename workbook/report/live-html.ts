import { slugOfText } from '../course/slug.ts'
import { drawFigure, widthOf } from '../figure/svg.ts'
import { figureTable } from '../figure/table.ts'
import { escapeXml } from '../figure/text.ts'
import type { Live, LiveFailure, LiveRequirement } from './live.ts'
import { count, firstSentence } from './words.ts'

/** Where a page of the docs stands, seen from the page that shows the run. */
export type LinkTo = (page: string) => string

/** A run for the page of its lab. */
export interface LivePage extends Pick<Live, 'lab' | 'run' | 'running'> {
  /** Whether there is something to read, so that it should be open. */
  readonly failed: boolean
  /** HTML: one line, and below it what happened. */
  readonly summary: string
  readonly body: string
  /** For the marks beside the text. */
  readonly requirements: ReadonlyArray<Pick<LiveRequirement, 'id' | 'kind'>>
}

/** A run as a page of the lab shows it, beside the text: the requirements first, then what went wrong. */
export function liveHtml(live: Live, linkTo: LinkTo): LivePage {
  const { lab, run, running, requirements, problem, failure } = live
  return {
    lab,
    run,
    running,
    failed: problem !== null || failure !== null,
    summary: summaryOf(live),
    body: `${problemHtml(live)}${listHtml(live)}${failureHtml(live, linkTo)}`,
    requirements: requirements.map(({ id, kind }) => ({ id, kind })),
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
  return `<li class="live-${kind}"><b>${mark}</b> ${link} <span class="live-text">${escapeXml(firstSentence(text))} <i>${wordsOf(kind)}</i></span></li>`
}

function failureHtml({ failure }: Live, linkTo: LinkTo): string {
  if (!failure) return ''
  const { requirement, check, expected, saw, detail, bytes = [], next } = failure
  const rows = { check, expected, saw }
  const list = Object.entries(rows).map(
    ([term, text]) => `<dt>${term}</dt><dd class="live-${term}">${escapeXml(text)}</dd>`,
  )
  const more = `${linesHtml('', detail)}${linesHtml('The bytes', bytes)}`
  const title = `<h2>${requirement} ${wordsOf(failure.kind)}</h2>`
  return `${title}<dl>${list.join('')}</dl>${figureHtml(failure)}${more}<p>Next: ${code(next)}${readHtml(failure, linkTo)}</p>`
}

function linesHtml(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return ''
  const heading = title === '' ? '' : `<h3>${title}</h3>`
  return `${heading}<pre class="live-lines">${escapeXml(lines.join('\n'))}</pre>`
}

function readHtml({ section }: LiveFailure, linkTo: LinkTo): string {
  if (!section) return ''
  const href = `${linkTo(section.page)}#${slugOfText(section.heading)}`
  return ` · Read: <a href="${escapeXml(href)}">${escapeXml(section.heading)}</a>`
}

function figureHtml({ figure }: LiveFailure): string {
  if (!figure) return ''
  const svg = drawFigure(figure)
  const table = `<details><summary>The same as a table</summary><div class="table">${figureTable(figure)}</div></details>`
  return `<figure><div class="canvas" style="--width:${widthOf(svg)}" role="region" aria-label="Your wire" tabindex="0">${svg}</div>${table}</figure>`
}

function wordsOf(kind: string): string {
  return kind.replace('-', ' ')
}

function code(text: string): string {
  return `<code>${escapeXml(text)}</code>`
}
