import type { Check } from './check.ts'
import { createRandom, type Random } from './random.ts'

/**
 * A conversation is what the grader's ends, the handlers, the callers and the clock do, one step after the other.
 * A step is plain data, and means something by itself: `{ send: 'half a request' }`, `{ tick: 4_999 }`.
 */
export interface Conversations<Step> {
  /** The states that every run visits. The name is told: `close() while half a request is there`. */
  readonly scripts: Readonly<Record<string, readonly Step[]>>
  /** Draws one more. */
  draw?(random: Random): readonly Step[]
  /** How many are drawn in a run; 6 if not given. */
  readonly drawn?: number
  /** Each in a program loaded anew; otherwise one after the other in one, which is faster and finds what they share. */
  readonly alone?: boolean
  /**
   * Plays the steps over real sockets, and compares what it sees with what a right program shows. A step that
   * means nothing in the state that it meets is passed over: shortening leaves out the steps before it.
   */
  play(check: Check, steps: readonly Step[]): Promise<void>
}

/** One conversation, ready to be played again and again with the same inputs. */
export interface Conversation {
  readonly name: string
  readonly steps: readonly unknown[]
  /** Its inputs come from here. */
  readonly seed: string
}

/**
 * The scripts in their order, and then the drawn ones.
 *
 * @param scriptsOnly - What is known to be wrong has to be caught without the help of chance.
 */
export function conversationsOf(
  of: Conversations<unknown>,
  seed: string,
  scriptsOnly: boolean,
): Conversation[] {
  const scripts = Object.entries(of.scripts).map(([name, steps]) => ({
    name,
    steps,
    seed: `${seed} ${name}`,
  }))
  const names =
    of.draw && !scriptsOnly ? Array.from({ length: of.drawn ?? 6 }, (_, index) => `drawn ${index + 1}`) : []
  const drawn = names.map((name) => {
    const own = `${seed} ${name}`
    return { name, steps: of.draw?.(createRandom(`${own} steps`)) ?? [], seed: own }
  })
  return [...scripts, ...drawn]
}

/** Trials of one shortening at most: each costs a few milliseconds. */
const MOST_TRIALS = 60

/**
 * Leaves out steps as long as the conversation still fails: halves first, then quarters, down to single steps, until
 * none can be left out.
 *
 * @param fails - Whether the conversation of these steps shows the same mistake.
 */
export async function shorten(
  { steps, ...rest }: Conversation,
  fails: (shorter: Conversation) => Promise<boolean>,
): Promise<Conversation> {
  let kept = steps
  let trials = 0
  for (let size = Math.ceil(kept.length / 2); size >= 1 && trials < MOST_TRIALS;) {
    const before = kept.length
    for (let at = kept.length - size; at > -size && trials < MOST_TRIALS; at -= size) {
      const start = Math.max(at, 0)
      const shorter = [...kept.slice(0, start), ...kept.slice(at + size)]
      trials++
      if (await fails({ ...rest, steps: shorter })) kept = shorter
    }
    if (size > 1) size = Math.ceil(size / 2)
    else if (kept.length === before) break
  }
  return { ...rest, steps: kept }
}
