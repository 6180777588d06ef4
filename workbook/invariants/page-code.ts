import { tokensOf } from './code-tokens.ts'

/**
 * Code in a page, as streams of tokens: the lines one after the other, and each piece of code inside a
 * sentence. An apostrophe or a backtick of the prose hides nothing behind the end of its line.
 */
export function pageTokens(page: string): Array<{ readonly tokens: string[]; readonly lines: number[] }> {
  const whole = { tokens: [] as string[], lines: [] as number[] }
  const inline: Array<typeof whole> = []
  for (const [index, text] of page.split('\n').entries()) {
    const line = index + 1
    const read = (code: string): typeof whole => {
      const { tokens } = tokensOf(code)
      return { tokens: [...tokens], lines: tokens.map(() => line) }
    }
    // What leads a quote or an item of a list is no code.
    const own = read(text.replace(/^(?:\s*(?:>|[-*+]|\d+\.)(?:\s+|$))+/, ''))
    whole.tokens.push(...own.tokens)
    whole.lines.push(...own.lines)
    inline.push(...[...text.matchAll(/(`+)(?!`)(.+?)\1(?!`)/g)].map(([, , code = '']) => read(code)))
  }
  return [whole, ...inline]
}

/** A lab's page without its hints: what a hint says is not yet known to everybody. */
export function withoutHints(page: string): string {
  return page.replace(/^## Hints[ \t]*\n[^]*?(?=^## |(?![^]))/m, '')
}
