import { describe, expect, test } from 'vitest'
import { tokensOf } from '../../workbook/invariants/code-tokens.ts'
import { eachSequence } from '../../workbook/invariants/sequences.ts'

describe('tokens of code', () => {
  test.each([
    ['white space and semicolons count for nothing', 'a = 1 ;\n\n b()', ['a', '=', '1', 'b', '(', ')']],
    ['both kinds of quotes are the same', `x("a", 'b')`, ['x', '(', "'a'", ',', "'b'", ')']],
    ['a quote may be escaped', String.raw`'a\'b' c`, [String.raw`'a\'b'`, 'c']],
    ['a text without its end is only a sign', "isn't it\nso", ['isn', "'", 't', 'it', 'so']],
    ['a slash behind a value divides', 'a / b / c', ['a', '/', 'b', '/', 'c']],
    ['a slash elsewhere begins a regular expression', 'x(/[\'"/]/g)', ['x', '(', '/[\'"/]/g', ')']],
    ['and so behind return', 'return /a b/', ['return', '/a b/']],
    ['a template is a text with code in it', '`a ${b} c` d', ['`a ${', 'b', '} c`', 'd']],
    ['templates nest', '`${a(`x${b}`)}` c', ['`${', 'a', '(', '`x${', 'b', '}`', ')', '}`', 'c']],
    ['braces inside a template are braces', '`${{ a }.a}` b', ['`${', '{', 'a', '}', '.', 'a', '}`', 'b']],
    ['slashes in a template are no comment', '`http://${a}//` b', ['`http://${', 'a', '}//`', 'b']],
    [
      'signs of several characters are one',
      'a => b?.c ?? d !== e',
      ['a', '=>', 'b', '?.', 'c', '??', 'd', '!==', 'e'],
    ],
    ['private names are one', 'this.#a', ['this', '.', '#a']],
  ])('%s', (_claim, code, tokens) => {
    expect(tokensOf(code).tokens).toEqual(tokens)
  })

  test('comments are no tokens, and their lines are told', () => {
    const { tokens, comments } = tokensOf("a // 'b\n/* c\n d */ e\n// f")
    expect(tokens).toEqual(['a', 'e'])
    expect(comments).toEqual([1, 2, 4])
  })

  test('each token has its line, behind a text of several lines too', () => {
    expect(tokensOf('a\n`b\nc` d\ne').lines).toEqual([1, 2, 3, 4])
  })

  test('any text comes to an end', () => {
    for (const odd of ["'", '"', '`', '`${', '}', '/*', '/', '\\', '€', '{`${', '\u0000'])
      expect(() => tokensOf(odd)).not.toThrow()
  })
})

describe('sequences of tokens', () => {
  const all = (text: string, length: number): number[] => {
    const found: number[] = []
    eachSequence(text.split(' '), length, (sequence) => found.push(sequence))
    return found
  }

  test('the same tokens have the same number wherever they stand', () => {
    expect(all('x y a b c z', 3)[2]).toBe(all('a b c', 3)[0])
  })

  test('the order of tokens counts', () => {
    expect(
      new Set([...all('a b c', 3), ...all('c b a', 3), ...all('b a c', 3), ...all('a c b', 3)]).size,
    ).toBe(4)
  })

  test('there is one for each place, and none in a shorter text', () => {
    expect([all('a b c d', 3).length, all('a b', 3).length]).toEqual([2, 0])
  })

  test('a hundred thousand different ones have different numbers', () => {
    const text = Array.from(
      { length: 100_009 },
      (_, index) => `t${(index * index + 7 * index) % 911}_${index % 13}`,
    )
    const found = new Map<number, string>()
    let clashes = 0
    eachSequence(text, 10, (sequence, start) => {
      const words = text.slice(start, start + 10).join(' ')
      if ((found.get(sequence) ?? words) !== words) clashes++
      found.set(sequence, words)
    })
    expect(clashes).toBe(0)
  })
})
