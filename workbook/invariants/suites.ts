import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from '../course/lab.ts'
import { readTextFile } from '../course/text-file.ts'
import type { Finding, Invariant } from './invariant.ts'

/** Each requirement has its checks, and each check its requirement, in the order of the page. */
export const suites: Invariant = {
  name: 'checks in suites',
  find({ root, labs }) {
    return labs.flatMap((lab) => {
      const file = `test/labs/${lab.id}/suite.test.ts`
      return existsSync(path.join(root, file)) ? findIn(lab, file, readTextFile(root, file)) : []
    })
  },
}

// --- internal ---

interface Mention {
  readonly name: string
  readonly line: number
}

function findIn(lab: Lab, file: string, text: string): Finding[] {
  const checks = mentions(text, /\b(?:check|converse)\(\s*['"`](R\w*)['"`]/g)
  const known = checks.filter(({ name }) => lab.requirements.some(({ id }) => id === name))
  return [
    ...otherLab(lab, file, text),
    ...unchecked(lab, file, known),
    ...unknown(lab, file, checks),
    ...unordered(file, known),
  ]
}

/** The suite is read as text: to run it, Vitest would have to be there. */
function mentions(text: string, pattern: RegExp): Mention[] {
  return [...text.matchAll(pattern)].map(({ 1: name = '', index }) => {
    return { name, line: text.slice(0, index).split('\n').length }
  })
}

function otherLab({ id }: Lab, file: string, text: string): Finding[] {
  const [defined] = mentions(text, /\blab\(\s*['"`]([^'"`]*)['"`]/g)
  if (defined?.name === id) return []
  const found = defined ? `lab('${defined.name}')` : 'none'
  const next = 'A suite defines the lab whose name it has.'
  return [{ file, line: defined?.line ?? null, expected: `lab('${id}', …)`, found, next }]
}

function unchecked({ id, requirements }: Lab, file: string, checks: readonly Mention[]): Finding[] {
  return requirements
    .filter((requirement) => !checks.some(({ name }) => name === requirement.id))
    .map((requirement) => ({
      file,
      line: null,
      expected: `check('${requirement.id}', …), for line ${requirement.line} of labs/${id}/README.md`,
      found: 'none',
      next: 'Write a check for it.',
    }))
}

function unknown({ requirements }: Lab, file: string, checks: readonly Mention[]): Finding[] {
  const known = requirements.map(({ id }) => id)
  const expected = `a check of ${known.join(', ')}`
  return checks
    .filter(({ name }) => !known.includes(name))
    .map(({ name, line }) => ({ file, line, expected, found: `check('${name}')`, next: 'Correct the id.' }))
}

function unordered(file: string, checks: readonly Mention[]): Finding[] {
  const numbers = checks.map(({ name }) => Number(name.slice(1)))
  const index = numbers.findIndex((number, at) => number < (numbers[at - 1] ?? 0))
  const [check, before] = [checks[index], checks[index - 1]]
  if (!check || !before) return []
  const expected = `the checks of ${check.name} before those of ${before.name}`
  const next = 'List the checks in the order of the requirements.'
  return [{ file, line: check.line, expected, found: `${check.name} after ${before.name}`, next }]
}
