import { expect, test } from 'vitest'
import { calling, gradeHostile, gradeText, problemOf, told, useEngine } from './engine.ts'

/** Results that attack whoever reads them, and the plain mistakes of a program that is half written. */

useEngine()

const gradeCall = (name: string) => gradeHostile('results', calling(name))

const REJECTED: ReadonlyArray<readonly [name: string, saw: string]> = [
  ['throwingGetter', 'it rejected: Error: boom in a getter'],
  ['throwingProxy', 'it rejected: Error: boom in a trap'],
  ['deep', 'it rejected: RangeError: a value nested deeper than 16 cannot cross to the grader'],
  ['cyclic', 'it rejected: RangeError: a value that contains itself cannot cross to the grader'],
  ['detached', 'it rejected: Error: An ArrayBuffer is detached and could not be cloned.'],
  ['nonError', "it rejected: NotAnError: threw { not: 'an error' }, which is no Error"],
  ['throwingNull', 'it rejected: NotAnError: threw null, which is no Error'],
]

test.each(REJECTED)('%s() fails: %s', async (name, saw) => {
  const verdict = problemOf(await gradeCall(name))
  expect(verdict).toMatchObject({ kind: 'failed', expected: `${name}() to resolve` })
  expect(verdict.saw).toContain(saw)
})

test('a thenable that never settles is a call that never settles', async () => {
  expect(told(await gradeCall('thenable'))).toBe(
    'hung: expected thenable() to resolve; saw nothing: your program is idle and the promise still pending',
  )
})

test('an object that turns into a promise on the way holds nobody up', async () => {
  expect(told(await gradeCall('latentThenable'))).toBe('passed')
})

test('40 MB cross, and are told in a line when they should not have come', async () => {
  const verdict = await gradeHostile('results', async ({ learner }) => {
    await learner.call('huge').rejects()
  })
  expect(told(verdict)).toBe('failed: expected huge() to reject; saw it resolved with 40000000 bytes')
})

test('a result beyond the memory of a check is told as memory', async () => {
  // To make it takes CPU too, on a busy machine more than a second.
  const verdict = await gradeHostile('results', calling('enormous'), { limits: { cpuSeconds: 30 } })
  expect(told(verdict)).toContain('crashed: expected a program that goes on running; saw more than 300 MiB')
})

test('what looks like the marks of the engine crosses as the plain data that it is', async () => {
  const verdict = await gradeHostile('results', async ({ learner, expectEqual }) => {
    expectEqual(
      await learner.call('forgedMarks'),
      [
        { $workbook: 'error', error: null },
        { $workbook: 'instance', id: 7, methods: 5, data: null },
        { $workbook: 'function', id: 'none' },
        { $workbook: 'nothing' },
      ],
      'the result',
    )
  })
  expect(told(verdict)).toBe('passed')
})

test('a field named __proto__ is a field', async () => {
  const verdict = await gradeHostile('results', async ({ learner, expect: must }) => {
    const result = await learner.call<object>('dangerousNames')
    must(Object.keys(result).length === 4, 'four fields', Object.keys(result).join(' '))
    must(!('polluted' in result), 'a plain prototype', 'one that the program has made')
    await learner.call('dangerousNames').rejects()
  })
  expect(told(verdict)).toContain('dangerousNames() to reject; saw it resolved with {')
})

test('a bigint, a symbol and undefined are told without a crash of the grader', async () => {
  const verdict = await gradeHostile(
    'results',
    async ({ learner }) => void (await learner.call('bigints').rejects()),
  )
  expect(told(verdict)).toContain('saw it resolved with { value: 1000000000000000000000000000000n, symbol:')
})

test('a message of five million characters is cut', async () => {
  const { saw } = problemOf(await gradeCall('longMessage'))
  expect(saw).toContain('it rejected: Error: long xxx')
  expect(saw.length).toBeLessThan(20_000)
})

test('a stack that is costly to read is told without it', async () => {
  const { saw } = problemOf(await gradeHostile('stack-of-its-own', calling('run')))
  expect(saw).toBe('it rejected: Error: boom')
})

const TODO = "import { todo } from './kit/todo.ts'\n"
const PLAIN: ReadonlyArray<readonly [what: string, text: string, verdict: string]> = [
  [
    'todo() in a call',
    `${TODO}export const run = () => todo('run')`,
    'not-started: expected code of yours; saw run is not written yet',
  ],
  [
    'todo() in an async call',
    `${TODO}export const run = async () => todo('run')`,
    'not-started: expected code of yours; saw run is not written yet',
  ],
  [
    'todo() at import',
    `${TODO}todo('this file')`,
    'not-started: expected code of yours; saw this file is not written yet',
  ],
  [
    'an export that is missing',
    'export const walk = 1, trot = 2',
    'failed: expected a function run that your file exports; saw none; your file exports trot, walk',
  ],
  [
    'no export at all',
    'export {}',
    'failed: expected a function run that your file exports; saw none; your file exports nothing',
  ],
  [
    'an export that is no function',
    "export const run = 'text'",
    'failed: expected a function run that your file exports; saw an export run of type string',
  ],
  [
    'a class called as a function',
    'export class run {}',
    "failed: expected run() to resolve; saw it rejected: TypeError: Class constructor run cannot be invoked without 'new'",
  ],
  [
    'a promise that never settles',
    'export const run = () => new Promise(() => {})',
    'hung: expected run() to resolve; saw nothing: your program is idle and the promise still pending',
  ],
]

test.each(PLAIN)('%s is told as what it is', async (_, text, verdict) => {
  expect(told(await gradeText(text, calling('run')))).toBe(verdict)
})

test('todo() behind a wait for something else is not started, whatever is awaited', async () => {
  const verdict = await gradeText(
    `${TODO}export const run = async () => todo('run')`,
    async ({ learner, listen }) => {
      const server = await listen()
      void learner.call('run')
      await server.connection()
    },
  )
  expect(told(verdict)).toBe('not-started: expected code of yours; saw run is not written yet')
})

test('a syntax error is no verdict: the compiler says where', async () => {
  await expect(gradeText('export const run = (', calling('run'))).rejects.toMatchObject({
    code: 'E_SYNTAX',
    lines: [expect.stringMatching(/^program\.ts:1:21: /u) as string, expect.anything(), expect.anything()],
  })
})
