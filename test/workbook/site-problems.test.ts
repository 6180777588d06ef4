import { expect, test } from 'vitest'
import { siteCourse } from './site-course.ts'

/** What stops the build: file, line, what was expected, what was found, what to do. */

const site = siteCourse()
const FIRST = 'docs/1-greetings.md'
const SECOND = 'docs/2-closing.md'
const KINDS = 'PREDICT, TRY, THEN-AND-NOW, WILD, NOTE'

const edit = (file: string, from: string, to: string) => (): void => site.course.edit(file, from, to)
const append = (text: string) => (): void =>
  site.course.edit(SECOND, '## Half-close\n', `${text}\n\n## Half-close\n`)

test.each([
  [
    'a broken record of a figure',
    () => site.course.write('docs/figures/hello.json', '{ "format": 2 }'),
    /^E_COURSE_FIGURE docs\/figures\/hello\.json:1: expected .*, found .*/,
  ],
  [
    'a figure without a record',
    edit(FIRST, 'hello.svg', 'goodbye.svg'),
    `E_COURSE_FIGURE ${FIRST}:24: expected the record of a figure, found docs/figures/goodbye.json, which does not exist. Correct the name, or record the figure: npm run figures`,
  ],
  [
    'a figure without words',
    edit(FIRST, '![Client and server greet each other]', '![]'),
    `E_COURSE_FIGURE ${FIRST}:24: expected alternative text, found an image without words: "figures/hello.svg". Say in the brackets what happens in the figure.`,
  ],
  [
    'a figure in the middle of a sentence',
    edit(FIRST, 'figures/hello.svg)', 'figures/hello.svg) there'),
    `E_COURSE_FIGURE ${FIRST}:24: expected a figure alone in its paragraph: ![What happens](figures/NAME.svg), found "![Client and server greet each other](figures/hello.svg) th…". Figures are drawn from docs/figures/NAME.json; give it a paragraph of its own.`,
  ],
  [
    'a box of an unknown kind',
    edit(FIRST, '[!PREDICT]', '[!PREDCIT]'),
    `E_COURSE_BOX ${FIRST}:14: expected a box of one of the kinds ${KINDS}, found "[!PREDCIT]". Write [!PREDICT], or take the mark away.`,
  ],
  [
    'a box in a box in a box',
    edit(SECOND, '> > In a box.', '> > > [!NOTE]\n> > >\n> > > Deep.'),
    `E_COURSE_BOX ${SECOND}:19: expected a box in at most one other box, found "[!NOTE]" in two. Move the innermost box out of the others.`,
  ],
  [
    'a box of then and now without its sources',
    edit(FIRST, '> | --- | --- | --- |', '> | --- | --- |'),
    `E_COURSE_BOX ${FIRST}:41: expected a table | often taught | what holds today | source | in the box, found no table. Give each row the section that says what holds today.`,
  ],
  [
    'an anchor that stands twice',
    append('<a id="half-close"></a>'),
    `E_COURSE_ANCHOR ${SECOND}:11: expected each anchor of a page once, found #half-close again, after line 13. Rename one of the two, and the links to it.`,
  ],
  [
    'a link to no file',
    append('See [this](3-opening.md).'),
    `E_COURSE_LINK ${SECOND}:11: expected a link to something that exists, found 3-opening.md. Correct the link.`,
  ],
  [
    'a link to no heading, in another page',
    append('See\n[this](1-greetings.md#goodbyes).'),
    `E_COURSE_LINK ${SECOND}:12: expected a heading of ${FIRST} behind #, found 1-greetings.md#goodbyes. Correct the link.`,
  ],
  [
    'a link to no heading of its own page',
    append('See [this](#goodbyes).'),
    `E_COURSE_LINK ${SECOND}:11: expected a heading of ${SECOND} behind #, found #goodbyes. Correct the link.`,
  ],
  [
    'a link out of the course',
    append('See [this](../../notes.md).'),
    `E_COURSE_LINK ${SECOND}:11: expected a link inside the course, found ../../notes.md. Correct the link.`,
  ],
  [
    'a relative address in HTML',
    append('<a href="1-greetings.md">this</a>'),
    `E_COURSE_LINK ${SECOND}:11: expected no relative address in raw HTML, found "1-greetings.md". Write it in Markdown: [words](page.md), ![alt text](figures/NAME.svg)`,
  ],
  [
    'code from a file that is not there',
    edit(FIRST, 'hello.ts#greet', 'goodbye.ts#greet'),
    `E_COURSE_CODE ${FIRST}:34: expected code from a file, found docs/demos/goodbye.ts, which does not exist. Correct the name.`,
  ],
  [
    'code from a region that is not there',
    edit(FIRST, 'hello.ts#greet', 'hello.ts#gret'),
    `E_COURSE_CODE ${FIRST}:34: expected a region of docs/demos/hello.ts, found "#gret". The file has: greet.`,
  ],
  [
    'code that has drifted from its file',
    edit('docs/demos/hello.ts', 'there', 'world'),
    `E_COURSE_CODE ${FIRST}:34: expected the code of docs/demos/hello.ts#greet, word for word, found other code. npm run docs:sync`,
  ],
  [
    'code of a solution',
    edit(FIRST, 'docs/demos/hello.ts#greet', 'solutions/42-greeting/greeting.ts#greet'),
    `E_COURSE_CODE ${FIRST}:34: expected code from docs/demos/ or labs/kit/, found solutions/42-greeting/greeting.ts. Quote another file, or move the code there.`,
  ],
  [
    'TypeScript in a chapter that no file holds',
    append('```ts\nconst untested = true\n```'),
    `E_COURSE_CODE ${SECOND}:11: expected TypeScript that is quoted from a tested file, found code without a source. Write \`\`\`ts docs/demos/NAME.ts#REGION, then npm run docs:sync`,
  ],
  [
    'a line that a page has no room for',
    append(`\`\`\`text\n${'x'.repeat(93)}\n\`\`\``),
    `E_COURSE_CODE ${SECOND}:11: expected lines of at most 92 columns, found 93 columns. Break the longest line.`,
  ],
  [
    'a line of Korean that a box has no room for',
    append(`> \`\`\`text\n> ${'연'.repeat(44)}\n> \`\`\``),
    `E_COURSE_CODE ${SECOND}:11: expected lines of at most 86 columns, found 88 columns. Break the longest line.`,
  ],
  [
    'code in an unknown language',
    append('```htpp\nGET / HTTP/1.1\n```'),
    `E_COURSE_CODE ${SECOND}:11: expected a language of ts, js, json, http, sh, yaml, css, md, diff, text, found "htpp". Write http, for example.`,
  ],
  [
    'a page without a heading of the first level',
    edit(SECOND, '# Closing\n', 'Closing\n'),
    `E_COURSE_PAGE ${SECOND}:1: expected one heading of the first level, found none. Begin the text with a line: # The title`,
  ],
  [
    'a page with two of them',
    append('# Closing, again'),
    `E_COURSE_PAGE ${SECOND}:11: expected one heading of the first level, found a second one. Make it a heading of the second level: ##.`,
  ],
  [
    'a key of the front matter that nobody knows',
    edit(SECOND, 'covers:', 'cover:'),
    `E_COURSE_FRONT_MATTER ${SECOND}:3: expected one of the keys title, covers, rfc, found \`cover\`. Correct the key, or remove the line.`,
  ],
  [
    'a chapter without front matter',
    edit(SECOND, "---\ntitle: Closing\ncovers: ['7.15']\nrfc: ['RFC 9293 §3.6']\n---\n\n", ''),
    `E_COURSE_FRONT_MATTER ${SECOND}:1: expected front matter that begins with \`---\`, found "# Closing". Begin the page with this line.`,
  ],
  [
    'an RFC of yesterday',
    edit(SECOND, 'RFC 9293 §3.6', 'RFC 793 §3.5'),
    `E_COURSE_RFC ${SECOND}:4: expected a current RFC for \`rfc\`, found RFC 793, which is no longer current. Cite RFC 9293 instead.`,
  ],
  [
    'a page of all rows that lacks one',
    edit('docs/then-and-now.md', '| The client', '| Somebody'),
    'E_COURSE_THEN_AND_NOW docs/then-and-now.md:3: expected the rows of all chapters and labs, found other rows. npm run docs:sync',
  ],
  [
    'a lab whose README cannot be read',
    edit('labs/42-greeting/README.md', 'minutes: 30', 'minutes: many'),
    /^E_COURSE_FRONT_MATTER labs\/42-greeting\/README\.md:\d+: expected a whole number above 0 for `minutes`/,
  ],
])('%s', async (_, spoil, said) => {
  spoil()
  const matching: unknown = expect.stringMatching(said)
  expect(await site.problems()).toEqual([typeof said === 'string' ? said : matching])
})

test('all problems of all pages are told at once, by file and line', async () => {
  append('See [this](nowhere.md).\n\n> [!BOX]')()
  edit(FIRST, '../labs/42-greeting/README.md#r2', '../labs/42-greeting/README.md#r9')()
  expect((await site.problems()).map((said) => said.split(': ')[0])).toEqual([
    `E_COURSE_LINK ${FIRST}:9`,
    `E_COURSE_LINK ${SECOND}:11`,
    `E_COURSE_BOX ${SECOND}:13`,
  ])
})
