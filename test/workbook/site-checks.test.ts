import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { HtmlValidate } from 'html-validate'
import { LinkChecker, LinkState } from 'linkinator'
import { afterAll, describe, expect, test } from 'vitest'
import { root } from '../../workbook/bundle/root.ts'
import { GROUNDS, PALETTE, TEXT_COLOURS } from '../../workbook/site/layout/palette.ts'
import { Site } from '../../workbook/site/site.ts'
import { writeSite } from '../../workbook/site/write.ts'
import { SiteCourse } from './site-course.ts'

/** Every page of this checkout, and of the small course, as tools judge them. */

const folder = mkdtempSync(path.join(tmpdir(), 'site-checks-'))
const course = new SiteCourse()
const sites = { real: await new Site(root).build(), small: await new Site(course.root).build() }
for (const [name, output] of Object.entries(sites)) writeSite(output, path.join(folder, name))
afterAll(() => {
  course.remove()
  rmSync(folder, { recursive: true })
})

describe.each(Object.entries(sites))('the %s site', (name, output) => {
  // A page for whoever asked for another stands alone, without the site's script.
  const pages = [...output].filter(([file]) => file.endsWith('.html') && file !== '404.html')

  test('is valid HTML', async () => {
    const validator = new HtmlValidate({
      extends: ['html-validate:recommended', 'html-validate:document'],
      rules: {
        // Anchors are those of code hosts, where a heading may begin with a digit.
        'valid-id': ['error', { relaxed: true }],
        // A drawing tells how wide it wants to be, and code how many columns it has.
        'no-inline-style': 'off',
        'require-sri': ['error', { target: 'crossorigin' }],
        // A region that scrolls, and a drawing, are named because a keyboard stops there.
        'prefer-native-element': ['error', { exclude: ['region', 'listbox', 'option', 'img'] }],
      },
    })
    const found: string[] = []
    for (const [file, content] of pages) {
      const { results } = await validator.validateString(content(), file)
      for (const { messages } of results)
        found.push(...messages.map(({ line, ruleId, message }) => `${file}:${line} ${ruleId}: ${message}`))
    }
    expect(found).toEqual([])
  })

  test('has no link and no fragment that leads nowhere', async () => {
    const { links } = await new LinkChecker().check({
      path: pages.map(([file]) => file),
      serverRoot: path.join(folder, name),
      checkFragments: true,
      concurrency: 20,
      linksToSkip: [String.raw`^https?://(?!localhost|127\.0\.0\.1)`],
    })
    expect(
      links.filter(({ state }) => state === LinkState.BROKEN).map(({ url, parent }) => `${parent} -> ${url}`),
    ).toEqual([])
    expect(links.filter(({ state }) => state === LinkState.OK).length).toBeGreaterThan(pages.length)
  })

  test('loads nothing from elsewhere, and links relatively', () => {
    for (const [file, content] of pages) {
      const addresses = [
        ...content().matchAll(/<(?:script|link|img|iframe|source)\b[^>]*?\s(?:src|href)="([^"]*)"/g),
      ]
      const outside = addresses.map((match) => match[1] ?? '').filter((each) => /^(?:\/|[a-z]+:)/.test(each))
      expect([file, outside]).toEqual([file, [expect.stringMatching(/^data:image\/svg/)]])
      expect(content()).not.toMatch(/href="\//)
    }
  })

  test('keeps to its budget: 60 KB a page with its styles, 10 KB of script', () => {
    const packed = (file: string): number => gzipSync(output.get(file)?.() ?? '').length
    const style = packed('assets/style.css')
    const heavy = pages.filter(([file]) => packed(file) + style > 60 * 1024).map(([file]) => file)
    expect(heavy).toEqual([])
    const script = packed('assets/site.js')
    expect(script).toBeGreaterThan(0)
    expect(script).toBeLessThanOrEqual(10 * 1024)
    for (const [, content] of pages) expect(content().match(/<script/g)).toHaveLength(1)
  })
})

test.each(TEXT_COLOURS.flatMap((text) => GROUNDS.map((ground) => [text, ground] as const)))(
  '%s can be read on %s, in both themes',
  (text, ground) => {
    for (const theme of [0, 1] as const) {
      expect(contrast(PALETTE[text][theme], PALETTE[ground][theme])).toBeGreaterThanOrEqual(4.5)
    }
  },
)

// --- internal ---

/** WCAG 2.2, contrast ratio. */
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
