import type { ProblemKind } from '../grading/verdict.ts'
import type { Lab, Requirement } from '../course/lab.ts'
import { outcomeOf } from './state.ts'
import type { Style } from './paint.ts'
import type { RequirementResult } from './result.ts'

/** The sentences, marks and commands that every part of a report shares. */

/** Said in front of a failure that is not simply "the wire showed something else". */
export const CAUSES: Readonly<Partial<Record<ProblemKind, string>>> = {
  crashed: 'CRASHED: your program ended before the check did.',
  'never-listened': 'NEVER LISTENED: the check asked for a server, and nothing listens.',
  hung: 'HUNG: your program waits for what never comes, or never frees the CPU.',
  leaked: 'LEAKED: your program left something open behind it.',
  forbidden: 'FORBIDDEN: your program did something that a lab may not do.',
  'grader-error': "THE WORKBOOK'S FAULT: the check itself broke, so your code was not judged.",
  'no-checks': "THE WORKBOOK'S FAULT: this requirement has no check. It is not yours to mend.",
}

/** Where the rules of every lab stand. */
export const RULES = 'labs/kit/README.md'

const FIRST_SENTENCE = /^.+?(?<!\b(?:e\.g|i\.e|cf|vs))[.!?](?=\s|$)/su

/** The headline of a requirement. */
export function firstSentence(text: string): string {
  return FIRST_SENTENCE.exec(text)?.[0] ?? text
}

/** What explains a requirement: a section of a chapter, or the chapter, or the lab's own page. */
export function readingFor(lab: Lab, { section }: Requirement): string {
  return section ? `${section.page}, "${section.heading}"` : (lab.read ?? readmeOf(lab))
}

/** What to build. */
export function readmeOf(lab: Lab): string {
  return `labs/${lab.id}/README.md`
}

export function gradeCommand(lab: Lab, requirement?: string): string {
  return `npm run grade -- ${lab.number}${requirement === undefined ? '' : ` ${requirement}`}`
}

export function hintCommand(lab: Lab, requirement: string): string {
  return `npm run hint -- ${lab.number} ${requirement}`
}

export function markOf(result: RequirementResult): { readonly mark: string; readonly style: Style } {
  const outcome = outcomeOf(result.kind)
  if (outcome === 'passed') return { mark: '✓', style: 'good' }
  if (outcome === 'not-started') return { mark: '○', style: 'quiet' }
  return outcome === 'fault' ? { mark: '!', style: 'warn' } : { mark: '✗', style: 'bad' }
}

/** `1 requirement`, `7 requirements`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
