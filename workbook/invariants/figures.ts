import { existsSync } from 'node:fs'
import path from 'node:path'
import { CourseError } from '../course/course-error.ts'
import { readTextFile } from '../course/text-file.ts'
import { readFigure } from '../figure/read-figure.ts'
import { drawFigure } from '../figure/svg.ts'
import { entriesOf } from './files.ts'
import type { Finding, Invariant } from './invariant.ts'

/** Every figure of the pages is drawn from its record: what a code host shows is what the site shows. */
export const figures: Invariant = {
  name: 'figures and their records',
  find({ root }) {
    const names = entriesOf(root, FOLDER).map(({ name }) => name)
    return [
      ...names.filter((name) => name.endsWith('.json')).flatMap((name) => drawn(root, name.slice(0, -5))),
      ...names.filter((name) => name.endsWith('.svg')).flatMap((name) => recorded(root, name.slice(0, -4))),
    ]
  },
  note: ({ root }) =>
    `${entriesOf(root, FOLDER).filter(({ name }) => name.endsWith('.json')).length} figures`,
}

// --- internal ---

const FOLDER = 'docs/figures'

/** The record can be read, and the drawing beside it is what is drawn from it. */
function drawn(root: string, name: string): Finding[] {
  const [record, drawing] = [`${FOLDER}/${name}.json`, `${FOLDER}/${name}.svg`]
  const next = `Draw it again: npm run figures -- ${name}`
  const expected = `the drawing of ${record}`
  if (!existsSync(path.join(root, drawing))) {
    return [{ file: drawing, line: null, expected, found: 'no such file', next }]
  }
  try {
    const wanted = drawFigure(readFigure(readTextFile(root, record), record)).split('\n')
    const found = readTextFile(root, drawing).split('\n')
    const line = Array.from({ length: Math.max(wanted.length, found.length) }).findIndex(
      (_, index) => wanted[index] !== found[index],
    )
    if (line < 0) return []
    return [{ file: drawing, line: line + 1, expected, found: 'a line that differs', next }]
  } catch (error) {
    if (error instanceof CourseError) return [error]
    throw error
  }
}

function recorded(root: string, name: string): Finding[] {
  const file = `${FOLDER}/${name}.json`
  if (existsSync(path.join(root, file))) return []
  const next = `Record it, npm run figures -- ${name}, or remove the drawing.`
  return [{ file, line: null, expected: `the record behind ${name}.svg`, found: 'no such file', next }]
}
