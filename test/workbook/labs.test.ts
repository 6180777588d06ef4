import { afterAll, describe, expect, test } from 'vitest'
import { root } from '../../workbook/bundle/root.ts'
import { readCourse } from '../../workbook/course/course.ts'
import type { Lab } from '../../workbook/course/lab.ts'
import { solutionOf, starterOf, wrongProgramsOf, type KnownProgram } from '../../workbook/grading/programs.ts'
import { dismissAll } from '../../workbook/learner/kept.ts'
import { disagreementsWith, neverFailed, SEED, WHOLE } from './known-programs.ts'

/** Every check can fail, and fails for the right reason: the suites are graded by known programs. */

afterAll(dismissAll)

const { labs } = readCourse(root)

/** Every wrong program of all labs (`all`) or of one (`12`); otherwise one a requirement, which takes a seventh of the time. */
const PROGRAMS = process.env['WORKBOOK_PROGRAMS'] ?? ''

describe.concurrent.each(labs)('lab $id', (lab) => {
  test('its solution passes every check', async () => {
    expect(await disagreementsWith(solutionOf(root, lab), lab.id, SEED), `with seed ${SEED}`).toEqual([])
  })

  test('its starter is exactly not-started', async () => {
    expect(await disagreementsWith(starterOf(root, lab), lab.id, SEED), `with seed ${SEED}`).toEqual([])
  })

  test.each(wrongOnes(lab).map((program) => [program.file, program] as const))(
    '%s fails where it says',
    async (_, program) => {
      expect(await disagreementsWith(program, lab.id, SEED), `with seed ${SEED}`).toEqual([])
    },
  )

  // After the ones above: Vitest ends those that may overlap first. Only there has each program met each check.
  test('each of its checks fails on one of these', { sequential: true, skip: !WHOLE }, async () => {
    expect(await neverFailed(lab.id), `with seed ${SEED}`).toEqual([])
  })
})

// --- internal ---

function wrongOnes(lab: Lab): KnownProgram[] {
  const all = wrongProgramsOf(root, lab)
  if (WHOLE || PROGRAMS === 'all' || (PROGRAMS !== '' && lab.id.startsWith(PROGRAMS))) return all
  return all.filter(
    (program, index) => all.findIndex((other) => firstOf(other) === firstOf(program)) === index,
  )
}

function firstOf({ expected }: KnownProgram): string {
  return expected.kind === 'fails' ? expected.first : expected.kind
}
