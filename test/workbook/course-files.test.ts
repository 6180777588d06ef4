import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readLab } from '../../workbook/course/readme.ts'
import { faultOf, README, temporaryRoot, thrownBy } from './course-fixtures.ts'

const root = temporaryRoot()

describe('a README that cannot be read', () => {
  test('names the file that is missing', () => {
    mkdirSync(join(root.path, 'labs/12-in-order'), { recursive: true })
    expect(faultOf(() => readLab(root.path, '12-in-order'))).toBe(
      'E_COURSE_FILE labs/12-in-order/README.md: expected a text file, found no such file. Restore the file.',
    )
  })

  test('is not a directory', () => {
    mkdirSync(join(root.path, 'labs/12-in-order/README.md'), { recursive: true })
    expect(faultOf(() => readLab(root.path, '12-in-order'))).toBe(
      'E_COURSE_FILE labs/12-in-order/README.md: expected a text file, found a directory. Restore the file.',
    )
  })

  test('names the line that is not UTF-8', () => {
    const [before = '', after = ''] = README.split('- **R2**')
    root.write(
      'labs/12-in-order/README.md',
      Buffer.concat([Buffer.from(before), Buffer.of(0xe9), Buffer.from(after)]),
    )
    expect(faultOf(() => readLab(root.path, '12-in-order'))).toBe(
      'E_COURSE_FILE labs/12-in-order/README.md:27: expected text in UTF-8, ' +
        'found bytes in another encoding. Save the file as UTF-8.',
    )
  })

  test('is in a folder whose name is refused', () => {
    expect(faultOf(() => readLab(root.path, '3-in-order'))).toBe(
      'E_COURSE_FOLDER labs/3-in-order: expected a folder named by two digits and words, such as 01-my-lab, ' +
        'found "3-in-order". Rename the folder, or move it out of labs/.',
    )
  })
})

test('a CourseError carries its parts one by one', () => {
  root.write('labs/12-in-order/README.md', README.replace('minutes: 45', 'minutes: soon'))
  expect(thrownBy(() => readLab(root.path, '12-in-order'))).toMatchObject({
    name: 'CourseError',
    code: 'E_COURSE_FRONT_MATTER',
    file: 'labs/12-in-order/README.md',
    line: 8,
    expected: 'a whole number above 0 for `minutes`',
    found: '"soon"',
    next: 'Write it like this: minutes: 60',
  })
})
