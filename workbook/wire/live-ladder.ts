import { layOutLanes } from './ladder-lanes.ts'
import { drawNames, drawRow } from './ladder.ts'
import type { LadderPaint } from './ladder-line.ts'
import { rowOf, rowOfMany, type DataEvent, type LadderRow } from './ladder-rows.ts'
import type { WireEvent } from './transcript.ts'

/** A ladder whose rows are drawn one by one, as things happen: its lanes are known from the start. */
export class LiveLadder {
  readonly #width: number
  readonly #paint: LadderPaint
  readonly #lanes: ReturnType<typeof layOutLanes>
  readonly #numbers = new Map<string, number[]>()

  /** @param peers - The lanes beside the learner's; `client` connects to the program, and the others wait for it. */
  constructor(peers: readonly string[], width: number, paint: LadderPaint) {
    this.#width = width
    this.#paint = paint
    const events = peers.map((lane) => {
      const from = lane === 'client' ? 'peer' : 'you'
      return { kind: 'connect', from, lane, connection: 0 } as const
    })
    this.#lanes = { ...layOutLanes(events, width), markOf: (...of) => this.#markOf(...of) }
  }

  names(): string {
    return drawNames(this.#lanes, this.#width).paint(this.#paint)
  }

  row(event: WireEvent): string {
    return this.#draw(rowOf(event))
  }

  /** Many chunks of one direction as one row. */
  rowOfMany(whole: DataEvent, chunks: number): string {
    return this.#draw(rowOfMany(whole, chunks))
  }

  // --- internal ---

  #draw(row: LadderRow): string {
    return drawRow(row, undefined, this.#lanes, this.#width).paint(this.#paint)
  }

  /** Every connection has its number: nobody knows yet whether others follow. */
  #markOf(lane: string, connection: number): string {
    const known = this.#numbers.get(lane) ?? []
    if (!known.includes(connection)) this.#numbers.set(lane, [...known, connection])
    return `#${(this.#numbers.get(lane) ?? []).indexOf(connection) + 1} `
  }
}
