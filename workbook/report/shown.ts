import type { Frame, Problem } from '../grading/verdict.ts'
import { outcomeOf } from './state.ts'

/**
 * What of a problem any report may show. A second guard behind the one that makes the verdicts:
 * neither the suite's own places nor the stack of an error of the workbook's is the learner's to see.
 */
export function shown(problem: Problem): Problem {
  const frames = problem.frames.filter(isLearners)
  if (outcomeOf(problem.kind) !== 'fault') return { ...problem, frames }
  const [saw = ''] = problem.saw.split('\n')
  return { ...problem, saw, detail: [], frames: [] }
}

function isLearners(frame: Frame): boolean {
  return !/^(?:test\/labs|workbook)\//u.test(frame.file)
}
