import { describe, expect, test } from 'vitest'
import { quantile, shareOfBound, spreadOf } from '../../workbook/bench/figures.ts'
import { findingOf, runPhase, type Finding } from '../../workbook/bench/phase.ts'
import type { FlakePlan } from '../../workbook/bench/plan.ts'
import type { Known } from '../../workbook/bench/rotation.ts'
import { progressOn } from '../../workbook/bench/progress.ts'
import { findingLines, tallyLine } from '../../workbook/bench/words.ts'
import { readPlan } from '../../workbook/cli/bench.ts'
import { UsageError } from '../../workbook/cli/usage-error.ts'
import type { CheckOutcome } from '../../workbook/grading/judge.ts'
import { checksInTurn, firstDisagreements, isCaught } from '../../workbook/grading/known.ts'
import type { CheckDefinition } from '../../workbook/grading/lab.ts'
import type { VerdictKind } from '../../workbook/grading/verdict.ts'

describe('figures', () => {
  test('a median lies in the middle, or between the two in the middle', () => {
    expect(spreadOf([30, 10, 20])).toEqual({ median: 20, min: 10, max: 30 })
    expect(spreadOf([40, 10, 20, 30]).median).toBe(25)
  })

  test('a quantile lies between its neighbours in proportion', () => {
    const hundred = Array.from({ length: 101 }, (_, index) => 100 - index)
    expect(quantile(hundred, 0.99)).toBe(99)
    expect(quantile([0, 10], 0.3)).toBeCloseTo(3)
    expect(quantile([7], 0.99)).toBe(7)
  })

  test('no samples have no figures', () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError)
  })

  test('a machine that is slow for one round is slow for the bound, too', () => {
    expect(shareOfBound([100, 900, 110], [200, 1800, 220])).toBe(0.5)
  })
})

describe('a flake count', () => {
  test('grades every program in each run, and each run with a new seed', async () => {
    const { seen, tally } = await count({ runs: 3 })
    expect(seen).toEqual(['right 7', 'wrong 7', 'right 8', 'wrong 8', 'right 9', 'wrong 9'])
    expect(tally).toMatchObject({ checks: 12, programs: 6, wrong: 0, runs: 3 })
  })

  test('counts each verdict that is not what it should be, and says how to see it again', async () => {
    const { findings, tally } = await count({ runs: 2 }, ({ program }, seed) =>
      program.file === 'wrong' && seed === 8 ? outcomes('passed', 'failed') : null,
    )
    expect(tally.wrong).toBe(1)
    expect(findings).toMatchObject([{ lab: '42-greeting', file: 'wrong', seed: 8 }])
    const lines = findings.flatMap((finding) => findingLines('loaded', finding)).join('\n')
    expect(lines).toContain('✗ loaded, seed 8: wrong')
    expect(lines).toContain('R1 passed, and should have failed')
    expect(lines).toContain('npm run bench -- --flake 1 --seed 8 --labs 42-greeting')
  })

  test('takes in each run one right program of a lab, and for each requirement one that fails it', async () => {
    const { seen } = await count({ runs: 2 }, () => null, [
      known('right', { kind: 'passes' }),
      known('right too', { kind: 'passes' }),
      ...['one', 'two', 'three'].map((file) => known(file, fails('R1'))),
      known('other', fails('R2')),
    ])
    expect(seen).toEqual(['right too 7', 'two 7', 'other 7', 'right 8', 'three 8', 'other 8'])
  })

  test('a wrong program meets the checks of its requirement first, and those without conversations before', () => {
    const [one, two] = outcomes('failed', 'failed').map(({ check }) => check) as [
      CheckDefinition,
      CheckDefinition,
    ]
    const talk = { ...two, title: 'talk', conversations: { scripts: {}, play: async () => undefined } }
    expect(checksInTurn([one, talk, two], WRONG2).map(({ title }) => title)).toEqual([
      two.title,
      'talk',
      one.title,
    ])
    expect(checksInTurn([one, two], { kind: 'passes' })).toEqual([one, two])
  })

  test('it is caught by any check that blames this requirement, and what else it fails is no wrong verdict', () => {
    const [one, two] = outcomes('failed', 'failed') as [CheckOutcome, CheckOutcome]
    expect(isCaught(WRONG2, [one])).toBe(false)
    expect(firstDisagreements(WRONG2, [one])).toEqual(['R2 passed, and should have failed'])
    expect(isCaught(WRONG2, [one, two])).toBe(true)
    const blames = { ...one, verdict: { ...one.verdict, blames: 'R2' } } as CheckOutcome
    expect(isCaught(WRONG2, [blames])).toBe(true)
  })

  test('with --whole every program is graded', async () => {
    const { seen } = await count({ runs: 1, whole: true }, () => null, [WRONG, WRONG, RIGHT])
    expect(seen).toEqual(['wrong 7', 'wrong 7', 'right 7'])
  })

  test("a fault of the grader's is wrong even where a failure is expected", () => {
    expect(findingOf(WRONG, 1, outcomes('grader-error', 'passed'), false)?.sentences).toEqual([
      'R1 "claim of R1": grader-error',
    ])
  })

  test('begins no program after its time', async () => {
    const { tally } = await count({ runs: 1_000_000, seconds: 0 })
    expect(tally).toMatchObject({ programs: 0, runs: 0 })
  })

  test('tells its count in one line', () => {
    const tally = { checks: 12, programs: 1, wrong: 1, runs: 2, seconds: 61.4 }
    expect(tallyLine('idle', tally, plan({ runs: 3 }))).toBe(
      'idle    1 wrong verdict in 12 checks of 1 program; 2 of 3 runs in 61 s',
    )
  })
})

