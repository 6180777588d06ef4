/** What becomes of each datagram on a bad path, drawn so that the numbers are exact. */

export type Fate = 'carried' | 'lost' | 'doubled' | 'swapped' | 'damaged'

/** Of so many datagrams in a row, how many meet which fate; all others are carried. */
export interface Badness {
  readonly of: number
  readonly lost: number
  readonly doubled: number
  readonly swapped: number
  readonly damaged: number
}

export interface Dice {
  integer(low: number, high: number): number
}

/** Whoever sends the same thing again meets bad luck so often in a row, and not once more. */
const MOST_IN_A_ROW = 2

/** A pack of cards, shuffled and used up before the next one: a fifth is a fifth, and not about a fifth. */
export class Fates {
  readonly #badness: Badness
  readonly #dice: Dice
  #cards: Fate[] = []
  /** How often the same thing has failed to arrive, in a row. */
  readonly #failures = new Map<string, number>()

  constructor(badness: Badness, dice: Dice) {
    this.#badness = badness
    this.#dice = dice
  }

  /** @param kin - The same for whatever has to arrive instead of one that was lost; null where nobody knows. */
  next(kin: string | null): Fate {
    if (kin === null) return this.#draw(false)
    const failures = this.#failures.get(kin) ?? 0
    const fate = this.#draw(failures >= MOST_IN_A_ROW)
    this.#failures.set(kin, isBad(fate) ? failures + 1 : 0)
    return fate
  }

  // --- internal ---

  /** Who is spared gets the next good card; the bad ones before it stay for others. */
  #draw(spared: boolean): Fate {
    for (;;) {
      const at = spared ? this.#cards.findIndex((card) => !isBad(card)) : 0
      const [card] = at < 0 ? [] : this.#cards.splice(at, 1)
      if (card) return card
      this.#cards.push(...this.#shuffled())
    }
  }

  #shuffled(): Fate[] {
    const { of, ...bad } = this.#badness
    const fates = Object.entries(bad).flatMap(([fate, count]) =>
      Array.from({ length: count }, () => fate as Fate),
    )
    const rest = Array.from({ length: of - fates.length }, (): Fate => 'carried')
    const left = [...fates, ...rest]
    return left.map((_, index) => {
      const other = this.#dice.integer(index, left.length - 1)
      const [mine, theirs] = [left[index] as Fate, left[other] as Fate]
      left[other] = mine
      return theirs
    })
  }
}

// --- internal ---

function isBad(fate: Fate): boolean {
  return fate === 'lost' || fate === 'damaged'
}
