import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Lab } from '../course/lab.ts'
import type { GradedCheck, Provided } from '../grading/vitest/provided.ts'
import { openSuites, type Suites } from '../grading/vitest/run.ts'
import { shareOfBound, spreadOf, type Spread } from './figures.ts'
import { makeTrivialProject, type TrivialProject } from './trivial.ts'

/** From a save to the verdicts, while everything stays loaded, beside Vitest's own run after a save. */
export interface SaveFigures {
  readonly lab: string
  /** From the save to the first verdict that it changes. */
  readonly first: Spread
  /** From there on, for each check. */
  readonly further: Spread
  readonly bare: Spread
  /** Of the bound of the first verdict, in the median of the rounds. */
  readonly share: number
}

export const SAVE_BOUND = { timesBare: 1.2, millisecondsFurther: 30 } as const

export async function measureSave(
  root: string,
  lab: Lab,
  rounds: number,
  onRound: (round: number) => void,
): Promise<SaveFigures> {
  const desk = makeDesk(root, lab)
  const trivial = makeTrivialProject(root)
  const [suites, bare] = [await openSuites(root), await openBare(trivial)]
  const figures = { first: [] as number[], further: [] as number[], bare: [] as number[] }
  try {
    // Round 0 loads what is loaded once.
    for (let round = 0; round <= rounds; round++) {
      onRound(round)
      const bareTime = await bare.rerun()
      const { first, further } = await saveAndGrade(desk, suites)
      if (round === 0) continue
      figures.bare.push(bareTime)
      figures.first.push(first)
      figures.further.push(further)
    }
  } finally {
    await suites.close()
    await bare.close()
    desk.remove()
    trivial.remove()
  }
  const bounds = figures.bare.map((each) => SAVE_BOUND.timesBare * each)
  return {
    lab: lab.id,
    first: spreadOf(figures.first),
    further: spreadOf(figures.further),
    bare: spreadOf(figures.bare),
    share: shareOfBound(figures.first, bounds),
  }
}

// --- internal ---

/** A learner's desk: a copy of the lab's folder, where a save costs nobody anything. */
interface Desk {
  readonly lab: Lab
  readonly starter: string
  readonly solution: string
  readonly provided: Provided
  save(text: string): void
  remove(): void
}

function makeDesk(root: string, lab: Lab): Desk {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'workbook-bench-')))
  const labs = path.join(folder, 'labs')
  mkdirSync(labs)
  symlinkSync(path.join(root, 'labs/kit'), path.join(labs, 'kit'))
  cpSync(path.join(root, 'labs', lab.id), path.join(labs, lab.id), { recursive: true })
  const file = path.join(labs, lab.id, lab.entry)
  return {
    lab,
    starter: readFileSync(path.join(root, 'labs', lab.id, '.starter'), 'utf8'),
    solution: readFileSync(path.join(root, 'solutions', lab.id, lab.entry), 'utf8'),
    provided: { root, seed: 1, programs: { [lab.id]: file }, only: {}, debugPort: null },
    save: (text) => writeFileSync(file, text),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** The starter is graded first, unmeasured; then the solution is saved, and the verdicts change. */
async function saveAndGrade({ lab, starter, solution, provided, save }: Desk, suites: Suites) {
  const [begun] = lab.requirements
  save(starter)
  await suites.run([lab.id], { ...provided, only: { [lab.id]: [begun?.id ?? ''] } })
  const passed: number[] = []
  const onCheck = ({ verdict }: GradedCheck): void => {
    if (verdict.kind === 'passed') passed.push(performance.now())
  }
  const saved = performance.now()
  save(solution)
  await suites.run([lab.id], provided, onCheck)
  const [first = NaN, last = NaN] = [passed[0], passed.at(-1)]
  return { first: first - saved, further: (last - first) / (passed.length - 1) }
}

interface Bare {
  rerun(): Promise<number>
  close(): Promise<void>
}

/** Vitest as its own watch mode keeps it. */
async function openBare(trivial: TrivialProject): Promise<Bare> {
  const { createVitest } = await import('vitest/node')
  let seen = 0
  const reporters = [{ onTestCaseResult: () => void (seen = performance.now()) }]
  const config = { config: false, root: trivial.folder, watch: false, pool: 'threads', reporters } as const
  const vitest = await createVitest('test', { ...config, reporters }, { logLevel: 'silent' })
  await vitest.start()
  const specifications = await vitest.globTestSpecifications()
  return {
    async rerun() {
      const saved = performance.now()
      trivial.change()
      vitest.invalidateFile(trivial.file)
      await vitest.rerunTestSpecifications(specifications)
      return seen - saved
    },
    close: () => vitest.close(),
  }
}
