import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  readdirSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Lab } from '../course/lab.ts'
import { shareOfBound, spreadOf, type Spread } from './figures.ts'
import { makeTrivialProject, type TrivialProject } from './trivial.ts'

/** From a save to the verdicts in `npm start`, beside Vitest's own watch of one trivial file. */
export interface SaveFigures {
  readonly lab: string
  /** From the save to the first verdict that it changes, as it is printed. */
  readonly first: Spread
  /** From there on, for each check. */
  readonly further: Spread
  readonly bare: Spread
  /** Of the bound of the first verdict, in the median of the rounds. */
  readonly share: number
}

/** Nobody saves again at once. The watch uses the time between to start processes ahead. */
const PAUSE_MILLISECONDS = 2_500
export const SAVE_BOUND = { timesBare: 1.2, millisecondsFurther: 30 } as const

/** @param checks - How many checks the lab has. */
export async function measureSave(
  root: string,
  lab: Lab,
  checks: number,
  rounds: number,
  onRound: (round: number) => void,
): Promise<SaveFigures> {
  const desk = makeDesk(root, lab)
  const trivial = makeTrivialProject(root)
  const [watch, bare] = [await openWatch(desk), await openBare(root, trivial)]
  const figures = { first: [] as number[], further: [] as number[], bare: [] as number[] }
  try {
    // Round 0 loads what is loaded once.
    for (let round = 0; round <= rounds; round++) {
      onRound(round)
      const bareTime = await bare.save()
      await pause(PAUSE_MILLISECONDS)
      const { first, last } = await watch.save()
      if (round === 0) continue
      figures.bare.push(bareTime)
      figures.first.push(first)
      figures.further.push((last - first) / Math.max(1, checks - 1))
    }
  } finally {
    await watch.close()
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

/** What of the checkout a watch of one lab needs. */
const PARTS = ['package.json', 'package-lock.json', 'workbook', 'labs', 'test/labs']

/** A learner's desk: a checkout of its own, where a save costs nobody anything. */
interface Desk {
  readonly root: string
  readonly lab: Lab
  readonly starter: string
  readonly solution: string
  /** Writes the learner's file. @returns When, by performance.now(). */
  save(text: string): number
  remove(): void
}

function makeDesk(root: string, lab: Lab): Desk {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'workbook-bench-')))
  for (const part of PARTS) cpSync(path.join(root, part), path.join(folder, part), { recursive: true })
  // A reference may have more files than its entry, and the starter is written over that one.
  const beside = path.join(root, 'solutions', lab.id)
  for (const name of readdirSync(beside)) {
    const text = readFileSync(path.join(beside, name), 'utf8').replaceAll('../../labs/kit/', '../kit/')
    writeFileSync(path.join(folder, 'labs', lab.id, name), text)
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  const file = path.join(folder, 'labs', lab.id, lab.entry)
  const starter = readFileSync(path.join(root, 'labs', lab.id, '.starter'), 'utf8')
  writeFileSync(file, starter)
  return {
    root: folder,
    lab,
    starter,
    solution: readFileSync(path.join(root, 'solutions', lab.id, lab.entry), 'utf8').replaceAll(
      '../../labs/kit/',
      '../kit/',
    ),
    save(text) {
      const now = performance.now()
      writeFileSync(file, text)
      return now
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

interface Watched {
  /** Saves the solution. @returns Milliseconds to the first changed verdict, and to the last. */
  save(): Promise<{ readonly first: number; readonly last: number }>
  close(): Promise<void>
}

/** `npm start` as it is, its lines read as they come. */
async function openWatch({ root, lab, starter, solution, save }: Desk): Promise<Watched> {
  const program = path.join(root, 'workbook/cli/start.mjs')
  const child = spawn(process.execPath, [program, 'watch', lab.number], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const says = listenTo(child)
  const ended = new RegExp(`^Lab ${lab.number}: .* passed, seed`, 'm')
  await says(ended)
  return {
    async save() {
      const saved = save(solution)
      const first = (await says(/now green$/m)) - saved
      const last = (await says(ended)) - saved
      save(starter)
      await says(ended)
      return { first, last }
    },
    async close() {
      child.kill()
      await once(child, 'exit')
    },
  }
}

/** Vitest in its own watch mode, told of the save by nobody but the file system. */
async function openBare(
  root: string,
  trivial: TrivialProject,
): Promise<{ save(): Promise<number>; close(): Promise<void> }> {
  const program = path.join(root, 'node_modules/vitest/vitest.mjs')
  const child = spawn(process.execPath, [program, 'watch', '--pool=threads', '--reporter=verbose'], {
    cwd: trivial.folder,
    env: { ...process.env, CI: '', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const says = listenTo(child)
  await says(/Waiting for file changes/)
  return {
    async save() {
      const saved = performance.now()
      trivial.change()
      const seen = (await says(/✓ .*one/)) - saved
      await says(/Waiting for file changes/)
      return seen
    },
    async close() {
      child.kill()
      await once(child, 'exit')
    },
  }
}

/** Waits for words that a program has not said before. @returns When they came, by performance.now(). */
function listenTo(child: ChildProcess): (words: RegExp) => Promise<number> {
  let heard = ''
  let at = performance.now()
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    heard += text
    at = performance.now()
  })
  return async (words) => {
    for (;;) {
      const match = words.exec(heard)
      if (match) {
        heard = heard.slice(match.index + match[0].length)
        return at
      }
      await once(child.stdout as NodeJS.ReadableStream, 'data')
    }
  }
}
