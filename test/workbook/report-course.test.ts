import { expect, test } from 'vitest'
import { renderCourse } from '../../workbook/report/terminal.ts'
import {
  allPassed,
  CRASH,
  makeCourse,
  makeLab,
  makePrediction,
  makeResult,
  pass,
  problem,
  see,
  untouched,
} from './report-fixtures.ts'

test('an untouched course says where to begin', () => {
  const labs = [
    untouched(makeLab({ predictions: [makePrediction('P1', '')] })),
    untouched(makeLab({ id: '43-harbour', number: '43', title: 'The harbour', entry: 'harbour.ts' })),
  ]
  expect(see(makeCourse(...labs))).toBe(`
The socket workbook 0.1.0 on Node v20.20.2

42  The lighthouse keeps its connections    0 of 5  ○ not started
43  The harbour                             0 of 5  ○ not started

seed 1234; npm run grade -- --seed 1234 repeats this run
0 of 10 requirements passed, 0 of 12 points.

Where to begin: lab 42, The lighthouse keeps its connections
read      labs/42-lighthouse/README.md
predict   labs/42-lighthouse/predictions.md    before you write
open      labs/42-lighthouse/lighthouse.ts     look for TODO(R1)
next      npm run grade -- 42
`)
})

test('a course under way shows where each lab stands, and goes on with the first unfinished one', () => {
  const named = (number: string, title: string) =>
    makeLab({ id: `${number}-x`, number, title, read: 'docs/9-lights.md' })
  const message = 'lighthouse.ts:3:5: Unexpected "}"\n  3 │ }\n    ╵ ^'
  const broken = { code: 'E_SYNTAX', message, next: 'mend it' }
  const missing = { code: 'E_MISSING', message: 'it is missing', next: 'mend it' }
  const labs = [
    allPassed(named('40', 'The lamp')),
    makeResult(named('41', 'The lens'), [
      [pass('a')],
      [CRASH],
      [problem('b', 'not-started')],
      [pass('c')],
      [pass('d')],
    ]),
    { ...untouched(named('42', 'The lighthouse')), requirements: [], problem: broken },
    { ...untouched(named('43', 'The harbour')), requirements: [], problem: missing },
    makeResult(named('44', 'The fog horn'), [[], [], [], [], []]),
  ]
  expect(see(makeCourse(...labs))).toBe(`
The socket workbook 0.1.0 on Node v20.20.2

40  The lamp          5 of 5  ✓ passed
41  The lens          3 of 5  ◐ in progress
42  The lighthouse    0 of 5  ✗ does not compile
43  The harbour       0 of 5  ✗ cannot be graded
44  The fog horn      0 of 5  ! workbook fault

✗ 42  lighthouse.ts:3:5: Unexpected "}"
        3 │ }
          ╵ ^

✗ 43  it is missing

seed 1234; npm run grade -- --seed 1234 repeats this run
8 of 25 requirements passed, 9 of 30 points.

Where to go on: lab 41, The lens
read      labs/41-x/README.md
behind it docs/9-lights.md
open      labs/41-x/lighthouse.ts
next      npm run grade -- 41
`)
})

test('a course of one lab can be shown as a table too', () => {
  const screen = renderCourse(makeCourse(untouched(makeLab())), { color: false, width: 60 })
  expect(screen).toContain('42  The lighthouse keeps its …    0 of 5  ○ not started\n')
})

test('a run without a lab congratulates nobody', () => {
  expect(see(makeCourse())).toBe(`
The socket workbook 0.1.0 on Node v20.20.2

seed 1234; npm run grade -- --seed 1234 repeats this run
No lab was graded.
next      npm run list
`)
})

test('a run of the references is repeated as one', () => {
  const reference = { ...allPassed(makeLab()), file: 'solutions/42-lighthouse/lighthouse.ts' }
  expect(see(makeCourse(reference))).toContain(
    'seed 1234; npm run grade -- 42 --solutions --seed 1234 repeats this run',
  )
})

test('a finished course is told so', () => {
  expect(see(makeCourse(allPassed(makeLab()), allPassed(makeLab({ number: '43' }))))).toBe(`
The socket workbook 0.1.0 on Node v20.20.2

42  The lighthouse keeps its connections    5 of 5  ✓ passed
43  The lighthouse keeps its connections    5 of 5  ✓ passed

seed 1234; npm run grade -- --seed 1234 repeats this run
10 of 10 requirements passed, 12 of 12 points. You have built all of it, and all
of it holds. Well done.
next      npm run list
`)
})
