import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { toJson } from '../../workbook/report/json.ts'
import { toJUnit } from '../../workbook/report/junit.ts'
import { pointsOf } from '../../workbook/report/points.ts'
import type { CourseResult } from '../../workbook/report/result.ts'
import {
  allPassed,
  CRASH,
  data,
  graded,
  IDLE_WIRE,
  makeCourse,
  makeLab,
  makePrediction,
  makeRequirement,
  makeResult,
  pass,
  problem,
  untouched,
} from './report-fixtures.ts'

const BROKEN = {
  ...untouched(makeLab()),
  requirements: [],
  problem: { code: 'E_SYNTAX', message: 'line 3: no\n  3 │ <', next: 'mend it' },
}

/** What docs/report-format.md shows: one requirement that failed, one that passed. */
const example = (): CourseResult => {
  const requirements = [
    makeRequirement(1, 'The server answers every request once.'),
    makeRequirement(2, 'Nothing is answered after close.'),
  ]
  const lab = makeLab({ requirements, predictions: [makePrediction('P1', 'a')] })
  const failed = problem('a request cut in two is answered once', 'failed', {
    expected: 'one answer',
    saw: 'two answers',
    beside: { told: 'cut in the head', passed: ['in one piece'], failed: ['cut in the body'] },
    steps: ['your server listens'],
    frames: [{ file: 'labs/42-lighthouse/lighthouse.ts', line: 12, column: 5, function: 'onData' }],
    observed: { P1: 'b' },
    explained: { P1: 'A length says where the body ends.' },
    wire: IDLE_WIRE.slice(0, 2),
  })
  return makeCourse(makeResult(lab, [[failed], [pass('silence after close')]]))
}

const parsed = (result: CourseResult) => JSON.parse(toJson(result))

test('the page about the format shows exactly what this version writes', () => {
  const page = readFileSync(new URL('../../docs/report-format.md', import.meta.url), 'utf8')
  expect(page).toContain(`\`\`\`json\n${toJson(example())}\`\`\``)
})

test('the page about the format names every field', () => {
  const page = readFileSync(new URL('../../docs/report-format.md', import.meta.url), 'utf8')
  const fields = new Set<string>()
  JSON.parse(toJson(example()), (key, value) => {
    if (key !== '' && !/^(?:\d+|P1)$/u.test(key)) fields.add(key)
    return value
  })
  expect(fields.size).toBeGreaterThan(30)
  expect([...fields].filter((field) => !page.includes(`\`${field}\``))).toEqual([])
})

test('the same result is the same text', () => {
  expect(toJson(example())).toBe(toJson(example()))
})

test('bytes become escaped text, with the length that they had', () => {
  const cut = { ...data('you', 'client', 1, 'a\r\n\x00'), length: 9000 }
  const report = parsed(makeCourse(graded([problem('a', 'failed', { wire: [cut] })])))
  expect(report.labs[0].requirements[0].checks[0].wire).toEqual([
    { kind: 'data', from: 'you', lane: 'client', connection: 1, length: 9000, text: String.raw`a\r\n\x00` },
  ])
})

test('a lab that could not be graded carries its problem and none of its points', () => {
  const report = parsed(makeCourse(BROKEN))
  expect(report.labs[0]).toMatchObject({
    state: 'does not compile',
    problem: { code: 'E_SYNTAX', next: 'mend it' },
    points: { earned: 0, possible: 6 },
  })
  expect(report.passed).toBe(false)
})

test('a report has passed only when every lab has', () => {
  expect(parsed(makeCourse(allPassed(makeLab()))).passed).toBe(true)
  expect(parsed(makeCourse(allPassed(makeLab()), graded([CRASH]))).passed).toBe(false)
  expect(parsed(makeCourse()).passed).toBe(false)
})

