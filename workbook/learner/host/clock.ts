import type { TimerRow } from '../messages.ts'

/**
 * Virtual time. Every timer of the learner's program stands in this queue, and only the grader moves
 * the time: a minute passes in no time, and never by chance.
 */

export interface Timer {
  readonly run: () => void
  /** Milliseconds, whole, at least 1. */
  readonly delay: number
  readonly repeats: boolean
  dueAt: number
  /** Of two that are due together, the lower goes first. */
  order: number
  /** False for one that would not keep a program running: it is no leak. */
  referenced: boolean
}

/** As in Node: a delay of less than a millisecond, or of more than 2^31 - 1, is one of a millisecond. */
const SHORTEST = 1
const LONGEST = 2 ** 31 - 1

let time = 0
let orders = 0
let realNow: (() => number) | null = null
const queue = new Set<Timer>()
const nextTick = process.nextTick.bind(process)

/** Milliseconds since the check began. */
export function now(): number {
  return realNow ? realNow() : time
}

/** Nothing is virtual: somebody tries the program by hand. */
export function useRealTime(): void {
  realNow = performance.now.bind(performance)
}

export function startTimer(run: () => void, delay: unknown, repeats = false): Timer {
  const milliseconds = Number(delay)
  const kept = milliseconds >= SHORTEST && milliseconds <= LONGEST ? Math.trunc(milliseconds) : SHORTEST
  const timer = { run, delay: kept, repeats, dueAt: 0, order: 0, referenced: true }
  restartTimer(timer)
  return timer
}

export function restartTimer(timer: Timer): void {
  timer.dueAt = time + timer.delay
  timer.order = ++orders
  queue.add(timer)
}

export function stopTimer(timer: Timer | undefined): void {
  if (timer) queue.delete(timer)
}

/** As at the start of a check: no timer, and no time has passed. */
export function resetClock(): void {
  queue.clear()
  time = 0
}

export function pendingTimers(): TimerRow {
  const next = first([...queue])
  return {
    pending: [...queue].filter(({ referenced }) => referenced).length,
    nextIn: next ? next.dueAt - time : null,
    atOnce: [...queue].some(asksForNoTime),
    now: time,
  }
}

/**
 * Moves time by at most `by` ms: runs the first timer that is due by then, and stops there. With 0
 * nothing moves, and a timer that is due, or else one that asks for no time, runs.
 *
 * @returns Milliseconds moved.
 */
export function advance(by: number): number {
  const before = time
  const next = first([...queue].filter((timer) => timer.dueAt <= time + by))
  if (next) time = Math.max(time, next.dueAt)
  else time += by
  const runs = next ?? (by === 0 ? first([...queue].filter(asksForNoTime)) : undefined)
  if (runs) fire(runs)
  return time - before
}

// --- internal ---

/** `setTimeout(f)` and `setTimeout(f, 0)`: as soon as the event loop comes to it. */
function asksForNoTime({ delay, repeats }: Timer): boolean {
  return delay === SHORTEST && !repeats
}

function first(timers: Timer[]): Timer | undefined {
  return timers.sort((a, b) => a.dueAt - b.dueAt || a.order - b.order)[0]
}

function fire(timer: Timer): void {
  // An interval stays in the queue meanwhile, so that its own call-back can end it.
  if (!timer.repeats) queue.delete(timer)
  try {
    timer.run()
  } catch (error) {
    // Uncaught, as in a timer of Node's; the grader's order to go on has worked.
    nextTick(() => {
      throw error
    })
  }
  if (timer.repeats && queue.has(timer)) restartTimer(timer)
}
