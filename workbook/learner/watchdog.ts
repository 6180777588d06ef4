import type { End } from './end.ts'
import type { Limits } from './limits.ts'
import { usageOf } from './usage.ts'

const LOOK_EVERY_MILLISECONDS = 25

/** A program that is slow because the machine is busy uses no CPU time meanwhile. */
const WALL_FOR_CPU = 6

/** A process at work on a check. */
interface Watched {
  readonly pid: number
  readonly limits: Limits
  /** When the program was last proven idle, by performance.now(). */
  readonly lastRest: number
  /** The oldest order without an answer, calls aside. */
  readonly unanswered: number | null
  convict(end: End): void
}

/** What the program has used, and when it last rested. */
export interface Use {
  readonly resident: number
  /** CPU seconds that the oldest order has taken. */
  readonly busy: number
  /** Milliseconds since the last rest, of CPU time where the system tells it, and of wall time. */
  readonly restless: { readonly cpu: number | null; readonly wall: number }
  /** CPU seconds since the check began. */
  readonly cpu: number
  /** Milliseconds of wall time since the check began. */
  readonly wall: number
}

/**
 * Watches a process that works on a check. CPU time convicts a loop within a second, and never a
 * program that merely waits, however slow the machine.
 *
 * @returns Stops watching.
 */
export function watch(learner: Watched): () => void {
  const started = performance.now()
  const atStart = usageOf(learner.pid)?.cpuSeconds ?? 0
  let [oldest, since] = [learner.unanswered, atStart]
  let [rest, cpuAtRest] = [learner.lastRest, atStart]
  const timer = setInterval(() => {
    const usage = usageOf(learner.pid)
    if (!usage) return
    const cpu = usage.cpuSeconds ?? 0
    if (learner.unanswered === null || learner.unanswered !== oldest)
      [oldest, since] = [learner.unanswered, cpu]
    if (learner.lastRest !== rest) [rest, cpuAtRest] = [learner.lastRest, cpu]
    const now = performance.now()
    const restless = {
      cpu: usage.cpuSeconds === null ? null : 1_000 * (cpu - cpuAtRest),
      wall: now - Math.max(started, rest),
    }
    const end = judge(learner, {
      resident: usage.residentBytes,
      busy: cpu - since,
      restless,
      cpu: cpu - atStart,
      wall: now - started,
    })
    if (end) learner.convict(end)
  }, LOOK_EVERY_MILLISECONDS)
  timer.unref()
  return () => clearInterval(timer)
}

/** By which bound a process is convicted, if any. */
export function judge(
  { limits }: Pick<Watched, 'limits'>,
  { resident, busy, restless, cpu, wall }: Use,
): End | null {
  if (resident > limits.residentBytes) {
    const saw = `more than ${Math.round(limits.residentBytes / 2 ** 20)} MiB of memory in use`
    return { kind: 'crashed', saw, error: null, stack: '' }
  }
  if (busy >= limits.cpuSeconds)
    return hung(`${limits.cpuSeconds} s of CPU without letting go: a loop that never ends?`)
  const bound = limits.restlessMilliseconds
  const isRestless = restless.cpu === null ? restless.wall > bound : restless.cpu > bound
  if (isRestless || restless.wall > WALL_FOR_CPU * bound) return hung(`no rest within ${bound / 1000} s`)
  if (cpu > limits.checkCpuSeconds) return hung(`more than ${limits.checkCpuSeconds} s of CPU in one check`)
  if (wall > limits.wallMilliseconds) return hung(`no end within ${limits.wallMilliseconds / 1000} s`)
  return null
}

function hung(saw: string): End {
  return { kind: 'hung', saw, stack: '' }
}
