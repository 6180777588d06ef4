import type { Conversation } from './conversation.ts'
import type { Beside } from './verdict.ts'

/** The ones before it are known; of those behind it so many are played, each for a few milliseconds. */
const MOST_PLAYED = 6

/**
 * @param at - Which of them failed first, from 0.
 * @param fails - Whether it does, or null where that cannot be said; each is asked once.
 */
export async function besideOf(
  all: readonly Conversation[],
  at: number,
  fails: (one: Conversation) => Promise<boolean | null>,
): Promise<Beside> {
  const passed = named(all.slice(0, at))
  const failed: Conversation[] = []
  for (const one of named(all.slice(at + 1)).slice(0, MOST_PLAYED)) {
    const isFailing = await fails(one)
    if (isFailing !== null) (isFailing ? failed : passed).push(one)
  }
  return {
    told: named(all.slice(at, at + 1))[0]?.name ?? '',
    passed: namesOf(passed),
    failed: namesOf(failed),
  }
}

// --- internal ---

/** A drawn one has no name that says anything. */
function named(all: readonly Conversation[]): Conversation[] {
  return all.filter(({ name }) => !/^drawn \d+$/.test(name))
}

function namesOf(all: readonly Conversation[]): string[] {
  return all.map(({ name }) => name)
}
