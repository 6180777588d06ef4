import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Source } from '../learner/compile.ts'

/** What a check grades. */
export interface Subject {
  /** The program under grading. */
  readonly source: Source
  /** test/labs/NN-name.host.ts, if the lab has one. */
  readonly fixture: Source | null
  /** Frames are told relative to this folder. */
  readonly root: string
}

/**
 * The program in `file` as a program of the lab: it imports from labs/ and, where it is none of the
 * learner's, from its own folder; what the suite makes beside it may use labs/ too.
 */
export function subjectOf(root: string, lab: string, file: string): Subject {
  const fixture = path.join(root, 'test/labs', `${lab}.host.ts`)
  return {
    root,
    source: sourceOf(root, file),
    fixture: existsSync(fixture) ? sourceOf(root, fixture) : null,
  }
}

// --- internal ---

function sourceOf(root: string, file: string): Source {
  const labs = path.join(root, 'labs')
  return { file, roots: file.startsWith(labs + path.sep) ? [labs] : [labs, path.dirname(file)] }
}
