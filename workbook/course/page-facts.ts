import { refuseOutdated, RFC_REFERENCE } from './rfc.ts'
import { blockError, readYamlBlock, splitPage } from './yaml-block.ts'

/** What a page of docs/ says about itself. */
export interface PageFacts {
  /** Null: the page's heading is its title. */
  readonly title: string | null
  /** Ids of docs/inventory.md. */
  readonly covers: readonly string[]
  /** For example `RFC 9293 §3.5`. */
  readonly rfc: readonly string[]
}

/** The facts, and the text below them at its own line numbers. */
export interface FactsAndBody {
  readonly facts: PageFacts
  readonly body: string
}

/**
 * Reads the front matter of a page that is no lab's.
 *
 * @param required - A chapter has all three keys; another page need not have the block at all.
 * @throws CourseError `E_COURSE_FRONT_MATTER` or `E_COURSE_RFC`
 */
export function readPageFacts(text: string, file: string, required: boolean): FactsAndBody {
  if (!required && !/^---[ \t]*\n/.test(text))
    return { facts: { title: null, covers: [], rfc: [] }, body: text }
  const { yaml, body } = splitPage(text, file)
  const fields = readYamlBlock(yaml, file, EXAMPLES)
  const field = (key: keyof typeof EXAMPLES) => {
    const found = fields.get(key)
    if (found || !required) return found
    throw blockError(file, 1, `the key \`${key}\``, 'none', `Add a line: ${EXAMPLES[key]}`)
  }
  const title = field('title')?.text(/\S/, 'text').value.trim() ?? null
  const covers = field('covers')?.texts(/^[A-Z\d]\.\d{1,2}$/, 'an id of the inventory in quotes') ?? []
  const rfc = field('rfc')?.texts(RFC_REFERENCE, 'an RFC with at most one section') ?? []
  for (const { value, line } of rfc) refuseOutdated(value, file, line)
  return {
    facts: { title, covers: covers.map(({ value }) => value), rfc: rfc.map(({ value }) => value) },
    body,
  }
}

// --- internal ---

/** Every known key, with a right line to show where one is wrong. */
const EXAMPLES = {
  title: 'title: Persistent connections',
  covers: "covers: ['5.01', 'A.1']",
  rfc: "rfc: ['RFC 9112 §9.3']",
}
