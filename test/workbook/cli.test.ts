import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe } from 'vitest'
import { root } from '../../workbook/bundle/root.ts'
import { test } from './checkout.ts'
import { GREETING } from './greeting-lab.ts'

/** `npm run grade` as a newcomer runs it. */

const ENTRY = 'labs/42-greeting/greeting.ts'

describe.concurrent('grade', () => {
  test('of an untouched course is a table that says where to begin', async ({ checkout, expect }) => {
    const { code, stdout, stderr } = await checkout.run('grade')
    expect(
      stdout
        .replace(/seed \d+/, 'seed N')
        .replace(/--seed \d+/, '--seed N')
        .replace(process.version, 'vN'),
    ).toBe(
      `The socket workbook ${course().version} on Node vN

01  The seven steps of a transaction    0 of 8  ○ not started
42  A server that speaks first          0 of 2  ○ not started

seed N; npm run grade -- --seed N repeats this run
0 of 10 requirements passed, 0 of 11 points.

Where to begin: lab 01, The seven steps of a transaction
read      labs/01-seven-steps/README.md
behind it docs/1-tcp-connections.md
predict   labs/01-seven-steps/predictions.md    before you write
open      labs/01-seven-steps/fetch-once.ts     look for TODO(R1)
next      npm run grade -- 01
`,
    )
    expect([code, stderr]).toEqual([1, ''])
  })

  test.for(['01', '1', 'seven-steps', 'labs/01-seven-steps/'])(
    'finds the lab that is called %s',
    async (name, { checkout, expect }) => {
      const { code, stdout } = await checkout.run(`grade ${name} r3`)
      expect(stdout).toMatch(/^Lab 01 {2}The seven steps of a transaction\n/)
      expect(stdout).toContain('\n○ R3  The connection goes to host and port')
      expect(stdout).not.toContain('R2')
      expect(code).toBe(1)
    },
  )

  test('of an untouched lab says what to open', async ({ checkout, expect }) => {
    const { code, stdout } = await checkout.run('grade 01')
    expect(stdout).toContain('Nothing is written yet: 8 requirements, about 75 minutes, all in front of you.')
    expect(stdout).toContain(
      'open      labs/01-seven-steps/fetch-once.ts     look for TODO(R1)\nnext      npm run grade -- 01 R1\n',
    )
    expect(code).toBe(1)
  })

  test('passes the references with --solutions, and counts them for nobody', async ({ checkout, expect }) => {
    const { code, stdout } = await checkout.run('grade 01 R4 42 --solutions')
    expect(stdout).toContain('3 of 3 requirements passed, 4 of 4 points.')
    expect(stdout).toMatch(/npm run grade -- --solutions --seed \d+ repeats this run/)
    expect(code).toBe(0)
    expect(checkout.exists('.progress.json')).toBe(false)
  })

  test('passes a program that keeps its promises, and says how to go on', async ({ checkout, expect }) => {
    checkout.write(ENTRY, GREETING)
    const { code, stdout } = await checkout.run('grade 42')
    expect(stdout).toContain('✓ R1  Every client is greeted')
    expect(stdout).toContain('All 2 requirements passed, 3 of 3 points.')
    expect(stdout).toContain('labs      npm run list')
    expect(code).toBe(0)
  })

  test('fails the wrong program of CONTRIBUTING.md where it says', async ({ checkout, expect }) => {
    checkout.write(ENTRY, GREETING.replace("socket.once('end', () => socket.end())", 'socket.end()'))
    const { code, stdout } = await checkout.run('grade 42')
    expect(stdout).toContain('\n✓ R1')
    expect(stdout).toContain('\n✗ R2')
    expect(stdout).toMatch(/expected {2}.*\n.*FIN/)
    expect(code).toBe(1)
  })

  test('shows what the program printed, in its place on the wire', async ({ checkout, expect }) => {
    checkout.write(
      ENTRY,
      GREETING.replace('socket.write(', "console.log('the net under', options.name)\n    void ("),
    )
    const { code, stdout } = await checkout.run('grade 42 R1')
    expect(stdout).toMatch(/called serveGreeting\(\{ name: '\w+' \}\)[^]*you printed │ the net under \w+ /)
    // The end of the process after the check is no part of its wire.
    expect(stdout).toMatch(/│ {2}✗ expected /)
    expect(stdout).not.toContain('── FIN')
    expect(stdout).toMatch(/expected {2}.+\n {6}saw {7}.+/)
    expect(stdout).toContain('next      npm run hint -- 42 R1')
    expect(code).toBe(1)
  })

  test('draws the same inputs for the same seed, and others for another', async ({ checkout, expect }) => {
    checkout.write(ENTRY, GREETING.replace('socket.write(', 'console.log(options.name)\n    void ('))
    const runs = ['42', '42', '43'].map((seed) => checkout.run(`grade 42 R1 --seed ${seed}`))
    const [once, again, other] = (await Promise.all(runs)).map(({ stdout }) => stdout)
    const drawn = (stdout = '') => /you printed │ (\w+)/.exec(stdout)?.[1]
    expect(once).toContain('\nseed 42; npm run grade -- 42 R1 --seed 42 repeats this run\n')
    expect(drawn(once)).toMatch(/\w/)
    expect(drawn(again)).toBe(drawn(once))
    expect(drawn(other)).not.toBe(drawn(once))
  })

  test('tells place and code of a syntax error, and grades the other labs', async ({ checkout, expect }) => {
    checkout.write(ENTRY, 'export const a = 1\nexport function serveGreeting( {\n')
    const [all, one] = await Promise.all([checkout.run('grade 01 R4 42'), checkout.run('grade 42')])
    const frame = /greeting\.ts:3:1: Expected identifier but found end of file\n\s+3 │ \n\s+╵ \^/
    expect(all.stdout).toContain('01  The seven steps of a transaction    0 of 1  ○ not started')
    expect(all.stdout).toContain('42  A server that speaks first          0 of 2  ✗ does not compile')
    expect(all.stdout).toMatch(frame)
    expect(one.stdout).toMatch(frame)
    expect(one.stdout).toContain(`next      mend ${ENTRY}, then npm run grade -- 42`)
    expect([all.code, one.code]).toEqual([2, 2])
  })

  test('says which import is forbidden, and where the rules stand', async ({ checkout, expect }) => {
    checkout.write(
      ENTRY,
      `import http from 'node:http'\n${GREETING.replace('socket.write', 'http.get; socket.write')}`,
    )
    const { code, stdout } = await checkout.run('grade 42 R1')
    expect(stdout).toContain('FORBIDDEN: your program did something that a lab may not do.')
    expect(stdout).toMatch(/greeting\.ts:1:18: import of "node:http": you write HTTP/)
    expect(stdout).toContain('read labs/kit/README.md')
    expect(code).toBe(1)
  })

  test('of a lab whose file is gone says how to get it back', async ({ checkout, expect }) => {
    checkout.remove(ENTRY)
    const { code, stdout } = await checkout.run('grade 01 R4 42')
    expect(stdout).toContain('01  The seven steps of a transaction    0 of 1  ○ not started')
    expect(stdout).toContain(`✗ 42  ${ENTRY} is missing.`)
    expect(code).toBe(2)
    expect((await checkout.run('grade 42')).stdout).toContain('next      npm run reset -- 42\n')
  })

  test('of a lab whose suite is gone says so', async ({ checkout, expect }) => {
    checkout.remove('test/labs/42-greeting/suite.test.ts')
    const { code, stdout } = await checkout.run('grade 42')
    expect(stdout).toContain('✗ test/labs/42-greeting/suite.test.ts is missing: this lab cannot be graded.')
    expect(stdout).toContain('next      restore it from where you have the course, or git checkout --\n')
    expect(code).toBe(2)
  })

  test('of a course with a malformed page tells the line', async ({ checkout, expect }) => {
    const page = 'labs/42-greeting/README.md'
    checkout.write(page, checkout.read(page).replace('minutes: 30', 'minutes: some'))
    const { code, stdout, stderr } = await checkout.run('grade 01')
    expect(stderr).toBe(`${page}:8
  expected  a whole number above 0 for \`minutes\`
  found     "some"
  next      Write it like this: minutes: 60
(E_COURSE_FRONT_MATTER)
`)
    expect([code, stdout]).toEqual([2, ''])
  })

  test('of a course with a page that cannot be read names it', async ({ checkout, expect }) => {
    checkout.remove('labs/42-greeting/README.md')
    const { code, stderr } = await checkout.run('grade')
    expect(stderr).toMatch(
      /^labs\/42-greeting\/README\.md\n {2}expected {2}a text file\n {2}found {5}no such file\n/,
    )
    expect(code).toBe(2)
  })

  test('colours nothing where the output is no terminal', async ({ checkout, expect }) => {
    checkout.write(ENTRY, GREETING.replace('socket.write(', 'void ('))
    const { stdout, stderr } = await checkout.run('grade 42')
    expect(stdout).toContain('✗ R1')
    expect(stdout + stderr).not.toContain('\u001B')
  })
})

