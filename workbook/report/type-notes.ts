import { field, wrap, type View } from './layout.ts'
import { count } from './words.ts'

/** Where types do not fit, as a note under a report: a verdict rests on the wire, and not on types. */

const MOST = 3

export interface TypeNote {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

/**
 * A few of them, and how to see all.
 *
 * @param command - Shows them all.
 */
export function renderTypeNotes(notes: readonly TypeNote[], command: string, view: View): string[] {
  if (notes.length === 0) return []
  const shown = notes.slice(0, MOST).flatMap((note) => noteLines(note, view))
  const more = notes.length > MOST ? `${count(notes.length - MOST, 'more place')}; ` : ''
  return field(
    'types',
    [...shown, `${more}it costs no verdict: ${view.paint('command', command)}`],
    view,
    'warn',
  )
}

/** One of them: the place, and what TypeScript says of it. */
export function noteLines({ file, line, column, message }: TypeNote, view: View): string[] {
  const said = wrap(message, view.width - 14)
  return [view.paint('command', `${file}:${line}:${column}`), ...said.map((each) => `    ${each}`)]
}
