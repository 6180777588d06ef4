import { refuseOutdated, RFC_REFERENCE } from './rfc.ts'
import { blockError, readYamlBlock } from './yaml-block.ts'
import type { PageSection } from './lab.ts'
import type { Placed, YamlField } from './yaml-field.ts'

/** The facts at the top of a lab's README, each checked by itself. */
export interface FrontMatter {
  readonly title: string
  readonly entry: string
  readonly exports: readonly string[]
  readonly modules: readonly string[]
  readonly covers: readonly string[]
  readonly rfc: readonly string[]
  readonly needs: readonly Placed<string>[]
  readonly minutes: number
  readonly core: boolean
  readonly read: string | null
  /** By id of the requirement. Whether there is such a requirement is for the page to say. */
  readonly weights: ReadonlyMap<string, Placed<number>>
  /** By id of the requirement, too. */
  readonly sections: ReadonlyMap<string, Placed<PageSection>>
}

/** Every known key, with a right line to show where one is wrong. */
const EXAMPLES = {
  title: 'title: What breaks without this',
  entry: 'entry: my-lab.ts',
  exports: 'exports: [startServer]',
  modules: "modules: ['node:tls']",
  covers: "covers: ['1.01', 'A.1']",
  rfc: "rfc: ['RFC 9112 §9.3']",
  needs: "needs: ['01']",
  minutes: 'minutes: 60',
  core: 'core: true',
  read: 'read: docs/chapter.md',
  weights: 'weights: { R4: 2 }',
  sections: "sections: { R4: 'A heading of that page' }",
}

/**
 * Reads a lab's front matter.
 *
 * @param yaml - The block without its `---` lines; its line numbers are the page's.
 * @param file - The page's path relative to the root, for errors.
 * @throws CourseError `E_COURSE_FRONT_MATTER` or `E_COURSE_RFC`, at the line of the first fault.
 */
export function readFrontMatter(yaml: string, file: string): FrontMatter {
  const fields = readYamlBlock(yaml, file, EXAMPLES)
  const field = (key: keyof typeof EXAMPLES): YamlField => {
    const found = fields.get(key)
    if (!found) throw blockError(file, 1, `the key \`${key}\``, 'none', `Add a line: ${EXAMPLES[key]}`)
    return found
  }
  const read = pageOf(field('read'))
  return {
    title: field('title').text(/\S/, 'text').value.trim(),
    entry: field('entry').text(/^[A-Za-z0-9][\w-]*\.ts$/, 'the plain name of a .ts file').value,
    exports: exportsOf(field('exports')),
    modules: values(fields.get('modules')?.texts(/^node:[a-z/]+$/, 'a module of Node') ?? []),
    covers: values(field('covers').texts(/^[A-Z\d]\.\d{1,2}$/, 'an id of the inventory in quotes')),
    rfc: rfcsOf(field('rfc'), file),
    needs: field('needs').texts(/^\d\d$/, 'a two-digit number in quotes'),
    minutes: field('minutes').number((n) => Number.isInteger(n) && n > 0, 'a whole number above 0').value,
    core: fields.get('core')?.holds() ?? false,
    read,
    weights: weightsOf(fields.get('weights')),
    sections: sectionsOf(fields.get('sections'), read),
  }
}

function exportsOf(field: YamlField): string[] {
  const names = values(field.texts(/^[A-Za-z_$][\w$]*$/, 'the name of an export'))
  if (names.length === 0) throw field.error('at least one name', 'an empty list')
  return names
}

function rfcsOf(field: YamlField, file: string): string[] {
  const references = field.texts(RFC_REFERENCE, 'an RFC with at most one section')
  for (const { value, line } of references) refuseOutdated(value, file, line)
  return values(references)
}

function pageOf(field: YamlField): string | null {
  if (field.isNull) return null
  return field.text(/^docs\/(?!.*\.\.)[\w./-]+\.md$/, 'a page in docs/ or null').value
}

function weightsOf(field: YamlField | undefined): Map<string, Placed<number>> {
  return byRequirement(field, (entry) => entry.number((n) => Number.isFinite(n) && n > 0, 'a number above 0'))
}

/** A heading of the page to read, or of another one that stands before it. */
const SECTION = /^(?:(docs\/(?!.*\.\.)[\w./-]+\.md): )?(.+)$/

function sectionsOf(field: YamlField | undefined, read: string | null): Map<string, Placed<PageSection>> {
  return byRequirement(field, (entry) => {
    const { value, line } = entry.text(SECTION, 'a heading')
    const [, page = read, heading = ''] = SECTION.exec(value) ?? []
    if (page === null) throw entry.error('a page in front of the heading, as `read` is null')
    return { value: { page, heading }, line }
  })
}

function byRequirement<T>(
  field: YamlField | undefined,
  read: (entry: YamlField) => Placed<T>,
): Map<string, Placed<T>> {
  const entries = field?.entries() ?? []
  return new Map(entries.map((entry) => [entry.key.slice(entry.key.indexOf('.') + 1), read(entry)]))
}

function values(placed: readonly Placed<string>[]): string[] {
  return placed.map(({ value }) => value)
}
