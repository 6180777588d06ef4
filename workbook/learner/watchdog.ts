import type { End } from './end.ts'
import type { LearnerProcess } from './process.ts'
import { usageOf } from './usage.ts'

const LOOK_EVERY_MILLISECONDS = 25

/**
 * Watches a process that works on a check. CPU time convicts a loop within a second, and never a
 * program that merely waits, however slow the machine.
 *
 * @returns Stops watching.
 */
export function watch(learner: LearnerProcess): () => void {
  const started = performance.now()
  let [oldest, since] = [learner.unanswered, usageOf(learner.pid)?.cpuSeconds ?? 0]
  const timer = setInterval(() => {
    const usage = usageOf(learner.pid)
    if (!usage) return
    if (learner.unanswered === null || learner.unanswered !== oldest) {
      ;[oldest, since] = [learner.unanswered, usage.cpuSeconds ?? 0]
    }
    const busy = (usage.cpuSeconds ?? 0) - since
    const end = judge(learner, { resident: usage.residentBytes, busy, started })
    if (end) learner.convict(end)
  }, LOOK_EVERY_MILLISECONDS)
  timer.unref()
  return () => clearInterval(timer)
}

interface Use {
  readonly resident: number
  /** CPU seconds that the oldest order has taken. */
  readonly busy: number
  readonly started: number
}

function judge({ limits, lastRest }: LearnerProcess, { resident, busy, started }: Use): End | null {
  const now = performance.now()
  if (resident > limits.residentBytes) {
    const saw = `more than ${Math.round(limits.residentBytes / 2 ** 20)} MiB of memory in use`
    return { kind: 'crashed', saw, error: null, stack: '' }
  }
  if (busy >= limits.cpuSeconds)
    return hung(`${limits.cpuSeconds} s of CPU without letting go: a loop that never ends?`)
  const restless = limits.restlessMilliseconds
  if (now - Math.max(started, lastRest) > restless) return hung(`no rest within ${restless / 1000} s`)
  if (now - started > limits.wallMilliseconds)
    return hung(`no end within ${limits.wallMilliseconds / 1000} s`)
  return null
}

function hung(saw: string): End {
  return { kind: 'hung', saw, stack: '' }
}
