/**
 * Colours code in both themes at once, with classes: the reader's browser needs no script for it. Plain
 * JavaScript, because it runs in a thread where nothing reads TypeScript.
 */
import { createHighlighterCore } from 'shiki/core'
import { createOnigurumaEngine } from 'shiki/engine/oniguruma'
import dark from 'shiki/themes/github-dark-high-contrast.mjs'
import light from 'shiki/themes/github-light-high-contrast.mjs'
import { pairOf } from './pair.mjs'

/**
 * @param {string} language - One of those below, or `text`.
 * @returns {Promise<string>} A `<pre>` element.
 */
export async function colour(code, language) {
  const highlighter = await core
  if (language in GRAMMARS) await highlighter.loadLanguage(GRAMMARS[language])
  // No limit of time for a line: on a slow machine its end would stay without colours.
  const options = { lang: language, theme: theme.name, tokenizeTimeLimit: 0 }
  const lines = highlighter.codeToTokensBase(code.replace(/\n$/, ''), options).map(lineHtml)
  return `<pre class="shiki" tabindex="0"><code class="language-${language}">${lines.join('\n')}</code></pre>`
}

// --- internal ---

/** Grammars, loaded when the first code of their language comes. */
const GRAMMARS = {
  ts: () => import('shiki/langs/typescript.mjs'),
  js: () => import('shiki/langs/javascript.mjs'),
  json: () => import('shiki/langs/json.mjs'),
  http: () => import('shiki/langs/http.mjs'),
  sh: () => import('shiki/langs/shellscript.mjs'),
  yaml: () => import('shiki/langs/yaml.mjs'),
  css: () => import('shiki/langs/css.mjs'),
  md: () => import('shiki/langs/markdown.mjs'),
  diff: () => import('shiki/langs/diff.mjs'),
}

const { theme, pairs } = pairOf(light, dark)

const core = createHighlighterCore({
  // Its regular expressions are ready at once; those of the other engine are translated first.
  engine: createOnigurumaEngine(import('shiki/wasm')),
  themes: [theme],
  langs: [],
})

/** Written here: on its way to HTML the highlighter makes a tree of it, which takes a tenth of the time. */
function lineHtml(tokens) {
  let html = ''
  let space = ''
  for (const [at, { content, color }] of tokens.entries()) {
    // Space has no colour, and needs no element of its own.
    if (/^\s+$/.test(content) && at + 1 < tokens.length) space += content
    else {
      html += wordHtml(space + content, pairs.get(color?.toLowerCase()))
      space = ''
    }
  }
  return `<span class="line">${html}</span>`
}

/** A colour as a class: shorter than the style of every word, and the theme can be switched. */
function wordHtml(text, pair) {
  const escaped = text.replace(/&/g, '&#x26;').replace(/</g, '&#x3C;')
  return pair === undefined ? `<span>${escaped}</span>` : `<span class="c-${pair}">${escaped}</span>`
}
