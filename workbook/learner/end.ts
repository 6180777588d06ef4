import type { PackedError } from './messages.ts'

/** Why a learner process came to its end before the check did. */
export type End =
  | {
      readonly kind: 'crashed'
      readonly saw: string
      readonly error: PackedError | null
      readonly stack: string
    }
  | { readonly kind: 'hung'; readonly saw: string; readonly stack: string }
  | { readonly kind: 'forbidden'; readonly saw: string; readonly stack: string }

/** Rejects every order to a learner process that is gone. */
export class LearnerEnded extends Error {
  readonly code = 'E_LEARNER_ENDED'
  readonly end: End

  constructor(end: End) {
    super(`the learner process ended: ${end.saw}`)
    this.name = 'LearnerEnded'
    this.end = end
  }
}

/** How a process has ended of itself, in words. */
export function wayOut(code: number | null, signal: NodeJS.Signals | null, lastWords: string): string {
  if (lastWords.includes('out of memory')) return 'more memory in use than the process may have'
  if (signal) return `the process was ended by ${signal}`
  return `the process ended with code ${String(code)} in the middle of the check`
}

/** Of a program whose time never comes to its end. */
export function tooManyTimers(count: number): End {
  const saw = `${count} timers in one check: one set anew in a loop, or one of more than 2147483647 ms, which Node makes one of 1 ms?`
  return { kind: 'hung', saw, stack: '' }
}
