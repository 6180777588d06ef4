import { root } from '../bundle/root.ts'
import { measureBatch } from '../bench/batch-figures.ts'
import { renderBatches } from '../bench/batch-table.ts'
import { runProgram } from '../bench/child.ts'
import type { FlakePlan } from '../bench/plan.ts'
import type { SurveyPlan } from '../bench/survey/plan.ts'
import { progressOn } from '../bench/progress.ts'
import { measureSpeeds } from '../bench/speeds.ts'
import { renderSpeeds } from '../bench/table.ts'
import { findLab, readCourse } from '../course/course.ts'
import type { Command, Input } from './command.ts'
import type { Course } from '../course/lab.ts'
import { readSeed } from './grade.ts'
import { print } from './terminal.ts'
import { UsageError } from './usage-error.ts'

/** Enough for every kind of submission once, and ten times that. */
const CLASS_SIZES = [20, 200]

export const bench: Command = {
  name: 'bench',
  summary:
    'speeds, side by side with bare Vitest; --flake counts wrong verdicts, --survey what the suites miss, --batch grades classes',
  usage:
    'npm run bench -- [LAB] [--json] | --batch [N…] [--labs 01,17] | --flake N [--labs 01,17] [--seconds S] [--only solutions|wrong] [--phase idle|loaded] [--whole] [--seed N] | --survey [--labs 01,17] [--seed N] [--json]',
  options: {
    json: { type: 'boolean' },
    batch: { type: 'boolean' },
    flake: { type: 'string' },
    survey: { type: 'boolean' },
    labs: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string' },
    phase: { type: 'string' },
    whole: { type: 'boolean' },
    seed: { type: 'string' },
  },
  run(input: Input) {
    if (input.flags['batch'] === true) return showBatches(input)
    if (input.flags['survey'] === true) return showScores(input)
    if (input.flags['flake'] === undefined) return showSpeeds(input)
    return runProgram(root, 'flake.ts', readPlan(input))
  },
}

/** @throws UsageError, UnknownLabError */
export function readPlan({ flags }: Input): FlakePlan {
  const { flake, labs, seconds, only, phase, whole, seed } = flags
  const course = readCourse(root)
  return {
    runs: readWhole('flake', flake),
    labs: readLabs(course, labs),
    seconds: seconds === undefined ? null : readWhole('seconds', seconds),
    only: readOneOf('only', ['solutions', 'wrong'], only),
    phase: readOneOf('phase', ['idle', 'loaded'], phase),
    whole: whole === true,
    seed: readSeed(seed),
  }
}

// --- internal ---

/** A lab that is not named is the first: its number decides nothing. */
async function showSpeeds({ words, flags }: Input): Promise<number> {
  const course = readCourse(root)
  const [word] = words
  const lab = word === undefined ? course.labs[0] : findLab(course, word)
  if (!lab)
    throw new UsageError(
      'E_NO_LAB',
      'There is no lab to grade.',
      'run the command in a checkout of the course',
    )
  const speeds = await measureSpeeds(root, lab, progressOn(process.stderr))
  await print(flags['json'] === true ? `${JSON.stringify(speeds, null, 2)}\n` : renderSpeeds(speeds))
  return 0
}

/** Classes of the sizes that are named. The wrong rows make the exit code 1: a speed without them is none. */
async function showBatches({ words, flags }: Input): Promise<number> {
  const sizes = words.length === 0 ? CLASS_SIZES : words.map((word) => readWhole('batch', word))
  const course = readCourse(root)
  const wanted = readLabs(course, flags['labs'])
  const labs = course.labs.filter(({ id }) => wanted.length === 0 || wanted.includes(id))
  const progress = progressOn(process.stderr)
  const figures = []
  for (const size of sizes) {
    figures.push(await measureBatch(root, labs, size, (line) => progress.say(`${size} submissions: ${line}`)))
  }
  progress.clear()
  await print(flags['json'] === true ? `${JSON.stringify(figures, null, 2)}\n` : renderBatches(figures))
  return figures.every(({ wrong }) => wrong.length === 0) ? 0 : 1
}

/** How many small changes to each reference its suite sees. */
function showScores({ flags }: Input): Promise<number> {
  const course = readCourse(root)
  const wanted = readLabs(course, flags['labs'])
  const labs = course.labs.filter(({ id }) => wanted.length === 0 || wanted.includes(id))
  const plan: SurveyPlan = {
    labs: labs.map(({ id }) => ({ id, requirements: [] })),
    seed: readSeed(flags['seed']),
    show: flags['json'] === true ? 'json' : 'scores',
  }
  return runProgram(root, 'survey.ts', plan)
}

/** Ids; none means all. */
function readLabs(course: Course, given: string | boolean | undefined): string[] {
  const words = typeof given === 'string' ? given.split(',').filter((word) => word !== '') : []
  return words.map((word) => findLab(course, word).id)
}

function readWhole(flag: string, given: string | boolean | undefined): number {
  if (typeof given === 'string' && /^[1-9]\d{0,8}$/.test(given)) return Number(given)
  const message = `--${flag} takes a whole number from 1, not ${JSON.stringify(given)}.`
  throw new UsageError('E_NUMBER', message, 'npm run bench -- --flake 20 --seconds 60')
}

function readOneOf<Word extends string>(
  flag: string,
  words: readonly [Word, Word],
  given: string | boolean | undefined,
): Word | null {
  if (given === undefined) return null
  const found = words.find((word) => word === given)
  if (found !== undefined) return found
  const [one, other] = words
  const message = `--${flag} takes "${one}" or "${other}", not ${JSON.stringify(given)}.`
  throw new UsageError(`E_${flag.toUpperCase()}`, message, `npm run bench -- --flake 20 --${flag} ${other}`)
}
