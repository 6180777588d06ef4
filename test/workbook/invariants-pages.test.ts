import { expect, test } from 'vitest'
import { goodCourse } from './good-course.ts'

/** What holds in pages, in quoted code, in the tool and in the packages. */

const { write, edit, remove, findings } = goodCourse()

const README = 'labs/42-greeting/README.md'
const SOLUTION = 'solutions/42-greeting/greeting.ts'
const INVENTORY = 'docs/inventory.md'
const CHAPTER = `---\ntitle: Kept\ncovers: ['A.5']\nrfc: []\n---\n\n# Kept\n`
const NAMED = 'expected no name of a lab, of its file or its exports'
const IN_GENERAL = 'Take it from the course, or say it in general: NN-name, entry.ts, exportName.'

test.each([
  [
    'an RFC that is no longer current, in a page',
    () => write('docs/closing.md', '# Closing\n\nAs RFC 2616 says.\n'),
    'docs/closing.md:3: expected an RFC that is current, found RFC 2616. ' +
      'Cite RFC 9110, RFC 9111 or RFC 9112, or say on this line that the old one is obsolete.',
  ],
  [
    'an RFC that is no longer current, in an address',
    () => edit(SOLUTION, '// #region greet', '// https://www.rfc-editor.org/rfc/rfc793\n  // #region greet'),
    `${SOLUTION}:6: expected an RFC that is current, found rfc793. Cite RFC 9293, or say on this line that the old one is obsolete.`,
  ],
  [
    'a link to nothing',
    () => write('docs/closing.md', '# Closing\n\nSee\n[this](opening.md).\n'),
    'docs/closing.md:4: expected a link to something that exists, found opening.md. Correct the link.',
  ],
  [
    'a link to a heading that is not there',
    () =>
      edit(README, 'What goes wrong', 'See [the rules](../kit/README.md#rules-of-no-lab). What goes wrong'),
    `${README}:15: expected a heading of labs/kit/README.md behind #, found ../kit/README.md#rules-of-no-lab. Correct the link.`,
  ],
  [
    'a link that leaves the course',
    () => write('docs/closing.md', '[mine](../../notes.md)\n'),
    'docs/closing.md:1: expected a link inside the course, found ../../notes.md. Correct the link.',
  ],
  [
    'a folder that has moved',
    () => write('docs/closing.md', '# Closing\n\n`labs/NN-name/` and `test/mutants/NN-name/`.\n'),
    'docs/closing.md:3: expected a place that exists, found test/mutants/NN-name. Name the place where it stands today.',
  ],
  [
    'a page to read first that is not there',
    () => edit(README, 'read: null', 'read: docs/1-tcp.md'),
    `${README}: expected a page for \`read\`, found docs/1-tcp.md, which does not exist. Write the page, or say \`read: null\`.`,
  ],
  [
    'a region that never ends',
    () => edit(SOLUTION, '  // #endregion greet\n', ''),
    `${SOLUTION}:6: expected #endregion greet after it, found none. Close the region.`,
  ],
  [
    'an end without its region',
    () => edit(SOLUTION, '  // #region greet\n', ''),
    `${SOLUTION}:11: expected #region greet before it, found none. Correct the name, or remove the mark.`,
  ],
  [
    'two regions of one name',
    () =>
      edit(SOLUTION, '// #endregion greet', '// #endregion greet\n  // #region greet\n  // #endregion greet'),
    `${SOLUTION}:13: expected a name of its own, found a second greet. Rename it.`,
  ],
  [
    'a region without a name',
    () => edit(SOLUTION, '  // #region greet', '  // #region\n  // #region greet'),
    `${SOLUTION}:6: expected #region with a name, found none. Name it after what it shows.`,
  ],
  [
    'the name of a lab in the tool',
    () => write('workbook/tool.ts', "\nexport const first = '42-greeting'\n"),
    `workbook/tool.ts:2: ${NAMED}, found 42-greeting. ${IN_GENERAL}`,
  ],
  [
    'the name of an export in the tool',
    () => write('workbook/tool.ts', '/** As serveGreeting does. */\n'),
    `workbook/tool.ts:1: ${NAMED}, found serveGreeting. ${IN_GENERAL}`,
  ],
  [
    'an id of the inventory that stands twice',
    () => edit(INVENTORY, '**A.5**', '**A.4**'),
    `${INVENTORY}:4: expected each id once, found A.4 again, after line 3. Give the new item an id of its own.`,
  ],
  [
    'an item that does not link to the lab which covers it',
    () => edit(INVENTORY, 'queue. ([lab 42](../labs/42-greeting/README.md))', 'queue.'),
    `${INVENTORY}:3: expected a link to labs/42-greeting, which covers A.4, found none. ` +
      'Write behind the item: ([lab 42](../labs/42-greeting/README.md))',
  ],
  [
    'an item that links to a lab which does not cover it',
    () => edit(INVENTORY, 'address.', 'address. ([lab 42](../labs/42-greeting/README.md))'),
    `${INVENTORY}:4: expected 'A.5' in \`covers\` of ${README}, to which A.5 links, found none. Add it there, or remove the link here.`,
  ],
  [
    'a lab that covers what nobody has listed',
    () => edit(README, "'A.4'", "'A.4', 'B.1'"),
    `${README}: expected ids of ${INVENTORY} in \`covers\`, found B.1. Correct \`covers\`, or add the item to ${INVENTORY}.`,
  ],
  [
    'an item that does not link to the chapter which covers it',
    () => write('docs/5-persistent.md', CHAPTER),
    `${INVENTORY}:4: expected a link to docs/5-persistent.md, which covers A.5, found none. ` +
      'Write behind the item: ([chapter 5](5-persistent.md))',
  ],
  [
    'an item that links to a chapter which does not cover it',
    () => {
      write('docs/5-persistent.md', CHAPTER.replace("'A.5'", ''))
      edit(INVENTORY, 'address.', 'address. ([chapter 5](5-persistent.md#kept))')
    },
    `${INVENTORY}:4: expected 'A.5' in \`covers\` of docs/5-persistent.md, to which A.5 links, found none. Add it there, or remove the link here.`,
  ],
  [
    'a section to read that is not there',
    () => {
      write('docs/rules.md', '# Rules of order\n\n## The rules\n')
      edit(README, 'read: null', "read: docs/rules.md\nsections: { R1: The rules, R2: 'No rules' }")
    },
    `${README}:22: expected a heading of docs/rules.md as the section of R2, found No rules. Correct \`sections\`.`,
  ],
  [
    'a requirement that no section explains',
    () => {
      write('docs/rules.md', '# Rules of order\n\n## The rules\n')
      edit(README, 'read: null', 'read: docs/rules.md\nsections: { R2: The rules }')
    },
    `${README}:21: expected a section that explains R1, found none. Name a heading of docs/rules.md in \`sections\`.`,
  ],
  [
    'an address in the lockfile',
    () =>
      edit(
        'package-lock.json',
        '"node_modules/a": {',
        '"node_modules/a": { "resolved": "https://packages.example/a.tgz",',
      ),
    'package-lock.json: expected no `resolved` address for node_modules/a, found https://packages.example/a.tgz. ' +
      'npm install --package-lock-only writes the file anew; .npmrc leaves addresses out.',
  ],
  [
    'a package that our oldest Node cannot run',
    () => edit('package-lock.json', '^20.1.0 || >=22', '^20.20.0 || >= 22.1'),
    'package-lock.json: expected node_modules/a to run on Node 20.19, found it needs ^20.20.0 || >= 22.1. ' +
      'Take an older version of the package, or raise `engines` in package.json.',
  ],
  [
    'no word about the oldest Node',
    () => edit('package.json', '>=20.19', '20'),
    'package.json: expected "engines": { "node": ">=20.19" } or the like, found 20. Name the oldest Node that the workbook runs on.',
  ],
])('%s is found', async (_, spoil, finding) => {
  spoil()
  expect(await findings()).toEqual([finding])
})

