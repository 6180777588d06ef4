import type { Check } from '../../../workbook/grading/check.ts'
import type { Line } from './model.ts'
import type { Lines } from './tables.ts'

/** Rows of the tables with names of this run in them, and what lab 10 expects of lines, on a wire or off it. */

/** Four names, no two alike: each row draws its own. */
export function drawNames(c: Check): readonly string[] {
  const names = new Set<string>()
  while (names.size < 4) names.add(`x-${c.random.word()}`)
  return [...names]
}

/** `$a`, `$A`, `$AA`: the first name in lower case, with capitals, and shouted. */
function withNames(text: string, names: readonly string[]): string {
  return text.replace(/\$([a-dA-D])(\1)?/g, (_, letter: string, twice?: string) => {
    const name = names['abcd'.indexOf(letter.toLowerCase())] ?? ''
    if (letter === letter.toLowerCase()) return name
    return twice ? name.toUpperCase() : name.replace(/(?<![a-z])[a-z]/g, (first) => first.toUpperCase())
  })
}

/** Names and values have no spaces around them when they come to a function. */
export function linesOf(row: Lines, names: readonly string[]): Line[] {
  return row.map((text) => {
    const line = withNames(text, names)
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')]
  })
}

export const shown = (headers: readonly Line[]): string =>
  headers.length === 0 ? 'no field' : headers.map(([name, value]) => brief(`${name}: ${value}`)).join(' | ')

export function brief(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

/** The same rows in another order in each run: what a program remembers of one row, it has for another. */
export function shuffled<Row>(c: Check, rows: readonly Row[]): Row[] {
  const all = [...rows]
  for (let at = all.length - 1; at > 0; at--) {
    const other = c.random.integer(0, at)
    const [one, two] = [all[at] as Row, all[other] as Row]
    all[at] = two
    all[other] = one
  }
  return all
}

/** Whether something that came back from the program is a list of fields. */
export function isHeaders(value: unknown): value is Line[] {
  return (
    Array.isArray(value) && value.every((line) => Array.isArray(line) && line.length === 2 && isTexts(line))
  )
}

export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

/** Something that came back from the program, for a report. */
export function told(value: unknown): string {
  return brief(JSON.stringify(value) ?? String(value))
}

/** Lines that must be there, in this order, each as it came; `seen` holds nothing else. */
export function expectLines(c: Check, seen: readonly Line[], wanted: readonly Line[], where: string): void {
  const at = Array.from({ length: Math.max(seen.length, wanted.length) }, (_, index) => index).find(
    (index) => seen[index]?.[0] !== wanted[index]?.[0] || seen[index]?.[1] !== wanted[index]?.[1],
  )
  if (at === undefined) return
  const lineOf = (line: Line | undefined): string =>
    line ? JSON.stringify(brief(`${line[0]}: ${line[1]}`)) : 'no further field'
  const saw = `${lineOf(seen[at])} there: a field was lost, changed, moved or added`
  c.fail(`${lineOf(wanted[at])} in its place ${where}`, saw)
}
