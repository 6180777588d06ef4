import { renderScreen, type Held, type WatchScreen } from '../../report/watch-screen.ts'
import { terminal } from '../terminal.ts'

/** Home, clear to the end of the line, clear below: every terminal since the VT100 knows these. */
const HOME = '\u001B[H'
const CLEAR_ALL = '\u001B[2J'
const CLEAR_LINE = '\u001B[K'
const CLEAR_BELOW = '\u001B[J'

/** A terminal that does not know its size says 0. */
export function screenSize(): { readonly columns: number; readonly rows: number } {
  const { columns, rows } = process.stdout
  return { columns: columns || 80, rows: rows || 24 }
}

/** Draws the screen over the last one, and writes only when something has changed. */
export class Painter {
  #last = ''
  #first = true
  #held: Held | null = null

  paint(screen: WatchScreen): void {
    const { columns, rows } = screenSize()
    // The last row stays free: a line feed there would scroll.
    const size = { columns, rows: Math.max(1, rows - 1), color: terminal().color }
    const { lines, held } = renderScreen(screen, size, this.#held)
    // A panel covers the failure for a while, and it comes back to its place.
    this.#held = held ?? (screen.panel ? this.#held : null)
    const text = lines.map((line) => `${line}${CLEAR_LINE}\n`).join('')
    if (text === this.#last) return
    this.#last = text
    process.stdout.write(`${this.#first ? CLEAR_ALL : ''}${HOME}${text}${CLEAR_BELOW}`)
    this.#first = false
  }

  /** The terminal has another size, or something else has been written: draws all of it the next time. */
  forget(): void {
    this.#last = ''
    this.#first = true
    this.#held = null
  }
}
