import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '../../workbook/bundle/root.ts'
import { Site } from '../../workbook/site/site.ts'
import { writeSite } from '../../workbook/site/write.ts'
import { openBrowser } from './browser.ts'
import { needing } from './outside.ts'

/** What fits which screen: every page of this checkout, from a phone to a desk. */

let folder: string
let pages: string[]
let browser: Browser

describe('on screens of all widths', needing('Chromium'), () => {
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'site-screens-'))
    const real = await new Site(root).build()
    writeSite(real, folder)
    pages = [...real.keys()].filter((file) => file.endsWith('.html'))
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true })
  })

  test('no page is wider than its window, from a phone to a desk', async () => {
    const page = await browser.newPage()
    const wide: string[] = []
    for (const file of pages) {
      await page.goto(address(file))
      for (const width of [320, 640, 1280]) {
        await page.setViewportSize({ width, height: 800 })
        const needs = (await page.evaluate('document.documentElement.scrollWidth')) as number
        if (needs > width) wide.push(`${file}: ${needs} of ${width}`)
      }
    }
    expect(wide).toEqual([])
    await page.close()
  })

  test('code of chapters and labs is on the screen to its last column, in letters of 12 pixels', async () => {
    const page = await browser.newPage()
    const [cut, small]: [string[], string[]] = [[], []]
    for (const file of pages.filter((each) => /^\d|^labs\/\d/.test(each))) {
      await page.goto(address(file))
      for (const width of [1024, 1280, 1440]) {
        await page.setViewportSize({ width, height: 900 })
        const blocks = (await page.evaluate(BLOCKS)) as Array<[over: number, size: number, line: string]>
        cut.push(...blocks.filter(([over]) => over > 0).map(([, , line]) => `${file}, ${width}: ${line}`))
        small.push(
          ...blocks.filter(([, size]) => size < 12).map(([, , line]) => `${file}, ${width}: ${line}`),
        )
      }
    }
    expect([cut, small]).toEqual([[], []])
    await page.close()
  })

  test('on a phone the bar stays, and the pages open as a drawer', async () => {
    const page = await browser.newPage({ viewport: { width: 360, height: 740 } })
    await page.goto(address('2-performance.html'))
    await page.evaluate('scrollTo(0, 3000)')
    const bar = await page.locator('header.site').boundingBox()
    expect([bar?.y, (bar?.height ?? 99) < 64]).toEqual([0, true])
    const button = page.getByRole('button', { name: 'All pages' })
    await button.click()
    const drawer = page.locator('#site-pages')
    expect(await button.getAttribute('aria-expanded')).toBe('true')
    expect(await drawer.getByRole('link', { name: 'The handshake' }).isVisible()).toBe(true)
    expect(await drawer.getByRole('link', { name: 'TCP connections' }).isVisible()).toBe(true)
    await page.keyboard.press('Escape')
    expect(await button.getAttribute('aria-expanded')).toBe('false')
    expect(await page.evaluate('document.activeElement.className')).toBe('to-pages')
    await page.close()
  })

  test('no letter of a figure is smaller than 12 pixels on a phone', async () => {
    const page = await browser.newPage({ viewport: { width: 360, height: 740 } })
    const small: string[] = []
    for (const file of pages.filter((each) => /^\d/.test(each))) {
      await page.goto(address(file))
      const sizes = (await page.evaluate(LETTERS)) as Array<[size: number, text: string]>
      small.push(...sizes.filter(([size]) => size < 12).map(([size, text]) => `${file}: ${text} ${size}`))
    }
    expect(small).toEqual([])
    await page.close()
  })
})

// --- internal ---

/** Of each word in a drawing: its size on the screen. */
const LETTERS = `[...document.querySelectorAll('.canvas svg')].flatMap((svg) => {
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width
  return [...svg.querySelectorAll('text')].map((text) => [parseFloat(getComputedStyle(text).fontSize) * scale, text.textContent])
})`

/** Of each piece of code: by how much it is too wide, the size of its letters, and how it begins. */
const BLOCKS = `[...document.querySelectorAll('pre')].map((pre) => {
  for (let each = pre; each; each = each.parentElement) if (each.tagName === 'DETAILS') each.open = true
  const size = parseFloat(getComputedStyle(pre.querySelector('code')).fontSize)
  return [pre.scrollWidth - pre.clientWidth, size, pre.textContent.slice(0, 60)]
})`

function address(file: string): string {
  return pathToFileURL(path.join(folder, file)).href
}
