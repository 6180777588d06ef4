import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { BOUNDS } from '../../workbook/batch/bounds.ts'
import { Refusal } from '../../workbook/batch/refusal.ts'
import { stage } from '../../workbook/batch/stage.ts'
import { withTicksOf } from '../../workbook/batch/ticks.ts'
import { unpack } from '../../workbook/batch/unpack.ts'
import { tarGzOf, zipOf } from '../../workbook/bench/archive-writers.ts'
import { root } from '../../workbook/bundle/root.ts'
import { readCourse } from '../../workbook/course/course.ts'
import { test as inCheckout } from './checkout.ts'
import { GREETING, GREETING_LAB } from './greeting-lab.ts'
import { makeLab } from './report-fixtures.ts'
import { ENTRY, handIn, runBatch } from './submissions.ts'

/** What a submission is read for besides its programs: its own ticks, and whether it can be read at all. */

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'predictions-')))
afterAll(() => rmSync(folder, { recursive: true }))

const [lab = makeLab(), other = makeLab()] = readCourse(root).labs.filter(
  ({ predictions }) => predictions.length > 0,
)
const program = { name: `labs/${lab.id}/${lab.entry}`, bytes: 'export {}\n' }
const PAGE = readFileSync(path.join(root, 'labs', lab.id, 'predictions.md'), 'utf8')
/** The second box of each question, whatever whoever runs these tests has ticked. */
const TICKED = PAGE.replace(/\[x\]/g, '[ ]').replace(/\[ \] b\./g, '[x] b.')
const NONE = lab.predictions.map(() => '')
const ALL = lab.predictions.map(() => 'b')

describe('the boxes that count', () => {
  test.each([
    ['its own', TICKED, ALL],
    ['its own, with notes between', TICKED.replaceAll('\n## ', '\nI am not sure.\n\n## '), ALL],
    ['its own, with the line ends of Windows', TICKED.replaceAll('\n', '\r\n'), ALL],
    ['none where it has ticked none', PAGE.replace(/\[x\]/g, '[ ]'), NONE],
    ['none where it has no such file', null, NONE],
    ['none where its file is empty', '', NONE],
    ['none where its file is broken', TICKED.replace('[x] b.', '[x] q.'), NONE],
    ['none where its file is no text', Buffer.from([0xff, 0xfe, 0x00]), NONE],
    ['none where its file is too large', `${TICKED}${' '.repeat(BOUNDS.predictionBytes)}`, NONE],
    ['none where it answers other questions', TICKED.replace(/^(## P\d+ )/gm, '$1Not '), NONE],
  ])('of a submission are %s', (_, text, expected) => {
    expect(ticksIn(text === null ? {} : { 'predictions.md': text })).toEqual(expected)
  })

  test('are none where a folder is called like the file', () => {
    expect(ticksIn({ 'predictions.md/a.ts': '' })).toEqual(NONE)
  })

  test.each([
    ['a.zip', zipOf([program, { name: `labs/${lab.id}/predictions.md`, bytes: TICKED, method: 8 }])],
    ['a.tar.gz', tarGzOf([program, { name: `labs/${lab.id}/predictions.md`, bytes: TICKED }])],
  ])('are those in %s', async (name, bytes) => {
    const [handedIn, unpacked] = [makeFolder(), makeFolder()]
    writeFileSync(path.join(handedIn, name), bytes)
    await unpack(path.join(handedIn, name), unpacked)
    expect(ticksOf(stage(unpacked, makeFolder(), root, [lab]).root)).toEqual(ALL)
  })

  test('are no answers to another lab, where the files of two lie in one folder', () => {
    const handedIn = makeFolder()
    for (const [name, text] of [
      [lab.entry, 'export {}\n'],
      [other.entry, 'export {}\n'],
      ['predictions.md', TICKED],
    ] as const)
      writeFileSync(path.join(handedIn, name), text)
    const staged = stage(handedIn, makeFolder(), root, [lab, other])
    expect(ticksOf(staged.root)).toEqual(ALL)
    expect(ticksOf(staged.root, other)).toEqual(other.predictions.map(() => ''))
  })
})

describe.concurrent('a report of a batch', () => {
  inCheckout(
    'tells what the student has predicted, and never what the teacher has',
    async ({ checkout, expect: inTest }) => {
      const file = 'labs/42-greeting/predictions.md'
      const page = GREETING_LAB[file] ?? ''
      checkout.write(file, page.replace('[ ] a.', '[x] a.'))
      handIn(checkout, {
        [`alice/${ENTRY}`]: GREETING,
        [`alice/${file}`]: page.replace('[ ] b.', '[x] b.'),
        [`bob/${ENTRY}`]: GREETING,
        [`carol/${ENTRY}`]: GREETING,
        [`carol/${file}`]: page.replace('[ ] a.', '[x] z.'),
      })
      const { code } = await runBatch(checkout)
      const predicted = ['alice', 'bob', 'carol'].map((name) => {
        const report = JSON.parse(checkout.read(`in/${name}.report.json`)) as {
          labs: Array<{ predictions: Array<{ predicted: string | null }> }>
        }
        return report.labs[0]?.predictions.map((each) => each.predicted)
      })
      inTest(predicted).toEqual([['b'], [null], [null]])
      inTest(code).toBe(0)
    },
  )
})

/** Root may read everything, so other things that nobody can read stand for what we may not. */
describe('an archive that cannot be read', () => {
  test.each([
    ['ENOENT', 'gone.zip', () => undefined],
    ['EISDIR', 'a.zip', (file: string) => mkdirSync(file)],
    ['EISDIR', 'a.tar.gz', (file: string) => mkdirSync(file)],
  ])('is refused as such: %s of %s', async (code, name, make) => {
    const file = path.join(makeFolder(), name)
    make(file)
    const refusal = await unpack(file, makeFolder()).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(Refusal)
    expect(refusal).toMatchObject({ code: 'E_UNREADABLE', message: `it cannot be read (${code})` })
  })

  test('is not the same as a folder of ours that cannot be written', async () => {
    const file = path.join(makeFolder(), 'a.zip')
    writeFileSync(file, zipOf([program]))
    const fault = await unpack(file, file).catch((error: unknown) => error)
    expect(fault).not.toBeInstanceOf(Refusal)
    expect(fault).toMatchObject({ code: expect.stringMatching(/^E(?:NOTDIR|EXIST)$/) as string })
  })
})

// --- what the tests share ---

function makeFolder(): string {
  return mkdtempSync(path.join(folder, 'in-'))
}

/** The one box that is ticked at each question, of a submission with the lab's program and these files. */
function ticksIn(files: Readonly<Record<string, string | Uint8Array>>): string[] {
  const handedIn = makeFolder()
  const own = path.join(handedIn, 'labs', lab.id)
  for (const [name, content] of Object.entries({ [lab.entry]: 'export {}\n', ...files })) {
    mkdirSync(path.dirname(path.join(own, name)), { recursive: true })
    writeFileSync(path.join(own, name), content)
  }
  return ticksOf(stage(handedIn, makeFolder(), root, [lab]).root)
}

function ticksOf(staged: string, of = lab): string[] {
  return withTicksOf(staged, of).predictions.map(({ choices }) => {
    return choices
      .filter(({ ticked }) => ticked)
      .map(({ id }) => id)
      .join()
  })
}
