/**
 * The narrow part of a path. It carries so many bytes in a unit of time, and those who have something on it share it
 * evenly, as if each sent a segment in turns: with three on it, each takes three times as long.
 *
 * Time enters as a number and leaves as one, so a run is the same on every machine. Who begins together with as many
 * bytes is through at exactly the same time: progress is counted in bytes that each one was carried, not in seconds.
 */
export class SharedLine {
  readonly #rate: number
  readonly #segmentSize: number
  readonly #at: (time: number, run: () => void) => void
  readonly #senders = new Map<number, Sender>()
  /** Bytes that whoever was on the line all the time has been carried, until `#last`. */
  #carried = 0
  #last = 0
  /** An end that was foreseen before somebody came or went is none. */
  #forecast = 0

  /**
   * @param rate - Bytes in a unit of time, all senders together.
   * @param segmentSize - Bytes come out at the far end in pieces of this size.
   * @param at - Runs something at a time that is still to come.
   */
  constructor(rate: number, segmentSize: number, at: (time: number, run: () => void) => void) {
    this.#rate = rate
    this.#segmentSize = segmentSize
    this.#at = at
  }

  /** @param through - Told of each segment when its last byte has passed. */
  enter(now: number, sender: number, bytes: Buffer, through: (segment: Buffer) => void): void {
    this.#advance(now)
    const segments = this.#cut(bytes).map((segment): Segment => ({ bytes: segment, through }))
    const known = this.#senders.get(sender)
    if (known) known.segments.push(...segments)
    else this.#senders.set(sender, { segments, end: this.#carried + (segments[0]?.bytes.length ?? 0) })
    this.#foresee()
  }

  // --- internal ---

  #cut(bytes: Buffer): Buffer[] {
    const count = Math.ceil(bytes.length / this.#segmentSize)
    return Array.from({ length: count }, (_, index) =>
      bytes.subarray(index * this.#segmentSize, (index + 1) * this.#segmentSize),
    )
  }

  #advance(now: number): void {
    if (this.#senders.size > 0) this.#carried += ((now - this.#last) * this.#rate) / this.#senders.size
    this.#last = now
  }

  /** When the next segment is through, if nobody comes before. */
  #foresee(): void {
    const forecast = ++this.#forecast
    if (this.#senders.size === 0) return
    const next = Math.min(...[...this.#senders.values()].map(({ end }) => end))
    const time = this.#last + ((next - this.#carried) * this.#senders.size) / this.#rate
    this.#at(time, () => {
      if (forecast === this.#forecast) this.#pass(time, next)
    })
  }

  #pass(now: number, carried: number): void {
    this.#last = now
    this.#carried = carried
    for (const [number, sender] of this.#senders) {
      if (sender.end > carried) continue
      const [segment, next] = sender.segments
      sender.segments.shift()
      segment?.through(segment.bytes)
      if (next) sender.end += next.bytes.length
      else this.#senders.delete(number)
    }
    this.#foresee()
  }
}

interface Segment {
  readonly bytes: Buffer
  readonly through: (segment: Buffer) => void
}

/** Whoever has something on the line. */
interface Sender {
  readonly segments: Segment[]
  /** How much must have been carried for its first segment to be through. */
  end: number
}
