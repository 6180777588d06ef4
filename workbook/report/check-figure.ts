import type { Lab } from '../course/lab.ts'
import type { Figure } from '../figure/figure.ts'
import { figureFromTranscript } from '../figure/from-transcript.ts'
import { wrongOf } from './ladders.ts'
import type { CheckResult } from './result.ts'

/** The wire of a check as a figure, with the place where it went wrong told in it. */
export function figureOfCheck(lab: Lab, requirement: string, check: CheckResult): Figure {
  const { wire } = check.verdict
  const wrong = wrongOf(check)
  const at = wrong?.at ?? wire.length
  const told = wrong ? `✗ expected ${wrong.expected}, saw ${wrong.saw}` : ''
  const mark = { kind: 'note', from: 'you', text: told } as const
  const events = wrong ? [...wire.slice(0, at), mark, ...wire.slice(at)] : wire
  return figureFromTranscript(events, {
    title: `Lab ${lab.number} ${requirement}: ${check.title}`,
    command: `npm run ladder -- ${lab.number} ${requirement}`,
    wrongAt: Math.max(0, Math.min(at, events.length - 1)),
  })
}
