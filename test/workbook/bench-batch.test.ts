import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { JsonBatch } from '../../workbook/batch/json.ts'
import { makeClass, type KnownSubmission } from '../../workbook/bench/batch-class.ts'
import { wrongRows } from '../../workbook/bench/batch-judge.ts'
import { renderBatches } from '../../workbook/bench/batch-table.ts'
import { memoryOf } from '../../workbook/bench/tree-memory.ts'
import { root } from '../../workbook/bundle/root.ts'
import { readCourse } from '../../workbook/course/course.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'bench-batch-'))
afterAll(() => rmSync(folder, { recursive: true }))

const labs = readCourse(root)
  .labs.filter(({ id }) => existsSync(path.join(root, 'solutions', id)))
  .slice(0, 2)
const [first, second] = labs.map(({ id }) => id) as [string, string]
const known = makeClass(root, labs, 40, folder)

test('a class hands in folders, zips and tars, each under the name that is known', () => {
  expect(readdirSync(folder).sort()).toEqual(known.map(({ name }) => name).sort())
  const kinds = known.map(({ name }) => /\.(?:zip|tar\.gz)$/.exec(name)?.[0] ?? 'folder')
  expect(new Set(kinds)).toEqual(new Set(['folder', '.zip', '.tar.gz']))
  expect(new Set(known.map(({ cause }) => cause))).toEqual(
    new Set([null, 'hung', 'crashed', 'forbidden', 'E_NO_SUBMISSION', 'E_OUTSIDE', 'E_TOO_LARGE']),
  )
})

test('half of a class is wrong programs, of which all labs have their turn', () => {
  const wrong = known.filter(({ labs: own }) => Object.values(own).some((each) => typeof each === 'object'))
  expect(wrong).toHaveLength(20)
  expect(new Set(wrong.flatMap(({ labs: own }) => Object.keys(own)))).toEqual(new Set([first, second]))
})

test('rows as they should be are not wrong', () => {
  expect(wrongRows(known, tableOf(known))).toEqual([])
})

const passed = { [first]: 'passed', [second]: 'passed' } as const
const WRONG: ReadonlyArray<
  readonly [what: string, known: Partial<KnownSubmission>, row: object, says: string]
> = [
  [
    'another state',
    {},
    { state: 'fault', cause: { code: 'E_GRADER', message: 'it ended' } },
    'fault (it ended), and not graded',
  ],
  [
    'another cause',
    { state: 'refused', cause: 'E_LINK', labs: {} },
    { state: 'refused', cause: { code: 'E_NAME', message: '' }, labs: [] },
    'cause E_NAME, and not E_LINK',
  ],
  [
    'a verdict that is another',
    {},
    { labs: [labOf(first, ['passed', 'hung'])] },
    `lab ${first} R2 hung, and not passed: seen`,
  ],
  [
    'a failure more',
    { labs: { [first]: { fails: ['R1'] } } },
    { labs: [labOf(first, ['failed', 'failed'])] },
    `lab ${first} fails R1 R2, and not R1`,
  ],
  [
    'a failure less',
    { labs: { [first]: { fails: ['R1'] } } },
    { labs: [labOf(first, ['passed', 'passed'])] },
    `lab ${first} fails nothing, and not R1`,
  ],
  [
    'a lab that was not graded',
    {},
    { labs: [labOf(first, [], 'E_SYNTAX')] },
    `lab ${first} could not be graded: E_SYNTAX`,
  ],
  [
    'a lab that was not handed in',
    { labs: {} },
    { labs: [labOf(first, ['passed'])] },
    `lab ${first} has verdicts, and was not handed in`,
  ],
]

test.each(WRONG)('a row with %s is wrong', (_, expected, row, says) => {
  const one: KnownSubmission = { name: 's1', state: 'graded', cause: null, labs: passed, ...expected }
  const given = { name: 's1', state: 'graded', cause: null, labs: [], ...row }
  expect(wrongRows([one], { submissions: [given] } as unknown as JsonBatch)).toEqual([`s1: ${says}`])
})

test('a row that is missing is wrong, and so is one that nobody handed in', () => {
  const [one] = known as [KnownSubmission]
  const { submissions } = tableOf([{ ...one, name: 'stranger' }])
  expect(wrongRows([one], { submissions } as unknown as JsonBatch)).toEqual([
    `${one.name}: no row`,
    'stranger: a row that nobody handed in',
  ])
})

test('the table tells speed, memory and what is wrong', () => {
  const figures = {
    submissions: 20,
    labs: 7,
    lanes: 2,
    seconds: 40,
    perSecond: 0.5,
    peakBytes: 400 * 2 ** 20,
    wrong: [],
  }
  const larger = {
    ...figures,
    submissions: 200,
    seconds: 400,
    peakBytes: 500 * 2 ** 20,
    wrong: ['s1: no row'],
  }
  expect(renderBatches([figures, larger]))
    .toBe(`Batches of 7 labs: solutions, wrong programs, starters, hostile ones, archives, mixed
    submissions    at a time      seconds     a second  peak memory   wrong rows
             20            2         40.0         0.50      400 MiB            0
            200            2        400.0         0.50      500 MiB            1
  NOT FLAT: 10 times the submissions, 1.25 times the memory
  ✗ s1: no row
`)
  expect(renderBatches([figures, { ...larger, peakBytes: 410 * 2 ** 20 }])).toContain(
    '  flat: 10 times the submissions, 1.02',
  )
  expect(renderBatches([{ ...figures, peakBytes: null }])).toContain('not told here')
})

test.runIf(process.platform === 'linux')('memory counts a process and what it has started', async () => {
  const program =
    "const all = Buffer.alloc(64 * 2 ** 20, 1); console.log('ready'); process.stdin.on('data', () => all.fill(0))"
  const shell = spawn('/bin/sh', ['-c', '"$0" -e "$1"; exit', process.execPath, program], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  await once(shell.stdout, 'data')
  // The shell itself has next to none.
  expect(memoryOf(shell.pid ?? 0)).toBeGreaterThan(64 * 2 ** 20)
  shell.stdin.end()
  await once(shell, 'close')
  expect(memoryOf(shell.pid ?? 0)).toBe(0)
})

// --- what the tests share ---

function labOf(id: string, kinds: readonly string[], problem?: string): object {
  const requirements = kinds.map((kind, index) => ({ id: `R${index + 1}`, kind, saw: 'seen' }))
  return { id, problem: problem === undefined ? null : { code: problem, message: '' }, requirements }
}

/** The table in which each submission has come to what it should. */
function tableOf(all: readonly KnownSubmission[]): JsonBatch {
  const submissions = all.map(({ name, state, cause, labs: own }) => {
    const graded = labs.map(({ id, requirements }) => {
      const expected = own[id]
      if (expected === undefined) return labOf(id, [], 'E_MISSING_FILE')
      const kindOf = (requirement: string): string => {
        if (typeof expected === 'string') return expected
        return expected.fails.includes(requirement) ? 'failed' : 'passed'
      }
      return labOf(
        id,
        requirements.map((requirement) => kindOf(requirement.id)),
      )
    })
    return {
      name,
      state,
      cause: cause && { code: cause, message: '' },
      labs: state === 'graded' ? graded : [],
    }
  })
  return { submissions } as unknown as JsonBatch
}
