import type { Token } from 'markdown-it'

/**
 * What stands behind `#` in a link to a heading, as code hosts make it: letters, digits, `_` and `-`
 * stay, in lower case, and a space becomes `-`. A second heading of the same words gets `-1`, and so on.
 *
 * @param words - The children of the heading's inline token.
 */
export function slugOf(words: readonly Pick<Token, 'type' | 'content'>[]): string {
  return slugOfText(wordsOf(words))
}

/** The words of a heading, without tags. */
export function wordsOf(words: readonly Pick<Token, 'type' | 'content'>[]): string {
  return words.map(({ type, content }) => (type === 'html_inline' ? '' : content)).join('')
}

export function slugOfText(words: string): string {
  return words
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}_ -]/gu, '')
    .trim()
    .replaceAll(' ', '-')
}
