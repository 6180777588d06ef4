import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '../../workbook/bundle/root.ts'
import type { Live } from '../../workbook/report/live.ts'
import { liveHtml } from '../../workbook/report/live-html.ts'
import { openServer, type SiteServer } from '../../workbook/site/serve/server.ts'
import type { Tick } from '../../workbook/site/serve/ticks.ts'
import { Site } from '../../workbook/site/site.ts'
import { AXE } from './axe.ts'
import { openBrowser } from './browser.ts'
import { needing } from './outside.ts'

/** What a learner sees beside the text while the site is served: the last run, its hints, and boxes that can be ticked. */

const LAB = '12-keep-alive'

const LIVE: Live = {
  format: 1,
  run: 'first',
  lab: LAB,
  number: '12',
  title: 'Keep-alive',
  file: `labs/${LAB}/keep-alive.ts`,
  seed: 7,
  running: false,
  problem: null,
  requirements: [
    { id: 'R1', text: 'Answers in order.', kind: 'passed', done: 1, planned: 1 },
    { id: 'R2', text: 'Keeps the connection.', kind: 'failed', done: 1, planned: 1 },
    { id: 'R3', text: 'Closes.', kind: 'waiting', done: 0, planned: 1 },
  ],
  failure: {
    requirement: 'R2',
    check: 'the connection stays open',
    kind: 'failed',
    expected: 'an open connection',
    saw: `FIN behind ${'a'.repeat(300)}`,
    detail: ['Keep-Alive: timeout=29, max=4', '                      ^'],
    bytes: ['client → you, 300 B', `  GET /${'b'.repeat(300)} HTTP/1.1\\r\\n`],
    next: 'npm run hint -- 12 R2',
    section: { page: 'docs/5-persistent.md', heading: 'Keep-alive' },
    figure: {
      format: 1,
      title: 'Your wire',
      description: 'The client asks, and you end.',
      lanes: [
        { id: 'client', name: 'client' },
        { id: 'you', name: 'you' },
      ],
      source: { how: 'recorded', command: 'npm run ladder -- 12 R2', on: 'Linux' },
      unit: 'order',
      events: [
        { kind: 'segment', from: 'client', to: 'you', sent: 0, arrived: 1, label: 'GET /a', type: 'data' },
      ],
    },
  },
}
const PASSED: Live = { ...LIVE, run: 'second', failure: null }

let server: SiteServer
let browser: Browser
const ticks: Tick[] = []

const show = (live: Live): void =>
  server.keep(
    'verdicts',
    liveHtml(live, () => '../../5-persistent.html'),
  )

const opened = async (path: string, width = 1440): Promise<Page> => {
  const page = await browser.newPage({ viewport: { width, height: 800 }, reducedMotion: 'reduce' })
  await page.goto(`${server.url}${path}`)
  return page
}

const lab = `labs/${LAB}/index.html`

describe('in a browser', needing('Chromium'), () => {
  beforeAll(async () => {
    server = await openServer(0, (tick) => {
      ticks.push(tick)
      return tick.choice === 'b' ? 'The file is read-only.' : null
    })
    server.show({ output: await new Site(root, { served: true }).build() })
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await server.close()
  })

  test('the panel opens itself at a failure, and stays away when it has been put away', async () => {
    show(PASSED)
    const page = await opened(lab)
    const panel = page.locator('#site-live')
    await panel.locator('> summary').waitFor()
    expect(await panel.evaluate((each) => (each as unknown as { open: boolean }).open)).toBe(false)
    show(LIVE)
    await page.waitForFunction(`document.getElementById('site-live').open`)
    expect(await panel.innerText()).toContain('an open connection')
    await panel.locator('> summary').click()
    await page.waitForFunction(`sessionStorage.length > 0 && !document.getElementById('site-live').open`)
    show({ ...LIVE, seed: 8 })
    await page.waitForFunction(`document.getElementById('site-live').dataset.run === 'first'`)
    expect(await panel.evaluate((each) => (each as unknown as { open: boolean }).open)).toBe(false)
    show({ ...LIVE, run: 'third' })
    await page.waitForFunction(`document.getElementById('site-live').open`)
    await page.close()
  })

  test('the stream of verdicts begins when the script that hears them is there', async () => {
    const page = await browser.newPage()
    const seen: string[] = []
    page.on('requestfinished', (request) => seen.push(`${new URL(request.url()).pathname} has come`))
    page.on('request', (request) => seen.push(new URL(request.url()).pathname))
    // It comes late: not before the page has been read as far as to it.
    await page.route('**/assets/served.js', async (route) => {
      await page.waitForFunction(`document.querySelector('script[src$="/served.js"]')`)
      await route.continue()
    })
    await page.goto(`${server.url}${lab}`)
    await expect.poll(() => seen).toContain('/events')
    expect(seen.indexOf('/assets/served.js has come')).toBeGreaterThan(-1)
    expect(seen.indexOf('/events')).toBeGreaterThan(seen.indexOf('/assets/served.js has come'))
    await page.close()
  })

  test('each verdict stands beside its requirement, with hints one by one', async () => {
    show(LIVE)
    const page = await opened(lab)
    await page.locator('#r2 .verdict').waitFor()
    expect(await page.locator('#r1 .verdict').innerText()).toBe('✓ passed')
    expect(await page.locator('#r2 .verdict').innerText()).toBe('✗ failed')
    const button = page.locator('#r2 button.hint')
    expect(await button.innerText()).toBe('Hint for R2')
    expect(await page.locator('#r2 .hint-text').count()).toBe(0)
    // The panel at the foot may lie over it, as it does for a reader who then scrolls.
    await button.evaluate((each) => (each as unknown as { click(): void }).click())
    expect(await page.locator('#r2 .hint-text').count()).toBe(1)
    expect((await page.locator('#r2 .hint-text').innerText()).length).toBeGreaterThan(10)
    expect(await button.innerText()).toMatch(/^Next hint \(1 of \d\)$/)
    await page.close()
  })

  test.each([360, 1440])(
    'axe finds nothing with the panel open, %i pixels wide, and nothing is cut',
    async (width) => {
      show(LIVE)
      const page = await opened(lab, width)
      await page.waitForFunction(`document.getElementById('site-live')?.open`)
      await page.evaluate(axe.source)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect(await page.evaluate(AXE), colorScheme).toEqual([])
      }
      expect(await page.evaluate(WIDER)).toEqual([])
      await page.close()
    },
  )

  test('a click on a prediction is written, and one that cannot be is taken back with the reason', async () => {
    const page = await opened(`labs/${LAB}/predictions.html`)
    const boxes = page.locator('input[type=checkbox]')
    await boxes.first().waitFor()
    const [a, b] = [page.locator('input[aria-label="P1, a"]'), page.locator('input[aria-label="P1, b"]')]
    await a.check()
    await expect.poll(() => ticks).toEqual([{ lab: LAB, question: 'P1', choice: 'a', ticked: true }])
    await b.click()
    await page.waitForFunction(`document.querySelector('.where-to-tick').textContent.includes('read-only')`)
    expect([await a.isChecked(), await b.isChecked()]).toEqual([true, false])
    await page.close()
  })
})

// --- internal ---

/** What stands outside the window, and in nothing that scrolls. */
const WIDER = `[...document.querySelectorAll('#site-live *')].filter((each) => {
  const scrolls = (node) => node && (/auto|scroll/.test(getComputedStyle(node).overflowX) || scrolls(node.parentElement))
  return each.getBoundingClientRect().right > innerWidth + 1 && !scrolls(each)
}).map((each) => each.outerHTML.slice(0, 100))`
