import { LiveLadder } from '../../wire/live-ladder.ts'
import type { LadderPaint } from '../../wire/ladder-line.ts'
import type { DataEvent } from '../../wire/ladder-rows.ts'
import { Transcript, type WireEvent } from '../../wire/transcript.ts'

/** Columns for the time in front of a row: ` 12.345 s  `. */
const TIME = 11
/** So many chunks are shown one by one in a stretch of time; what comes beyond is summed up at its end. */
const LOOSE_CHUNKS = 8
const STRETCH_MILLISECONDS = 500

/** Chunks of one direction of one connection that have not been shown. */
interface Crowd {
  whole: DataEvent
  chunks: number
}

/** A transcript that is not kept: each event is printed as it happens, behind the seconds since the start. */
export class WireLog extends Transcript {
  readonly #ladder: LiveLadder
  readonly #paint: LadderPaint
  readonly #crowds = new Map<string, Crowd>()
  #started = performance.now()
  #closed = false
  /** What happened before the head was printed. */
  #early: WireEvent[] | null = []
  /** Chunks shown in this stretch; null between two. */
  #shown: number | null = null

  constructor(lanes: readonly string[], width: number, paint: LadderPaint) {
    super()
    this.#ladder = new LiveLadder(lanes, width - TIME, paint)
    this.#paint = paint
  }

  /** Prints the lanes' names, and from here on what happens. */
  begin(): void {
    this.#started = performance.now()
    this.#line('', this.#ladder.names())
    const early = this.#early ?? []
    this.#early = null
    for (const event of early) this.add(event)
  }

  override add(event: WireEvent): void {
    if (this.#closed) return
    if (this.#early) return void this.#early.push(event)
    if (event.kind === 'data') return this.#chunk(event)
    // A FIN stands behind its bytes.
    this.#showCrowds()
    this.#row(this.#ladder.row(event))
  }

  /** A line beside the wire. */
  say(text: string): void {
    this.add({ kind: 'note', from: 'peer', text })
  }

  printed(stream: 'stdout' | 'stderr', text: string): void {
    for (const line of text.replace(/\n$/, '').split('\n')) this.add({ kind: 'printed', stream, text: line })
  }

  /** What clears the connections away is not shown. */
  close(): void {
    this.#showCrowds()
    this.#closed = true
  }

  // --- internal ---

  #chunk(event: DataEvent): void {
    if (this.#shown === null) {
      this.#shown = 0
      setTimeout(() => this.#endStretch(), STRETCH_MILLISECONDS).unref()
    }
    if (this.#shown++ < LOOSE_CHUNKS) return this.#row(this.#ladder.row(event))
    const key = `${event.lane} ${event.connection} ${event.from}`
    const crowd = this.#crowds.get(key)
    if (!crowd) return void this.#crowds.set(key, { whole: event, chunks: 1 })
    crowd.whole = { ...crowd.whole, length: crowd.whole.length + event.length }
    crowd.chunks++
  }

  #endStretch(): void {
    this.#showCrowds()
    this.#shown = null
  }

  #showCrowds(): void {
    for (const { whole, chunks } of this.#crowds.values())
      this.#row(chunks === 1 ? this.#ladder.row(whole) : this.#ladder.rowOfMany(whole, chunks))
    this.#crowds.clear()
  }

  #row(row: string): void {
    if (this.#closed) return
    const seconds = (performance.now() - this.#started) / 1000
    this.#line(`${seconds.toFixed(3).padStart(7)} s`, row)
  }

  #line(time: string, row: string): void {
    process.stdout.write(`${this.#paint('quiet', time.padEnd(TIME))}${row}\n`)
  }
}
