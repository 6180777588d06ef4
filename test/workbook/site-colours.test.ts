import { createHighlighterCore, type HighlighterCore } from 'shiki/core'
import { createOnigurumaEngine } from 'shiki/engine/oniguruma'
import dark from 'shiki/themes/github-dark-high-contrast.mjs'
import light from 'shiki/themes/github-light-high-contrast.mjs'
import { beforeAll, describe, expect, test } from 'vitest'
import { coloured } from '../../workbook/site/colours/coloured.ts'
import { pairOf } from '../../workbook/site/colours/pair.mjs'
import { ColourThread, type Code } from '../../workbook/site/colours/thread.ts'

/** Code is coloured by a thread, and read once for both themes. */

const SAMPLES: readonly Code[] = [
  { language: 'ts', code: "/** A & b. */\nexport const a = /x\\n<+/g.test(`${1 < 2}`)  ? 'é' :\tnull\n\n" },
  { language: 'ts', code: 'class A<T> extends B {\n  #a = async (b?: T) => { await b }  // end  \n}' },
  { language: 'js', code: 'let a = { b: 1 }\nfor (const c of a) c()\n' },
  { language: 'json', code: '{ "a": [1, true, null, "b\\n"] }\n' },
  { language: 'http', code: 'GET /a HTTP/1.1\r\nHost: b\r\n\r\n{"c": 1}\n' },
  { language: 'sh', code: 'npm ci && echo "$A" | tee b > /dev/null # c\n' },
  { language: 'yaml', code: 'a: [1, b]\nc: "d" # e\n' },
  { language: 'css', code: '.a > b::before { color: #fff; margin: 0 }\n' },
  { language: 'md', code: '# A **b**\n\n- _c_ ~~d~~ [e](f.md)\n\n```ts\nconst a = 1\n```\n' },
  { language: 'diff', code: '--- a\n+++ b\n@@ -1 +1 @@\n-a\n+b\n' },
  { language: 'text', code: 'a  <b> & c\n' },
]

describe('each language has the colours of both themes', () => {
  let highlighter: HighlighterCore
  beforeAll(async () => {
    highlighter = await createHighlighterCore({
      engine: createOnigurumaEngine(import('shiki/wasm')),
      themes: [light, dark],
      langs: [
        import('shiki/langs/typescript.mjs'),
        import('shiki/langs/javascript.mjs'),
        import('shiki/langs/json.mjs'),
        import('shiki/langs/http.mjs'),
        import('shiki/langs/shellscript.mjs'),
        import('shiki/langs/yaml.mjs'),
        import('shiki/langs/css.mjs'),
        import('shiki/langs/markdown.mjs'),
        import('shiki/langs/diff.mjs'),
      ],
    })
  })

  test.each(SAMPLES)('$language: $code', async (sample) => {
    expect(await coloured(sample)).toBe(oneAfterTheOther(highlighter, sample))
  })
})

test('what comes first is answered first', async () => {
  const thread = new ColourThread()
  const order: number[] = []
  await Promise.all(SAMPLES.map((code, at) => thread.colour(code).then(() => order.push(at))))
  expect(order).toEqual(SAMPLES.map((_, at) => at))
})

test.each([
  ['cannot be started', 'file:///nowhere/worker.mjs'],
  ['throws', 'data:text/javascript,throw new Error("no")'],
  ['ends before it answers', 'data:text/javascript,process.exit()'],
])('the colours are the same where the thread %s', async (_claim, program) => {
  const [first = { code: '', language: 'ts' }, second = first] = SAMPLES
  const thread = new ColourThread(new URL(program))
  const both = [coloured(first, thread), coloured(second, thread)]
  expect(await Promise.all(both)).toEqual([await coloured(first), await coloured(second)])
  await expect(thread.colour(first)).rejects.toThrow(Error)
  expect(await coloured(first, thread)).toBe(await coloured(first))
})

test('two themes with different rules are no pair', () => {
  const other = { ...dark, tokenColors: dark.tokenColors?.slice(1) ?? [] }
  expect(() => pairOf(light, other)).toThrow('have different rules')
})

/** As the highlighter itself does it: with each theme once. */
function oneAfterTheOther(highlighter: HighlighterCore, { code, language }: Code): string {
  const themes = { light: light.name ?? '', dark: dark.name ?? '' }
  const html = highlighter.codeToHtml(code.replace(/\n$/, ''), {
    lang: language,
    themes,
    // Else a line that takes half a second, on a busy machine, stays without colours.
    tokenizeTimeLimit: 0,
    defaultColor: false,
  })
  return html
    .replace(/^<pre[^>]*><code>/, `<pre class="shiki" tabindex="0"><code class="language-${language}">`)
    .replace(/ style="([^"]*)"/g, (_, style: string) => {
      const [one, two] = ['light', 'dark'].map((theme) => {
        return new RegExp(`--shiki-${theme}:#([0-9a-f]{6})`, 'i').exec(style)?.[1]?.toLowerCase()
      })
      return one && two ? ` class="c-${one}-${two}"` : ''
    })
}
