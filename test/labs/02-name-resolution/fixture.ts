/** Clocks that show what they were told last, in the program's process. */

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
