import { describe, expect, test } from 'vitest'
import { INVARIANTS } from '../../workbook/invariants/all.ts'
import { readReadable } from '../../workbook/invariants/read-course.ts'
import { goodCourse } from './good-course.ts'

/** A tiny good course has no finding; each way to spoil it has exactly its own. */

const course = goodCourse()
const { write, edit, remove, findings } = course

const LAB = 'labs/42-greeting'
const README = `${LAB}/README.md`
const ENTRY = `${LAB}/greeting.ts`
const STARTER = `${LAB}/.starter`
const SOLUTION = 'solutions/42-greeting/greeting.ts'
const SUITE = 'test/labs/42-greeting/suite.test.ts'
const HANGS_UP = 'test/labs/42-greeting/wrong/hangs-up.patch'

function editStarter(from: string, to: string): void {
  edit(ENTRY, from, to)
  edit(STARTER, from, to)
}

/** What is done to the course, and the one finding that it gives. */
type Case = readonly [claim: string, spoil: () => void, finding: string]

test('the lab that CONTRIBUTING.md builds holds all of it', async () => {
  expect(await findings()).toEqual([])
})

test('a backup that reset has made is no stray', async () => {
  write(`${LAB}/.backup/2026-01-01-greeting.ts`, '// #region mine')
  expect(await findings()).toEqual([])
})

test('the items that nothing teaches are counted, and are no findings', () => {
  const { course: readable } = readReadable(course.path)
  expect(INVARIANTS.flatMap((invariant) => invariant.note?.(readable) ?? [])).toEqual([
    '1 of 3 items open',
    '0 figures',
  ])
})

test('what is wrong in one lab hides nothing of the others', async () => {
  write('labs/43-broken/README.md', 'no front matter')
  write('solutions/43-broken/x.ts', '')
  edit(README, '- **R1** Look at', '- **R2** Look at')
  expect(await findings()).toEqual([
    expect.stringContaining('labs/43-broken/README.md:1: expected front matter'),
    expect.stringContaining('expected 2 or 3 hints for R1, found 1'),
  ])
})

const LABS: readonly Case[] = [
  [
    'a malformed page',
    () => edit(README, 'minutes: 30', 'minutes: some'),
    `${README}:8: expected a whole number above 0 for \`minutes\`, found "some". Write it like this: minutes: 60`,
  ],
  [
    'a page that needs a lab which is not there',
    () => edit(README, 'needs: []', "needs: ['07']"),
    `${README}:7: expected a lab before 42 for \`needs\`, found "07", which no lab has. Correct the number, or remove it.`,
  ],
  [
    'a file in a lab that no page speaks of',
    () => write(`${LAB}/notes.txt`, 'mine'),
    `${LAB}/notes.txt: expected only README.md, greeting.ts, .starter, predictions.md, found a stray file. Remove it, or move it out of labs/.`,
  ],
  [
    'something in labs/ that is no lab',
    () => write('labs/notes.txt', 'mine'),
    'labs/notes.txt: expected only folders such as 01-my-lab, kit, and tsconfig.json, found something else. Remove it, or move it out of labs/.',
  ],
  ['a lab without its file', () => remove(ENTRY), `${ENTRY}: expected this file, found none. Write it.`],
  [
    'a lab without the copy of its starter',
    () => remove(STARTER),
    `${STARTER}: expected this file, found none. cp ${ENTRY} ${STARTER}`,
  ],
  [
    'a lab without a solution',
    () => remove(SOLUTION),
    `${SOLUTION}: expected what belongs to ${LAB}, found none. Write it, or remove the lab.`,
  ],
  [
    'a lab without a suite',
    () => remove(SUITE),
    `${SUITE}: expected what belongs to ${LAB}, found none. Write it, or remove the lab.`,
  ],
  [
    'a solution without a lab',
    () => write('solutions/43-gone/x.ts', ''),
    'solutions/43-gone: expected the name of a lab, found a name that no lab has. Rename it after its lab, or remove it.',
  ],
  [
    'a suite without a lab',
    () => write('test/labs/43-gone/suite.test.ts', ''),
    'test/labs/43-gone: expected the name of a lab, found a name that no lab has. Rename it after its lab, or remove it.',
  ],
  [
    'something among the right programs in another style that is none',
    () => write('test/labs/42-greeting/right/notes.txt', ''),
    'test/labs/42-greeting/right/notes.txt: expected only files that are each a right program in another style: NAME.ts, or NAME.patch, found a stray file. Rename or remove it.',
  ],
  [
    'a solution in two files',
    () => write('solutions/42-greeting/more.ts', ''),
    'solutions/42-greeting/more.ts: expected only greeting.ts, and what it imports, found a stray file. Remove it, or import it: a solution is the file that its lab has, and what that imports.',
  ],
  [
    'something among the wrong programs that is none',
    () => write('test/labs/42-greeting/wrong/notes.txt', ''),
    'test/labs/42-greeting/wrong/notes.txt: expected only files that are each a wrong program: NAME.patch, or NAME.ts, found a stray file. Rename or remove it.',
  ],
]

