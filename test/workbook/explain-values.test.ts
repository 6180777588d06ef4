import { expect, test } from 'vitest'
import { explainValues } from '../../workbook/grading/explain-values.ts'

/** What a failure says beside "expected this, saw that" where both are long. */

const SYN = { at: 0, from: 'client', flags: ['SYN'] }
const SYN_ACK = { at: 100, from: 'server', flags: ['SYN', 'ACK'] }
const REQUEST = { at: 100, from: 'client', flags: ['ACK'], carries: 'request' }

test('lists are compared entry by entry', () => {
  expect(explainValues([SYN, { ...SYN_ACK, at: 50 }], [SYN, SYN_ACK, REQUEST])).toEqual([
    '- expected, + seen',
    '  [',
    "    { at: 0, from: 'client', flags: [ 'SYN' ] },",
    "-   { at: 100, from: 'server', flags: [ 'SYN', 'ACK' ] },",
    "-   { at: 100, from: 'client', flags: [ 'ACK' ], carries: 'request' }",
    "+   { at: 50, from: 'server', flags: [ 'SYN', 'ACK' ] }",
    '  ]',
  ])
})

test('long texts have a caret under the first difference', () => {
  expect(explainValues('timeout=29, max=4, and more', 'timeout=29, max=5, and more')).toEqual([
    'expected  "timeout=29, max=5, and more"',
    'saw       "timeout=29, max=4, and more"',
    '                           ^',
    'the first difference is byte 17 of 27',
  ])
})

test.each([
  ['short texts', 'close', 'keep-alive'],
  ['numbers', 3, 4],
  ['small objects', { a: 1 }, { a: 2 }],
  ['values of other kinds', null, [1, 2]],
])('%s are compared at a glance', (_, actual, expected) => {
  expect(explainValues(actual, expected)).toEqual([])
})

test('of long lists what differs is shown, with a few entries before it', () => {
  const list = Array.from(
    { length: 80 },
    (_, index) => `entry ${index} of a list that is too long for one line`,
  )
  const lines = explainValues([...list.slice(0, 60), 'another', ...list.slice(61)], list)
  expect(lines[1]).toBe('  … 58 lines that agree')
  expect(lines).toContain("+   'another',")
  expect(lines.length).toBeLessThan(30)
})
