import { once } from 'node:events'
import { startProgram } from './child.ts'
import { spreadOf, type Spread } from './figures.ts'

/** How long the pages take to build. */
export interface DocsFigures {
  readonly pages: number
  /** All pages, by a new process; `fresh` colours all code anew, as the very first build does. */
  readonly fresh: Spread
  readonly full: Spread
  /** From a change in the longest page to that page. */
  readonly page: string
  readonly rebuild: Spread
}

/** What one process tells. */
export interface DocsSamples {
  readonly pages: number
  readonly full: number
  readonly page: string
  readonly rebuilds: readonly number[]
}

export const DOCS_BOUND = { fullMilliseconds: 2000, rebuildMilliseconds: 150 } as const

const ROUNDS = 3
const CHANGES = 5

export async function measureDocs(root: string, onRound: (round: number) => void): Promise<DocsFigures> {
  const [fresh, kept]: [DocsSamples[], DocsSamples[]] = [[], []]
  for (let round = 1; round <= ROUNDS; round++) {
    onRound(round)
    fresh.push(await samplesOf(root, ['fresh', '0']))
    kept.push(await samplesOf(root, ['kept', String(CHANGES)]))
  }
  const [{ pages, page } = { pages: 0, page: '' }] = kept
  return {
    pages,
    fresh: spreadOf(fresh.map(({ full }) => full)),
    full: spreadOf(kept.map(({ full }) => full)),
    page,
    rebuild: spreadOf(kept.flatMap(({ rebuilds }) => rebuilds)),
  }
}

// --- internal ---

/** @throws Error when the pages cannot be built, so that no failure is taken for a speed. */
async function samplesOf(root: string, args: readonly string[]): Promise<DocsSamples> {
  const child = startProgram(root, 'docs.ts', args)
  const told: DocsSamples[] = []
  child.on('message', (samples: DocsSamples) => void told.push(samples))
  const [code] = (await once(child, 'exit')) as [number | null]
  const [samples] = told
  if (code !== 0 || !samples)
    throw new Error(`workbook/bench/docs.ts ended with code ${String(code)}: npm run docs:build`)
  return samples
}