describe.concurrent('the reports for machines', () => {
  test('--json prints what docs/report-format.md describes, and nothing else', async ({
    checkout,
    expect,
  }) => {
    checkout.write(ENTRY, GREETING.replace('socket.write(', 'void ('))
    const { code, stdout } = await checkout.run('grade 01 R4 42 --json --seed 7')
    const report = JSON.parse(stdout)
    const [untouched, begun] = report.labs
    expect(keys(report)).toEqual(fields('The report'))
    expect(keys(begun)).toEqual(fields('A lab'))
    expect(keys(begun.requirements[0])).toEqual(fields('A requirement'))
    expect(keys(begun.requirements[0].checks[0])).toEqual(fields('A check'))
    expect(keys(begun.predictions[0])).toEqual(fields('A prediction'))
    expect(report).toMatchObject({
      format: 1,
      course: course().version,
      seed: 7,
      passed: false,
      points: { earned: 0, possible: 4 },
    })
    expect([untouched.state, begun.state]).toEqual(['not started', 'in progress'])
    expect(stdout).toMatch(/[^\n]\n$/)
    expect(code).toBe(1)
  })

  test('--junit writes a file beside the report on the screen', async ({ checkout, expect }) => {
    const { code, stdout } = await checkout.run('grade 42 --junit report.xml')
    const xml = checkout.read('report.xml')
    expect(xml).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites /)
    expect(xml.match(/<testcase /g)).toHaveLength(3)
    expect(xml.match(/<skipped message="not started"\/>/g)).toHaveLength(3)
    expect(stdout).toContain('Lab 42: not started')
    expect(code).toBe(1)
  })

  test('--junit into no folder costs nobody the report', async ({ checkout, expect }) => {
    const { code, stdout, stderr } = await checkout.run('grade 42 --junit no/where.xml')
    expect(stdout).toContain('Lab 42: not started')
    expect(stderr).toBe(
      'The report could not be written to no/where.xml (ENOENT).\nNext: mkdir -p no, then run it again\n(E_WRITE)\n',
    )
    expect(checkout.exists('.progress.json')).toBe(true)
    expect(code).toBe(2)
  })
})

// --- what the tests share ---

function course(): { readonly version: string } {
  return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
}

/** The names in the first table under a heading of docs/report-format.md. */
function fields(heading: string): string[] {
  const page = readFileSync(path.join(root, 'docs/report-format.md'), 'utf8')
  const section = page.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? ''
  const [table = ''] = /^(?:\|.*\n)+/m.exec(section) ?? []
  return [...table.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1] ?? '')
}

function keys(value: object): string[] {
  return Object.keys(value)
}
