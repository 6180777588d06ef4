import type { ChildProcess } from 'node:child_process'
import { describe } from 'vitest'
import { ended, test, type Checkout } from './checkout.ts'
import { GREETING } from './greeting-lab.ts'
import {
  ENTRY,
  environment,
  handIn,
  linesOf,
  processesOf,
  runBatch,
  scratchOf,
  SILENT,
  until,
  ZIPPED,
} from './submissions.ts'

/** A batch that is stopped goes on where it was, and earlier results are never lost. */

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const CLASS = Object.fromEntries(
  NAMES.map((name, index) => [`${name}/${ENTRY}`, index % 2 ? SILENT : GREETING]),
)
const CLASS_ROWS = NAMES.map(
  (name, index) => `${name} graded ${index % 2 ? '0 of 3 failed failed' : '3 of 3 passed passed'}`,
)
/** Two that are graded at once, and three that take a second of CPU for each check: no kill comes too late. */
const LOOPING = GREETING.replace('server.listen', 'for (;;) {}\n  server.listen')
const SLOW_CLASS = Object.fromEntries(
  ['a', 'b', 'c', 'd', 'e'].map((name, index) => [`${name}/${ENTRY}`, index < 2 ? GREETING : LOOPING]),
)
const SLOW_ROWS = [
  ...CLASS_ROWS.slice(0, 1),
  'b graded 3 of 3 passed passed',
  ...['c', 'd', 'e'].map((name) => `${name} graded 0 of 3 hung hung hung`),
]
const JOURNAL = 'in/batch.journal.jsonl'

describe.runIf(process.platform === 'linux').concurrent('a batch that is stopped', () => {
  test.for(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'by %s leaves neither process nor folder, and goes on where it was',
    async (name, { checkout, expect, signal }) => {
      handIn(checkout, SLOW_CLASS)
      checkout.unshareCache()
      const env = environment(checkout)
      const child = checkout.start('batch in --labs 42 --jobs 2', env)
      const run = ended(child)
      await says(child, /^2 done/m)
      child.kill(name)
      await run
      await until(() => processesOf(checkout).length === 0 && scratchOf(env.TMPDIR).length === 0, signal)
      const before = rowsIn(checkout)
      expect(before.length).toBeGreaterThanOrEqual(2)
      expect(before.length).toBeLessThan(SLOW_ROWS.length)

      const { batch, stderr } = await runBatch(checkout, '--resume')
      expect(linesOf(batch)).toEqual(SLOW_ROWS)
      expect(stderr).toContain(`, ${before.length} from before: `)
      expect(rowsIn(checkout).slice(0, before.length)).toEqual(before)
      expect(
        rowsIn(checkout)
          .map((row) => String(row['name']))
          .sort(),
      ).toEqual(['a', 'b', 'c', 'd', 'e'])
      expect(batch.seed).toBe(headOf(checkout)['seed'])
    },
  )
})

