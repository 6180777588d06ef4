/** Code that pages quote: the lines between `// #region NAME` and `// #endregion NAME`. */

const MARK = /^\s*\/\/ ?#(?:region|endregion)\b/

/**
 * The lines of a region, moved to the left margin, without the marks of other regions.
 *
 * @param name - Null takes the whole file.
 * @returns The text with a newline at its end, or null where there is no such region.
 */
export function regionOf(text: string, name: string | null): string | null {
  const lines = text.replace(/\n$/, '').split('\n')
  if (name === null) return joined(lines)
  const start = lines.findIndex((line) => isMark(line, 'region', name))
  const end = lines.findIndex((line) => isMark(line, 'endregion', name))
  return start === -1 || end < start ? null : joined(lines.slice(start + 1, end))
}

/** The names of all regions, in their order. */
export function regionNames(text: string): string[] {
  return [...text.matchAll(/^\s*\/\/ ?#region (\S+)\s*$/gm)].map((match) => match[1] ?? '')
}

// --- internal ---

function isMark(line: string, mark: 'region' | 'endregion', name: string): boolean {
  return new RegExp(`^\\s*// ?#${mark}\\s`).test(line) && line.trim().endsWith(` ${name}`)
}

function joined(lines: readonly string[]): string {
  const kept = lines.filter((line) => !MARK.test(line))
  const filled = kept.filter((line) => line.trim() !== '')
  const margin = Math.min(...filled.map((line) => line.length - line.trimStart().length))
  return kept.map((line) => `${line.slice(filled.length === 0 ? 0 : margin).trimEnd()}\n`).join('')
}
