import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { gatherLab } from '../../workbook/report/gather.ts'
import { renderLab, renderResult } from '../../workbook/report/terminal.ts'
import { columnsOf } from '../../workbook/wire/columns.ts'
import {
  allPassed,
  CRASH,
  graded,
  IDLE,
  IDLE_WIRE,
  makeCourse,
  makeLab,
  makeResult,
  pass,
  problem,
  see,
  untouched,
} from './report-fixtures.ts'

test.each([
  ['failed', undefined],
  ['crashed', 'CRASHED: your program ended before the check did.'],
  ['never-listened', 'NEVER LISTENED: the check asked for a server, and nothing listens.'],
  ['hung', 'HUNG: your program waits for what never comes, or never frees the CPU.'],
  ['leaked', 'LEAKED: your program left something open behind it.'],
  ['forbidden', 'FORBIDDEN: your program did something that a lab may not do.'],
  ['grader-error', "THE WORKBOOK'S FAULT: the check itself broke, so your code was not judged."],
  ['no-checks', "THE WORKBOOK'S FAULT: this requirement has no check. It is not yours to"],
] as const)('%s is called by its name', (kind, cause) => {
  const lines = see(makeCourse(graded([problem('a check', kind)]))).split('\n')
  const shouted = lines.find((line) => /^ +[A-Z' ]{4,}:/u.test(line))
  expect(shouted?.trim()).toBe(cause)
})

test('a forbidden act leads to the rules of every lab', () => {
  expect(see(makeCourse(graded([problem('a check', 'forbidden')])))).toContain('read labs/kit/README.md')
})

test('the chapter comes before the lab’s own page where a lab names one', () => {
  const lab = makeLab({ read: 'docs/5-persistent.md' })
  const result = makeResult(lab, [[problem('a check', 'failed')]])
  expect(renderLab(result, { color: false, width: 80 })).toContain('read docs/5-persistent.md')
})

test('a requirement that names a section leads there', () => {
  const section = { page: 'docs/5-persistent.md', heading: 'Any time, by anyone' }
  const requirement = { id: 'R1', text: 'It ends.', weight: 1, section, hints: [], line: 9 }
  const lab = makeLab({ requirements: [requirement], read: 'docs/6-pipelined.md' })
  const result = makeResult(lab, [[problem('a check', 'failed')]])
  expect(renderLab(result, { color: false, width: 80 })).toContain(
    'read      docs/5-persistent.md, "Any time, by anyone"\n',
  )
})

test('the first sentence is the headline, and an abbreviation does not end it', () => {
  const requirement = {
    id: 'R1',
    text: 'Fields, e.g. Host, are kept. More follows.',
    weight: 1,
    section: null,
    hints: [],
    line: 9,
  }
  const result = makeResult(makeLab({ requirements: [requirement] }), [[problem('a check', 'failed')]])
  expect(see(makeCourse(result))).toContain('✗ R1  Fields, e.g. Host, are kept.\n')
})

test('of many steps the last ones are shown', () => {
  const steps = Array.from({ length: 12 }, (_, index) => `step ${index + 1}`)
  const screen = see(makeCourse(graded([problem('a check', 'failed', { steps })])))
  expect(screen).toContain('worked    … 4 earlier steps\n                step 5\n')
})

test('colour adds codes and changes nothing else', () => {
  const results = [
    makeCourse(graded([IDLE], [CRASH])),
    makeCourse(allPassed(makeLab()), untouched(makeLab())),
  ]
  for (const result of results) {
    const colored = renderResult(result, { color: true, width: 80 })
    expect(colored).toContain('\u001B[')
    expect(stripVTControlCharacters(colored)).toBe(renderResult(result, { color: false, width: 80 }))
  }
})

test('without colour no control character reaches the terminal, whatever a program said', () => {
  const nasty = '\u001B[2Jgone\u0007\r'
  const check = problem(nasty, 'crashed', { expected: nasty, saw: nasty, steps: [nasty], detail: [nasty] })
  // oxlint-disable-next-line no-control-regex -- the absence of control characters is the claim
  expect(see(makeCourse(graded([check])))).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F]/u)
})

test.each([60, 72, 80, 100, 200])(
  'at %i columns no sentence is wider, nor than 100, and no ladder',
  (width) => {
    const value = `saw ${'x'.repeat(300)}`
    const check = problem('a check', 'failed', { expected: value, saw: value, wire: IDLE_WIRE })
    const results = [
      makeCourse(graded([check], [IDLE])),
      makeCourse(allPassed(makeLab()), untouched(makeLab())),
    ]
    const lines = results.flatMap((result) => see(result, width).split('\n'))
    const [drawn, said] = [lines.filter(isDrawn), lines.filter((line) => !isDrawn(line))]
    expect(Math.max(...said.map(columnsOf))).toBeLessThanOrEqual(Math.min(width, 100))
    expect(Math.max(...drawn.map(columnsOf))).toBeLessThanOrEqual(width)
  },
)

/** A line of a ladder: it has the width of the terminal, where a sentence has 100 columns. */
function isDrawn(line: string): boolean {
  return line.includes('│') || /^ +you {2,}/.test(line)
}

test('no name that a program gives itself reaches a terminal raw', () => {
  const said = problem('a check', 'crashed', {
    saw: 'Error: \x1b]0;owned\x07 \x9b2J',
    detail: ['\x1b[2J'],
    frames: [
      { file: 'labs/42-lighthouse/\x1b[2J.ts', line: 1, column: 1, function: '\x1b[1A\rpassed' },
      { file: 'labs/42-lighthouse/a\nb.ts', line: 1, column: 1, function: '' },
    ],
  })
  const text = see(makeCourse(graded([said])))
  expect(text).toContain('/.ts:1:1')
  // eslint-disable-next-line no-control-regex -- the subject
  expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/)
})

test('a requirement none of whose checks came as far as its own promise says which one is to be mended first', () => {
  const lab = makeLab()
  const stopped = problem('a check', 'failed', { blames: 'R1' })
  const checks = lab.requirements.map(({ id }) => ({
    requirement: id,
    ...(id === 'R2' ? stopped : pass('ok')),
  }))
  const result = gatherLab(lab, [], { file: 'labs/a.ts', problem: null, checks, milliseconds: 1 })
  expect(result.requirements.map(({ kind }) => kind)).toEqual([
    'failed',
    'failed',
    'passed',
    'passed',
    'passed',
  ])
  const screen = see(makeCourse(result))
  // Where that one is shown itself, the other takes a line, and the way on leads to the one that speaks.
  expect(screen).toMatch(/^✗ R2 .*  not reached: mend R1 first$/m)
  expect(screen).not.toContain('NOT REACHED')
  expect(screen).toContain('npm run hint -- 42 R1')
  expect(screen).not.toContain('npm run hint -- 42 R2')
  expect(screen).not.toContain('WORKBOOK')
  const alone = { ...result, requirements: result.requirements.slice(1, 2) }
  expect(see(makeCourse(alone))).toContain(
    '      NOT REACHED: each check of it stopped where R1 broke. Mend R1 first.\n',
  )
})
