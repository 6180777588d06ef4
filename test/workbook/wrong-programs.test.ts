import { describe, expect, test } from 'vitest'
import { CourseError } from '../../workbook/course/course-error.ts'
import { patchFile, renewed } from '../../workbook/grading/wrong-file.ts'
import {
  changedFileOf,
  readRightPatch,
  readWrongProgram,
  textOf,
} from '../../workbook/grading/wrong-program.ts'
import { temporaryRoot } from './course-fixtures.ts'

/** A wrong program is a diff against today's reference, with a header like the message of a commit. */

const root = temporaryRoot()

const FILE = 'test/labs/42-greeting/wrong/shouts.patch'
const LINES = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`)
const REFERENCE = `${LINES.join('\n')}\n`
const WRONG = REFERENCE.replace('line 9', 'LINE 9')
const HEADER = { mistake: 'Shouts.', first: 'R2', also: ['R3', 'R5'], says: 'LINE', beforeNode: 24 }
const PATCH = patchFile(HEADER, 'greeting.ts', REFERENCE, WRONG)

function read(text: string, file = FILE) {
  root.write(file, text)
  return readWrongProgram(root.path, file)
}

/** @throws Error where it succeeds. */
function problem(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof CourseError) return `${error.code} ${error.message}`
    throw error
  }
  throw new Error('it succeeded')
}

describe('a patch', () => {
  test('is written as git writes it, and read again', () => {
    expect(PATCH.split('\n').slice(0, 8)).toEqual([
      'Shouts.',
      'fails: R2',
      'also: R3 R5',
      'says: LINE',
      'before: node 24',
      '',
      '--- a/greeting.ts',
      '+++ b/greeting.ts',
    ])
    const program = read(PATCH)
    expect(program).toMatchObject({ ...HEADER, whole: null })
    expect(textOf(program, REFERENCE)).toBe(WRONG)
  })

  test('applies where lines have come before it', () => {
    const longer = `new\nlines\n${REFERENCE}`
    expect(textOf(read(PATCH), longer)).toBe(longer.replace('line 9', 'LINE 9'))
  })

  test('that no longer applies names its hunk, the line that is gone, and what to do', () => {
    const changed = REFERENCE.replace('line 9', 'another line')
    expect(problem(() => textOf(read(PATCH), changed))).toContain(
      `E_COURSE_PATCH ${FILE}:9: expected lines of the reference, found "line 9". ` +
        'The reference has changed: npm run wrong -- 42-greeting shouts, and make the mistake again.',
    )
  })

  test('that is none says so', () => {
    expect(problem(() => textOf(read('Shouts.\nfails: R2\n\nno diff\n'), REFERENCE))).toContain(
      `${FILE}:4: expected a unified diff`,
    )
  })

  test('is renewed where only what stands around its mistake has changed', () => {
    const changed = REFERENCE.replace('line 7', 'another line')
    const again = renewed(read(PATCH), 'greeting.ts', changed)
    expect(again).not.toBeNull()
    expect(textOf(read(again ?? ''), changed)).toBe(changed.replace('line 9', 'LINE 9'))
    expect(renewed(read(PATCH), 'greeting.ts', REFERENCE.replace('line 9', 'another line'))).toBeNull()
  })
})

describe('a header', () => {
  test.each([
    ['without a sentence', 'fails: R2\n\n', `${FILE}:1: expected the mistake in a sentence`],
    ['without a requirement', 'Shouts.\n\n', `${FILE}:1: expected "fails: R2", found nothing`],
    ['with a wrong requirement', 'Shouts.\nfails: 2\n\n', `${FILE}:2: expected "fails: R2", found "2"`],
    [
      'with a wrong list',
      'Shouts.\nfails: R2\nalso: R3, R4\n\n',
      `${FILE}:3: expected "also: R3 R5", found "R3, R4"`,
    ],
  ])('%s is told with its line', (_what, text, told) => {
    expect(problem(() => read(text))).toContain(told)
  })
})

describe('a reference of several files', () => {
  test('is changed in the file that the diff names, and else in its entry', () => {
    const beside = patchFile(HEADER, 'words.ts', REFERENCE, WRONG)
    expect(changedFileOf(read(beside), 'greeting.ts')).toBe('words.ts')
    expect(changedFileOf(read(PATCH), 'greeting.ts')).toBe('greeting.ts')
    expect(changedFileOf({ file: FILE, body: 'export {}\n', bodyLine: 1 }, 'greeting.ts')).toBe('greeting.ts')
  })
})

describe('a right program', () => {
  test('may be a patch, of a sentence and a diff', () => {
    const file = 'test/labs/42-greeting/right/shouts.patch'
    root.write(file, `Shouts, as it may.\n\n${PATCH.slice(PATCH.indexOf('--- a/'))}`)
    const patch = readRightPatch(root.path, file)
    expect(patch.bodyLine).toBe(3)
    expect(textOf(patch, REFERENCE)).toBe(WRONG)
  })
})

describe('a whole program', () => {
  const file = 'test/labs/42-greeting/wrong/shouts.ts'

  test('says why it is no patch', () => {
    const program = read('// Shouts.\n// fails: R2\n// whole: streams all the way\nexport {}\n', file)
    expect(program).toMatchObject({ mistake: 'Shouts.', first: 'R2', whole: 'streams all the way' })
    expect(textOf(program, REFERENCE)).toBe('export {}\n')
  })

  test('that does not is refused', () => {
    expect(problem(() => read('// Shouts.\n// fails: R2\nexport {}\n', file))).toContain(
      `${file}:2: expected "// whole: why this is no patch"`,
    )
  })
})
