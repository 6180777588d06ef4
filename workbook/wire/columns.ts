import { stripVTControlCharacters } from 'node:util'

/** Text measured in terminal columns: a Hangul or Han character takes two, a combining mark none. */

/** East Asian letters and full-width forms, without the half-width ones. */
const EAST_ASIAN =
  /(?![\uFF61-\uFFDC])[\p{sc=Hang}\p{sc=Hani}\p{sc=Hira}\p{sc=Kana}\u3000-\u303E\uFF01-\uFF60\uFFE0-\uFFE6]/u
const EMOJI = /\p{Emoji_Presentation}/u
const ZERO = /\p{Mark}|\p{Default_Ignorable_Code_Point}|[\u1160-\u11FF]/u
const CONTROL = /[\p{Cc}\p{Cs}\u2028-\u202E\u2066-\u2069]/gu

/** Columns that one code point takes: 0, 1 or 2. */
export function columnsOfCharacter(character: string): 0 | 1 | 2 {
  if (ZERO.test(character)) return 0
  return EAST_ASIAN.test(character) || EMOJI.test(character) ? 2 : 1
}

/** Columns that a text without control characters takes. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) columns += columnsOfCharacter(character)
  return columns
}

/** Cuts a text to at most `limit` columns; what is cut off shows as `…`. */
export function cut(text: string, limit: number): string {
  if (columnsOf(text) <= limit) return text
  let kept = ''
  let columns = 0
  for (const character of text) {
    columns += columnsOfCharacter(character)
    if (columns > limit - 1) break
    kept += character
  }
  return `${kept.trimEnd()}…`
}

/** One line made safe to print: colour codes removed, control characters and direction marks escaped. */
export function printable(line: string): string {
  return stripVTControlCharacters(line).replaceAll('\t', '  ').replace(CONTROL, escapeControl)
}

function escapeControl(character: string): string {
  if (character === '\r') return '\\r'
  if (character === '\n') return '\\n'
  const code = character.charCodeAt(0)
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
}
