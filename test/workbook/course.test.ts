import { beforeEach, describe, expect, test } from 'vitest'
import { findLab, readCourse, UnknownLabError } from '../../workbook/course/course.ts'
import type { Course } from '../../workbook/course/lab.ts'
import { faultOf, README, temporaryRoot, thrownBy } from './course-fixtures.ts'

const root = temporaryRoot()

beforeEach(() => root.write('package.json', '{ "name": "toy", "version": "1.2.3" }'))

/** A lab that is right, in the folder of that name. */
function writeLab(folder: string, needs: readonly string[] = []): void {
  const page = README.replace('# Lab 12', `# Lab ${folder.slice(0, 2)}`)
  root.write(`labs/${folder}/README.md`, page.replace("needs: ['01']", `needs: ${JSON.stringify(needs)}`))
}

describe('readCourse', () => {
  test('gives the labs in the order of their numbers, and nothing else of labs/', () => {
    writeLab('12-in-order', ['01', '05'])
    writeLab('05-second')
    writeLab('01-first')
    root.write('labs/kit/README.md', '# The kit')
    root.write('labs/12-notes.txt', 'not a folder')
    const course = readCourse(root.path)
    expect(course).toMatchObject({ version: '1.2.3', root: root.path })
    expect(course.labs.map(({ id }) => id)).toEqual(['01-first', '05-second', '12-in-order'])
  })

  test('refuses two labs with one number', () => {
    writeLab('12-in-order')
    writeLab('12-again')
    expect(faultOf(() => readCourse(root.path))).toBe(
      'E_COURSE_FOLDER labs: expected one lab with the number 12, found 12-again and 12-in-order. ' +
        'Give one of them another number, or move it out of labs/.',
    )
  })

  test('refuses a lab that needs one which is not there', () => {
    writeLab('01-first')
    writeLab('12-in-order', ['01', '03'])
    expect(faultOf(() => readCourse(root.path))).toBe(
      'E_COURSE_NEEDS labs/12-in-order/README.md:7: expected a lab before 12 for `needs`, ' +
        'found "03", which no lab has. Correct the number, or remove it.',
    )
  })

  test('does not pass over a lab whose folder is misnamed', () => {
    writeLab('01-first')
    root.write('labs/2-second/README.md', README)
    expect(thrownBy(() => readCourse(root.path))).toMatchObject({
      code: 'E_COURSE_FOLDER',
      file: 'labs/2-second',
    })
  })

  test('says where it looked when there are no labs', () => {
    expect(faultOf(() => readCourse(root.path))).toBe(
      'E_COURSE_FOLDER labs: expected a folder of labs, found none. Run the command in a checkout of the course.',
    )
  })

  test.each(['{ "name": "toy" }', '{ "version": 1 }', '{ "version": "1.0.0"', 'null'])(
    'refuses the package.json %s',
    (json) => {
      writeLab('01-first')
      root.write('package.json', json)
      expect(faultOf(() => readCourse(root.path))).toBe(
        'E_COURSE_VERSION package.json: expected JSON with the "version" of the course, found none. ' +
          'Correct the file, for example: "version": "1.0.0"',
      )
    },
  )
})

describe('findLab', () => {
  let course: Course

  beforeEach(() => {
    for (const folder of ['01-first', '03-echo', '12-keep-alive', '13-keep-out']) writeLab(folder)
    course = readCourse(root.path)
  })

  test.each([
    ['12', '12-keep-alive'],
    ['1', '01-first'],
    ['01', '01-first'],
    ['12-keep-alive', '12-keep-alive'],
    ['Keep-Alive', '12-keep-alive'],
    [' echo ', '03-echo'],
    ['labs/12-keep-alive/', '12-keep-alive'],
    ['./labs/12-keep-alive/server.ts', '12-keep-alive'],
    ['03-echo/', '03-echo'],
    ['labs\\03-echo', '03-echo'],
    ['/home/12/labs/01-first', '01-first'],
  ])('takes %j for %s', (words, id) => {
    expect(findLab(course, words).id).toBe(id)
  })

  test.each([
    [
      'keep',
      'No lab is called "keep". The nearest: 12-keep-alive, 13-keep-out. To see all labs: npm run list',
    ],
    ['ehco', 'No lab is called "ehco". The nearest: 03-echo, 01-first. To see all labs: npm run list'],
    [
      'labs/12-kepalive',
      'No lab is called "labs/12-kepalive". The nearest: 12-keep-alive, 13-keep-out. To see all labs: npm run list',
    ],
    ['12-echo', 'No lab is called "12-echo". The nearest: 03-echo, 01-first. To see all labs: npm run list'],
    [
      '99-keep',
      'No lab is called "99-keep". The nearest: 12-keep-alive, 13-keep-out. To see all labs: npm run list',
    ],
    ['2', 'No lab is called "2". The nearest: 01-first, 03-echo. To see all labs: npm run list'],
    ['20', 'No lab is called "20". The nearest: 13-keep-out. To see all labs: npm run list'],
  ])('finds nothing for %j, and says what comes near', (words, message) => {
    const error = thrownBy(() => findLab(course, words))
    expect(error).toBeInstanceOf(UnknownLabError)
    expect(error).toMatchObject({ code: 'E_UNKNOWN_LAB', message })
  })

  test('has nothing to offer in a course without labs', () => {
    expect(thrownBy(() => findLab({ ...course, labs: [] }, 'echo'))).toMatchObject({
      code: 'E_UNKNOWN_LAB',
      message: 'No lab is called "echo". To see all labs: npm run list',
    })
  })
})
