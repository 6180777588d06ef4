import type { PageSection } from '../course/lab.ts'
import type { Figure } from '../figure/figure.ts'
import type { ProblemKind, VerdictKind } from '../grading/verdict.ts'
import { decidingBytes } from './bytes-whole.ts'
import { figureOfCheck } from './check-figure.ts'
import type { SetupProblem } from './result.ts'
import { shown } from './shown.ts'
import { requirementsSoFar, type RequirementSoFar, type RunSoFar } from './so-far.ts'
import { speakingFirst } from './state.ts'
import { hintCommand } from './words.ts'

/**
 * What `grade` and `watch` write to `.workbook/live.json` as each verdict comes, for a page that shows
 * the lab beside the editor. The file is replaced whole each time; one run follows the other in it, and
 * a reader that misses one state misses nothing, as each tells all.
 */
export interface Live {
  /** A new field may come under the same number; a change of meaning raises it. */
  readonly format: 1
  /** Stands for one run: another one has begun where it differs. */
  readonly run: string
  /** The lab's folder, for example `42-greeting`. */
  readonly lab: string
  readonly number: string
  readonly title: string
  /** The graded file, relative to the root, with `/`. */
  readonly file: string
  readonly seed: number
  /** Verdicts are still to come. */
  readonly running: boolean
  /** Why the lab could not be graded at all, for example a syntax error; else null. */
  readonly problem: SetupProblem | null
  /** All requirements of the lab, in order. */
  readonly requirements: readonly LiveRequirement[]
  /** The first requirement that did not pass, as far as is known; else null. */
  readonly failure: LiveFailure | null
}

export interface LiveRequirement {
  readonly id: string
  /** Every sentence of it, as the lab's page says it. */
  readonly text: string
  /** `waiting` until it is known; it stays so for what this run does not grade. */
  readonly kind: VerdictKind | 'waiting'
  /** Checks that have ended, of so many in this run. */
  readonly done: number
  readonly planned: number
}

export interface LiveFailure {
  readonly requirement: string
  /** Title of the check. */
  readonly check: string
  readonly kind: ProblemKind
  readonly expected: string
  readonly saw: string
  /** Further lines, laid out in columns of one width. */
  readonly detail: readonly string[]
  /** What was said last on the wire, whole; a run that was written before this field has none. */
  readonly bytes?: readonly string[]
  /** The next command. */
  readonly next: string
  /** What explains it, where the lab names a section. */
  readonly section: PageSection | null
  /** What passed on the wire, for the site's renderer; null where nothing did. */
  readonly figure: Figure | null
}

/** @param run - Tells this run from every other. */
export function liveOf(soFar: RunSoFar, run: string): Live {
  const { lab, file, seed, running, problem } = soFar
  const all = requirementsSoFar(soFar)
  return {
    format: 1,
    run,
    lab: lab.id,
    number: lab.number,
    title: lab.title,
    file,
    seed,
    running,
    problem,
    requirements: all.map(liveRequirement),
    failure: liveFailure(soFar, all),
  }
}

// --- internal ---

/** A page folds what does not fit it. */
const BYTES_WIDTH = 200
const BYTES_LINES = 60

function liveRequirement({ requirement, kind, checks, planned }: RequirementSoFar): LiveRequirement {
  const { id, text } = requirement
  return { id, text, kind, done: checks.length, planned }
}

/** What is not written yet is no failure. */
function liveFailure({ lab }: RunSoFar, all: readonly RequirementSoFar[]): LiveFailure | null {
  const [failed] = speakingFirst(
    all.filter(({ kind }) => !['passed', 'waiting', 'not-started'].includes(kind)),
  )
  const check = failed?.checks.find(({ verdict }) => verdict.kind !== 'passed')
  if (!failed || !check || check.verdict.kind === 'passed') return null
  const { id } = failed.requirement
  const { kind, expected, saw, detail, wire, wrongAt } = shown(check.verdict)
  return {
    requirement: id,
    check: check.title,
    kind,
    expected,
    saw,
    detail,
    bytes: decidingBytes(wire, { at: wrongAt, width: BYTES_WIDTH, shown: new Set(), most: BYTES_LINES }),
    next: hintCommand(lab, id),
    section: failed.requirement.section,
    figure: wire.length > 0 ? figureOfCheck(lab, id, check) : null,
  }
}
