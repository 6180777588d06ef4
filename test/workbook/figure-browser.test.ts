import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { overlap, shape, type Point } from '../../workbook/figure/geometry.ts'
import { drawFigure } from '../../workbook/figure/svg.ts'
import { openBrowser } from './browser.ts'
import { committedFigures } from './figure-fixtures.ts'
import { needing } from './outside.ts'

/** The same claims as of the emitted numbers, as a browser with its own fonts sees them. */

interface Seen {
  readonly says: string
  /** Corners on the screen, in pixels. */
  readonly corners: readonly Point[]
}

describe('in a browser', needing('Chromium'), () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser.close())

  test.each([320, 1200])(
    'at %i px no two texts of any figure touch, and none leaves its drawing',
    async (width) => {
      const page = await browser.newPage({ viewport: { width, height: 900 } })
      const faults: string[] = []
      for (const { name, figure } of committedFigures()) {
        await page.setContent(`<!doctype html><body style="margin:8px">${drawFigure(figure)}</body>`)
        const { texts, frame } = await page.evaluate(look)
        expect(texts.length).toBeGreaterThanOrEqual(figure.events.length)
        faults.push(...touching(texts).map((pair) => `${name}: ${pair}`))
        faults.push(...outside(texts, frame).map((says) => `${name}: ${says} is outside`))
        // As large as a footnote at the narrowest, and no scroll bar.
        if (frame.right > width) faults.push(`${name}: wider than the page`)
      }
      expect(faults).toEqual([])
      await page.close()
    },
  )
})

// --- helpers ---

/** Runs in the page: the boxes of all labels and names, turned as they are. */
function look() {
  interface Box {
    x: number
    y: number
    width: number
    height: number
  }
  interface Element {
    textContent: string
    getBBox(): Box
    getScreenCTM(): { a: number; b: number; c: number; d: number; e: number; f: number }
    getBoundingClientRect(): { left: number; top: number; right: number; bottom: number }
  }
  const { document } = globalThis as unknown as {
    document: {
      querySelectorAll(selector: string): Iterable<Element>
      querySelector(selector: string): Element
    }
  }
  const texts = [...document.querySelectorAll('.label, .name text, .axis text')].map((element) => {
    const { x, y, width, height } = element.getBBox()
    const { a, b, c, d, e, f } = element.getScreenCTM()
    const corners = [
      [x, y],
      [x + width, y],
      [x + width, y + height],
      [x, y + height],
    ].map(([px = 0, py = 0]) => ({ x: a * px + c * py + e, y: b * px + d * py + f }))
    return { says: element.textContent, corners }
  })
  const { left, top, right, bottom } = document.querySelector('svg').getBoundingClientRect()
  return { texts, frame: { left, top, right, bottom } }
}

function touching(texts: readonly Seen[]): string[] {
  const seen = texts.map(({ says, corners }) => ({ says, shape: shape(corners) }))
  return seen.flatMap((one, index) =>
    seen
      .slice(0, index)
      .filter((other) => overlap(one.shape, other.shape))
      .map((other) => `${one.says} × ${other.says}`),
  )
}

function outside(
  texts: readonly Seen[],
  frame: { left: number; top: number; right: number; bottom: number },
): string[] {
  return texts
    .filter(({ corners }) =>
      corners.some(({ x, y }) => x < frame.left || x > frame.right || y < frame.top || y > frame.bottom),
    )
    .map(({ says }) => says)
}