const GLOSSARY = '# Glossary\n\n## R\n\n### Round trip, RTT\n\nThere and back.\n'
const chapter = (text: string): string => `---\ntitle: A\ncovers: []\nrfc: []\n---\n\n# A\n\n${text}\n`

test.each([
  ['in bold', 'A **round trip** is there and back. Two round trips take longer.'],
  ['in bold, over two lines', 'This is a **round\ntrip**. Round trips add up.'],
  ['after a link to it', 'A [round trip](#a) is short. It is a **round trip**.'],
  [
    'after code, a heading and a box with its name',
    '> [!WILD] RTT\n>\n> `RTT`\n\n## RTT\n\nA **round trip**, RTT.',
  ],
  ['by its other name', 'The **RTT** is a round trip.'],
])('a word of the glossary may be explained %s', async (_, text) => {
  write('docs/glossary.md', GLOSSARY)
  write('docs/2-b.md', chapter('The round trip again.'))
  write('docs/1-a.md', chapter(text))
  expect(await findings()).toEqual([])
})

test.each([
  ['in the same sentence', 'It takes\none RTT; a **round trip** is there and back.', 10],
  ['in a table', 'Look:\n\n| a | b |\n| --- | --- |\n| c | a round trip |\n\nA **round trip**.', 13],
])('a word of the glossary that is used before it is explained is found, %s', async (_, text, line) => {
  write('docs/glossary.md', GLOSSARY)
  write('docs/1-a.md', chapter(text))
  expect(await findings()).toEqual([
    `docs/1-a.md:${line}: expected Round trip, RTT in bold where a chapter explains it, before it is used, found a use. ` +
      'Explain it here, in bold, or make it a link to where it is explained.',
  ])
})

