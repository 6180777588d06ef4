import { chromium, type Browser } from 'playwright-core'
import { pathOf } from './outside.ts'

/** A headless Chromium for tests of what a reader sees; the test's own time is the only bound. */
export async function openBrowser(): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: pathOf('Chromium') ?? '',
    timeout: 0,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  browser.on('context', (context) => context.setDefaultTimeout(0))
  return browser
}