describe.concurrent('going on', () => {
  test('grades nothing again when all is done', async ({ checkout, expect }) => {
    handIn(checkout, CLASS)
    const first = await runBatch(checkout)
    const journal = checkout.read(JOURNAL)
    const again = await runBatch(checkout, '--resume')
    expect(again.stderr).toBe('')
    expect(again.batch).toEqual(first.batch)
    expect(checkout.read(JOURNAL)).toBe(journal)
  })

  test('grades what has been handed in anew, and only that', async ({ checkout, expect }) => {
    handIn(checkout, { ...CLASS, 'z.zip': ZIPPED })
    await runBatch(checkout)
    handIn(checkout, { [`b/${ENTRY}`]: GREETING, [`i/${ENTRY}`]: GREETING })
    checkout.remove('in/a')
    const { batch, stderr } = await runBatch(checkout, '--resume')
    expect(stderr.match(/done, .*?: \w+/g)).toEqual([
      expect.stringMatching(/: [bi]$/) as string,
      expect.stringMatching(/: [bi]$/) as string,
    ])
    expect(linesOf(batch)).toEqual([
      'b graded 3 of 3 passed passed',
      ...CLASS_ROWS.slice(2),
      'i graded 3 of 3 passed passed',
      'z.zip graded 3 of 3 passed passed',
    ])
  })

  test('cuts off a row that was not written to its end', async ({ checkout, expect }) => {
    handIn(checkout, CLASS)
    await runBatch(checkout)
    const lines = checkout.read(JOURNAL).split('\n')
    checkout.write(JOURNAL, `${lines.slice(0, 4).join('\n')}\n${lines[4]?.slice(0, 40)}`)
    const { batch, stderr } = await runBatch(checkout, '--resume')
    expect(linesOf(batch)).toEqual(CLASS_ROWS)
    expect(stderr).toContain('1 done, 4 left, 3 from before: ')
    expect(
      checkout
        .read(JOURNAL)
        .trimEnd()
        .split('\n')
        .every((line) => JSON.parse(line) !== null),
    ).toBe(true)
  })

  test.for([
    ['a fault of the workbook’s', { state: 'fault', cause: { code: 'E_GRADER', message: 'it ended' } }],
    ['what could not be read', { state: 'refused', cause: { code: 'E_UNREADABLE', message: 'EACCES' } }],
  ] as const)('tries %s once more, and nothing else', async ([, was], { checkout, expect }) => {
    handIn(checkout, { [`a/${ENTRY}`]: GREETING, [`b/${ENTRY}`]: SILENT })
    await runBatch(checkout)
    const row = { ...rowsIn(checkout).find(({ name }) => name === 'a'), ...was }
    checkout.write(
      JOURNAL,
      checkout.read(JOURNAL).replace(/^\{"name":"a".*$/m, () => JSON.stringify(row)),
    )
    const { batch, code, stderr } = await runBatch(checkout, '--resume')
    expect(linesOf(batch)).toEqual(CLASS_ROWS.slice(0, 2))
    expect(stderr.match(/^.* from before: \w+/gm)).toEqual(['1 done, 0 left, 1 from before: a'])
    expect(code).toBe(0)
    expect(rowsIn(checkout)).toHaveLength(3)
    expect((await runBatch(checkout, '--resume')).stderr).toBe('')
  })
})

const CHANGES: ReadonlyArray<
  readonly [what: string, says: string, args: string, change: (checkout: Checkout) => void]
> = [
  [
    'another version of the course',
    'They are of course 0.1.0, and this is 0.2.0.',
    '--resume',
    (checkout) => checkout.write('package.json', checkout.read('package.json').replace('"0.1.0"', '"0.2.0"')),
  ],
  [
    'a suite that has changed',
    'The suites, the pages or the kit have changed since.',
    '--resume',
    (checkout) =>
      checkout.write(
        'test/labs/42-greeting/suite.test.ts',
        `${checkout.read('test/labs/42-greeting/suite.test.ts')}\n`,
      ),
  ],
  [
    'a journal that cannot be read',
    'Their journal cannot be read.',
    '--resume',
    (checkout) => checkout.write(JOURNAL, `{"format":2}\n`),
  ],
  ['another seed', 'They were drawn from seed 7, and not from 8.', '--resume --seed 8', () => undefined],
  ['a beginning from new', 'The earlier results are kept in', '', () => undefined],
]

describe.concurrent('earlier results', () => {
  test.for(CHANGES)('are kept and told: %s', async ([, says, args, change], { checkout, expect }) => {
    handIn(checkout, { [`b/${ENTRY}`]: SILENT })
    await runBatch(checkout, '--seed 7')
    change(checkout)
    const files = ['batch.journal.jsonl', 'b.report.html', 'b.report.json', 'b.report.txt']
    const before = files.map((name) => checkout.read(`in/${name}`))
    const { batch, stdout } = await runBatch(checkout, args)
    expect(stdout.replace(/\n\s+/g, ' ')).toContain(says)
    const [kept = '', ...others] = checkout.names('in').filter((name) => name.startsWith('earlier-results-'))
    expect(others).toEqual([])
    expect(stdout.replace(/\s+/g, '')).toContain(kept)
    expect(files.map((name) => checkout.read(`in/${kept}/${name}`))).toEqual(before)
    expect(linesOf(batch)).toEqual(['b graded 0 of 3 failed failed'])
    expect(headOf(checkout)['course']).toBe(batch.course)
  })
})

// --- what the tests share ---

function rowsIn(checkout: Checkout): Array<Record<string, unknown>> {
  return checkout
    .read(JOURNAL)
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

function headOf(checkout: Checkout): Record<string, unknown> {
  return JSON.parse(checkout.read(JOURNAL).split('\n')[0] ?? '') as Record<string, unknown>
}

/** Waits until the process has said it on stderr. */
function says(child: ChildProcess, words: RegExp): Promise<void> {
  let heard = ''
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (text: string) => {
      heard += text
      if (words.test(heard)) resolve()
    })
    child.once('close', () => reject(new Error(`it never said ${String(words)}: ${heard}`)))
  })
}
