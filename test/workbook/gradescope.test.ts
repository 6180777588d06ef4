import { Ajv2020, type SchemaObject } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { readGradescope } from '../../workbook/cli/gradescope-flags.ts'
import {
  toGradescope,
  type GradescopeOptions,
  type GradescopeResults,
} from '../../workbook/report/gradescope.ts'
import type { CourseResult } from '../../workbook/report/result.ts'
import {
  CRASH,
  graded,
  IDLE,
  makeCourse,
  makeLab,
  makeResult,
  pass,
  problem,
  untouched,
} from './report-fixtures.ts'

const VISIBILITY = { enum: ['visible', 'hidden', 'after_due_date', 'after_published'] }
const FORMAT = { enum: ['text', 'html', 'simple_format', 'md', 'ansi'] }
const STRING = { type: 'string' }
const NUMBER = { type: 'number' }

/** What Gradescope's autograder specification allows in results.json, and nothing else. */
const SPECIFICATION: SchemaObject = {
  type: 'object',
  additionalProperties: false,
  anyOf: [{ required: ['score'] }, { required: ['tests'] }],
  properties: {
    score: NUMBER,
    execution_time: NUMBER,
    output: STRING,
    output_format: FORMAT,
    test_output_format: FORMAT,
    test_name_format: FORMAT,
    visibility: VISIBILITY,
    stdout_visibility: VISIBILITY,
    extra_data: { type: 'object' },
    leaderboard: { type: 'array' },
    tests: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        properties: {
          score: NUMBER,
          max_score: NUMBER,
          status: { enum: ['passed', 'failed'] },
          name: STRING,
          name_format: FORMAT,
          number: STRING,
          output: STRING,
          output_format: FORMAT,
          tags: { type: 'array', items: STRING },
          visibility: VISIBILITY,
          extra_data: { type: 'object' },
        },
      },
    },
  },
}

const holds = new Ajv2020({ strict: true, strictRequired: false }).compile(SPECIFICATION)
const PLAIN: GradescopeOptions = { visibility: 'visible', own: {}, stdout: 'hidden' }

function results(result: CourseResult, options: Partial<GradescopeOptions> = {}): GradescopeResults {
  const read = JSON.parse(toGradescope(result, { ...PLAIN, ...options })) as GradescopeResults
  expect(holds(read), JSON.stringify(holds.errors)).toBe(true)
  return read
}

const BROKEN = {
  ...untouched(makeLab()),
  requirements: [],
  problem: { code: 'E_SYNTAX', message: 'line 3: no\n  3 │ <', next: 'mend it' },
}

test('has a test for each requirement, with its weight as points', () => {
  const { score, tests } = results(makeCourse(graded([pass('a')], [CRASH], [pass('b')])))
  expect(tests.map(({ number, score: own, max_score, status }) => [number, own, max_score, status])).toEqual([
    ['42.1', 1, 1, 'passed'],
    ['42.2', 0, 1, 'failed'],
    ['42.3', 2, 2, 'passed'],
    ['42.4', 1, 1, 'passed'],
    ['42.5', 1, 1, 'passed'],
  ])
  expect(score).toBe(5)
  expect(score).toBe(tests.reduce((sum, test) => sum + test.score, 0))
})

test('names the behaviour, and shows the wire as a ladder of text', () => {
  const [, , third] = results(makeCourse(graded([pass('a')], [pass('b')], [IDLE]))).tests
  expect(third?.name).toBe('Lab 42 R3  An idle connection is closed after idleMs, not before.')
  expect(third?.output).toContain('│◀── GET /1 HTTP/1.1')
  expect(third?.output).toContain('expected  FIN from your server after 5000 ms idle')
  expect(third?.output).toContain('npm run hint -- 42 R3')
  expect(third).toMatchObject({ output_format: 'text', tags: ['42-lighthouse', 'failed'] })
  expect(third?.output).not.toContain('\u001B')
})

test('tells what is not started in a sentence', () => {
  const [first] = results(makeCourse(untouched(makeLab()))).tests
  expect(first?.output).toContain('This is not started')
  expect(first).toMatchObject({ score: 0, status: 'failed', extra_data: { kind: 'not-started' } })
})

