import { LiveLadder } from '../../wire/live-ladder.ts'
import type { LadderPaint } from '../../wire/ladder-line.ts'
import { Transcript, type WireEvent } from '../../wire/transcript.ts'

/** Columns for the time in front of a row: ` 12.345 s  `. */
const TIME = 11

/** A transcript that is not kept: each event is printed as it happens, behind the seconds since the start. */
export class WireLog extends Transcript {
  readonly #ladder: LiveLadder
  readonly #paint: LadderPaint
  #started = performance.now()
  #closed = false
  /** What happened before the head was printed. */
  #early: WireEvent[] | null = []

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
    const seconds = (performance.now() - this.#started) / 1000
    this.#line(`${seconds.toFixed(3).padStart(7)} s`, this.#ladder.row(event))
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
    this.#closed = true
  }

  #line(time: string, row: string): void {
    process.stdout.write(`${this.#paint('quiet', time.padEnd(TIME))}${row}\n`)
  }
}
