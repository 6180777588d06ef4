import { root } from '../bundle/root.ts'
import { findLab, readCourse } from '../course/course.ts'
import type { CheckDefinition } from '../grading/lab.ts'
import { wrongProgramsOf, type KnownProgram } from '../grading/programs.ts'
import { runCheck } from '../grading/run-check.ts'
import { loadSuite } from '../grading/suites.ts'
import { readWrongProgram } from '../grading/wrong-program.ts'
import { killTheRestAtExit } from '../learner/pids.ts'
import { stayWithParent } from './child.ts'
import { inLanes } from './lanes.ts'
import type { WrongPlan } from './wrong/plan.ts'

/** Lists the wrong programs of a lab, each with the first check of its requirement that catches it. */

killTheRestAtExit()
stayWithParent()
const { id, seed } = JSON.parse(process.argv[2] ?? '') as WrongPlan
const lab = findLab(readCourse(root), id)
const { checks } = await loadSuite(root, id)
const programs = wrongProgramsOf(root, lab)
const caught = new Map<KnownProgram, CheckDefinition | null>()
await inLanes(programs, async (program) => void caught.set(program, await firstCatch(program)))
for (const program of programs) console.log(lineOf(program, caught.get(program) ?? null))
const missed = programs.filter((program) => !caught.get(program)).length
console.log(`${programs.length} wrong programs, ${missed} of them not caught where they say`)
process.exit(missed === 0 ? 0 : 1)

// --- internal ---

async function firstCatch({ subject, expected }: KnownProgram): Promise<CheckDefinition | null> {
  if (expected.kind !== 'fails') return null
  for (const check of checks.filter(({ requirement }) => requirement === expected.first)) {
    const { kind } = await runCheck(check, subject, { seed, whole: true, scriptsOnly: true })
    if (kind !== 'passed') return check
  }
  return null
}

function lineOf({ file }: KnownProgram, check: CheckDefinition | null): string {
  const { mistake, first } = readWrongProgram(root, file)
  const name = file.slice(file.lastIndexOf('/') + 1)
  const catches = check ? `caught by "${check.title}"` : 'NOT CAUGHT'
  return `${first.padEnd(4)} ${name}\n     ${mistake}\n     ${catches}`
}
