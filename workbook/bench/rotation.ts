import type { LabDefinition } from '../grading/lab.ts'
import type { KnownProgram } from '../grading/programs.ts'

/** A program whose verdicts are known, and the suite that grades it. */
export interface Known {
  readonly suite: LabDefinition
  readonly program: KnownProgram
}

/**
 * The programs of one run, so that each check meets a right program, and each requirement a wrong one:
 * of each lab one that is right, and for each requirement one that fails it first. The others have
 * their turn in the runs that follow.
 *
 * @param turn - The same number gives the same programs.
 */
export function inTurn(all: readonly Known[], turn: number): Known[] {
  const groups = new Map<string, Known[]>()
  for (const known of all) {
    const key = `${known.suite.id} ${failsFirst(known.program) ?? ''}`
    groups.set(key, [...(groups.get(key) ?? []), known])
  }
  return [...groups.values()].flatMap((group) => group[turn % group.length] ?? [])
}

// --- internal ---

function failsFirst({ expected }: KnownProgram): string | null {
  return expected.kind === 'fails' ? expected.first : null
}
