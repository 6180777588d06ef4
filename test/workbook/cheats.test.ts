import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe } from 'vitest'
import { root } from '../../workbook/bundle/root.ts'
import type { JsonBatch } from '../../workbook/batch/json.ts'
import { test } from './checkout.ts'
import { GREETING } from './greeting-lab.ts'
import { ENTRY, handIn, runBatch } from './submissions.ts'

/**
 * Submissions that cheat, each with the exact verdict of both requirements. What attacks the learner process
 * itself stands in test/hostile; a link into the solutions is refused in batch.test.ts.
 */

/** Program of test/cheats → R1, R2, and what the first failure says. */
const PROGRAMS: ReadonlyArray<readonly [cheat: string, r1: string, r2: string, says: string]> = [
  ['answers-from-a-table', 'failed', 'passed', 'bytes that differ'],
  ['detects-the-grader', 'failed', 'failed', 'FIN'],
  ['exits-with-zero', 'crashed', 'crashed', 'the program ended itself: process.exit(0)'],
  ['imports-a-solution', 'forbidden', 'forbidden', 'a lab imports only from labs/'],
  ['keeps-state', 'failed', 'failed', 'FIN'],
  ['patched-assert', 'failed', 'failed', 'bytes that differ'],
  ['patched-expect', 'forbidden', 'forbidden', 'import of "vitest"'],
  ['prints-a-report', 'failed', 'failed', 'FIN'],
  ['proxy-to-a-reference', 'forbidden', 'forbidden', 'connect to 192.0.2.10 port 80: left the lab'],
  ['reads-the-suite', 'forbidden', 'forbidden', 'import of "node:fs"'],
  [
    'sends-a-verdict',
    'forbidden',
    'forbidden',
    'process.send: the line to the grader is not part of the lab',
  ],
]

describe.concurrent('a cheat', () => {
  test('scores nothing for what it forged, and its row says what it did', async ({ checkout, expect }) => {
    for (const [name] of PROGRAMS) handIn(checkout, { [`${name}/greeting.ts`]: cheat(name) })
    const { batch } = await runBatch(checkout)
    expect(batch.submissions.map(told)).toEqual(
      PROGRAMS.map(([name, r1, r2, says]) => [name, r1, r2, expect.stringContaining(says) as string]),
    )
    expect(readdirSync(path.join(root, 'test/cheats')).sort()).toEqual(PROGRAMS.map(([name]) => `${name}.ts`))
  })

  test('with suites, a kit, packages and settings of its own is graded with ours', async ({
    checkout,
    expect,
  }) => {
    handIn(checkout, ownCourse('with-its-own'))
    handIn(checkout, {
      [`own-kit/${ENTRY}`]: "export { serveGreeting } from '../kit/todo.ts'\n",
      'own-kit/labs/kit/todo.ts': GREETING,
    })
    const { batch } = await runBatch(checkout)
    expect(batch.submissions.map(told)).toEqual([
      ['own-kit', 'failed', 'failed', 'none; your file exports nothing'],
      ['with-its-own', 'not-started', 'not-started', 'serveGreeting is not written yet'],
    ])
    expect(batch.points).toEqual({ earned: 0, possible: 6 })
    expect(checkout.exists('in/was-here')).toBe(false)
  })

  test('that names the file of the solution outright is forbidden', async ({ checkout, expect }) => {
    const solution = path.join(checkout.root, 'solutions/42-greeting/greeting.ts')
    handIn(checkout, {
      'static/greeting.ts': `export * from '${solution}'\n`,
      'later/greeting.ts': later(solution),
    })
    const { batch } = await runBatch(checkout)
    expect(batch.submissions.map(told)).toEqual([
      ['later', 'forbidden', 'forbidden', expect.stringContaining('import of') as string],
      [
        'static',
        'forbidden',
        'forbidden',
        expect.stringContaining('a lab imports only from labs/') as string,
      ],
    ])
  })

  test('with the solution at its side, in a folder of that name, has not handed it in', async ({
    checkout,
    expect,
  }) => {
    handIn(checkout, {
      [`alice/${ENTRY}`]: "export * from '../../solutions/42-greeting/greeting.ts'\n",
      'alice/solutions/42-greeting/greeting.ts': GREETING,
    })
    const { batch } = await runBatch(checkout)
    expect(batch.submissions.map(told)).toEqual([
      ['alice', 'forbidden', 'forbidden', expect.stringContaining('a lab imports only from labs/') as string],
    ])
  })

  test('that knows the inputs of one run knows none of another', async ({ checkout, expect }) => {
    const names = new Set<string>()
    const verdict = async (seed: number): Promise<readonly string[] | undefined> => {
      const table = [...names].map((name) => `'${name}'`).join()
      const text = cheat('answers-from-a-table').replace("'NAMES'", table)
      handIn(checkout, { 'alice/greeting.ts': text })
      const { batch } = await runBatch(checkout, `--seed ${seed}`)
      return batch.submissions.map(told)[0]
    }
    // Each report shows names that were asked for; the checks draw others, which the next one shows.
    while ((await verdict(1))?.[1] !== 'passed') {
      const before = names.size
      for (const name of namesIn(checkout.read('in/alice.report.json'))) names.add(name)
      expect(names.size).toBeGreaterThan(before)
    }
    expect(await verdict(2)).toEqual([
      'alice',
      'failed',
      'passed',
      expect.stringContaining('bytes that differ'),
    ])
  })

  test('that leaves a report of its own among the submissions changes no row', async ({
    checkout,
    expect,
  }) => {
    handIn(checkout, { 'alice/greeting.ts': cheat('prints-a-report') })
    handIn(checkout, { 'alice.report.json': '{"passed":true}', 'alice.report.txt': 'All passed.' })
    const { batch } = await runBatch(checkout)
    expect(batch.submissions.map(told)).toEqual([
      ['alice', 'failed', 'failed', expect.stringContaining('FIN') as string],
    ])
    expect(JSON.parse(checkout.read('in/alice.report.json'))).toMatchObject({ passed: false })
  })
})

