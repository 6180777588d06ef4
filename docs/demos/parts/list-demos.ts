import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The demos as `npm run demo` lists them: chapter by chapter, no word broken at the terminal's edge. */

/** @param columns - Of the terminal. */
export function listDemos(
  folder: string,
  names: readonly string[],
  columns: number,
): string[] {
  const left = new Set(names)
  const groups = chaptersIn(path.dirname(folder)).map(({ title, text }) => {
    const own = names
      .filter((name) => left.has(name) && placeOf(text, name) >= 0)
      .sort((one, other) => placeOf(text, one) - placeOf(text, other))
    for (const name of own) left.delete(name)
    return { title, own }
  })
  const all = [...groups, { title: 'Beside the chapters', own: [...left] }].filter(
    ({ own }) => own.length > 0,
  )
  const lines = all.flatMap(({ title, own }) => [
    title,
    ...own.flatMap((name) =>
      entry(name, summaryOf(folder, name), Math.max(60, Math.min(columns, 100))),
    ),
    '',
  ])
  return [...lines, 'npm run demo -- NAME runs one of them.']
}

// --- internal ---

/** The widest name, two spaces at each side. */
const INDENT = 22

interface Chapter {
  readonly title: string
  readonly text: string
}

function chaptersIn(docs: string): Chapter[] {
  const files = readdirSync(docs).filter((file) => /^\d+-.*\.md$/.test(file))
  return files
    .sort((one, other) => parseInt(one, 10) - parseInt(other, 10))
    .map((file) => {
      const text = readFileSync(path.join(docs, file), 'utf8')
      return {
        title: `${parseInt(file, 10)}  ${/^# (.*)$/m.exec(text)?.[1] ?? file}`,
        text,
      }
    })
}

/** Where a chapter names a demo; it stands where its section is. */
function placeOf(text: string, name: string): number {
  return text.search(new RegExp(`npm run demo -- ${name}(?![\\w-])`))
}

/** The first comment line of a demo, without its marks. */
function summaryOf(folder: string, demo: string): string {
  const [line = ''] = readFileSync(path.join(folder, `${demo}.ts`), 'utf8').split('\n')
  return line.replace(/^\/\/\s*/, '')
}

function entry(name: string, summary: string, columns: number): string[] {
  const lines: string[] = ['']
  for (const word of summary.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last !== '' && INDENT + last.length + 1 + word.length > columns) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines.map(
    (line, index) => `${(index === 0 ? `  ${name}` : '').padEnd(INDENT)}${line}`,
  )
}
