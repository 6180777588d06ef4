/**
 * The names that look most like what was typed, best first.
 *
 * @param count - How many at most.
 */
export function nearest(typed: string, names: readonly string[], count: number): string[] {
  const wanted = typed.toLowerCase()
  const ranked = names.map((name) => ({ name, rank: rankOf(wanted, name.toLowerCase()) }))
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, count)
    .map(({ name }) => name)
}

/** A name that holds the typed text, as `life` is in `half-life`, comes before any slip of the finger. */
function rankOf(typed: string, name: string): number {
  return typed !== '' && name.includes(typed) ? 0 : editDistance(typed, name)
}

/** How many letters must be inserted, deleted or replaced (Levenshtein), row by row. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [row, letter] of [...from].entries()) {
    const current = [row + 1]
    for (let column = 0; column < to.length; column++) {
      const replaced = (previous[column] ?? 0) + (to[column] === letter ? 0 : 1)
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1))
    }
    previous = current
  }
  return previous[to.length] ?? 0
}
