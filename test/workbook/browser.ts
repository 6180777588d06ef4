import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

/** A headless Chromium for tests of what a reader sees. */

const PATHS = [process.env['CHROMIUM'] ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser']

/** Undefined where none is installed: then such tests are skipped, and say so. */
export const CHROMIUM = PATHS.find((place) => place !== '' && existsSync(place))

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM ?? '',
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
}
