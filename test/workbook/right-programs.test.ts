import { afterAll, describe, expect, test } from 'vitest'
import { root } from '../../workbook/bundle/root.ts'
import { readCourse } from '../../workbook/course/course.ts'
import { rightProgramsOf } from '../../workbook/grading/programs.ts'
import { dismissAll } from '../../workbook/learner/kept.ts'
import { disagreementsWith, SEED } from './known-programs.ts'

/** What is right in another style is right: the suites judge the wire. */

afterAll(dismissAll)

const labs = readCourse(root)
  .labs.map((lab) => ({ id: lab.id, programs: rightProgramsOf(root, lab) }))
  .filter(({ programs }) => programs.length > 0)

test('every lab has right programs, most of them in more than one style', () => {
  const counts = Object.fromEntries(labs.map(({ id, programs }) => [id, programs.length]))
  expect(counts).toEqual({
    '01-seven-steps': 1,
    '02-name-resolution': 3,
    '03-socket-echo': 2,
    '04-reliable-pipe': 3,
    '05-handshake-timing': 2,
    '06-slow-start': 3,
    '07-nagle-delayed-ack': 3,
    '08-time-wait': 3,
    '09-message-framing': 3,
    '10-connection-header': 3,
    '11-parallel-fetch': 3,
    '12-keep-alive': 3,
    '13-dumb-proxy': 3,
    '14-connection-pool': 3,
    '15-pipelining': 3,
    '16-truncation-and-retry': 3,
    '17-graceful-close': 1,
    '18-multiplexing': 1,
    '19-capstone-proxy': 5,
    '20-first-contact': 2,
  })
})

describe.concurrent.each(labs)('lab $id', ({ id, programs }) => {
  test.each(programs.map((program) => [program.file, program] as const))(
    '%s passes every check',
    async (_, program) => {
      expect(await disagreementsWith(program, id, SEED), `with seed ${SEED}`).toEqual([])
    },
  )
})
