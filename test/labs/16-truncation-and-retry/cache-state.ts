import type { Line } from './replies.ts'

/** What clients ask of the cache, and how it stands with a question. */

export interface Question {
  readonly method: string
  readonly host: string
  readonly target: string
  readonly lines: readonly Line[]
}

export interface Answer {
  readonly status: number
  readonly lines: readonly Line[]
  readonly content: Buffer
}

/** How it stands with a question. */
export type State =
  /** The origin is to be asked, with this condition. */
  | { readonly is: 'upstream'; readonly condition: Line | null; readonly isConditional: boolean }
  | { readonly is: 'waits' }
  /** `age` in seconds, where it is given out unasked. */
  | { readonly is: 'answered'; readonly answer: Answer; readonly age: number | null }
  | { readonly is: 'failed' }
