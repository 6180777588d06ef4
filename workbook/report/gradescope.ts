import type { Lab } from '../course/lab.ts'
import { renderFailure } from './failure.ts'
import { viewOf } from './layout.ts'
import { pointsOf } from './points.ts'
import type { CourseResult, LabResult, RequirementResult } from './result.ts'
import { outcomeOf } from './state.ts'
import { count, firstSentence } from './words.ts'

/**
 * Gradescope's results.json, as its autograder documentation describes it: a test for each requirement,
 * with its weight as points.
 */
export interface GradescopeResults {
  /** Sum of the tests' scores. */
  readonly score: number
  /** Seconds. */
  readonly execution_time: number
  readonly output: string
  readonly output_format: 'text'
  readonly test_output_format: 'text'
  readonly test_name_format: 'text'
  readonly visibility: Visibility
  readonly stdout_visibility: 'hidden' | 'visible'
  readonly tests: readonly GradescopeTest[]
  readonly extra_data: { readonly course: string; readonly seed: number; readonly node: string }
}

export interface GradescopeTest {
  readonly name: string
  readonly name_format: 'text'
  /** `12.3` for R3 of lab 12. */
  readonly number: string
  readonly score: number
  readonly max_score: number
  readonly status: 'passed' | 'failed'
  readonly output: string
  readonly output_format: 'text'
  readonly visibility: Visibility
  readonly tags: readonly string[]
  readonly extra_data: { readonly lab: string; readonly requirement: string; readonly kind: string }
}

/** When students see a result: at once, never, when the due date has passed, when grades are published. */
export const VISIBILITIES = ['visible', 'hidden', 'after_due_date', 'after_published'] as const
export type Visibility = (typeof VISIBILITIES)[number]

export interface GradescopeOptions {
  /** Of every requirement that `own` does not name. */
  readonly visibility: Visibility
  /** By `R3`, or by `12:R3` where only that lab's is meant, which counts more. */
  readonly own: Readonly<Record<string, Visibility>>
  /** Whether students see what the autograder itself prints. */
  readonly stdout: 'hidden' | 'visible'
}

/** The report as results.json; ends with a newline. */
export function toGradescope(result: CourseResult, options: GradescopeOptions): string {
  return `${JSON.stringify(gradescopeResults(result, options), null, 2)}\n`
}

// --- internal ---

function gradescopeResults(result: CourseResult, options: GradescopeOptions): GradescopeResults {
  const tests = result.labs.flatMap((lab) => testsOf(lab, options))
  const { course, seed, node } = result
  return {
    score: pointsOf(result.labs).earned,
    execution_time: seconds(result.labs),
    output: summaryOf(result, tests),
    output_format: 'text',
    test_output_format: 'text',
    test_name_format: 'text',
    // What is hidden is hidden test by test: the summary below tells nothing of it.
    visibility: 'visible',
    stdout_visibility: options.stdout,
    tests,
    extra_data: { course, seed, node },
  }
}

function seconds(labs: readonly LabResult[]): number {
  return Math.round(labs.reduce((sum, { milliseconds }) => sum + milliseconds, 0)) / 1000
}

/** A sum of all requirements would tell what the hidden ones have come to. */
function summaryOf({ course, seed, labs }: CourseResult, tests: readonly GradescopeTest[]): string {
  const shown = tests.filter(({ visibility }) => visibility === 'visible')
  const passed = shown.filter(({ status }) => status === 'passed').length
  const repeat = labs.length === 1 ? ` ${labs[0]?.lab.number ?? ''}` : ''
  return [
    `${passed} of ${count(shown.length, 'requirement')} passed${shown.length < tests.length ? '; others are shown later, or not at all' : ''}.`,
    `The socket workbook ${course}, seed ${seed}: npm run grade --${repeat} --seed ${seed} draws the same inputs.`,
  ].join('\n')
}

/** A lab that could not be graded has its requirements all the same, and says why at each. */
function testsOf(result: LabResult, options: GradescopeOptions): GradescopeTest[] {
  const { lab, problem } = result
  if (!problem) return result.requirements.map((each) => testOf(lab, each, options))
  const output = `This lab could not be graded: ${problem.message}\n\nnext      ${problem.next}`
  return lab.requirements.map((requirement) => {
    const nothing: RequirementResult = { requirement, kind: 'no-checks', checks: [] }
    return { ...testOf(lab, nothing, options), output, extra_data: extra(lab, requirement.id, problem.code) }
  })
}

function testOf(lab: Lab, result: RequirementResult, { visibility, own }: GradescopeOptions): GradescopeTest {
  const { id, text, weight } = result.requirement
  const passed = result.kind === 'passed'
  return {
    name: `Lab ${lab.number} ${id}  ${firstSentence(text)}`,
    name_format: 'text',
    number: `${Number(lab.number)}.${id.slice(1)}`,
    score: passed ? weight : 0,
    max_score: weight,
    status: passed ? 'passed' : 'failed',
    output: outputOf(lab, result),
    output_format: 'text',
    visibility: own[`${lab.number}:${id}`] ?? own[id] ?? visibility,
    tags: [lab.id, result.kind],
    extra_data: extra(lab, id, result.kind),
  }
}

function extra(lab: Lab, requirement: string, kind: string): GradescopeTest['extra_data'] {
  return { lab: lab.id, requirement, kind }
}

/** Names the behaviour, shows the ladder, and tells where to go; never more than the report on a terminal. */
function outputOf(lab: Lab, result: RequirementResult): string {
  const { text } = result.requirement
  if (result.kind === 'passed') return text
  if (outcomeOf(result.kind) === 'not-started')
    return `${text}\n\nThis is not started: the program still calls todo().`
  return renderFailure(lab, result, viewOf({ color: false, width: 80 })).join('\n')
}
