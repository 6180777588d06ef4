import path from 'node:path'
import { root } from '../bundle/root.ts'
import { AUTOGRADERS, bringAutograder, type Autograder } from '../handout/autograder.ts'
import { bringHandout, type Brought } from '../handout/bring.ts'
import { buildHandout, type Built, type HandoutOptions } from '../handout/build.ts'
import { HandoutError } from '../handout/handout-error.ts'
import { findLeaks } from '../invariants/leaks.ts'
import { viewOf } from '../report/layout.ts'
import { count } from '../report/words.ts'
import { brought as told, folderOf, listOf } from './brought.ts'
import type { Command, Input } from './command.ts'
import { renderFinding } from './finding.ts'
import { print, terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

const usage =
  'npm run handout -- --out FOLDER [--labs 01,03] [--title TEXT] [--with-solutions] [--autograder gradescope|actions|cluster]'

export const handout: Command = {
  name: 'handout',
  summary: "writes the student's edition: no solutions, and each suite as a bundle",
  usage,
  options: {
    out: { type: 'string' },
    labs: { type: 'string' },
    title: { type: 'string' },
    'with-solutions': { type: 'boolean' },
    autograder: { type: 'string' },
  },
  async run({ flags }: Input): Promise<number> {
    const folder = readOut(flags['out'])
    const kind = readAutograder(flags['autograder'])
    // What grades on another machine needs none.
    const solutions = flags['with-solutions'] === true && kind === null
    const options = { labs: readLabs(flags['labs']), title: readTitle(flags['title']), solutions }
    const built = await makeHandout(options)
    const brought = kind
      ? bringAutograder(root, kind, folder, built.handout)
      : bringHandout(folder, built.handout)
    const next = kind ? `${path.join(folder, 'README.md')} says how to use it` : GRADE_THERE
    await print(`${[...said(folder, built, brought), `Next: ${next}`].join('\n')}\n`)
    return 0
  },
}

/**
 * Builds it and looks whether it gives anything away.
 *
 * @throws HandoutError `E_LEAK`, and what buildHandout() throws.
 */
export async function makeHandout(options: HandoutOptions): Promise<Built> {
  const built = await buildHandout(root, options)
  const leaks = await findLeaks(root, built.handout.files)
  if (leaks.length === 0) return built
  const view = viewOf({ ...terminal(), color: false })
  const lines = leaks.flatMap((leak) => renderFinding(leak, view))
  const message = [...lines, '', 'Nothing was written: the handout would give something away.'].join('\n')
  throw new HandoutError('E_LEAK', message, 'npm run check')
}

/** `01,03` → its parts; null without the flag, for all. */
function readLabs(given: Input['flags'][string]): readonly string[] | null {
  return typeof given === 'string' ? given.split(',').filter((word) => word !== '') : null
}

/** One line, or null without the flag. */
function readTitle(given: Input['flags'][string]): string | null {
  return typeof given === 'string' && given.trim() !== '' ? given.trim().replace(/\s+/g, ' ') : null
}

// --- internal ---

const GRADE_THERE = 'npm ci && npm run grade   (in that folder)'

function readAutograder(given: Input['flags'][string]): Autograder | null {
  const known = AUTOGRADERS.find((kind) => kind === given)
  if (known || given === undefined) return known ?? null
  const message = `--autograder takes ${AUTOGRADERS.join(', ')}, not ${JSON.stringify(given)}.`
  throw new UsageError('E_AUTOGRADER', message, usage)
}

function readOut(given: Input['flags'][string]): string {
  if (typeof given !== 'string' || given === '')
    throw new UsageError('E_NO_FOLDER', 'Where to? Name a folder with --out.', usage)
  const folder = folderOf(given)
  if (!(folder + path.sep).startsWith(root + path.sep)) return folder
  const message = `${given} lies in this checkout, and would become a part of it.`
  throw new UsageError('E_OUT_INSIDE', message, 'npm run handout -- --out ../handout')
}

function said(folder: string, { needed, leftOut, handout: { marker } }: Built, result: Brought): string[] {
  const named = marker.title === null ? '' : `${marker.title}: `
  return [
    `${named}${count(marker.labs.length, 'lab')} of the course ${marker.version}, in ${folder}`,
    ...(needed.length > 0 ? [`Labs that others need came along: ${needed.join(', ')}.`] : []),
    ...listOf('Left out, because they are on no list of what students get:', leftOut),
    ...(result.before === null ? [] : told(result)),
  ]
}
