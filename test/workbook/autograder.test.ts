import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { root as origin } from '../../workbook/bundle/root.ts'
import { bringAutograder, type Autograder } from '../../workbook/handout/autograder.ts'
import { make } from './student-copy.ts'
import type { Run } from './checkout.ts'
import { spawnIn } from './handout-folder.ts'

/**
 * The folders that grade elsewhere. The scripts run for real; the course in them is a small one, whose tool
 * says by its own file what it does.
 */

const FIRST = 'labs/01-first/first.ts'
const COURSE = {
  'labs/01-first/README.md': 'page',
  'labs/01-first/.starter': 'starter',
  [FIRST]: 'starter',
  'labs/01-first/predictions.md': '- [ ] a',
  'labs/02-second/.starter': 'starter',
  'labs/02-second/second.ts': 'starter',
  'labs/kit/todo.ts': 'the kit',
  'suites/01-first.mjs': 'the suite',
}
/** Grades nothing: it writes what it was given, and fails as it is told. */
const TOOL = `
import fs from 'node:fs'
const value = (flag) => process.argv[process.argv.indexOf(flag) + 1]
console.log('graded', fs.readFileSync('labs/01-first/first.ts', 'utf8'))
if (process.argv.includes('--crash')) process.exit(7)
if (process.argv.includes('--hang')) setInterval(() => undefined, 1000)
else {
  fs.writeFileSync(value('--gradescope'), process.argv.includes('--half') ? '{"score":' : '{"score": 3, "tests": []}')
  fs.writeFileSync(value('--junit'), '<testsuites/>')
  process.exitCode = 1
}
`

let folder: string
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), 'autograder-'))
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }))
})

function bring(kind: Autograder, to = folder): string {
  const content = { ...COURSE, 'workbook/cli/start.mjs': TOOL }
  bringAutograder(origin, kind, to, make('1.0.0', content, { labs: ['01-first', '02-second'] }))
  return to
}

function submit(files: Readonly<Record<string, string>>): string {
  const submission = path.join(folder, 'submission')
  for (const [file, text] of Object.entries({ 'notes.txt': 'mine', ...files })) {
    fs.mkdirSync(path.join(submission, path.dirname(file)), { recursive: true })
    fs.writeFileSync(path.join(submission, file), text)
  }
  return submission
}

function read(file: string): string {
  return fs.readFileSync(path.join(folder, file), 'utf8')
}

describe('what is taken from a submission', () => {
  const collect = async (files: Readonly<Record<string, string>>): Promise<Run> => {
    bring('gradescope', path.join(folder, 'source'))
    return await spawnIn(folder, process.execPath, ['source/collect.mjs', submit(files), 'source/course'])
  }

  test.each([
    ['a whole handout', FIRST],
    ['a handout in folders', `class/alice/${FIRST}`],
    ['the folder of a lab', '01-first/first.ts'],
    ['a file alone', 'first.ts'],
  ])('is the program in %s', async (_what, file) => {
    const { stdout, code } = await collect({ [file]: 'mine' })
    expect([read(`source/course/${FIRST}`), code]).toEqual(['mine', 0])
    expect(stdout).toBe("1 of 2 labs' files are in the submission.\n")
  })

  test('is neither suite nor kit nor tool nor starter', async () => {
    await collect({
      'suites/01-first.mjs': 'forged',
      'labs/kit/todo.ts': 'forged',
      'labs/01-first/.starter': 'forged',
      'workbook/cli/start.mjs': 'forged',
      'handout.json': '{}',
    })
    const files = Object.entries(COURSE).map(([file, text]) => [read(`source/course/${file}`), text])
    expect(files.every(([now, then]) => now === then)).toBe(true)
    expect(read('source/course/workbook/cli/start.mjs')).toBe(TOOL)
  })

  test('is what stands beside the program in its lab, and the predictions', async () => {
    await collect({
      [FIRST]: 'mine',
      'labs/01-first/helper.ts': 'beside',
      'labs/01-first/predictions.md': '- [x] a',
    })
    expect([
      read('source/course/labs/01-first/helper.ts'),
      read('source/course/labs/01-first/predictions.md'),
    ]).toEqual(['beside', '- [x] a'])
  })

  test('is no link, and nothing larger than a program', async () => {
    const secret = path.join(folder, 'secret.ts')
    fs.writeFileSync(secret, 'secret')
    const submission = submit({ 'labs/02-second/second.ts': 'x'.repeat(2_000_000) })
    fs.mkdirSync(path.join(submission, 'labs/01-first'))
    fs.symlinkSync(secret, path.join(submission, FIRST))
    const { stdout } = await collect({})
    expect([read(`source/course/${FIRST}`), read('source/course/labs/02-second/second.ts')]).toEqual([
      'starter',
      'starter',
    ])
    expect(stdout).toContain('labs/02-second/second.ts is not taken: 2000000 bytes')
  })

  test('is neither of two that could both be meant', async () => {
    const { stdout } = await collect({ [`alice/${FIRST}`]: 'one', [`bob/${FIRST}`]: 'other' })
    expect(read(`source/course/${FIRST}`)).toBe('starter')
    expect(stdout).toContain(
      'Neither is taken, as either could be meant: alice/labs/01-first/first.ts and bob/',
    )
  })

  test('is nothing of the one before', async () => {
    await collect({ [FIRST]: 'one', 'labs/01-first/helper.ts': 'beside' })
    fs.rmSync(path.join(folder, 'submission'), { recursive: true })
    await collect({})
    expect(read(`source/course/${FIRST}`)).toBe('starter')
    expect(fs.existsSync(path.join(folder, 'source/course/labs/01-first/helper.ts'))).toBe(false)
  })
})

