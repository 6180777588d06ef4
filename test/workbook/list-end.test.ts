import { expect, test } from 'vitest'
import { endLines } from '../../workbook/cli/list.ts'
import { makeLab } from './report-fixtures.ts'

/** What `npm run list` says last. */

const labs = [makeLab(), makeLab({ id: '43-harbour', number: '43', entry: 'harbour.ts' })]
const requirements = makeLab().requirements
const passed = Object.fromEntries(requirements.map(({ id }) => [id, 'passed' as const]))

test('a lab that is not done comes next', () => {
  const lines = endLines(labs, { '42-lighthouse': passed, '43-harbour': { R1: 'passed', R2: 'failed' } })
  expect(lines).toEqual([
    'Next: read labs/43-harbour/README.md, open labs/43-harbour/harbour.ts, then npm run grade -- 43',
  ])
})

test('behind the last one stands what was built, and where to go', () => {
  const lines = endLines(labs, { '42-lighthouse': passed, '43-harbour': passed })
  expect(lines).toEqual([
    `All of it: 2 labs, ${2 * requirements.length} requirements, and every line of it is yours.`,
    'Next: docs/where-next.md says what you can read now, and what you can build.',
    'npm run grade shows it all green once more.',
  ])
})
