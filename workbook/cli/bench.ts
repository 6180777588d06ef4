import { once } from 'node:events'
import { root } from '../bundle/root.ts'
import { startProgram } from '../bench/child.ts'
import type { FlakePlan } from '../bench/plan.ts'
import { progressOn } from '../bench/progress.ts'
import { measureSpeeds } from '../bench/speeds.ts'
import { renderSpeeds } from '../bench/table.ts'
import { findLab, readCourse } from '../course/course.ts'
import type { Command, Input } from './command.ts'
import { readSeed } from './grade.ts'
import { print } from './terminal.ts'
import { UsageError } from './usage-error.ts'

export const bench: Command = {
  name: 'bench',
  summary: 'speeds, side by side with bare Vitest; with --flake, counts of wrong verdicts',
  usage:
    'npm run bench -- [LAB] [--json] | --flake N [--labs 01,17] [--seconds S] [--only solutions|wrong] [--seed N]',
  options: {
    json: { type: 'boolean' },
    flake: { type: 'string' },
    labs: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string' },
    seed: { type: 'string' },
  },
  run: (input: Input) =>
    input.flags['flake'] === undefined ? showSpeeds(input) : countFlakes(readPlan(input)),
}

/** @throws UsageError, UnknownLabError */
export function readPlan({ flags }: Input): FlakePlan {
  const { flake, labs, seconds, only, seed } = flags
  const course = readCourse(root)
  const words = typeof labs === 'string' ? labs.split(',').filter((word) => word !== '') : []
  return {
    runs: readWhole('flake', flake),
    labs: words.map((word) => findLab(course, word).id),
    seconds: seconds === undefined ? null : readWhole('seconds', seconds),
    only: readOnly(only),
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

async function countFlakes(plan: FlakePlan): Promise<number> {
  const child = startProgram(root, 'flake.ts', [JSON.stringify(plan)])
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 2
}

function readWhole(flag: string, given: string | boolean | undefined): number {
  if (typeof given === 'string' && /^[1-9]\d{0,8}$/.test(given)) return Number(given)
  const message = `--${flag} takes a whole number from 1, not ${JSON.stringify(given)}.`
  throw new UsageError('E_NUMBER', message, 'npm run bench -- --flake 20 --seconds 60')
}

function readOnly(given: string | boolean | undefined): FlakePlan['only'] {
  if (given === undefined) return null
  if (given === 'solutions' || given === 'wrong') return given
  const message = `--only takes "solutions" or "wrong", not ${JSON.stringify(given)}.`
  throw new UsageError('E_ONLY', message, 'npm run bench -- --flake 20 --only wrong')
}
