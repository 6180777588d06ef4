/**
 * The ordered record of one check's wire, as the grader's ends saw it. One transcript holds every
 * connection of the check; `lane` names the peer at the other end of the learner.
 */

export type WireEvent =
  | { readonly kind: 'connect'; readonly from: Side; readonly lane: string; readonly connection: number }
  | {
      readonly kind: 'data'
      readonly from: Side
      readonly lane: string
      readonly connection: number
      readonly bytes: Uint8Array
      readonly length: number
    }
  | { readonly kind: 'fin'; readonly from: Side; readonly lane: string; readonly connection: number }
  | { readonly kind: 'rst'; readonly from: Side; readonly lane: string; readonly connection: number }
  /** Both sides have nothing left to do and no byte is in flight: silence is a fact, not a guess. */
  | { readonly kind: 'idle'; readonly note: string }
  /** Virtual time moved, in milliseconds; `now` counts from the start of the check. */
  | { readonly kind: 'tick'; readonly by: number; readonly now: number }
  /** A lookup of a host name by the learner, and the answer. */
  | { readonly kind: 'lookup'; readonly host: string; readonly answer: string }
  /** A line that the learner's program printed. */
  | { readonly kind: 'printed'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  /** Something the suite did or saw that has no bytes: a call, its result, a gate opened. */
  | { readonly kind: 'note'; readonly from: Side; readonly text: string }

/** `you` is the learner's program; `peer` is the grader's end. */
export type Side = 'you' | 'peer'

/** How many bytes of one data event are kept; `length` always tells how many there were. */
const KEPT_BYTES = 512
const MAX_EVENTS = 5_000

export class Transcript {
  readonly events: WireEvent[] = []
  #connections = 0
  #isOver = false

  nextConnection(): number {
    return ++this.#connections
  }

  /**
   * The check is over. What its tidying up does on the wire, the FIN of a program that was ended for
   * instance, is not the program's doing; what it has printed may still be on its way.
   */
  end(): void {
    this.#isOver = true
  }

  add(event: WireEvent): void {
    if (this.#isOver && event.kind !== 'printed') return
    if (this.events.length < MAX_EVENTS) this.events.push(event)
  }

  data(from: Side, lane: string, connection: number, bytes: Uint8Array): void {
    // A copy: the pool behind a Buffer is reused, and the kept bytes must not pin it.
    const kept = Uint8Array.prototype.slice.call(bytes, 0, KEPT_BYTES)
    this.add({ kind: 'data', from, lane, connection, bytes: kept, length: bytes.length })
  }
}
