/** Bounds of time, by one timer a connection. */

export interface Limits {
  readonly idleMs: number
  readonly headMs: number
  readonly bodyMs: number
  readonly maxHeadBytes: number
  readonly maxBodyBytes: number
  readonly maxConnections: number
  readonly graceMs: number
}

/** A deadline that is moved often: the timer stays where it is, and looks when it runs out. */
export class Deadline {
  #at = Infinity
  #fires = Infinity
  #timer: NodeJS.Timeout | undefined
  #expire: () => void = () => undefined

  get isSet(): boolean {
    return this.#at < Infinity
  }

  set(milliseconds: number, expire: () => void): void {
    this.#expire = expire
    this.#at = performance.now() + milliseconds
    if (this.#at < this.#fires) this.#arm(milliseconds)
  }

  /** Nothing is waited for; the timer may run out for nothing. */
  lift(): void {
    this.#at = Infinity
  }

  clear(): void {
    this.lift()
    clearTimeout(this.#timer)
    this.#fires = Infinity
  }

  #arm(milliseconds: number): void {
    clearTimeout(this.#timer)
    this.#fires = this.#at
    this.#timer = setTimeout(() => this.#look(), milliseconds)
  }

  #look(): void {
    this.#fires = Infinity
    if (this.#at === Infinity) return
    const left = this.#at - performance.now()
    if (left > 0) return this.#arm(left)
    this.#at = Infinity
    this.#expire()
  }
}
