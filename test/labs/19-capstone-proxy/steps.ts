import type { Answer } from './model.ts'

/** What the clients of a conversation do, its origin, and the clock. */
export type Step =
  | {
      readonly asks: number
      /** A letter stands for a target of the run. */
      readonly for: string
      readonly method?: 'GET' | 'HEAD' | 'POST'
      readonly old?: true
      readonly host?: string
      readonly language?: string
      readonly authorized?: true
      readonly noCache?: true
    }
  /** To the oldest request that waits at the origin, or the newest one. */
  | { readonly answers: Partial<Answer>; readonly framing?: 'chunks' | 'FIN'; readonly at?: 'last' }
  | { readonly cuts: Partial<Answer>; readonly framing?: 'chunks' }
  | { readonly seconds: number }
  | { readonly leaves: number }
  /** Its FIN: it reads on. */
  | { readonly ends: number }

export type AskStep = Extract<Step, { asks: number }>