test('keeps every requirement of a lab that could not be graded, and says why at each', () => {
  const { score, tests } = results(makeCourse(BROKEN))
  expect([score, tests.length]).toEqual([0, 5])
  expect(tests.reduce((sum, { max_score }) => sum + max_score, 0)).toBe(6)
  for (const { output, extra_data } of tests) {
    expect(output).toBe('This lab could not be graded: line 3: no\n  3 │ <\n\nnext      mend it')
    expect(extra_data.kind).toBe('E_SYNTAX')
  }
})

test('gives no points for a fault of the workbook’s, and says whose fault it is', () => {
  const broken = problem('a check', 'grader-error', {
    saw: 'Error: out\n  at test/labs/x.test.ts:1:1',
    detail: ['secret'],
  })
  const [first] = results(makeCourse(graded([broken]))).tests
  expect(first?.output).toContain("THE WORKBOOK'S FAULT")
  expect(first?.output).not.toMatch(/test\/labs|secret/)
  expect(first?.extra_data).toEqual({ lab: '42-lighthouse', requirement: 'R1', kind: 'grader-error' })
})

test('shows each requirement when the teacher says so; the nearest word counts', () => {
  const other = makeLab({ id: '43-harbour', number: '43' })
  const course = makeCourse(graded([CRASH]), makeResult(other, [[pass('a')], [pass('b')]]))
  const own = { R1: 'hidden', '43:R1': 'after_published' } as const
  const { tests, visibility, stdout_visibility } = results(course, {
    visibility: 'after_due_date',
    own,
    stdout: 'visible',
  })
  expect(Object.fromEntries(tests.map((test) => [test.number, test.visibility]))).toEqual({
    '42.1': 'hidden',
    '42.2': 'after_due_date',
    '42.3': 'after_due_date',
    '42.4': 'after_due_date',
    '42.5': 'after_due_date',
    '43.1': 'after_published',
    '43.2': 'after_due_date',
  })
  expect([visibility, stdout_visibility]).toEqual(['visible', 'visible'])
})

test('tells in its summary nothing of what is hidden', () => {
  const course = makeCourse(graded([CRASH], [pass('b')]))
  expect(results(course).output).toMatch(/^4 of 5 requirements passed\.\n/)
  expect(results(course, { own: { R1: 'hidden', R2: 'after_due_date' } }).output).toMatch(
    /^3 of 3 requirements passed; others are shown later, or not at all\.\n/,
  )
})

test('carries the version of the course and the seed that repeats the run', () => {
  const { output, extra_data } = results(makeCourse(graded()))
  expect(extra_data).toEqual({ course: '0.1.0', seed: 1234, node: 'v20.20.2' })
  expect(output).toContain('npm run grade -- 42 --seed 1234')
})

const selection = {
  course: { version: '1', title: null, root: '/', labs: [] },
  labs: [{ lab: makeLab(), requirements: [] }],
}

test.each([
  [{}, PLAIN],
  [{ visibility: 'hidden' }, { ...PLAIN, visibility: 'hidden' }],
  [
    { visibility: 'after_due_date,R1=visible,42:r2=hidden' },
    { visibility: 'after_due_date', own: { R1: 'visible', '42:R2': 'hidden' }, stdout: 'hidden' },
  ],
  [
    { hide: 'r3,42:R5', visibility: 'R3=visible' },
    { ...PLAIN, own: { R3: 'hidden', '42:R5': 'hidden' } },
  ],
  [{ stdout: 'visible' }, { ...PLAIN, stdout: 'visible' }],
] as const)('%o is read as it is meant', (flags, expected) => {
  expect(readGradescope(flags, selection)).toEqual(expected)
})

test.each([
  [
    { visibility: 'secret' },
    'A visibility is one of visible, hidden, after_due_date, after_published, not "secret".',
  ],
  [{ visibility: 'R1=never' }, 'A visibility is one of'],
  [{ hide: 'R9' }, 'No lab that is graded has a requirement R9.'],
  [{ hide: '12:R1' }, 'No lab that is graded has a requirement 12:R1.'],
  [{ stdout: 'later' }, '--stdout is visible or hidden, not "later".'],
])('%o is refused in words', (flags, says) => {
  expect(() => readGradescope(flags, selection)).toThrow(says)
})
