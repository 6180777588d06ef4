import type { Lab, Requirement } from '../course/lab.ts'
import type { Verdict } from '../grading/verdict.ts'
import {
  requirementOf,
  type CheckResult,
  type LabResult,
  type RequirementResult,
  type SetupProblem,
} from './result.ts'

/** A verdict, and the requirement that it speaks of. */
export interface GatheredCheck {
  readonly requirement: string
  readonly title: string
  readonly verdict: Verdict
}

export interface Gathered {
  readonly file: string
  readonly problem: SetupProblem | null
  readonly checks: readonly GatheredCheck[]
  readonly milliseconds: number
}

/**
 * The result of a lab from its checks.
 *
 * @param wanted - Ids of the requirements that were graded; all of them if empty.
 */
export function gatherLab(lab: Lab, wanted: readonly string[], gathered: Gathered): LabResult {
  const { file, problem, checks, milliseconds } = gathered
  // A promise that broke on the way to another one is told too.
  const told = new Set([...wanted, ...checks.map(requirementOf)])
  const asked = lab.requirements.filter(({ id }) => wanted.length === 0 || told.has(id))
  const requirements = problem ? [] : asked.map((requirement) => requirementResult(requirement, checks))
  return { lab, file, problem, requirements, milliseconds }
}

/** What stands for a program that esbuild cannot read, or that is not there. */
export function compileProblem(code: string, lines: readonly string[], lab: Lab, file: string): SetupProblem {
  const next = code === 'E_SYNTAX' ? `mend ${file}, then npm run grade -- ${lab.number}` : 'please report it'
  return { code, message: lines.join('\n'), next }
}

// --- internal ---

function requirementResult(requirement: Requirement, all: readonly GatheredCheck[]): RequirementResult {
  const speaking = all.filter((check) => requirementOf(check) === requirement.id)
  const own = speaking.length > 0 ? speaking : all.filter((check) => check.requirement === requirement.id)
  const checks: CheckResult[] = own.map(({ title, verdict }) => ({ title, verdict }))
  const deciding = checks.find(({ verdict }) => verdict.kind !== 'passed')
  const kind = checks.length === 0 ? 'no-checks' : (deciding?.verdict.kind ?? 'passed')
  return { requirement, kind, checks }
}
