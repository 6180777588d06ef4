import type { LabResult } from './result.ts'

export interface Points {
  readonly earned: number
  readonly possible: number
}

/** The weights of the requirements that passed, out of the weights of all that were graded. */
export function pointsOf(results: readonly LabResult[]): Points {
  return results.map(pointsOfLab).reduce(add, { earned: 0, possible: 0 })
}

function pointsOfLab(result: LabResult): Points {
  // A lab that could not be graded has no results, yet its requirements count.
  if (result.requirements.length === 0) return { earned: 0, possible: sum(result.lab.requirements) }
  const graded = result.requirements.map((each) => each.requirement)
  const passed = result.requirements.filter((each) => each.kind === 'passed' && result.problem === null)
  return { earned: sum(passed.map((each) => each.requirement)), possible: sum(graded) }
}

function sum(requirements: ReadonlyArray<{ readonly weight: number }>): number {
  return requirements.reduce((total, each) => total + each.weight, 0)
}

function add(a: Points, b: Points): Points {
  return { earned: a.earned + b.earned, possible: a.possible + b.possible }
}
