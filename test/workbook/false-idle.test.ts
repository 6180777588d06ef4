import { expect, test } from 'vitest'
import { gradeFile, gradeText, problemOf, told, times, useEngine } from './engine.ts'
import { atOnce, inTime } from './programs/late-answers.ts'

/** A program that will still answer is never called idle; WORKBOOK_RUNS says how often each is asked. */

useEngine()

const ROUNDS = times(20)
const PROGRAM = 'test/workbook/programs/late-answers.ts'

test.each(atOnce)('%s: the answer is there whenever the program is proven idle', async (kind) => {
  const verdict = await gradeFile(PROGRAM, async ({ learner, connect, expect: must }) => {
    learner.holdClock()
    const server = await learner.serve('serve', kind)
    const client = await connect(server.port)
    for (let round = 1; round <= ROUNDS; round++) {
      await client.send('?')
      await learner.idle()
      must(client.unread.length === 1, 'an answer', `none in round ${round} of ${ROUNDS}: falsely idle`)
      await client.take(1)
    }
  })
  expect(told(verdict)).toBe('passed')
})

test.each(inTime)('%s: the wait for the answer lets time pass', async (kind) => {
  const verdict = await gradeFile(PROGRAM, async ({ learner, connect }) => {
    const server = await learner.serve('serve', kind)
    const client = await connect(server.port)
    for (let round = 1; round <= ROUNDS; round++) {
      await client.send('?')
      await client.take(1)
    }
    await client.silent()
  })
  expect(told(verdict)).toBe('passed')
})

test('an answer larger than all buffers is not cut by the proof', async () => {
  const length = 8_000_000
  const verdict = await gradeFile(PROGRAM, async ({ learner, connect, expectEqual }) => {
    const server = await learner.serve('serveMuch', length)
    for (let round = 0; round < ROUNDS / 10; round++) {
      const client = await connect(server.port)
      await client.send('?')
      await learner.idle()
      expectEqual(client.unread.length, length, 'bytes')
      expectEqual(client.ended, 'FIN', 'the end')
    }
  })
  expect(told(verdict)).toBe('passed')
})

test.each(['node:zlib', 'node:worker_threads', 'node:fs', 'node:fs/promises', 'node:child_process'])(
  'the threads behind %s are out of reach: the import is forbidden',
  async (name) => {
    const verdict = problemOf(await gradeText(`import '${name}'`, async () => undefined))
    expect(verdict).toMatchObject({
      kind: 'forbidden',
      saw: expect.stringContaining(`import of "${name}"`) as string,
    })
  },
)

test.each([
  'CompressionStream',
  'DecompressionStream',
  'MessageChannel',
  'BroadcastChannel',
  'Response',
  'Atomics.waitAsync',
])('work that the proof cannot see is forbidden: %s', async (name) => {
  const verdict = problemOf(await gradeText(`new ${name}()`, async () => undefined))
  expect(verdict).toMatchObject({ kind: 'forbidden', saw: expect.stringContaining(`${name}: `) as string })
})
