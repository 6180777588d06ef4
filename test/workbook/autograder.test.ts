import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { autograderFolder, bring, FIRST, folder, read, submit } from './autograder-folder.ts'
import type { Run } from './checkout.ts'
import { spawnIn } from './handout-folder.ts'

/** The folders that grade elsewhere, as they are started there. */

autograderFolder()

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

  test('with the flags of flags.txt and of the environment, word by word', async () => {
    bring('gradescope', path.join(folder, 'source'))
    fs.writeFileSync(
      path.join(folder, 'source/flags.txt'),
      '# of mine\n--visibility after_due_date # later\r\n\n--hide *,$(id)',
    )
    const { stdout } = await grade({ GRADE_FLAGS: '--stdout visible' })
    const flags = ['--visibility', 'after_due_date', '--hide', '*,$(id)', '--stdout', 'visible']
    expect(stdout).toContain(`flags ${JSON.stringify(flags)}\n`)
  })

  test('with no flags where there is no such file', async () => {
    bring('gradescope', path.join(folder, 'source'))
    expect((await grade()).stdout).toContain('flags []\n')
    fs.rmSync(path.join(folder, 'source/flags.txt'))
    submit({ [FIRST]: 'mine' })
    const again = await spawnIn(folder, 'bash', ['source/run_autograder'], { AUTOGRADER_BASE: folder })
    expect(again.stdout).toContain('flags []\n')
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
