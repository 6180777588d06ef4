import type { VerdictKind } from '../grading/verdict.ts'
import type { LabState } from '../report/state.ts'
import type { Row } from './row.ts'

/** The words and signs for the rows of a batch, in every form that it is written in. */

export interface Sign {
  readonly sign: string
  readonly words: string
  readonly tone: 'good' | 'bad' | 'quiet' | 'warn'
}

export const SIGNS: Readonly<Record<VerdictKind, Sign>> = {
  passed: { sign: '✓', words: 'passed', tone: 'good' },
  failed: { sign: '✗', words: 'failed', tone: 'bad' },
  'not-started': { sign: '○', words: 'not started', tone: 'quiet' },
  crashed: { sign: '✗c', words: 'crashed', tone: 'bad' },
  'never-listened': { sign: '✗n', words: 'never listened', tone: 'bad' },
  hung: { sign: '✗h', words: 'hung', tone: 'bad' },
  leaked: { sign: '✗l', words: 'left something open', tone: 'bad' },
  forbidden: { sign: '✗f', words: 'did what a lab may not do', tone: 'bad' },
  'no-checks': { sign: '!', words: "has no check: the workbook's fault", tone: 'warn' },
  'grader-error': { sign: '!', words: "not judged: the workbook's fault", tone: 'warn' },
}

/** Of a requirement whose lab has no verdicts. */
export const NO_VERDICT: Sign = { sign: '–', words: 'no verdict', tone: 'quiet' }

export const LAB_SIGNS: Readonly<Record<LabState, string>> = {
  passed: '✓',
  'in progress': '◐',
  'not started': '○',
  'does not compile': '✗',
  'cannot be graded': '–',
  'workbook fault': '!',
}

/** `hung: 1 s of CPU without letting go`, or nothing. */
export function causeText({ state, cause }: Row): string {
  if (!cause) return ''
  const lead = state === 'fault' ? "the workbook's fault: " : state === 'refused' ? 'not graded: ' : ''
  return `${lead}${cause.message} (${cause.code})`
}
