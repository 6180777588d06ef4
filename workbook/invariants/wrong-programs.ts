import { CourseError } from '../course/course-error.ts'
import type { Lab } from '../course/lab.ts'
import {
  readWrongProgram,
  wrongFolderOf,
  wrongProgramFiles,
  type WrongProgram,
} from '../grading/wrong-program.ts'
import type { Finding, Invariant } from './invariant.ts'

/** A requirement whose checks no mistake has failed yet is not known to be checked. */
export const wrongPrograms: Invariant = {
  name: 'wrong programs',
  find: ({ root, labs }) => labs.flatMap((lab) => findIn(root, lab)),
}

// --- internal ---

function findIn(root: string, lab: Lab): Finding[] {
  const findings: Finding[] = []
  const programs = wrongProgramFiles(root, lab.id).flatMap((file) => {
    try {
      return [readWrongProgram(root, file)]
    } catch (error) {
      if (!(error instanceof CourseError)) throw error
      findings.push(error)
      return []
    }
  })
  return [...findings, ...programs.flatMap((program) => misnamed(lab, program)), ...uncaught(lab, programs)]
}

function misnamed({ requirements }: Lab, { file, first, firstLine, also }: WrongProgram): Finding[] {
  const known = requirements.map(({ id }) => id)
  const named = [first, ...also]
  const ranks = named.map((id) => known.indexOf(id))
  if (ranks.every((rank, index) => rank > (ranks[index - 1] ?? -1))) return []
  const expected = `ids of ${known.join(', ')}, the lowest first`
  return [{ file, line: firstLine, expected, found: named.join(' '), next: 'Correct the line.' }]
}

function uncaught({ id, requirements }: Lab, programs: readonly WrongProgram[]): Finding[] {
  return requirements
    .filter((requirement) => !programs.some(({ first }) => first === requirement.id))
    .map((requirement) => ({
      file: wrongFolderOf(id),
      line: null,
      expected: `a wrong program with "fails: ${requirement.id}"`,
      found: 'none',
      next: `Write a plausible mistake that a check of ${requirement.id} catches.`,
    }))
}
