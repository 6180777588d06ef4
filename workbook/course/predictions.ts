import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Token } from 'markdown-it'
import { CourseError, quote } from './course-error.ts'
import type { Choice, Prediction } from './lab.ts'
import { lineOf, plainTextOf, readSections, type Section } from './markdown.ts'
import { readTextFile } from './text-file.ts'

const QUESTION = /^(P\d+)\b[.:]?(.*)$/
/** `- [x] a. text`; whoever ticks a box may lose the dash or a space, which harms nothing. */
const CHOICE = /^(?:[-*+]\s*)?\[\s*(x?)\s*\]\s*([a-z])[.)]\s*(.*)$/i
/** A list item that begins with a box or a letter was meant as a choice. A link was not. */
const MEANT_AS_CHOICE = /^[-*+]\s*(?!\[[^\]]*\]\()(?:\[|[a-z][.)]\s)/i

/** A line of a paragraph or list item. */
interface TextLine {
  readonly text: string
  readonly line: number
}

/** A choice whose text may go on in the next line of its block. */
interface OpenChoice {
  readonly id: string
  readonly ticked: boolean
  readonly line: number
  readonly source: string[]
}

/**
 * Reads the questions that a learner answers before writing code. The learner edits this file, so any
 * number of ticks and any text between the choices is welcome.
 *
 * @returns The questions; none where the lab has no predictions.md, or an empty one.
 * @throws CourseError `E_COURSE_PREDICTION` at the first line that is neither a choice nor mere text.
 */
export function readPredictions(root: string, folder: string): Prediction[] {
  const file = `labs/${folder}/predictions.md`
  if (!existsSync(join(root, file))) return []
  const text = readTextFile(root, file)
  if (text.trim() === '') return []
  const questions = readSections(text).filter(({ level, title }) => level === 2 && QUESTION.test(title))
  if (questions.length === 0) throw malformed(file, 1, 'a question such as "## P1 What comes first?"', 'none')
  return questions.map((section, index) => readQuestion(section, `P${index + 1}`, file))
}

function readQuestion(section: Section, wanted: string, file: string): Prediction {
  const [, id = '', question = ''] = QUESTION.exec(section.title) ?? []
  if (id !== wanted) throw malformed(file, section.line, `question ${wanted}`, id)
  if (question.trim() === '') throw malformed(file, section.line, `a question after ${id}`, 'nothing')
  const choices = readChoices(section, file)
  if (choices.length < 2) {
    const found = choices.length === 0 ? 'none' : 'only one'
    throw malformed(file, section.line, `choices such as "- [ ] a. …" under ${id}`, found)
  }
  return { id, question: question.trim(), choices }
}

function readChoices(section: Section, file: string): Choice[] {
  const choices = section.tokens.flatMap((token, index, tokens) =>
    readBlock(textLines(token, tokens[index - 2]), file),
  )
  return choices.map(({ id, ticked, line, source }, index) => {
    const wanted = String.fromCharCode('a'.charCodeAt(0) + index)
    if (id !== wanted) throw malformed(file, line, `choice ${wanted}`, `choice ${id}`)
    const text = plainTextOf(source.join('\n'))
    if (text === '') throw malformed(file, line, `text after choice ${id}`, 'nothing')
    return { id, text, ticked }
  })
}

/** The choices in one block. A block that does not begin with one is the learner's own note. */
function readBlock(lines: readonly TextLine[], file: string): OpenChoice[] {
  const choices: OpenChoice[] = []
  for (const { text, line } of lines) {
    const [, tick, letter, words = ''] = CHOICE.exec(text) ?? []
    if (letter !== undefined) {
      choices.push({ id: letter.toLowerCase(), ticked: tick !== '', line, source: [words] })
      continue
    }
    if (MEANT_AS_CHOICE.test(text)) {
      throw malformed(file, line, 'a choice such as "- [ ] a. …" or "- [x] a. …"', quote(text))
    }
    choices.at(-1)?.source.push(text)
  }
  return choices
}

/** The lines of a block of text; the first of a list item gets its dash back. */
function textLines(block: Token, opening: Token | undefined): TextLine[] {
  if (block.type !== 'inline') return []
  const dash = opening?.type === 'list_item_open' ? '- ' : ''
  return block.content.split('\n').map((text, offset) => ({
    text: (offset === 0 ? dash : '') + text.trim(),
    line: lineOf(block) + offset,
  }))
}

function malformed(file: string, line: number, expected: string, found: string): CourseError {
  const next = 'Restore the line, or delete the file: predictions are optional.'
  return new CourseError('E_COURSE_PREDICTION', { file, line, expected, found, next })
}
