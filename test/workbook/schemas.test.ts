import { Ajv2020, type SchemaObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { toBatchJson } from '../../workbook/batch/json.ts'
import { rowOf, rowWithout } from '../../workbook/batch/row.ts'
import { root } from '../../workbook/bundle/root.ts'
import { toJson } from '../../workbook/report/json.ts'
import { toJUnit } from '../../workbook/report/junit.ts'
import type { CourseResult } from '../../workbook/report/result.ts'
import type { WireEvent } from '../../workbook/wire/transcript.ts'
import { readXml, type XmlNode } from './markup.ts'
import {
  allPassed,
  CRASH,
  graded,
  IDLE,
  makeCourse,
  makeLab,
  makePrediction,
  pass,
  problem,
  untouched,
} from './report-fixtures.ts'

/** Every report against the published format, or against what its readers need. */

const ODD_WIRE: readonly WireEvent[] = [
  { kind: 'rst', from: 'you', lane: 'client', connection: 2 },
  { kind: 'fin', from: 'peer', lane: 'client', connection: 1 },
  { kind: 'lookup', host: 'a.example', answer: '192.0.2.1' },
  { kind: 'printed', stream: 'stderr', text: 'a <b> & "c"' },
  { kind: 'note', from: 'peer', text: 'called serve()' },
]
const BROKEN = {
  ...untouched(makeLab()),
  requirements: [],
  problem: { code: 'E_SYNTAX', message: 'line 3: no\n  3 │ <', next: 'mend it' },
}
const ODD = problem('odd', 'forbidden', {
  expected: 'e',
  saw: 's',
  steps: ['one'],
  observed: { P1: 'a' },
  wire: ODD_WIRE,
})

const COURSES: ReadonlyArray<readonly [what: string, result: CourseResult]> = [
  ['nothing', makeCourse()],
  ['a lab that passed', makeCourse(allPassed(makeLab({ predictions: [makePrediction('P1', 'a')] })))],
  ['a lab that is not started', makeCourse(untouched(makeLab()))],
  ['a lab that does not compile', makeCourse(BROKEN)],
  [
    'every kind of check',
    makeCourse(graded([IDLE], [CRASH], [ODD], [problem('x', 'grader-error')], []), graded([pass('p')])),
  ],
]

const REPORT = read('report.schema.json')
const BATCH = read('batch.schema.json')

test.each(COURSES)('a report of %s is what docs/report.schema.json says, field by field', (_, result) => {
  const report: unknown = JSON.parse(toJson(result))
  expect(errorsOf(compile(REPORT), report)).toEqual([])
  expect(errorsOf(compile(closed(REPORT)), report)).toEqual([])
})

test('a table of a batch is what docs/batch.schema.json says, field by field', () => {
  const facts = { name: 'alice', stamp: '1', milliseconds: 12, report: 'alice.report' }
  const rows = [
    ...COURSES.map(([, result]) => rowOf(result, facts)),
    rowWithout('refused', { code: 'E_LINK', message: 'a link' }, 6, facts),
    rowWithout('fault', { code: 'E_GRADER', message: 'it ended' }, 6, facts),
  ]
  const shared = { course: '0.1.0', node: 'v20', seed: 1, others: [], told: [], milliseconds: 5 }
  const batch: unknown = JSON.parse(toBatchJson({ ...shared, labs: [makeLab()], rows }))
  expect(errorsOf(compile(BATCH), batch)).toEqual([])
  expect(errorsOf(compile(closed(BATCH)), batch)).toEqual([])
  expect(JSON.stringify(batch)).not.toContain('stamp')
})

test.each([
  ['a field that is missing', { format: 1 }],
  ['another format', { ...JSON.parse(toJson(makeCourse())), format: 2 }],
  ['a state that nobody knows', JSON.parse(toJson(makeCourse(BROKEN)).replace('does not compile', 'broken'))],
  [
    'a kind that nobody knows',
    JSON.parse(toJson(makeCourse(graded([CRASH]))).replaceAll('"crashed"', '"boom"')),
  ],
])('the schema refuses %s', (_, report) => {
  expect(errorsOf(compile(REPORT), report)).not.toEqual([])
})

test('a field more is no break of the format', () => {
  expect(errorsOf(compile(REPORT), { ...JSON.parse(toJson(makeCourse())), more: true })).toEqual([])
})

/** What readers of JUnit XML need: the elements, their order, and counts that are true. */
test.each(COURSES)('JUnit of %s is well-formed and counts what it holds', (_, result) => {
  const top = readXml(toJUnit(result))
  expect(top.name).toBe('testsuites')
  const suites = top.children
  expectCounts(top, suites.flatMap(casesOf))
  expect(new Set(suites.map(({ name }) => name)).size).toBeLessThanOrEqual(1)
  for (const suite of suites) {
    expect(suite.children.map(({ name }) => name).join(' ')).toMatch(/^properties(?: testcase)*$/)
    expectCounts(suite, casesOf(suite))
    for (const each of casesOf(suite)) expectCase(each)
  }
})

// --- what the tests share ---

function read(name: string): SchemaObject {
  return JSON.parse(readFileSync(path.join(root, 'docs', name), 'utf8')) as SchemaObject
}

function compile(schema: SchemaObject): ValidateFunction {
  return new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(schema)
}

function errorsOf(validate: ValidateFunction, value: unknown): string[] {
  validate(value)
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

/** The same schema without room for further fields, so that none is written that it does not know. */
function closed(schema: SchemaObject): SchemaObject {
  const text = JSON.stringify(schema, (_, value: unknown) => {
    const node = value as Record<string, unknown> | null
    return node && typeof node === 'object' && 'properties' in node && 'required' in node
      ? { additionalProperties: false, ...node }
      : node
  })
  return JSON.parse(text) as SchemaObject
}

function casesOf(suite: XmlNode): XmlNode[] {
  return suite.children.filter(({ name }) => name === 'testcase')
}

function expectCounts({ attributes }: XmlNode, cases: readonly XmlNode[]): void {
  const count = (name: string): string =>
    String(cases.filter(({ children }) => children[0]?.name === name).length)
  expect(attributes).toMatchObject({
    tests: String(cases.length),
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: expect.stringMatching(/^\d+\.\d{3}$/) as string,
  })
  expect(attributes['name']).not.toBe('')
}

function expectCase({ attributes, children }: XmlNode): void {
  expect(Object.keys(attributes).sort()).toEqual(['classname', 'name', 'time'])
  expect(children.length).toBeLessThanOrEqual(1)
  for (const { name, attributes: own } of children) {
    expect(['failure', 'error', 'skipped']).toContain(name)
    expect(Object.keys(own).sort()).toEqual(name === 'skipped' ? ['message'] : ['message', 'type'])
  }
}
