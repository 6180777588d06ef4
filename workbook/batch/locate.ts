import type { Lab } from '../course/lab.ts'
import { nearMissOf, tellNearMiss } from './near-miss.ts'
import { Refusal, quoted } from './refusal.ts'

/** Where the programs of a submission are, by paths with `/` relative to its top. */
export interface Located {
  /** Files to stage. */
  readonly files: readonly Placed[]
  /** Labs whose file is in the submission, by id. */
  readonly labs: ReadonlySet<string>
  /** Lab id → what its student may have meant, in a sentence. */
  readonly nearMisses: ReadonlyMap<string, string>
}

export interface Placed {
  /** In the submission. */
  readonly from: string
  /** In the stage. */
  readonly to: string
}

/** How deep a handout may lie: `class/alice/work/workbook/labs`. */
const WRAPPINGS = 4
/** Folders of the course that a lab's own folder never is. */
const NOT_BESIDE = /^(?:kit|labs|solutions|test|workbook|docs)\//

/**
 * Finds the programs: in `labs/` of a handout, or else by the names of the labs' files.
 *
 * @param files - Paths of all regular files.
 * @throws Refusal where there is none, or no telling which one counts.
 */
export function locate(files: readonly string[], labs: readonly Lab[]): Located {
  const tops = topsOf(files, labs)
  const [top] = tops
  const nearMisses = nearMissesIn(files, labs)
  if (top === undefined) return { ...locateLoose(files, labs), nearMisses }
  if (tops.length > 1) throw ambiguous(tops.map((each) => `${each}labs`))
  const placed = files
    .filter((file) => file.startsWith(`${top}labs/`) && !file.startsWith(`${top}labs/kit/`))
    .map((from) => ({ from, to: from.slice(top.length) }))
  const staged = new Set(placed.map(({ to }) => to))
  const present = labs.filter((lab) => staged.has(placeOf(lab))).map(({ id }) => id)
  return { files: placed, labs: new Set(present), nearMisses }
}

/** Where a lab's file stands in the stage, as in the course. */
export function placeOf(lab: Lab): string {
  return `labs/${lab.id}/${lab.entry}`
}

// --- internal ---

/** Folders with a `labs/` that holds a lab's file; only the least deep ones. */
function topsOf(files: readonly string[], labs: readonly Lab[]): string[] {
  const tops = new Set<string>()
  for (const lab of labs) {
    const place = placeOf(lab)
    for (const file of files) if (`/${file}`.endsWith(`/${place}`)) tops.add(file.slice(0, -place.length))
  }
  return shallowest([...tops].filter((top) => depthOf(top) <= WRAPPINGS))
}

/** Each lab's file, and what stands beside it. */
function locateLoose(files: readonly string[], labs: readonly Lab[]): Omit<Located, 'nearMisses'> {
  const placed: Placed[] = []
  const present = new Set<string>()
  for (const lab of labs) {
    const entry = entryOf(files, lab)
    if (entry === undefined) continue
    present.add(lab.id)
    const folder = entry.slice(0, -lab.entry.length)
    const beside = files.filter(
      (file) => file.startsWith(folder) && !NOT_BESIDE.test(file.slice(folder.length)),
    )
    placed.push(...beside.map((from) => ({ from, to: `labs/${lab.id}/${from.slice(folder.length)}` })))
  }
  if (present.size === 0) throw nothing(files, labs)
  return { files: placed, labs: present }
}

/** In a folder of the lab's name, or else wherever it is least deep. */
function entryOf(files: readonly string[], lab: Lab): string | undefined {
  const named = files.filter((file) => `/${file}`.endsWith(`/${lab.entry}`))
  const own = named.filter((file) => `/${file}`.endsWith(`/${lab.id}/${lab.entry}`))
  const best = shallowest(own.length > 0 ? own : named)
  if (best.length > 1) throw ambiguous(best)
  return best[0]
}

function shallowest(paths: readonly string[]): string[] {
  const least = Math.min(...paths.map(depthOf))
  return paths.filter((each) => depthOf(each) === least)
}

function depthOf(file: string): number {
  return file.split('/').length - 1
}

function ambiguous(paths: readonly string[]): Refusal {
  const told = paths.slice(0, 3).map(quoted).join(' and ')
  return new Refusal('E_AMBIGUOUS', `it holds the same lab more than once: ${told}`)
}

function nearMissesIn(files: readonly string[], labs: readonly Lab[]): Map<string, string> {
  return new Map(
    labs.flatMap((lab) => {
      const near = nearMissOf(files, lab)
      return near === undefined ? [] : [[lab.id, tellNearMiss(near, lab)] as const]
    }),
  )
}

function nothing(files: readonly string[], labs: readonly Lab[]): Refusal {
  const [near] = nearMissesIn(files, labs).values()
  if (near !== undefined) return new Refusal('E_NO_SUBMISSION', `no lab's file is in it: ${near}`)
  const [first = '', ...others] = labs.map(({ entry }) => entry)
  const more = others.length > 0 ? ` and ${others.length} more` : ''
  return new Refusal('E_NO_SUBMISSION', `no lab's file is in it: looked for ${first}${more}`)
}
