import { columnsOfCharacter } from './columns.ts'

/** What a piece of a ladder is, for whoever paints it. */
export type LadderStyle = 'lane' | 'you' | 'peer' | 'reset' | 'quiet' | 'printed' | 'wrong' | 'plain'
export type LadderPaint = (style: LadderStyle, text: string) => string

/** One line of a ladder: columns that are written over, then painted run by run. */
export class LadderLine {
  readonly #cells: string[]
  readonly #styles: LadderStyle[]

  constructor(width: number) {
    this.#cells = Array.from({ length: width }, () => ' ')
    this.#styles = Array.from({ length: width }, () => 'plain')
  }

  /** Writes from a column on; what reaches over the end is dropped. Returns the column after it. */
  put(column: number, text: string, style: LadderStyle): number {
    let at = column
    for (const character of text) {
      const columns = columnsOfCharacter(character)
      if (at + columns > this.#cells.length) break
      this.#write(at, columns, character, style)
      at += columns
    }
    return at
  }

  paint(paint: LadderPaint): string {
    const used = this.#cells.findLastIndex((cell) => cell !== ' ') + 1
    let line = ''
    for (let start = 0; start < used;) {
      const style = this.#styles[start] ?? 'plain'
      let end = start
      let text = ''
      while (end < used && this.#styles[end] === style) text += this.#cells[end++]
      line += style === 'plain' ? text : paint(style, text)
      start = end
    }
    return line
  }

  #write(at: number, columns: number, character: string, style: LadderStyle): void {
    if (columns === 0) {
      if (at > 0) this.#cells[at - 1] += character
      return
    }
    this.#cells[at] = character
    this.#styles[at] = style
    if (columns === 1) return
    // A wide character owns its second column too.
    this.#cells[at + 1] = ''
    this.#styles[at + 1] = style
  }
}
