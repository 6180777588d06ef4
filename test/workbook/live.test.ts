import { expect, test } from 'vitest'
import { liveOf } from '../../workbook/report/live.ts'
import { addToRecord, recordFromText, recordToText } from '../../workbook/report/record.ts'
import type { CheckResult } from '../../workbook/report/result.ts'
import { changeOf, requirementsSoFar, type RunSoFar } from '../../workbook/report/so-far.ts'
import { newsLines } from '../../workbook/report/watch-lines.ts'
import { graded, IDLE, IDLE_WIRE, makeLab, pass, problem } from './report-fixtures.ts'

/** What a run has come to, for a page, a screen and a record. */

const LAB = makeLab()
const of = (requirement: string, check: CheckResult) => ({ requirement, ...check })
/** Two checks for each requirement; those that have ended come first. */
const planFor = (ended: RunSoFar['checks']): RunSoFar['planned'] =>
  LAB.requirements.flatMap(({ id: requirement }) => {
    const titles = ended.filter((check) => check.requirement === requirement).map(({ title }) => title)
    return [...titles, 'further', 'furthest'].slice(0, 2).map((title) => ({ requirement, title }))
  })
const soFar = (...checks: RunSoFar['checks']): RunSoFar => ({
  lab: LAB,
  file: 'labs/42-lighthouse/lighthouse.ts',
  seed: 7,
  problem: null,
  wanted: [],
  planned: planFor(checks),
  checks,
  running: true,
})
const kinds = (run: RunSoFar): string[] => liveOf(run, 'x').requirements.map(({ kind }) => kind)

test('a requirement has passed with the last of its checks, and failed with the first that does', () => {
  const run = soFar(of('R1', pass('a')), of('R1', pass('b')), of('R2', pass('a')), of('R3', IDLE))
  expect(kinds(run)).toEqual(['passed', 'waiting', 'failed', 'waiting', 'waiting'])
  expect(liveOf(run, 'x').requirements.map(({ done, planned }) => [done, planned])).toEqual([
    [2, 2],
    [1, 2],
    [1, 2],
    [0, 2],
    [0, 2],
  ])
})

test('checks that end in another order than the suite has them leave the same verdict', () => {
  const [hung, failed] = [of('R1', problem('b', 'hung')), of('R1', problem('a', 'failed'))]
  const planned = ['a', 'b'].map((title) => ({ requirement: 'R1', title }))
  const r1 = (...ended: RunSoFar['checks']) => requirementsSoFar({ ...soFar(...ended), planned })[0]
  expect(r1(hung)?.kind).toBe('waiting')
  expect(r1(failed)?.kind).toBe('failed')
  expect(r1(hung, failed)).toMatchObject({ kind: 'failed', checks: [{ title: 'a' }, { title: 'b' }] })
})

test('lines of a watch come in the order of the page, whichever check ended first', () => {
  const told = new Set<string>()
  const ids = (run: RunSoFar): string[] =>
    newsLines(run, new Map(), told, { color: false, width: 80 }).map((line) => line.split(' ')[1] ?? '')
  const second = [of('R2', pass('a')), of('R2', pass('b'))]
  const first = [of('R1', pass('a')), of('R1', pass('b'))]
  expect(ids(soFar(...second))).toEqual([])
  expect(ids(soFar(...second, ...first))).toEqual(['R1', 'R2'])
  expect(ids(soFar(...second, ...first))).toEqual([])
})

test('the failure comes with its figure, which tells where it went wrong', () => {
  const { failure, running, run } = liveOf(soFar(of('R3', IDLE)), 'one')
  expect([run, running]).toEqual(['one', true])
  expect(failure).toMatchObject({
    requirement: 'R3',
    kind: 'failed',
    expected: 'FIN from your server after 5000 ms idle',
    next: 'npm run hint -- 42 R3',
  })
  expect(failure?.figure?.lanes.map(({ name }) => name)).toHaveLength(2)
  expect(failure?.figure?.events.at(-1)).toMatchObject({
    kind: 'note',
    label: expect.stringMatching(/^✗ expected FIN from your server after 5000 ms idle/),
  })
})

test('what is not written yet is no failure, and a failure without a wire has no figure', () => {
  const open = soFar(of('R1', problem('a', 'not-started')), of('R2', problem('a', 'never-listened')))
  expect(liveOf(open, 'x').failure).toMatchObject({ requirement: 'R2', figure: null })
  expect(liveOf(soFar(of('R1', problem('a', 'not-started'))), 'x').failure).toBe(null)
})

test('neither stack nor place of the suite reaches a page', () => {
  const fault = problem('a', 'grader-error', {
    saw: 'boom\n    at test/labs/x.test.ts:1:1',
    detail: ['stack'],
  })
  const text = JSON.stringify(liveOf(soFar(of('R1', fault)), 'x'))
  expect(text).not.toContain('test/labs')
  expect(text).not.toContain('stack')
})

test('what a run does not grade stays open, and what should have had a check says so', () => {
  const only = { ...soFar(of('R2', pass('a')), of('R2', pass('b'))), wanted: ['R2'], running: false }
  expect(kinds({ ...only, planned: only.planned.slice(2, 4) })).toEqual([
    'waiting',
    'passed',
    'waiting',
    'waiting',
    'waiting',
  ])
  expect(kinds({ ...only, wanted: [], planned: only.planned.slice(2, 4) })).toEqual([
    'no-checks',
    'passed',
    'no-checks',
    'no-checks',
    'no-checks',
  ])
})

test.each([
  [undefined, 'passed', null],
  ['passed', 'waiting', null],
  ['passed', 'passed', null],
  ['failed', 'passed', 'now green'],
  ['not-started', 'passed', 'now green'],
  ['passed', 'failed', 'now red'],
  ['passed', 'not-started', 'now red'],
  ['not-started', 'hung', 'now red'],
  ['failed', 'crashed', 'still red'],
  ['not-started', 'not-started', null],
] as const)('from %s to %s is %s', (before, now, change) => {
  expect(changeOf(before, now)).toBe(change)
})

test('a record gives back every byte, and keeps what was not graded again', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
  const wire = [
    { kind: 'data', from: 'you', lane: 'a', connection: 1, bytes, length: 9_000 } as const,
    ...IDLE_WIRE,
  ]
  const run = { when: '2026-01-01T00:00:00.000Z', seed: 7, of: 'abc' }
  const first = addToRecord(null, graded([pass('a', { wire })], [IDLE]), run)
  const again = { ...graded([pass('b')]), requirements: graded([pass('b')]).requirements.slice(0, 1) }
  const both = addToRecord(first, again, { ...run, seed: 8 })
  const read = recordFromText(recordToText(first))
  const [kept] = read?.requirements['R1']?.checks[0]?.verdict.wire ?? []
  expect(kept).toEqual(wire[0])
  expect([both.requirements['R1']?.seed, both.requirements['R2']?.seed]).toEqual([8, 7])
})

test.each([
  '',
  '{',
  'null',
  '[]',
  '{"format":2,"lab":"a","requirements":{}}',
  '{"format":1,"lab":"a","requirements":{"R1":{}}}',
])('a text that is no record is none: %s', (text) => {
  expect(recordFromText(text)).toBe(null)
})

test('every requirement is there before anything has run', () => {
  expect(requirementsSoFar({ ...soFar(), planned: [] }).map(({ kind }) => kind)).toEqual(
    LAB.requirements.map(() => 'waiting'),
  )
})
