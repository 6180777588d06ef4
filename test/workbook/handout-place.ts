import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { root as origin } from '../../workbook/bundle/root.ts'
import { test as base, type Checkout, type Run } from './checkout.ts'
import { spawnIn } from './handout-folder.ts'

/** A folder for the handouts of a test, and commands in them. */

/** A test with a place for its handouts. */
export function withPlace() {
  return base.extend<{ place: string }>({
    // oxlint-disable-next-line no-empty-pattern -- Vitest reads from the pattern which fixtures this one needs
    place: async ({}, use) => {
      const place = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), 'handouts-')))
      await use(place)
      fs.rmSync(place, { recursive: true })
    },
  })
}

export function newFolder(place: string): string {
  return path.join(place, `class-${fs.readdirSync(place).length}`)
}

/** A handout of the checkout, with packages as after `npm ci`. */
export async function handOut(checkout: Checkout, place: string, more = ''): Promise<string> {
  const folder = newFolder(place)
  const { code, stderr } = await checkout.run(`handout --out ${folder} ${more}`)
  if (code !== 0) throw new Error(stderr)
  fs.symlinkSync(path.join(origin, 'node_modules'), path.join(folder, 'node_modules'))
  return folder
}

export function run(folder: string, args: string): Promise<Run> {
  return spawnIn(folder, process.execPath, ['workbook/cli/start.mjs', ...args.split(' ')])
}

export function newVersion(checkout: Checkout): void {
  checkout.write(
    'package.json',
    checkout.read('package.json').replace(/"version": "[^"]+"/, '"version": "99.0.0"'),
  )
}
