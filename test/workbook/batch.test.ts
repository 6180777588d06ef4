import { mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { HtmlValidate } from 'html-validate'
import { describe } from 'vitest'
import { test } from './checkout.ts'
import { GREETING } from './greeting-lab.ts'
import {
  ENTRY,
  handIn,
  linesOf,
  processesOf,
  runBatch,
  SILENT,
  TARRED,
  until,
  workersOf,
  ZIPPED,
} from './submissions.ts'

/** A folder of submissions, whatever they are: one row each, and none harms another. */

const MIXED = {
  [`alice/${ENTRY}`]: GREETING,
  [`bob/${ENTRY}`]: SILENT,
  'carol.zip': ZIPPED,
  'dave.tar.gz': TARRED,
  'eve/greeting.ts': 'for (;;);\nexport const serveGreeting = 1\n',
  'frank.zip': 'no archive',
  'gina/notes.md': 'My dog ate it.',
  'henry/greeting.ts': 'export function serveGreeting( {',
  'ivy.rar': 'Rar!',
  'jack/greeting.ts': "export { serveGreeting } from './mine/serve.ts'\n",
  'jack/mine/serve.ts': GREETING.replace('../kit', '../../kit'),
  'readme.txt': 'Homework of May.',
}

const ROWS = [
  'alice graded 3 of 3 passed passed',
  'bob graded 0 of 3 failed failed',
  'carol.zip graded 3 of 3 passed passed',
  'dave.tar.gz graded 3 of 3 passed passed',
  'eve graded 0 of 3 hung hung hung',
  'frank.zip refused 0 of 3 E_ARCHIVE',
  'gina refused 0 of 3 E_NO_SUBMISSION',
  'henry graded 0 of 3 E_SYNTAX E_SYNTAX',
  'ivy.rar refused 0 of 3 E_ARCHIVE_KIND',
  'jack graded 3 of 3 passed passed',
]

describe.concurrent('a batch', () => {
  test('has a row for each submission, with its verdicts or its cause', async ({ checkout, expect }) => {
    handIn(checkout, MIXED)
    const { batch, code, stdout, stderr, scratch } = await runBatch(checkout, '--seed 7')
    expect(linesOf(batch)).toEqual(ROWS)
    expect(batch).toMatchObject({ format: 1, seed: 7, points: { earned: 12, possible: 30 } })
    expect(code).toBe(1)
    expect(stdout).toContain('7 graded, 3 not graded, in ')
    expect(stdout).toContain('Passed over, as it is no submission: readme.txt')
    expect(stderr.match(/^\d+ done, \d+ left: /gm)).toHaveLength(10)
    expect(stderr).toMatch(/^10 done, 0 left: /m)
    expect(scratch).toEqual([])
  })

  test('has the same rows one at a time and five at a time', async ({ checkout, expect }) => {
    handIn(checkout, MIXED)
    const one = await runBatch(checkout, '--seed 7 --jobs 1')
    const five = await runBatch(checkout, '--seed 7 --jobs 5 --reports again')
    expect(linesOf(five.batch)).toEqual(linesOf(one.batch))
    expect(linesOf(one.batch)).toEqual(ROWS)
  })

  test('names what stands out in every table: no compiling, nearly the name, no archive', async ({
    checkout,
    expect,
  }) => {
    handIn(checkout, {
      'ann/greeting.ts': 'export function serveGreeting( {',
      'ben/Greeting (1).ts': GREETING,
      [`cem/${ENTRY}`]: checkout.read(ENTRY),
      'cem/labs/42-greeting/greeting.js': 'export {}',
      'dan.zip': '<!doctype html><title>Sign in</title>',
      'eda.zip': TARRED,
    })
    const { batch } = await runBatch(checkout, '--seed 7 --csv out.csv --html out.html')
    const causes = [
      'greeting.ts:1:33: Expected identifier but found end of file (E_SYNTAX)',
      `not graded: no lab's file is in it: "Greeting (1).ts" is in it, and the lab's file is called greeting.ts (E_NO_SUBMISSION)`,
      `"labs/42-greeting/greeting.js" is in it, and the lab's file is called greeting.ts (E_NEAR_MISS)`,
      'not graded: the archive is a web page: it was saved where somebody had to sign in first (E_ARCHIVE)',
    ]
    expect(linesOf(batch).at(-1)).toBe('eda.zip graded 3 of 3 passed passed')
    for (const cause of causes) {
      expect(checkout.read('out.csv')).toContain(cause.replaceAll('"', '""'))
      const html = cause.replaceAll('"', '&quot;')
      expect(checkout.read('out.html')).toContain(`<td class="cause">${html}</td>`)
    }
  })

  test('puts reports beside the submissions, and never into one', async ({ checkout, expect }) => {
    handIn(checkout, { [`bob/${ENTRY}`]: SILENT, 'carol.zip': ZIPPED })
    await runBatch(checkout)
    expect(checkout.names('in').sort()).toEqual([
      'batch.journal.jsonl',
      'bob',
      'bob.report.html',
      'bob.report.json',
      'bob.report.txt',
      'carol.zip',
      'carol.zip.report.html',
      'carol.zip.report.json',
      'carol.zip.report.txt',
    ])
    expect(checkout.names('in/bob')).toEqual(['labs'])
    expect(checkout.read('in/bob.report.txt')).toContain('✗ R1  Every client is greeted')
    expect(checkout.read('in/bob.report.txt')).toContain('labs/42-greeting/greeting.ts')
    expect(JSON.parse(checkout.read('in/carol.zip.report.json'))).toMatchObject({
      course: '0.1.0',
      passed: true,
    })
  })

  test('writes nothing among the submissions where the reports have a folder', async ({
    checkout,
    expect,
  }) => {
    handIn(checkout, { [`bob/${ENTRY}`]: SILENT })
    await runBatch(checkout, '--reports results/may')
    expect(checkout.names('in')).toEqual(['bob'])
    expect(checkout.names('results/may').sort()).toEqual([
      'batch.journal.jsonl',
      'bob.report.html',
      'bob.report.json',
      'bob.report.txt',
    ])
  })

  test('takes a folder of reports among the submissions for none', async ({ checkout, expect }) => {
    handIn(checkout, { [`bob/${ENTRY}`]: SILENT, [`eve.report.txt/${ENTRY}`]: GREETING })
    await runBatch(checkout, '--reports in/results')
    const { batch } = await runBatch(checkout, '--reports in/results')
    expect(linesOf(batch)).toEqual([
      'bob graded 0 of 3 failed failed',
      'eve.report.txt graded 3 of 3 passed passed',
    ])
  })

  test('refuses links wherever they are', async ({ checkout, expect }) => {
    handIn(checkout, { 'alice/labs/42-greeting/readme.ts': '' })
    const at = (file: string): string => path.join(checkout.root, 'in', file)
    symlinkSync(
      path.join(checkout.root, 'solutions/42-greeting/greeting.ts'),
      at('alice/labs/42-greeting/greeting.ts'),
    )
    mkdirSync(at('bob/labs'), { recursive: true })
    symlinkSync(path.join(checkout.root, 'solutions/42-greeting'), at('bob/labs/42-greeting'))
    symlinkSync(path.join(checkout.root, 'solutions'), at('carol'))
    symlinkSync('/dev/zero', at('dave.zip'))
    const { batch } = await runBatch(checkout)
    expect(batch.submissions.map(({ name, cause }) => [name, cause?.message])).toEqual([
      ['alice', 'it holds a symbolic link: "labs/42-greeting/greeting.ts"'],
      ['bob', 'it holds a symbolic link: "labs/42-greeting"'],
      ['carol', 'it is a link: put the folder itself here'],
      ['dave.zip', 'it is a link: put the folder itself here'],
    ])
  })

  test('takes packages and their links for what they are', async ({ checkout, expect }) => {
    handIn(checkout, { [`alice/${ENTRY}`]: GREETING, 'alice/node_modules/a/index.js': '' })
    mkdirSync(path.join(checkout.root, 'in/alice/node_modules/.bin'))
    symlinkSync('../a/index.js', path.join(checkout.root, 'in/alice/node_modules/.bin/a'))
    const { batch } = await runBatch(checkout)
    expect(linesOf(batch)).toEqual(['alice graded 3 of 3 passed passed'])
  })

  test('does not guess which of two counts', async ({ checkout, expect }) => {
    handIn(checkout, { 'alice/old/greeting.ts': SILENT, 'alice/new/greeting.ts': GREETING })
    const { batch } = await runBatch(checkout)
    expect(batch.submissions[0]?.cause).toEqual({
      code: 'E_AMBIGUOUS',
      message: 'it holds the same lab more than once: "new/greeting.ts" and "old/greeting.ts"',
    })
  })

  test('tells a lab that is not in a submission, and counts its points', async ({ checkout, expect }) => {
    handIn(checkout, { [`alice/${ENTRY}`]: GREETING })
    const { stdout } = await checkout.run('batch in --seed 1')
    expect(stdout).toContain('alice           3 of 11  –  ✓')
  })

  test('grades the next one whole behind one that no compiler copes with', async ({ checkout, expect }) => {
    const deep = ['(', '[', '`${'].map((bracket, index) => [
      `a${index}/${ENTRY}`,
      `export const a = ${bracket.repeat(1_000_000 / bracket.length)}`,
    ])
    handIn(checkout, { ...Object.fromEntries(deep), [`bob/${ENTRY}`]: GREETING })
    const { batch } = await runBatch(checkout, '--jobs 1')
    const points = batch.submissions.map(({ name, labs }) => [
      name,
      labs[0]?.problem?.code ?? labs[0]?.points,
    ])
    expect(points).toEqual([
      ['a0', 'E_SYNTAX'],
      ['a1', 'E_SYNTAX'],
      ['a2', 'E_SYNTAX'],
      ['bob', { earned: 3, possible: 3 }],
    ])
  })

  test('writes names that a spreadsheet could take for formulas as text', async ({ checkout, expect }) => {
    handIn(checkout, { '=cmd, "a"/greeting.ts': GREETING, 'b;=1+2/greeting.ts': GREETING })
    await runBatch(checkout, '--csv out.csv')
    const [head, line, other] = checkout.read('out.csv').split('\r\n')
    expect(head).toBe(
      'submission,state,earned,possible,cause,report,42-greeting points,42-greeting R1,42-greeting R2',
    )
    expect(line).toBe(`"'=cmd, ""a""",graded,3,3,,"'=cmd, ""a"".report.txt",3,passed,passed`)
    expect(other).toBe("b;'=1+2,graded,3,3,,b;'=1+2.report.txt,3,passed,passed")
  })

  test('writes a page that holds to the rules of HTML, and escapes what students wrote', async ({
    checkout,
    expect,
  }) => {
    handIn(checkout, { ...MIXED, '<img src=x>&"#1/greeting.ts': `throw new Error('<script>"&')\n` })
    await runBatch(checkout, '--html out.html --reports results')
    const page = checkout.read('out.html')
    const report = await new HtmlValidate({
      extends: ['html-validate:recommended', 'html-validate:a11y'],
    }).validateString(page)
    expect(
      report.results.flatMap(({ messages }) => messages.map(({ message, line }) => `${line} ${message}`)),
    ).toEqual([])
    expect(page).not.toMatch(/<img|<script|https?:/)
    expect(page).toContain('>&lt;img src=x&gt;&amp;&quot;#1</a>')
    expect(page).toContain('href="results/%3Cimg%20src%3Dx%3E%26%22%231.report.html"')
    expect(page.match(/<tr class="(?:graded|refused)">/g)).toHaveLength(11)
    expect(page).toContain('<span class="spoken">hung</span>')
  })
})

// Only Linux shows the processes of others in /proc.
describe.runIf(process.platform === 'linux')('a grader that is lost', () => {
  test('is a row that says so, and the next submission has another one', async ({
    checkout,
    expect,
    signal,
  }) => {
    handIn(checkout, { [`alice/${ENTRY}`]: GREETING, [`bob/${ENTRY}`]: GREETING })
    const run = runBatch(checkout, '--jobs 1')
    await until(() => workersOf(checkout).length > 0, signal)
    process.kill(workersOf(checkout)[0] ?? 0, 'SIGKILL')
    const { batch, code, stdout } = await run
    expect(linesOf(batch)).toEqual(['alice fault 0 of 3 E_GRADER', 'bob graded 3 of 3 passed passed'])
    expect(stdout).toContain("the workbook's fault: the grader ended with SIGKILL (E_GRADER)")
    expect(code).toBe(2)
  })
})

describe.concurrent('a slip', () => {
  test.for([
    ['batch', /^Which folder holds the submissions\?\nNext: npm run batch -- DIR .*\n\(E_NO_FOLDER\)\n$/],
    ['batch nowhere', /^nowhere is no folder\.\n[^]*\(E_NO_FOLDER\)\n$/],
    [
      'batch labs/42-greeting',
      /^labs\/42-greeting is a submission itself; name the folder that holds it\.\nNext: npm run batch -- labs\n/,
    ],
    ['batch .', /^\. is a submission itself/],
    ['batch workbook --jobs none', /^--jobs takes a whole number from 1 to 999, not "none"\.\n/],
    ['batch workbook --labs 77', /^No lab is called "77"\./],
    [
      'batch workbook --reports package.json',
      /^The reports cannot be written to package\.json \(EEXIST\)\.\n/,
    ],
  ] as const)('is told in words: %s', async ([args, says], { checkout, expect }) => {
    const { code, stdout, stderr } = await checkout.run(args)
    expect(stderr).toMatch(says)
    expect([code, stdout]).toEqual([2, ''])
  })

  test('in a suite is the course’s fault, and no submission’s', async ({ checkout, expect }) => {
    handIn(checkout, { [`alice/${ENTRY}`]: GREETING })
    checkout.write('test/labs/42-greeting/suite.test.ts', "import './missing.ts'\n")
    const { code, stderr } = await checkout.run('batch in --labs 42')
    expect(stderr).toMatch(
      /^A suite cannot be loaded: [^]*missing\.ts[^]*\nNext: npm run check\n\(E_SUITE\)\n$/,
    )
    expect(code).toBe(2)
    if (process.platform === 'linux') expect(processesOf(checkout)).toEqual([])
  })
})