// --- what the tests share ---

function cheat(name: string): string {
  return readFileSync(path.join(root, 'test/cheats', `${name}.ts`), 'utf8')
}

function later(solution: string): string {
  return `export const serveGreeting = async () => (await import(['${solution}'].join())).serveGreeting({ name: 'x' })\n`
}

/** Verdicts of R1 and R2, or why there are none, and what was seen first. */
function told({ name, labs, cause }: JsonBatch['submissions'][number]): readonly string[] {
  const [lab] = labs
  if (!lab) return [name, cause?.code ?? '', '', cause?.message ?? '']
  if (lab.problem) return [name, lab.problem.code, '', lab.problem.message]
  const [r1, r2] = lab.requirements
  return [name, r1?.kind ?? '', r2?.kind ?? '', r1?.saw || r2?.saw || '']
}

/** What the suite asked for, as the student's own report shows it. */
function namesIn(report: string): string[] {
  return [...report.matchAll(/hello from (\w+)/g)]
    .map((match) => match[1] ?? '')
    .filter((name) => name !== 'nobody')
}

/** A whole course in which everything passes: suites, tool, kit, packages, settings. */
function ownCourse(name: string): Record<string, string> {
  const touch = "import { writeFileSync } from 'node:fs'\nwriteFileSync('../was-here', '')\n"
  return {
    [`${name}/${ENTRY}`]:
      "import { todo } from '../kit/todo.ts'\nexport const serveGreeting = () => todo('serveGreeting')\n",
    [`${name}/labs/kit/todo.ts`]: `${touch}export const todo = () => ({ port: 1, close() {} })\n`,
    [`${name}/labs/42-greeting/README.md`]: '---\ntitle: mine\nweights: { R1: 1000 }\n---\n',
    [`${name}/test/labs/42-greeting/suite.test.ts`]: `${touch}export {}\n`,
    [`${name}/test/labs/42-greeting/fixture.ts`]: touch,
    [`${name}/workbook/grading/run-check.ts`]: `${touch}export const runCheck = () => ({ kind: 'passed' })\n`,
    [`${name}/workbook/cli/start.mjs`]: touch,
    [`${name}/node_modules/vitest/index.js`]: touch,
    [`${name}/node_modules/tsx/index.js`]: touch,
    [`${name}/package.json`]:
      '{ "type": "commonjs", "scripts": { "grade": "true", "preinstall": "touch ../was-here" } }',
    [`${name}/tsconfig.json`]: '{ "compilerOptions": { "paths": { "*": ["./test/*"] } } }',
    [`${name}/.npmrc`]: 'node-options=--import ./workbook/cli/start.mjs',
    [`${name}/vitest.config.ts`]: touch,
  }
}
