import { expect, test } from 'vitest'
import { readLab } from '../../workbook/course/readme.ts'
import { successorOf } from '../../workbook/course/rfc.ts'
import { faultOf, README, temporaryRoot } from './course-fixtures.ts'

const root = temporaryRoot()

/** What replaces what in README, and the message that must come of it. */
const table: [claim: string, from: string | RegExp, to: string, code: string, text: string][] = [
  [
    'is missing',
    /^---\n[^]*?---\n\n/,
    '',
    'E_COURSE_FRONT_MATTER',
    '1: expected front matter that begins with `---`, found "# Lab 12: Answers in order". Begin the page with this line.',
  ],
  [
    'is not closed',
    '---\n\n# Lab',
    '\n# Lab',
    'E_COURSE_FRONT_MATTER',
    '1: expected a second `---` after the front matter, found none. Close the block with this line.',
  ],
  [
    'is empty',
    /^---\n[^]*?---\n/,
    '---\n---\n',
    'E_COURSE_FRONT_MATTER',
    '1: expected the keys title, entry, exports, modules, covers, rfc, needs, minutes, core, read, weights, sections, found no keys. Write each as `key: value`, on a line of its own.',
  ],
  [
    'is a list',
    /^---\n[^]*?---\n/,
    '---\n- title\n---\n',
    'E_COURSE_FRONT_MATTER',
    '1: expected the keys title, entry, exports, modules, covers, rfc, needs, minutes, core, read, weights, sections, found no keys. Write each as `key: value`, on a line of its own.',
  ],
  [
    'is no YAML',
    'exports: [serve, Client]',
    'exports: [serve, Client',
    'E_COURSE_FRONT_MATTER',
    '5: expected YAML, found a mistake: flow sequence in block collection must be sufficiently indented and end with a ]. Correct this line or the one before.',
  ],
  [
    'has a key twice',
    'minutes: 45',
    'minutes: 45\nminutes: 50',
    'E_COURSE_FRONT_MATTER',
    '9: expected YAML, found a mistake: map keys must be unique. Correct this line or the one before.',
  ],
  [
    'has an unknown key',
    'minutes: 45',
    'minutes: 45\nminuets: 45',
    'E_COURSE_FRONT_MATTER',
    '9: expected one of the keys title, entry, exports, modules, covers, rfc, needs, minutes, core, read, weights, sections, found `minuets`. Correct the key, or remove the line.',
  ],
  [
    'has a fact that does not hold',
    'minutes: 45\n',
    'minutes: 45\ncore: false\n',
    'E_COURSE_FRONT_MATTER',
    '9: expected true, or no such line for `core`, found "false". Write it like this: core: true',
  ],
  [
    'lacks a key',
    'minutes: 45\n',
    '',
    'E_COURSE_FRONT_MATTER',
    '1: expected the key `minutes`, found none. Add a line: minutes: 60',
  ],
  [
    'has an empty title',
    'title: Answers in order',
    'title:',
    'E_COURSE_FRONT_MATTER',
    '2: expected text for `title`, found nothing. Write it like this: title: What breaks without this',
  ],
  [
    'has a title that is a number',
    'title: Answers in order',
    'title: 12',
    'E_COURSE_FRONT_MATTER',
    '2: expected text for `title`, found the number 12. Write it like this: title: What breaks without this',
  ],
  [
    'has an entry with a path',
    'entry: in-order.ts',
    'entry: ../in-order.ts',
    'E_COURSE_FRONT_MATTER',
    '3: expected the plain name of a .ts file for `entry`, found "../in-order.ts". Write it like this: entry: my-lab.ts',
  ],
  [
    'has an entry of another language',
    'entry: in-order.ts',
    'entry: in-order.js',
    'E_COURSE_FRONT_MATTER',
    '3: expected the plain name of a .ts file for `entry`, found "in-order.js". Write it like this: entry: my-lab.ts',
  ],
  [
    'has exports that are no list',
    'exports: [serve, Client]',
    'exports: serve',
    'E_COURSE_FRONT_MATTER',
    '4: expected a list for `exports`, found "serve". Write it like this: exports: [startServer]',
  ],
  [
    'has no exports',
    'exports: [serve, Client]',
    'exports: []',
    'E_COURSE_FRONT_MATTER',
    '4: expected at least one name for `exports`, found an empty list. Write it like this: exports: [startServer]',
  ],
  [
    'exports what is no name',
    'exports: [serve, Client]',
    'exports:\n  - serve\n  - keep-alive',
    'E_COURSE_FRONT_MATTER',
    '6: expected the name of an export for `exports`, found "keep-alive". Write it like this: exports: [startServer]',
  ],
  [
    'exports a name twice',
    'exports: [serve, Client]',
    'exports:\n  - serve\n  - serve',
    'E_COURSE_FRONT_MATTER',
    '6: expected different values for `exports`, found "serve" twice. Write it like this: exports: [startServer]',
  ],
  [
    'covers a number',
    "covers: ['6.01', 'A.10']",
    "covers: [6.10, 'A.10']",
    'E_COURSE_FRONT_MATTER',
    "5: expected an id of the inventory in quotes for `covers`, found the number 6.10. Write it like this: covers: ['1.01', 'A.1']",
  ],
  [
    'covers a range',
    "covers: ['6.01', 'A.10']",
    "covers: ['6.01-6.03']",
    'E_COURSE_FRONT_MATTER',
    "5: expected an id of the inventory in quotes for `covers`, found \"6.01-6.03\". Write it like this: covers: ['1.01', 'A.1']",
  ],
  [
    'cites a range of an RFC',
    'RFC 9112 §9.3.2',
    'RFC 9112 §9.3–9.6',
    'E_COURSE_FRONT_MATTER',
    '6: expected an RFC with at most one section for `rfc`, found "RFC 9112 §9.3–9.6". Write it like this: rfc: [\'RFC 9112 §9.3\']',
  ],
  [
    'cites RFC 2616',
    'RFC 9112 §9.3.2',
    'RFC 2616 §8',
    'E_COURSE_RFC',
    '6: expected a current RFC for `rfc`, found RFC 2616, which is no longer current. Cite RFC 9110, RFC 9111 or RFC 9112 instead.',
  ],
  [
    'cites RFC 7230',
    "rfc: ['RFC 9112 §9.3.2'",
    "rfc: [\n  'RFC 9112 §9.3.2', 'RFC 7230 §6.3'",
    'E_COURSE_RFC',
    '7: expected a current RFC for `rfc`, found RFC 7230, which is no longer current. Cite RFC 9112 or RFC 9110 instead.',
  ],
  [
    'cites RFC 793',
    'RFC 9293',
    'RFC 793',
    'E_COURSE_RFC',
    '6: expected a current RFC for `rfc`, found RFC 793, which is no longer current. Cite RFC 9293 instead.',
  ],
  [
    'cites RFC 1945',
    'RFC 9293',
    'RFC 1945',
    'E_COURSE_RFC',
    '6: expected a current RFC for `rfc`, found RFC 1945, which is no longer current. Cite RFC 9112 App. C instead.',
  ],
  [
    'needs a number',
    "needs: ['01']",
    'needs: [01]',
    'E_COURSE_FRONT_MATTER',
    "7: expected a two-digit number in quotes for `needs`, found the number 01. Write it like this: needs: ['01']",
  ],
  [
    'needs itself',
    "needs: ['01']",
    "needs: ['12']",
    'E_COURSE_NEEDS',
    '7: expected a lab before 12 for `needs`, found "12". Correct the number, or remove it.',
  ],
  [
    'needs a later lab',
    "needs: ['01']",
    "needs: ['01', '13']",
    'E_COURSE_NEEDS',
    '7: expected a lab before 12 for `needs`, found "13". Correct the number, or remove it.',
  ],
  [
    'has minutes in words',
    'minutes: 45',
    'minutes: 45 minutes',
    'E_COURSE_FRONT_MATTER',
    '8: expected a whole number above 0 for `minutes`, found "45 minutes". Write it like this: minutes: 60',
  ],
  [
    'has no minutes',
    'minutes: 45',
    'minutes: 0',
    'E_COURSE_FRONT_MATTER',
    '8: expected a whole number above 0 for `minutes`, found the number 0. Write it like this: minutes: 60',
  ],
  [
    'names a page outside docs',
    'read: docs/6-pipelined.md',
    'read: docs/../secret.md',
    'E_COURSE_FRONT_MATTER',
    '9: expected a page in docs/ or null for `read`, found "docs/../secret.md". Write it like this: read: docs/chapter.md',
  ],
  [
    'has weights that are no map',
    'weights: { R2: 2.5 }',
    'weights: 2',
    'E_COURSE_FRONT_MATTER',
    '10: expected a map for `weights`, found the number 2. Write it like this: weights: { R4: 2 }',
  ],
  [
    'has a weight of zero',
    'weights: { R2: 2.5 }',
    'weights:\n  R1: 2\n  R2: 0',
    'E_COURSE_FRONT_MATTER',
    '12: expected a number above 0 for `weights.R2`, found the number 0. Write it like this: weights: { R4: 2 }',
  ],
  [
    'has a weight in words',
    'weights: { R2: 2.5 }',
    'weights: { R2: double }',
    'E_COURSE_FRONT_MATTER',
    '10: expected a number above 0 for `weights.R2`, found "double". Write it like this: weights: { R4: 2 }',
  ],
  [
    'weighs an unknown requirement',
    'weights: { R2: 2.5 }',
    'weights:\n  R1: 2\n  R3: 2',
    'E_COURSE_WEIGHT',
    '12: expected a weight for one of R1, R2, found a weight for R3. Correct the id.',
  ],
  [
    'explains an unknown requirement',
    'weights: { R2: 2.5 }',
    'sections: { R3: A heading }',
    'E_COURSE_READ',
    '10: expected a section for one of R1, R2, found a section for R3. Correct the id.',
  ],
  [
    'names a section without a page',
    'read: docs/6-pipelined.md\nweights: { R2: 2.5 }',
    'read: null\nsections: { R1: A heading }',
    'E_COURSE_FRONT_MATTER',
    '10: expected a page in front of the heading, as `read` is null for `sections.R1`, found "A heading". Write it like this: sections: { R4: \'A heading of that page\' }',
  ],
]
test.each(table)('a front matter that %s is an error', (_claim, from, to, code, text) => {
  root.write('labs/12-in-order/README.md', README.replace(from, to))
  const expected = `${code} labs/12-in-order/README.md:${text}`
  expect(faultOf(() => readLab(root.path, '12-in-order'))).toBe(expected)
})

test('every RFC that is to be cited instead may be cited', () => {
  const outdated = Array.from({ length: 9999 }, (_, rfc) => rfc).filter((rfc) => successorOf(rfc) !== null)
  const cited = outdated.flatMap((rfc) => successorOf(rfc)?.match(/(?<=RFC )\d+/g) ?? [])
  expect(outdated).toEqual(
    expect.arrayContaining([793, 1945, 2068, 2616, 7230, 7231, 7232, 7233, 7234, 7235]),
  )
  expect(cited.length).toBeGreaterThanOrEqual(outdated.length)
  expect(cited.filter((rfc) => successorOf(rfc) !== null)).toEqual([])
})
