import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeEach, onTestFinished } from 'vitest'
import { readMarker, type Marker } from '../../workbook/course/marker.ts'
import { bringHandout, bringUpdate } from '../../workbook/handout/bring.ts'
import { handoutOf, type Handout } from '../../workbook/handout/handout.ts'
import { walk } from '../../workbook/handout/walk.ts'

/** A small handout, an older one and a newer one, and a student's copy of the older. */

export const ENTRY = 'labs/01-first/first.ts'
export const PREDICTIONS = 'labs/01-first/predictions.md'
export const OLD = {
  'README.md': 'old',
  'workbook/cli.ts': 'old tool',
  'workbook/deep/gone.ts': 'old',
  'suites/01-first.mjs': 'old suite',
  'labs/01-first/README.md': 'page',
  'labs/01-first/.starter': 'old starter',
  [ENTRY]: 'old starter',
  [PREDICTIONS]: '- [ ] a',
}
export const NEW = {
  ...without(OLD, 'workbook/deep/gone.ts'),
  'README.md': 'new',
  'workbook/cli.ts': 'new tool',
  'workbook/more.ts': 'new',
  'suites/01-first.mjs': 'new suite',
  'labs/01-first/.starter': 'new starter',
  [ENTRY]: 'new starter',
}

export let folder: string

/** Makes the copy anew before each test of the file. */
export function studentCopy(): void {
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(tmpdir(), 'copy-'))
    onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }))
    bringHandout(folder, make('1.0.0', OLD))
  })
}

export function make(
  version: string,
  content: Readonly<Record<string, string>>,
  facts: Partial<Marker> = {},
): Handout {
  const files = new Map(Object.entries(content).map(([file, text]) => [file, Buffer.from(text)]))
  const learner = Object.keys(content).filter((file) =>
    /^labs\/\d\d-[^/]+\/(?:\w+\.ts|predictions\.md)$/.test(file),
  )
  return handoutOf({ course: 'a-course', version, title: null, labs: ['01-first'], ...facts }, files, learner)
}

function without<T extends object, K extends keyof T>(whole: T, name: K): Omit<T, K> {
  const { [name]: _gone, ...rest } = whole
  return rest
}

export function update() {
  return bringUpdate(folder, marker(), make('2.0.0', NEW))
}

export function marker(): Marker {
  return readMarker(folder) as Marker
}

export function markerWith(facts: Partial<Marker>): string {
  return JSON.stringify({ ...marker(), ...facts })
}

export function write(file: string, text: string): void {
  fs.mkdirSync(path.join(folder, path.dirname(file)), { recursive: true })
  fs.writeFileSync(path.join(folder, file), text)
}

export function read(file: string): string {
  return fs.readFileSync(path.join(folder, file), 'utf8')
}

/** Everything but backups and packages. */
export function contents(): Record<string, string> {
  return Object.fromEntries(walk(folder, '').map(({ file }) => [file, read(file)]))
}

export function backedUp(backup: string | null): Record<string, string> {
  const root = path.join(folder, backup ?? '')
  return Object.fromEntries(
    walk(root, '').map(({ file }) => [file, fs.readFileSync(path.join(root, file), 'utf8')]),
  )
}
