// Attacks virtual time: moves the grader's clock by itself.
type WithClock = { clock?: { tick(by: number): void; now: number } }

export function run(): number {
  const before = Date.now()
  for (const faked of [setTimeout, setInterval, Date, performance, process.hrtime] as WithClock[]) {
    try {
      faked.clock?.tick(60_000)
      if (faked.clock) faked.clock.now += 60_000
    } catch {
      // One way less.
    }
  }
  return Date.now() - before
}