test('chapter 10 is read after chapter 2', async () => {
  write('docs/glossary.md', GLOSSARY)
  write('docs/10-z.md', chapter('A round trip.'))
  write('docs/2-b.md', chapter('A **round trip**.'))
  expect(await findings()).toEqual([])
})

test('a word of the glossary that no chapter explains is found', async () => {
  write('docs/glossary.md', GLOSSARY)
  write('docs/1-a.md', chapter('Nothing about it, and no current or RTTx.'))
  expect(await findings()).toEqual([
    'docs/glossary.md:5: expected Round trip, RTT in bold where a chapter explains it, found none. ' +
      'Explain it there, or remove the entry.',
  ])
})

test.each([
  ['of the glossary', 'A **round\ntrip**, two **round trips**, **RTT: 3**.'],
  [
    'that begins an item, is a sentence or numbers a case',
    '- **Batches**, all.\n- **Ask [it](#a).** In **T1** it fails.',
  ],
  ['that is longer than a name', 'They **agree to keep it**.'],
])('a word in bold %s needs no entry of its own', async (_, text) => {
  write('docs/glossary.md', GLOSSARY)
  write('docs/1-a.md', chapter(`${text}\n\nA **round trip**.`))
  expect(await findings()).toEqual([])
})

test.each([
  ['in a sentence', 'A **round trip** has\na **place**.', 10],
  ['in an item, behind its first words', '- A **round trip**.\n- The **place**.', 10],
  ['at the beginning of a paragraph', 'A **round trip**.\n\n**place** is a word.', 11],
])('a word in bold that the glossary does not have is found, %s', async (_, text, line) => {
  write('docs/glossary.md', GLOSSARY)
  write('docs/1-a.md', chapter(text))
  expect(await findings()).toEqual([
    `docs/1-a.md:${line}: expected a word of the glossary in bold, found place. ` +
      'Add it to docs/glossary.md, or print it in italics.',
  ])
})

test('a line may name an old RFC that it calls obsolete', async () => {
  write('docs/closing.md', '| RFC 2616 said two. | It is obsoleted by RFC 9112. |\n| RFC 2616 | obsolete |\n')
  expect(await findings()).toEqual([])
})

test('every kind of right link is right', async () => {
  const links = [
    '#a-title-code-with-words',
    '#mine',
    '../labs/kit/',
    '../labs/kit/README.md#rules-of-every-lab',
    'two%20words.md',
  ]
  const text = `# A title, \`code\` [with](https://example.com) words\n\n<a id="mine"></a>\n\n${links.map((to) => `[x](${to})`).join('\n')}\n`
  write('docs/two words.md', '# Two\n')
  write('docs/links.md', text)
  expect(await findings()).toEqual([])
})

test('a second heading of the same words has a number', async () => {
  write('docs/links.md', '## Why\n\n## Why\n\n[first](#why) [second](#why-1) [third](#why-2)\n')
  expect(await findings()).toEqual([
    'docs/links.md:5: expected a heading of docs/links.md behind #, found #why-2. Correct the link.',
  ])
})

test('without an inventory, nothing else is said about it', async () => {
  remove(INVENTORY)
  expect(await findings()).toEqual([
    `${INVENTORY}: expected the list of what is taught, found none. Restore the file.`,
  ])
})

test.each(['*', '>=18', '>= 18.1', '^20.19.0 || >=22', '20 || >=22', '~20.19.0', '>=18 <21', 'v20.19'])(
  'Node 20.19 runs what needs %s',
  async (range) => {
    edit('package-lock.json', '^20.1.0 || >=22', range)
    expect(await findings()).toEqual([])
  },
)

test.each(['>=20.20', '^18.0.0', '<20', '^20.19.1', '~20.18.0', '>20.19', '>=16 <=20.18', 'latest'])(
  'Node 20.19 does not run what needs %s',
  async (range) => {
    edit('package-lock.json', '^20.1.0 || >=22', range)
    expect(await findings()).toHaveLength(1)
  },
)
