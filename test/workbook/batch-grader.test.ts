import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Grader } from '../../workbook/batch/grader.ts'
import { locate, placeOf } from '../../workbook/batch/locate.ts'
import { stage } from '../../workbook/batch/stage.ts'
import { root } from '../../workbook/bundle/root.ts'
import { readCourse } from '../../workbook/course/course.ts'
import type { CheckBody, CheckDefinition } from '../../workbook/grading/lab.ts'
import { runCheck } from '../../workbook/grading/run-check.ts'
import type { Verdict } from '../../workbook/grading/verdict.ts'
import { takeKept } from '../../workbook/learner/kept.ts'
import type { Limits } from '../../workbook/learner/limits.ts'
import { useEngine } from './engine.ts'
import { makeLab } from './report-fixtures.ts'

/** The two shortcuts of a batch: neither may say anything else than all the checks would. And what lies between two. */

useEngine()

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'grader-')))
afterAll(() => rmSync(folder, { recursive: true }))

const course = readCourse(root)
const [lab = makeLab()] = course.labs
const STARTER = readFileSync(path.join(root, 'labs', lab.id, '.starter'), 'utf8')
const [name = ''] = lab.exports
/** Checks that call, that wait, and that let time pass: no program here gets as far as to tell them apart. */
const BODIES: readonly CheckBody[] = [
  async ({ learner }) => void (await learner.call(name, 'http://a.example/')),
  async ({ learner }) => void (await learner.serve(name)),
  async ({ learner }) => {
    const call = learner.call(name)
    await learner.tick(1_000)
    await call
  },
]
const CHECKS: readonly CheckDefinition[] = BODIES.map((body, index) => {
  return { lab: lab.id, requirement: `R${index + 1}`, title: 'a check', body }
})

const LOADS: ReadonlyArray<
  readonly [what: string, text: string, kind: string, checksRun: number, limits: Partial<Limits> | null]
> = [
  ['ends itself at import', 'process.exit(0)\nexport {}\n', 'crashed', 1, null],
  ['throws at import', "throw new RangeError('boom')\nexport {}\n", 'crashed', 1, null],
  ['loops at import', 'for (;;);\nexport {}\n', 'hung', 1, null],
  [
    'waits at import for what never comes',
    'await new Promise(() => undefined)\nexport {}\n',
    'hung',
    1,
    null,
  ],
  [
    'fills the memory at import',
    'const all = []\nfor (;;) all.push(Buffer.alloc(1e7, 1))\nexport {}\n',
    'crashed',
    1,
    // Filling the memory takes CPU too, on a slow machine more than the bound.
    { cpuSeconds: 30 },
  ],
  ['imports what no lab may', "import 'node:fs'\nexport {}\n", 'forbidden', 4, null],
  ['fetches at import', "await fetch('http://127.0.0.1/')\nexport {}\n", 'forbidden', 4, null],
  [
    'is not started at import',
    "import { todo } from '../kit/todo.ts'\ntodo('all')\nexport {}\n",
    'not-started',
    4,
    null,
  ],
  ['is the starter', STARTER, 'not-started', 3, null],
  ['is the starter, said in other words', `// mine\n${STARTER}`, 'not-started', 3, null],
]

test.each(LOADS)(
  'a program that %s has the verdicts that each check alone would give',
  async (_, text, kind, runs, limits) => {
    const staged = stageOf(text)
    let checks = 0
    const grader = graderOf(() => checks++, limits)
    const [result] = (await grader.grade(staged)).labs
    const verdicts = (result?.requirements ?? []).flatMap((each) => each.checks.map(({ verdict }) => verdict))
    const alone = []
    const options = { seed: 1, ...(limits && { limits }) }
    for (const check of CHECKS) alone.push(await runCheck(check, subjectIn(staged.root), options))
    expect(verdicts.map(timeless)).toEqual(alone.map(timeless))
    expect(verdicts.map((verdict) => verdict.kind)).toEqual([kind, kind, kind])
    expect(checks).toBe(runs)
  },
)

test('a starter is run once, however many hand it in', async () => {
  let checks = 0
  const grader = graderOf(() => checks++)
  const [first, second] = [await grader.grade(stageOf(STARTER)), await grader.grade(stageOf(STARTER))]
  expect(checks).toBe(3)
  const kinds = (result: typeof first) =>
    result.labs.flatMap((each) => each.requirements.map((one) => one.kind))
  expect(kinds(second)).toEqual(kinds(first))
})

test('no process that has served one submission is there for the next', async () => {
  const staged = stageOf(`// mine\n${STARTER}`)
  const check = CHECKS[0] as CheckDefinition
  await runCheck(check, subjectIn(staged.root), { seed: 1 })
  const one = await takeKept(staged.root)
  expect(one).not.toBeNull()
  await one?.close()
  await graderOf(() => undefined).grade(staged)
  expect(await takeKept(staged.root)).toBeNull()
})

