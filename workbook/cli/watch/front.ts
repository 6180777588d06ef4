import type { WatchState } from './state.ts'

/** Shows a watch: a screen with keys, or lines. */
export interface Front {
  /** Something has changed. */
  show(state: WatchState): void
  /** Something is said that is no verdict. */
  say(text: string): void
  close(): void
}

/** What the keys of a front may do. */
export interface Hands {
  /** Takes the next lab that is not finished. */
  next(): void
  /** Takes the lab before that again. */
  back(): void
  /** @returns What is to be asked before the starter is put back; null where it is there already. */
  asksBeforeReset(): string | null
  /** Puts the starter back. @returns What was done, for the learner. */
  reset(): string
  quit(): void
}