const PROGRAMS: readonly Case[] = [
  [
    'a solution that exports something else',
    () => edit(SOLUTION, 'serveGreeting', 'serveHello'),
    `${SOLUTION}: expected the exports that ${README} names: serveGreeting, found serveHello. Correct the file, or \`exports\` in the page.`,
  ],
  [
    'a starter that does not parse',
    () => editStarter("return todo('serveGreeting')", "return todo('serveGreeting'"),
    `${STARTER}: expected the exports that ${README} names: serveGreeting, found a syntax error. npx tsc -p . shows the place.`,
  ],
  [
    'a starter that somebody has worked in',
    () => edit(ENTRY, '  // TODO(R2)', '  socket.end()\n  // TODO(R2)'),
    `${ENTRY}:16: expected the same bytes as ${STARTER}, found others. If the starter was meant to change: cp ${ENTRY} ${STARTER}\n` +
      'If it is your own work: npm run reset -- 42',
  ],
  [
    'a starter that says nothing about a requirement',
    () => editStarter('TODO(R2)', 'And'),
    `${STARTER}: expected TODO(R2), found none. Correct the starter, and copy it: CONTRIBUTING.md, "The starter, and its copy".`,
  ],
  [
    'a starter that speaks of a requirement which is not there',
    () => editStarter('// TODO(R2)', '// TODO(R7): more.\n  // TODO(R2)'),
    `${STARTER}:16: expected TODO of R1, R2, found TODO(R7). Correct the starter, and copy it: CONTRIBUTING.md, "The starter, and its copy".`,
  ],
  [
    'a starter that would count as a failure',
    () => editStarter("return todo('serveGreeting')", "throw new Error('later')"),
    `${STARTER}: expected todo('serveGreeting'), found none. Call it where the export has nothing to give yet.`,
  ],
  [
    'a requirement that no check looks at',
    () => {
      edit(SUITE, "check('R2'", "check('R1'")
      edit(SUITE, "converse('R2'", "converse('R1'")
    },
    `${SUITE}: expected check('R2', …), for line 21 of ${README}, found none. Write a check for it.`,
  ],
  [
    'a check of a requirement which is not there',
    () => edit(SUITE, "  check('R2'", "  check('R3', 'more', async () => {})\n  check('R2'"),
    `${SUITE}:12: expected a check of R1, R2, found check('R3'). Correct the id.`,
  ],
  [
    'a suite of another lab',
    () => edit(SUITE, "lab('42-greeting'", "lab('42-hello'"),
    `${SUITE}:4: expected lab('42-greeting', …), found lab('42-hello'). A suite defines the lab whose name it has.`,
  ],
  [
    'a requirement that no wrong program fails',
    () => remove(HANGS_UP),
    'test/labs/42-greeting/wrong: expected a wrong program with "fails: R2", found none. Write a plausible mistake that a check of R2 catches.',
  ],
  [
    'a wrong program that names a requirement which is not there',
    () => edit(HANGS_UP, 'fails: R2', 'fails: R2\nalso: R4'),
    `${HANGS_UP}:2: expected ids of R1, R2, the lowest first, found R2 R4. Correct the line.`,
  ],
]

describe.each([
  ['the labs', LABS],
  ['their programs', PROGRAMS],
])('in %s', (_, cases) => {
  test.each(cases)('%s is found', async (_claim, spoil, finding) => {
    spoil()
    expect(await findings()).toEqual([finding])
  })
})

test('checks out of order, and the id that is missing for it, are found', async () => {
  edit(SUITE, "check('R1'", "check('R9'")
  edit(SUITE, "check('R2'", "check('R1'")
  edit(SUITE, "check('R9'", "check('R2'")
  expect(await findings()).toEqual([
    `${SUITE}:12: expected the checks of R1 before those of R2, found R1 after R2. List the checks in the order of the requirements.`,
  ])
})

test('a wrong program without its first lines is found, and counts for nothing', async () => {
  edit(HANGS_UP, 'fails: R2', 'fails R2')
  expect(await findings()).toEqual([
    `${HANGS_UP}:3: expected "fails: R2", found nothing. ` +
      'Correct the line: CONTRIBUTING.md, "The wrong programs", tells its form.',
    expect.stringContaining('expected a wrong program with "fails: R2", found none'),
  ])
})
