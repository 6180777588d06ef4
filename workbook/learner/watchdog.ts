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
    const end = judge(learner, usage.residentBytes, busy, performance.now() - started)
    if (end) learner.convict(end)
  }, LOOK_EVERY_MILLISECONDS)
  timer.unref()
  return () => clearInterval(timer)
}

function judge({ limits }: LearnerProcess, resident: number, busy: number, elapsed: number): End | null {
  if (resident > limits.residentBytes) {
    const saw = `more than ${Math.round(limits.residentBytes / 2 ** 20)} MiB of memory in use`
    return { kind: 'crashed', saw, error: null, stack: '' }
  }
  if (busy >= limits.cpuSeconds) {
    return { kind: 'hung', saw: `${limits.cpuSeconds} s of CPU without letting go: a loop that never ends?`, stack: '' }
  }
  if (elapsed > limits.wallMilliseconds) {
    return { kind: 'hung', saw: `no rest within ${limits.wallMilliseconds / 1000} s`, stack: '' }
  }
  return null
}
