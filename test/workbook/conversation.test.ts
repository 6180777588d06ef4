import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../../workbook/bundle/root.ts'
import { shorten, type Conversations } from '../../workbook/grading/conversation.ts'
import { runCheck, type RunOptions } from '../../workbook/grading/run-check.ts'
import type { Verdict } from '../../workbook/grading/verdict.ts'
import { problemOf, told, useEngine } from './engine.ts'

/** Conversations: all scripts are played, what fails is shortened, and the broken promise is blamed. */

useEngine()

/** `say` is a number that the program adds up; it must never answer more than it was told. */
type Step = { readonly say: number } | { readonly ask: true }

const ADDER = `let sum = 0
export function add(n: number): void { sum += n }
export function total(): number { return sum }
export function reset(): void { sum = 0 }
`

const CONVERSATIONS: Conversations<Step> = {
  scripts: {
    'nothing said': [{ ask: true }],
    'one and one': [{ say: 1 }, { say: 1 }, { ask: true }],
    'a long talk': [
      { say: 5 },
      { ask: true },
      { say: 7 },
      { say: 0 },
      { ask: true },
      { say: 9 },
      { ask: true },
    ],
  },
  drawn: 3,
  draw: (random) => [{ say: random.integer(1, 9) }, { ask: true }],
  async play({ learner, blame, expectEqual }, steps) {
    let sum = 0
    await learner.call('reset')
    for (const step of steps) {
      if ('say' in step) {
        sum += step.say
        await learner.call('add', step.say)
      } else await blame('R2', async () => expectEqual(await learner.call('total'), sum, 'the sum'))
    }
  },
}

function grade(
  text: string,
  conversations: Conversations<Step>,
  options: Partial<RunOptions> = {},
): Promise<Verdict> {
  const labs = path.join(root, 'labs')
  const source = { file: path.join(labs, 'program.ts'), text, roots: [labs] }
  const body = async (): Promise<void> => undefined
  const check = { lab: '00-test', requirement: 'R1', title: 'conversations', body, conversations }
  return runCheck(check, { root, fixture: null, source }, { seed: 3, ...options })
}

const names = (verdict: Verdict): string[] => verdict.steps.filter((step) => !step.startsWith('called'))

describe('a program that keeps its promises', () => {
  test('plays every script, and what is drawn behind them, in one program', async () => {
    const verdict = await grade(ADDER, CONVERSATIONS)
    expect(told(verdict)).toBe('passed')
    const drawn = Array.from({ length: 3 }, () => 'a drawn conversation')
    expect(names(verdict)).toEqual(['nothing said', 'one and one', 'a long talk', ...drawn])
  })

  test('each alone, where the check says so: what the program keeps is gone', async () => {
    const text = `${ADDER}let calls = 0\n`.replace('{ sum = 0 }', '{ sum = 0; if (++calls > 1) sum = 1 }')
    expect(told(await grade(text, { ...CONVERSATIONS, alone: true }))).toBe('passed')
    expect(told(await grade(text, CONVERSATIONS))).toContain('expected the sum: 2; saw 3')
  })
})

test('a function that one conversation passes is not called for that of another', async () => {
  const heard: string[] = []
  const verdict = await grade(
    'export function say(hear: (word: string) => void, word: string): void { hear(word) }',
    {
      scripts: { first: [{ say: 1 }], second: [{ say: 2 }] },
      async play({ learner }, steps) {
        const [step] = steps
        const number = step && 'say' in step ? step.say : 0
        await learner.call('say', (word: string) => void heard.push(`${number} ${word}`), `word ${number}`)
        await learner.idle()
      },
    },
  )
  expect(told(verdict)).toBe('passed')
  expect(heard).toEqual(['1 word 1', '2 word 2'])
})

