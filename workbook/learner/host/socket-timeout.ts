import net from 'node:net'
import { startTimer, stopTimer, type Timer } from './clock.ts'

/**
 * `socket.setTimeout` on virtual time. Node keeps a timer of its own for it, which it renews through
 * `_unrefTimer` whenever bytes pass.
 */

interface Timed extends net.Socket {
  timeout?: number
  _onTimeout(): void
}

type Method = (this: Timed, ...args: never[]) => unknown

const timers = new WeakMap<net.Socket, Timer>()

export function virtualizeSocketTimeouts(): void {
  const prototype = net.Socket.prototype as unknown as Record<string, Method>
  const { _destroy: destroy } = prototype
  prototype['_unrefTimer'] = function () {
    arm(this, timers.get(this)?.delay ?? 0)
  }
  prototype['_destroy'] = function (...args) {
    arm(this, 0)
    return destroy?.apply(this, args)
  }
  prototype['setTimeout'] = function (milliseconds: number, listener?: () => void) {
    if (this.destroyed) return this
    mustBeDuration(milliseconds)
    this.timeout = milliseconds
    arm(this, milliseconds)
    if (listener && milliseconds > 0) this.once('timeout', listener)
    if (listener && milliseconds === 0) this.removeListener('timeout', listener)
    return this
  }
}

// --- internal ---

/** Starts the socket's timer anew; with 0 there is none from here on. */
function arm(socket: Timed, milliseconds: number): void {
  stopTimer(timers.get(socket))
  timers.delete(socket)
  if (milliseconds === 0) return
  const timer = startTimer(() => socket._onTimeout(), milliseconds)
  timer.referenced = false
  timers.set(socket, timer)
}

function mustBeDuration(milliseconds: unknown): void {
  if (typeof milliseconds === 'number' && milliseconds >= 0 && Number.isFinite(milliseconds)) return
  const isNumber = typeof milliseconds === 'number'
  const message = `The "msecs" argument must be a number of milliseconds. Received ${String(milliseconds)}`
  throw isNumber
    ? Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' })
    : Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' })
}
