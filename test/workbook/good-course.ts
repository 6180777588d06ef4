import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { beforeEach } from 'vitest'
import { findingsOf, INVARIANTS } from '../../workbook/invariants/all.ts'
import { readReadable } from '../../workbook/invariants/read-course.ts'
import { temporaryRoot } from './course-fixtures.ts'
import { GREETING_LAB } from './greeting-lab.ts'

const INVENTORY = `# Inventory

- **A.4** \`accept\` takes a connection from the queue. ([lab 42](../labs/42-greeting/README.md))
- **A.5** \`connect\` names the remote address.
- **7.15** A graceful close sends its own FIN first. ([lab 42](../labs/42-greeting/README.md))
`
const PACKAGE = `{
  "name": "a-course",
  "version": "1.2.3",
  "engines": { "node": ">=20.19" },
  "scripts": { "grade": "node workbook/cli/start.mjs grade", "check": "node workbook/cli/start.mjs check" },
  "dependencies": { "a": "^1.0.0" }
}`
const LOCK = `{
  "packages": {
    "": { "engines": { "node": ">=20.19" } },
    "node_modules/a": { "engines": { "node": "^20.1.0 || >=22" } }
  }
}`

/** A tiny course in which every invariant holds, made anew before each test of the file. */
export function goodCourse() {
  const root = temporaryRoot()
  const { write } = root

  function edit(file: string, from: string, to: string): void {
    const text = readFileSync(path.join(root.path, file), 'utf8')
    if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`)
    write(file, text.replaceAll(from, to))
  }

  beforeEach(() => {
    for (const [file, text] of Object.entries(GREETING_LAB)) write(file, text)
    edit('labs/42-greeting/README.md', "needs: ['01']", 'needs: []')
    write('labs/kit/README.md', '# The kit\n\n## Rules of every lab\n')
    write('docs/inventory.md', INVENTORY)
    write('package.json', PACKAGE)
    write('package-lock.json', LOCK)
    write('workbook/tool.ts', 'export const ready = true\n')
  })

  return {
    get path() {
      return root.path
    },
    write,
    edit,
    remove: (file: string): void => rmSync(path.join(root.path, file)),
    findings: () => findingsIn(root.path),
  }
}

/** All findings, each as one line of text. */
async function findingsIn(root: string): Promise<string[]> {
  const { course, findings } = readReadable(root)
  const found = await Promise.all(INVARIANTS.map((invariant) => findingsOf(invariant, course)))
  return [...findings, ...found.flat()].map(({ file, line, expected, found: saw, next }) => {
    return `${file}${line === null ? '' : `:${line}`}: expected ${expected}, found ${saw}. ${next}`
  })
}
