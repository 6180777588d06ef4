import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { root } from '../../workbook/bundle/root.ts'
import { ended } from './checkout.ts'

/** The wall of docs/teachers.md, "As another user": whoever grades can read the course, and write only the results. */

const NOBODY = 65_534
const SETPRIV = '/usr/bin/setpriv'
const PARTS = ['labs', 'docs', 'workbook', 'node_modules', 'package.json', 'package-lock.json', 'test/labs']
const LAB = 'labs/01-seven-steps/fetch-once.ts'

/** Only root can become another user. */
const canChangeUser = process.platform === 'linux' && process.getuid?.() === 0 && existsSync(SETPRIV)

test.runIf(canChangeUser)('a user who owns nothing but the results grades a batch', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'grading-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  chmodSync(folder, 0o755)
  const course = path.join(folder, 'course')
  for (const part of PARTS) copy(path.join(root, part), path.join(course, part))
  const handIn = (name: string, from: string): void =>
    cpSync(path.join(root, from), path.join(folder, 'submissions', name, LAB))
  handIn('alice', 'solutions/01-seven-steps/fetch-once.ts')
  handIn('bob', 'labs/01-seven-steps/.starter')
  // Makes the tool ready for this place: behind the wall nothing of it can be written.
  execFileSync(process.execPath, ['workbook/cli/start.mjs', 'list'], { cwd: course, stdio: 'ignore' })
  const results = path.join(folder, 'results')
  mkdirSync(results)
  chownSync(results, NOBODY, NOBODY)

  const to = ['--reports', '../results', '--csv', '../results/marks.csv']
  const { code } = await asNobody(course, ['batch', '../submissions', '--labs', '01', ...to])
  expect(code).toBe(0)
  const [, alice, bob] = readFileSync(path.join(results, 'marks.csv'), 'utf8').split('\r\n')
  expect(alice).toMatch(/^alice,graded,8,8,/)
  expect(bob).toMatch(/^bob,graded,0,8,/)
  expect(statSync(path.join(results, 'alice.report.txt')).uid).toBe(NOBODY)
})

// --- what the test shares ---

/** By links where both stand on one disk: nothing of it is written to. */
function copy(from: string, to: string): void {
  mkdirSync(path.dirname(to), { recursive: true })
  try {
    execFileSync('cp', ['-al', from, to], { stdio: 'ignore' })
  } catch {
    execFileSync('cp', ['-a', from, path.dirname(to)])
  }
}

function asNobody(cwd: string, args: readonly string[]) {
  const user = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--no-new-privs']
  const command = [...user, process.execPath, 'workbook/cli/start.mjs', ...args]
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' }
  return ended(spawn(SETPRIV, command, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] }))
}
