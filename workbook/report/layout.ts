import { columnsOf, columnsOfCharacter, printable } from '../wire/columns.ts'
import { painter, type Paint, type Style } from './paint.ts'
import type { ReportOptions } from './options.ts'

/** How far the body of a failure stands in, under its sentence. */
export const INDENT = 6
/** Width of the key column: `expected  `. */
export const KEY = 10

/**
 * Breaks a text into lines. A line that fits is left as it is, so that code frames and carets keep
 * their columns; one that does not fit is broken between words, or inside a word that is too long.
 */
export function wrap(text: string, width: number): string[] {
  return text.split(/\r?\n/).flatMap((line) => wrapLine(printable(line), width))
}

/** What a page is drawn on: how wide, and in which colours. */
export interface View {
  readonly width: number
  /** For what is drawn and not read: the whole width of the terminal. */
  readonly wide: number
  readonly paint: Paint
}

/** Narrower than 60 columns no ladder is readable; wider than 100 no sentence is, and wider than 200 no ladder. */
export function viewOf(options: ReportOptions): View {
  const wide = Math.min(200, Math.max(60, options.width))
  return { width: Math.min(100, wide), wide, paint: painter(options.color) }
}

export function narrower(view: View, columns: number): View {
  return { ...view, width: view.width - columns, wide: view.wide - columns }
}

/** `expected  FIN from your server`: a key once, then every line in one column. Lines are not wrapped. */
export function field(key: string, lines: readonly string[], view: View, style: Style = 'quiet'): string[] {
  const first = view.paint(style, key) + ' '.repeat(Math.max(1, KEY - key.length))
  return lines.map((line, index) => `${index === 0 ? first : ' '.repeat(KEY)}${line}`)
}

/** A field whose text is wrapped to fit into the view, key included. */
export function textField(key: string, text: string, view: View, style?: Style): string[] {
  return field(key, wrap(text, view.width - KEY), view, style)
}

/** A command to run or a place to go, and what it is for. */
export interface Way {
  readonly key: string
  readonly go: string
  readonly note?: string
}

/** Ways to go on, their notes in one column; a note that finds no room is left out. */
export function wayFields(ways: readonly Way[], view: View): string[] {
  const widest = Math.max(0, ...ways.filter((way) => way.note).map((way) => columnsOf(way.go)))
  return ways.flatMap(({ key, go, note = '' }) => {
    const gap = ' '.repeat(Math.max(0, widest - columnsOf(go)) + 4)
    const fits = note !== '' && KEY + columnsOf(go + gap + note) <= view.width
    return field(key, [view.paint('command', go) + (fits ? gap + view.paint('quiet', note) : '')], view)
  })
}

/** The start of a sentence that must stay on one line, cut between words. */
export function oneLine(text: string, width: number): string {
  if (columnsOf(printable(text)) <= width) return printable(text)
  const [start = ''] = wrap(text, width - 2)
  return `${start} …`
}

/** Sections with an empty line between them; ends with a newline. */
export function page(sections: ReadonlyArray<readonly string[]>): string {
  const filled = sections.filter((section) => section.length > 0)
  return `${filled.map((section) => section.join('\n')).join('\n\n')}\n`
}

export function indent(lines: readonly string[], by: number): string[] {
  return lines.map((line) => (line === '' ? '' : `${' '.repeat(by)}${line}`))
}

/** Pads to a number of columns; colour codes may be added after, never before. */
export function padColumns(text: string, columns: number): string {
  return `${text}${' '.repeat(Math.max(0, columns - columnsOf(text)))}`
}

function wrapLine(line: string, width: number): string[] {
  if (columnsOf(line) <= width) return [line]
  const lines: string[] = []
  let current = ''
  for (const word of line.split(' ').flatMap((each) => chunks(each, width))) {
    const longer = current === '' ? word : `${current} ${word}`
    if (columnsOf(longer) <= width) {
      current = longer
      continue
    }
    lines.push(current)
    current = word
  }
  return [...lines, current]
}

function chunks(word: string, width: number): string[] {
  const parts: string[] = ['']
  let columns = 0
  for (const character of word) {
    columns += columnsOfCharacter(character)
    if (columns > width) {
      parts.push('')
      columns = columnsOfCharacter(character)
    }
    parts[parts.length - 1] += character
  }
  return parts
}
