import { CourseError } from '../course/course-error.ts'
import { counterparts } from './counterparts.ts'
import { definedWords } from './defined-words.ts'
import { exportsAgree } from './exports.ts'
import { figures } from './figures.ts'
import { hints } from './hints.ts'
import { inventory } from './inventory.ts'
import type { Finding, Invariant, Readable } from './invariant.ts'
import { labFolders } from './lab-folders.ts'
import { leaks } from './leaks.ts'
import { links } from './links.ts'
import { namedPlaces } from './named-places.ts'
import { namelessTool } from './nameless-tool.ts'
import { packages } from './packages.ts'
import { regions } from './regions.ts'
import { rfcReferences } from './rfc-references.ts'
import { starters } from './starters.ts'
import { suites } from './suites.ts'
import { wrongPrograms } from './wrong-programs.ts'

/** What the course demands of itself. What needs a program to run is proven by `npm test`. */
export const INVARIANTS: readonly Invariant[] = [
  labFolders,
  counterparts,
  exportsAgree,
  starters,
  suites,
  hints,
  wrongPrograms,
  rfcReferences,
  links,
  namedPlaces,
  regions,
  namelessTool,
  inventory,
  definedWords,
  figures,
  packages,
  leaks,
]

/** Where an invariant does not hold. A file that cannot be read is a place too. */
export async function findingsOf(invariant: Invariant, course: Readable): Promise<readonly Finding[]> {
  try {
    return await invariant.find(course)
  } catch (error) {
    if (error instanceof CourseError) return [error]
    throw error
  }
}
