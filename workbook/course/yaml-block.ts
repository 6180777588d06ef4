import { isMap, isScalar, LineCounter, parseDocument, type YAMLMap } from 'yaml'
import { CourseError, quote } from './course-error.ts'
import { YamlField } from './yaml-field.ts'

/** A page in two parts. Both keep the page's line numbers: what was cut away is left as empty lines. */
export interface SplitPage {
  readonly yaml: string
  readonly body: string
}

/**
 * Cuts the block between the first two `---` lines from the rest of a page.
 *
 * @throws CourseError `E_COURSE_FRONT_MATTER` when one of the two lines is missing.
 */
export function splitPage(page: string, file: string): SplitPage {
  const lines = page.split('\n')
  const isFence = (line: string) => line.trimEnd() === '---'
  if (!isFence(lines[0] ?? '')) {
    const found = page.trim() === '' ? 'an empty file' : quote(lines[0] ?? '')
    throw blockError(file, 1, 'front matter that begins with `---`', found, 'Begin the page with this line.')
  }
  const end = lines.findIndex((line, index) => index > 0 && isFence(line))
  if (end === -1) {
    throw blockError(
      file,
      1,
      'a second `---` after the front matter',
      'none',
      'Close the block with this line.',
    )
  }
  return {
    yaml: ['', ...lines.slice(1, end)].join('\n'),
    body: '\n'.repeat(end + 1) + lines.slice(end + 1).join('\n'),
  }
}

/**
 * Reads the keys of a YAML block.
 *
 * @param examples - Every known key with a right line for it, which errors show.
 * @throws CourseError `E_COURSE_FRONT_MATTER` when it is no YAML, or holds an unknown key.
 */
export function readYamlBlock(
  yaml: string,
  file: string,
  examples: Readonly<Record<string, string>>,
): Map<string, YamlField> {
  const lines = new LineCounter()
  const fields = new Map<string, YamlField>()
  for (const { key, value } of parseMap(yaml, file, lines, Object.keys(examples)).items) {
    const name = isScalar(key) ? String(key.value) : 'a key that is not text'
    const line = lines.linePos(key.range[0]).line
    const example = examples[name]
    if (example === undefined) throw unknownKey(name, file, line, Object.keys(examples))
    fields.set(name, new YamlField(name, value, line, { file, lines, example }))
  }
  return fields
}

function parseMap(yaml: string, file: string, lineCounter: LineCounter, known: string[]): YAMLMap.Parsed {
  const document = parseDocument(yaml, { lineCounter, prettyErrors: false })
  const fault = document.errors[0] ?? document.warnings[0]
  if (fault) {
    const line = lineCounter.linePos(fault.pos[0]).line
    const found = `a mistake: ${fault.message.charAt(0).toLowerCase()}${fault.message.slice(1)}`
    throw blockError(file, line, 'YAML', found, 'Correct this line or the one before.')
  }
  if (isMap(document.contents)) return document.contents
  const expected = `the keys ${known.join(', ')}`
  throw blockError(file, 1, expected, 'no keys', 'Write each as `key: value`, on a line of its own.')
}

function unknownKey(key: string, file: string, line: number, known: string[]): CourseError {
  const expected = `one of the keys ${known.join(', ')}`
  return blockError(file, line, expected, `\`${key}\``, 'Correct the key, or remove the line.')
}

/** A fault of the block as a whole. */
export function blockError(
  file: string,
  line: number,
  expected: string,
  found: string,
  next: string,
): CourseError {
  return new CourseError('E_COURSE_FRONT_MATTER', { file, line, expected, found, next })
}
