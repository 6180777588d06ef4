import type { CheckDefinition } from '../../grading/lab.ts'

/** Remembers which check has killed which change: what kills a change often kills its neighbours. */
export class Kills {
  readonly #all: readonly CheckDefinition[]
  readonly #killed: Array<{ readonly at: number; readonly by: CheckDefinition }> = []

  /** @param all - In the order of the suite. */
  constructor(all: readonly CheckDefinition[]) {
    this.#all = all
  }

  add(at: number, by: CheckDefinition): void {
    this.#killed.push({ at, by })
  }

  /** All checks: first what has killed the nearest changes, and then as the suite has them. */
  orderFor(at: number): CheckDefinition[] {
    const distance = (kill: { at: number }): number => Math.abs(kill.at - at)
    const near = [...this.#killed].sort((one, other) => distance(one) - distance(other))
    return [...new Set([...near.map(({ by }) => by), ...this.#all])]
  }
}
