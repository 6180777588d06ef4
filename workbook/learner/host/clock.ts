import FakeTimers from '@sinonjs/fake-timers'
import net from 'node:net'
import timersPromises from 'node:timers/promises'
import type { TimerRow } from '../messages.ts'

/**
 * Virtual time. Every timer of the learner's program runs on this clock, which only the grader
 * moves: a minute passes in no time, and never by chance.
 */
const clock = FakeTimers.install({
  now: Date.UTC(2026, 0, 1),
  toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance', 'hrtime'],
})
const started = clock.now

/** Milliseconds since the check began. */
export function now(): number {
  return clock.now - started
}

export function pendingTimers(): TimerRow {
  const due = [...(clock as unknown as { timers?: Map<number, { callAt: number }> }).timers?.values() ?? []]
  const next = due.length > 0 ? Math.min(...due.map((timer) => timer.callAt)) : null
  return { pending: due.length, nextIn: next === null ? null : Math.max(0, next - clock.now), now: now() }
}

/** Moves time by at most `by` ms; when a timer is due before that, runs that one and stops there. */
export function advance(by: number): number {
  const before = clock.now
  const { nextIn } = pendingTimers()
  if (nextIn === null || nextIn > by) clock.tick(by)
  else clock.next()
  return clock.now - before
}

/** What fake-timers leaves real: three places of Node that wait on timers of their own. */
export function virtualizeTheRest(): void {
  virtualizeSocketTimeout()
  AbortSignal.timeout = (milliseconds: number): AbortSignal => {
    const controller = new AbortController()
    const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError')
    setTimeout(() => controller.abort(reason), milliseconds)
    return controller.signal
  }
  const { scheduler } = timersPromises
  scheduler.wait = (milliseconds, options) => timersPromises.setTimeout(milliseconds, undefined, options)
}

interface Timed extends net.Socket {
  _onTimeout(): void
}

/** `socket.setTimeout` uses a timer list inside Node; Node refreshes it through `_unrefTimer`. */
function virtualizeSocketTimeout(): void {
  const timers = new WeakMap<net.Socket, { id: NodeJS.Timeout; milliseconds: number }>()
  const arm = (socket: Timed, milliseconds: number): void => {
    clearTimeout(timers.get(socket)?.id)
    timers.delete(socket)
    if (milliseconds <= 0 || socket.destroyed) return
    timers.set(socket, { milliseconds, id: setTimeout(() => socket._onTimeout(), milliseconds) })
  }
  const prototype = net.Socket.prototype as unknown as Record<string, (this: Timed, ...args: never[]) => unknown>
  prototype['_unrefTimer'] = function () {
    arm(this, timers.get(this)?.milliseconds ?? 0)
  }
  prototype['setTimeout'] = function (milliseconds: number, listener?: () => void) {
    if (this.destroyed) return this
    const socket = this as Timed & { timeout?: number }
    socket.timeout = milliseconds
    arm(socket, milliseconds)
    if (listener && milliseconds > 0) this.once('timeout', listener)
    if (listener && milliseconds <= 0) this.removeListener('timeout', listener)
    this.once('close', () => arm(socket, 0))
    return this
  }
}
