import { existsSync } from 'node:fs'
import path from 'node:path'
import { MARKER_FILE } from './marker.ts'

/** The hidden suite of a lab, with what it makes beside the learner's program. Paths are relative, with `/`. */
export interface SuiteFiles {
  readonly suite: string
  /** Makes live objects in the learner process; null where the suite needs none. */
  readonly fixture: string | null
}

/** Both paths, whether there is such a file or not. */
type Whole = SuiteFiles & { readonly fixture: string }

/** As maintainers write it. */
export function suiteSourceOf(id: string): Whole {
  return { suite: `test/labs/${id}.test.ts`, fixture: `test/labs/${id}.host.ts` }
}

/** As a handout carries it: plain JavaScript, shortened. */
export function suiteBundleOf(id: string): Whole {
  return { suite: `suites/${id}.mjs`, fixture: `suites/${id}.host.mjs` }
}

/** Where the suite of a lab stands here: in a handout its bundle, and everywhere else its source. */
export function suiteFilesOf(root: string, id: string): SuiteFiles {
  const { suite, fixture } = exists(root, MARKER_FILE) ? suiteBundleOf(id) : suiteSourceOf(id)
  return { suite, fixture: exists(root, fixture) ? fixture : null }
}

// --- internal ---

function exists(root: string, file: string): boolean {
  return existsSync(path.join(root, file))
}
