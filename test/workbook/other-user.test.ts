import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
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
const LAB = 'labs/01-seven-steps/fetch-once.ts'

/** Only root can become another user. */
const canChangeUser = process.platform === 'linux' && process.getuid?.() === 0 && existsSync(SETPRIV)

test.runIf(canChangeUser)('a user who owns nothing but the results grades a batch', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'grading-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  chmodSync(folder, 0o755)
  const handIn = (name: string, from: string): void =>
    cpSync(path.join(root, from), path.join(folder, 'submissions', name, LAB))
  handIn('alice', 'solutions/01-seven-steps/fetch-once.ts')
  handIn('bob', 'labs/01-seven-steps/.starter')
  const course = path.join(folder, 'grading', 'course')
  execFileSync('bash', ['-euc', recipe(folder)], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  expect(inside(course).filter((file) => ANSWERS.test(file))).toEqual([])
  chmodSync(path.dirname(course), 0o755)
  const results = path.join(course, '../results')
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

/** What a copy for grading must not hold. */
const ANSWERS = /^(?:solutions|\.git|test\/labs\/[^/]+\/(?:wrong|right))(?:\/|$)/

/** The lines of the page, "A copy without answers", with this folder in place of the one around the checkout. */
function recipe(folder: string): string {
  const page = readFileSync(path.join(root, 'docs/teachers.md'), 'utf8')
  const [, lines = ''] = /### A copy without answers[^]*?```sh\n([^]*?)```/.exec(page) ?? []
  // Links cost nothing, where both stand on one disk.
  const copy = statSync(root).dev === statSync(folder).dev ? 'cp -al ' : 'cp -a '
  return lines.replaceAll('../', `${folder}/`).replaceAll('cp -a ', copy)
}

function inside(folder: string): string[] {
  const isOwn = (file: string): boolean => !file.startsWith('node_modules')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isOwn)
}

function asNobody(cwd: string, args: readonly string[]) {
  const user = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--no-new-privs']
  const command = [...user, process.execPath, 'workbook/cli/start.mjs', ...args]
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' }
  return ended(spawn(SETPRIV, command, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] }))
}
