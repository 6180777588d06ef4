import type { WireEvent } from '../wire/transcript.ts'

/**
 * How a check ended. Exactly one of these, always:
 *
 * - `passed`          every expectation of the check held
 * - `failed`          the program ran, and the wire showed something else than expected
 * - `not-started`     the program called `todo()`: this part is not written yet
 * - `crashed`         an uncaught error, an exit, or a limit on memory, output or messages
 * - `never-listened`  a server was asked for and nothing listens
 * - `hung`            a promise that never settles, or code that never lets go of the CPU
 * - `leaked`          sockets, servers or timers left behind
 * - `forbidden`       an import, a connection or an act outside what a lab may do
 * - `no-checks`       a requirement without a check: the course's fault, never the learner's
 * - `grader-error`    the check itself broke: the grader's fault, never the learner's
 */
export type VerdictKind = 'passed' | ProblemKind
export type ProblemKind =
  | 'failed'
  | 'not-started'
  | 'crashed'
  | 'never-listened'
  | 'hung'
  | 'leaked'
  | 'forbidden'
  | 'no-checks'
  | 'grader-error'

export type Verdict = Passed | Problem

export interface Passed extends Seen {
  readonly kind: 'passed'
  /** Where it did not pass in a process that had served a check before: never, if the engine is right. */
  readonly doubt?: Problem
}

export interface Problem extends Seen {
  readonly kind: ProblemKind
  /** What should have been seen, in the field's words: `FIN from your server`. */
  readonly expected: string
  /** What was seen instead: `nothing: your server is idle, the connection still open`. */
  readonly saw: string
  /** More lines, already laid out: bytes with a caret, a code frame. */
  readonly detail: readonly string[]
  /** The requirement whose promise broke first, where it is not the one that the check tries. */
  readonly blames?: string
  /** Which of the check's conversations it was, from 0. */
  readonly conversation?: number
  /** What became of the others of the check. */
  readonly beside?: Beside
  /** Where it went wrong: behind so many events of the wire. */
  readonly wrongAt: number
  /** The learner's own frames, nearest first; empty where no error was thrown. */
  readonly frames: readonly Frame[]
}

/**
 * What became of the conversations beside the one that failed. A mistake has a border: that PATCH is sent again says
 * little, that POST is not and LINK is says what the program asks.
 */
export interface Beside {
  /** The name of the conversation that is told. */
  readonly told: string
  /** Names, in their order. */
  readonly passed: readonly string[]
  readonly failed: readonly string[]
}

export interface Seen {
  /** What worked before the end, a sentence each. */
  readonly steps: readonly string[]
  readonly wire: readonly WireEvent[]
  /** Facts of this run that predictions are held against, by prediction id. */
  readonly observed: Readonly<Record<string, string>>
  /** Why it was so, a sentence for whoever predicted something else; by prediction id. */
  readonly explained?: Readonly<Record<string, string>>
  /** Figures of this run that the learner is shown, though all is well: `8 round trips: four calls in a row`. */
  readonly measured?: readonly string[]
  readonly milliseconds: number
}

/** A place in the learner's own file. */
export interface Frame {
  /** Relative to the root of the course, with `/`. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  readonly function: string
}
