import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from '../course/lab.ts'
import { linesOf } from './files.ts'
import type { Finding, Invariant } from './invariant.ts'

/** The learner begins with a file that says what to write where, and can always go back to it. */
export const starters: Invariant = {
  name: 'starters',
  find({ root, labs }) {
    return labs
      .filter(({ id, entry }) =>
        [entry, '.starter'].every((name) => existsSync(path.join(root, 'labs', id, name))),
      )
      .flatMap((lab) => [...changed(root, lab), ...todos(root, lab), ...calls(root, lab)])
  },
}

// --- internal ---

function changed(root: string, { id, number, entry }: Lab): Finding[] {
  const [file, starter] = [`labs/${id}/${entry}`, `labs/${id}/.starter`]
  if (readFileSync(path.join(root, file)).equals(readFileSync(path.join(root, starter)))) return []
  const lines = linesOf(root, starter)
  const line = linesOf(root, file).find(({ text }, index) => text !== lines[index]?.text)?.line ?? null
  return [
    {
      file,
      line,
      expected: `the same bytes as ${starter}`,
      found: 'others',
      next: `If the starter was meant to change: cp ${file} ${starter}\nIf it is your own work: npm run reset -- ${number}`,
    },
  ]
}

/** A `TODO(Rn)` for each requirement, and for nothing else. */
function todos(root: string, { id, requirements }: Lab): Finding[] {
  const file = `labs/${id}/.starter`
  const found = linesOf(root, file).flatMap(({ text, line }) => {
    return [...text.matchAll(/TODO\((\w+)\)/g)].map(([mark, name = '']) => ({ mark, name, line }))
  })
  const known = requirements.map((requirement) => requirement.id)
  const next = `Correct the starter, and copy it: CONTRIBUTING.md, "The starter, and its copy".`
  return [
    ...known
      .filter((wanted) => !found.some(({ name }) => name === wanted))
      .map((wanted) => ({ file, line: null, expected: `TODO(${wanted})`, found: 'none', next })),
    ...found
      .filter(({ name }) => !known.includes(name))
      .map(({ mark, line }) => ({ file, line, expected: `TODO of ${known.join(', ')}`, found: mark, next })),
  ]
}

/** Without `todo`, an export that is not written yet would count as a failure. */
function calls(root: string, { id, exports }: Lab): Finding[] {
  const file = `labs/${id}/.starter`
  const text = linesOf(root, file).map((each) => each.text)
  return exports
    .filter(
      (name) =>
        !text.some((line) => new RegExp(`\\btodo\\(['"\`]${name.replace(/\$/g, '\\$')}\\b`).test(line)),
    )
    .map((name) => ({
      file,
      line: null,
      expected: `todo('${name}')`,
      found: 'none',
      next: 'Call it where the export has nothing to give yet.',
    }))
}
