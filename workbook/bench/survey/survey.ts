import type { Lab } from '../../course/lab.ts'
import type { CheckDefinition, LabDefinition } from '../../grading/lab.ts'
import { changeOf, isSame, placeOf, type Change, type Place } from './change.ts'
import { gradeChanges, type Tally } from './grade-changes.ts'
import type { Mutant } from './mutants.ts'
import { readReasons, type Reason } from './reasons.ts'
import { readReferences, type Reference } from './reference.ts'

/** What the small changes of a lab's reference say of its suite. */
export interface Survey {
  /** The lab's folder. */
  readonly lab: string
  /** The reference, relative to the root. */
  readonly file: string
  /** The requirements whose checks were used; none means all. */
  readonly requirements: readonly string[]
  readonly seed: number
  readonly changes: number
  readonly killed: number
  /** In the order of their places. */
  readonly survivors: readonly Survivor[]
  /** Reasons for changes that survive no more, or that nobody can make any more. */
  readonly stale: readonly Reason[]
  readonly faults: readonly Fault[]
  readonly seconds: number
}

/** A change that every check lets pass. */
export interface Survivor extends Changed {
  /** Why no check can see it; null where nobody has said so. */
  readonly why: string | null
}

/** A check that broke where it should have judged. */
export interface Fault extends Changed {
  readonly requirement: string
  readonly title: string
  readonly saw: string
}

/** @throws CourseError, SurveyError */
export async function surveyOf(
  root: string,
  lab: Lab,
  { checks }: LabDefinition,
  { requirements, seed }: Pick<Survey, 'requirements' | 'seed'>,
  onChange: (tally: Tally, all: number) => void,
): Promise<Survey> {
  const started = performance.now()
  const reasons = readReasons(root, lab.id)
  const references = await readReferences(root, lab)
  const all = references.reduce((sum, { mutants }) => sum + mutants.length, 0)
  const before: Tally = { changes: 0, killed: 0, survivors: [], faults: [] }
  const [survivors, broken]: [Changed[], Fault[]] = [[], []]
  for (const reference of references) {
    const tally = await gradeChanges(reference, wanted(checks, requirements), seed, (sofar) =>
      onChange(together(before, sofar), all),
    )
    Object.assign(before, together(before, tally))
    survivors.push(...tally.survivors.map((mutant) => changed(reference, mutant)))
    for (const { mutant, check, saw } of tally.faults) {
      const { requirement, title } = check
      broken.push({ ...changed(reference, mutant), requirement, title, saw })
    }
  }
  const { changes, killed } = before
  return {
    lab: lab.id,
    file: references[0]?.file ?? '',
    requirements,
    seed,
    changes,
    killed,
    ...explain(survivors, reasons),
    faults: broken,
    seconds: (performance.now() - started) / 1000,
  }
}

/** Whether all that survives has its reason, and no check broke. */
export function isClean({ survivors, faults }: Survey): boolean {
  return faults.length === 0 && survivors.every(({ why }) => why !== null)
}

// --- internal ---

interface Changed extends Change, Place {
  /** In which file of the reference, relative to the root. */
  readonly in: string
  /** The kind of change, in Stryker's words. */
  readonly mutator: string
}

function together(one: Tally, other: Tally): Tally {
  return {
    changes: one.changes + other.changes,
    killed: one.killed + other.killed,
    survivors: [...one.survivors, ...other.survivors],
    faults: [...one.faults, ...other.faults],
  }
}

function wanted(checks: readonly CheckDefinition[], requirements: readonly string[]): CheckDefinition[] {
  return checks.filter(({ requirement }) => requirements.length === 0 || requirements.includes(requirement))
}

function changed({ file, text }: Reference, mutant: Mutant): Changed {
  return { in: file, ...placeOf(text, mutant), mutator: mutant.mutator, ...changeOf(text, mutant) }
}

/** Each reason stands for one change: what is written twice in a declaration needs it twice. */
function explain(
  survivors: readonly Changed[],
  reasons: readonly Reason[],
): Pick<Survey, 'survivors' | 'stale'> {
  const stale = [...reasons]
  const explained = survivors.map((survivor) => {
    const index = stale.findIndex((reason) => isSame(reason, survivor))
    const [reason] = index === -1 ? [] : stale.splice(index, 1)
    return { ...survivor, why: reason?.why ?? null }
  })
  return { survivors: explained, stale }
}
