import type { FigureEvent, SegmentEvent } from '../../workbook/figure/figure.ts'

/** Something under way. */
export interface Flight {
  arrive(): void
}

/**
 * Writes down what happens, in its order: everything that begins, arrives or ends takes one step. So
 * the record of a run whose causes are the same is the same, however fast the machine.
 */
export class Recording {
  #now = 0
  readonly #events: FigureEvent[] = []

  /** Steps so far. */
  get now(): number {
    return this.#now
  }

  get events(): readonly FigureEvent[] {
    return this.#events
  }

  /** Under way until `arrive()`; what never arrives was lost. */
  sent(segment: Pick<SegmentEvent, 'from' | 'to' | 'label' | 'type' | 'connection' | 'count'>): Flight {
    const index = this.#events.length
    const event: SegmentEvent = { kind: 'segment', ...ordered(segment, this.#now++) }
    this.#events.push(event)
    return { arrive: () => void (this.#events[index] = { ...event, arrived: this.#now++ }) }
  }

  note(lane: string | null, label: string): void {
    this.#events.push({ kind: 'note', lane, at: this.#now++, label })
  }

  /** Nothing has come and nothing can: to be called when that is certain. */
  silence(lane: string, label: string): void {
    this.#events.push({ kind: 'silence', lane, from: this.#now, to: this.#now + 1, label })
  }

  /** Silences that were noted together end together. */
  step(): void {
    this.#now += 2
  }

  /** @returns Ends the state. */
  state(lane: string, label: string): () => void {
    const index = this.#events.length
    const from = this.#now++
    this.#events.push({ kind: 'state', lane, from, to: null, label })
    return () => void (this.#events[index] = { kind: 'state', lane, from, to: this.#now++, label })
  }
}

// --- internal ---

/** Always the same order of names, so that the same run gives the same file. */
function ordered(
  { from, to, label, type, connection, count }: Parameters<Recording['sent']>[0],
  sent: number,
): Omit<SegmentEvent, 'kind'> {
  return {
    from,
    to,
    sent,
    arrived: null,
    label,
    type,
    ...(connection !== undefined && { connection }),
    ...(count !== undefined && { count }),
  }
}
