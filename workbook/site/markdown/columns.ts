/**
 * How many columns of code a page has room for at its full width, in letters of 12 pixels. Wider code would
 * have its last column where nobody looks.
 */
export const ROOM = { page: 92, box: 86 } as const

/** The columns of the longest line. */
export function columnsOf(code: string): number {
  return Math.max(...code.split('\n').map(widthOf))
}

// --- internal ---

/** A syllable of Korean takes two columns, and so does a Chinese character. */
const WIDE = /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u

function widthOf(line: string): number {
  return [...line].reduce((width, letter) => width + (WIDE.test(letter) ? 2 : 1), 0)
}
