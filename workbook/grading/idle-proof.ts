import type { Calm, Order, Packed } from '../learner/messages.ts'
import type { LearnerProcess } from '../learner/process.ts'
import { ledgersAgree, stalledTuples, type GraderSide } from './idle.ts'

/** In vain and in a row, until the proof takes its time. */
const QUICK_ROUNDS = 10

/** The check under way, as the proof sees it. */
export interface Watched extends GraderSide {
  readonly process: LearnerProcess
  /** Grows with whatever happens. */
  readonly activity: number
  /** Grows with all that the program may feel: each order but those that only look, and whatever the grader's ends do. */
  readonly acts: number
  readonly isOver: boolean
  /** Whether somebody waits for what has come already, and has not gone on yet. */
  readonly isAwaited: boolean
  /** @throws What ends the check. */
  mayGoOn(): void
  order(order: Order): Promise<Packed>
  /** Called after anything has happened. @returns Takes the listener away. */
  onChange(listener: () => void): () => void
}

/** Proves that the program is idle: nothing is under way, and without the grader nothing more will come. */
export class IdleProof {
  readonly #watched: Watched
  #proven: { readonly calm: Calm; readonly acts: number } | null = null

  constructor(watched: Watched) {
    this.#watched = watched
  }

  /** @returns What the program has, or null as soon as `met`. */
  async prove(met: () => boolean): Promise<Calm | null> {
    const watched = this.#watched
    for (let rounds = 0; ; rounds++) {
      watched.mayGoOn()
      if (met()) return null
      const still = await this.#stillIdle(met)
      if (still) return met() ? null : still
      const { acts, activity } = watched
      const calm = await this.#barrierOr(met)
      if (!calm) return null
      await this.#hearAll(met)
      // What it was heard to say since was said before its calm, and is in both ledgers; what we did it has not felt.
      if (watched.acts === acts && ledgersAgree(calm, watched) && !watched.isAwaited) {
        watched.process.rested()
        this.#proven = { calm, acts }
        return calm
      }
      // Something lies in the kernel, for the 40 ms of a delayed ACK perhaps: it is not waited for at full speed.
      if (watched.activity !== activity) rounds = 0
      else if (rounds >= QUICK_ROUNDS) await this.aMoment(met)
    }
  }

  /** What comes at once needs no proof, which costs both processes a message. Nothing depends on how long this is. */
  aMoment(met: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const isOver = (): boolean => met() || this.#watched.isOver
      if (isOver()) return resolve()
      const done = (): void => {
        clearTimeout(timer)
        off()
        resolve()
      }
      const timer = setTimeout(done, 1)
      const off = this.#watched.onChange(() => void (isOver() && done()))
    })
  }

  // --- internal ---

  /** The last proof, where neither side has done anything since. Whoever is about to do something does it first. */
  async #stillIdle(met: () => boolean): Promise<Calm | null> {
    const [proven, watched] = [this.#proven, this.#watched]
    const holds = (): boolean =>
      proven?.acts === watched.acts && ledgersAgree(proven.calm, watched) && !watched.isAwaited
    if (!proven || !holds()) return null
    await this.#hearAll(met)
    return holds() ? proven.calm : null
  }

  /**
   * What has arrived has been read, and whoever waited for it has gone on: two turns in which nothing came. In the
   * first each wait that is met ends, and what follows upon it at once is done before the second.
   */
  async #hearAll(met: () => boolean): Promise<void> {
    for (let quiet = 0; quiet < 2 && !met();) {
      const before = this.#watched.activity
      await nextTurn()
      quiet = this.#watched.activity === before ? quiet + 1 : 0
    }
  }

  /** The barrier's answer, or null as soon as `met`, or as the check is over. */
  #barrierOr(met: () => boolean): Promise<Calm | null> {
    const { ends } = this.#watched
    return new Promise((resolve, reject) => {
      const off = this.#watched.onChange(
        () => void ((met() || this.#watched.isOver) && done(() => resolve(null))),
      )
      const done = (settle: () => void): void => {
        off()
        settle()
      }
      this.#watched.order({ op: 'barrier', stalled: stalledTuples(ends) }).then(
        (calm) => done(() => resolve(calm as Calm)),
        (error: unknown) => done(() => reject(error)),
      )
    })
  }
}

// --- internal ---

/** The poll phase of our own event loop lies between: what has arrived has been read after it. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
