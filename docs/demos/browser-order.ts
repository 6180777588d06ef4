// A page of ten images that comes in two halves: what a real Chromium asks for when, and your lab 11. Needs Chromium.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { printTable } from './parts/print-table.ts'
import { quiet } from './parts/quiet.ts'
import { SlowPage } from './parts/slow-page.ts'

const columns = { Chromium: await inChromium(), 'your lab 11': await inLab() }
const rows = [
  'while half of the page was there',
  'when the page was whole',
  'when images were whole',
  'connections',
]
printTable(
  ['images asked for when', ...Object.keys(columns)],
  rows.map((row, index) => [
    row,
    ...Object.values(columns).map((column) => column[index] ?? ''),
  ]),
)

/** Each moment's images, and the number of connections; or one line that says why there are none. */
async function inChromium(): Promise<string[]> {
  const page = await SlowPage.open()
  const profile = mkdtempSync(path.join(os.tmpdir(), 'browser-order-'))
  const options = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--dump-dom',
  ]
  try {
    for (const name of [
      process.env['CHROMIUM'] ?? '',
      'chromium',
      'chromium-browser',
    ].filter(Boolean)) {
      const url = `http://127.0.0.1:${page.port}/`
      const child = spawn(name, [...options, `--user-data-dir=${profile}`, url], {
        stdio: 'ignore',
      })
      // What is not installed tells so by an error.
      const exit = await once(child, 'exit').catch(() => null)
      if (exit) return page.told
    }
    return ['not installed']
  } finally {
    page.close()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Your own `loadPage`, with six kept connections as a browser has them. */
async function inLab(): Promise<string[]> {
  const page = await SlowPage.open()
  const { loadPage } = await import('../../labs/11-parallel-fetch/parallel.ts')
  let isDone = false
  const loaded = loadPage(page.port, '/', { maxConnections: 6, reuse: true }).finally(
    () => (isDone = true),
  )
  // It is awaited below; until then a failure is nobody's yet.
  loaded.catch(() => undefined)
  try {
    for (;;) {
      await quiet()
      // A client that asks for less than the server waits for is helped on.
      if (isDone || !page.goOn()) break
    }
    await loaded
    return page.told
  } catch (error) {
    return [
      (error as NodeJS.ErrnoException).code === 'WORKBOOK_TODO'
        ? 'not written yet'
        : String(error),
    ]
  } finally {
    page.close()
  }
}
