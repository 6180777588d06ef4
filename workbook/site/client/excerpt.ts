/** What a result shows of its section: the part where the words stand, with the words marked. */

/** The part of a text around the first of the words, or its beginning. */
export function excerptOf(text: string, terms: readonly string[]): string {
  const at = patternOf(terms)?.exec(text)?.index ?? 0
  const start = at < LENGTH / 2 ? 0 : text.lastIndexOf(' ', at - LENGTH / 3) + 1
  const rest = text.slice(start)
  const end = rest.length <= LENGTH ? rest.length : rest.lastIndexOf(' ', LENGTH)
  const tail = end < rest.length ? ' …' : ''
  return `${start === 0 ? '' : '… '}${rest.slice(0, end === -1 ? LENGTH : end)}${tail}`
}

/** Pieces of the text; those that were looked for are marked. */
export function marked(text: string, terms: readonly string[]): Array<string | HTMLElement> {
  const pattern = patternOf(terms)
  if (!pattern) return [text]
  return text.split(pattern).flatMap((piece, index): string | HTMLElement | [] => {
    if (piece === '') return []
    // Behind the only pair of brackets every second piece is a match.
    if (index % 2 === 0) return piece
    const mark: HTMLElement = document.createElement('mark')
    mark.textContent = piece
    return mark
  })
}

// --- internal ---

const LENGTH = 120

/** The index writes a compound with hyphens, and the text as it likes: `TIME_WAIT`, `half-close`. */
function patternOf(terms: readonly string[]): RegExp | null {
  const words = [...terms].filter((term) => term.length > 1).sort((a, b) => b.length - a.length)
  if (words.length === 0) return null
  const escaped = words.map((word) =>
    word.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('-', "[-_.\u2019']"),
  )
  return new RegExp(`(${escaped.join('|')})`, 'i')
}
