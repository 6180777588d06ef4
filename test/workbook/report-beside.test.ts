import { expect, test } from 'vitest'
import type { Beside, Problem } from '../../workbook/grading/verdict.ts'
import { besideLines } from '../../workbook/report/beside.ts'
import { viewOf } from '../../workbook/report/layout.ts'
import { IDLE } from './report-fixtures.ts'

/** Beside the conversation that is told, a screen names those that passed and those that failed as well. */

const lines = (beside?: Beside): string[] => {
  const { verdict } = IDLE as unknown as { readonly verdict: Problem }
  return besideLines({ ...verdict, ...(beside && { beside }) }, viewOf({ width: 80, color: false }))
}

test('those that passed, and those that did not, the one that is told first', () => {
  expect(lines({ told: 'PATCH', passed: ['POST'], failed: ['LINK', 'get'] })).toEqual([
    'passed    POST',
    'failed    PATCH; LINK; get',
  ])
})

test('nothing where a check is no conversations, or where a drawn one failed', () => {
  expect(lines()).toEqual([])
  expect(lines({ told: '', passed: ['POST'], failed: [] })).toEqual([])
})

test('many names, long ones and ones of several lines stay short', () => {
  const passed = Array.from({ length: 40 }, (_, index) => `one ${index}`)
  const [first, second] = lines({ told: `no HTTP: HELLO\r\n${'x'.repeat(100)}`, passed, failed: [] })
  expect(first).toBe('passed    34 more; one 34; one 35; one 36; one 37; one 38; one 39')
  expect(second).toBe('failed    no HTTP: HELLO …')
})
