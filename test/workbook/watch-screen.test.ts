import { expect, test } from 'vitest'
import { renderScreen, type WatchScreen } from '../../workbook/report/watch-screen.ts'
import type { CheckResult } from '../../workbook/report/result.ts'
import type { RunSoFar } from '../../workbook/report/so-far.ts'
import { makeLab, pass, problem } from './report-fixtures.ts'

/** The screen of `npm start` as somebody reads it, without a terminal. */

const lab = makeLab()
const SIZE = { columns: 80, rows: 24, color: false }
const TITLES = lab.requirements.map(({ id }) => ({ requirement: id, title: `check of ${id}` }))
const BROKEN: CheckResult = problem('check of R3', 'failed', { expected: 'FIN', saw: 'nothing' })

function runOf(checks: ReadonlyArray<CheckResult & { requirement: string }>, running = true): RunSoFar {
  return { lab, file: 'labs/42/x.ts', seed: 1, problem: null, wanted: [], planned: TITLES, checks, running }
}

function screenOf(run: RunSoFar, change: Partial<WatchScreen> = {}): WatchScreen {
  const empty = { before: new Map(), previous: null, panel: null, passed: [], predictions: [] }
  return { run, ...empty, status: ['grading', 'keys'], ...change }
}

const done = (id: string, check: CheckResult) => ({ requirement: id, ...check })
const passed = (id: string) => done(id, pass(`check of ${id}`))

test('a failure that is read stays in its place while the verdicts around it arrive', () => {
  const failed = done('R3', { ...BROKEN })
  const full = runOf([passed('R1'), passed('R2'), failed, passed('R4'), passed('R5')], false)
  const before = new Map(full.checks.map(({ requirement, verdict }) => [requirement, verdict.kind]))
  const small = { ...SIZE, rows: 14 }
  const first = renderScreen(screenOf(full), small, null)
  const rowOf = (lines: readonly string[]): number => lines.findIndex((line) => line.startsWith('✗ R3'))
  expect(first.held).toMatchObject({ id: 'R3', crowded: true })
  let { held } = first
  const arriving = [
    [],
    [passed('R1')],
    [passed('R1'), done('R2', { ...BROKEN, title: 'check of R2' })].slice(0, 1),
    [passed('R1'), passed('R2'), failed],
    [passed('R1'), passed('R2'), failed, passed('R4'), passed('R5')],
  ]
  for (const checks of arriving) {
    const shown = renderScreen(screenOf(runOf(checks), { before, previous: full }), small, held)
    expect(rowOf(shown.lines)).toBe(rowOf(first.lines))
    held = shown.held
  }
})

test('another failure takes the room that it needs', () => {
  const held = { id: 'R1', rows: 9, crowded: true }
  const run = runOf([done('R3', BROKEN), passed('R1'), passed('R2')])
  expect(renderScreen(screenOf(run), SIZE, held)).toEqual(renderScreen(screenOf(run), SIZE, null))
})

test('a file that does not compile has no ticks of the run before', () => {
  const broken = { code: 'E_SYNTAX', message: 'x.ts:3:7: Expected identifier', next: 'mend it' } as const
  const run = { ...runOf([], false), planned: [], problem: broken }
  const before = new Map(lab.requirements.map(({ id }) => [id, 'passed' as const]))
  const { lines } = renderScreen(screenOf(run, { before }), SIZE, null)
  expect(lines[0]).toMatch(/not graded$/)
  expect(lines.filter((line) => line.includes('✓'))).toEqual([])
  expect(lines.filter((line) => line.startsWith('· R'))).toHaveLength(5)
})
