import { errorMonitor, type EventEmitter } from 'node:events'
import net from 'node:net'

/**
 * A network in which a lookup and a handshake take time. The kernel connects on loopback at once, so
 * the time passes on the clock that the program is given: it has moved on when the program hears that
 * it is connected, or refused. Runs beside the learner's program, in its process.
 */

export interface Delays {
  readonly address: string
  /** Milliseconds that a lookup takes. */
  readonly lookup: number
  /** Milliseconds between the call that connects and its outcome. */
  readonly connect: number
  /** What the clock shows now: its zero means nothing. */
  readonly start: number
}

/** The `deps` of this lab. They stay here as they are, so that `now` answers at once. */
export function slowNetwork(delays: Delays): SlowNetwork {
  return new SlowNetwork(delays)
}

class SlowNetwork {
  #passed: number
  readonly #delays: Delays

  constructor(delays: Delays) {
    this.#delays = delays
    this.#passed = delays.start - Date.now()
    beforeOutcome(() => (this.#passed += delays.connect))
  }

  /** From `start` on the clock of the check, and what passed in this network. */
  readonly now = (): number => Date.now() + this.#passed

  readonly lookup = async (): Promise<string> => {
    await Promise.resolve()
    this.#passed += this.#delays.lookup
    return this.#delays.address
  }
}

type Connect = (this: EventEmitter, ...args: unknown[]) => net.Socket

/** Calls `pass` once a connection, before anybody else hears how the attempt has ended. */
function beforeOutcome(pass: () => void): void {
  const prototype = net.Socket.prototype as unknown as { connect: Connect }
  const { connect } = prototype
  prototype.connect = function (...args) {
    let isOver = false
    const once = (): void => {
      if (!isOver) pass()
      isOver = true
    }
    this.prependListener('connect', once)
    // Hears the error without being taken for somebody who handles it.
    this.prependListener(errorMonitor, once)
    return connect.apply(this, args)
  }
}
