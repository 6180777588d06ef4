import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { MARKER_FILE } from './marker.ts'

/** The hidden suite of a lab, with what it makes beside the learner's program. Paths are relative, with `/`. */
export interface SuiteFiles {
  readonly suite: string
  /** Makes live objects in the learner process; null where the suite needs none. */
  readonly fixture: string | null
  /** How the lab is tried by hand; null where there is no way. */
  readonly byHand: string | null
}

/** All paths, whether there are such files or not. */
type Whole = { readonly [part in keyof SuiteFiles]: string }

/** As maintainers write it. */
export function suiteSourceOf(id: string): Whole {
  return {
    suite: `test/labs/${id}/suite.test.ts`,
    fixture: `test/labs/${id}/fixture.ts`,
    byHand: `test/labs/${id}/by-hand.ts`,
  }
}

/** As a handout carries it: plain JavaScript, shortened. */
export function suiteBundleOf(id: string): Whole {
  return {
    suite: `suites/${id}.mjs`,
    fixture: `suites/${id}.fixture.mjs`,
    byHand: `suites/${id}.by-hand.mjs`,
  }
}

/** The reference as a handout may carry it, closed (seal.ts). */
export function sealedReferenceOf(id: string): string {
  return `suites/${id}.reference`
}

/** Where the suite of a lab stands here: in a handout its bundle, and everywhere else its source. */
export function suiteFilesOf(root: string, id: string): SuiteFiles {
  const files = exists(root, MARKER_FILE) ? suiteBundleOf(id) : suiteSourceOf(id)
  const present = (file: string): string | null => (exists(root, file) ? file : null)
  return { suite: files.suite, fixture: present(files.fixture), byHand: present(files.byHand) }
}

/** Everything that grades the lab here, what the suite imports among it; known programs grade the suite, and stay out. */
export function graderFilesOf(root: string, id: string): string[] {
  const isBundle = exists(root, MARKER_FILE)
  const folder = isBundle ? 'suites' : `test/labs/${id}`
  const isOwn = (name: string): boolean => (isBundle ? name.startsWith(`${id}.`) : name.endsWith('.ts'))
  const names = exists(root, folder) ? readdirSync(path.join(root, folder)).sort() : []
  return names.filter(isOwn).map((name) => `${folder}/${name}`)
}

// --- internal ---

function exists(root: string, file: string): boolean {
  return existsSync(path.join(root, file))
}