describe('a program that breaks one', () => {
  const loses = ADDER.replace('sum += n', 'sum += n === 7 ? 0 : n')

  test('is told the shortest conversation that shows it, and the requirement that broke', async () => {
    const problem = problemOf(await grade(loses, CONVERSATIONS))
    expect(told(problem)).toBe('failed: expected the sum: 7; saw 0')
    expect(problem.blames).toBe('R2')
    expect(names(problem)).toEqual(['a long talk'])
    expect(problem.steps.filter((step) => step.startsWith('called add'))).toHaveLength(1)
  })

  test('and which others pass, and which do not: where the mistake begins and ends', async () => {
    const scripts = {
      five: [{ say: 5 }, { ask: true }],
      seven: [{ say: 7 }, { ask: true }],
      nine: [{ say: 9 }, { ask: true }],
      'seven again': [{ say: 1 }, { say: 7 }, { ask: true }],
    } as const
    const problem = problemOf(await grade(loses, { ...CONVERSATIONS, scripts }))
    expect(problem.beside).toEqual({ told: 'seven', passed: ['five', 'nine'], failed: ['seven again'] })
    const alone = problemOf(await grade(loses, { ...CONVERSATIONS, scripts, alone: true }))
    expect(alone.beside).toEqual(problem.beside)
    expect(problemOf(await grade(loses, { ...CONVERSATIONS, scripts }, { hasty: true })).beside).toBe(
      undefined,
    )
  })

  test('or the whole of it, where nobody is to read it', async () => {
    const problem = problemOf(await grade(loses, CONVERSATIONS, { whole: true }))
    expect(told(problem)).toBe('failed: expected the sum: 12; saw 5')
    expect(problem.conversation).toBe(2)
  })

  test('by what it keeps from one conversation to the next: told as it was played', async () => {
    const problem = problemOf(await grade(ADDER.replace('{ sum = 0 }', '{}'), CONVERSATIONS))
    expect(told(problem)).toBe('failed: expected the sum: 5; saw 7')
    expect(names(problem)).toEqual(['nothing said', 'one and one', 'a long talk'])
  })

  test('by a crash: its cause is told, shortened too', async () => {
    const crashes = ADDER.replace(
      'sum += n',
      "sum += n; if (n === 9) queueMicrotask(() => { throw new Error('nine') })",
    )
    const problem = problemOf(await grade(crashes, CONVERSATIONS))
    expect(told(problem)).toContain('crashed')
    expect(problem.steps.filter((step) => step.startsWith('called add'))).toHaveLength(1)
  })

  test('by what a call-back of the check finds: the program does not die of it, and hears nothing', async () => {
    const verdict = await grade(
      'export function say(hear: (word: string) => unknown): void { void hear("lantern") }',
      {
        scripts: { one: [{ say: 1 }] },
        async play({ learner, expectEqual }) {
          await learner.call('say', (word: string) => expectEqual(word, 'light', 'the word'))
          await learner.idle()
        },
      },
    )
    expect(told(verdict)).toBe('failed: expected the word: "light"; saw "lantern"')
  })

  test('by not being written yet: one sentence, and nothing is shortened', async () => {
    const text = "import { todo } from './kit/todo.ts'\nexport function reset(): void { todo('reset') }\n"
    expect((await grade(text, CONVERSATIONS)).kind).toBe('not-started')
  })
})

describe('shortening', () => {
  const conversation = (steps: readonly number[]) => ({ name: 'numbers', steps, seed: '' })

  test.each([
    ['one step', [1, 2, 3, 4, 5, 6, 7], (steps: readonly unknown[]) => steps.includes(5), [5]],
    [
      'two steps far apart',
      [1, 2, 3, 4, 5, 6, 7],
      (steps: readonly unknown[]) => steps.includes(1) && steps.includes(7),
      [1, 7],
    ],
    ['nothing that can be left out', [1, 2], (steps: readonly unknown[]) => steps.length === 2, [1, 2]],
    ['nothing needed', [1, 2, 3], () => true, []],
  ])('finds %s', async (_what, steps, fails, left) => {
    const shortest = await shorten(conversation(steps), async (shorter) => fails(shorter.steps))
    expect(shortest.steps).toEqual(left)
  })
})
