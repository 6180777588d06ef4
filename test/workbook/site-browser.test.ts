import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '../../workbook/bundle/root.ts'
import { Site } from '../../workbook/site/site.ts'
import { writeSite } from '../../workbook/site/write.ts'
import { AXE } from './axe.ts'
import { openBrowser } from './browser.ts'
import { needing } from './outside.ts'
import { SiteCourse } from './site-course.ts'

/** What a reader sees, from `file://`: every page of this checkout, and the small course. */

let folder: string
let pages: string[]
let browser: Browser

describe('in a browser', needing('Chromium'), () => {
  let course: SiteCourse

  beforeAll(async () => {
    course = new SiteCourse()
    folder = mkdtempSync(path.join(tmpdir(), 'site-browser-'))
    const real = await new Site(root).build()
    writeSite(real, path.join(folder, 'real'))
    writeSite(await new Site(course.root).build(), path.join(folder, 'small'))
    pages = [...real.keys()].filter((file) => file.endsWith('.html'))
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    course.remove()
    rmSync(folder, { recursive: true })
  })

  test('axe finds nothing on any page, dark on a phone and light at a desk, and no console says anything', async () => {
    const context = await browser.newContext({ colorScheme: 'dark', reducedMotion: 'reduce' })
    const left = [...pages]
    const found: string[] = []
    const lane = async (): Promise<void> => {
      const [page, said] = await watched(context)
      for (let file = left.pop(); file !== undefined; file = left.pop()) {
        for (const { width, colorScheme } of [PHONE, DESK]) {
          await page.setViewportSize({ width, height: 900 })
          await page.emulateMedia({ colorScheme })
          await page.goto(address('real', file))
          // What is folded is read too, once it is open.
          await page.evaluate(`for (const each of document.querySelectorAll('details')) each.open = true`)
          await page.evaluate(axe.source)
          for (const each of (await page.evaluate(AXE)) as string[])
            found.push(`${file}, ${width} pixels, ${colorScheme}: ${each}`)
        }
      }
      found.push(...said)
    }
    await Promise.all([lane(), lane()])
    expect(found).toEqual([])
    await context.close()
  })

  test('a button copies the code above which the pointer stands, and says so', async () => {
    const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
    const page = await context.newPage()
    await page.goto(address('small', '1-greetings.html'))
    const code = page.locator('.code').nth(1)
    await code.hover()
    await code.getByRole('button', { name: 'Copy' }).click()
    await code.getByRole('button', { name: 'Copied' }).waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(await code.locator('pre').innerText())
    await context.close()
  })

  test.each([
    ['index.html', 'half-close', '2-closing.html#half-close'],
    ['labs/42-greeting/index.html', 'TIME_WAIT', '2-closing.html'],
    ['ko/1-greetings.html', '지속연결', 'ko/1-greetings.html#%EC%A7%80%EC%86%8D%EC%97%B0%EA%B2%B0'],
    ['ko/labs/42-greeting/index.html', '연결', 'ko/1-greetings.html#%EC%A7%80%EC%86%8D%EC%97%B0%EA%B2%B0'],
  ])('on %s the search finds %s, by keyboard alone', async (file, words, place) => {
    const page = await browser.newPage()
    await page.goto(address('small', file))
    await page.keyboard.press('/')
    await page.keyboard.type(words)
    const option = page.getByRole('option').first()
    await option.waitFor()
    const field = page.getByRole('combobox')
    expect(await field.getAttribute('aria-expanded')).toBe('true')
    expect(await field.getAttribute('aria-activedescendant')).toBe(await option.getAttribute('id'))
    expect(await option.getAttribute('aria-selected')).toBe('true')
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.href !== address('small', file))
    expect(page.url()).toBe(
      `${address('small', place.split('#')[0] ?? '')}${place.includes('#') ? `#${place.split('#')[1]}` : ''}`,
    )
    await page.close()
  })

  test('Ctrl+K finds the field, a slip is forgiven, and what was found is marked', async () => {
    const page = await browser.newPage()
    await page.goto(address('small', 'index.html'))
    await page.keyboard.press('Control+k')
    await page.keyboard.type('conection')
    const option = page.getByRole('option').first()
    await option.waitFor()
    expect((await option.locator('mark').allInnerTexts()).join(' ')).toMatch(/connection/i)
    await page.close()
  })

  test('arrows move through the results, and Escape leaves them and then the words', async () => {
    const page = await browser.newPage()
    await page.goto(address('small', 'index.html'))
    const field = page.getByRole('combobox')
    await field.fill('server')
    await page.getByRole('option').nth(1).waitFor()
    const active = (): Promise<string | null> => field.getAttribute('aria-activedescendant')
    expect(await active()).toBe('site-result-0')
    await page.keyboard.press('ArrowDown')
    expect(await active()).toBe('site-result-1')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowUp')
    const last = (await page.getByRole('option').count()) - 1
    expect(await active()).toBe(`site-result-${last}`)
    await page.keyboard.press('Escape')
    expect(await page.getByRole('listbox').isHidden()).toBe(true)
    expect([await field.getAttribute('aria-expanded'), await active(), await field.inputValue()]).toEqual([
      'false',
      null,
      'server',
    ])
    await page.keyboard.press('Escape')
    expect(await field.inputValue()).toBe('')
    await page.close()
  })

  test('axe finds nothing while results are shown', async () => {
    const page = await browser.newPage({ reducedMotion: 'reduce' })
    await page.goto(address('small', 'index.html'))
    await page.getByRole('combobox').fill('server')
    await page.getByRole('option').first().waitFor()
    await page.evaluate(axe.source)
    expect(await page.evaluate(AXE)).toEqual([])
    await page.close()
  })

  test('the theme follows the system until the reader chooses, and then stays on every page', async () => {
    const context = await browser.newContext({ colorScheme: 'light' })
    const page = await context.newPage()
    const ground = (): Promise<unknown> => page.evaluate('getComputedStyle(document.body).backgroundColor')
    await page.goto(address('small', 'index.html'))
    expect(await ground()).toBe('rgb(255, 255, 255)')
    const button = page.getByRole('button', { name: 'Dark theme' })
    await button.click()
    expect(await button.getAttribute('aria-pressed')).toBe('true')
    expect(await ground()).toBe('rgb(20, 23, 28)')
    // Before the first line of the body is drawn, the choice is there: nothing flashes.
    await page.addInitScript(`addEventListener('DOMContentLoaded', () => 0);
      new MutationObserver((_, me) => { if (document.body) { window.early = document.documentElement.dataset.theme; me.disconnect() } }).observe(document, { childList: true, subtree: true })`)
    await page.goto(address('small', '2-closing.html'))
    expect(await page.evaluate('window.early')).toBe('dark')
    expect(await ground()).toBe('rgb(20, 23, 28)')
    await context.close()
  })

  test('with scripts off everything but the search is there', async () => {
    const context = await browser.newContext({
      javaScriptEnabled: false,
      viewport: { width: 375, height: 800 },
    })
    const [page, said] = await watched(context)
    await page.goto(address('small', '1-greetings.html'))
    expect(await page.getByRole('combobox').count()).toBe(0)
    expect(await page.getByRole('button').count()).toBe(0)
    expect(await page.locator('figure svg').first().isVisible()).toBe(true)
    await page.getByText('Answer', { exact: true }).click()
    expect(await page.getByText('The server.', { exact: true }).isVisible()).toBe(true)
    await page.getByRole('link', { name: 'All pages' }).click()
    await page
      .locator('#site-pages')
      .getByRole('link', { name: /A server that speaks first/ })
      .click()
    expect(page.url()).toBe(address('small', 'labs/42-greeting/index.html'))
    expect(await page.locator('nav.contents a').first().isVisible()).toBe(true)
    await page.locator('a.prev').click()
    expect(page.url()).toBe(address('small', '2-closing.html'))
    expect(said).toEqual([])
    await context.close()
  })

  test('the first stop of the tab key leads to the text', async () => {
    const page = await browser.newPage()
    await page.goto(address('small', '1-greetings.html'))
    await page.keyboard.press('Tab')
    const skip = page.getByRole('link', { name: 'Skip to the text' })
    expect(await page.evaluate('document.activeElement.className')).toBe('skip')
    expect((await skip.boundingBox())?.y).toBeGreaterThanOrEqual(0)
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('site-text')
    await page.close()
  })

  test('only what scrolls is a stop of the tab key', async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await page.goto(address('small', '1-greetings.html'))
    const code = page.locator('pre').first()
    await page.waitForFunction(`!document.querySelector('pre').hasAttribute('tabindex')`)
    await page.setViewportSize({ width: 320, height: 800 })
    await page.evaluate(`document.querySelector('pre code').textContent = 'x'.repeat(200)`)
    await page.evaluate(`document.querySelector('pre').style.width = '200px'`)
    await page.waitForFunction(`document.querySelector('pre').getAttribute('tabindex') === '0'`)
    expect(await code.getAttribute('role')).toBe('group')
    await page.close()
  })
})

// --- internal ---

const PHONE = { width: 360, colorScheme: 'dark' } as const
const DESK = { width: 1440, colorScheme: 'light' } as const

function address(site: 'real' | 'small', file: string): string {
  return pathToFileURL(path.join(folder, site, file)).href
}

/** A page, and all that its console says. */
async function watched(context: BrowserContext): Promise<[Page, string[]]> {
  const page = await context.newPage()
  const said: string[] = []
  page.on('console', (message) => void said.push(`${page.url()}: ${message.text()}`))
  page.on('pageerror', (error) => void said.push(`${page.url()}: ${error.message}`))
  page.on('requestfailed', (request) => void said.push(`${request.url()} failed`))
  return [page, said]
}
