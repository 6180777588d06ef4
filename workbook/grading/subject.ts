import path from 'node:path'
import { readLab } from '../course/readme.ts'
import { suiteFilesOf } from '../course/suite-files.ts'
import type { Source } from '../learner/compiler/messages.ts'

/** What a check grades. */
export interface Subject {
  /** The program under grading. */
  readonly source: Source
  /** What the suite makes beside the program, if it needs that. */
  readonly fixture: Source | null
  /** The learner's course: frames are told relative to it, and no other learner's programs stand in it. */
  readonly root: string
}

/**
 * The program in `file` as a program of the lab: it imports from labs/ and, where it is none of the
 * learner's, from its own folder; what the suite makes beside it may use labs/ too.
 */
export function subjectOf(root: string, lab: string, file: string): Subject {
  const { fixture } = suiteFilesOf(root, lab)
  return {
    root,
    source: { ...sourceOf(root, file), modules: readLab(root, lab).modules },
    fixture: fixture === null ? null : sourceOf(root, path.join(root, fixture)),
  }
}

// --- internal ---

function sourceOf(root: string, file: string): Source {
  const labs = path.join(root, 'labs')
  return { file, roots: file.startsWith(labs + path.sep) ? [labs] : [labs, path.dirname(file)] }
}
