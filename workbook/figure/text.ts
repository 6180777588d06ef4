/**
 * Text measured before anybody draws it. The true width depends on the reader's fonts, so each
 * character counts as wide as the wider one of DejaVu Sans and Arial: what fits here fits everywhere.
 */

/** Hundredths of the font size. */
const WIDTHS: ReadonlyArray<readonly [width: number, characters: string]> = [
  [29, "'ijl"],
  [31, 'I'],
  [33, ' \u00A0,.·’‘'],
  [35, '/:;\\|'],
  [37, 'f-'],
  [41, '()[]t!'],
  [43, 'r'],
  [47, '"'],
  [51, '*J`'],
  [53, 'sz“”'],
  [56, 'c?L_–'],
  [61, 'kvxy'],
  [63, 'FTaeo'],
  [65, '$0123456789bdghnpqu{}'],
  [68, 'EKPSY'],
  [71, 'ABVXZ'],
  [75, 'CRUN'],
  [80, 'HDG&OQ'],
  [86, 'w#+<=>^~×'],
  [88, 'M'],
]
const WIDTH_OF = new Map(WIDTHS.flatMap(([width, characters]) => [...characters].map((one) => [one, width])))
/** Wide letters of Latin script, every other script, arrows and signs. */
const OTHER = 104
const ACCENTED = /^\p{Script=Latin}$/u
const NO_WIDTH = /^(?:\p{Mark}|\p{Default_Ignorable_Code_Point})$/u

/** Width in the unit of `size`, the font's size; never less than what a browser draws. */
export function textWidth(text: string, size: number): number {
  let hundredths = 0
  for (const character of text) hundredths += widthOf(character)
  return (hundredths * size) / 100
}

/** Breaks a text between words into at most `lines` lines no wider than `width`; what is too long is cut with `…`. */
export function wrapText(text: string, size: number, width: number, lines: number): string[] {
  const wrapped: string[] = []
  const words = text
    .trim()
    .replaceAll(MEASURE, '$1\u00A0$2')
    .split(/[ \t\r\n]+/)
  while (words.length > 0 && wrapped.length < lines) {
    const last = wrapped.length === lines - 1
    wrapped.push(last ? words.splice(0).join(' ') : takeLine(words, size, width))
  }
  return wrapped.map((line) => cutText(line, size, width))
}

/** Safe in the text and in the attributes of XML and HTML. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(UNFIT, '\uFFFD')
}

// --- internal ---

/** XML 1.0 has no place for these, not even escaped. */
// eslint-disable-next-line no-control-regex -- they are the subject
const UNFIT = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/gu

/** The text, or its beginning with `…` where it is wider than `width`. */
function cutText(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text
  const characters = [...text]
  while (characters.length > 1 && textWidth(`${characters.join('')}…`, size) > width) characters.pop()
  return `${characters.join('').trimEnd()}…`
}

/** A number and its unit stay together. */
const MEASURE = /(\d) (B|KB|MB|ms|s|segments?)\b/g

function widthOf(character: string): number {
  const known = WIDTH_OF.get(character)
  if (known !== undefined) return known
  if (NO_WIDTH.test(character)) return 0
  const [base = ''] = character.normalize('NFD')
  return (ACCENTED.test(character) ? WIDTH_OF.get(base) : undefined) ?? OTHER
}

/** Takes as many words as fit; one that is too long by itself is broken behind its hyphen, if it has one. */
function takeLine(words: string[], size: number, width: number): string {
  let line = words.shift() ?? ''
  const hyphen = line.indexOf('-', 1) + 1
  if (textWidth(line, size) > width && hyphen > 0 && hyphen < line.length) {
    words.unshift(line.slice(hyphen))
    return line.slice(0, hyphen)
  }
  while (words[0] !== undefined && textWidth(`${line} ${words[0]}`, size) <= width)
    line += ` ${words.shift()}`
  return line
}
