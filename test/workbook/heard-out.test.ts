import { expect, test } from 'vitest'
import type { CheckBody } from '../../workbook/grading/lab.ts'
import { gradeText, times, told, useEngine } from './engine.ts'

/**
 * What a program does shows on the wire, and what it is convicted of comes by another line. The two have no common
 * order: a check may have failed by the wire before the line is read. The line counts, if it was spoken first.
 */

useEngine()

/** Fails with the call on its way: nothing can have been heard of it. */
const FAILING: CheckBody = async (check) => {
  void check.learner.call('act')
  check.expect(false, 'nothing', 'a failure on the wire')
}

const FAILED = 'failed: expected nothing; saw a failure on the wire'

/** What the call does → the verdict. */
const ACTS: ReadonlyArray<readonly [what: string, act: string, verdict: string]> = [
  ['nothing', '', FAILED],
  [
    'to leave the lab',
    "net.connect(80, '192.0.2.10').on('error', () => undefined)",
    'forbidden: expected a program that stays in the lab; saw connect to 192.0.2.10 port 80: left the lab',
  ],
  [
    'an uncaught error',
    "queueMicrotask(() => { throw new Error('too much') })",
    'crashed: expected a program that goes on running; saw uncaught Error: too much',
  ],
  [
    'an exit',
    'process.exit(3)',
    'crashed: expected a program that goes on running; saw the program ended itself: process.exit(3)',
  ],
  ['a loop', 'for (;;);', FAILED],
]

test.each(ACTS)('a check fails beside %s: the program is heard out', async (_, act, verdict) => {
  const program = `import net from 'node:net'\nexport const act = (): void => { void net; ${act} }\n`
  expect(told(await gradeText(program, FAILING))).toBe(verdict)
})

test('an error of the check itself stays one, whatever the program does', async () => {
  const verdict = await gradeText('export const act = (): void => process.exit(3)\n', async ({ learner }) => {
    void learner.call('act')
    throw new Error('a mistake of ours')
  })
  expect(told(verdict)).toBe('grader-error: expected a check that works; saw a mistake of ours')
})

test('what a program printed right before a failure is in the report', async () => {
  for (let run = 0; run < times(50); run++) {
    const { wire } = await gradeText("export const act = (): void => console.log('here')\n", FAILING)
    expect(wire.flatMap((event) => (event.kind === 'printed' ? [event.text] : []))).toEqual(['here'])
  }
})
