import { escapeHtml } from '../html.ts'
import type { Page } from '../page.ts'
import { linkBetween, rootOf } from '../places.ts'
import type { PageSource, Tree } from '../tree.ts'
import { addressOf } from '../elsewhere.ts'
import { factsHtml, type Known } from './facts.ts'
import { footerHtml, type CourseFacts } from './footer.ts'
import { headHtml } from './head.ts'
import { nameOf } from './label.ts'
import { wordsIn, type Words } from './words.ts'

/** Where a page stands among the others. */
export interface Standing extends Known {
  readonly tree: Tree
  /** The same page in the other languages. */
  readonly translations: readonly PageSource[]
  readonly course: CourseFacts
  /** The address of the site; null where nobody has said. */
  readonly base: string | null
}

/** The whole page as HTML. */
export function pageHtml(page: Page, standing: Standing): string {
  const { source, outline } = page
  const { heading, body } = page.html()
  const words = wordsIn(source.language)
  const to = (out: string): string => linkBetween(source.out, out)
  const isStart = source.out === standing.tree.start.out
  const title = isStart ? words.site : nameOf(page)
  const name = isStart ? title : `${title} · ${words.site}`
  const facts = factsHtml(page, standing, words)
  const isChapter = source.kind === 'chapter'
  const address = standing.base === null ? null : addressOf(standing.base, source.out)
  return `<!DOCTYPE html>
<html lang="${source.language}">
<head>
<meta charset="utf-8">
<title>${escapeHtml(name)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
${headHtml({ name: title, site: words.site, description: outline.description, address })}<link rel="stylesheet" href="${to('assets/style.css')}">
<script src="${to('assets/site.js')}"></script>
</head>
<body>
<a class="skip" href="#site-text">${words.skip}</a>
${headerHtml(source, standing, words, to)}
<div class="frame">
<main id="site-text" tabindex="-1">
<article data-copy="${words.copy}" data-copied="${words.copied}">
${isChapter ? `<p class="eyebrow">${words.chapter(source.number ?? '')}</p>\n` : ''}${heading}${whereToTickHtml(source, words)}${isChapter ? '' : facts}${contentsHtml(page, words)}${body}${isChapter ? aboutHtml(facts, words) : ''}</article>
${neighboursHtml(source, standing, words, to)}
${footerHtml(source, standing.course, words)}</main>
${navigationHtml(source, standing, words, to)}
</div>
</body>
</html>
`
}

// --- internal ---

type To = (out: string) => string

/** A chapter begins with its text; what it rests on stands behind it. */
function aboutHtml(facts: string, words: Words): string {
  return facts === '' ? '' : `<section class="about" aria-label="${words.about}">\n${facts}</section>\n`
}

function headerHtml(
  { language, out }: PageSource,
  { tree, translations }: Standing,
  words: Words,
  to: To,
): string {
  const languages = translations.map((page) => {
    const { name } = wordsIn(page.language)
    return `<a href="${to(page.out)}" hreflang="${page.language}" lang="${page.language}">${name}</a>`
  })
  const index = to(`assets/search-${language}.js`)
  return `<header class="site">
<a class="home" href="${to(tree.start.out)}">${words.site}</a>
<div class="search" role="search" hidden data-index="${index}" data-root="${rootOf(out)}" data-found="${words.found}" data-nothing="${words.nothing}">
<input id="site-search" type="search" role="combobox" aria-label="${words.search}" placeholder="${words.searchHint}" aria-expanded="false" aria-controls="site-results" aria-autocomplete="list" autocomplete="off" autocapitalize="none" spellcheck="false">
<ul id="site-results" role="listbox" aria-label="${words.search}" hidden></ul>
<p class="unseen" role="status"></p>
</div>
${languages.join('\n')}
<button class="theme" type="button" hidden aria-pressed="false" aria-label="${words.darkTheme}" title="${words.darkTheme}"><svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><circle cx="10" cy="10" r="7.25" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M10 2.75a7.25 7.25 0 0 1 0 14.5z" fill="currentColor"/></svg></button>
<a class="to-pages" href="#site-pages">${words.pages}</a>
</header>`
}

function contentsHtml({ outline }: Page, words: Words): string {
  if (outline.entries.length < 2) return ''
  const items = outline.entries.map(({ level, title, slug }) => {
    return `<li class="level-${level}"><a href="#${slug}">${escapeHtml(title)}</a></li>`
  })
  return `<nav class="contents" aria-labelledby="site-contents">
<details open><summary id="site-contents">${words.contents}</summary>
<ul>
${items.join('\n')}
</ul>
</details>
</nav>
`
}

/** Predictions are ticked in their file; a served page has boxes of its own (client/served/). */
function whereToTickHtml({ file }: PageSource, words: Words): string {
  if (!/^labs\/\d\d-[^/]+\/predictions(?:\.[a-z]{2})?\.md$/.test(file)) return ''
  const name = `<code>${escapeHtml(file)}</code>`
  return `<p class="where-to-tick">${words.whereToTick(name)}</p>\n`
}

function neighboursHtml({ out, lab }: PageSource, { tree, labels }: Standing, words: Words, to: To): string {
  const place = tree.order.findIndex((page) => page.out === out)
  const link = (page: PageSource | undefined, rel: 'prev' | 'next', word: string): string => {
    if (!page) return ''
    const label = labels.get(page.out) ?? ''
    return `<a class="${rel}" rel="${rel}" href="${to(page.out)}"><span class="quiet">${word}</span> ${label}</a>`
  }
  // A page that the order does not hold belongs to a lab, or to none.
  const home = tree.order.find((page) => lab !== null && page.lab?.id === lab.id)
  const links =
    place === -1
      ? [link(home, 'prev', words.back)]
      : [link(tree.order[place - 1], 'prev', words.previous), link(tree.order[place + 1], 'next', words.next)]
  const shown = links.filter((each) => each !== '')
  if (shown.length === 0) return ''
  return `<nav class="neighbours" aria-label="${words.previous}, ${words.next}">\n${shown.join('\n')}\n</nav>`
}

function navigationHtml({ out }: PageSource, { tree, labels }: Standing, words: Words, to: To): string {
  const link = (page: PageSource): string => {
    const current = page.out === out ? ' aria-current="page"' : ''
    return `<a href="${to(page.out)}"${current}>${labels.get(page.out) ?? ''}</a>`
  }
  const groups = tree.groups.map(({ title, entries }) => {
    const items = entries.map(({ page, children }) => {
      const labs = children.map((child) => `<li>${link(child)}</li>`).join('\n')
      return `<li>${link(page)}${labs === '' ? '' : `\n<ul>\n${labs}\n</ul>\n`}</li>`
    })
    return `<p class="group">${title}</p>\n<ul>\n${items.join('\n')}\n</ul>`
  })
  return `<nav class="pages" id="site-pages" aria-label="${words.pages}" tabindex="-1">
<p class="start">${link(tree.start)}</p>
${groups.join('\n')}
</nav>`
}
