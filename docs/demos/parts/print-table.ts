/** Prints rows in columns; numbers stand to the right, texts to the left. */
export function printTable(
  titles: readonly string[],
  rows: ReadonlyArray<ReadonlyArray<string | number>>,
): void {
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => String(row[column] ?? '').length)),
  )
  const isNumber = titles.map((_, column) =>
    rows.every((row) => typeof row[column] === 'number'),
  )
  const lineOf = (cells: ReadonlyArray<string | number>): string =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return isNumber[column] ? String(cell).padStart(width) : String(cell).padEnd(width)
      })
      .join('   ')
      .trimEnd()
  for (const cells of [titles, ...rows]) process.stdout.write(`${lineOf(cells)}\n`)
}
