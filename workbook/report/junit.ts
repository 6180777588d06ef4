import { checkSections } from './failure.ts'
import { viewOf } from './layout.ts'
import type { CheckResult, CourseResult, LabResult, RequirementResult } from './result.ts'
import { shown } from './shown.ts'
import { labState, outcomeOf } from './state.ts'
import { CAUSES, firstSentence } from './words.ts'
import { xmlDocument, type XmlElement } from './xml.ts'

interface TestCase {
  readonly name: string
  readonly milliseconds: number
  /** Null for a test case that passed. */
  readonly outcome: XmlElement | null
}

/** The report as JUnit XML: a test suite a lab, a test case a check. Ends with a newline. */
export function toJUnit(result: CourseResult): string {
  const suites = result.labs.map((lab) => ({ lab, cases: casesOf(lab) }))
  const all = suites.flatMap((suite) => suite.cases)
  const milliseconds = result.labs.reduce((sum, lab) => sum + lab.milliseconds, 0)
  const name = ['socket-workbook', result.course, result.title ?? ''].join(' ').trimEnd()
  return xmlDocument({
    name: 'testsuites',
    attributes: { name, ...tally(all), time: seconds(milliseconds) },
    content: suites.map(({ lab, cases }) => suiteElement(lab, cases, result)),
  })
}

function suiteElement(lab: LabResult, cases: readonly TestCase[], course: CourseResult): XmlElement {
  const properties = { seed: course.seed, node: course.node, file: lab.file }
  const property = ([name, value]: [string, string | number]): XmlElement => {
    return { name: 'property', attributes: { name, value }, content: [] }
  }
  return {
    name: 'testsuite',
    attributes: { name: lab.lab.id, ...tally(cases), time: seconds(lab.milliseconds) },
    content: [
      { name: 'properties', attributes: {}, content: Object.entries(properties).map(property) },
      ...cases.map((each) => caseElement(lab.lab.id, each)),
    ],
  }
}

function caseElement(lab: string, { name, milliseconds, outcome }: TestCase): XmlElement {
  const attributes = { classname: lab, name, time: seconds(milliseconds) }
  return { name: 'testcase', attributes, content: outcome ? [outcome] : [] }
}

function casesOf(result: LabResult): TestCase[] {
  if (result.problem) {
    const { code, message, next } = result.problem
    const outcome = element('error', code, message.split('\n')[0] ?? '', `${message}\n\n${next}`)
    return [{ name: labState(result), milliseconds: 0, outcome }]
  }
  return result.requirements.flatMap((each) => {
    return each.checks.length === 0 ? [uncheckedCase(each)] : each.checks.map((check) => caseOf(each, check))
  })
}

function uncheckedCase({ requirement }: RequirementResult): TestCase {
  const name = `${requirement.id} ${firstSentence(requirement.text)}`
  return { name, milliseconds: 0, outcome: element('error', 'no-checks', CAUSES['no-checks'] ?? '', '') }
}

function caseOf({ requirement }: RequirementResult, check: CheckResult): TestCase {
  const { milliseconds } = check.verdict
  return { name: `${requirement.id} ${check.title}`, milliseconds, outcome: outcomeElement(check) }
}

function outcomeElement({ title, verdict }: CheckResult): XmlElement | null {
  if (verdict.kind === 'passed') return null
  if (verdict.kind === 'not-started') {
    return { name: 'skipped', attributes: { message: 'not started' }, content: [] }
  }
  const problem = shown(verdict)
  const sections = checkSections({ title, verdict: problem }, viewOf({ color: false, width: 80 }))
  const text = sections.filter((section) => section.length > 0).map((section) => section.join('\n'))
  const fault = outcomeOf(verdict.kind) === 'fault'
  const message = fault ? CAUSES[verdict.kind] : `expected ${problem.expected}; saw ${problem.saw}`
  return element(fault ? 'error' : 'failure', verdict.kind, message ?? '', text.join('\n\n'))
}

function element(name: string, type: string, message: string, content: string): XmlElement {
  return { name, attributes: { type, message }, content }
}

function tally(cases: readonly TestCase[]): Record<'tests' | 'failures' | 'errors' | 'skipped', number> {
  const count = (name: string): number => cases.filter((each) => each.outcome?.name === name).length
  return {
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
  }
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3)
}