test('a program that does not compile is told with its place, and runs no check', async () => {
  let checks = 0
  const [result] = (await graderOf(() => checks++).grade(stageOf('export const a = (\n'))).labs
  expect(result?.problem).toMatchObject({
    code: 'E_SYNTAX',
    message: expect.stringContaining(`${lab.entry}:2:`) as string,
  })
  expect(checks).toBe(0)
})

const [other = makeLab()] = course.labs.slice(1)
const [place, otherPlace] = [placeOf(lab), placeOf(other)]

test.each([
  ['at the top', ['x.ts', lab.entry], { [lab.entry]: place, 'x.ts': place.replace(lab.entry, 'x.ts') }],
  ['in its own folder', [`${lab.id}/${lab.entry}`, 'x.ts'], { [`${lab.id}/${lab.entry}`]: place }],
  [
    'in its own folder, an older one above',
    [`${lab.id}/${lab.entry}`, `a/${lab.entry}`],
    { [`${lab.id}/${lab.entry}`]: place },
  ],
  [
    'in a handout',
    [place, otherPlace, 'labs/kit/a.ts', 'test/b.ts'],
    { [place]: place, [otherPlace]: otherPlace },
  ],
  [
    'in a wrapped handout',
    [`a/b/${place}`, `a/b/labs/shared.ts`],
    { [`a/b/${place}`]: place, 'a/b/labs/shared.ts': 'labs/shared.ts' },
  ],
  ['in a handout, older ones below', [place, `old/${place}`], { [place]: place }],
])('a lab is found %s', (_, files, expected) => {
  const { files: placed } = locate(files, [lab, other])
  expect(Object.fromEntries(placed.map(({ from, to }) => [from, to]))).toEqual(expected)
})

test.each([
  ['E_NO_SUBMISSION', []],
  ['E_NO_SUBMISSION', ['a.ts', `${lab.entry}.txt`, `my-${lab.entry}`]],
  ['E_AMBIGUOUS', [`a/${place}`, `b/${place}`]],
  ['E_AMBIGUOUS', [`a/${lab.entry}`, `b/${lab.entry}`]],
])('%s is the answer to %o', (code, files) => {
  expect(() => locate(files, [lab, other])).toThrow(expect.objectContaining({ code }) as Error)
})

const stem = lab.entry.slice(0, -3)

test.each([
  `${stem.toUpperCase()}.ts`,
  `${stem}.TS`,
  `${stem} (1).ts`,
  `${stem} - Copy.ts`,
  `Copy of ${stem}.ts`,
  `${stem}-final_v2.ts`,
  `${stem.replaceAll('-', '_')}.mts`,
  `${lab.entry}.txt`,
  `${stem}.js`,
  `labs/${lab.id}/${stem}.tsx`,
  `${stem.replaceAll('-', '')}.ts`,
])("%s is nearly the name of the lab's file, and is named", (name) => {
  const said = `${JSON.stringify(name)} is in it, and the lab's file is called ${lab.entry}`
  expect(() => locate([name], [lab, other])).toThrow(`no lab's file is in it: ${said}`)
  expect(locate([name, otherPlace], [lab, other]).nearMisses.get(lab.id)).toBe(said)
})

test.each([`my-${lab.entry}`, `${stem}.md`, `${stem}er.ts`, `labs/kit/${stem}s.ts`])(
  '%s is another file',
  (name) => {
    expect(() => locate([name], [lab, other])).toThrow("no lab's file is in it: looked for")
  },
)

// --- what the tests share ---

function graderOf(onCheck: () => void, limits: Partial<Limits> | null = null): Grader {
  const three = { ...lab, requirements: lab.requirements.slice(0, 3) }
  return new Grader({
    course,
    suites: [{ lab: three, suite: { id: lab.id, checks: CHECKS } }],
    seed: 1,
    onCheck,
    ...(limits && { limits }),
  })
}

function stageOf(text: string) {
  const [handedIn, staged] = ['in-', 'staged-'].map((prefix) => mkdtempSync(path.join(folder, prefix))) as [
    string,
    string,
  ]
  mkdirSync(path.dirname(path.join(handedIn, place)), { recursive: true })
  writeFileSync(path.join(handedIn, place), text)
  return stage(handedIn, staged, root, [lab])
}

function subjectIn(staged: string) {
  const source = { file: path.join(staged, place), roots: [path.join(staged, 'labs')] }
  return { root: staged, fixture: null, source }
}

function timeless(verdict: Verdict): object {
  return { ...verdict, milliseconds: 0 }
}