describe('Gradescope gets a result that it can read', () => {
  const grade = async (env: Readonly<Record<string, string>> = {}): Promise<Run> => {
    bring('gradescope', path.join(folder, 'source'))
    submit({ [FIRST]: 'mine' })
    return await spawnIn(folder, 'bash', ['source/run_autograder'], { AUTOGRADER_BASE: folder, ...env })
  }
  const result = (): { score: number; output?: string } => JSON.parse(read('results/results.json'))

  test('of a submission that was graded, beside the report and JUnit', async () => {
    const { code, stdout } = await grade()
    expect(result()).toEqual({ score: 3, tests: [] })
    expect([read('results/results.xml'), stdout]).toEqual(['<testsuites/>', read('results/report.txt')])
    expect(stdout).toContain('graded mine')
    expect(code).toBe(0)
  })

  test.each([
    ['a tool that crashes', { GRADE_FLAGS: '--crash' }, /was not graded to its end/],
    ['a result that was cut off', { GRADE_FLAGS: '--half' }, /was not graded to its end/],
    [
      'grading that takes too long',
      { GRADE_FLAGS: '--hang', GRADE_SECONDS: '1' },
      /took longer than 1 seconds/,
    ],
    ['a course that is gone', { COURSE: '/nowhere' }, /could not be read/],
  ])('in spite of %s', async (_what, env, said) => {
    const { code } = await grade(env)
    expect(result()).toMatchObject({ score: 0, output: expect.stringMatching(said) })
    expect(code).toBe(0)
  })

  test('in spite of no submission, and of no scripts', async () => {
    bring('gradescope', path.join(folder, 'source'))
    await spawnIn(folder, 'bash', ['source/run_autograder'], { AUTOGRADER_BASE: folder })
    expect(result()).toMatchObject({ score: 0, output: expect.stringContaining('could not be read') })
    fs.rmSync(path.join(folder, 'source/grade-submission.sh'))
    fs.rmSync(path.join(folder, 'results'), { recursive: true })
    await spawnIn(folder, 'bash', ['source/run_autograder'], { AUTOGRADER_BASE: folder })
    expect(result()).toMatchObject({ score: 0, output: expect.stringContaining('incomplete') })
  })
})

describe('a container of a cluster', () => {
  const grade = async (index: string): Promise<Run> => {
    bring('cluster', path.join(folder, 'grader'))
    fs.mkdirSync(path.join(folder, 'grader/course/node_modules'))
    submit({ [`bob/${FIRST}`]: 'of bob', [`alice/${FIRST}`]: 'of alice' })
    const env = { SUBMISSIONS: path.join(folder, 'submission'), RESULTS: path.join(folder, 'results') }
    return await spawnIn(folder, 'bash', ['grader/grade-one.sh'], { ...env, JOB_COMPLETION_INDEX: index })
  }

  test.each([
    ['0', 'alice'],
    ['1', 'bob'],
  ])(
    'number %s takes the submission of that place by name, and leaves the course as it was',
    async (index, name) => {
      const { code, stdout } = await grade(index)
      expect(stdout).toContain(`graded of ${name}`)
      expect(JSON.parse(read(`results/${name}/results.json`))).toMatchObject({ score: 3 })
      expect([fs.readdirSync(path.join(folder, 'results')), read(`grader/course/${FIRST}`)]).toEqual([
        [name],
        'starter',
      ])
      expect(code).toBe(0)
    },
  )

  test('that is one too many does nothing, and is no failure', async () => {
    const { code, stderr } = await grade('2')
    expect(stderr).toBe('There is no submission number 2: fewer folders than completions.\n')
    expect([code, fs.existsSync(path.join(folder, 'results'))]).toEqual([0, false])
  })
})
