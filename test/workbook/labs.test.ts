import { afterAll, describe, expect, test } from 'vitest'
import { root } from '../../workbook/bundle/root.ts'
import { readCourse } from '../../workbook/course/course.ts'
import { disagreements } from '../../workbook/grading/judge.ts'
import { solutionOf, starterOf, wrongProgramsOf, type KnownProgram } from '../../workbook/grading/programs.ts'
import { runCheck } from '../../workbook/grading/run-check.ts'
import { loadSuite } from '../../workbook/grading/suites.ts'
import { dismissSpares } from '../../workbook/learner/spare.ts'

/** Every check can fail, and fails for the right reason: the suites are graded by known programs. */

afterAll(dismissSpares)

const seed = Math.floor(Math.random() * 1_000_000)
const { labs } = readCourse(root)

describe.concurrent.each(labs)('lab $id', (lab) => {
  test('its solution passes every check', async () => {
    expect(await disagreementsWith(solutionOf(root, lab), lab.id), `with seed ${seed}`).toEqual([])
  })

  test('its starter is exactly not-started', async () => {
    expect(await disagreementsWith(starterOf(root, lab), lab.id), `with seed ${seed}`).toEqual([])
  })

  test.each(wrongProgramsOf(root, lab).map((program) => [program.file, program] as const))(
    '%s fails where its first line says, and nowhere else',
    async (_, program) => {
      expect(await disagreementsWith(program, lab.id), `with seed ${seed}`).toEqual([])
    },
  )
})

async function disagreementsWith(program: KnownProgram, id: string): Promise<string[]> {
  const { checks } = await loadSuiteOnce(id)
  const outcomes = []
  for (const check of checks)
    outcomes.push({ check, verdict: await runCheck(check, program.subject, { seed }) })
  return disagreements(program.expected, outcomes)
}

const suites = new Map<string, ReturnType<typeof loadSuite>>()

/** A module is evaluated once, so a suite can be received once. */
function loadSuiteOnce(id: string): ReturnType<typeof loadSuite> {
  const known = suites.get(id) ?? loadSuite(root, id)
  suites.set(id, known)
  return known
}
