import { expect, test } from 'vitest'
import { gradeFile, told, times, useEngine } from './engine.ts'

/** What the grader sends in parts is read in these very parts. */

useEngine()

const PROGRAM = 'test/workbook/programs/readers.ts'

test('sendInParts() gives one read each: 20 single bytes, 20 times', async () => {
  const verdict = await gradeFile(PROGRAM, async ({ learner, connect, expectEqual }) => {
    const server = await learner.serve('serve')
    const client = await connect(server.port)
    const letters = 'abcdefghijklmnopqrst'.split('')
    for (let round = 0; round < times(20); round++) {
      await client.sendInParts(letters)
      expectEqual(await learner.call('readsSoFar'), letters, `the reads of round ${round}`)
    }
  })
  expect(told(verdict)).toBe('passed')
})

test('parts of any size up to 20 KB, cut at random places, are read as they were cut', async () => {
  const verdict = await gradeFile(PROGRAM, async ({ learner, connect, random, expectEqual }) => {
    const server = await learner.serve('serve')
    const client = await connect(server.port)
    for (let round = 0; round < times(20); round++) {
      const parts = random.split('x'.repeat(random.integer(10, 20_000)))
      await client.sendInParts(parts)
      expectEqual(await learner.call('readsSoFar'), parts.map(String), `the reads of round ${round}`)
    }
  })
  expect(told(verdict)).toBe('passed')
})

test('one send of 20 KB is one read', async () => {
  const verdict = await gradeFile(PROGRAM, async ({ learner, connect, expectEqual }) => {
    const server = await learner.serve('serve')
    const client = await connect(server.port)
    for (let round = 0; round < times(20); round++) {
      await client.send('y'.repeat(20_000))
      await learner.idle()
      expectEqual((await learner.call<string[]>('readsSoFar')).length, 1, 'reads')
    }
  })
  expect(told(verdict)).toBe('passed')
})

test('parts on two connections at once do not disturb each other', async () => {
  const verdict = await gradeFile(PROGRAM, async ({ learner, connect, expectEqual }) => {
    const server = await learner.serve('serve')
    const [left, right] = [await connect(server.port), await connect(server.port)]
    await Promise.all([left.sendInParts('abcdefghij'.split('')), right.sendInParts('ABCDEFGHIJ'.split(''))])
    const reads = await learner.call<string[]>('readsSoFar')
    expectEqual(reads.toSorted(), 'ABCDEFGHIJabcdefghij'.split(''), 'the reads')
  })
  expect(told(verdict)).toBe('passed')
})
