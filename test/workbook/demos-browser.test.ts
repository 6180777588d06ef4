import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { root } from '../../workbook/bundle/root.ts'
import { outputOf } from './demo-output.ts'
import { needing } from './outside.ts'

/** The demo that asks a real browser. In which order it asks is its own affair, and how many at a time is not. */

const FIRST = 'while half of the page was there'

test('browser-order: five images beside half a page, over six connections', needing('Chromium'), async () => {
  const rows = (await outputOf('browser-order')).trimEnd().split('\n').slice(1)
  const column = rows.map((row) => row.slice(FIRST.length).trim().split(/ {2,}/)[0] ?? '')
  const images = column.slice(0, 3).map((cell) => cell.split(' '))
  expect(images.map(({ length }) => length)).toEqual([5, 1, 4])
  expect(new Set(images.flat()).size).toBe(10)
  expect(column[3]).toBe('6')
})

test('without Chromium it says so', () => {
  const args = ['--import', 'tsx', 'docs/demos/run.ts', 'browser-order']
  const { stdout } = spawnSync(process.execPath, args, {
    cwd: root,
    env: { PATH: '/nowhere' },
    encoding: 'utf8',
  })
  expect(stdout).toMatch(new RegExp(`^${FIRST} +not installed`, 'm'))
})
