/**
 * Text as the search sees it, in the index and in the reader's browser alike. A compound stays whole and
 * falls into its parts: `CLOSE_WAIT` is `close-wait`, `close` and `wait`, and so is `CLOSE-WAIT`. Chinese,
 * Japanese and Korean have no spaces where words end (Korean writes its particles onto the word), so
 * their runs become pairs of neighbours.
 */
export function tokensOf(text: string): string[] {
  const words = text.normalize('NFKC').toLowerCase().match(WORDS) ?? []
  return words.flatMap((word) => (CJK.test(word) ? pairsOf(word) : partsOf(word)))
}

// --- internal ---

const CJK = /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u
const WORDS =
  /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+|(?:(?![\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{N}])+(?:[-_.'’](?:(?![\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{N}])+)*/gu

function partsOf(word: string): string[] {
  const parts = word.split(/[-_.'’]/)
  return parts.length === 1 ? parts : [parts.join('-'), ...parts]
}

function pairsOf(run: string): string[] {
  const letters = [...run]
  if (letters.length === 1) return letters
  return letters.slice(1).map((letter, index) => `${letters[index] ?? ''}${letter}`)
}
