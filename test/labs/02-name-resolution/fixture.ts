/** Clocks that show what they were told last, and callers who do not wait, in the program's process. */

const times = new WeakMap<object, { now: number }>()

export function handClock(start: number): () => number {
  const time = { now: start }
  const now = (): number => time.now
  times.set(now, time)
  return now
}

export function setClock(clock: object, now: number): void {
  const time = times.get(clock)
  if (time) time.now = now
}

interface Resolves {
  resolve(name: string, type: 'A'): Promise<unknown>
}

/** Asks, and asks again within the turn in which the result comes. */
export async function askAgain(resolver: Resolves, name: string): Promise<void> {
  await resolver.resolve(name, 'A')
  await resolver.resolve(name, 'A')
}

/** Those of the names for which the call itself throws, and gives no promise that could reject. */
export function thrownFor(resolver: Resolves, names: readonly string[]): string[] {
  return names.filter((name) => {
    try {
      Promise.resolve(resolver.resolve(name, 'A')).catch(() => undefined)
      return false
    } catch {
      return true
    }
  })
}
