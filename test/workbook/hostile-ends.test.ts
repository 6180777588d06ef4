import { expect, test } from 'vitest'
import type { CheckBody } from '../../workbook/grading/lab.ts'
import type { ProblemKind } from '../../workbook/grading/verdict.ts'
import type { Limits } from '../../workbook/learner/limits.ts'
import { calling, gradeHostile, problemOf, useEngine } from './engine.ts'

useEngine()

const run = calling('run')
const later: CheckBody = async ({ learner }) => {
  await learner.call('run')
  await learner.tick(10)
}
const flooded: CheckBody = async ({ learner, listen }) => {
  const { port } = await listen()
  await learner.call('run', port)
}
const calledBack = calling('run', () => 'answer')
const resets: CheckBody = async ({ learner, listen }) => {
  const server = await listen()
  void learner.call('run', server.port)
  const connection = await server.connection()
  await connection.reset()
}

/** Each ends by a bound of the watchdog's; a shorter one makes the same verdict sooner. */
const BOUNDED: ReadonlyArray<
  readonly [name: string, kind: ProblemKind, saw: string, Partial<Limits>, CheckBody]
> = [
  ['loop-at-import', 'hung', '0.3 s of CPU without letting go', { cpuSeconds: 0.3 }, run],
  ['loop-later', 'hung', '0.3 s of CPU without letting go', { cpuSeconds: 0.3 }, run],
  ['endless-microtasks', 'hung', '0.3 s of CPU without letting go', { cpuSeconds: 0.3 }, run],
  ['endless-immediates', 'hung', '0.3 s of CPU without letting go', { cpuSeconds: 0.3 }, run],
  // Filling the memory takes CPU too, on a slow machine more than the bound.
  ['heap', 'crashed', 'more than 300 MiB of memory in use', { cpuSeconds: 30 }, run],
  ['buffers', 'crashed', 'more than 300 MiB of memory in use', { cpuSeconds: 30 }, run],
  ['buffers-later', 'crashed', 'more than 300 MiB of memory in use', { cpuSeconds: 30 }, run],
  ['output-flood', 'crashed', 'more than 300 MiB of memory in use', { cpuSeconds: 30 }, run],
  ['callback-flood', 'crashed', 'more than 200 messages in one check', { messages: 200 }, calledBack],
]

const UNBOUNDED: ReadonlyArray<readonly [name: string, kind: ProblemKind, saw: string, CheckBody]> = [
  ['loop-in-call', 'hung', '1 s of CPU without letting go: a loop that never ends?', run],
  ['endless-await', 'hung', 'a top-level await that never ends: your program is idle', run],
  ['exit', 'crashed', 'the program ended itself: process.exit(0)', run],
  ['exit-at-import', 'crashed', 'the program ended itself: process.exit(0)', run],
  ['really-exit', 'crashed', 'the program ended itself: process.reallyExit(0)', run],
  ['abort', 'crashed', 'the program ended itself: process.abort()', run],
  ['throw-at-import', 'crashed', 'RangeError: boom at import', run],
  ['throw-string-at-import', 'crashed', "threw 'a string', which is no Error", run],
  ['throw-later', 'crashed', 'uncaught Error: boom in a timer', later],
  ['throw-null-later', 'crashed', 'threw null, which is no Error', run],
  ['throw-monster', 'crashed', 'uncaught Error', run],
  ['unhandled-rejection', 'crashed', 'a rejected promise that nobody handles: Error: nobody looks', run],
  ['unhandled-socket-error', 'crashed', 'uncaught Error: read ECONNRESET', resets],
  ['recursion', 'failed', 'RangeError: Maximum call stack size exceeded', run],
  ['output-flood-later', 'crashed', 'more than 1048576 bytes printed in one check', run],
  ['wire-flood', 'crashed', 'more than 64 MiB sent in one check', flooded],
  ['connection-flood', 'crashed', 'more than 2000 connections in one check', flooded],
]

test.each(BOUNDED)('%s is told as %s: %s', async (name, kind, saw, limits, body) => {
  const verdict = problemOf(await gradeHostile(name, body, { limits }))
  expect(verdict).toMatchObject({ kind, saw: expect.stringContaining(saw) as string })
})

test.each(UNBOUNDED)('%s is told as %s: %s', async (name, kind, saw, body) => {
  // To open thousands of connections takes CPU too, on a busy machine more than a second.
  const patient = name === 'connection-flood' ? { limits: { cpuSeconds: 30 } } : {}
  const verdict = problemOf(await gradeHostile(name, body, patient))
  expect(verdict).toMatchObject({ kind, saw: expect.stringContaining(saw) as string })
})

test('a place in the program stands with every error that has one', async () => {
  for (const name of ['exit', 'throw-at-import', 'throw-later', 'unhandled-rejection', 'recursion']) {
    const [frame] = problemOf(await gradeHostile(name, later)).frames
    expect(frame).toMatchObject({ file: `test/hostile/${name}.ts` })
  }
})

test('timers of no time that set themselves again do not keep a check from its end', async () => {
  const verdict = await gradeHostile('endless-timers', async ({ learner }) => {
    await learner.call('run')
    await learner.idle()
    await learner.tick(50)
    await learner.leavesNothing()
  })
  expect(verdict).toMatchObject({ kind: 'leaked', saw: expect.stringContaining('1 pending timer') as string })
})
