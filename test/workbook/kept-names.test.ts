import { beforeEach, expect, test } from 'vitest'
import { dismissKept } from '../../workbook/learner/kept.ts'
import { gradeAndAsk, told, useEngine } from './engine.ts'

/** Node makes some names when they are first used. A process in which a program has used them is as good as new. */

useEngine()
beforeEach(dismissKept)

const PROGRAM = `import buffer from 'node:buffer'
export const use = () => [new AbortController().signal.aborted, new buffer.Blob([]).size, new TextEncoder().encoding].length
`

test('a process serves the next check after one whose program used them', async () => {
  const first = await gradeAndAsk(PROGRAM, async ({ learner, expectEqual }) =>
    expectEqual(await learner.call('use'), 3, 'names'),
  )
  expect(told(first.verdict)).toBe('passed')
  expect((await gradeAndAsk('')).pid).toBe(first.pid)
})
