/** What is asked of the compiler's process, and what it answers. Both sides import this file. */

/** Where a program stands, and the folders from which it may import. */
export interface Source {
  /** Absolute path; the text may stand elsewhere. */
  readonly file: string
  /** Instead of what the file holds, or another one that the program is made of. */
  readonly text?: string
  /** Absolute path of that other one. */
  readonly textOf?: string
  readonly roots: readonly string[]
  /** Modules of Node's that it may import besides those of every lab. */
  readonly modules?: readonly string[]
}

export type Answer =
  | {
      readonly kind: 'compiled'
      readonly code: string
      /** Source map as JSON; it names the learner's files relative to the folder of the entry. */
      readonly map: string
    }
  /** @property lines - With the place and a code frame, ready to print. */
  | {
      readonly kind: 'refused'
      readonly code: 'E_SYNTAX' | 'E_FORBIDDEN_IMPORT'
      readonly lines: readonly string[]
    }
  /** A fault of ours. */
  | { readonly kind: 'broken'; readonly message: string }