test('neither JSON nor JUnit names a place in a suite', () => {
  const broken = problem('a check', 'grader-error', {
    saw: 'Error: out\n  at test/labs/x.test.ts:1:1',
    detail: ['secret'],
  })
  const result = makeCourse(graded([broken], [CRASH]))
  for (const text of [toJson(result), toJUnit(result)]) {
    expect(text).toContain('Error: out')
    expect(text).toContain('labs/42-lighthouse/lighthouse.ts')
    expect(text).not.toMatch(/test\/labs|secret/iu)
  }
})

test('points weigh what passed against what was graded', () => {
  const lab = makeLab()
  expect(pointsOf([graded([CRASH])])).toEqual({ earned: 5, possible: 6 })
  expect(pointsOf([makeResult(lab, [[pass('a')], [CRASH]])])).toEqual({ earned: 1, possible: 2 })
  expect(pointsOf([allPassed(lab), untouched(lab), BROKEN])).toEqual({ earned: 6, possible: 18 })
  expect(pointsOf([])).toEqual({ earned: 0, possible: 0 })
})

test('JUnit has a suite a lab and a case a check, each kind where a CI looks for it', () => {
  const slow = problem('the lamp <turns> & "blinks"', 'hung', { expected: "a 'turn'", saw: 'nothing' })
  const broken = problem('a check', 'grader-error', { saw: 'Error: out' })
  const lab = graded([pass('it listens')], [slow], [problem('later', 'not-started')], [broken], [])
  expect(toJUnit(makeCourse(lab, BROKEN))).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="socket-workbook 0.1.0" tests="6" failures="1" errors="3" skipped="1" time="0.824">
  <testsuite name="42-lighthouse" tests="5" failures="1" errors="2" skipped="1" time="0.412">
    <properties>
      <property name="seed" value="1234"/>
      <property name="node" value="v20.20.2"/>
      <property name="file" value="labs/42-lighthouse/lighthouse.ts"/>
    </properties>
    <testcase classname="42-lighthouse" name="R1 it listens" time="0.012"/>
    <testcase classname="42-lighthouse" name="R2 the lamp &lt;turns&gt; &amp; &quot;blinks&quot;" time="0.034">
      <failure type="hung" message="expected a 'turn'; saw nothing">check     the lamp &lt;turns&gt; &amp; "blinks"

expected  a 'turn'
saw       nothing</failure>
    </testcase>
    <testcase classname="42-lighthouse" name="R3 later" time="0.034">
      <skipped message="not started"/>
    </testcase>
    <testcase classname="42-lighthouse" name="R4 a check" time="0.034">
      <error type="grader-error" message="THE WORKBOOK'S FAULT: the check itself broke, so your code was not judged.">check     a check
reason    Error: out</error>
    </testcase>
    <testcase classname="42-lighthouse" name="R5 Nothing is answered after close." time="0.000">
      <error type="no-checks" message="THE WORKBOOK'S FAULT: this requirement has no check. It is not yours to mend."/>
    </testcase>
  </testsuite>
  <testsuite name="42-lighthouse" tests="1" failures="0" errors="1" skipped="0" time="0.412">
    <properties>
      <property name="seed" value="1234"/>
      <property name="node" value="v20.20.2"/>
      <property name="file" value="labs/42-lighthouse/lighthouse.ts"/>
    </properties>
    <testcase classname="42-lighthouse" name="does not compile" time="0.000">
      <error type="E_SYNTAX" message="line 3: no">line 3: no
  3 │ &lt;

mend it</error>
    </testcase>
  </testsuite>
</testsuites>
`)
})

test('what XML forbids is left out, and what it would change is written as a number', () => {
  const nasty = 'a\u0000\u0008\u000B\u001F\uFFFE\uD800b\r\nc\td]]>'
  const xml = toJUnit(makeCourse(graded([problem(nasty, 'failed', { expected: nasty, saw: nasty })])))
  expect(xml).toContain('name="R1 ab&#13;&#10;c&#9;d]]&gt;"')
  expect(xml).not.toContain(']]>')
  // oxlint-disable-next-line no-control-regex -- the absence of control characters is the claim
  expect(xml).not.toMatch(/[\u0000-\u0008\u000B-\u001F\uFFFE\uFFFF]|[\uD800-\uDFFF]/u)
})
