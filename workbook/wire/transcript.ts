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
      /** A datagram in words: `bytes` are these, and not its own. */
      readonly described?: true
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

/**
 * How many bytes of one data event are kept: messages whole, as long as there is room, and then their beginnings.
 * `length` always tells how many there were.
 */
const KEPT_BYTES = { whole: 4096, beginning: 512 }
const ROOM_BYTES = 128 * 1024
const MAX_EVENTS = 5_000

export class Transcript {
  readonly events: WireEvent[] = []
  #connections = 0
  #sealed = false
  #kept = 0

  nextConnection(): number {
    return ++this.#connections
  }

  add(event: WireEvent): void {
    if (this.#sealed && event.kind !== 'printed') return
    if (this.events.length < MAX_EVENTS) this.events.push(event)
  }

  /** Time has passed behind so many events; what goes on without one between is one row. */
  passed(at: number, by: number, now: number): void {
    if (this.#sealed || this.events.length >= MAX_EVENTS) return
    const before = this.events[at - 1]
    if (before?.kind === 'tick') this.events[at - 1] = { kind: 'tick', by: before.by + by, now }
    else this.events.splice(at, 0, { kind: 'tick', by, now })
  }

  /** The check is over: how its connections are cleared away is no part of it. What was printed still is. */
  seal(): void {
    this.#sealed = true
  }

  /** How many events there are up to and with the last of the learner's on a connection, of these kinds. */
  through(connection: number, kinds: ReadonlyArray<'data' | 'fin' | 'rst'>): number {
    const index = this.events.findLastIndex(
      (event) =>
        'connection' in event &&
        event.connection === connection &&
        event.from === 'you' &&
        (kinds as readonly string[]).includes(event.kind),
    )
    return index === -1 ? this.events.length : index + 1
  }

  data(from: Side, lane: string, connection: number, bytes: Uint8Array): void {
    // A copy: the pool behind a Buffer is reused, and the kept bytes must not pin it.
    const most = this.#kept < ROOM_BYTES ? KEPT_BYTES.whole : KEPT_BYTES.beginning
    const kept = Uint8Array.prototype.slice.call(bytes, 0, most)
    this.#kept += kept.length
    this.add({ kind: 'data', from, lane, connection, bytes: kept, length: bytes.length })
  }
}
