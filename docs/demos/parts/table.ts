type Cell = string | number

/** Prints rows in columns under a head; numbers stand to the right. */
export function printTable(
  head: readonly string[],
  rows: ReadonlyArray<readonly Cell[]>,
): void {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => String(row[column] ?? '').length)),
  )
  const isNumber = head.map((_, column) =>
    rows.every((row) => typeof row[column] === 'number'),
  )
  const line = (cells: readonly Cell[]): string =>
    cells
      .map((cell, column) =>
        pad(String(cell), widths[column] ?? 0, isNumber[column] ?? false),
      )
      .join('  ')
  for (const cells of [head, ...rows]) print(line(cells).trimEnd())
}

export function print(line = ''): void {
  process.stdout.write(`${line}\n`)
}

// --- internal ---

function pad(text: string, width: number, right: boolean): string {
  return right ? text.padStart(width) : text.padEnd(width)
}
