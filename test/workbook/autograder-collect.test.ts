import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { walk } from '../../workbook/handout/walk.ts'
import { autograderFolder, bring, COURSE, FIRST, folder, read, submit, TOOL } from './autograder-folder.ts'
import type { Run } from './checkout.ts'
import { spawnIn } from './handout-folder.ts'

/** What an autograder takes from a submission: the same as a batch does. */

autograderFolder()

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

  /** As `npm run grade` and `npm run batch` read it: whatever a lab can import. */
  test.each([
    ['of a whole handout', `alice/${FIRST}`, 'alice/labs/', 'labs/'],
    ['of the folder of a lab', 'alice/01-first/first.ts', 'alice/01-first/', 'labs/01-first/'],
    ['beside a file alone', 'alice/first.ts', 'alice/', 'labs/01-first/'],
  ])('is everything that a program can import, %s', async (_what, program, from, to) => {
    const modules = ['helper.ts', 'lib/x.ts', 'mine/util.mjs', 'mine/table.json', 'a.js', 'a.mts', 'a.txt']
    const { stdout, code } = await collect({
      [program]: 'mine',
      ...Object.fromEntries(modules.map((name) => [`${from}${name}`, name])),
    })
    expect(read(`source/course/${FIRST}`)).toBe('mine')
    expect(modules.map((name) => read(`source/course/${to}${name}`))).toEqual(modules)
    expect([stdout, code]).toEqual(["1 of 2 labs' files are in the submission.\n", 0])
  })

  test('is no file of another kind, no hidden course, and no lab that this course has not', async () => {
    const { stdout } = await collect({
      [FIRST]: 'mine',
      'labs/run.sh': 'no',
      'labs/01-first/README.md': 'forged',
      'labs/KIT/todo.ts': 'forged',
      'labs/03-third/third.ts': 'of another course',
      'labs/01-first/node_modules/a/index.js': 'no',
      'labs/02-second/second.ts/a.ts': 'a folder that is called like a file',
      'test/labs/a.ts': 'no',
    })
    expect(read('source/course/labs/01-first/README.md')).toBe('page')
    expect(fs.readdirSync(path.join(folder, 'source/course/labs')).sort()).toEqual([
      '01-first',
      '02-second',
      'kit',
    ])
    expect(fs.readdirSync(path.join(folder, 'source/course/labs/01-first')).sort()).toEqual([
      '.starter',
      'README.md',
      'first.ts',
      'predictions.md',
    ])
    expect(read('source/course/labs/02-second/second.ts')).toBe('starter')
    expect(stdout).toContain('Not taken, as this course has not: 03-third.\n')
    expect(stdout).toContain('labs/02-second/second.ts/a.ts is not taken: it has no place in the course (')
  })

  const PREDICTED = 'labs/01-first/predictions.md'
  test.each([
    ['the ticks', '## P1 Who is first?\n- [ ] a. I\n- [x] b. You\n', 'b'],
    ['the ticks, with notes and without dashes', '## P1 Who is first?\r\n\r\nHm.\r\n[X] a. Me!\r\n', 'a'],
    ['the ticks of a file that is broken', '## P1 Who is first?\n- [ ] q. what\n-[x] a. I', 'a'],
    ['nothing under another question', '## P1 Who is last?\n- [x] a. I\n', ''],
    ['nothing without a question', '- [x] a. I\n', ''],
    ['nothing of a file that is too large', `## P1 Who is first?\n- [x] a. I\n${' '.repeat(70_000)}`, ''],
  ])('of the predictions is %s', async (_what, text, ticked) => {
    await collect({ [FIRST]: 'mine', [PREDICTED]: text })
    const expected = COURSE[PREDICTED].replace(`[ ] ${ticked}.`, `[x] ${ticked}.`)
    expect(read(`source/course/${PREDICTED}`)).toBe(expected)
  })

  test('of the predictions of two labs in one folder is what each of them asks', async () => {
    await collect({ 'first.ts': '1', 'second.ts': '2', 'predictions.md': '## P1 Who is first?\n- [x] a. I' })
    expect(read(`source/course/${PREDICTED}`)).toContain('- [x] a. I\n- [ ] b. You\n')
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

  test('is what labs share, whichever of two folders it is in, and nothing that is in both', async () => {
    const { stdout } = await collect({
      [`a/${FIRST}`]: 'mine',
      'a/labs/shared.ts': 'one',
      'a/labs/only.ts': 'only',
      'a/labs/02-second/old.ts': 'old',
      'b/labs/02-second/second.ts': 'mine too',
      'b/labs/shared.ts': 'other',
    })
    expect([read(`source/course/${FIRST}`), read('source/course/labs/02-second/second.ts')]).toEqual([
      'mine',
      'mine too',
    ])
    expect(read('source/course/labs/only.ts')).toBe('only')
    expect(fs.readdirSync(path.join(folder, 'source/course/labs/02-second'))).not.toContain('old.ts')
    expect(fs.existsSync(path.join(folder, 'source/course/labs/shared.ts'))).toBe(false)
    expect(stdout).toContain('either could be meant: a/labs/shared.ts and b/labs/shared.ts.\n')
  })

  test('is nothing of the one before', async () => {
    bring('gradescope', path.join(folder, 'source'))
    const before = contentsOf('source/course')
    await collect({
      [FIRST]: 'one',
      'labs/01-first/helper.ts': 'beside',
      'labs/01-first/lib/x.ts': 'below',
      'labs/mine/util.ts': 'shared',
      [PREDICTED]: '## P1 Who is first?\n- [x] a. I',
    })
    expect(contentsOf('source/course')).not.toEqual(before)
    fs.rmSync(path.join(folder, 'submission'), { recursive: true })
    await collect({})
    expect(contentsOf('source/course')).toEqual(before)
  })

  const contentsOf = (name: string): Record<string, string> =>
    Object.fromEntries(walk(path.join(folder, name), '').map(({ file }) => [file, read(`${name}/${file}`)]))
})
