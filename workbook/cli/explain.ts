import { CourseError } from '../course/course-error.ts'
import { UnknownLabError } from '../course/course.ts'
import { HandoutError } from '../handout/handout-error.ts'
import { viewOf } from '../report/layout.ts'
import { renderFinding } from './finding.ts'
import { terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

/**
 * What is said of whatever ends a command: a sentence, the next step, and a stable code. The code stands on a line of
 * its own, as the line before it may be a command to copy.
 */
export function explain(error: unknown): string {
  if (error instanceof UsageError || error instanceof HandoutError)
    return told(error.message, error.next, error.code)
  if (error instanceof UnknownLabError) return `${error.message}\n(${error.code})`
  if (error instanceof CourseError)
    return [...renderFinding(error, viewOf(terminal())), `(${error.code})`].join('\n')
  return explainSystem(error) ?? explainFault(error)
}

// --- internal ---

/**
 * What the machine denies, in whichever words it comes.
 *
 * @returns Null where it is no such thing.
 */
function explainSystem(error: unknown): string | null {
  const { code = '', message = '', path } = Object(error) as Partial<NodeJS.ErrnoException>
  const known = SYSTEM.find(({ codes, words }) => codes.includes(code) || words?.test(message))
  return known ? told(known.say(path), known.next, code || known.codes[0] || '') : null
}

interface Denied {
  readonly codes: readonly string[]
  /** Where it comes without a code, or with one that says something else. */
  readonly words?: RegExp
  readonly next: string
  say(where: string | undefined): string
}

const SYSTEM: readonly Denied[] = [
  {
    codes: ['ENOSPC', 'EDQUOT'],
    next: 'free some space, then run it again',
    say: (where) =>
      `The disk is full: ${where === undefined ? 'not all could' : `${where} could not`} be written. Nothing was lost.`,
  },
  {
    codes: ['EACCES', 'EPERM', 'EROFS'],
    next: 'look at whose it is (ls -l), or work in a copy of your own',
    say: (where = 'A file') => `${where} cannot be read or written by you here. Nothing was lost.`,
  },
  {
    codes: ['EMFILE', 'ENFILE'],
    next: 'ulimit -n 1024, or open another terminal',
    say: () => 'Too few files may be open at a time here, so nothing could be graded.',
  },
  {
    codes: ['ENOMEM', 'ERR_WORKER_OUT_OF_MEMORY', 'ERR_MEMORY_ALLOCATION_FAILED'],
    words: /^WebAssembly\.\w+\(\): Out of memory|Array buffer allocation failed/,
    next: 'ulimit -v unlimited, or close other programs, then run it again',
    say: () => 'This machine gave the workbook too little memory, so nothing could be graded.',
  },
  {
    codes: ['ERR_ACCESS_DENIED'],
    next: 'unset NODE_OPTIONS, or take the permission flags out of it',
    say: () => 'Node runs with its permission model, which denies the workbook what it needs.',
  },
]

function told(sentence: string, next: string, code: string): string {
  return `${sentence}\nNext: ${next}\n(${code})`
}

function explainFault(error: unknown): string {
  const { stack } = Object(error) as Error
  return `This should not happen: a fault of the workbook's. Please report it with these lines.\n${stack ?? String(error)}`
}
