import type { LadderStyle } from '../wire/ladder-line.ts'

export type Style = LadderStyle | 'good' | 'bad' | 'warn' | 'strong' | 'command'
export type Paint = (style: Style, text: string) => string

/** Select Graphic Rendition codes, on and off: only the basic ones, which follow the terminal's theme. */
const CODES: Readonly<Record<Style, readonly [on: number, off: number] | null>> = {
  plain: null,
  peer: null,
  good: [32, 39],
  bad: [31, 39],
  warn: [33, 39],
  strong: [1, 22],
  command: [36, 39],
  quiet: [2, 22],
  lane: [2, 22],
  you: [36, 39],
  reset: [31, 39],
  printed: [33, 39],
  wrong: [31, 39],
}

/** Returns a function that colours text, or one that leaves it as it is. */
export function painter(color: boolean): Paint {
  return (style, text) => {
    const codes = CODES[style]
    if (!color || codes === null || text === '') return text
    return `\u001B[${codes[0]}m${text}\u001B[${codes[1]}m`
  }
}