describe('the flags of a flake count', () => {
  test('are read whole', () => {
    const flags = { flake: '20', labs: '1,17', seconds: '60', only: 'wrong', phase: 'loaded', seed: '5' }
    const read = readPlan({ words: [], flags })
    expect(read).toMatchObject({ runs: 20, seconds: 60, only: 'wrong', phase: 'loaded', seed: 5 })
    expect(read.labs).toEqual([expect.stringMatching(/^01-/), expect.stringMatching(/^17-/)])
  })

  test.each([
    { flake: '0' },
    { flake: 'x' },
    { flake: '2', seconds: '-1' },
    { flake: '2', only: 'some' },
    { flake: '2', phase: 'busy' },
  ])('are refused: %j', (flags) => {
    expect(() => readPlan({ words: [], flags })).toThrow(UsageError)
  })
})

test('progress rewrites a line of a terminal, and elsewhere comes seldom', () => {
  expect(progressSeen({ isTTY: true, columns: 10 })).toEqual([
    '\r\u001B[Kone, and ',
    '\r\u001B[Ktwo',
    '\r\u001B[K',
  ])
  expect(progressSeen({ isTTY: false })).toEqual(['one, and more\n'])
})

// --- internal ---

const RIGHT = known('right', { kind: 'passes' })
const WRONG = known('wrong', fails('R1'))
const WRONG2 = fails('R2', 'R1')

function fails(first: string, ...also: string[]): Known['program']['expected'] {
  return { kind: 'fails', first, also, says: null }
}

function known(file: string, expected: Known['program']['expected']): Known {
  const source = { file, roots: [] }
  return {
    suite: { id: '42-greeting', checks: [] },
    program: { file, expected, subject: { root: '', source, fixture: null } },
  }
}

function plan(part: Partial<FlakePlan>): FlakePlan {
  return { runs: 1, labs: [], seconds: null, only: null, phase: null, whole: false, seed: 7, ...part }
}

/** What the two checks of the lab found. */
function outcomes(...kinds: readonly VerdictKind[]): CheckOutcome[] {
  const seen = { steps: [], wire: [], observed: {}, milliseconds: 1 }
  return kinds.map((kind, index) => {
    const requirement = `R${index + 1}`
    const check = {
      lab: '42-greeting',
      requirement,
      title: `claim of ${requirement}`,
      body: async () => undefined,
    }
    if (kind === 'passed') return { check, verdict: { kind, ...seen } }
    return {
      check,
      verdict: { kind, expected: 'FIN', saw: 'nothing', detail: [], wrongAt: 0, frames: [], ...seen },
    }
  })
}

/** Counts with outcomes as they should be, except where something else is given. */
async function count(
  part: Partial<FlakePlan>,
  instead: (known: Known, seed: number) => CheckOutcome[] | null = () => null,
  all: readonly Known[] = [RIGHT, WRONG],
) {
  const seen: string[] = []
  const findings: Finding[] = []
  const grade = (each: Known, seed: number): Promise<CheckOutcome[]> => {
    seen.push(`${each.program.file} ${seed}`)
    const asExpected =
      each.program.expected.kind === 'fails' ? outcomes('failed', 'passed') : outcomes('passed', 'passed')
    return Promise.resolve(instead(each, seed) ?? asExpected)
  }
  const watcher = { onProgram: () => undefined, onFinding: (finding: Finding) => void findings.push(finding) }
  const tally = await runPhase(all, plan(part), grade, watcher)
  return { seen, findings, tally }
}

function progressSeen(stream: { isTTY: boolean; columns?: number }): string[] {
  const written: string[] = []
  const write = (text: string): boolean => written.push(text) > 0
  const progress = progressOn({ ...stream, write } as unknown as NodeJS.WriteStream)
  progress.say('one, and more')
  progress.say('two')
  progress.clear()
  return written
}
