import { CourseError } from './course-error.ts'
import { readItems, type Item } from './items.ts'
import type { Requirement } from './lab.ts'
import { sectionOf, type Page } from './page.ts'
import type { Placed } from './yaml-field.ts'

/**
 * Reads the items under "Requirements" and "Hints", and joins them with what the front matter says of each.
 *
 * @throws CourseError at the first item that is out of order, or that has no partner.
 */
export function readRequirements(page: Page): Requirement[] {
  const items = readItems(sectionOf(page, 'Requirements'), { code: 'E_COURSE_REQUIREMENT', file: page.file })
  checkOrder(items, page)
  const hints = readHints(items, page)
  checkIds('a weight', page.facts.weights, items, page.file)
  checkIds('a section', page.facts.sections, items, page.file)
  return items.map(({ id, text, line }) => {
    const weight = page.facts.weights.get(id)?.value ?? 1
    const section = page.facts.sections.get(id)?.value ?? null
    return { id, text, weight, section, hints: hints.get(id) ?? [], line }
  })
}

/** R1, R2, … without gaps: the same ids stand in suites, wrong programs and reports. */
function checkOrder(items: readonly Item[], page: Page): void {
  if (items.length === 0) {
    const { line } = sectionOf(page, 'Requirements')
    const next = 'Write each as a list item: - **R1** One sentence.'
    throw outOfOrder('requirements under this heading', 'none', next, page, line)
  }
  for (const [index, { id, line }] of items.entries()) {
    const wanted = `R${index + 1}`
    if (id === wanted) continue
    const first = items.slice(0, index).find((item) => item.id === id)
    const found = first ? `${id} again, after line ${first.line}` : id
    throw outOfOrder(wanted, found, 'Number them R1, R2, … in order, without gaps.', page, line)
  }
}

/** Hints by requirement, in the order of the page: the first says least. */
function readHints(requirements: readonly Item[], page: Page): Map<string, string[]> {
  const code = 'E_COURSE_HINT'
  const { file } = page
  const hints = new Map<string, string[]>(requirements.map(({ id }) => [id, []]))
  for (const { id, text, line } of readItems(sectionOf(page, 'Hints'), { code, file })) {
    const layers = hints.get(id)
    if (!layers) throw unknownRequirement('a hint', id, requirements, { file, line })
    layers.push(text)
  }
  for (const { id, line } of requirements) {
    if (hints.get(id)?.length) continue
    const next = `Add under "## Hints": - **${id}** One sentence.`
    throw new CourseError(code, { file, line, expected: `a hint for ${id}`, found: 'none', next })
  }
  return hints
}

const CODES = {
  'a hint': 'E_COURSE_HINT',
  'a weight': 'E_COURSE_WEIGHT',
  'a section': 'E_COURSE_READ',
} as const

function checkIds(
  what: keyof typeof CODES,
  facts: ReadonlyMap<string, Placed<unknown>>,
  requirements: readonly Item[],
  file: string,
): void {
  for (const [id, { line }] of facts) {
    if (requirements.some((requirement) => requirement.id === id)) continue
    throw unknownRequirement(what, id, requirements, { file, line })
  }
}

function outOfOrder(
  expected: string,
  found: string,
  next: string,
  { file }: Page,
  line: number,
): CourseError {
  return new CourseError('E_COURSE_REQUIREMENT', { file, line, expected, found, next })
}

function unknownRequirement(
  what: keyof typeof CODES,
  id: string,
  requirements: readonly Item[],
  place: { file: string; line: number },
): CourseError {
  const expected = `${what} for one of ${requirements.map((requirement) => requirement.id).join(', ')}`
  return new CourseError(CODES[what], {
    ...place,
    expected,
    found: `${what} for ${id}`,
    next: 'Correct the id.',
  })
}
