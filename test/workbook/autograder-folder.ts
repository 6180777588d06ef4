import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeEach, onTestFinished } from 'vitest'
import { root as origin } from '../../workbook/bundle/root.ts'
import { bringAutograder, type Autograder } from '../../workbook/handout/autograder.ts'
import { make } from './student-copy.ts'

/**
 * A folder that grades elsewhere, and a submission. The scripts run for real; the course in it is a small one,
 * whose tool says by its own file what it does.
 */

export const FIRST = 'labs/01-first/first.ts'
export const COURSE = {
  'labs/01-first/README.md': 'page',
  'labs/01-first/.starter': 'starter',
  [FIRST]: 'starter',
  'labs/01-first/predictions.md': '# Predict\n\n## P1 Who is first?\n\n- [ ] a. I\n- [ ] b. You\n',
  'labs/02-second/.starter': 'starter',
  'labs/02-second/second.ts': 'starter',
  'labs/kit/todo.ts': 'the kit',
  'suites/01-first.mjs': 'the suite',
}
/** Grades nothing: it writes what it was given, and fails as it is told. */
export const TOOL = `
import fs from 'node:fs'
const value = (flag) => process.argv[process.argv.indexOf(flag) + 1]
console.log('graded', fs.readFileSync('labs/01-first/first.ts', 'utf8'))
console.log('flags', JSON.stringify(process.argv.slice(7)))
if (process.argv.includes('--crash')) process.exit(7)
if (process.argv.includes('--hang')) setInterval(() => undefined, 1000)
else {
  fs.writeFileSync(value('--gradescope'), process.argv.includes('--half') ? '{"score":' : '{"score": 3, "tests": []}')
  fs.writeFileSync(value('--junit'), '<testsuites/>')
  process.exitCode = 1
}
`

export let folder: string

/** Makes the folder anew before each test of the file. */
export function autograderFolder(): void {
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(tmpdir(), 'autograder-'))
    onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }))
  })
}

export function bring(kind: Autograder, to = folder): string {
  const content = { ...COURSE, 'workbook/cli/start.mjs': TOOL }
  bringAutograder(origin, kind, to, make('1.0.0', content, { labs: ['01-first', '02-second'] }))
  return to
}

export function submit(files: Readonly<Record<string, string>>): string {
  const submission = path.join(folder, 'submission')
  for (const [file, text] of Object.entries({ 'notes.txt': 'mine', ...files })) {
    fs.mkdirSync(path.join(submission, path.dirname(file)), { recursive: true })
    fs.writeFileSync(path.join(submission, file), text)
  }
  return submission
}

export function read(file: string): string {
  return fs.readFileSync(path.join(folder, file), 'utf8')
}
