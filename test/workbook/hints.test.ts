import { expect, test } from 'vitest'
import { wordsOfHint } from '../../workbook/course/hint-words.ts'
import { hintsInOrder } from '../../workbook/report/hints.ts'
import { makeLab, pass, problem } from './report-fixtures.ts'

/** Hints go with the check that failed, and not only with its requirement. */

const HINTS = [
  'Who hears of the end?',
  'Look at allowHalfOpen.',
  'Where a report says "a port" or "a host": look into the error.',
  'Where a report says "after two hours": which clock runs?',
]
const [requirement] = makeLab().requirements
const order = (...checks: Parameters<typeof hintsInOrder>[1]): number[] =>
  hintsInOrder({ ...requirement!, hints: HINTS }, checks).map((hint) => HINTS.indexOf(hint))

test('words of a report stand in quotes in front of a hint; without them it is for everybody', () => {
  expect(HINTS.map(wordsOfHint)).toEqual([[], [], ['a port', 'a host'], ['after two hours']])
})

test('a hint that goes with the failure comes first, one that goes with another failure last', () => {
  expect(order(problem('a check', 'failed', { expected: 'a host in the message' }))).toEqual([2, 0, 1, 3])
  expect(order(problem('closed after two hours', 'failed'))).toEqual([3, 0, 1, 2])
  expect(order(problem('a check', 'failed', { steps: ['silence', 'after two hours'] }))).toEqual([3, 0, 1, 2])
})

test('before anything has failed, hints come as they stand', () => {
  expect(order()).toEqual([0, 1, 2, 3])
  expect(order(pass('closed after two hours'))).toEqual([0, 1, 2, 3])
})
