import type { Choice, Prediction } from '../course/lab.ts'
import { indent, INDENT, narrower, wrap, type View } from './layout.ts'
import type { LabResult } from './result.ts'

/** What the learner ticked in predictions.md, beside what the wire showed. It never costs a verdict. */
export interface ComparedPrediction {
  readonly prediction: Prediction
  /** The one box that is ticked; null if none is, or several are. */
  readonly predicted: Choice | null
  /** What the wire of this run showed; null if no check came so far. */
  readonly observed: Choice | null
  /** Why it was so; null where the suite says nothing about it. */
  readonly why: string | null
}

export function comparePredictions(result: LabResult): ComparedPrediction[] {
  const seen = observations(result)
  return result.lab.predictions.map((prediction) => {
    const ticked = prediction.choices.filter((choice) => choice.ticked)
    const { choice: id, why = null } = seen.get(prediction.id) ?? {}
    const observed = prediction.choices.find((choice) => choice.id === id) ?? null
    const predicted = (ticked.length === 1 && ticked[0]) || null
    return { prediction, predicted, observed, why: observed && why }
  })
}

/** Prediction id → what was ticked, and what came: `b, seen a`. */
export type ToldPredictions = Readonly<Record<string, string>>

/** All that can be told of this run's predictions. */
export function tellable(result: LabResult): ToldPredictions {
  return Object.fromEntries(
    comparePredictions(result).flatMap(({ prediction, predicted, observed }) =>
      predicted && observed ? [[prediction.id, `${predicted.id}, seen ${observed.id}`]] : [],
    ),
  )
}

/** The result without the predictions that were told before, in the same words. */
export function withoutTold(result: LabResult, told: ToldPredictions): LabResult {
  const now = tellable(result)
  const isNews = ({ id }: Prediction): boolean => now[id] === undefined || now[id] !== told[id]
  return { ...result, lab: { ...result.lab, predictions: result.lab.predictions.filter(isNews) } }
}

/** Only what was both predicted and seen: an answer is never shown to who has not predicted. */
export function renderPredictions(result: LabResult, view: View): string[] {
  const compared = comparePredictions(result).flatMap((each) => comparedLines(each, view))
  return compared.length === 0 ? [] : [view.paint('strong', 'Your predictions'), ...compared]
}

function comparedLines({ prediction, predicted, observed, why }: ComparedPrediction, view: View): string[] {
  if (!predicted || !observed) return []
  const right = predicted.id === observed.id
  const answer = right
    ? `as you said: ${observed.text}`
    : [`you said: ${predicted.text}`, `your wire showed: ${observed.text}`, ...(why ? [why] : [])].join('\n')
  const inner = narrower(view, INDENT).width
  const [first = '', ...rest] = wrap(prediction.question, inner)
  const mark = view.paint(right ? 'good' : 'warn', `${right ? '✓' : '≠'} ${prediction.id}`.padEnd(INDENT))
  return [mark + first, ...indent([...rest, ...wrap(answer, inner)], INDENT)]
}

interface Observation {
  readonly choice: string
  readonly why?: string
}

/** A check that passed knows best; the first that saw anything decides among equals. */
function observations(result: LabResult): Map<string, Observation> {
  const verdicts = result.requirements.flatMap((each) => each.checks).map((check) => check.verdict)
  const passed = verdicts.filter((verdict) => verdict.kind === 'passed')
  const seen = new Map<string, Observation>()
  for (const { observed, explained = {} } of [...passed, ...verdicts]) {
    for (const [id, choice] of Object.entries(observed)) {
      const why = explained[id]
      if (!seen.has(id)) seen.set(id, { choice, ...(why !== undefined && { why }) })
    }
  }
  return seen
}
