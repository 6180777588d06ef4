import type { Lab, Prediction, Requirement } from '../../workbook/course/lab.ts'
import type { Passed, Problem, ProblemKind } from '../../workbook/grading/verdict.ts'
import type { CheckResult, CourseResult, LabResult, RequirementResult } from '../../workbook/report/result.ts'
import { renderResult } from '../../workbook/report/terminal.ts'
import type { Side, WireEvent } from '../../workbook/wire/transcript.ts'

/** Small makers of results, so that each test says only what it is about. */

const SENTENCES = [
  'The server resolves only when it listens. Before that nobody can connect.',
  'A connection is kept only when the client asks for it, and the answer says so.',
  'An idle connection is closed after idleMs, not before. The clock stands still during a request.',
  'The last answer of a connection says close.',
  'Nothing is answered after close.',
]

export function makeLab(change: Partial<Lab> = {}): Lab {
  return {
    id: '42-lighthouse',
    number: '42',
    title: 'The lighthouse keeps its connections',
    entry: 'lighthouse.ts',
    exports: ['serve'],
    modules: [],
    covers: ['5.01'],
    rfc: ['RFC 9112 §9.3'],
    needs: [],
    minutes: 45,
    core: false,
    read: null,
    requirements: SENTENCES.map((text, index) => makeRequirement(index + 1, text)),
    predictions: [],
    ...change,
  }
}

export function makeRequirement(number: number, text: string): Requirement {
  return { id: `R${number}`, text, weight: number === 3 ? 2 : 1, section: null, hints: [], line: 20 + number }
}

export function makePrediction(id: string, ticked: string): Prediction {
  const choices = ['your client', 'the server'].map((text, index) => {
    const choice = 'ab'.charAt(index)
    return { id: choice, text, ticked: ticked === choice }
  })
  return { id, question: 'Who closes first?', choices }
}

export function pass(title: string, change: Partial<Passed> = {}): CheckResult {
  return {
    title,
    verdict: { kind: 'passed', steps: [], wire: [], observed: {}, milliseconds: 12, ...change },
  }
}

export function problem(title: string, kind: ProblemKind, change: Partial<Problem> = {}): CheckResult {
  const empty = { expected: '', saw: '', detail: [], frames: [], steps: [], wire: [], observed: {} }
  const wrongAt = change.wire?.length ?? 0
  return { title, verdict: { kind, ...empty, wrongAt, milliseconds: 34, ...change } }
}

/** A result of the whole lab: one list of checks a requirement. */
export function makeResult(lab: Lab, checks: ReadonlyArray<readonly CheckResult[]>): LabResult {
  const requirements = lab.requirements.flatMap((requirement, index) => {
    const own = checks[index]
    return own ? [resultOf(requirement, own)] : []
  })
  return { lab, file: `labs/${lab.id}/${lab.entry}`, problem: null, requirements, milliseconds: 412 }
}

export function untouched(lab: Lab): LabResult {
  return makeResult(
    lab,
    lab.requirements.map(() => [problem('a check', 'not-started')]),
  )
}

export function allPassed(lab: Lab): LabResult {
  return makeResult(
    lab,
    lab.requirements.map(() => [pass('a check')]),
  )
}

export function makeCourse(...labs: LabResult[]): CourseResult {
  return { course: '0.1.0', seed: 1234, node: 'v20.20.2', labs }
}

export function data(from: Side, lane: string, connection: number, text: string): WireEvent {
  const bytes = Buffer.from(text, 'latin1')
  return { kind: 'data', from, lane, connection, bytes, length: bytes.length }
}

export function segment(
  kind: 'connect' | 'fin' | 'rst',
  from: Side,
  lane: string,
  connection: number,
): WireEvent {
  return { kind, from, lane, connection }
}

export function printed(text: string): WireEvent {
  return { kind: 'printed', stream: 'stdout', text }
}

/** An idle server that should have closed: the wire of a check that failed. */
export const IDLE_WIRE: readonly WireEvent[] = [
  segment('connect', 'peer', 'client', 1),
  data('peer', 'client', 1, 'GET /1 HTTP/1.1\r\nHost: a\r\n\r\n'),
  printed('GET /1'),
  data('you', 'client', 1, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'),
  { kind: 'idle', note: '' },
  { kind: 'tick', by: 4999, now: 4999 },
  { kind: 'tick', by: 1, now: 5000 },
  { kind: 'idle', note: 'the connection is open' },
]

/** What the learner sees, with a line break in front so that a screen can stand as it is. */
export const see = (result: CourseResult, width = 80): string =>
  `\n${renderResult(result, { color: false, width })}`

/** The whole lab: these checks first, then one that passed for each requirement left. */
export const graded = (...checks: ReadonlyArray<readonly CheckResult[]>): LabResult => {
  const lab = makeLab()
  return makeResult(lab, [...checks, ...lab.requirements.slice(checks.length).map(() => [pass('a check')])])
}

export const IDLE = problem(
  'an idle connection stays open for idleMs - 1 and is closed at idleMs',
  'failed',
  {
    expected: 'FIN from your server after 5000 ms idle',
    saw: 'nothing: your server is idle, the connection still open',
    steps: ['your server listens', 'the first answer came, whole', '4999 ms later the connection is open'],
    wire: IDLE_WIRE,
  },
)

export const CRASH = problem('a request cut in two is answered once', 'crashed', {
  expected: 'one answer',
  saw: "TypeError: Cannot read properties of undefined (reading 'length')",
  detail: ['  12 │ return head.length', '     │             ^'],
  frames: [
    { file: 'labs/42-lighthouse/lighthouse.ts', line: 12, column: 15, function: 'lengthOf' },
    { file: 'labs/42-lighthouse/lighthouse.ts', line: 31, column: 5, function: '' },
    { file: 'test/labs/42-lighthouse.host.ts', line: 7, column: 1, function: 'makeSecret' },
  ],
})

function resultOf(requirement: Requirement, checks: readonly CheckResult[]): RequirementResult {
  const deciding = checks.find((check) => check.verdict.kind !== 'passed')
  return {
    requirement,
    kind: deciding?.verdict.kind ?? (checks.length === 0 ? 'no-checks' : 'passed'),
    checks,
  }
}
