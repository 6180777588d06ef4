/** Whether something else keeps all cores busy meanwhile. */
export type Phase = 'idle' | 'loaded'

/** What a flake count is to do. */
export interface FlakePlan {
  /** How often each check meets a right program and each requirement a wrong one, in each phase. */
  readonly runs: number
  /** Ids of the labs; all without one. */
  readonly labs: readonly string[]
  /** Wall time of a phase; null ends it only with the runs. */
  readonly seconds: number | null
  /** Every program meets every check in each run. */
  readonly whole: boolean
  readonly only: 'solutions' | 'wrong' | null
  /** One after the other without one. */
  readonly phase: Phase | null
  /** Of the first run; each further run takes the next number. */
  readonly seed: number
}

/** Both phases take the same seeds, so that one number repeats a finding of either. */
export function seedOf({ seed }: FlakePlan, run: number): number {
  return seed + run
}
