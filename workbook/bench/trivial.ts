import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A folder with one trivial test: what Vitest alone takes for it is the measure of our own speed. */
export interface TrivialProject {
  readonly folder: string
  readonly file: string
  /** Writes the test anew, with another text each time. */
  change(): void
  remove(): void
}

/** @param root - The checkout whose packages the project uses. */
export function makeTrivialProject(root: string): TrivialProject {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'workbook-bench-')))
  const file = path.join(folder, 'trivial.test.ts')
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  let number = 0
  const change = (): void => {
    number++
    writeFileSync(
      file,
      `import { expect, test } from 'vitest'\ntest('one', () => expect(${number}).toBe(${number}))\n`,
    )
  }
  change()
  return { folder, file, change, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
