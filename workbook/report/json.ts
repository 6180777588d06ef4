import type { Beside, Frame, VerdictKind } from '../grading/verdict.ts'
import { escapeBytes } from '../wire/bytes.ts'
import type { WireEvent } from '../wire/transcript.ts'
import { pointsOf, type Points } from './points.ts'
import { comparePredictions } from './predictions.ts'
import type { CheckResult, CourseResult, LabResult, RequirementResult, SetupProblem } from './result.ts'
import { shown } from './shown.ts'
import { labState, type LabState } from './state.ts'

/**
 * The report as data. docs/report-format.md describes it field by field. Fields come in this order;
 * a new field may be added under the same `format`, a change of meaning raises it.
 */
export interface JsonReport {
  readonly format: 1
  /** Version of the course. */
  readonly course: string
  /** What the teacher calls a handout; null in a full checkout. */
  readonly title: string | null
  /** Version of Node that ran the programs. */
  readonly node: string
  /** Repeats this run's inputs. */
  readonly seed: number
  /** True if every requirement that was graded passed, and at least one lab was graded. */
  readonly passed: boolean
  readonly points: Points
  readonly labs: readonly JsonLab[]
}

export interface JsonLab {
  /** Folder name. */
  readonly id: string
  /** The two digits in front. */
  readonly number: string
  readonly title: string
  /** The graded file, relative to the root, with `/`. */
  readonly file: string
  readonly state: LabState
  readonly points: Points
  /** Wall time of this lab. */
  readonly milliseconds: number
  /** Why the lab could not be graded at all, or null. */
  readonly problem: SetupProblem | null
  readonly requirements: readonly JsonRequirement[]
  readonly predictions: readonly JsonPrediction[]
}

export interface JsonRequirement {
  /** `R1`, `R2`, … */
  readonly id: string
  /** Every sentence of it. */
  readonly text: string
  /** Points it counts. */
  readonly weight: number
  /** The kind of the first check that did not pass, else `passed`. */
  readonly kind: VerdictKind
  readonly checks: readonly JsonCheck[]
}

export interface JsonCheck {
  readonly title: string
  readonly kind: VerdictKind
  readonly milliseconds: number
  /** Null for a check that passed, like `saw`. */
  readonly expected: string | null
  readonly saw: string | null
  readonly detail: readonly string[]
  readonly frames: readonly Frame[]
  /** The check's other conversations, where it is made of such and one of them failed; else null. */
  readonly beside: Beside | null
  /** What worked before the end. */
  readonly steps: readonly string[]
  /** Facts of this run, by prediction id. */
  readonly observed: Readonly<Record<string, string>>
  /** Figures of this run. */
  readonly measured: readonly string[]
  readonly wire: readonly JsonWireEvent[]
  /** Behind so many events of the wire it went wrong; null for a check that passed. */
  readonly wrongAt: number | null
}

/** A wire event; the bytes of a data event are escaped text, at most the first 4096 of `length`. */
export type JsonWireEvent =
  | Exclude<WireEvent, { kind: 'data' }>
  | (Omit<Extract<WireEvent, { kind: 'data' }>, 'bytes'> & { readonly text: string })

/** Choice ids; null where nothing, or more than one box, was ticked or nothing was seen. */
export interface JsonPrediction {
  readonly id: string
  readonly predicted: string | null
  readonly observed: string | null
  /** Why it was so, a sentence. */
  readonly why: string | null
}

/** The report as indented JSON that ends with a newline. */
export function toJson(result: CourseResult): string {
  return `${JSON.stringify(jsonReport(result), null, 2)}\n`
}

function jsonReport(result: CourseResult): JsonReport {
  return {
    format: 1,
    course: result.course,
    title: result.title ?? null,
    node: result.node,
    seed: result.seed,
    passed: result.labs.length > 0 && result.labs.every((each) => labState(each) === 'passed'),
    points: pointsOf(result.labs),
    labs: result.labs.map(jsonLab),
  }
}

function jsonLab(result: LabResult): JsonLab {
  const { id, number, title } = result.lab
  return {
    id,
    number,
    title,
    file: result.file,
    state: labState(result),
    points: pointsOf([result]),
    milliseconds: Math.round(result.milliseconds),
    problem: result.problem,
    requirements: result.requirements.map(jsonRequirement),
    predictions: comparePredictions(result).map(({ prediction, predicted, observed, why }) => {
      return { id: prediction.id, predicted: predicted?.id ?? null, observed: observed?.id ?? null, why }
    }),
  }
}

function jsonRequirement(result: RequirementResult): JsonRequirement {
  const { id, text, weight } = result.requirement
  return { id, text, weight, kind: result.kind, checks: result.checks.map(jsonCheck) }
}

function jsonCheck({ title, verdict }: CheckResult): JsonCheck {
  const problem = verdict.kind === 'passed' ? null : shown(verdict)
  return {
    title,
    kind: verdict.kind,
    milliseconds: Math.round(verdict.milliseconds),
    expected: problem?.expected ?? null,
    saw: problem?.saw ?? null,
    detail: problem?.detail ?? [],
    frames: problem?.frames ?? [],
    beside: problem?.beside ?? null,
    steps: verdict.steps,
    observed: verdict.observed,
    measured: verdict.measured ?? [],
    wire: verdict.wire.map(jsonWireEvent),
    wrongAt: problem?.wrongAt ?? null,
  }
}

function jsonWireEvent(event: WireEvent): JsonWireEvent {
  if (event.kind !== 'data') return event
  const { kind, from, lane, connection, bytes, length } = event
  return { kind, from, lane, connection, length, text: escapeBytes(bytes) }
}
