import type { Lab } from '../../course/lab.ts'
import { escapeHtml } from '../html.ts'
import { itemId } from '../markdown/lists.ts'
import type { Page } from '../page.ts'
import { linkBetween, translationOf } from '../places.ts'
import type { PageSource } from '../tree.ts'
import type { Words } from './words.ts'

/** What pages know of each other. */
export interface Known {
  readonly labs: ReadonlyMap<string, Lab>
  /** Items of the inventory, id to HTML, and the page where they stand; null where there is no inventory. */
  readonly inventory: { readonly out: string; readonly items: ReadonlyMap<string, string> } | null
  /** Pages of the site, by file. */
  readonly pages: ReadonlyMap<string, PageSource>
  /** How each page is called in the navigation (HTML), by its output. */
  readonly labels: ReadonlyMap<string, string>
}

/** What stands under the heading of a lab, and of a chapter: time, what to read first, what it is about. */
export function factsHtml({ source, facts }: Page, known: Known, words: Words): string {
  const to = (out: string): string => linkBetween(source.out, out)
  if (source.kind === 'lab' && source.lab) return labHtml(source, source.lab, known, words, to)
  if (source.kind !== 'chapter') return ''
  const list = facts.rfc.length === 0 ? '' : listHtml([[words.facts.rfc, facts.rfc.map(rfcHtml).join(', ')]])
  return `${list}${itemsHtml(facts.covers, known, words.facts.teaches, to)}`
}

/** `RFC 9112 §6.3` as a link to that section. */
function rfcHtml(reference: string): string {
  const [, number = '', section, appendix] = /^RFC (\d+)(?: §(.+)| App\. (.+))?$/.exec(reference) ?? []
  const fragment = section ? `#section-${section}` : appendix ? `#appendix-${appendix}` : ''
  const words = escapeHtml(reference).replaceAll(' ', '&nbsp;')
  return `<a href="https://www.rfc-editor.org/rfc/rfc${number}${fragment}">${words}</a>`
}

// --- internal ---

type To = (out: string) => string

function labHtml(source: PageSource, lab: Lab, known: Known, words: Words, to: To): string {
  const { facts } = words
  const needs = lab.needs.map((number) => {
    const needed = [...known.labs.values()].find((each) => each.number === number)
    const page = needed && pageIn(`labs/${needed.id}/README.md`, source.language, known)
    return page ? `<a href="${to(page.out)}">${facts.lab(number)}</a>` : facts.lab(number)
  })
  const read = lab.read === null ? undefined : pageIn(lab.read, source.language, known)
  const starter = known.pages.get(`labs/${lab.id}/${lab.entry}`)
  const entry = `<code>${lab.entry}</code>`
  const rows: Array<[string, string]> = [
    [facts.time, facts.minutes(lab.minutes)],
    [facts.needs, needs.length === 0 ? facts.nothingNeeded : needs.join(', ')],
    [facts.file, starter ? `<a href="${to(starter.out)}">${entry}</a>` : entry],
    [facts.rfc, lab.rfc.map(rfcHtml).join(', ')],
  ]
  if (read && lab.read)
    rows.splice(1, 0, [facts.read, `<a href="${to(read.out)}">${known.labels.get(read.out) ?? ''}</a>`])
  return `${listHtml(rows)}${itemsHtml(lab.covers, known, facts.practises, to)}`
}

function pageIn(file: string, language: string, { pages }: Known): PageSource | undefined {
  return pages.get(translationOf(file, language)) ?? pages.get(file)
}

function listHtml(rows: ReadonlyArray<readonly [string, string]>): string {
  const items = rows.map(([term, value]) => `<div><dt>${term}</dt><dd>${value}</dd></div>`)
  return `<dl class="facts">\n${items.join('\n')}\n</dl>\n`
}

function itemsHtml(
  ids: readonly string[],
  { inventory }: Known,
  summary: (count: number) => string,
  to: To,
): string {
  if (ids.length === 0) return ''
  const items = ids.map((id) => {
    const label = inventory ? `<a href="${to(inventory.out)}#${itemId(id)}">${id}</a>` : id
    return `<li>${label} ${inventory?.items.get(id) ?? ''}</li>`
  })
  return `<details class="items"><summary>${summary(ids.length)}</summary>\n<ul>\n${items.join('\n')}\n</ul>\n</details>\n`
}
